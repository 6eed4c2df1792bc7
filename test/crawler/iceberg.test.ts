/** Iceberg tables on files; their metadata are written here by hand and with avsc, in the form of the spec. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import avsc from "avsc";
import { GlueContext } from "../../src/index.js";

let root = "";
let glue: GlueContext;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-iceberg-"));
  glue = await GlueContext.open({ catalog: join(root, "catalog") });
});
afterEach(async () => {
  await glue.close();
  rmSync(root, { recursive: true, force: true });
});

const LOCATION = "file:///warehouse/db/events"; // where it was written; it lies elsewhere now
const table = (): string => join(root, "data", "events");
async function parquet(rows: readonly Record<string, unknown>[]): Promise<string> {
  const path = join(table(), "data");
  mkdirSync(path, { recursive: true });
  const before = new Set(readdirSync(path));
  await glue.writeDynamicFrame.fromOptions({
    frame: glue.createDynamicFrame.fromRows([...rows]),
    connectionType: "file",
    connectionOptions: { path },
    format: "parquet",
  });
  return `${LOCATION}/data/${readdirSync(path).find((name) => name.endsWith(".parquet") && !before.has(name)) ?? ""}`;
}

type Entry = { readonly status: number; readonly path: string; readonly content?: number; readonly format?: string };
async function avro(name: string, schema: unknown, rows: readonly unknown[]): Promise<string> {
  mkdirSync(join(table(), "metadata"), { recursive: true });
  const encoder = avsc.createFileEncoder(join(table(), "metadata", name), schema as avsc.Schema, { codec: "deflate" });
  for (const row of rows) encoder.write(row);
  encoder.end();
  await once(encoder, "finish");
  return `${LOCATION}/metadata/${name}`;
}
const manifest = (name: string, entries: readonly Entry[]) =>
  avro(
    name,
    {
      type: "record",
      name: "manifest_entry",
      fields: [
        { name: "status", type: "int" },
        { name: "snapshot_id", type: ["null", "long"], default: null },
        {
          name: "data_file",
          type: {
            type: "record",
            name: "r2",
            fields: [
              { name: "content", type: "int" },
              { name: "file_path", type: "string" },
              { name: "file_format", type: "string" },
              {
                name: "partition",
                type: { type: "record", name: "r102", fields: [{ name: "day", type: ["null", "int"] }] },
              },
              { name: "record_count", type: "long" },
            ],
          },
        },
      ],
    },
    entries.map(({ status, path, content = 0, format = "PARQUET" }) => ({
      status,
      snapshot_id: null,
      data_file: { content, file_path: path, file_format: format, partition: { day: null }, record_count: 1 },
    })),
  );
const manifestList = (name: string, manifests: readonly { readonly path: string; readonly content?: number }[]) =>
  avro(
    name,
    {
      type: "record",
      name: "manifest_file",
      fields: [
        { name: "manifest_path", type: "string" },
        { name: "manifest_length", type: "long" },
        { name: "content", type: "int" },
      ],
    },
    manifests.map(({ path, content = 0 }) => ({ manifest_path: path, manifest_length: 1, content })),
  );

const SNAPSHOT = "3051729675574597004"; // past 2^53, as they are
const schema = (...names: string[]) => ({
  "schema-id": 0,
  type: "struct",
  fields: names.map((name, i) => ({ id: i + 1, name, required: false, type: "long" })),
});
function metadata(name: string, list: string | undefined, more: object = {}): void {
  const value = {
    "format-version": 2,
    location: LOCATION,
    schemas: [schema("id")],
    snapshots: [] as unknown[],
    "current-snapshot-id": -1,
    ...more,
  };
  const text = JSON.stringify(
    list === undefined
      ? value
      : { ...value, "current-snapshot-id": "@", snapshots: [{ "snapshot-id": "@", "manifest-list": list }] },
  ).replaceAll('"@"', SNAPSHOT);
  mkdirSync(join(table(), "metadata"), { recursive: true });
  writeFileSync(join(table(), "metadata", name), text);
}
const crawl = () => glue.crawl({ database: "d", includes: [join(root, "data")] });
const ids = async (): Promise<unknown[]> =>
  (await glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "events" }).toDF().rows())
    .map(({ id }) => id)
    .sort();

test("only files of the current snapshot are crawled and read; a new snapshot is seen at once", async () => {
  const [a, b, old] = [await parquet([{ id: 1 }]), await parquet([{ id: 2, note: "n" }]), await parquet([{ id: 99 }])];
  const first = await manifest("m1.avro", [
    { status: 1, path: a },
    { status: 2, path: old },
  ]);
  metadata("00000-aaa.metadata.json", undefined);
  metadata(
    "00001-bbb.metadata.json",
    await manifestList("snap-1.avro", [{ path: first }, { path: await manifest("m2.avro", [{ status: 0, path: b }]) }]),
  );
  const report = await crawl();
  expect(report.problems).toEqual([]);
  expect(report.tables.map(({ name, contents, partitionKeys }) => [name, contents.records, partitionKeys])).toEqual([
    ["events", 2, []],
  ]);
  expect(
    report.skipped
      .filter(({ file, why }) => why === "NOT_IN_ICEBERG_SNAPSHOT" && file.endsWith(".parquet"))
      .map(({ file }) => file),
  ).toEqual([join(table(), "data", old.slice(old.lastIndexOf("/") + 1))]);
  expect((await glue.catalog.getTable("d", "events")).Parameters).toMatchObject({
    table_type: "ICEBERG",
    classification: "parquet",
    metadata_location: join(table(), "metadata", "00001-bbb.metadata.json"),
  });
  expect(await ids()).toEqual([1, 2]);
  expect((await crawl()).totals).toMatchObject({ scanned: 0, kept: 1 });
  metadata("00002-ccc.metadata.json", await manifestList("snap-2.avro", [{ path: first }]));
  await expect(ids()).rejects.toMatchObject({ code: "SOURCE_VANISHED" }); // never read stale
  expect((await crawl()).tables.map(({ action, contents }) => [action, contents.records])).toEqual([["update", 1]]);
  expect(await ids()).toEqual([1]);
});

test("of a table that a client of Iceberg keeps, the metadata that the catalog names count", async () => {
  const [a, b] = [await parquet([{ id: 1 }]), await parquet([{ id: 2 }])];
  metadata(
    "00001-a.metadata.json",
    await manifestList("snap-1.avro", [{ path: await manifest("m1.avro", [{ status: 1, path: a }]) }]),
  );
  metadata(
    "00002-b.metadata.json",
    await manifestList("snap-2.avro", [{ path: await manifest("m2.avro", [{ status: 1, path: b }]) }]),
  );
  await crawl();
  const { Parameters: { UPDATED_BY_CRAWLER: _, ...parameters } = {}, StorageDescriptor } = await glue.catalog.getTable(
    "d",
    "events",
  );
  await glue.catalog.createTable("d", {
    Name: "kept",
    Parameters: { ...parameters, metadata_location: join(table(), "metadata", "00001-a.metadata.json") },
    ...(StorageDescriptor === undefined ? {} : { StorageDescriptor }),
  });
  expect(await glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "kept" }).records()).toMatchObject([
    { id: 1 },
  ]);
});

test.each<[string, string, () => Promise<void>]>([
  [
    "position deletes",
    "ICEBERG_UNSUPPORTED",
    async () => {
      metadata("v1.metadata.json", await manifestList("l.avro", [{ path: await manifest("m.avro", []), content: 1 }]));
    },
  ],
  [
    "delete files among data",
    "ICEBERG_UNSUPPORTED",
    async () => {
      metadata(
        "v1.metadata.json",
        await manifestList("l.avro", [
          { path: await manifest("m.avro", [{ status: 1, path: `${LOCATION}/data/x.parquet`, content: 1 }]) },
        ]),
      );
    },
  ],
  [
    "ORC files",
    "ICEBERG_UNSUPPORTED",
    async () => {
      metadata(
        "v1.metadata.json",
        await manifestList("l.avro", [
          { path: await manifest("m.avro", [{ status: 1, path: `${LOCATION}/data/x.orc`, format: "ORC" }]) },
        ]),
      );
    },
  ],
  [
    "a renamed column",
    "ICEBERG_UNSUPPORTED",
    async () => {
      metadata("v1.metadata.json", await manifestList("l.avro", []), {
        schemas: [schema("id"), { ...schema("key"), "schema-id": 1 }],
      });
    },
  ],
  [
    "two newest metadata files",
    "ICEBERG_UNSUPPORTED",
    () => {
      metadata("00001-a.metadata.json", undefined);
      metadata("00001-b.metadata.json", undefined);
      return Promise.resolve();
    },
  ],
  [
    "a manifest list that is gone",
    "ICEBERG_INVALID",
    () => {
      metadata("v1.metadata.json", `${LOCATION}/metadata/nope.avro`);
      return Promise.resolve();
    },
  ],
  [
    "a damaged manifest list",
    "ICEBERG_INVALID",
    () => {
      metadata("v1.metadata.json", `${LOCATION}/metadata/l.avro`);
      writeFileSync(join(table(), "metadata", "l.avro"), "Obj\u0001 and then nothing");
      return Promise.resolve();
    },
  ],
  [
    "metadata that are no JSON",
    "ICEBERG_INVALID",
    () => {
      metadata("v1.metadata.json", undefined);
      writeFileSync(join(table(), "metadata", "v1.metadata.json"), "{");
      return Promise.resolve();
    },
  ],
])("%s: a problem, and no table of wrong data; what lies beside it is crawled", async (_, code, write) => {
  await parquet([{ id: 1 }]);
  await write();
  cpSync(join(table(), "data"), join(root, "data", "plain"), { recursive: true });
  const report = await crawl();
  expect(report.problems.map((problem) => problem.code)).toEqual([code]);
  expect(report.tables.map(({ contents: { files, records } }) => [files, records])).toEqual([[1, 1]]); // the copy
});
