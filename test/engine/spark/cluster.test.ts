/**
 * A real cluster of two workers: work travels to both; machines, connections and interest in the result may be lost.
 */
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { defineUdf, GlueContext, type DynamicFrame } from "../../../src/index.js";
import { seen } from "../../dynamicframe/drifting-lines.js";
import { describeSpark } from "./spark-server.js";
import { startCluster, type ClusterWorker, type StandaloneCluster } from "./standalone-cluster.js";

type Any = Record<string, unknown>;

const PARTITIONS = 6;
const RECORDS = 600;
/** Each process tells that it began, where, and with which record; then it waits until it, or all, may go on. */
const MODULE = `
import { appendFileSync, existsSync } from "node:fs";
import { defineUdf } from "dynaframe";
export const told = defineUdf(import.meta.url, "told", async function* (records) {
  let first;
  for await (const { record } of records) {
    if (first === undefined) {
      first = record.id;
      appendFileSync(record.log, JSON.stringify({ began: first, cwd: process.cwd(), pid: process.pid }) + "\\n");
      while (!existsSync(record.log + "." + process.pid) && !existsSync(record.log + ".all")) await new Promise((done) => setTimeout(done, 50));
    }
    yield { record: { id: record.id } };
  }
}, { batchTimeout: 600_000 });
`;

type Told = { readonly began: number; readonly cwd: string; readonly pid: number };

