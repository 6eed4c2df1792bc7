/**
 * What every store of the catalog port must do; a store's test calls it with a function that opens an empty catalog.
 */
import type { Catalog, Page, TableChange, TableInput } from "../../src/catalog/index.js";
import type { FileLedger, LedgerNode } from "../../src/shapes/ledger.js";
import { mergeLedgers } from "../../src/shapes/merge-ledgers.js";
import { INT, STRING, structOf } from "../../src/types/data-type.js";
import { linkContract } from "./link-contract.js";

export type OpenCatalog = (clock?: () => number) => Promise<Catalog>;

const orders: TableInput = {
  Name: "orders",
  TableType: "EXTERNAL_TABLE",
  Parameters: { classification: "json" },
  StorageDescriptor: {
    Columns: [{ Name: "id", Type: "int" }],
    Location: "/data/orders",
    SerdeInfo: { SerializationLibrary: "org.openx.data.jsonserde.JsonSerDe" },
  },
  PartitionKeys: [
    { Name: "year", Type: "int" },
    { Name: "region", Type: "string" },
  ],
};

/** A ledger whose root counts `ints` ints and `strings` strings at the path `a`. */
function fileLedger(file: string, ints: number, strings: number): FileLedger {
  const place = (record: number) => ({ file, record, offset: record * 10 });
  const node: LedgerNode = {
    tags: {
      ...(ints > 0 ? { int: { count: ints, first: place(0) } } : {}),
      ...(strings > 0 ? { string: { count: strings, first: place(ints) } } : {}),
    },
    fields: [],
  };
  const records = ints + strings;
  return {
    file,
    etag: `etag-${file}-${ints}`,
    size: 1000 + ints,
    modified: 1_700_000_000_000,
    format: "json",
    bytes: 1000 + ints,
    records,
    malformed: 1,
    malformedRecords: [
      { file, offset: 1, end: 9, code: "INVALID_JSON", reason: "a value was expected", at: 3, text: '{"a":]' },
    ],
    root: { tags: { struct: { count: records, first: place(0) } }, fields: [{ name: "a", node }] },
    hazards: {},
    shapes: [{ hash: "00000000000000aa", count: records, first: place(0) }],
    otherShapes: 0,
  };
}

