/**
 * A catalog of the version before partitions lay in one tree, written by that version, is what it was after this one
 * has opened it.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DatabaseSync } from "@photostructure/sqlite";
import type { Catalog } from "../../../../src/catalog/index.js";
import { openSqliteCatalog } from "../../../../src/catalog/stores/sqlite/index.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-clustered-"));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/**
 * shop.orders (year int, region string) of 90 partitions, an index on region, statistics of two partitions and of the
 * table; shop.other (day date) of three, one no date.
 */
function olderCatalog(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(
    join(folder, "catalog.db"),
    gunzipSync(readFileSync(join(__dirname, "files", "catalog-version-4.db.gz"))),
  );
  return folder;
}

const statistics = async (catalog: Catalog, partition: readonly string[]): Promise<unknown> =>
  (await catalog.getEntity({ kind: "column-statistics", database: "shop", table: "orders", partition, name: "id" }))
    ?.doc;

it("partitions, their order, times, indexes and statistics are what they were", async () => {
  const folder = olderCatalog("older");
  const catalog = await openSqliteCatalog(folder);
  const { items, nextToken } = await catalog.getPartitions("shop", "orders");
  expect(nextToken).toBeUndefined();
  const expected = Array.from({ length: 90 }, (_, i) => ({
    Values: [String(1930 + i), ["eu", "us", "é😀"][i % 3]],
    Parameters: { n: String(i) },
    StorageDescriptor: { Location: `s3://b/orders/${i}`, Columns: [{ Name: "id", Type: "bigint" }] },
    DatabaseName: "shop",
    TableName: "orders",
    CatalogId: "123456789012",
  }));
  expect(items).toMatchObject(expected);
  expect(items.every((p) => p.CreationTime > 1.7e9 && p.CreationTime < 2e9)).toBe(true);
  expect(await catalog.getPartitionIndexes("shop", "orders")).toMatchObject([
    { IndexName: "by_region", IndexStatus: "ACTIVE" },
  ]);
  expect((await catalog.getPartitions("shop", "orders", { expression: "region = 'us'" })).items).toHaveLength(30);
  expect((await catalog.getPartitions("shop", "other")).items.map((p) => p.Values[0])).toEqual([
    "__HIVE_DEFAULT_PARTITION__",
    "soon",
    "2024-02-29",
  ]);
  await expect(catalog.getPartitions("shop", "other", { expression: "day > '2020-01-01'" })).rejects.toMatchObject({
    name: "InvalidStateException",
  });
  expect(await statistics(catalog, ["1930", "eu"])).toMatchObject({
    StatisticsData: { LongColumnStatisticsData: { NumberOfDistinctValues: 5 } },
  });
  expect(await statistics(catalog, ["1932", "é😀"])).toBeUndefined();
  expect(
    (await catalog.getEntity({ kind: "column-statistics", database: "shop", table: "orders", name: "id" }))?.doc,
  ).toMatchObject({ StatisticsData: { LongColumnStatisticsData: { NumberOfDistinctValues: 7 } } });
  await catalog.close();
  const db = new DatabaseSync(join(folder, "catalog.db"), { readOnly: true });
  expect(db.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  expect(db.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
  expect(
    db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'partition\\_index\\__' ESCAPE '\\'").all(),
  ).toHaveLength(1);
  db.close();
});

it("what a partition owns goes where it goes, and with it", async () => {
  const catalog = await openSqliteCatalog(olderCatalog("owned"));
  const {
    items: [first],
  } = await catalog.getPartitions("shop", "orders", { maxResults: 1 });
  const { CreationTime: created } = first ?? { CreationTime: 0 };
  await catalog.updatePartition("shop", "orders", ["1930", "eu"], { Values: ["2050", "asia"] });
  expect(await statistics(catalog, ["2050", "asia"])).toMatchObject({
    StatisticsData: { LongColumnStatisticsData: { NumberOfDistinctValues: 5 } },
  });
  expect(await catalog.getPartition("shop", "orders", ["2050", "asia"])).toMatchObject({ CreationTime: created });
  await catalog.batchDeletePartition("shop", "orders", [["2050", "asia"]]);
  await catalog.batchCreatePartition("shop", "orders", [{ Values: ["2050", "asia"] }]);
  expect(await statistics(catalog, ["2050", "asia"])).toBeUndefined();
  await catalog.deletePartitionIndex("shop", "orders", "by_region");
  const { Name, StorageDescriptor, PartitionKeys } = await catalog.getTable("shop", "orders");
  await catalog.updateTable("shop", {
    Name,
    ...(StorageDescriptor === undefined ? {} : { StorageDescriptor }),
    PartitionKeys: (PartitionKeys ?? []).map((key) => ({ ...key, Type: "string" })),
  });
  expect((await catalog.getPartitions("shop", "orders", { expression: "year like '193_'" })).items).toHaveLength(9);
  expect(await statistics(catalog, ["1931", "us"])).toMatchObject({
    StatisticsData: { LongColumnStatisticsData: { NumberOfDistinctValues: 6 } },
  });
  await catalog.close();
});

it("a search by a key after the first makes its index once many partitions lie in its way, and not before", async () => {
  const folder = join(root, "on-demand");
  const catalog = await openSqliteCatalog(folder);
  await catalog.createDatabase({ Name: "d" });
  await catalog.createTable("d", {
    Name: "t",
    PartitionKeys: [
      { Name: "year", Type: "int" },
      { Name: "n", Type: "int" },
    ],
  });
  const create = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i += 1000)
      expect(
        await catalog.batchCreatePartition(
          "d",
          "t",
          Array.from({ length: 1000 }, (_, j) => ({ Values: [String(2000 + (j % 5)), String(i + j)] })),
        ),
      ).toEqual([]);
  };
  const indexes = (): unknown[] => {
    const db = new DatabaseSync(join(folder, "catalog.db"), { readOnly: true });
    try {
      return db
        .prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'partition\\_key%' ESCAPE '\\'")
        .all()
        .map((row) => (row as { name: string }).name);
    } finally {
      db.close();
    }
  };
  const find = async (n: number): Promise<readonly (readonly string[])[]> =>
    (await catalog.getPartitions("d", "t", { expression: `n = ${n}` })).items.map((p) => p.Values);
  await create(0, 4000);
  expect([await find(3999), indexes()]).toEqual([[["2004", "3999"]], []]);
  await create(4000, 6000);
  expect([(await catalog.getPartitions("d", "t", { expression: "year = 2001" })).items.length, indexes()]).toEqual([
    1000,
    [],
  ]);
  expect([await find(5998), indexes()]).toEqual([[["2003", "5998"]], ["partition_key_1"]]);
  await create(6000, 7000);
  expect([await find(6001), await find(7000)]).toEqual([[["2001", "6001"]], []]);
  await catalog.close();
  const reader = await openSqliteCatalog(folder, { readOnly: true });
  expect((await reader.getPartitions("d", "t", { expression: "n in (1, 6999)" })).items.map((p) => p.Values)).toEqual([
    ["2001", "1"],
    ["2004", "6999"],
  ]);
  await reader.close();
});

