/** Tables of the catalog as targets: only they change, and none is made. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import type { CrawlOptions } from "../../src/crawler/crawl-options.js";
import { namedCrawlers } from "../../src/crawler/named/named-crawlers.js";
import { fileStorage } from "../../src/storage/file.js";

let root = "";
let catalog: Catalog;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-targets-"));
  catalog = await openSqliteCatalog(join(root, "catalog"));
});
afterEach(async () => {
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});

const at = (path: string): string => join(root, "data", path);
const put = (path: string, text: string): void => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};
const run = (more: Partial<CrawlOptions> = {}) =>
  crawl(
    { database: "shop", includes: [], schemaChangePolicy: { deleteBehavior: "LOG" }, ...more },
    { catalog, storage: fileStorage() },
  );

async function table(name: string): Promise<void> {
  await catalog.createDatabase({ Name: "shop" }).catch(() => undefined);
  await catalog.createTable("shop", {
    Name: name,
    PartitionKeys: [{ Name: "year", Type: "string" }],
    Parameters: { classification: "json", exclusions: '["**.tmp"]' },
    StorageDescriptor: { Location: at(name), Columns: [] },
  });
}

test("the tables named are brought up to date, with their exclusions and unlike schemas joined; others are neither made nor deprecated", async () => {
  put("orders/year=2023/a.json", '{"id":1,"price":2}\n');
  put("orders/year=2024/a.json", '{"quite":1,"other":2,"names":3}\n');
  put("orders/year=2024/b.tmp", '{"tmp":1}\n');
  put("customers/year=2024/a.json", '{"id":1}\n');
  await table("orders");
  await table("customers");
  const report = await run({ catalogTables: ["Orders"] });
  expect(report.tables.map(({ name, action }) => [name, action])).toEqual([["orders", "update"]]);
  expect((await catalog.getTable("shop", "orders")).StorageDescriptor?.Columns?.map(({ Name }) => Name)).toEqual([
    "id",
    "price",
    "quite",
    "other",
    "names",
  ]);
  expect((await catalog.getPartitions("shop", "orders")).items.map(({ Values }) => Values)).toEqual([
    ["2023"],
    ["2024"],
  ]);
  expect((await catalog.getTable("shop", "customers")).StorageDescriptor?.Columns).toEqual([]);
  const again = await run({ catalogTables: ["orders"] });
  expect(again.tables.map(({ action }) => action)).toEqual(["keep"]);
});

test("files that would be another table are told, and the table stays", async () => {
  put("orders/year=2024/a.json", '{"id":1}\n');
  put("orders/year=2025/a.csv", "a,b\n1,2\n3,4\n");
  await table("orders");
  const report = await run({ catalogTables: ["orders"] });
  expect(report.skipped.map(({ why }) => why)).toEqual(["NOT_A_TARGET", "NOT_A_TARGET"]);
  expect((await catalog.getTables("shop")).items.map(({ Name }) => Name)).toEqual(["orders"]);
});

test("what Glue refuses, and tables that are not there", async () => {
  await table("orders");
  await expect(run({ catalogTables: ["nope"] })).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
  await expect(run({ catalogTables: ["orders"], schemaChangePolicy: {} })).rejects.toMatchObject({
    code: "INVALID_CRAWLER",
  });
  await expect(run({ catalogTables: ["orders"], includes: [at("x")] })).rejects.toMatchObject({
    code: "INVALID_CRAWLER",
  });
  await catalog.createTable("shop", {
    Name: "dbt",
    Parameters: { classification: "mysql", connectionName: "c", typeOfData: "table" },
    StorageDescriptor: { Location: "a.b", Columns: [] },
  });
  await expect(run({ catalogTables: ["dbt"] })).rejects.toMatchObject({
    code: "INVALID_CRAWLER",
    expected: "a location of files",
  });
});

test("a named crawler with catalog targets crawls them in their database", async () => {
  put("orders/year=2024/a.json", '{"id":1}\n');
  await table("orders");
  const crawlers = namedCrawlers({
    catalog,
    now: () => 1,
    newId: () => "1",
    crawl: (options) => crawl(options, { catalog, storage: fileStorage() }),
  });
  const settings = {
    Name: "c",
    SchemaChangePolicy: { UpdateBehavior: "UPDATE_IN_DATABASE", DeleteBehavior: "LOG" },
    Targets: { CatalogTargets: [{ DatabaseName: "shop", Tables: ["orders"] }] },
  };
  await crawlers.create(settings);
  expect((await crawlers.start("c")).tables.map(({ name, action }) => [name, action])).toEqual([["orders", "update"]]);
  await crawlers.update({
    ...settings,
    Targets: {
      CatalogTargets: [
        { DatabaseName: "shop", Tables: ["orders"] },
        { DatabaseName: "b", Tables: ["x"] },
      ],
    },
  });
  await expect(crawlers.start("c")).rejects.toMatchObject({ name: "OperationNotSupportedException" });
});
