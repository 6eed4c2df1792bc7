// node bench/lambda-profile.mjs [--bundle FILE] [--bytes 60MB] [--format ndjson|parquet] [--do
// rows|map|lines|identity|filter]: CPU time a record of a pass of functions, in one process; --cpu-prof beside it shows
// where it goes. Without --bundle, dist/esm is measured.
import "./ready.mjs";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    bundle: { type: "string", default: fileURLToPath(new URL("../dist/esm/index.js", import.meta.url)) },
    bytes: { type: "string", default: "60MB" },
    format: { type: "string", default: "ndjson" },
    do: { type: "string", default: "map" },
    runs: { type: "string", default: "3" },
  },
});
const DATA = join(fileURLToPath(new URL(".", import.meta.url)), "data");
const { GlueContext } = await import(pathToFileURL(options.bundle).href);

const ndjson = join(DATA, `lambda-${options.bytes}`);
const parquet = `${ndjson}-parquet`;
mkdirSync(DATA, { recursive: true });
if (!existsSync(ndjson))
  spawnSync("node", ["bench/generate-orders.mjs", "--bytes", options.bytes, "--files", "8", "--out", ndjson], {
    stdio: "inherit",
  });
if (!existsSync(parquet))
  await inContext(async (glue) =>
    glue.writeDynamicFrame.fromOptions({
      frame: source(glue, ndjson, "json"),
      connectionType: "file",
      connectionOptions: { path: parquet },
      format: "parquet",
    }),
  );

function source(glue, path, format) {
  return glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { paths: [path] }, format });
}
async function inContext(work) {
  const staging = mkdtempSync(join(tmpdir(), "lambda-profile-"));
  const glue = await GlueContext.open({ stagingPath: staging, threads: 1 });
  try {
    return await work(glue);
  } finally {
    await glue.close();
    rmSync(staging, { recursive: true, force: true });
  }
}

const WORK = {
  rows: async (frame) => {
    let count = 0;
    for await (const record of frame.stream()) count += record === undefined ? 0 : 1;
    return count;
  },
  map: (frame) =>
    frame
      .map((record) => {
        record.total = record.items.length * 2;
        record.customer.name = record.customer.name.toUpperCase();
        return record;
      })
      .count(),
  lines: (frame) => frame.map((record) => ({ ...record, lines: record.items.length })).count(),
  identity: (frame) => frame.map((record) => record).count(),
  filter: (frame) => frame.filter((record) => record.active).count(),
};
const best = { cpu: Infinity, wall: Infinity, records: 0 };
for (let run = 0; run < Number(options.runs); run++) {
  await inContext(async (glue) => {
    const frame = source(
      glue,
      options.format === "parquet" ? parquet : ndjson,
      options.format === "parquet" ? "parquet" : "json",
    );
    await frame.schema();
    const cpu = process.cpuUsage();
    const wall = performance.now();
    best.records = await WORK[options.do](frame);
    const used = process.cpuUsage(cpu);
    best.cpu = Math.min(best.cpu, (used.user + used.system) / 1e6);
    best.wall = Math.min(best.wall, (performance.now() - wall) / 1000);
  });
}
console.log(
  `${options.format} ${options.do}: ${best.records} records, cpu ${best.cpu.toFixed(2)} s, wall ${best.wall.toFixed(2)} s, ${Math.round(best.records / best.cpu)} records a CPU second`,
);
