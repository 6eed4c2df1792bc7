// The Spark engine against PySpark doing the same work on the same server, warm, in turns: npm run bench -- --only
// spark
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { pysparkFolder } from "../scripts/provision/pyspark.mjs";

/** Milliseconds. */
const PEER_LIMIT = 180_000;
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOUR = (rows) => `select id, id / 3 as d, cast(id % 1000 as string) as s, id % 2 = 0 as b from range(${rows})`;

export async function sparkBench({ runs, row }) {
  const python = join(pysparkFolder, "bin", "python");
  if (!existsSync(python)) return console.log("skip  Spark: no PySpark; run: npm run provision pyspark");
  const { GlueContext } = await import("../dist/esm/index.js");
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-bench-spark-"));
  // PySpark's million rows come as one local relation, for which the usual heap of 1g is too small: the server ends
  process.env.DYNAFRAME_SPARK_MEMORY ??= "4g";
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), engine: "spark-local", threads: 2 });
  const engine = await glue.environment.session.engine();
  const server = localServer();
  const { client, close } = await rawClient(folder, server);
  const peer = startPeer(python, `sc://localhost:${server.port}`, server.token);
  const path = join(folder, "rows");
  const rows = Array.from({ length: 1_000_000 }, (_, id) => ({ id, d: id / 3, s: String(id % 1000), b: id % 2 === 0 }));
  let outs = 0;
  const ours = {
    trivial: async () => {
      let n = 0;
      for await (const some of (await engine.sql("select 1 as a", new Map())).rows()) n += some.length;
      return n;
    },
    throughFrame: async () => (await glue.sql("select 1 as a").rows()).length,
    collect: async () => {
      let n = 0;
      for await (const { responseType } of client.execute(FOUR(1_000_000)))
        if (responseType.case === "arrowBatch") n += Number(responseType.value.rowCount);
      return n;
    },
    objects: async () => {
      let n = 0;
      for await (const some of (await engine.sql(FOUR(200_000), new Map())).rows()) n += some.length;
      return n;
    },
    up: () => glue.createDynamicFrame.fromRows(rows).count(),
    job: async () => {
      const frame = glue.createDynamicFrame
        .fromOptions({ connectionType: "file", connectionOptions: { path }, format: "parquet" })
        .filter("b and d > 1000")
        .renameField("d", "d2");
      const { written } = await glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path: join(folder, `out-${++outs}`) },
        format: "parquet",
      });
      return written;
    },
  };
  try {
    await glue.writeDynamicFrame.fromOptions({
      frame: glue.createDynamicFrame.fromDF(glue.sql(FOUR(1_000_000))),
      connectionType: "file",
      connectionOptions: { path },
      format: "parquet",
    });
    const times = async (task, theirs, count) => {
      const mine = [];
      const other = [];
      for (let i = 0; i <= count; i++) {
        const began = performance.now();
        const result = await ours[task]();
        const took = performance.now() - began;
        const told = await peer.run(theirs, { path, out: join(folder, "theirs") });
        if (result !== told.result) throw new Error(`${task}: ${result} here, ${told.result} there`);
        if (i > 0) {
          mine.push(took);
          other.push(told.ms);
        }
      }
      return [median(mine), median(other)];
    };
    let here = 0;
    let there = 0;
    const compare = async (name, task, most, count = runs, theirs = task) => {
      const [mine, other] = await times(task, theirs, count);
      if (most !== undefined && task !== "throughFrame") {
        here += mine;
        there += other;
      }
      row(
        name,
        `${Math.round(mine)} ms`,
        `${Math.round(other)} ms`,
        (mine / other).toFixed(2),
        most === undefined ? "-" : `<= ${most} of the time`,
        most === undefined || mine <= most * other,
      );
    };
    await compare("Spark: trivial query, warm / PySpark", "trivial", 1.3, 4 * runs);
    await compare("Spark: the same by glue.sql().rows() / PySpark", "throughFrame", 1.3, 4 * runs, "trivial");
    await compare("Spark: 1 M x 4 as raw Arrow / PySpark", "collect", 1.1);
    await compare("Spark: 200 k x 4 as rows / PySpark's Row", "objects", undefined);
    await compare("Spark: 1 M x 4 rows up, counted / PySpark, Arrow", "up", 1.5);
    await compare("Spark: Parquet, filter, Parquet / PySpark", "job", 1.1);
    row(
      "Spark: all of these with a target / PySpark",
      `${Math.round(here)} ms`,
      `${Math.round(there)} ms`,
      (here / there).toFixed(2),
      "<= 1.1 of the time",
      here <= 1.1 * there,
    );
  } finally {
    peer.stop();
    await close();
    await glue.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];

function localServer() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "dynaframe");
  return JSON.parse(readFileSync(join(cache, "servers", "spark-local-4.2.0", "server.json"), "utf8"));
}

/** The client below the engine, which the package does not export. */
async function rawClient(folder, { port, token }) {
  const outfile = join(ROOT, "node_modules", ".cache", `bench-spark-${process.pid}.mjs`);
  await build({
    entryPoints: [join(ROOT, "src/engine/spark/connect/client.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "error",
  });
  try {
    const { SparkClient, sqlPlan } = await import(pathToFileURL(outfile).href);
    const client = await SparkClient.open({
      host: "127.0.0.1",
      port,
      secure: false,
      token,
      userId: "bench",
      headers: new Map(),
    });
    return { client: { execute: (sql) => client.execute(sqlPlan(sql)) }, close: () => client.close() };
  } finally {
    rmSync(outfile, { force: true });
  }
}

/**
 * PySpark in a process that stays: its start is not timed either. It reads the token from the environment, and takes
 * "localhost" only without TLS.
 */
function startPeer(python, address, token) {
  const child = spawn(python, [join(ROOT, "bench/spark-peer.py"), address], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, SPARK_CONNECT_AUTHENTICATE_TOKEN: token },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async (task, args) => {
      child.stdin.write(`${JSON.stringify([task, args])}\n`);
      // its client tries for many minutes to reach a server that has ended
      const { value, done } = await Promise.race([lines.next(), sleep(PEER_LIMIT, { done: true }, { ref: false })]);
      if (done) throw new Error(`PySpark ended, or took longer than ${PEER_LIMIT / 1000} s for ${task}`);
      return JSON.parse(value);
    },
    stop: () => {
      child.stdin.end();
      child.kill();
    },
  };
}
