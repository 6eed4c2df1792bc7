/** What happens on the wire around the operations: signatures, errors, limits, side routes, shutdown. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetTableCommand,
  type GlueClient,
  UpdateTableCommand,
} from "@aws-sdk/client-glue";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { sha256, signature, signedHeaders, signingKey } from "../../src/storage/signature-v4.js";
import { type GlueServer, type LogEntry, type ServerOptions, startGlueServer } from "../../src/server/index.js";
import { startServer } from "../../src/testing/start-server.js";
import { clientOf, post } from "./sdk-client.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-protocol-"));
const running: GlueServer[] = [];
afterAll(async () => {
  for (const server of running) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const SECRET = "a-secret-of-some-length";
let count = 0;
async function start(options: Partial<ServerOptions> = {}): Promise<GlueServer> {
  const address = join(folder, String((count += 1)));
  const server = await startGlueServer({
    open: () => openSqliteCatalog(address),
    accountId: "123456789012",
    port: 0,
    keys: new Map([["id", SECRET]]),
    ...options,
  });
  running.push(server);
  return server;
}

/** A request signed by our own signer at a time, so that its parts can be bent. */
function signed(
  endpoint: string,
  body: string,
  { at = Date.now(), secret = SECRET, id = "id" } = {},
): Record<string, string> {
  return signedHeaders(
    { accessKeyId: id, secretAccessKey: secret },
    {
      host: endpoint.replace("http://", ""),
      headers: { "x-amz-target": "AWSGlue.GetDatabases", "content-type": "application/x-amz-json-1.1" },
      body,
    },
    "eu-west-1",
    at,
  );
}

describe("signatures", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  let server: GlueServer;
  beforeAll(async () => {
    server = await start({ clock: () => now });
  });
  const ask = (headers: Record<string, string>, body = "{}") =>
    post(server.endpoint, "AWSGlue.GetDatabases", body, headers);

  it("reproduce the published example of the algorithm", () => {
    // AWS General Reference, "Signature Version 4 test suite", get-vanilla: key and signature as published
    const scope = { date: "20150830", region: "us-east-1", service: "service" };
    const key = signingKey("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope);
    const request = {
      method: "GET",
      url: "/",
      headers: [
        ["host", "example.amazonaws.com"],
        ["x-amz-date", "20150830T123600Z"],
      ] as const,
      bodyHash: sha256(""),
    };
    expect(signature(key, request, "20150830T123600Z", scope)).toBe(
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    );
  });

  it("let a request in, and no bent one", async () => {
    expect(await ask(signed(server.endpoint, "{}", { at: now }))).toMatchObject({
      status: 200,
      json: { DatabaseList: [] },
    });
    expect(await ask(signed(server.endpoint, "{}", { at: now }), "{ }")).toMatchObject({
      status: 400,
      type: "InvalidSignatureException",
    });
    expect(await ask(signed(server.endpoint, "{}", { at: now, secret: "wrong" }))).toMatchObject({
      type: "InvalidSignatureException",
    });
    expect(await ask(signed(server.endpoint, "{}", { at: now, id: "stranger" }))).toMatchObject({
      type: "UnrecognizedClientException",
    });
    expect(await ask({})).toMatchObject({ type: "MissingAuthenticationTokenException" });
    expect(await ask({ authorization: "Basic aWQ6cHc=" })).toMatchObject({ type: "IncompleteSignatureException" });
    expect(await ask({ authorization: "AWS4-HMAC-SHA256 Credential=id" })).toMatchObject({
      type: "IncompleteSignatureException",
    });
    const bent = signed(server.endpoint, "{}", { at: now });
    expect(await ask({ ...bent, "content-type": "application/json" })).toMatchObject({
      type: "InvalidSignatureException",
    });
    expect(
      await ask({ ...bent, authorization: (bent["authorization"] ?? "").replace("/glue/", "/s3/") }),
    ).toMatchObject({ type: "InvalidSignatureException" });
    expect(
      await ask({
        ...bent,
        authorization: (bent["authorization"] ?? "").replace(/.$/, (c) => (c === "0" ? "1" : "0")),
      }),
    ).toMatchObject({ type: "InvalidSignatureException" });
  });

  it.each([
    [-15 * 60_000, 200],
    [15 * 60_000, 200],
    [-15 * 60_000 - 1000, 400],
    [15 * 60_000 + 1000, 400],
  ])("signed %i ms from the server's clock: %i", async (skew, status) => {
    expect((await ask(signed(server.endpoint, "{}", { at: now + skew }))).status).toBe(status);
  });

  it("of any age are taken when asked so, but none that is wrong", async () => {
    const old = await start({ clock: () => now, checkSignatureAge: false });
    const headers = signed(old.endpoint, "{}", { at: Date.parse("2015-01-01T00:00:00Z") });
    expect((await post(old.endpoint, "AWSGlue.GetDatabases", "{}", headers)).status).toBe(200);
    expect((await post(old.endpoint, "AWSGlue.GetDatabases", "{} ", headers)).type).toBe("InvalidSignatureException");
  });

  it("are needed, unless waived on loopback", async () => {
    const none = { keys: new Map<string, string>() };
    await expect(start(none)).rejects.toMatchObject({ code: "BAD_OPTION" });
    await expect(start({ ...none, insecureNoAuth: true, host: "0.0.0.0" })).rejects.toMatchObject({
      code: "BAD_OPTION",
    });
    const open = await start({ ...none, insecureNoAuth: true });
    expect((await post(open.endpoint, "AWSGlue.GetDatabases", "{}")).status).toBe(200);
  });
});

