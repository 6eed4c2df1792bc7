import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog, Table } from "../../src/catalog/index.js";
import { classifyFile } from "../../src/crawler/classify-file.js";
import { crawl } from "../../src/crawler/crawl.js";
import type { CrawlOptions } from "../../src/crawler/crawl-options.js";
import type { Progress } from "../../src/formats/index.js";
import { fileStorage } from "../../src/storage/file.js";

let root = "";
let catalog: Catalog;
let bytesRead = 0;
const progress: Progress[] = [];
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-crawl-formats-"));
  catalog = await openSqliteCatalog(join(root, "catalog"));
  bytesRead = 0;
  progress.length = 0;
});
afterEach(async () => {
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});

const at = (path: string): string => join(root, "data", path);
const put = (path: string, bytes: string | Uint8Array): void => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), bytes);
};
const run = (more: Partial<CrawlOptions> = {}) =>
  crawl(
    { database: "shop", includes: [join(root, "data")], ...more },
    {
      catalog,
      storage: fileStorage(),
      onBytesScanned: (n) => {
        bytesRead += n;
      },
      onProgress: (p) => progress.push(p),
    },
  );
const table = (name: string): Promise<Table> => catalog.getTable("shop", name);
const columns = async (name: string): Promise<string[]> =>
  ((await table(name)).StorageDescriptor?.Columns ?? []).map((c) => `${c.Name}:${c.Type}`);

test("CSV: typed by every row, header skipped, names in lower case", async () => {
  put("a.csv", "Id,Name,Score,Day\n1,ann,1.5,2024-01-01\n2,bob,2,2024-01-02\n");
  put("b.csv", "Id,Name,Score,Day\n3000000000,cyd,,2024-01-03\n");
  const report = await run();
  expect(report.problems).toEqual([]);
  expect(report.totals.records).toBe(3);
  expect(await columns("data")).toEqual(["id:bigint", "name:string", "score:double", "day:string"]);
  const { Parameters, StorageDescriptor } = await table("data");
  expect(Parameters).toMatchObject({
    classification: "csv",
    delimiter: ",",
    "skip.header.line.count": "1",
    recordCount: "3",
  });
  expect(StorageDescriptor?.SerdeInfo).toEqual({
    SerializationLibrary: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    Parameters: { "field.delim": "," },
  });
  bytesRead = 0;
  expect((await run()).tables[0]?.action).toBe("keep");
  expect(bytesRead).toBe(0);
});

test("CSV: a file of text only shares the header of its neighbours; a misfit far down makes the column a string", async () => {
  put("p=1/a.csv", `id;name\n${Array.from({ length: 20_000 }, (_, i) => `${i};n${i}\n`).join("")}x;last\n`);
  put("p=2/b.csv", "id;name\nseven;eight\n");
  const report = await run();
  expect(Object.keys(report.tables)).toHaveLength(1);
  expect(report.totals.records).toBe(20_002);
  expect(await columns("data")).toEqual(["id:string", "name:string"]);
  expect(
    report.tables[0]?.contents.choices.find(({ path }) => path === "id")?.arms.map(({ tag, count }) => [tag, count]),
  ).toEqual([
    ["int", 20_000],
    ["string", 2],
  ]);
});

test("compressed files do not share a table with plain ones", async () => {
  put("p=1/a.json", '{"a":1}\n');
  put("p=2/a.json.gz", gzipSync('{"a":2}\n'));
  const report = await run();
  expect(report.tables.map(({ name }) => name)).toEqual(["p_1", "p_2"]);
  expect(report.tables[0]?.reasons[0]?.code).toBe("DIFFERENT_FORMATS");
  expect((await table("p_2")).Parameters?.compressionType).toBe("gzip");
  put("only/x.json.bz2", Buffer.from("BZh91AY&SY"));
  expect((await run()).skipped).toContainEqual({
    file: at("only/x.json.bz2"),
    why: "UNREADABLE_FORMAT",
    detail: "UNKNOWN, bzip2",
  });
});

