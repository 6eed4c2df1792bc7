/**
 * SIGKILL at any moment of a crawl or a write: the catalog opens, its state is the one before or the one after, no file
 * is half, the next run tidies up.
 */
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { bundleLibrary, moments, runChild, type Bundle } from "./killed-child.js";
import { duckdb, openWorld, parquetRows, type World } from "./world.js";

let world: World;
let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleLibrary();
});
afterAll(() => bundle.remove());
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const lines = (n: number, id: string): string =>
  Array.from({ length: n }, (_, i) => `{"i":${i},"id":${id},"s":"text ${i}"}\n`).join("");
const open = (catalog: string): Promise<GlueContext> =>
  GlueContext.open({ catalog, threads: 2, onWarning: () => undefined });

/** What the catalog holds of a table: columns, partitions, ledger; undefined when it is not there. */
async function stateOf(glue: GlueContext, database: string, name: string): Promise<string | undefined> {
  const table = await glue.catalog.getTable(database, name).catch((error: unknown) => {
    if ((error as Error).name === "EntityNotFoundException") return undefined;
    throw error;
  });
  if (table === undefined) return undefined;
  const partitions = await glue.catalog.getPartitions(database, name, {});
  const ledger = await glue.catalog.getLedger(database, name);
  const files = (await glue.catalog.getLedgerKeys(database, name)).map(({ file }) => file).sort();
  return JSON.stringify(
    {
      columns: table.StorageDescriptor?.Columns,
      partitions: partitions.items.map(({ Values }) => Values).sort(),
      files: files.length,
      records: ledger?.records,
      schema: ledger?.root,
    },
    (key, value: unknown) => (key === "first" ? undefined : value),
  ); // which of a folder's files is first depends on their random names
}

const leftovers = (folder: string): string[] =>
  (existsSync(folder) ? readdirSync(folder) : []).filter((n) => /^\d+-[0-9a-f]+$/.test(n));

test("a crawl", async () => {
  for (let day = 1; day <= 4; day++) world.write(`data/day=${day}/a.json`, lines(3000, "1"));
  const before = world.at("before");
  const data = world.at("data");
  const first = await open(before);
  await first.crawl({ database: "bad", includes: [data] });
  const was = await stateOf(first, "bad", "data");
  await first.close();
  for (let day = 3; day <= 8; day++) world.write(`data/day=${day}/a.json`, lines(30_000, '"x"'));

  const body = `ready(); await glue.crawl({ database: "bad", includes: [${JSON.stringify(data)}] });`;
  const trial = async (
    killAfter?: number,
  ): Promise<{ state: string | undefined; again: string | undefined; milliseconds: number; finished: boolean }> => {
    const catalog = world.at("trial");
    rmSync(catalog, { recursive: true, force: true });
    cpSync(before, catalog, { recursive: true });
    const { milliseconds, finished } = await runChild(bundle, catalog, body, killAfter);
    const glue = await open(catalog);
    try {
      const state = await stateOf(glue, "bad", "data");
      // the killed crawl holds no lock
      const report = await glue.crawl({ database: "bad", includes: [data] });
      expect([report.totals.records, report.totals.malformed, report.problems]).toEqual([6 * 30_000 + 2 * 3000, 0, []]);
      return { state, again: await stateOf(glue, "bad", "data"), milliseconds, finished };
    } finally {
      await glue.close();
    }
  };
  const whole = await trial();
  expect(whole.finished).toBe(true);
  expect(whole.state).not.toBe(was);
  expect(whole.again).toBe(whole.state);
  for (const moment of moments(whole.milliseconds, 6)) {
    const { state, again } = await trial(moment);
    expect([was, whole.state]).toContain(state);
    expect(again).toBe(whole.state);
    expect(readdirSync(join(world.at("trial"), "leases"))).toEqual([]);
    expect(leftovers(join(world.at("trial"), "staging"))).toEqual([]);
  }
}, 60_000);

