/**
 * What real clients sent once, played again without them: the same requests get the same answers, but for ids and
 * times. `npm run record:clients` records them anew.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { signedHeaders } from "../../src/storage/signature-v4.js";
import { startServer, type TestServer } from "../../src/testing/start-server.js";
import { type Exchange, type Json, Places } from "./clients/exchange.js";
import { RECORDINGS } from "./clients/record.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(() => server.reset());
afterAll(() => server.close());

async function send({ headers, body }: Exchange["request"]): Promise<Exchange["answer"]> {
  const text = JSON.stringify(body);
  const signed = signedHeaders(
    server.credentials,
    { host: new URL(server.endpoint).host, headers, body: text },
    server.region,
    Date.now(),
  );
  const response = await fetch(server.endpoint, { method: "POST", headers: signed, body: text });
  const error = response.headers.get("x-amzn-errortype");
  return { status: response.status, ...(error === null ? {} : { error }), body: (await response.json()) as Json };
}

const clients = readdirSync(RECORDINGS).sort();

test("there are recordings of each client", () => {
  expect(clients).toEqual(["aws-cli", "aws-sdk-java", "awswrangler", "boto3", "pyiceberg", "spark-iceberg"]);
});

test.each(clients)(
  "%s",
  async (client) => {
    const places = new Places();
    const files = readdirSync(join(RECORDINGS, client)).sort();
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const { request, answer } = JSON.parse(readFileSync(join(RECORDINGS, client, file), "utf8")) as Exchange;
      const found = await send({ headers: request.headers, body: places.filled(request.body) });
      expect([file, { ...found, body: places.seenAs(answer.body, found.body) }]).toEqual([file, answer]);
    }
  },
  120_000,
);
