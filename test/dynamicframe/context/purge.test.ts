/** purgeTable and purgeS3Path: what is old goes, everything else stays. */
import { existsSync } from "node:fs";
import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { temporaryContext, type TemporaryContext } from "../../../src/testing/index.js";
import { tableInputOf } from "../../../src/catalog/table-input.js";

const NOW = Date.UTC(2026, 5, 30);
const HOUR = 3_600_000;

let context: TemporaryContext;
beforeEach(async () => {
  context = await temporaryContext({ engine: "reference", now: () => NOW });
});
afterEach(() => context.close());

/** A file that was changed so many hours ago. */
async function put(name: string, hours: number, text = '{"n":1}\n'): Promise<string> {
  const path = join(context.directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  const at = new Date(NOW - hours * HOUR);
  await utimes(path, at, at);
  return path;
}

test("by path: files older than a week, unless they begin with a period", async () => {
  const old = await put("d/old.json", 169);
  const fresh = await put("d/fresh.json", 167);
  const marker = await put("d/x/_SUCCESS", 500, "");
  const hidden = await put("d/.dynaframe/catalog.db", 500);
  expect(await context.glue.purgeS3Path(join(context.directory, "d"), { dryRun: true })).toEqual({
    purged: [old, marker],
    bytes: 8,
    failed: [],
    kept: 2,
    partitionsRemoved: [],
    dryRun: true,
  });
  expect([old, marker].every(existsSync)).toBe(true);
  expect(await context.glue.purgeS3Path(join(context.directory, "d"))).toMatchObject({
    purged: [old, marker],
    dryRun: false,
  });
  expect([old, fresh, marker, hidden].map(existsSync)).toEqual([false, true, false, true]);
  expect(await context.glue.purgeS3Path(join(context.directory, "d"), { retentionPeriod: 0 })).toMatchObject({
    purged: [fresh],
  });
  expect(existsSync(hidden)).toBe(true);
  expect(await context.glue.purgeS3Path(join(context.directory, "nowhere"))).toMatchObject({ purged: [], kept: 0 });
});

test("the manifest names what went and what could not", async () => {
  const locked = await put("d/locked/a.json", 500);
  const gone = await put('d/with,"quotes".json', 500);
  const remove = context.glue.storage.remove;
  const refusing = {
    ...context.glue.storage,
    remove: async (path: string) => {
      if (path === locked) throw Object.assign(new Error("no, not\nthis"), { code: "EACCES" });
      return remove(path);
    },
  };
  const { purgePath } = await import("../../../src/dynamicframe/context/purge.js");
  const report = await purgePath(
    refusing,
    join(context.directory, "d"),
    { manifestFilePath: join(context.directory, "manifest") },
    NOW,
  );
  expect(report).toMatchObject({ purged: [gone], failed: [{ file: locked, code: "IO_ERROR" }] });
  expect(await readFile(join(context.directory, "manifest", "Success.csv"), "utf8")).toBe(
    `path,size\n"${gone.replaceAll('"', '""')}",8\n`,
  );
  expect(await readFile(join(context.directory, "manifest", "Failed.csv"), "utf8")).toBe(
    `path,code,message\n${locked},IO_ERROR,"no, not\nthis"\n`,
  );
});

describe("a table", () => {
  const partitions = async (): Promise<string[]> =>
    (await context.catalog.getPartitions("s", "t")).items.map((p) => p.Values.join("/")).sort();
  const purge = (options: object) => context.glue.purgeTable("s", "t", options);
  beforeEach(async () => {
    await put("t/year=2024/a.json", 500);
    await put("t/year=2025/b.json", 500);
    await put("t/year=2025/c.json", 1);
    await put("t/year=2026/d.json", 500);
    await context.glue.crawl({ database: "s", includes: [join(context.directory, "t")] });
  });

  test("partitions left empty leave the catalog, and it does not miss the files", async () => {
    expect(await purge({ dryRun: true })).toMatchObject({
      purged: [1, 2, 3].map(() => expect.any(String)),
      partitionsRemoved: [["2024"], ["2026"]],
    });
    expect(await partitions()).toEqual(["2024", "2025", "2026"]);
    expect(await purge({})).toMatchObject({ kept: 1, partitionsRemoved: [["2024"], ["2026"]] });
    expect(await partitions()).toEqual(["2025"]);
    // no SOURCE_VANISHED: the ledger forgot them in the same change
    expect(await context.glue.createDynamicFrame.fromCatalog({ database: "s", tableName: "t" }).count()).toBe(1);
  });

  test("a predicate chooses partitions", async () => {
    expect(await purge({ partitionPredicate: "year >= '2025'", retentionPeriod: 0 })).toMatchObject({
      partitionsRemoved: [["2025"], ["2026"]],
    });
    expect(await partitions()).toEqual(["2024"]);
    await expect(purge({ partitionPredicate: "month = 1" })).rejects.toMatchObject({ code: "INVALID_PREDICATE" });
  });

  test("a partition that names no folder is the one that Hive would give its values, and never the whole table", async () => {
    const table = await context.catalog.getTable("s", "t");
    await context.catalog.applyTableChanges([
      { database: "s", table: tableInputOf(table), putPartitions: [{ Values: ["2025"] }] },
    ]);
    const read = (pushDownPredicate: string) =>
      context.glue.createDynamicFrame.fromCatalog({ database: "s", tableName: "t", pushDownPredicate }).count();
    expect([await read("year = '2025'"), await read("year > '2000'")]).toEqual([2, 4]);
    expect(await purge({ partitionPredicate: "year = '2025'" })).toMatchObject({
      purged: [join(context.directory, "t/year=2025/b.json")],
      kept: 1,
    });
    expect(existsSync(join(context.directory, "t/year=2024/a.json"))).toBe(true);
  });

  test("a partition with a file that stays is kept", async () => {
    const remove = context.glue.storage.remove;
    const refusing = {
      ...context.glue.storage,
      remove: async (path: string) => {
        if (path.includes("2024")) throw new Error("no");
        return remove(path);
      },
    };
    const { purgeTable } = await import("../../../src/dynamicframe/context/purge.js");
    expect(await purgeTable(context.catalog, refusing, "s", "t", {}, NOW)).toMatchObject({
      failed: [{ message: "no" }],
      partitionsRemoved: [["2026"]],
    });
    expect(await partitions()).toEqual(["2024", "2025"]);
  });

  test("wrong options remove nothing", async () => {
    const wrong: [object, string][] = [
      [{ retentionPeriods: 1 }, "retentionPeriods"],
      [{ retentionPeriod: -1 }, "retentionPeriod"],
      [{ retentionPeriod: "168" }, "retentionPeriod"],
      [{ dryRun: "yes" }, "dryRun"],
      [{ excludeStorageClasses: "GLACIER" }, "excludeStorageClasses"],
    ];
    for (const [options, path] of wrong)
      await expect(async () => purge({ retentionPeriod: 0, ...options })).rejects.toMatchObject({
        code: "BAD_OPTION",
        path,
      });
    await expect(async () =>
      context.glue.purgeS3Path(context.directory, { partitionPredicate: "year = 1" }),
    ).rejects.toMatchObject({ code: "BAD_OPTION", path: "partitionPredicate" });
    await expect(context.glue.purgeTable("s", "none")).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
    expect(await context.glue.createDynamicFrame.fromCatalog({ database: "s", tableName: "t" }).count()).toBe(4);
  });

  test("files of excluded storage classes stay, and so does their partition", async () => {
    const storage = context.glue.storage;
    const classed = {
      ...storage,
      async *list(address: string, options?: object) {
        for await (const file of storage.list(address, options))
          yield { ...file, storageClass: file.path.includes("2024") ? "GLACIER" : "STANDARD" };
      },
    };
    const { purgeTable } = await import("../../../src/dynamicframe/context/purge.js");
    expect(
      await purgeTable(context.catalog, classed, "s", "t", { excludeStorageClasses: ["GLACIER"] }, NOW),
    ).toMatchObject({ kept: 2, partitionsRemoved: [["2026"]] });
  });
});
