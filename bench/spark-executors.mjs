// node bench/spark-executors.mjs [--records 1000000] [--bytes 300MB] [--turns 3] [--only function|job]: on a Spark
// server of this machine, start-up not counted, wall time and CPU time (of the server with the processes it starts, and
// of this one). The machine may be busy: CPU time is what compares.
//   function  records a second through a JavaScript function on the executors
//   job       drifting orders to six tables as Parquet: the embedded engine against Spark SQL written by hand and the
//             same script on Spark (bench/spark-job.mjs)
import { deepStrictEqual } from "node:assert";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, homedir, loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { countsOf, inferOnSpark, tablesByHand, tablesByScript } from "./spark-job.mjs";

const { values: options } = parseArgs({
  options: {
    records: { type: "string", default: "1000000" },
    bytes: { type: "string", default: "300MB" },
    turns: { type: "string", default: "3" },
    only: { type: "string" },
  },
});
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, "node_modules", ".cache", "dynaframe");
mkdirSync(cache, { recursive: true });
const bundle = join(cache, `bench-spark-executors-${process.pid}.mjs`);
const folder = mkdtempSync(join(tmpdir(), "dynaframe-bench-spark-"));
const stateFile = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "dynaframe",
  "servers",
  "spark-local-4.2.0",
  "server.json",
);
const TICKS = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** CPU seconds of the server, of the processes that it has started and seen end, and of this process. */
function cpu() {
  const { server } = JSON.parse(readFileSync(stateFile, "utf8"));
  const fields = readFileSync(`/proc/${server}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")
    .map(Number);
  const { user, system } = process.cpuUsage();
  return { server: (fields[11] + fields[12] + fields[13] + fields[14]) / TICKS, here: (user + system) / 1e6 };
}

async function timed(work) {
  const before = cpu();
  const from = performance.now();
  const result = await work();
  const wall = (performance.now() - from) / 1000;
  const after = cpu();
  return { result, wall, server: after.server - before.server, here: after.here - before.here };
}
const told = ({ wall, server, here }) =>
  `${wall.toFixed(1)} s wall, ${(server + here).toFixed(1)} s CPU (server ${server.toFixed(1)}, this process ${here.toFixed(1)})`;

/** Records a second that the measured CPU time allows on two cores, if it spreads over both. */
async function functions({ GlueContext, DynamicFrame, defineUdf }) {
  const udf = defineUdf(pathToFileURL(join(root, "bench", "spark-function.mjs")).href, "total", () => ({}));
  const glue = await GlueContext.open({ catalog: join(folder, "functions"), engine: "spark-local" });
  try {
    const rows = (count) =>
      DynamicFrame.fromDF(
        glue.sql(
          `SELECT id, concat('name', id % 1000) AS name, CAST(id * 0.5 AS DOUBLE) AS amount, id % 2 = 0 AS active FROM range(0, ${count}, 1, 4)`,
        ),
        glue,
        "rows",
      );
    const count = Number(options.records);
    const run = async (records) => {
      const frame = rows(records);
      await frame.count();
      return timed(() => frame.map(udf).count());
    };
    await run(Math.min(count, 50_000));
    const measured = await run(count);
    if (measured.result !== count) throw new Error(`${measured.result} of ${count} records`);
    console.log(
      `function: ${count} records, ${told(measured)}: ${Math.round(count / measured.wall)} records/s wall; by CPU time ${Math.round((2 * count) / (measured.server + measured.here))} records/s on 2 cores (wanted 150000)`,
    );
  } finally {
    await glue.close();
  }
}

/** The median of `runs` by wall time. */
const median = (runs) => runs.toSorted((a, b) => a.wall - b.wall)[Math.floor(runs.length / 2)];

function orders(bytes, files) {
  const data = join(root, "bench", "data", `orders-${bytes}`);
  if (!existsSync(data))
    execFileSync("node", [
      join(root, "bench", "generate-orders.mjs"),
      "--bytes",
      bytes,
      "--files",
      files,
      "--out",
      data,
    ]);
  return data;
}

/**
 * The three ways of bench/spark-job.mjs in turns, after one turn over little data that is not measured; their tables
 * are compared by rows and values.
 */
async function job({ GlueContext, SparkWorkspace, startLocalServer, fileStorage }) {
  const server = await startLocalServer();
  const workspace = await SparkWorkspace.open(
    server.address,
    { storage: fileStorage(), stagingDirectory: join(folder, "staging") },
    { release: server.release },
  );
  const script = (engine) => async (data, target) => {
    const glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 2, ...engine });
    try {
      await tablesByScript(glue, data, target);
    } finally {
      await glue.close();
    }
  };
  const ways = {
    inference: (data) => inferOnSpark(workspace, data),
    "by hand": (data, target) => tablesByHand(workspace, data, target),
    embedded: script({}),
    "spark-local": script({ engine: "spark-local" }),
  };
  const turn = async (data) => {
    const measured = {};
    const counts = {};
    const glue = await GlueContext.open({ catalog: join(folder, "catalog") });
    try {
      for (const [name, way] of Object.entries(ways)) {
        const target = join(folder, "out", name.replaceAll(" ", "-"));
        measured[name] = await timed(() => way(data, target));
        if (name !== "inference") counts[name] = await countsOf(glue, target);
        rmSync(target, { recursive: true, force: true });
      }
    } finally {
      await glue.close();
    }
    for (const name of ["embedded", "spark-local"])
      deepStrictEqual(counts[name], counts["by hand"], `${name} and the SQL by hand do not write the same`);
    return {
      measured,
      rows: Object.entries(counts.embedded)
        .map(([table, { rows }]) => `${table} ${rows}`)
        .join(", "),
    };
  };
  try {
    await turn(orders("1MB", "2"));
    const turns = [];
    for (let i = 0; i < Number(options.turns); i++) turns.push(await turn(orders(options.bytes, "24")));
    const of = (name) => median(turns.map(({ measured }) => measured[name]));
    console.log(`job: ${options.bytes}, the same six tables from each (${turns[0].rows}), medians of ${options.turns}`);
    for (const name of Object.keys(ways)) console.log(`job: ${name}: ${told(of(name))}`);
    const [inference, byHand, embedded, spark] = Object.keys(ways).map(of);
    const cpuOf = ({ server: there, here }) => there + here;
    const ratio = (what, slow) =>
      console.log(
        `job: embedded against ${what}: ${(slow.reduce((sum, { wall }) => sum + wall, 0) / embedded.wall).toFixed(1)}x by wall time, ${(slow.reduce((sum, part) => sum + cpuOf(part), 0) / cpuOf(embedded)).toFixed(1)}x by CPU time`,
      );
    ratio("SQL by hand with inference (wanted 10x)", [inference, byHand]);
    ratio("SQL by hand that is told all types", [byHand]);
    ratio("the same script on spark-local", [spark]);
  } finally {
    await workspace.close();
  }
}

try {
  await build({
    stdin: {
      contents:
        'export * from "./src/index.js"; export { startLocalServer } from "./src/engine/spark/local/local-server.js"; export { SparkWorkspace } from "./src/engine/spark/workspace.js"; export { fileStorage } from "./src/storage/file.js";',
      resolveDir: root,
      loader: "ts",
    },
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "error",
  });
  const parts = await import(pathToFileURL(bundle).href);
  console.log(`${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)}`);
  if (options.only !== "job") await functions(parts);
  if (options.only !== "function") await job(parts);
} finally {
  rmSync(bundle, { force: true });
  rmSync(folder, { recursive: true, force: true });
}
