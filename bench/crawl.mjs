// node bench/crawl.mjs [--only NAME]: the crawler's figures, each once, wall and CPU time, in a process of its own.
//   drift    drift over 10,000 versions of a table of 2,000 paths       small    100,000 small files, then a re-crawl       footers  5,000 Parquet files
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { values: options, positionals } = parseArgs({ options: { only: { type: "string" }, folder: { type: "string" } }, allowPositionals: true });
const load = (path) => import(pathToFileURL(join(ROOT, "dist/esm", path)).href);

/** A thing done and what it took. */
async function timed(work) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const used = process.cpuUsage(cpu);
  return { ms: performance.now() - wall, cpuMs: (used.user + used.system) / 1000, peakMB: process.resourceUsage().maxRSS / 1024, result };
}

const STEPS = {
  drift: async (folder) => {
    const { GlueContext, struct, field, INT, STRING, DOUBLE, BOOLEAN } = await load("index.js");
    const glue = await GlueContext.open({ catalog: folder });
    const { catalog } = glue;
    await catalog.createDatabase({ Name: "d" });
    const types = [INT, STRING, DOUBLE, BOOLEAN];
    const fields = Array.from({ length: 2000 }, (_, i) => field(`group_${i % 40}_path_${i}`, types[i % 4]));
    for (let v = 0; v < 10_000; v++) {
      const at = (v * 7919) % fields.length;
      fields[at] = field(fields[at].name, types[(types.indexOf(fields[at].type) + 1) % 4]);
      await catalog.applyTableChanges([{ database: "d", table: { Name: "t", Parameters: { v: String(v) } }, schema: struct(fields) }]);
    }
    const request = { database: "d", tableName: "t" };
    await timed(() => glue.drift({ ...request, against: 9_990 })); // the first call loads code
    const whole = await timed(() => glue.drift({ ...request, from: "2020-01-01" }));
    const diff = await timed(() => glue.diff({ ...request, from: 3, to: 9_000 }));
    await glue.close();
    return { steps: whole.result.steps.length, differences: whole.result.changes.length, driftMs: whole.ms, driftCpuMs: whole.cpuMs, diffMs: diff.ms, catalogMB: statSync(join(folder, "catalog.db")).size / 1e6 };
  },
};

const BENCHES = {
  drift: (folder) => {
    const { steps, differences, driftMs, driftCpuMs, diffMs, catalogMB } = step("drift", folder).result;
    return [`${steps} versions of 2,000 paths, ${differences} differences: drift ${Math.round(driftMs)} ms (cpu ${Math.round(driftCpuMs)} ms), diff ${Math.round(diffMs)} ms (< 300 ms); catalog ${Math.round(catalogMB)} MB`, driftMs < 300 && diffMs < 300];
  },
};

/** Runs a step in a process of its own, so that its memory is its own. */
function step(name, folder) {
  const done = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "step", name, "--folder", folder], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 2 ** 26 });
  if (done.status !== 0) throw new Error(`${name} ended with ${done.status}`);
  return JSON.parse(done.stdout);
}

if (positionals[0] === "step") {
  console.log(JSON.stringify(await timed(() => STEPS[positionals[1]](options.folder))));
} else {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (options.only !== undefined && options.only !== name) continue;
    const folder = mkdtempSync(join(tmpdir(), "dyna-bench-"));
    try {
      const [text, holds] = bench(folder);
      console.log(`${holds ? "ok  " : "MISS"}  ${name.padEnd(8)} ${text}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
