// The pieces of work that run.mjs times, each run in a fresh process: node bench/work.mjs TASK '{"dir": …}'
import { createReadStream, readdirSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { frameTasks } from "./frame-work.mjs";
import { JOB_TASKS } from "./jobs-work.mjs";
import { S3_TASKS } from "./s3-work.mjs";

const SMALL = fileURLToPath(new URL("data/orders-1MB", import.meta.url));
const [task, json] = process.argv.slice(2);
const args = JSON.parse(json ?? "{}");

/**
 * Work is a preparation (not timed: loading, opening, and for scans the same on 1 MB, on both sides) and what it
 * returns (timed).
 */
const TASKS = {
  scan: async ({ dir, threads }) => {
    const { glue, close } = await open({ threads });
    await orders(glue, SMALL).schema();
    return {
      run: async () => {
        await orders(glue, dir).schema();
        return glue.counters;
      },
      close,
    };
  },
  /** The second scan of a process: code is compiled, threads are there. */
  scanAgain: async ({ dir, threads }) => {
    const { glue, close } = await open({ threads });
    await orders(glue, dir).schema();
    return {
      run: async () => {
        await orders(glue, dir).schema();
        return glue.counters;
      },
      close,
    };
  },
  /** Into an empty catalog: listing, classification, exact scan, the table written. */
  crawl: async ({ dir, threads }) => {
    const { glue, close } = await open({ threads });
    await glue.crawl({ database: "warm", includes: [SMALL] });
    return { run: async () => (await glue.crawl({ database: "d", includes: [dir] })).totals, close };
  },
  relationalize: async ({ dir, out, threads, memoryLimit }) => {
    const { glue, close } = await open({ threads, ...(memoryLimit ? { memoryLimit } : {}) });
    rmSync(out, { recursive: true, force: true });
    return {
      run: async () => {
        const tables = orders(glue, dir)
          .resolveChoice({
            specs: [
              ["id", "cast:string"],
              ["price", "cast:double"],
              ["items[].qty", "cast:long"],
            ],
          })
          .relationalize("orders");
        const report = await glue.writeDynamicFrame.fromOptions({
          frame: tables,
          connectionType: "file",
          connectionOptions: { path: out },
          format: "parquet",
        });
        if (!report.balanced) throw new Error("the report does not balance");
        return { read: report.read, written: report.written, errors: report.errors };
      },
      close,
    };
  },
  structure: async ({ dir, threads }) => {
    const { structureCounts } = await import("./baseline.mjs");
    await structureCounts(SMALL, threads);
    return { run: () => structureCounts(dir, threads) };
  },
  readKnown: async ({ dir, threads }) => {
    const { readKnown } = await import("./baseline.mjs");
    await readKnown(SMALL, threads);
    return { run: () => readKnown(dir, threads) };
  },
  byHand: async ({ dir, out, threads }) => {
    const { relationalizeByHand } = await import("./baseline.mjs");
    return { run: () => relationalizeByHand(dir, out, threads) };
  },
  gunzip: async ({ dir }) => ({
    run: async () => {
      let bytes = 0;
      for (const name of readdirSync(dir).sort()) {
        for await (const chunk of createReadStream(join(dir, name), { highWaterMark: 1 << 20 }).pipe(
          createGunzip({ chunkSize: 1 << 18 }),
        ))
          bytes += chunk.length;
      }
      return { bytes };
    },
  }),
  catalogRead: async ({ dir, threads }) => {
    const { glue, close } = await open({ threads });
    await glue.crawl({ database: "bench", includes: [dir] });
    const before = glue.counters.bytesScanned;
    const [table] = (await glue.catalog.getTables("bench")).items;
    return {
      run: async () => {
        await glue.createDynamicFrame.fromCatalog({ database: "bench", tableName: table.Name }).schema();
        return { bytesScanned: glue.counters.bytesScanned - before };
      },
      close,
    };
  },
  firstResult: async ({ dir }) => ({
    run: async () => {
      const { glue, close } = await open({});
      const n = await orders(glue, dir)
        .resolveChoice({ choice: "make_struct" })
        .toDF()
        .sql("select count(*) as n from self")
        .rows();
      await close();
      return n[0];
    },
  }),
  ...S3_TASKS,
  ...frameTasks(open),
  ...JOB_TASKS,
};

async function open(options) {
  const { GlueContext } = await import("../dist/esm/index.js");
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-bench-"));
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), ...options });
  return {
    glue,
    close: async () => {
      await glue.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const orders = (glue, dir) =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: dir }, format: "json" });

const work = await TASKS[task](args);
const cpu = process.cpuUsage();
const started = performance.now();
const result = await work.run();
const ms = performance.now() - started;
const used = process.cpuUsage(cpu);
await work.close?.();
console.log(
  JSON.stringify({
    ms,
    cpuMs: (used.user + used.system) / 1000,
    peakMB: process.resourceUsage().maxRSS / 1024,
    result,
  }),
);