describeSpark("a cluster of two workers", () => {
  let cluster: StandaloneCluster;
  let folder: string;
  let spark: GlueContext;
  let warnings: string[];
  beforeAll(async () => {
    process.env["DYNAFRAME_SPARK_EXECUTORS"] = "0";
    cluster = await startCluster();
    folder = join(cluster.folder, "data");
    await mkdir(folder);
    await writeFile(join(folder, "told.js"), MODULE);
    warnings = [];
    spark = await open(cluster.address);
  }, 900_000);
  afterAll(async () => {
    delete process.env["DYNAFRAME_SPARK_EXECUTORS"];
    await spark.close();
    await cluster.close();
  }, 120_000);

  const open = (engine: string): Promise<GlueContext> =>
    GlueContext.open({
      catalog: join(folder, `catalog-${Math.random()}`),
      engine,
      strictPaths: false,
      onWarning: (code, message) => {
        warnings.push(`${code} ${message}`);
      },
    });
  const read = (glue: GlueContext, path: string): DynamicFrame =>
    glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path }, format: "json" });
  const records = async (name: string, extra: (i: number) => object): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, Array.from({ length: RECORDS }, (_, i) => JSON.stringify({ id: i, ...extra(i) })).join("\n"));
    return path;
  };
  /** A job of some partitions, each of which waits to be let go; what its processes tell goes to the log. */
  const job = async (
    glue: GlueContext,
    name: string,
  ): Promise<{ readonly frame: DynamicFrame; readonly log: string }> => {
    const log = join(folder, `${name}.log`);
    await writeFile(log, "");
    const path = await records(`${name}.json`, () => ({ log }));
    return {
      frame: read(glue, path)
        .repartition(PARTITIONS)
        .mapPartitions(defineUdf(pathToFileURL(join(folder, "told.js")).href, "told", () => [])),
      log,
    };
  };
  const told = async (log: string): Promise<readonly Told[]> =>
    (await readFile(log, "utf8"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Told);
  const letGo = (log: string, which: number | "all"): Promise<void> => writeFile(`${log}.${which}`, "");
  const until = async <T>(find: () => Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const found = await find();
      if (found !== undefined) return found;
      await sleep(50);
    }
  };
  const workerOf = ({ cwd }: Told, workers: readonly ClusterWorker[]): ClusterWorker | undefined =>
    workers.find(({ directory }) => cwd.startsWith(directory));

  it("artifacts reach both workers; files are scanned and staged there, functions run there", async () => {
    for (const part of ["a", "b", "c"])
      await records(`drift-${part}.json`, (i) => ({
        v: i % 3 === 0 ? `x${i}` : i,
        list: [{ n: i }, { n: `${part}${i}` }],
      }));
    const path = join(folder, "drift-a.json");
    const duckdb = await open("duckdb");
    const tables = async (glue: GlueContext): Promise<unknown> =>
      Promise.all((await read(glue, path).relationalize("t").values()).map(seen));
    expect(await tables(spark)).toEqual(await tables(duckdb));
    await duckdb.close();
    const { frame, log } = await job(spark, "both");
    const counting = frame.count();
    await until(async () =>
      new Set((await told(log)).map((run) => workerOf(run, cluster.workers))).size === 2 ? true : undefined,
    );
    await letGo(log, "all");
    expect(await counting).toBe(RECORDS);
    expect(await told(log)).toHaveLength(PARTITIONS);
    expect(warnings).toEqual([]);
  }, 900_000);

  it("a worker that is killed in the middle: the job finishes, the counts are right, only what it had in hand is done again", async () => {
    const { frame, log } = await job(spark, "killed");
    const counting = frame.count();
    const first = await until(async () => (await told(log))[0]);
    await letGo(log, first.pid);
    // the second partition of its worker: what was done there before stays done
    const victim = await until(async () =>
      (await told(log)).find(
        (run) => run.pid !== first.pid && workerOf(run, cluster.workers) === workerOf(first, cluster.workers),
      ),
    );
    workerOf(victim, cluster.workers)?.kill();
    await letGo(log, "all");
    expect(await counting).toBe(RECORDS);
    const began = (await told(log)).map((run) => run.began);
    expect(new Set(began).size).toBe(PARTITIONS);
    expect(began.filter((first) => first === victim.began)).toHaveLength(2);
    expect(began).toHaveLength(PARTITIONS + 1);
    expect(((await frame.records()) as Any[]).map((r) => r["id"]).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: RECORDS }, (_, i) => i),
    );
  }, 900_000);

  it("keys of relationalized tables are one after executors are lost between them", async () => {
    await cluster.addWorker();
    const path = await records("keys.json", (i) => ({ list: [{ n: i }, { n: i + 0.5 }] }));
    // a shuffle before the rows are numbered: computed again, they would come in another order
    const tables = await read(spark, path)
      .repartition(4)
      .resolveChoice({ choice: "cast:double" })
      .filter((r) => r["id"] !== 7)
      .repartition(3)
      .relationalize("t")
      .values();
    const [root, list] = tables;
    if (root === undefined || list === undefined) throw new Error("two tables");
    const parents = new Map(((await root.records()) as Any[]).map((r) => [r["list"], Number(r["id"])]));
    for (const { kill } of cluster.workers) kill();
    await cluster.addWorker();
    const children = (await list.records()) as Any[];
    expect(children).toHaveLength(2 * (RECORDS - 1));
    for (const child of children) expect(Math.floor(Number(child["list.val.n"]))).toBe(parents.get(child["id"]));
  }, 900_000);

  it("the driver's connection is cut while a job runs: it goes on where it was, and begins nothing twice", async () => {
    const sockets = new Set<Socket>();
    const proxy = createServer((client) => {
      const server = connect(cluster.port, "127.0.0.1");
      for (const [socket, other] of [
        [client, server],
        [server, client],
      ] as const) {
        sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          sockets.delete(socket);
          other.destroy();
        });
        socket.on("data", (data: Buffer) => {
          other.write(data);
        });
      }
    });
    const port = await new Promise<number>((resolve) => {
      proxy.listen(0, "127.0.0.1", () => {
        resolve((proxy.address() as AddressInfo).port);
      });
    });
    const far = await open(`sc://127.0.0.1:${port}`);
    try {
      const { frame, log } = await job(far, "cut");
      const counting = frame.count();
      for (const run of [0, 1]) {
        const { pid } = await until(async () => (await told(log))[run]);
        for (const socket of sockets) socket.destroy();
        await letGo(log, run === 0 ? pid : "all");
      }
      expect(await counting).toBe(RECORDS);
      expect(await told(log)).toHaveLength(PARTITIONS);
    } finally {
      await far.close();
      proxy.close();
    }
  }, 900_000);

  it("a job that is cancelled ends, with its processes, and the session goes on", async () => {
    const { frame, log } = await job(spark, "cancelled");
    const stop = new AbortController();
    const counting = frame.count({ signal: stop.signal }).then(
      () => "counted",
      (error: { code?: string }) => error.code,
    );
    const { pid } = await until(async () => (await told(log))[0]);
    stop.abort();
    expect(await counting).toBe("INTERRUPTED");
    await until(async () => Promise.resolve(isAlive(pid) ? undefined : true));
    expect(await read(spark, join(folder, "cancelled.json")).count()).toBe(RECORDS);
  }, 900_000);

  it("executors without Node.js: the driver scans, stages and runs functions, and says so once", async () => {
    warnings = [];
    const bin = join(cluster.folder, "bin");
    await mkdir(bin);
    await symlink("/bin/cat", join(bin, "cat"));
    for (const { kill } of cluster.workers) kill();
    await cluster.addWorker(bin);
    const path = await records("no-node.json", () => ({}));
    const glue = await open(cluster.address);
    try {
      const frame = read(glue, path).map(
        defineUdf(pathToFileURL(join(folder, "told.js")).href, "told", (r) => ({ twice: 2 * Number(r["id"]) })),
      );
      expect(((await frame.records()) as Any[]).map((r) => Number(r["twice"])).reduce((a, b) => a + b)).toBe(
        RECORDS * (RECORDS - 1),
      );
      expect(warnings).toEqual([
        expect.stringMatching(/^SPARK_EXECUTORS_UNUSED The executors cannot scan.*no Node.js/),
        expect.stringMatching(/^SPARK_EXECUTORS_UNUSED The executors cannot run functions.*no Node.js/),
      ]);
      const staged = read(glue, path).selectFields(["id"]);
      expect(await staged.count()).toBe(RECORDS);
      expect(String(await staged.explain())).toMatch(/staged nested by the driver \(an executor has no Node.js/);
    } finally {
      await glue.close();
    }
  }, 900_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