/** Every item of a listing, page by page of `size`. */
async function walk<T>(
  list: (page: { nextToken?: string; maxResults: number }) => Promise<Page<T>>,
  size: number,
): Promise<T[]> {
  const all: T[] = [];
  let nextToken: string | undefined;
  do {
    const page = await list({ maxResults: size, ...(nextToken === undefined ? {} : { nextToken }) });
    expect(page.items.length).toBeLessThanOrEqual(size);
    all.push(...page.items);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return all;
}

/** `own` false: a store without what is dynaframe's own, such as the real service. */
export function catalogContract(
  name: string,
  open: OpenCatalog,
  { own = true }: { readonly own?: boolean } = {},
): void {
  linkContract(name, open);

  describe(`${name}: databases`, () => {
    withCatalog(open, (get) => {
      it("creates, folds names, reads, updates and deletes with the tables", async () => {
        const catalog = get();
        await catalog.createDatabase({ Name: "Shop", Description: "d", Parameters: { k: "v" } });
        expect(await catalog.getDatabase("SHOP")).toMatchObject({
          Name: "shop",
          Description: "d",
          Parameters: { k: "v" },
          CreateTime: 1.5,
        });
        await expect(catalog.createDatabase({ Name: "shop" })).rejects.toMatchObject({
          name: "AlreadyExistsException",
          code: "ALREADY_EXISTS",
        });
        await catalog.updateDatabase("shop", { Name: "Shop", Description: "new" });
        expect((await catalog.getDatabase("shop")).Description).toBe("new");
        await catalog.createTable("shop", orders);
        await catalog.deleteDatabase("shop");
        await expect(catalog.getDatabase("shop")).rejects.toMatchObject({
          name: "EntityNotFoundException",
          code: "ENTITY_NOT_FOUND",
        });
        await expect(catalog.getTable("shop", "orders")).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
        await catalog.createDatabase({ Name: "shop" });
        expect((await catalog.getTables("shop")).items).toEqual([]);
      });

      it("pages in order of name, and refuses a token of another listing", async () => {
        const catalog = get();
        for (const db of ["c", "a", "b", "e", "d"]) await catalog.createDatabase({ Name: db });
        expect((await walk((p) => catalog.getDatabases(p), 2)).map((d) => d.Name)).toEqual(["a", "b", "c", "d", "e"]);
        const { nextToken = "" } = await catalog.getDatabases({ maxResults: 1 });
        await expect(catalog.getConnections({ nextToken })).rejects.toMatchObject({ name: "InvalidInputException" });
        await expect(catalog.getDatabases({ nextToken: "!!" })).rejects.toMatchObject({
          name: "InvalidInputException",
        });
        await expect(catalog.getDatabases({ maxResults: 0 })).rejects.toMatchObject({ name: "InvalidInputException" });
      });

      it.each([
        { Name: "" },
        { Name: "x".repeat(256) },
        { Name: "a\nb" },
        { Name: "ok", Nope: 1 },
        { Name: 5 },
        {},
        { Name: "ok", Description: "x".repeat(2049) },
      ])("refuses %j", async (input) => {
        await expect(get().createDatabase(input as never)).rejects.toMatchObject({
          name: "InvalidInputException",
          code: "INVALID_INPUT",
        });
      });
    });
  });

  describe(`${name}: tables`, () => {
    withCatalog(open, (get) => {
      beforeEach(() => get().createDatabase({ Name: "shop" }));

      it("folds names of tables, columns and keys, and keeps everything else", async () => {
        const input: TableInput = {
          ...orders,
          Name: "OrDers",
          Parameters: { "Key.With.Case": "Value", "__proto__x": "1" },
          StorageDescriptor: {
            Columns: [{ Name: "ID", Type: "struct<Inner:int>", Comment: "C" }],
            BucketColumns: ["ID"],
            SortColumns: [{ Column: "Id", SortOrder: 1 }],
          },
          PartitionKeys: [{ Name: "YEAR", Type: "int" }],
        };
        await get().createTable("SHOP", input);
        expect(await get().getTable("Shop", "ORDERS")).toMatchObject({
          Name: "orders",
          DatabaseName: "shop",
          VersionId: "0",
          Parameters: input.Parameters,
          PartitionKeys: [{ Name: "year", Type: "int" }],
          StorageDescriptor: {
            Columns: [{ Name: "id", Type: "struct<Inner:int>", Comment: "C" }],
            BucketColumns: ["id"],
            SortColumns: [{ Column: "id", SortOrder: 1 }],
          },
        });
        await expect(get().createTable("shop", orders)).rejects.toMatchObject({ name: "AlreadyExistsException" });
        await expect(get().createTable("nope", orders)).rejects.toMatchObject({ name: "EntityNotFoundException" });
      });

      it("takes a table as the catalog gave it only without the members that are not input", async () => {
        await get().createTable("shop", orders);
        const table = await get().getTable("shop", "orders");
        await expect(get().updateTable("shop", table)).rejects.toMatchObject({
          name: "InvalidInputException",
          message: expect.stringContaining("DatabaseName") as string,
        });
      });

      it("writes a version on change only", async () => {
        const catalog = get();
        await catalog.createTable("shop", orders);
        // the same, with the keys of objects in another order and names in another case
        await catalog.updateTable("shop", {
          PartitionKeys: orders.PartitionKeys ?? [],
          StorageDescriptor: reversed(orders.StorageDescriptor ?? {}),
          Parameters: orders.Parameters ?? {},
          TableType: "EXTERNAL_TABLE",
          Name: "Orders",
        });
        expect((await catalog.getTable("shop", "orders")).VersionId).toBe("0");
        await catalog.updateTable("shop", { ...orders, Description: "two" });
        await catalog.updateTable("shop", { ...orders, Description: "two" });
        await catalog.updateTable("shop", { ...orders, Description: "three" }, { versionId: "1" });
        expect(
          (await catalog.getTableVersions("shop", "orders")).items.map((v) => [v.VersionId, v.Table.Description]),
        ).toEqual([
          ["2", "three"],
          ["1", "two"],
          ["0", undefined],
        ]);
        expect((await catalog.getTableVersion("shop", "orders", "1")).Table.Description).toBe("two");
        expect((await walk((p) => catalog.getTableVersions("shop", "orders", p), 2)).map((v) => v.VersionId)).toEqual([
          "2",
          "1",
          "0",
        ]);
      });

      it("locks optimistically, also for a change that changes nothing", async () => {
        const catalog = get();
        await catalog.createTable("shop", orders);
        await catalog.updateTable("shop", { ...orders, Owner: "a" });
        await expect(catalog.updateTable("shop", { ...orders, Owner: "b" }, { versionId: "0" })).rejects.toMatchObject({
          name: "ConcurrentModificationException",
          code: "CONCURRENT_MODIFICATION",
        });
        await expect(catalog.updateTable("shop", { ...orders, Owner: "a" }, { versionId: "0" })).rejects.toMatchObject({
          code: "CONCURRENT_MODIFICATION",
        });
        expect((await catalog.getTable("shop", "orders")).Owner).toBe("a");
      });

      it("keeps no old version with skipArchive, and counts on", async () => {
        const catalog = get();
        await catalog.createTable("shop", orders);
        await catalog.updateTable("shop", { ...orders, Owner: "a" }, { skipArchive: true });
        expect((await catalog.getTableVersions("shop", "orders")).items.map((v) => v.VersionId)).toEqual(["1"]);
        await expect(catalog.getTableVersion("shop", "orders", "0")).rejects.toMatchObject({
          name: "EntityNotFoundException",
        });
      });

      it("deletes old versions, never the current one", async () => {
        const catalog = get();
        await catalog.createTable("shop", orders);
        await catalog.updateTable("shop", { ...orders, Owner: "a" });
        await expect(catalog.deleteTableVersion("shop", "orders", "1")).rejects.toMatchObject({
          name: "InvalidInputException",
        });
        await catalog.deleteTableVersion("shop", "orders", "0");
        await expect(catalog.deleteTableVersion("shop", "orders", "0")).rejects.toMatchObject({
          name: "EntityNotFoundException",
        });
        await expect(catalog.getTableVersion("shop", "orders", "x'; --")).rejects.toMatchObject({
          name: "EntityNotFoundException",
        });
      });

      it("lists by expression: regular expressions and globs", async () => {
        const catalog = get();
        for (const table of ["orders", "orders_items", "items", "returns"])
          await catalog.createTable("shop", { Name: table });
        const list = async (expression: string): Promise<string[]> =>
          (await walk((p) => catalog.getTables("shop", { ...p, expression }), 1)).map((t) => t.Name);
        expect(await list("orders")).toEqual(["orders"]);
        expect(await list("Orders*")).toEqual(["orders", "orders_items"]);
        expect(await list("*items")).toEqual(["items", "orders_items"]);
        expect(await list(".*s_.*|ret.*")).toEqual(["orders_items", "returns"]);
        expect(await list("[io].*s")).toEqual(["items", "orders", "orders_items"]);
        await expect(list("(a")).rejects.toMatchObject({ name: "InvalidInputException" });
        // exponential for a backtracking engine
        expect(await list("((o+)+)+r+d+e+r+x".repeat(20))).toEqual([]);
      });

      it("is searched by text, filter and order", async () => {
        await get().createTable("shop", { ...orders, Owner: "ann" });
        await get().createTable("shop", { Name: "refunds", Description: "of orders" });
        const search = async (request: object): Promise<string[]> =>
          (await get().searchTables(request)).items.map((t) => t.Name);
        expect(await search({ text: "ORDERS" })).toEqual(["orders", "refunds"]);
        expect(await search({ text: '"orders"' })).toEqual(["orders"]);
        expect(await search({ filters: [{ Key: "Owner", Value: "Ann" }] })).toEqual(["orders"]);
        expect(await search({ sort: { FieldName: "Name", Sort: "DESC" } })).toEqual(["refunds", "orders"]);
      });

      (own ? it : it.skip)("deletes a table with all that hangs on it", async () => {
        const catalog = get();
        await catalog.applyTableChanges([
          {
            database: "shop",
            table: orders,
            putPartitions: [{ Values: ["2024", "eu"] }],
            putLedgers: [fileLedger("/f", 1, 0)],
            schema: structOf({ a: INT }),
          },
        ]);
        await catalog.deleteTable("shop", "ORDERS");
        await expect(catalog.deleteTable("shop", "orders")).rejects.toMatchObject({ name: "EntityNotFoundException" });
        await catalog.createTable("shop", orders);
        expect((await catalog.getPartitions("shop", "orders")).items).toEqual([]);
        expect(await catalog.getLedger("shop", "orders")).toBeUndefined();
        expect(await catalog.getLedgerKeys("shop", "orders")).toEqual([]);
        expect(await catalog.getSchemaHistory("shop", "orders")).toEqual([]);
      });
    });
  });

  describe(`${name}: partitions`, () => {
    withCatalog(open, (get) => {
      beforeEach(async () => {
        await get().createDatabase({ Name: "shop" });
        await get().createTable("shop", orders);
      });
      const values = async (expression: string): Promise<string[]> =>
        (await get().getPartitions("shop", "orders", { expression })).items.map((p) => p.Values.join("/"));

      it("creates in batches and reports each that is refused", async () => {
        const errors = await get().batchCreatePartition("shop", "orders", [
          {
            Values: ["2024", "eu"],
            StorageDescriptor: { Columns: [{ Name: "ID", Type: "bigint" }], Location: "/data/orders/2024" },
            Parameters: { p: "1" },
          },
          { Values: ["2024", "us"] },
          { Values: ["2024", "eu"] },
          { Values: ["2024"] },
        ]);
        expect(errors.map((e) => [e.PartitionValues, e.ErrorDetail.ErrorCode])).toEqual([
          [["2024", "eu"], "AlreadyExistsException"],
          [["2024"], "InvalidInputException"],
        ]);
        expect(await get().getPartition("shop", "orders", ["2024", "eu"])).toEqual({
          Values: ["2024", "eu"],
          StorageDescriptor: { Columns: [{ Name: "id", Type: "bigint" }], Location: "/data/orders/2024" },
          Parameters: { p: "1" },
          DatabaseName: "shop",
          TableName: "orders",
          CreationTime: 1.5,
          CatalogId: expect.any(String) as string,
        });
        await expect(get().getPartition("shop", "orders", ["2024", "asia"])).rejects.toMatchObject({
          name: "EntityNotFoundException",
        });
        await expect(get().getPartition("shop", "orders", ["2024"])).rejects.toMatchObject({
          name: "InvalidInputException",
        });
      });

      it("takes equal numbers written differently for different partitions", async () => {
        expect(
          await get().batchCreatePartition("shop", "orders", [{ Values: ["1", "a"] }, { Values: ["01", "a"] }]),
        ).toEqual([]);
        expect(await values("year = 1")).toHaveLength(2);
        await get().deletePartition("shop", "orders", ["01", "a"]);
        expect(await values("year = 1")).toEqual(["1/a"]);
      });

      it("filters by expression with the key's types, and passes the grammar's errors on", async () => {
        await get().batchCreatePartition(
          "shop",
          "orders",
          [
            ["9", "eu"],
            ["10", "eu"],
            ["10", "us"],
            ["11", "it's"],
          ].map((v) => ({ Values: v })),
        );
        expect(await values("year > 9 and region = 'eu'")).toEqual(["10/eu"]);
        expect(await values("region like '%s'")).toEqual(["10/us", "11/it's"]);
        expect(await values("NOT (year = 10 or region = 'eu')")).toEqual(["11/it's"]);
        expect(await values("  ")).toHaveLength(4);
        await expect(values("nope = 1")).rejects.toMatchObject({ message: "Invalid partition expression!" });
        await expect(values("year = 'x'")).rejects.toMatchObject({
          message: expect.stringContaining("is not an integer") as string,
        });
        await expect(values("year ==")).rejects.toMatchObject({
          message: expect.stringContaining("Unsupported expression") as string,
        });
        await get().batchCreatePartition("shop", "orders", [{ Values: ["soon", "eu"] }]);
        await expect(values("year = 10")).rejects.toMatchObject({
          name: "InvalidStateException",
          message: '"soon" is not an integer.',
        });
        expect(await values("region = 'us'")).toEqual(["10/us"]);
      });

      it("pages that stay right while partitions come and go", async () => {
        const all = Array.from({ length: 30 }, (_, i) => ({ Values: [String(i * 2), i % 2 === 0 ? "eu" : "us"] }));
        await get().batchCreatePartition("shop", "orders", all);
        const first = await get().getPartitions("shop", "orders", { maxResults: 10, expression: "region = 'eu'" });
        await get().batchCreatePartition("shop", "orders", [{ Values: ["1", "eu"] }, { Values: ["57", "eu"] }]);
        await get().deletePartition("shop", "orders", first.items.at(-1)?.Values ?? []);
        const second = await get().getPartitions("shop", "orders", {
          maxResults: 10,
          expression: "region = 'eu'",
          ...(first.nextToken === undefined ? {} : { nextToken: first.nextToken }),
        });
        const seen = [...first.items, ...second.items].map((p) => Number(p.Values[0]));
        expect(seen).toEqual([...Array.from({ length: 15 }, (_, i) => i * 4), 57].sort((a, b) => a - b));
        await expect(get().getPartitions("shop", "orders", { nextToken: first.nextToken ?? "" })).rejects.toMatchObject(
          { name: "InvalidInputException" },
        );
      });

      it("updates values and document, and deletes", async () => {
        await get().batchCreatePartition("shop", "orders", [{ Values: ["1", "eu"] }, { Values: ["2", "eu"] }]);
        await get().updatePartition("shop", "orders", ["1", "eu"], {
          Values: ["3", "eu"],
          Parameters: { moved: "yes" },
        });
        expect(await values("year = 3")).toEqual(["3/eu"]);
        expect(await values("year = 1")).toEqual([]);
        await expect(
          get().updatePartition("shop", "orders", ["3", "eu"], { Values: ["2", "eu"] }),
        ).rejects.toMatchObject({ name: "AlreadyExistsException" });
        await get().deletePartition("shop", "orders", ["3", "eu"]);
        await expect(get().deletePartition("shop", "orders", ["3", "eu"])).rejects.toMatchObject({
          name: "EntityNotFoundException",
        });
      });

      it("compares by the new type after a key was retyped, and refuses to lose a key", async () => {
        await get().batchCreatePartition("shop", "orders", [{ Values: ["9", "eu"] }, { Values: ["10", "eu"] }]);
        const retyped = {
          ...orders,
          PartitionKeys: [
            { Name: "y", Type: "string" },
            { Name: "region", Type: "string" },
          ],
        };
        await get().updateTable("shop", retyped);
        expect(await values("y > '10'")).toEqual(["9/eu"]);
        expect((await get().getPartition("shop", "orders", ["9", "eu"])).Values).toEqual(["9", "eu"]);
        await get().updateTable("shop", orders);
        expect(await values("year > 9")).toEqual(["10/eu"]);
        await expect(
          get().updateTable("shop", { ...orders, PartitionKeys: [{ Name: "year", Type: "int" }] }),
        ).rejects.toMatchObject({ name: "InvalidInputException" });
      });
    });
  });

  describe(`${name}: partitions in batches, segments and indexes`, () => {
    withCatalog(open, (get) => {
      const all = Array.from({ length: 260 }, (_, i) => [String(2000 + i), i % 2 === 0 ? "eu" : "us"]);
      beforeEach(async () => {
        await get().createDatabase({ Name: "shop" });
        await get().createTable("shop", orders);
        expect(
          await get().batchCreatePartition(
            "shop",
            "orders",
            all.map((v) => ({
              Values: v,
              StorageDescriptor: { Columns: [{ Name: "id", Type: "int" }], Location: v.join("/") },
            })),
          ),
        ).toEqual([]);
      });

      it("gets, updates and deletes many, and reports each that is not there", async () => {
        const { partitions, unprocessed } = await get().batchGetPartition("shop", "orders", [...all, ["1", "x"]]);
        expect(partitions.map((p) => p.Values)).toEqual(all);
        expect(unprocessed).toEqual([["1", "x"]]);
        const updated = await get().batchUpdatePartition(
          "shop",
          "orders",
          [...all, ["1", "x"]].map((values) => ({ values, input: { Values: values, Parameters: { done: "yes" } } })),
        );
        expect(updated.map((e) => [e.PartitionValues, e.ErrorDetail.ErrorCode])).toEqual([
          [["1", "x"], "EntityNotFoundException"],
        ]);
        expect((await get().getPartition("shop", "orders", ["2259", "us"])).Parameters).toEqual({ done: "yes" });
        const deleted = await get().batchDeletePartition("shop", "orders", [["1", "x"], ...all]);
        expect(deleted.map((e) => [e.PartitionValues, e.ErrorDetail.ErrorCode])).toEqual([
          [["1", "x"], "EntityNotFoundException"],
        ]);
        expect((await get().getPartitions("shop", "orders")).items).toEqual([]);
      });

      it("gives each partition to one segment, and leaves columns out on demand", async () => {
        const segments = await Promise.all(
          [0, 1, 2, 3].map((SegmentNumber) =>
            walk(
              (page) =>
                get().getPartitions("shop", "orders", {
                  ...page,
                  segment: { SegmentNumber, TotalSegments: 4 },
                  excludeColumnSchema: true,
                }),
              20,
            ),
          ),
        );
        expect(segments.map((s) => s.length).every((n) => n > 0)).toBe(true);
        expect(
          segments
            .flat()
            .map((p) => p.Values[0])
            .sort(),
        ).toEqual(all.map(([year]) => year));
        expect(
          segments
            .flat()
            .every((p) => p.StorageDescriptor?.Location !== undefined && p.StorageDescriptor.Columns === undefined),
        ).toBe(true);
        await expect(
          get().getPartitions("shop", "orders", { segment: { SegmentNumber: 4, TotalSegments: 4 } }),
        ).rejects.toMatchObject({ name: "InvalidInputException" });
      });

      it("indexes keys, and then answers the same", async () => {
        const query = async (): Promise<string[]> =>
          (
            await get().getPartitions("shop", "orders", { expression: "region = 'us' and year between 2010 and 2015" })
          ).items.map((p) => p.Values.join("/"));
        const before = await query();
        expect(before).toEqual(["2011/us", "2013/us", "2015/us"]);
        await get().createPartitionIndex("shop", "orders", { IndexName: "i", Keys: ["Region", "year"] });
        expect(await get().getPartitionIndexes("shop", "orders")).toEqual([
          {
            IndexName: "i",
            IndexStatus: "ACTIVE",
            Keys: [
              { Name: "region", Type: "string" },
              { Name: "year", Type: "int" },
            ],
          },
        ]);
        expect(await query()).toEqual(before);
        expect(await get().batchCreatePartition("shop", "orders", [{ Values: ["soon", "us"] }])).toMatchObject([
          { ErrorDetail: { ErrorCode: "InvalidInputException" } },
        ]);
        await get().deletePartitionIndex("shop", "orders", "i");
        expect(await query()).toEqual(before);
        await expect(get().deletePartitionIndex("shop", "orders", "i")).rejects.toMatchObject({
          name: "EntityNotFoundException",
        });
        await get().createPartitionIndex("shop", "orders", { IndexName: "i", Keys: ["year"] });
        await get().deleteDatabase("shop");
        await get().createDatabase({ Name: "shop" });
        await get().createTable("shop", orders);
        expect(await get().getPartitionIndexes("shop", "orders")).toEqual([]);
      });
    });
  });

  (own ? describe : describe.skip)(`${name}: entities`, () => {
    withCatalog(open, (get) => {
      const doc = async (kind: string, entity: string): Promise<unknown> =>
        (await get().getEntity({ kind, name: entity }))?.doc;

      it("are documents with versions, changed all together or not at all", async () => {
        await get().changeEntities([
          { ref: { kind: "job", name: "a" }, doc: { n: 1 }, ifVersion: 0 },
          { ref: { kind: "job", name: "b" }, doc: { n: 2 } },
        ]);
        expect(await get().getEntity({ kind: "job", name: "a" })).toEqual({
          name: "a",
          scope: "",
          version: 1,
          created: 1.5,
          updated: 1.5,
          doc: { n: 1 },
        });
        await expect(
          get().changeEntities([
            { ref: { kind: "job", name: "b" } },
            { ref: { kind: "job", name: "a" }, doc: {}, ifVersion: 0 },
          ]),
        ).rejects.toMatchObject({ code: "CONCURRENT_MODIFICATION" });
        expect(await doc("job", "b")).toEqual({ n: 2 });
        await get().changeEntities([
          { ref: { kind: "job", name: "a" }, doc: { n: 3 }, ifVersion: 1 },
          { ref: { kind: "job", name: "b" } },
          { ref: { kind: "job", name: "never" } },
        ]);
        expect([await doc("job", "a"), await doc("job", "b"), await doc("trigger", "a")]).toEqual([
          { n: 3 },
          undefined,
          undefined,
        ]);
      });

      it("are listed by kind and scope, by name or the newest first", async () => {
        for (const [scope, run] of [
          ["a", "r2"],
          ["a", "r1"],
          ["b", "r3"],
          ["a", "r0"],
          ["a", "r1x"],
        ])
          await get().changeEntities([{ ref: { kind: "run", scope: scope ?? "", name: run ?? "" }, doc: {} }]);
        expect(
          (await walk((page) => get().listEntities({ kind: "run", scope: "a" }, page), 2)).map((e) => e.name),
        ).toEqual(["r0", "r1", "r1x", "r2"]);
        expect(
          (
            await walk((page) => get().listEntities({ kind: "run", scope: "a" }, { ...page, newestFirst: true }), 2)
          ).map((e) => e.name),
        ).toEqual(["r1x", "r0", "r1", "r2"]);
        expect((await walk((page) => get().listEntities({ kind: "run" }, page), 3)).map((e) => e.name)).toEqual([
          "r0",
          "r1",
          "r1x",
          "r2",
          "r3",
        ]);
      });

      it("go with their database, table or partition", async () => {
        await get().createDatabase({ Name: "shop" });
        await get().createTable("shop", orders);
        await get().batchCreatePartition("shop", "orders", [{ Values: ["1", "eu"] }]);
        const refs = [
          { database: "shop" },
          { database: "shop", table: "orders" },
          { database: "shop", table: "orders", partition: ["1", "eu"] },
        ].map((owner) => ({ ...owner, kind: "note", name: "n" }));
        await get().changeEntities(refs.map((ref, i) => ({ ref, doc: i })));
        expect(await Promise.all(refs.map(async (ref) => (await get().getEntity(ref))?.doc))).toEqual([0, 1, 2]);
        await get().deletePartition("shop", "orders", ["1", "eu"]);
        await get().batchCreatePartition("shop", "orders", [{ Values: ["1", "eu"] }]);
        expect(await Promise.all(refs.map(async (ref) => (await get().getEntity(ref))?.doc))).toEqual([
          0,
          1,
          undefined,
        ]);
        await get().deleteTable("shop", "orders");
        await get().createTable("shop", orders);
        expect(await Promise.all(refs.slice(0, 2).map(async (ref) => (await get().getEntity(ref))?.doc))).toEqual([
          0,
          undefined,
        ]);
        await get().deleteDatabase("shop");
        await expect(get().changeEntities([{ ref: refs[0] ?? { kind: "", name: "" }, doc: 1 }])).rejects.toMatchObject({
          code: "ENTITY_NOT_FOUND",
        });
      });
    });
  });

  describe(`${name}: connections`, () => {
    withCatalog(open, (get) => {
      const jdbc = {
        Name: "Warehouse",
        ConnectionType: "JDBC",
        Description: "d",
        MatchCriteria: ["m"],
        ConnectionProperties: {
          JDBC_CONNECTION_URL: "jdbc:postgresql://db:5432/shop",
          USERNAME: "u",
          PASSWORD: "hunter2-secret",
        },
        PhysicalConnectionRequirements: { AvailabilityZone: "z" },
      };

      it("creates, reads back with secrets, hides them, updates and deletes", async () => {
        await get().createConnection(jdbc);
        expect(await get().getConnection("Warehouse")).toEqual({ ...jdbc, CreationTime: 1.5, LastUpdatedTime: 1.5 });
        const hidden = await get().getConnection("Warehouse", { hidePassword: true });
        expect(hidden.ConnectionProperties).toEqual({
          JDBC_CONNECTION_URL: "jdbc:postgresql://db:5432/shop",
          USERNAME: "u",
        });
        expect(JSON.stringify(await get().getConnections({ hidePassword: true }))).not.toContain("hunter2");
        await expect(get().createConnection(jdbc)).rejects.toMatchObject({ name: "AlreadyExistsException" });
        await get().updateConnection("Warehouse", {
          ...jdbc,
          ConnectionProperties: { ...jdbc.ConnectionProperties, PASSWORD: "other" },
        });
        expect((await get().getConnection("Warehouse")).ConnectionProperties["PASSWORD"]).toBe("other");
        await get().deleteConnection("Warehouse");
        await expect(get().getConnection("Warehouse")).rejects.toMatchObject({ name: "EntityNotFoundException" });
      });

      it("takes S3 connections", async () => {
        const s3 = {
          Name: "lake",
          ConnectionType: "S3",
          ConnectionProperties: {
            S3_ENDPOINT: "http://localhost:9000",
            S3_ACCESS_KEY_ID: "id",
            S3_SECRET_ACCESS_KEY: "s3cr3t",
            S3_SESSION_TOKEN: "t0k3n",
            S3_PATH_STYLE: "true",
          },
        };
        await get().createConnection(s3);
        expect((await get().getConnection("lake")).ConnectionProperties).toEqual(s3.ConnectionProperties);
        expect((await get().getConnection("lake", { hidePassword: true })).ConnectionProperties).toEqual({
          S3_ENDPOINT: "http://localhost:9000",
          S3_ACCESS_KEY_ID: "id",
          S3_PATH_STYLE: "true",
        });
      });

      it.each([
        [{ ...jdbc, ConnectionType: "FTP" }, "JDBC"],
        [{ ...jdbc, ConnectionProperties: { ...jdbc.ConnectionProperties, PASWORD: "hunter2" } }, "PASWORD"],
        [{ ...jdbc, ConnectionProperties: { ...jdbc.ConnectionProperties, PORT: "80" } }, "PORT"],
        [
          { ...jdbc, ConnectionProperties: { ...jdbc.ConnectionProperties, JDBC_ENFORCE_SSL: "maybe" } },
          "JDBC_ENFORCE_SSL",
        ],
        [{ ...jdbc, ConnectionProperties: { USERNAME: "u", PASSWORD: "hunter2" } }, "ConnectionProperties"],
        [{ ...jdbc, ConnectionProperties: { ...jdbc.ConnectionProperties, PASSWORD: 17 } }, "PASSWORD"],
      ])("refuses %#, naming the member and no value", async (input, member) => {
        const error = await get()
          .createConnection(input as never)
          .then(
            () => undefined,
            (e: Error) => e,
          );
        expect(error).toMatchObject({ name: "InvalidInputException" });
        expect(error?.message).toContain(member);
        expect(JSON.stringify(error)).not.toContain("hunter2");
      });
    });
  });

  (own ? describe : describe.skip)(`${name}: ledgers and table changes`, () => {
    withCatalog(open, (get) => {
      beforeEach(() => get().createDatabase({ Name: "shop" }));
      const apply = (change: Partial<TableChange>): Promise<void> =>
        get().applyTableChanges([{ database: "shop", table: orders, ...change }]);

      it("creates the table, then updates it, with partitions, ledgers and schema at once", async () => {
        await apply({
          putPartitions: [{ Values: ["1", "a"] }],
          putLedgers: [fileLedger("/a", 3, 1)],
          schema: structOf({ a: INT }),
        });
        await apply({
          table: { ...orders, Owner: "x" },
          putPartitions: [{ Values: ["1", "a"], Parameters: { p: "2" } }],
          schema: structOf({ a: STRING }),
        });
        await apply({ schema: structOf({ a: STRING }), table: { ...orders, Owner: "x" } });
        expect((await get().getTable("shop", "orders")).VersionId).toBe("1");
        expect((await get().getPartitions("shop", "orders")).items.map((p) => p.Parameters)).toEqual([{ p: "2" }]);
        expect(await get().getSchemaHistory("shop", "orders")).toEqual([
          { versionId: "1", at: 1.5, schema: structOf({ a: STRING }) },
          { versionId: "0", at: 1.5, schema: structOf({ a: INT }) },
        ]);
      });

      it("merges ledgers, and takes a deleted or rewritten file out exactly", async () => {
        const [a, b, c] = [fileLedger("/a", 3, 1), fileLedger("/b", 0, 2), fileLedger("/c", 5, 0)];
        await apply({ putLedgers: [a, b] });
        await apply({ putLedgers: [c] });
        expect(await get().getLedger("shop", "orders")).toEqual(mergeLedgers([a, b, c]));
        await apply({ deleteLedgers: ["/a"] });
        expect(await get().getLedger("shop", "orders")).toEqual(mergeLedgers([b, c]));
        const rewritten = fileLedger("/b", 7, 7);
        await apply({ putLedgers: [rewritten] });
        expect(await get().getLedger("shop", "orders")).toEqual(mergeLedgers([rewritten, c]));
        expect(await get().getLedgerKeys("shop", "orders")).toEqual(
          [rewritten, c].map(({ file, etag, size, records, malformed }) => ({ file, etag, size, records, malformed })),
        );
        expect(await get().getFileLedgers("shop", "orders", ["/c", "/gone", "/b"])).toEqual([c, rewritten]);
        await apply({ deleteLedgers: ["/b", "/c"] });
        expect(await get().getLedger("shop", "orders")).toBeUndefined();
      });

      it("applies all changes or none", async () => {
        await apply({ putLedgers: [fileLedger("/a", 1, 0)], putPartitions: [{ Values: ["1", "a"] }] });
        const failing = get().applyTableChanges([
          {
            database: "shop",
            table: { ...orders, Owner: "changed" },
            deleteLedgers: ["/a"],
            deletePartitions: [["1", "a"]],
            putPartitions: [{ Values: ["2", "b"] }],
          },
          { database: "shop", table: { Name: "second" } },
          { database: "shop", table: { Name: "third" }, createIfAbsent: false },
        ]);
        await expect(failing).rejects.toMatchObject({ name: "EntityNotFoundException" });
        expect((await get().getTable("shop", "orders")).Owner).toBeUndefined();
        expect((await get().getPartitions("shop", "orders")).items.map((p) => p.Values)).toEqual([["1", "a"]]);
        expect(await get().getLedgerKeys("shop", "orders")).toHaveLength(1);
        await expect(get().getTable("shop", "second")).rejects.toMatchObject({ name: "EntityNotFoundException" });
      });

      it("holds a change to the version it was made for", async () => {
        await expect(apply({ ifVersion: "0" })).rejects.toMatchObject({ code: "CONCURRENT_MODIFICATION" });
        await apply({ ifVersion: "" });
        await expect(apply({ ifVersion: "" })).rejects.toMatchObject({ code: "CONCURRENT_MODIFICATION" });
        await apply({ ifVersion: "0", table: { ...orders, Owner: "x" } });
        await expect(apply({ ifVersion: "0", putPartitions: [{ Values: ["1", "a"] }] })).rejects.toMatchObject({
          code: "CONCURRENT_MODIFICATION",
        });
        expect((await get().getPartitions("shop", "orders")).items).toEqual([]);
      });

      it("replaces the partition keys when the old partitions go in the same change", async () => {
        await apply({ putPartitions: [{ Values: ["1", "a"] }] });
        await apply({
          table: { ...orders, PartitionKeys: [{ Name: "day", Type: "date" }] },
          deletePartitions: [
            ["1", "a"],
            ["9", "gone"],
          ],
          putPartitions: [{ Values: ["2024-01-01"] }],
        });
        expect(
          (await get().getPartitions("shop", "orders", { expression: "day > '2023-12-31'" })).items.map(
            (p) => p.Values,
          ),
        ).toEqual([["2024-01-01"]]);
      });
    });
  });
}

function reversed(value: object): object {
  return Object.fromEntries(Object.entries(value).reverse());
}

function withCatalog(open: OpenCatalog, tests: (get: () => Catalog) => void): void {
  let catalog: Catalog | undefined;
  beforeEach(async () => {
    catalog = await open(() => 1500);
  });
  afterEach(async () => {
    await catalog?.close();
    catalog = undefined;
  });
  tests(() => {
    if (catalog === undefined) throw new Error("no catalog is open");
    return catalog;
  });
}