describe("answers", () => {
  let server: GlueServer;
  const log: LogEntry[] = [];
  beforeAll(async () => {
    server = await start({ keys: new Map(), insecureNoAuth: true, log: (entry) => log.push(entry), bodyLimit: 1000 });
  });

  it("carry Glue's headers, and errors its members", async () => {
    const response = await fetch(server.endpoint, {
      method: "POST",
      headers: { "x-amz-target": "AWSGlue.GetTable" },
      body: JSON.stringify({ DatabaseName: "a", Name: "b" }),
    });
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/x-amz-json-1.1");
    expect(response.headers.get("x-amzn-errortype")).toBe("EntityNotFoundException");
    expect(response.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({ __type: "EntityNotFoundException", Message: "Database a not found." });
    expect(log.at(-1)).toMatchObject({
      level: "info",
      operation: "GetTable",
      status: 400,
      error: "EntityNotFoundException",
      requestId: response.headers.get("x-amzn-requestid"),
    });
  });

  it.each([
    ["AWSGlue.NoSuchThing", "{}", "UnknownOperationException"],
    ["", "{}", "UnknownOperationException"],
    ["S3.GetObject", "{}", "UnknownOperationException"],
    ["AWSGlue.__proto__", "{}", "UnknownOperationException"],
    ["AWSGlue.constructor", "{}", "UnknownOperationException"],
    ["Dynaframe.toString", "{}", "UnknownOperationException"],
    ["AWSGlue.CreateMLTransform", "{}", "OperationNotSupportedException"],
    ["AWSGlue.GetDatabase", "{", "SerializationException"],
    ["AWSGlue.GetDatabase", "[]", "SerializationException"],
    ["AWSGlue.GetDatabase", "7", "SerializationException"],
    ["AWSGlue.GetDatabase", `${"[".repeat(400)}null${"]".repeat(400)}`, "SerializationException"],
    ["AWSGlue.GetDatabase", "{}", "ValidationException"],
    ["AWSGlue.GetDatabase", '{"Name":null}', "ValidationException"],
    ["AWSGlue.GetDatabase", '{"Name":{}}', "ValidationException"],
    ["AWSGlue.GetDatabase", '{"Name":"a","Nmae":1}', "InvalidInputException"],
    ["AWSGlue.GetDatabase", JSON.stringify({ Name: "x".repeat(256) }), "ValidationException"],
    ["AWSGlue.GetDatabase", JSON.stringify({ Name: "a\nb" }), "ValidationException"],
  ])("to %s %s: %s", async (target, body, type) => {
    expect(await post(server.endpoint, target, body)).toMatchObject({ status: 400, type });
  });

  it("name the operation that is missing", async () => {
    expect((await post(server.endpoint, "AWSGlue.CreateMLTransform", "{}")).json["Message"]).toContain(
      "CreateMLTransform",
    );
  });

  it("never repeat a value that breaks a rule", async () => {
    const { json } = await post(
      server.endpoint,
      "AWSGlue.CreateConnection",
      JSON.stringify({
        ConnectionInput: {
          Name: "a",
          ConnectionType: "JDBC",
          ConnectionProperties: { PASSWORD: "hunter2\u0000".repeat(200) },
        },
      }),
    );
    expect(json["__type"]).toMatch(/Exception$/);
    expect(JSON.stringify(json) + JSON.stringify(log)).not.toContain("hunter2");
  });

  it("take null for an absent member", async () => {
    expect((await post(server.endpoint, "AWSGlue.GetDatabases", '{"NextToken":null,"MaxResults":null}')).status).toBe(
      200,
    );
  });

  it("refuse bodies over the limit, declared or not", async () => {
    const { port } = server;
    const long = JSON.stringify({ Name: "x".repeat(2000) });
    expect(await post(server.endpoint, "AWSGlue.GetDatabase", long)).toMatchObject({
      status: 413,
      type: "RequestEntityTooLargeException",
    });
    const chunked = await raw(
      port,
      `POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSGlue.GetDatabase\r\nTransfer-Encoding: chunked\r\n\r\n${"400\r\n" + "x".repeat(1024)}\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("come from the side routes too", async () => {
    expect(await (await fetch(`${server.endpoint}/healthz`)).json()).toEqual({ status: "ok" });
    await post(server.endpoint, "AWSGlue.GetDatabases", "{}");
    const text = await (await fetch(`${server.endpoint}/metrics`)).text();
    expect(text).toMatch(/^dynaframe_requests_total\{operation="GetDatabases",outcome="ok"\} [1-9]\d*$/m);
    expect(text).toMatch(
      /^dynaframe_requests_total\{operation="GetDatabase",outcome="ValidationException"\} [1-9]\d*$/m,
    );
    expect(text).toMatch(/^dynaframe_request_seconds_bucket\{le="\+Inf"\} [1-9]\d*$/m);
    expect(text).not.toContain("NoSuchThing");
    expect((await fetch(`${server.endpoint}/reset`, { method: "POST" })).status).toBe(400);
    expect((await fetch(`${server.endpoint}/nothing`)).status).toBe(400);
  });
});

describe("clients that are slow or gone", () => {
  it("are cut off", async () => {
    const server = await start({ keys: new Map(), insecureNoAuth: true, headersTimeoutMs: 200, requestTimeoutMs: 400 });
    expect(await raw(server.port, "POST / HTTP/1.1\r\nHost: x\r\n")).toMatch(/^HTTP\/1\.1 408 /);
    expect(
      await raw(
        server.port,
        "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSGlue.GetDatabases\r\nContent-Length: 10\r\n\r\n{",
      ),
    ).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect((await post(server.endpoint, "AWSGlue.GetDatabases", "{}")).status).toBe(200);
  });
});

describe("a server", () => {
  it("starts and stops, finishing what has begun", async () => {
    const address = join(folder, "graceful");
    const server = await start({ open: () => openSqliteCatalog(address) });
    const glue = clientOf({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "id", secretAccessKey: SECRET },
    });
    const writes = Array.from({ length: 40 }, (_, i) =>
      glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: `d${i}` } })).then(
        () => i,
        () => -1,
      ),
    );
    await writes[0];
    await server.close();
    await server.close();
    const acknowledged = (await Promise.all(writes)).filter((i) => i >= 0);
    glue.destroy();
    const after = await openSqliteCatalog(address);
    const names = new Set((await after.getDatabases({ maxResults: 1000 })).items.map((d) => d.Name));
    await after.close();
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter((i) => !names.has(`d${i}`))).toEqual([]);
    await expect(fetch(server.endpoint)).rejects.toThrow();
  });

  it("shares a catalog with others: of updates by VersionId none is lost", async () => {
    const address = join(folder, "shared");
    const servers = await Promise.all([1, 2, 3].map(() => start({ open: () => openSqliteCatalog(address) })));
    const clients = [...servers, ...servers].map((server) =>
      clientOf({
        endpoint: server.endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "id", secretAccessKey: SECRET },
      }),
    );
    const [first] = clients;
    await first?.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "d" } }));
    await first?.send(new CreateTableCommand({ DatabaseName: "d", TableInput: { Name: "t", Parameters: { n: "0" } } }));
    const add = async (glue: GlueClient): Promise<void> => {
      for (;;) {
        const { Table } = await glue.send(new GetTableCommand({ DatabaseName: "d", Name: "t" }));
        const n = String(Number(Table?.Parameters?.["n"]) + 1);
        try {
          await glue.send(
            new UpdateTableCommand({
              DatabaseName: "d",
              TableInput: { Name: "t", Parameters: { n } },
              VersionId: Table?.VersionId,
              SkipArchive: true,
            }),
          );
          return;
        } catch (error) {
          expect((error as Error).name).toBe("ConcurrentModificationException");
        }
      }
    };
    await Promise.all(
      clients.map(async (glue) => {
        for (let i = 0; i < 10; i += 1) await add(glue);
      }),
    );
    expect((await first?.send(new GetTableCommand({ DatabaseName: "d", Name: "t" })))?.Table).toMatchObject({
      VersionId: "60",
      Parameters: { n: "60" },
    });
    for (const glue of clients) glue.destroy();
  });

  it("says that its port is taken", async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({ code: "PORT_IN_USE" });
  });

  it("keeps state over a restart", async () => {
    const address = join(folder, "kept");
    const client = (server: GlueServer): GlueClient =>
      clientOf({
        endpoint: server.endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "id", secretAccessKey: SECRET },
      });
    const first = await start({ open: () => openSqliteCatalog(address) });
    await client(first).send(new CreateDatabaseCommand({ DatabaseInput: { Name: "kept" } }));
    await first.close();
    const second = await start({ open: () => openSqliteCatalog(address) });
    expect((await client(second).send(new GetDatabaseCommand({ Name: "kept" }))).Database?.Name).toBe("kept");
  });

  it("of a test is there quickly, empty, and reset on demand", async () => {
    await using server = await startServer({ accountId: "000000000001", region: "eu-west-1" });
    const glue = clientOf(server);
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "a" } }));
    expect((await glue.send(new GetDatabaseCommand({ Name: "a" }))).Database?.CatalogId).toBe("000000000001");
    await server.reset();
    expect((await glue.send(new GetDatabasesCommand({}))).DatabaseList).toEqual([]);
    glue.destroy();
  });
});

/** Sends bytes and gives what comes back until the server closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text);
    });
    socket.on("data", (data: Buffer) => {
      answer += data.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(answer);
    });
  });
}