it("of a long batch each partition is inserted or reported, wherever those are that are there already or come twice", async () => {
  const folder = join(root, "long-batches");
  const catalog = await openSqliteCatalog(folder);
  await catalog.createDatabase({ Name: "d" });
  const keys = Array.from({ length: 10 }, (_, i) => ({ Name: `k${i}`, Type: i === 0 ? "int" : "string" }));
  await catalog.createTable("d", { Name: "t", PartitionKeys: keys });
  const valuesOf = (n: number): string[] => [String(n), ...keys.slice(1).map((key) => `${key.Name}-${n % 7}`)];
  const create = async (numbers: readonly number[]): Promise<readonly string[]> =>
    (
      await catalog.batchCreatePartition(
        "d",
        "t",
        numbers.map((n) => ({ Values: valuesOf(n), Parameters: { n: String(n) } })),
      )
    ).map((error) => `${error.PartitionValues?.[0] ?? ""} ${error.ErrorDetail?.ErrorCode ?? ""}`);
  expect(await create([3, 49, 50, 99, 120])).toEqual([]);
  const all = Array.from({ length: 130 }, (_, n) => n);
  expect(await create([...all, 7, 129])).toEqual(
    [3, 49, 50, 99, 120, 7, 129].map((n) => `${n} AlreadyExistsException`),
  );
  expect((await catalog.getPartitions("d", "t")).items.map((p) => [p.Values, p.Parameters])).toEqual(
    all.map((n) => [valuesOf(n), { n: String(n) }]),
  );
  expect(await create(all)).toHaveLength(130);
  expect(
    (await catalog.getPartitions("d", "t", { expression: "k9 = 'k9-3' and k0 < 20" })).items.map((p) => p.Values[0]),
  ).toEqual(["3", "10", "17"]);
  await catalog.close();
});

it("partitions go with their table and their database, and with nothing else", async () => {
  const folder = olderCatalog("gone");
  const catalog = await openSqliteCatalog(folder);
  const count = (): unknown => {
    const db = new DatabaseSync(join(folder, "catalog.db"), { readOnly: true });
    try {
      return db
        .prepare(
          "SELECT (SELECT count(*) FROM partitions) AS partitions, (SELECT count(*) FROM partition_owners) AS owners",
        )
        .get();
    } finally {
      db.close();
    }
  };
  expect(count()).toEqual({ partitions: 93, owners: 2 });
  await catalog.deleteTable("shop", "orders");
  expect(count()).toEqual({ partitions: 3, owners: 0 });
  await catalog.deleteDatabase("shop");
  expect(count()).toEqual({ partitions: 0, owners: 0 });
  await catalog.close();
});
