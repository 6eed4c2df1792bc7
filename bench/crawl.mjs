// node bench/crawl.mjs [--only NAME] [--files N]: the crawler's figures, each once, wall and CPU time, in a process of
// its own.
//   drift    drift over 10,000 versions of a table of 2,000 paths
//   small    100,000 small files, then a re-crawl
//   footers  5,000 Parquet files
//   keys     100,000 keys on S3 (versitygw on this machine): a re-crawl against the bare listing
//   large    --gb N (default 30) of NDJSON in one table: peak memory; only when asked for, needs the room on the disk,
//            --keep keeps the data
import "./ready.mjs";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { values: options, positionals } = parseArgs({
  options: {
    only: { type: "string" },
    folder: { type: "string" },
    files: { type: "string", default: "100000" },
    gb: { type: "string", default: "30" },
    keep: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const load = (path) => import(pathToFileURL(join(ROOT, "dist/esm", path)).href);

/** A thing done and what it took. */
async function timed(work) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const used = process.cpuUsage(cpu);
  return {
    ms: performance.now() - wall,
    cpuMs: (used.user + used.system) / 1000,
    peakMB: process.resourceUsage().maxRSS / 1024,
    result,
  };
}

const VERSIONS = 10_000;

const STEPS = {
  /** 10,000 versions of a table of 2,000 paths, one path of another type in each. */
  versions: async (folder) => {
    const { GlueContext, struct, field, INT, STRING, DOUBLE, BOOLEAN } = await load("index.js");
    const glue = await GlueContext.open({ catalog: folder });
    const { catalog } = glue;
    await catalog.createDatabase({ Name: "d" });
    const types = [INT, STRING, DOUBLE, BOOLEAN];
    const fields = Array.from({ length: 2000 }, (_, i) => field(`group_${i % 40}_path_${i}`, types[i % 4]));
    for (let v = 0; v < VERSIONS; v++) {
      const at = (v * 7919) % fields.length;
      fields[at] = field(fields[at].name, types[(types.indexOf(fields[at].type) + 1) % 4]);
      await catalog.applyTableChanges([
        { database: "d", table: { Name: "t", Parameters: { v: String(v) } }, schema: struct(fields) },
      ]);
    }
    await glue.close();
  },
  drift: async (folder) => {
    const { GlueContext } = await load("index.js");
    const glue = await GlueContext.open({ catalog: folder });
    const request = { database: "d", tableName: "t" };
    await timed(() => glue.drift({ ...request, against: VERSIONS - 10 })); // the first call loads code
    const whole = await timed(() => glue.drift({ ...request, from: "2020-01-01" }));
    const diff = await timed(() => glue.diff({ ...request, from: 3, to: VERSIONS - 1000 }));
    await glue.close();
    return {
      steps: whole.result.steps.length,
      differences: whole.result.changes.length,
      driftMs: whole.ms,
      driftCpuMs: whole.cpuMs,
      diffMs: diff.ms,
      catalogMB: statSync(join(folder, "catalog.db")).size / 1e6,
    };
  },
};

const KINDS = ["created", "paid", "shipped", "returned"];
const record = (i, n) =>
  JSON.stringify({
    id: i * 10 + n,
    kind: KINDS[i % 4],
    at: `2024-01-${String(1 + (i % 28)).padStart(2, "0")}T10:00:00Z`,
    price: i % 7 === 0 ? String(i) : i / 4,
    ...Object.fromEntries(Array.from({ length: 40 }, (_, p) => [`path_${p}`, p % 3 === 0 ? i : `v${i}`])),
    items: [{ sku: `s${n}`, qty: n, tags: ["a"] }],
  });

/** 100,000 NDJSON files of two records and some 50 paths, in 500 folders. */
function smallFiles(folder) {
  for (let i = 0; i < Number(options.files); i++) {
    const place = join(folder, "events", `day=${String(i % 500).padStart(3, "0")}`);
    if (i < 500) mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `f${i}.json`), `${record(i, 1)}\n${record(i, 2)}\n`);
  }
}

