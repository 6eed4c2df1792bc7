/** A whole catalog as one file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../../src/catalog/index.js";
import { openAwsCatalog } from "../../src/catalog/stores/aws/index.js";
import { openHttpCatalog } from "../../src/catalog/stores/http/index.js";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { exportCatalog } from "../../src/catalog/transfer/export-catalog.js";
import { importCatalog } from "../../src/catalog/transfer/import-catalog.js";
import { startServer } from "../../src/testing/start-server.js";
import { INT, STRING, structOf } from "../../src/types/data-type.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-transfer-"));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
let count = 0;
const empty = (): Promise<Catalog> =>
  openSqliteCatalog(join(root, String((count += 1))), { clock: () => 1000 * (count + 1) });

const table = {
  Name: "orders",
  PartitionKeys: [{ Name: "day", Type: "string" }],
  StorageDescriptor: { Columns: [{ Name: "id", Type: "int" }], Location: "/data/orders" },
};
const place = { file: "/data/orders/a.json", record: 0, offset: 0 };
const ledger = {
  file: "/data/orders/a.json",
  etag: "e",
  size: 10,
  modified: 1,
  format: "json",
  bytes: 10,
  records: 1,
  malformed: 0,
  malformedRecords: [],
  root: {
    tags: { struct: { count: 1, first: place } },
    fields: [{ name: "id", node: { tags: { int: { count: 1, first: place } }, fields: [] } }],
  },
  hazards: {},
  shapes: [],
  otherShapes: 0,
};

async function filled(): Promise<Catalog> {
  const catalog = await empty();
  await catalog.createDatabase({ Name: "shop", Description: "ä\u2028" });
  await catalog.applyTableChanges([{ database: "shop", table, schema: structOf({ id: INT }), putLedgers: [ledger] }]);
  await catalog.updateTable("shop", { ...table, Owner: "b" });
  await catalog.applyTableChanges([
    { database: "shop", table: { ...table, Owner: "c" }, schema: structOf({ id: STRING }) },
  ]);
  await catalog.batchCreatePartition(
    "shop",
    "orders",
    Array.from({ length: 1005 }, (_, i) => ({ Values: [`d${i}`], Parameters: { n: String(i) } })),
  );
  await catalog.createPartitionIndex("shop", "orders", { IndexName: "by-day", Keys: ["day"] });
  await catalog.createDatabase({ Name: "link", TargetDatabase: { DatabaseName: "shop" } });
  await catalog.createTable("shop", { Name: "again", TargetTable: { DatabaseName: "shop", Name: "orders" } });
  await catalog.createConnection({
    Name: "db",
    ConnectionType: "JDBC",
    ConnectionProperties: {
      JDBC_CONNECTION_URL: "jdbc:postgresql://u:SECRET-1@h:5432/d",
      USERNAME: "u",
      PASSWORD: "SECRET-2",
    },
  });
  await catalog.changeEntities([
    { ref: { kind: "job", name: "z" }, doc: { settings: 1 } },
    { ref: { kind: "job-run", scope: "z", name: "r2" }, doc: { n: 1 } },
    { ref: { kind: "job-run", scope: "z", name: "r1" }, doc: { n: 2 } },
    { ref: { kind: "tags", database: "shop", name: "arn" }, doc: { a: "b" } },
    { ref: { kind: "column-statistics", database: "shop", table: "orders", name: "id" }, doc: { x: 1 } },
    {
      ref: { kind: "column-statistics", database: "shop", table: "orders", partition: ["d7"], name: "id" },
      doc: { x: 2 },
    },
    { ref: { kind: "of a later version", name: "n" }, doc: {} },
  ]);
  return catalog;
}

async function exported(catalog: Catalog): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportCatalog(catalog)) lines.push(JSON.stringify(line));
  return lines;
}
const from = (lines: readonly string[]) =>
  async function* (): AsyncGenerator<string> {
    yield* lines;
  };

it("an import gives what was exported, and no secret leaves", async () => {
  const source = await filled();
  const lines = await exported(source);
  expect(lines.join("\n")).not.toContain("SECRET");
  const target = await empty();
  expect(await importCatalog(target, from(lines))).toEqual({
    databases: 2,
    tables: 2,
    versions: 4,
    partitions: 1005,
    ledgers: 1,
    connections: 1,
    definitions: 7,
  });
  expect(await exported(target)).toEqual(lines);
  expect(
    (await target.getTableVersions("shop", "orders")).items.map(({ VersionId, Table }) => [VersionId, Table.Owner]),
  ).toEqual([
    ["2", "c"],
    ["1", "b"],
    ["0", undefined],
  ]);
  expect((await target.getSchemaHistory("shop", "orders")).map(({ versionId, schema }) => [versionId, schema])).toEqual(
    [
      ["2", structOf({ id: STRING })],
      ["0", structOf({ id: INT })],
    ],
  );
  expect(await target.getFileLedgers("shop", "orders", [ledger.file])).toEqual(
    await source.getFileLedgers("shop", "orders", [ledger.file]),
  );
  expect(
    (await target.listEntities({ kind: "job-run", scope: "z" }, { newestFirst: true })).items.map(({ name }) => name),
  ).toEqual(["r1", "r2"]);
  expect((await target.getPartitionIndexes("shop", "orders")).map(({ IndexStatus }) => IndexStatus)).toEqual([
    "ACTIVE",
  ]);
  expect((await target.getConnection("db")).ConnectionProperties).toEqual({
    JDBC_CONNECTION_URL: "jdbc:postgresql://u:********@h:5432/d",
    USERNAME: "u",
  });
  await source.close();
  await target.close();
});

it("works over the wire, and from the Glue service without what is only dynaframe's", async () => {
  const source = await filled();
  const lines = await exported(source);
  await source.close();
  await using server = await startServer();
  const remote = await openHttpCatalog(server.endpoint, { credentials: server.credentials });
  await importCatalog(remote, from(lines));
  expect(await exported(remote)).toEqual(lines);
  await remote.close();
  const aws = await openAwsCatalog(`aws:us-east-1?endpoint=${server.endpoint}`, { credentials: server.credentials });
  const plain = await exported(aws);
  await aws.close();
  const without = (all: readonly string[]): unknown[] =>
    all
      .filter((line) => !/^\{"kind":"(entities|ledgers|end)"/.test(line))
      .map((line) => JSON.parse(line.replace(/"schemas":\[.*\]/, '"schemas":[]')) as unknown);
  expect(without(plain)).toEqual(without(lines));
  const target = await empty();
  await importCatalog(target, from(plain));
  expect((await target.getTables("shop")).items.map(({ Name }) => Name)).toEqual(["again", "orders"]);
  await target.close();
}, 120_000);

it("a table or database that is not there is told with the nearest name by every kind of catalog", async () => {
  const folder = await filled();
  const lines = await exported(folder);
  await using server = await startServer();
  const remote = await openHttpCatalog(server.endpoint, { credentials: server.credentials });
  await importCatalog(remote, from(lines));
  const aws = await openAwsCatalog(`aws:us-east-1?endpoint=${server.endpoint}`, { credentials: server.credentials });
  for (const catalog of [folder, remote, aws]) {
    await expect(catalog.getTable("shop", "ordres")).rejects.toMatchObject({
      code: "ENTITY_NOT_FOUND",
      path: "shop.ordres",
      hint: "Did you mean shop.orders?",
    });
    await expect(catalog.getTable("shpo", "orders")).rejects.toMatchObject({
      code: "ENTITY_NOT_FOUND",
      hint: "Did you mean shop?",
    });
    await expect(catalog.getDatabase("shoop")).rejects.toMatchObject({
      code: "ENTITY_NOT_FOUND",
      hint: "Did you mean shop?",
    });
    await expect(catalog.getTable("shop", "zzzzzzzzzz")).rejects.toMatchObject({
      code: "ENTITY_NOT_FOUND",
      hint: expect.not.stringContaining("Did you mean") as string,
    });
    await catalog.close();
  }
}, 120_000);

describe("an import refuses", () => {
  let lines: string[];
  beforeAll(async () => {
    const source = await filled();
    lines = await exported(source);
    await source.close();
  });
  const refused = async (wrong: readonly string[], code: string): Promise<void> => {
    const target = await empty();
    await expect(importCatalog(target, from(wrong))).rejects.toMatchObject({ code });
    expect(await exported(target)).toHaveLength(2);
    await target.close();
  };
  it("a file that is cut off, that lacks a line, or that is another, before it writes", async () => {
    await refused(lines.slice(0, -1), "EXPORT_INVALID");
    await refused([...lines.slice(0, 2), ...lines.slice(3)], "EXPORT_INVALID");
    await refused(['{"a":1}'], "EXPORT_INVALID");
    await refused([lines[0]?.replace('"format":1', '"format":2') ?? ""], "EXPORT_INVALID");
    await refused([...lines.slice(0, -1), (lines.at(-1) ?? "").slice(0, -3)], "EXPORT_INVALID");
    await refused([...lines, lines[1] ?? ""], "EXPORT_INVALID");
    await refused([], "EXPORT_INVALID");
  });
  it("objects that the catalog would not take", async () => {
    await refused(
      lines.map((line) => line.replace('"Name":"orders"', '"Nam":"orders"')),
      "INVALID_INPUT",
    );
  });
  it("what is there already, before it writes", async () => {
    for (const make of [
      (c: Catalog) => c.createDatabase({ Name: "link" }),
      (c: Catalog) => c.createConnection({ Name: "db", ConnectionType: "NETWORK", ConnectionProperties: {} }),
      (c: Catalog) => c.changeEntities([{ ref: { kind: "job", name: "z" }, doc: {} }]),
    ]) {
      const target = await empty();
      await make(target);
      const before = await exported(target);
      await expect(importCatalog(target, from(lines))).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
      expect(await exported(target)).toEqual(before);
      await target.close();
    }
  });
});
