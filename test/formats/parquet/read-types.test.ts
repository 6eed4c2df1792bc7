/**
 * Parquet files of pyarrow (files/make.py): every type, both list layouts, int96, uuid, and files of different schemas.
 */
import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, type DynamicFrame } from "../../../src/index.js";

let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-parquet-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), engine: "duckdb" });
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const made = (name: string): string => join(__dirname, "files", name);
const read = (path: string): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path }, format: "parquet" });

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return String(value as { toString(): string });
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
}

/** As make.py has them, by the rules of LogicalTypes.md: unsigned integers in the next wider type, float16 as float. */
const VALUES: Readonly<Record<string, readonly [string, unknown, unknown]>> = {
  i8: ["byte", -128, 127],
  i16: ["short", -32768, 32767],
  i32: ["int", -2147483648, 2147483647],
  i64: ["long", "-9223372036854775808", "9223372036854775807"],
  u8: ["short", 0, 255],
  u16: ["int", 0, 65535],
  u32: ["long", 0, 4294967295],
  u64: ["decimal", "0", "18446744073709551615"],
  f16: ["float", 1.5, -0.25],
  f32: ["float", 1.5, Math.fround(-0.1)],
  f64: ["double", 0.1, 5e-324],
  ok: ["boolean", true, false],
  text: ["string", "é🦆", ""],
  raw: ["binary", "00ff", ""],
  fixed: ["binary", "616263", "000102"],
  d9: ["decimal", "1234567.89", "-0.01"],
  d18: ["decimal", "123456789012.345678", "-0.000001"],
  d38: ["decimal", "1234567890123456789012345678.0123456789", "-0.0000000001"],
  day: ["date", "2024-02-29", "1899-12-31"],
  ms_utc: ["timestamp", "2024-02-29 12:00:00.123", "1899-12-31 23:59:59.999"],
  us_utc: ["timestamp", "2024-02-29 12:00:00.123456", "1899-12-31 23:59:59.999999"],
  us_local: ["timestampntz", "2024-02-29 12:00:00.123456", "1899-12-31 23:59:59.999999"],
  list: ["array", [1, null, 3], []],
  lists: ["array", [["a"], [], null], [[]]],
  structs: ["array", [{ x: 1, y: ["p"] }, null], []],
  map: ["map", { k: 1, l: null }, {}],
  struct: ["struct", { a: 1, b: { c: "x" } }, { a: null, b: null }],
};

test.each(["three-level.parquet", "two-level.parquet"])("%s: every type exactly", async (name) => {
  const frame = read(made(name));
  expect(Object.fromEntries((await frame.schema()).fields.map((f) => [f.name, f.type.kind]))).toEqual(
    Object.fromEntries(Object.entries(VALUES).map(([column, [type]]) => [column, type])),
  );
  const [first, second, third] = (await frame.records()).map(plain) as Record<string, unknown>[];
  for (const [column, [, one, two]] of Object.entries(VALUES))
    expect([column, first?.[column], second?.[column], third?.[column]]).toEqual([column, one, two, null]);
});

test("int96 is a timestamp in UTC, uuid its text", async () => {
  expect((await read(made("int96.parquet")).records()).map(plain)).toEqual([
    { at: "2024-02-29 12:00:00.123456" },
    { at: "1899-12-31 23:59:59.999999" },
    { at: null },
  ]);
  expect((await read(made("uuid.parquet")).records()).map(plain)).toEqual([
    { key: "00000000-0000-0000-0000-000000000001" },
    { key: "ffffffff-ffff-ffff-ffff-ffffffffffff" },
    { key: null },
  ]);
});

test("files that grew, lost and changed columns are one frame", async () => {
  const path = join(folder, "versions");
  await mkdir(path);
  for (const name of ["v1.parquet", "v2.parquet", "v3.parquet"]) await copyFile(made(name), join(path, name));
  const frame = read(path);
  expect((await frame.schemaTree()).trimEnd()).toBe(
    "root\n|-- id: choice\n|    |-- int\n|    |-- long\n|    |-- string\n|-- gone: string\n|-- new: choice\n|    |-- decimal\n|    |-- double",
  );
  const records = (await frame.records()).map(plain) as { id: unknown }[];
  expect(records.sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))).toEqual([
    { id: 1, gone: "x", new: null },
    { id: 2, gone: null, new: 1.5 },
    { id: "three", gone: null, new: "2.50" },
  ]);
});

test.each(["snappy", "gzip", "zstd", "none", undefined])(
  "writing with %s, block and page size, read back the same",
  async (compression) => {
    const path = join(folder, `out-${compression ?? "default"}`);
    const frame = read(made("three-level.parquet"));
    await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path },
      format: "glueparquet",
      formatOptions: {
        ...(compression === undefined ? {} : { compression }),
        blockSize: "134217728",
        pageSize: 1048576,
        useGlueParquetWriter: true,
      },
    });
    const [name = ""] = await readdir(path);
    const codecs = await glue
      .sql(`select distinct lower(compression) c from parquet_metadata('${join(path, name)}')`)
      .rows()
      .catch(() => undefined);
    if (codecs !== undefined)
      expect(codecs).toEqual([{ c: compression === "none" ? "uncompressed" : (compression ?? "snappy") }]);
    expect((await read(path).records()).map(plain)).toEqual((await frame.records()).map(plain));
  },
);

test("a small block size makes several row groups", async () => {
  const path = join(folder, "blocks");
  const frame = glue.createDynamicFrame.fromRows(
    Array.from({ length: 20_000 }, (_, i) => ({ i, text: `row ${i} `.repeat(20) })),
  );
  await glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path },
    format: "parquet",
    formatOptions: { blockSize: 65536 },
  });
  const [name = ""] = await readdir(path);
  const [{ groups } = { groups: 0 }] = await glue
    .sql(`select count(distinct row_group_id)::int "groups" from parquet_metadata('${join(path, name)}')`)
    .rows();
  expect(groups).toBeGreaterThan(3);
});

test.each([
  [{ blocksize: 1 }, "Did you mean blockSize?"],
  [{ blockSize: "big" }, undefined],
  [{ pageSize: -1 }, undefined],
  [{ compression: "lzo" }, undefined],
])("options %j are refused", async (formatOptions, hint) => {
  const frame = glue.createDynamicFrame.fromRows([{ a: 1 }]);
  await expect(
    glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(folder, "refused") },
      format: "parquet",
      formatOptions,
    }),
  ).rejects.toMatchObject({ code: "BAD_OPTION", ...(hint === undefined ? {} : { hint }) });
});