async function crawlOnce(folder) {
  const { GlueContext } = await load("index.js");
  const s3 = process.env.BENCH_S3 === undefined ? undefined : JSON.parse(process.env.BENCH_S3);
  const glue = await GlueContext.open({
    catalog: join(folder, "catalog"),
    threads: 2,
    ...(s3 === undefined ? {} : { s3 }),
  });
  const done = await timed(() =>
    glue.crawl({ database: "d", includes: [s3 === undefined ? join(folder, "events") : "s3://bench/events"] }),
  );
  const { bytesScanned } = glue.counters;
  await glue.close();
  return {
    ms: done.ms,
    cpuMs: done.cpuMs,
    files: done.result.totals.files,
    scanned: done.result.totals.scanned,
    tables: done.result.tables.length,
    bytesScanned,
    catalogMB: statSync(join(folder, "catalog", "catalog.db")).size / 1e6,
  };
}
STEPS.crawl = crawlOnce;

/** All keys, page after page, by the SDK alone. */
STEPS.listing = async () => {
  const { ListObjectsV2Command, S3Client } = await import("@aws-sdk/client-s3");
  const { accessKeyId, secretAccessKey, ...settings } = JSON.parse(process.env.BENCH_S3);
  const client = new S3Client({ ...settings, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  let [keys, token] = [0, undefined];
  const { ms, cpuMs } = await timed(async () => {
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: "bench", Prefix: "events/", ContinuationToken: token }),
      );
      keys += page.KeyCount;
      token = page.NextContinuationToken;
    } while (token !== undefined);
  });
  client.destroy();
  return { keys, ms, cpuMs };
};

/** 5,000 Parquet files of 100 rows, each with a row group of its own. */
STEPS.parquet = async (folder) => {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  mkdirSync(join(folder, "events"));
  await connection.run(
    "CREATE TABLE t AS SELECT i AS id, i / 7.0 AS price, 'name ' || i AS name, date '2024-01-01' + (i % 365)::INT AS day, i % 2 = 0 AS paid FROM range(100) r(i)",
  );
  for (let i = 0; i < 5000; i++)
    await connection.run(`COPY t TO '${join(folder, "events", `f${i}.parquet`)}' (FORMAT parquet)`);
};

/** Outside of the temporary folder, which may lie in memory. */
STEPS.lake = async (folder) => {
  const { writeLake } = await import("./large-lake.mjs");
  return writeLake(join(folder, "events"), Number(options.gb) * 1e9, 1);
};

const LARGE = {
  large: () => {
    const folder = join(ROOT, "bench/data", `lake-${options.gb}GB`);
    try {
      if (!existsSync(join(folder, "events"))) step("lake", folder);
      rmSync(join(folder, "catalog"), { recursive: true, force: true });
      const {
        peakMB,
        result: { ms, cpuMs, files, tables, bytesScanned },
      } = step("crawl", folder);
      return [
        `${files} files, ${(bytesScanned / 1e9).toFixed(2)} GB, ${tables} table: crawl ${(ms / 1000).toFixed(1)} s (cpu ${(cpuMs / 1000).toFixed(1)} s), peak ${Math.round(peakMB)} MB (< 2000 MB)`,
        peakMB < 2000 && tables === 1,
      ];
    } finally {
      if (!options.keep) rmSync(folder, { recursive: true, force: true });
    }
  },
};

