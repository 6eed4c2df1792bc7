/** What may happen to a connection: no server of ours, silence, a break in the middle of a result. */
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { parseAddress, type ServerAddress } from "../../../src/engine/spark/connect/address.js";
import { SparkClient, sqlPlan } from "../../../src/engine/spark/connect/client.js";
import { SparkConnectService } from "../../../src/engine/spark/connect/generated/base.js";
import { TIMING } from "../../../src/engine/spark/connect/timing.js";
import { failure } from "../../../src/engine/spark/failure.js";
import { sparkEngine } from "../../../src/engine/spark/index.js";
import { startLocalServer, type LocalServer } from "../../../src/engine/spark/local/local-server.js";
import { fileStorage } from "../../../src/storage/file.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (error: unknown) => failure(error, "query").code,
  );

async function rowsOf(client: SparkClient, sql: string): Promise<bigint> {
  let rows = 0n;
  for await (const { responseType } of client.execute(sqlPlan(sql)))
    if (responseType.case === "arrowBatch") rows += responseType.value.rowCount;
  return rows;
}

it("a port that accepts and says nothing ends with SPARK_UNREACHABLE, it does not hang", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
  });
  expect(
    await codeOf(SparkClient.open(parseAddress(`sc://127.0.0.1:${await listening(server)}`), { ...TIMING, call: 500 })),
  ).toBe("SPARK_UNREACHABLE");
  for (const socket of sockets) socket.destroy();
  server.close();
});

it("a server of another protocol is not taken for Spark", async () => {
  const server = createHttpServer((_, response) => {
    response.end("hello");
  });
  expect(await codeOf(SparkClient.open(parseAddress(`sc://127.0.0.1:${await listening(server)}`)))).toBe(
    "SPARK_PROTOCOL",
  );
  server.close();
});

it("a server of another version is refused by its version", async () => {
  const answer = { serverSideSessionId: "", result: { case: "sparkVersion" as const, value: { version: "3.5.1" } } };
  const server = createHttp2Server(
    connectNodeAdapter({
      routes: (router) => {
        router.service(SparkConnectService, { analyzePlan: () => answer, releaseSession: () => ({}) });
      },
    }),
  );
  const port = await listening(server);
  const open = sparkEngine(`sc://127.0.0.1:${port}`).open({
    storage: fileStorage(),
    stagingDirectory: join(tmpdir(), `dynaframe-old-server-${process.pid}`),
  });
  await expect(open).rejects.toMatchObject({ code: "SPARK_PROTOCOL", expected: "Apache Spark 4", found: "3.5.1" });
  server.close();
});

describeSpark("a connection to Spark", () => {
  let local: LocalServer | undefined;
  let address: ServerAddress;
  beforeAll(async () => {
    if (!sparkAddress.startsWith("sc://")) local = await startLocalServer();
    address = local?.address ?? parseAddress(sparkAddress);
  });
  afterAll(async () => {
    await local?.release();
  });

  it("breaks in the middle of a result, again and again: the execution goes on where it was", async () => {
    let breaks = 0;
    const proxy = createServer((client) => {
      const server = connect(address.port, address.host);
      let passed = 0;
      server.on("data", (data: Buffer) => {
        client.write(data);
        passed += data.length;
        if (passed > 400_000 && breaks < 3) {
          breaks++;
          client.destroy();
          server.destroy();
        }
      });
      client.on("data", (data: Buffer) => {
        server.write(data);
      });
      for (const [socket, other] of [
        [client, server],
        [server, client],
      ] as const) {
        socket.on("error", () => undefined);
        socket.on("close", () => {
          other.destroy();
        });
      }
    });
    const client = await SparkClient.open({ ...address, host: "127.0.0.1", port: await listening(proxy) });
    try {
      const rows = await rowsOf(client, "select id, repeat('x', 20) as t from range(0, 100000, 1, 8)");
      expect({ rows, breaks }).toEqual({ rows: 100_000n, breaks: 3 });
    } finally {
      await client.close();
      proxy.close();
    }
  });

  it("a signal interrupts what runs on the server", async () => {
    const client = await SparkClient.open(address);
    try {
      const stop = new AbortController();
      const run = async (): Promise<void> => {
        for await (const answer of client.execute(
          sqlPlan("select count(*) from range(1000000000000) a where hash(id) = 1"),
          { signal: stop.signal },
        ))
          void answer;
      };
      const running = codeOf(run());
      setTimeout(() => {
        stop.abort();
      }, 1000);
      expect(await running).toBe("INTERRUPTED");
      expect(await rowsOf(client, "select 1")).toBe(1n);
    } finally {
      await client.close();
    }
  });

  it("artifacts of any size arrive whole", async () => {
    const client = await SparkClient.open(address);
    try {
      await client.addArtifacts([
        { name: "files/small.txt", data: Buffer.from("x") },
        { name: "files/large.bin", data: Buffer.alloc(300_000, 7) },
      ]);
    } finally {
      await client.close();
    }
  });
});
