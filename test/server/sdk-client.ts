import { GlueClient } from "@aws-sdk/client-glue";
import { startServer, type TestServer, type TestServerOptions } from "../../src/testing/start-server.js";

export type Connected = { readonly server: TestServer; readonly glue: GlueClient };

/** A client that neither retries nor waits. */
export const clientOf = ({
  endpoint,
  region,
  credentials,
}: Pick<TestServer, "endpoint" | "region" | "credentials">): GlueClient =>
  new GlueClient({ endpoint, region, credentials, maxAttempts: 1 });

/** A server and a client of it for the tests of a file; the catalog is emptied before each. */
export function withServer(options: TestServerOptions = {}): () => Connected {
  let connected: Connected | undefined;
  beforeAll(async () => {
    const server = await startServer(options);
    connected = { server, glue: clientOf(server) };
  });
  beforeEach(() => connected?.server.reset());
  afterAll(async () => {
    connected?.glue.destroy();
    await connected?.server.close();
  });
  return () => {
    if (connected === undefined) throw new Error("no server");
    return connected;
  };
}

/** What a request outside the SDK gets; unsigned unless the headers say otherwise. */
export async function post(
  endpoint: string,
  target: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string; json: Record<string, unknown> }> {
  const response = await fetch(endpoint, {
    method: "POST",
    body,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target, ...headers },
  });
  return {
    status: response.status,
    type: response.headers.get("x-amzn-errortype") ?? "",
    json: (await response.json()) as Record<string, unknown>,
  };
}
