// node bench/spark-executors.mjs [--records 1000000] [--bytes 300MB] [--only function|job]: on a Spark server of this machine, start-up not counted,
// wall time and CPU time (of the server with the processes it starts, and of this one). The machine may be busy: CPU time is what compares.
//   function  records a second through a JavaScript function on the executors
//   job       drifting orders to six tables as Parquet: the embedded engine against Spark SQL written by hand, conflicts as strings
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, homedir, loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values: options } = parseArgs({ options: { records: { type: "string", default: "1000000" }, bytes: { type: "string", default: "300MB" }, only: { type: "string" } } });
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, "node_modules", ".cache", "dynaframe");
mkdirSync(cache, { recursive: true });
const bundle = join(cache, `bench-spark-executors-${process.pid}.mjs`), folder = mkdtempSync(join(tmpdir(), "dynaframe-bench-spark-"));
const stateFile = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "dynaframe", "spark-local-4.2.0", "server.json");
const TICKS = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** CPU seconds of the server, of the processes that it has started and seen end, and of this process. */
function cpu() {
  const { server } = JSON.parse(readFileSync(stateFile, "utf8"));
  const fields = readFileSync(`/proc/${server}/stat`, "utf8").replace(/^.*\) /, "").split(" ").map(Number);
  const { user, system } = process.cpuUsage();
  return { server: (fields[11] + fields[12] + fields[13] + fields[14]) / TICKS, here: (user + system) / 1e6 };
}

async function timed(work) {
  const before = cpu(), from = performance.now();
  const result = await work();
  const wall = (performance.now() - from) / 1000, after = cpu();
  return { result, wall, server: after.server - before.server, here: after.here - before.here };
}
const told = ({ wall, server, here }) => `${wall.toFixed(1)} s wall, ${(server + here).toFixed(1)} s CPU (server ${server.toFixed(1)}, this process ${here.toFixed(1)})`;

/** Records a second that the measured CPU time allows on two cores, if it spreads over both. */
async function functions({ GlueContext, DynamicFrame, defineUdf }) {
  const udf = defineUdf(pathToFileURL(join(root, "bench", "spark-function.mjs")).href, "total", () => ({}));
  const glue = await GlueContext.open({ catalog: join(folder, "functions"), engine: "spark-local" });
  try {
    const rows = (count) => DynamicFrame.fromDF(glue.sql(`SELECT id, concat('name', id % 1000) AS name, CAST(id * 0.5 AS DOUBLE) AS amount, id % 2 = 0 AS active FROM range(0, ${count}, 1, 4)`), glue, "rows");
    const count = Number(options.records);
    const run = async (records) => {
      const frame = rows(records);
      await frame.count();
      return timed(() => frame.map(udf).count());
    };
    await run(Math.min(count, 50_000));
    const measured = await run(count);
    if (measured.result !== count) throw new Error(`${measured.result} of ${count} records`);
    console.log(`function: ${count} records, ${told(measured)}: ${Math.round(count / measured.wall)} records/s wall; by CPU time ${Math.round((2 * count) / (measured.server + measured.here))} records/s on 2 cores (wanted 150000)`);
  } finally { await glue.close(); }
}

const CHILDREN = { items: "items", scores: "scores", channels: "customer.prefs.notif.channels" };

async function job({ GlueContext, SparkWorkspace, startLocalServer, fileStorage }) {
  const data = join(root, "bench", "data", `orders-${options.bytes}`);
  if (!existsSync(data)) execFileSync("node", [join(root, "bench", "generate-orders.mjs"), "--bytes", options.bytes, "--files", "24", "--out", data]);
  const server = await startLocalServer();
  const workspace = await SparkWorkspace.open(server.address, { storage: fileStorage(), stagingDirectory: join(folder, "staging") }, { release: server.release });
  try {
    await workspace.run("SELECT 1", {});
    const byHand = await timed(async () => {
      // one pass to infer, one for each table
      await workspace.run(`CREATE OR REPLACE TEMPORARY VIEW orders USING json OPTIONS (path '${data}')`, {});
      const write = (name, sql) => workspace.run(`INSERT OVERWRITE DIRECTORY '${pathToFileURL(join(folder, "spark", name)).href}' USING parquet ${sql}`, {});
      await write("root", "SELECT monotonically_increasing_id() AS k, * EXCEPT (items, scores) FROM orders");
      for (const [name, path] of Object.entries(CHILDREN)) await write(name, `SELECT k, index, val FROM (SELECT monotonically_increasing_id() AS k, ${path} AS l FROM orders) LATERAL VIEW posexplode(l) e AS index, val`);
    });
    console.log(`job: ${options.bytes} on Spark SQL by hand, ${1 + Object.keys(CHILDREN).length} tables: ${told(byHand)}`);
    const embedded = await timed(async () => {
      const glue = await GlueContext.open({ catalog: join(folder, "embedded"), threads: 2 });
      try {
        const frame = glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { paths: [data] }, format: "json" });
        const tables = frame.relationalize("root");
        for (const [i, table] of (await tables.values()).entries()) await glue.writeDynamicFrame.fromOptions({ frame: table, connectionType: "file", connectionOptions: { path: join(folder, "tables", String(i)) }, format: "parquet" });
      } finally { await glue.close(); }
    });
    const ratio = (of) => of(byHand) / of(embedded);
    console.log(`job: embedded, six tables: ${told(embedded)}: ${ratio(({ wall }) => wall).toFixed(1)}x by wall time, ${ratio(({ server, here }) => server + here).toFixed(1)}x by CPU time (wanted 10x)`);
  } finally { await workspace.close(); }
}

try {
  await build({
    stdin: { contents: 'export * from "./src/index.js"; export { startLocalServer } from "./src/engine/spark/local/local-server.js"; export { SparkWorkspace } from "./src/engine/spark/workspace.js"; export { fileStorage } from "./src/storage/file.js";', resolveDir: root, loader: "ts" },
    outfile: bundle, bundle: true, platform: "node", format: "esm", target: "node20", packages: "external", logLevel: "error",
  });
  const parts = await import(pathToFileURL(bundle).href);
  console.log(`${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)}`);
  if (options.only !== "job") await functions(parts);
  if (options.only !== "function") await job(parts);
} finally {
  rmSync(bundle, { force: true });
  rmSync(folder, { recursive: true, force: true });
}
