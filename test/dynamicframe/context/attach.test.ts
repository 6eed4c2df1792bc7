/** A database file of the catalog, opened by a DuckDB of its own. */
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { temporaryContext, type TemporaryContext } from "../../../src/testing/index.js";

let context: TemporaryContext;
let file: string;
beforeAll(async () => {
  context = await temporaryContext({ threads: 1 });
  const { glue, directory } = context;
  file = join(directory, "out.duckdb");
  await mkdir(join(directory, "in/orders"), { recursive: true });
  await writeFile(
    join(directory, "in/orders/a.json"),
    '{"id":1,"price":1.5,"items":[{"sku":"x"}]}\n{"id":9007199254740993,"price":"dear","items":[]}\n{oops\n',
  );
  await glue.crawl({ database: "shop", includes: [join(directory, "in/orders")] });
  await glue.catalog.createDatabase({ Name: "lake" });
  const register = { enableUpdateCatalog: true, catalogDatabase: "lake" };
  const rows = glue.createDynamicFrame.fromRows([
    { id: 1, day: "mon" },
    { id: 2, day: "tue" },
    { id: 3, day: null },
  ]);
  await rows.write(
    "file",
    { path: join(directory, "lake/days"), partitionKeys: ["day"], ...register, catalogTableName: "days" },
    "parquet",
  );
  const mixed = glue.createDynamicFrame.fromRows([{ v: 1 }, { v: "x" }]);
  await mixed.write("file", { path: join(directory, "lake/mixed"), ...register, catalogTableName: "mixed" }, "parquet");
  await glue.createDynamicFrame
    .fromRows([{ g: 1 }])
    .write("file", { path: join(directory, "lake/gone"), ...register, catalogTableName: "gone" }, "json");
  await rm(join(directory, "lake/gone"), { recursive: true });
});
afterAll(() => context.close());

async function query(sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(file, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const kinds = (
  tables: readonly { readonly database: string; readonly table: string; readonly kind: string }[],
): string[] => tables.map((t) => `${t.database}.${t.table}: ${t.kind}`);
const EXPECTED = ["lake.days: files", "lake.gone: failed", "lake.mixed: files", "shop.orders: copy"];

test("a dry run says what each view would read and writes nothing", async () => {
  const report = await context.glue.attach(file, { dryRun: true });
  expect(kinds(report.tables)).toEqual(EXPECTED);
  expect(existsSync(file)).toBe(false);
});

test("views give what the frames give; Parquet is read where it lies", async () => {
  const { glue, directory } = context;
  const report = await glue.attach(file);
  expect(kinds(report.tables)).toEqual(EXPECTED);
  expect(report.tables.find((t) => t.table === "orders")).toMatchObject({ files: 1, records: 2, errors: 1 });
  expect(report.tables.find((t) => t.table === "gone")?.error).toMatchObject({ code: "PATH_NOT_FOUND" });
  expect((await readdir(directory)).filter((name) => name.includes("dynaframe-attach"))).toEqual([]);
  // what the session made is gone with it
  expect(await query("select id, price, items from shop.orders order by id")).toEqual([
    { id: { int: 1, long: null }, price: { double: 1.5, string: null }, items: [{ sku: "x" }] },
    { id: { int: null, long: "9007199254740993" }, price: { double: null, string: "dear" }, items: [] },
  ]);
  expect(await query("select * from lake.days order by id")).toEqual([
    { id: 1, day: "mon" },
    { id: 2, day: "tue" },
    { id: 3, day: null },
  ]);
  expect(await query("select v.int, v.string from lake.mixed order by 1")).toEqual([
    { int: 1, string: null },
    { int: null, string: "x" },
  ]);
  expect(
    await query("select schema_name || '.' || view_name as name from duckdb_views() where not internal order by 1"),
  ).toEqual(["lake.days", "lake.mixed", "shop.orders"].map((name) => ({ name })));
  // the copy needs no source
  await rm(join(directory, "in"), { recursive: true });
  expect(await query("select count(*)::int as n from shop.orders")).toEqual([{ n: 2 }]);
});

test("an existing file stays unless it is to be replaced; databases can be chosen", async () => {
  const { glue } = context;
  await expect(glue.attach(file)).rejects.toMatchObject({ code: "TARGET_EXISTS", file });
  expect(kinds((await glue.attach(file, { overwrite: true, databases: ["LAKE"] })).tables)).toEqual(
    EXPECTED.slice(0, 3),
  );
  expect(await query("select count(*)::int as n from duckdb_views() where schema_name = 'shop'")).toEqual([{ n: 0 }]);
  await expect(glue.attach(file, { overwrite: true, databases: ["none"] })).rejects.toMatchObject({
    code: "ENTITY_NOT_FOUND",
  });
});

test("an engine without database files says so", async () => {
  await using other = await temporaryContext({ engine: "reference" });
  await expect(other.glue.attach(file)).rejects.toMatchObject({
    code: "UNSUPPORTED",
    hint: expect.stringContaining("duckdb"),
  });
});