test.each(["append", "overwrite"] as const)(
  "a write with registration, mode %s",
  async (mode) => {
    world.write(
      "data/a.json",
      Array.from({ length: 60_000 }, (_, i) => `{"i":${i},"part":"p${i % 5}","s":"text number ${i}"}\n`).join(""),
    );
    const before = world.at("before");
    const earlier = world.at("earlier");
    const options = (path: string): string => `{ connectionType: "file", format: "parquet", mode: "${mode}",
    connectionOptions: { path: ${JSON.stringify(path)}, partitionKeys: ["part"], enableUpdateCatalog: true, catalogDatabase: "bad", catalogTableName: "out" } }`;
    const target = world.at("out");
    const first = await open(before);
    await first.catalog.createDatabase({ Name: "bad" });
    const old = first.createDynamicFrame.fromRows(
      Array.from({ length: 10 }, (_, i) => ({ i: -1 - i, part: `p${i % 5}`, s: "old" })),
    );
    await first.writeDynamicFrame.fromOptions({
      frame: old,
      connectionType: "file",
      format: "parquet",
      connectionOptions: {
        path: target,
        partitionKeys: ["part"],
        enableUpdateCatalog: true,
        catalogDatabase: "bad",
        catalogTableName: "out",
      },
    });
    const was = await stateOf(first, "bad", "out");
    await first.close();
    cpSync(target, earlier, { recursive: true, preserveTimestamps: true });

    const body = `const frame = glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { paths: [${JSON.stringify(world.at("data"))}] }, format: "json" });
    await frame.schema(); ready(); await glue.writeDynamicFrame.fromOptions({ frame, ...${options(target)} });`;
    const trial = async (killAfter?: number): Promise<{ state: string | undefined; milliseconds: number }> => {
      for (const folder of [world.at("trial"), target, world.at(".out.dynaframe-staging")])
        rmSync(folder, { recursive: true, force: true });
      cpSync(before, world.at("trial"), { recursive: true });
      cpSync(earlier, target, { recursive: true, preserveTimestamps: true });
      const { milliseconds } = await runChild(bundle, world.at("trial"), body, killAfter);
      await everyFileIsWhole(target);
      const glue = await open(world.at("trial"));
      try {
        return { state: await stateOf(glue, "bad", "out"), milliseconds };
      } finally {
        await glue.close();
      }
    };
    const whole = await trial();
    expect(whole.state).not.toBe(was);
    for (const moment of moments(whole.milliseconds, 5)) {
      const { state } = await trial(moment);
      expect([was, whole.state]).toContain(state);
      await nextRunTidiesUp(target);
    }
  },
  60_000,
);

/** Final names hold whole files: all rows of their part, nothing hidden among them. */
async function everyFileIsWhole(target: string): Promise<void> {
  const rows = await parquetRows(target);
  const counted = await duckdb(
    `select count(*)::integer as n, filename from read_parquet('${target}/**/*.parquet', filename = true, hive_partitioning = false) group by all`,
  );
  expect(counted.every(({ n }) => n === 2 || n === 12_000)).toBe(true);
  const old = rows.filter((r) => Number(r["i"]) < 0).length;
  const fresh = new Set(rows.map((r) => Number(r["i"])).filter((i) => i >= 0));
  // nothing is gone before what replaces it is there
  expect(old === 10 || fresh.size === 60_000).toBe(true);
  expect(rows).toHaveLength(old + fresh.size);
}

async function nextRunTidiesUp(target: string): Promise<void> {
  const glue = await open(world.at("trial"));
  try {
    const frame = glue.createDynamicFrame.fromRows([{ i: 1_000_000, part: "p0", s: "next" }]);
    const report = await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      format: "parquet",
      connectionOptions: { path: target, partitionKeys: ["part"] },
    });
    expect([report.written, report.balanced]).toEqual([1, true]);
    expect(existsSync(world.at(".out.dynaframe-staging"))).toBe(false);
  } finally {
    await glue.close();
  }
  expect(leftovers(join(world.at("trial"), "staging"))).toEqual([]);
}
