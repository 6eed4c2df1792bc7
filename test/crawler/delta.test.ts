import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";

let root = "";
let glue: GlueContext;
beforeEach(async () => { root = mkdtempSync(join(tmpdir(), "dyna-delta-")); glue = await GlueContext.open({ catalog: join(root, "catalog") }); });
afterEach(async () => { await glue.close(); rmSync(root, { recursive: true, force: true }); });

const table = (): string => join(root, "data", "events");
/** A Parquet file below the table's folder; its name. */
async function parquet(folder: string, rows: readonly Record<string, unknown>[]): Promise<string> {
  const path = join(table(), folder);
  const before = new Set(existsSync(path) ? readdirSync(path) : []);
  await glue.writeDynamicFrame.fromOptions({ frame: glue.createDynamicFrame.fromRows([...rows]), connectionType: "file", connectionOptions: { path }, format: "parquet" });
  const name = readdirSync(path).find((file) => file.endsWith(".parquet") && !before.has(file));
  if (name === undefined) throw new Error("nothing was written");
  return folder === "" ? name : `${folder}/${name}`;
}
function commit(version: number, ...actions: readonly object[]): void {
  mkdirSync(join(table(), "_delta_log"), { recursive: true });
  writeFileSync(join(table(), "_delta_log", `${String(version).padStart(20, "0")}.json`), actions.map((action) => `${JSON.stringify(action)}\n`).join(""));
}
const metaData = (partitionColumns: readonly string[], configuration = {}) => ({ metaData: { id: "1", format: { provider: "parquet" }, schemaString: "{}", partitionColumns, configuration } });
const add = (path: string, partitionValues = {}, more = {}) => ({ add: { path: encodeURIComponent(path).replaceAll("%2F", "/"), partitionValues, size: 1, modificationTime: 1, dataChange: true, ...more } });
const protocol = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };
const crawl = () => glue.crawl({ database: "d", includes: [join(root, "data")] });
const ids = async (): Promise<unknown[]> => (await glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "events" }).toDF().rows()).map(({ id }) => id).sort();

test("only the files that the log names are crawled and read; a commit that removes one is seen at once", async () => {
  const [first, second, orphan] = [await parquet("", [{ id: 1 }]), await parquet("", [{ id: 2, note: "n" }]), await parquet("", [{ id: 99 }])];
  commit(0, protocol, metaData([]), add(first));
  commit(1, add(second));
  const report = await crawl();
  expect(report.skipped.filter(({ why }) => why === "NOT_IN_DELTA_LOG").map(({ file }) => file)).toEqual([join(table(), orphan)]);
  expect(report.tables.map(({ name, contents }) => [name, contents.records])).toEqual([["events", 2]]);
  expect((await glue.catalog.getTable("d", "events")).Parameters).toMatchObject({ table_type: "DELTA", classification: "parquet" });
  expect(await ids()).toEqual([1, 2]);
  commit(2, { remove: { path: first, deletionTimestamp: 1, dataChange: true } });
  expect((await crawl()).tables.map(({ action, contents }) => [action, contents.records])).toEqual([["update", 1]]);
  expect(await ids()).toEqual([2]);
  expect((await crawl()).totals).toMatchObject({ scanned: 0, kept: 1 });
});

test("partitions are those of the log", async () => {
  const files = [await parquet("day=a b", [{ id: 1 }]), await parquet("day=c", [{ id: 2 }])];
  commit(0, protocol, metaData(["day"]), add(files[0] ?? "", { day: "a b" }), add(files[1] ?? "", { day: "c" }));
  await crawl();
  expect((await glue.catalog.getPartitions("d", "events")).items.map(({ Values }) => Values)).toEqual([["a b"], ["c"]]);
  expect(await glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "events", pushDownPredicate: "day == 'a b'" }).count()).toBe(1);
});

test.each<[string, string, (file: string) => void]>([
  ["deletion vectors", "DELTA_UNSUPPORTED", (file) => { commit(0, protocol, metaData([]), add(file, {}, { deletionVector: { storageType: "u" } })); }],
  ["column mapping", "DELTA_UNSUPPORTED", (file) => { commit(0, protocol, metaData([], { "delta.columnMapping.mode": "name" }), add(file)); }],
  ["a log cleaned up", "DELTA_UNSUPPORTED", (file) => { commit(7, protocol, metaData([]), add(file)); }],
  ["a gap in the log", "DELTA_INVALID", (file) => { commit(0, protocol, metaData([]), add(file)); commit(2, add(file)); }],
  ["a damaged commit", "DELTA_INVALID", (file) => { commit(0, protocol, metaData([]), add(file)); writeFileSync(join(table(), "_delta_log", `${"1".padStart(20, "0")}.json`), "{"); }],
])("%s: a problem, and no table of wrong data", async (_, code, write) => {
  write(await parquet("", [{ id: 1 }]));
  const report = await crawl();
  expect(report.problems.map((problem) => problem.code)).toEqual([code]);
  expect(report.tables).toEqual([]);
});
