// A table of many partitions in the store itself: creation in batches of 100, a selective predicate, a walk over all,
// and memory. Times are CPU time of this process; beside them, for what waits on the disk, wall-clock time.
//   node bench/partitions.mjs [partitions, default 1000000]
import "./ready.mjs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const { GlueContext } = await import(
  process.env.DYNAFRAME_BENCH_LIBRARY
    ?? join(dirname(dirname(fileURLToPath(import.meta.url))), "dist", "esm", "index.js")
);
const count = Number(process.argv[2] ?? 1_000_000);
const round = (value) => Math.round(value * 100) / 100;
const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];
const megabytes = () => Math.round(process.memoryUsage().rss / 2 ** 20);

/** CPU and wall-clock seconds of some work. */
async function timed(work) {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - wall) / 1000 };
}

async function latencies(calls, call) {
  const times = [];
  for (let i = 0; i < calls; i += 1) {
    const { cpu } = await timed(() => call(i));
    times.push(cpu * 1000);
  }
  times.sort((a, b) => a - b);
  return `p50 ${round(percentile(times, 0.5))} ms, p99 ${round(percentile(times, 0.99))} ms of CPU`;
}

const batchFrom = (from, length) =>
  Array.from({ length }, (_, j) => from + j).map((n) => ({
    Values: [String(2000 + (n % 25)), `r${n % 40}`, String(n)],
    StorageDescriptor: { Location: `s3://b/t/${n}` },
  }));

const folder = mkdtempSync(join(tmpdir(), "dynaframe-bench-"));
const glue = await GlueContext.open({ catalog: folder });
const { catalog } = glue;
try {
  await catalog.createDatabase({ Name: "d" });
  await catalog.createTable("d", {
    Name: "t",
    PartitionKeys: [
      { Name: "year", Type: "int" },
      { Name: "region", Type: "string" },
      { Name: "n", Type: "int" },
    ],
    StorageDescriptor: {
      Columns: Array.from({ length: 20 }, (_, i) => ({ Name: `c${i}`, Type: "string" })),
      Location: "s3://b/t",
    },
  });
  let most = megabytes();
  const created = await timed(async () => {
    for (let i = 0; i < count; i += 100) {
      await catalog.batchCreatePartition("d", "t", batchFrom(i, Math.min(100, count - i)));
      most = Math.max(most, i % 10_000 === 0 ? megabytes() : 0);
    }
  });
  console.log(
    `create: ${Math.round(count / created.cpu)} partitions per CPU second, ${Math.round(count / created.wall)} per second, memory at most ${most} MB`,
  );
  const first = await timed(() => catalog.getPartitions("d", "t", { expression: "n = 0" }));
  console.log(
    `first search by the last key, which makes its index: ${round(first.cpu)} CPU seconds; memory ${megabytes()} MB`,
  );
  console.log(
    `one of ${count}: ${await latencies(1000, (i) => catalog.getPartitions("d", "t", { expression: `n = ${(i * 7919) % count}` }))}`,
  );
  console.log(
    `year and region (${Math.round(count / 200)} match), first 100: ${await latencies(200, (i) => catalog.getPartitions("d", "t", { expression: `year = ${2000 + (i % 25)} and region = 'r${i % 40}'`, maxResults: 100 }))}`,
  );
  let seen = 0;
  const walked = await timed(async () => {
    let nextToken;
    do {
      const page = await catalog.getPartitions("d", "t", {
        maxResults: 1000,
        ...(nextToken === undefined ? {} : { nextToken }),
      });
      seen += page.items.length;
      most = Math.max(most, megabytes());
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  });
  const more = await timed(async () => {
    for (let i = count; i < count + 20_000; i += 100) await catalog.batchCreatePartition("d", "t", batchFrom(i, 100));
  });
  console.log(`create 20,000 more, with the index: ${Math.round(20_000 / more.cpu)} partitions per CPU second`);
  console.log(
    `walk over ${seen}: ${round(walked.cpu)} CPU seconds, ${round(walked.wall)} s; memory at most ${most} MB`,
  );
} finally {
  await glue.close();
  rmSync(folder, { recursive: true, force: true });
}
