/** What ends badly ends with a code: a session that is gone, a server without memory, rows of any size. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress, type ServerAddress } from "../../../src/engine/spark/connect/address.js";
import { SparkClient } from "../../../src/engine/spark/connect/client.js";
import { startLocalServer, type LocalServer } from "../../../src/engine/spark/local/local-server.js";
import { SPARK_VERSION, sparkJars } from "../../../src/engine/spark/local/spark-jars.js";
import { SparkSession } from "../../../src/engine/spark/session.js";
import { SparkWorkspace } from "../../../src/engine/spark/workspace.js";
import { fileStorage } from "../../../src/storage/file.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-limits-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const open = async (address: ServerAddress): Promise<SparkSession> =>
  new SparkSession(
    await SparkWorkspace.open(address, { storage: fileStorage(), stagingDirectory: join(folder, randomUUID()) }),
  );

async function textLength(session: SparkSession, sql: string): Promise<number> {
  let length = 0;
  for await (const rows of (await session.sql(sql, new Map())).rows())
    for (const row of rows) length += String((row as { s: unknown }).s).length;
  return length;
}

describeSpark("limits of a server", () => {
  let local: LocalServer | undefined;
  let address: ServerAddress;
  beforeAll(async () => {
    if (!sparkAddress.startsWith("sc://")) local = await startLocalServer();
    address = local?.address ?? parseAddress(sparkAddress);
  });
  afterAll(async () => {
    await local?.release();
  });

  test("a session that the server has ended is SPARK_SESSION_LOST", async () => {
    const sessionId = randomUUID();
    const session = await open({ ...address, sessionId });
    const other = await SparkClient.open({ ...address, sessionId });
    await other.close();
    await expect(session.sql("select 1 as s", new Map())).rejects.toMatchObject({ code: "SPARK_SESSION_LOST" });
    await session.close();
  });
});

// a server of its own, so that it may die
const owned = sparkAddress.startsWith("sc://") ? describe.skip : describeSpark;
owned("a server of little memory", () => {
  let server: LocalServer;
  let cache: string;
  const before = { ...process.env };
  beforeAll(async () => {
    cache = join(folder, "cache");
    process.env["DYNAFRAME_SPARK_JARS"] = sparkJars();
    process.env["XDG_CACHE_HOME"] = cache;
    process.env["DYNAFRAME_SPARK_MEMORY"] = "1g";
    process.env["DYNAFRAME_SPARK_IDLE"] = "1000";
    server = await startLocalServer();
  }, 240_000);
  afterAll(async () => {
    await server.release();
    for (const name of ["DYNAFRAME_SPARK_JARS", "XDG_CACHE_HOME", "DYNAFRAME_SPARK_MEMORY", "DYNAFRAME_SPARK_IDLE"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    const { keeper } = stateOf(cache) ?? {};
    if (keeper !== undefined) process.kill(keeper, "SIGTERM");
  });

  test("a row of 200 MB arrives, or is refused by a code", async () => {
    const session = await open(server.address);
    const told = await textLength(session, "select repeat('x', 200000000) as s").catch(
      (error: unknown) => (error as { code: string }).code,
    );
    expect([200_000_000, "OUT_OF_MEMORY", "SPARK_UNREACHABLE", "ENGINE_FAILED", "SQL_FAILED"]).toContain(told);
    await session.close();
  }, 240_000);

  test("a query for which there is no memory ends with an error, though the server ends", async () => {
    if (stateOf(cache) === undefined) server = await startLocalServer();
    const session = await open(server.address);
    const told = await textLength(
      session,
      "select length(array_join(collect_list(repeat(cast(id as string), 1000000)), '')) as s from range(2000)",
    ).catch((error: unknown) => (error as { code: string }).code);
    expect(["OUT_OF_MEMORY", "SPARK_UNREACHABLE"]).toContain(told);
    await session.close();
  }, 240_000);
});

/** Of the server that the cache folder tells of, while it runs. */
function stateOf(cache: string): { readonly keeper: number } | undefined {
  try {
    return JSON.parse(
      readFileSync(join(cache, "dynaframe", "servers", `spark-local-${SPARK_VERSION}`, "server.json"), "utf8"),
    ) as { keeper: number };
  } catch {
    return undefined;
  }
}