const BENCHES = {
  small: (folder) => {
    smallFiles(folder);
    const first = step("crawl", folder);
    const again = step("crawl", folder);
    const { ms, cpuMs, files, tables, catalogMB } = first.result;
    return [
      `${files} files, ${tables} table: crawl ${(ms / 1000).toFixed(1)} s (cpu ${(cpuMs / 1000).toFixed(1)} s, < 40 s), ${Math.round(first.peakMB)} MB (< 600 MB), catalog ${Math.round(catalogMB)} MB (< 80 MB); `
        + `again ${(again.result.ms / 1000).toFixed(1)} s (cpu ${(again.result.cpuMs / 1000).toFixed(1)} s, < 5 s), ${again.result.bytesScanned} bytes read (0), ${Math.round(again.peakMB)} MB`,
      ms < 40_000 && first.peakMB < 600 && catalogMB < 80 && again.result.ms < 5000 && again.result.bytesScanned === 0,
    ];
  },
  footers: (folder) => {
    step("parquet", folder);
    const { ms, cpuMs, files } = step("crawl", folder).result;
    return [
      `${files} Parquet files: ${Math.round(files / (ms / 1000))} files/s (cpu ${(cpuMs / 1000).toFixed(1)} s; >= 500 files/s)`,
      files / (ms / 1000) >= 500,
    ];
  },
  keys: async (folder) => {
    const { startS3 } = await import("./s3-server.mjs");
    mkdirSync(join(folder, "none"));
    const server = await startS3(join(folder, "none"));
    if (server === undefined) return ["no versitygw: node scripts/provision.mjs versitygw", false];
    try {
      process.env.BENCH_S3 = JSON.stringify(server.settings);
      smallFiles(join(server.data, "bench"));
      const first = step("crawl", folder).result;
      const bare = step("listing", folder).result;
      const { ms, cpuMs, bytesScanned } = step("crawl", folder).result;
      return [
        `${bare.keys} keys: first crawl ${(first.ms / 1000).toFixed(1)} s (cpu ${(first.cpuMs / 1000).toFixed(1)} s); bare listing ${(bare.ms / 1000).toFixed(1)} s (cpu ${(bare.cpuMs / 1000).toFixed(1)} s), re-crawl ${(ms / 1000).toFixed(1)} s (cpu ${(cpuMs / 1000).toFixed(1)} s), ${(ms / bare.ms).toFixed(2)}x (<= 2x), ${bytesScanned} bytes read (0)`,
        ms <= 2 * bare.ms && bytesScanned === 0,
      ];
    } finally {
      delete process.env.BENCH_S3;
      server.stop();
    }
  },
  drift: () => {
    // made once: it takes minutes.
    const folder = join(ROOT, "bench/data", `versions-${VERSIONS}`);
    if (!existsSync(join(folder, "made"))) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      step("versions", folder);
      writeFileSync(join(folder, "made"), "");
    }
    const { steps, differences, driftMs, driftCpuMs, diffMs, catalogMB } = step("drift", folder).result;
    return [
      `${steps} versions of 2,000 paths, ${differences} differences: drift ${Math.round(driftMs)} ms (cpu ${Math.round(driftCpuMs)} ms), diff ${Math.round(diffMs)} ms (< 300 ms); catalog ${Math.round(catalogMB)} MB`,
      driftMs < 300 && diffMs < 300,
    ];
  },
};

/** Runs a step in a process of its own, so that its memory is its own. */
function step(name, folder) {
  const done = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), "step", name, "--folder", folder, "--gb", options.gb, "--files", options.files],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 2 ** 26 },
  );
  if (done.status !== 0) throw new Error(`${name} ended with ${done.status}`);
  return JSON.parse(done.stdout);
}

if (positionals[0] === "step") {
  console.log(JSON.stringify(await timed(() => STEPS[positionals[1]](options.folder))));
} else {
  for (const [name, bench] of Object.entries(options.only in LARGE ? LARGE : BENCHES)) {
    if (options.only !== undefined && options.only !== name) continue;
    const folder = mkdtempSync(join(tmpdir(), "dyna-bench-"));
    try {
      const [text, holds] = await bench(folder);
      console.log(`${holds ? "ok  " : "MISS"}  ${name.padEnd(8)} ${text}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