test("Parquet: footers only; damage is reported, the rest goes on", async () => {
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  for (const [year, type] of [
    [2023, "int"],
    [2024, "varchar"],
  ] as const) {
    mkdirSync(at(`year=${year}`), { recursive: true });
    await db.run(
      `copy (select i::${type} id, md5(i::varchar) || md5((i+7)::varchar) pad, {a: [i]} s from range(30000) t(i)) to '${at(`year=${year}/f.parquet`)}' (format parquet)`,
    );
  }
  put("year=2024/cut.parquet", Buffer.concat([Buffer.from("PAR1"), Buffer.alloc(500)]));
  const report = await run();
  expect(report.totals).toMatchObject({ records: 60000, malformed: 1 });
  expect(report.tables[0]?.contents.malformedRecords[0]).toMatchObject({
    file: at("year=2024/cut.parquet"),
    code: "TRUNCATED_PARQUET",
  });
  expect(await columns("data")).toEqual(["id:string", "pad:string", "s:struct<a:array<bigint>>"]);
  expect(bytesRead).toBeLessThan(report.totals.bytes / 2);
  const [first] = (await catalog.getPartitions("shop", "data")).items;
  expect(first?.StorageDescriptor?.Columns?.[0]).toEqual({ Name: "id", Type: "int" });
  db.closeSync();
});

test("names no catalog can hold are left out of it and reported; the frame's type keeps them", async () => {
  put(
    "f.json",
    `${JSON.stringify({ "": 1, ["n".repeat(300)]: 2, "nul\u0000": 3, Id: 1, id: "x", ok: true, year: 5 })}\n`,
  );
  mkdirSync(at("year=1"), { recursive: true });
  rmSync(at("f.json"));
  put(
    "year=1/f.json",
    `${JSON.stringify({ "": 1, ["n".repeat(300)]: 2, "nul\u0000": 3, Id: 1, id: "x", ok: true, year: 5 })}\n`,
  );
  const report = await run();
  expect(await columns("data")).toEqual(["id:string", "ok:boolean"]);
  const codes = report.tables[0]?.reasons.map(({ code }) => code) ?? [];
  expect(codes.filter((code) => code === "COLUMN_NOT_NAMEABLE")).toHaveLength(3);
  expect(codes).toContain("COLUMN_SHADOWED_BY_PARTITION");
  expect((await catalog.getSchemaHistory("shop", "data"))[0]?.schema.fields).toHaveLength(7);
  expect(report.tables[0]?.contents.hazards).toHaveProperty("EMPTY_KEY");
});

test("table level and bucket", async () => {
  for (const day of ["a/2024/01", "a/2024/02", "b/2024/01"]) put(`${day}/f.json`, '{"a":1}');
  const configuration = { Version: 1, Grouping: { TableLevelConfiguration: 2 } } as const;
  await run({ configuration });
  expect((await catalog.getTables("shop")).items.map(({ Name }) => Name).sort()).toEqual(["a", "b"]);
  expect((await table("a")).PartitionKeys?.map(({ Name }) => Name)).toEqual(["partition_0", "partition_1"]);
  await catalog.deleteDatabase("shop");
  await run({ configuration, bucket: root });
  expect((await catalog.getTables("shop")).items.map(({ Name }) => Name)).toEqual(["data"]);
});

test("progress counts up to all files and bytes", async () => {
  for (let i = 0; i < 5; i++) put(`f${i}.json`, '{"a":1}\n');
  put("x/c.csv", "a,b\n1,2\n");
  await run();
  const scans = progress.filter(({ phase }) => phase === "scan");
  expect(scans.map(({ filesDone }) => filesDone)).toEqual(
    [...scans.map(({ filesDone }) => filesDone)].sort((a, b) => a - b),
  );
  expect(scans[scans.length - 1]).toMatchObject({ filesDone: 6, files: 6, bytesDone: 48, bytes: 48 });
});

test("one file alone", async () => {
  put("t.txt", "p\tq\n1\tx\n");
  const services = { storage: fileStorage() };
  expect(await classifyFile(at("t.txt"), [], services)).toEqual({
    classification: "csv",
    decidedBy: "builtin:csv",
    compression: "none",
    header: true,
    delimiter: "\t",
    columns: [
      { Name: "p", Type: "bigint" },
      { Name: "q", Type: "string" },
    ],
    options: { separator: "\t", skipFirst: true, inferTypes: true, columns: ["p", "q"] },
  });
  put("t.bin", Buffer.from([0, 1, 2, 3]));
  expect(await classifyFile(at("t.bin"), [], services)).toEqual({
    classification: "UNKNOWN",
    decidedBy: "none",
    compression: "none",
    columns: [],
  });
  await expect(classifyFile(at("none"), [], services)).rejects.toMatchObject({ code: "PATH_NOT_FOUND" });
});
