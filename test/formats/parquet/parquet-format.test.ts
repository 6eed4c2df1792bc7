import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { parquetFormat } from "../../../src/formats/parquet/parquet-format.js";
import { parquetFileType } from "../../../src/formats/parquet/scan-footers.js";
import type { FileLedger, LedgerNode } from "../../../src/shapes/ledger.js";
import { ledgerType } from "../../../src/shapes/ledger-type.js";
import { createLedgerSum } from "../../../src/shapes/merge-ledgers.js";
import { fileStorage } from "../../../src/storage/file.js";
import type { FileRef } from "../../../src/storage/index.js";
import {
  array,
  BIGINT,
  choice,
  DATE,
  decimal,
  DOUBLE,
  INT,
  LONG,
  map,
  STRING,
  struct,
  field,
  type StructType,
} from "../../../src/types/data-type.js";
import { typeToJson } from "../../../src/types/json.js";
import { schemaTree } from "../../../src/types/print.js";

const storage = fileStorage();
let root = "";
let db: DuckDBConnection;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-parquet-"));
  db = await (await DuckDBInstance.create(":memory:")).connect();
});
afterAll(() => {
  db.closeSync();
  rmSync(root, { recursive: true, force: true });
});

const refOf = async (path: string): Promise<FileRef> => {
  const ref = await storage.stat(path);
  if (ref === undefined) throw new Error(`no ${path}`);
  return ref;
};
const typeOf = async (ref: FileRef): Promise<StructType> => {
  const type = await parquetFileType(ref, storage);
  if (type === undefined) throw new Error(`no columns in ${ref.path}`);
  return type;
};
const write = async (name: string, select: string, options = "format parquet"): Promise<FileRef> => {
  await db.run(`copy (${select}) to '${join(root, name)}' (${options})`);
  return refOf(join(root, name));
};
const rows = async (sql: string): Promise<unknown[][]> => (await db.runAndReadAll(sql)).getRowsJson();
const scan = async (...refs: FileRef[]): Promise<FileLedger[]> => {
  const ledgers: FileLedger[] = [];
  for await (const ledger of parquetFormat.scan(refs, {}, { storage, workers: 1 })) ledgers.push(ledger);
  return ledgers;
};
const ledgerOf = async (ref: FileRef): Promise<FileLedger> => {
  const [ledger] = await scan(ref);
  if (ledger === undefined) throw new Error("no ledger");
  return ledger;
};
const nodeAt = (node: LedgerNode, ...path: string[]): LedgerNode | undefined =>
  path.reduce<LedgerNode | undefined>(
    (at, name) => (name === "[]" ? at?.element : at?.fields.find((f) => f.name === name)?.node),
    node,
  );
const counts = (node: LedgerNode | undefined): Record<string, number> =>
  Object.fromEntries(Object.entries(node?.tags ?? {}).map(([tag, stats]) => [tag, stats.count]));

/**
 * What a type that DuckDB's `parquet_schema` reports is for us; written from the type tables of both, not from the
 * mapper.
 */
const FROM_DUCKDB: Record<string, string> = {
  BOOLEAN: "boolean",
  TINYINT: "byte",
  SMALLINT: "short",
  INTEGER: "int",
  BIGINT: "long",
  UTINYINT: "short",
  USMALLINT: "int",
  UINTEGER: "long",
  UBIGINT: "decimal",
  FLOAT: "float",
  DOUBLE: "double",
  VARCHAR: "string",
  JSON: "string",
  UUID: "string",
  TIME: "string",
  INTERVAL: "string",
  DATE: "date",
  TIMESTAMP: "timestampntz",
  TIMESTAMP_NS: "timestampntz",
  "TIMESTAMP WITH TIME ZONE": "timestamp",
  BLOB: "binary",
};

test("every flat type that DuckDB writes has the type that DuckDB's parquet_schema names", async () => {
  const ref = await write(
    "flat.parquet",
    `select 1::tinyint a, 1::smallint b, 1::int c, 1::bigint d, 1::utinyint e, 1::usmallint f, 1::uinteger g, 1::ubigint h,
    true i, 1.5::float j, 1.5::double k, 'x' l, date '2020-01-01' m, time '10:00:00' n, timestamp '2020-01-01' o, timestamptz '2020-01-01' p,
    timestamp_ns '2020-01-01' q, timestamp_ms '2020-01-01' r, timestamp_s '2020-01-01' s, 1.5::decimal(5,2) t, 1.5::decimal(15,2) u, 1.5::decimal(38,2) v,
    uuid() w, 'a'::blob x, interval 1 day y, 'a'::enum('a','b') z, '{}'::json aa, 1::hugeint bb`,
  );
  const type = await typeOf(ref);
  const schema = await rows(
    `select name, duckdb_type from parquet_schema('${ref.path}') where name <> 'duckdb_schema'`,
  );
  expect(schema).toHaveLength(type.fields.length);
  schema.forEach(([name, duckdb], i) => {
    const f = type.fields[i];
    const parameters = /^DECIMAL\((\d+),(\d+)\)$/.exec(String(duckdb));
    expect([f?.name, f?.type.kind]).toEqual([name, parameters === null ? FROM_DUCKDB[String(duckdb)] : "decimal"]);
    if (parameters !== null) expect(f?.type).toEqual(decimal(Number(parameters[1]), Number(parameters[2])));
  });
  expect(type.fields.find(({ name }) => name === "h")?.type).toEqual(decimal(20, 0));
});

test("nested lists, structs and maps", async () => {
  const ref = await write(
    "nested.parquet",
    "select [1, 2] a, {p: 1, q: [{r: 'x'}]} b, map {'k': 1.5::double} c, map {1: [2]} d, [[1], null] e, {} f".replace(
      ", {} f",
      "",
    ),
  );
  expect(schemaTree(await typeOf(ref))).toBe(
    schemaTree(
      struct([
        field("a", array(INT)),
        field("b", struct([field("p", INT), field("q", array(struct([field("r", STRING)])))])),
        field("c", map(DOUBLE)),
        field("d", map(array(INT))),
        field("e", array(array(INT))),
      ]),
    ),
  );
});

test("files of another writer: repeated fields and two-level lists", async () => {
  const { ParquetSchema, ParquetWriter } = jest.requireActual<Record<string, never>>("parquetjs-lite") as unknown as {
    ParquetSchema: new (fields: object) => object;
    ParquetWriter: {
      openFile(
        schema: object,
        path: string,
      ): Promise<{ appendRow(row: object): Promise<void>; close(): Promise<void> }>;
    };
  };
  const path = join(root, "other.parquet");
  const writer = await ParquetWriter.openFile(
    new ParquetSchema({
      name: { type: "UTF8" },
      n: { type: "INT64", optional: true },
      tags: { type: "UTF8", repeated: true },
      at: { type: "TIMESTAMP_MILLIS" },
      day: { type: "DATE" },
      stock: { repeated: true, fields: { price: { type: "DOUBLE" } } },
      raw: { type: "BYTE_ARRAY" },
      j: { type: "JSON" },
      small: { type: "INT_8" },
      t: { type: "TIME_MILLIS" },
    }),
    path,
  );
  await writer.appendRow({
    name: "a",
    tags: ["x"],
    at: new Date(),
    day: new Date(),
    stock: [{ price: 1 }],
    raw: Buffer.from("x"),
    j: {},
    small: 1,
    t: 5,
  });
  await writer.close();
  expect(
    schemaTree(await typeOf(await refOf(path)))
      .trimEnd()
      .split("\n")
      .slice(1),
  ).toEqual([
    "|-- name: string",
    "|-- n: long",
    "|-- tags: array",
    "|    |-- element: string",
    "|-- at: timestamp",
    "|-- day: date",
    "|-- stock: array",
    "|    |-- element: struct",
    "|    |    |-- price: double",
    "|-- raw: binary",
    "|-- j: string",
    "|-- small: byte",
    "|-- t: string",
  ]);
});

describe("the ledger of a footer", () => {
  test("counts equal a count of the data, over row groups", async () => {
    const ref = await write(
      "counts.parquet",
      `select case when i % 3 = 0 then null else i end a, case when i % 7 = 0 then 'x' end b, null::int c, i::double d,
      case when i % 5 > 0 then {p: i, q: case when i % 2 = 0 then 'y' end} end s from range(10000) t(i)`,
      "format parquet, row_group_size 2048",
    );
    const [real] = await rows(
      `select count(*), count(a), count(b), count(c), count(d), count(s.p), count(s.q) from '${ref.path}'`,
    );
    const [n, a, b, , d, p, q] = (real ?? []).map(Number);
    const ledger = await ledgerOf(ref);
    expect(ledger.records).toBe(n);
    expect(counts(ledger.root)).toEqual({ struct: n });
    expect(counts(nodeAt(ledger.root, "a"))).toEqual({ long: a, null: Number(n) - Number(a) });
    expect(counts(nodeAt(ledger.root, "b"))).toEqual({ string: b, null: Number(n) - Number(b) });
    expect(counts(nodeAt(ledger.root, "c"))).toEqual({ int: 0, null: n });
    expect(counts(nodeAt(ledger.root, "d"))).toEqual({ double: d });
    expect(counts(nodeAt(ledger.root, "s", "p"))).toEqual({ long: p });
    expect(counts(nodeAt(ledger.root, "s", "q"))).toEqual({ string: q });
    expect(nodeAt(ledger.root, "s")?.inexact).toBe(true);
    expect(nodeAt(ledger.root, "a")?.inexact).toBeUndefined();
    expect(ledger.otherShapes + ledger.shapes.reduce((sum, shape) => sum + shape.count, 0)).toBe(n);
  });

  test("lists are marked inexact and never counted too low", async () => {
    const ref = await write(
      "lists.parquet",
      "select case i % 3 when 0 then null when 1 then [] else [i, null] end l from range(99) t(i)",
    );
    const ledger = await ledgerOf(ref);
    const list = nodeAt(ledger.root, "l");
    expect(list?.inexact).toBe(true);
    expect(list?.tags.array?.count).toBeGreaterThanOrEqual(66);
    expect(nodeAt(ledger.root, "l", "[]")?.inexact).toBe(true);
    expect(nodeAt(ledger.root, "l", "[]")?.tags.long?.count).toBeGreaterThanOrEqual(33);
  });

  test("an empty file keeps its types, with counts of zero", async () => {
    const ledger = await ledgerOf(await write("none.parquet", "select 1 a, [1] b where false"));
    expect(ledger).toMatchObject({ records: 0, malformed: 0 });
    expect(counts(nodeAt(ledger.root, "a"))).toEqual({ int: 0 });
    expect(nodeAt(ledger.root, "b")?.inexact).toBeUndefined();
  });

  test("an empty file keeps the order of its columns, at every level, and what is null by type", async () => {
    const type = struct([
      field("z", INT),
      field("n", { kind: "null" }),
      field("b", struct([field("y", INT), field("x", INT)])),
      field("a", array(STRING)),
    ]);
    const ref = await write(
      "order.parquet",
      "select 1 z, 1 n, {y: 1, x: 1} b, ['a'] a where false",
      `format parquet, kv_metadata {'dynaframe.schema': '${JSON.stringify(typeToJson(type))}'}`,
    );
    const ledger = createLedgerSum();
    ledger.add(await ledgerOf(ref));
    expect(schemaTree(ledgerType(ledger.finish({})))).toBe(schemaTree(type));
  });

  test("fields that are null by type keep that, inside of structs that are not there and of lists too", async () => {
    const type = struct([
      field("s", struct([field("n", { kind: "null" }), field("x", INT)])),
      field("l", array(struct([field("n", { kind: "null" })]))),
    ]);
    const ref = await write(
      "nulls.parquet",
      "select * from (values ({n: null::int, x: 1}, [{n: null::int}]), (null, [])) t(s, l)",
      `format parquet, kv_metadata {'dynaframe.schema': '${JSON.stringify(typeToJson(type))}'}`,
    );
    const ledger = await ledgerOf(ref);
    expect(schemaTree(ledgerType(ledger))).toBe(schemaTree(type));
    expect(nodeAt(ledger.root, "s", "n")).toMatchObject({ tags: { null: { count: 2 } }, inexact: true });
  });

  test("records without fields come back without fields", async () => {
    const ref = await write(
      "bare.parquet",
      'select null::int "~" from range(3)',
      `format parquet, kv_metadata {'dynaframe.schema': '${JSON.stringify(typeToJson(struct([])))}'}`,
    );
    expect(await parquetFileType(ref, storage)).toEqual(struct([]));
    expect(await ledgerOf(ref)).toMatchObject({ records: 3, root: { fields: [] } });
  });

  test("the stored exact type brings choices back, each arm counted", async () => {
    const type: StructType = struct([
      field("id", choice([INT, STRING])),
      field("big", BIGINT),
      field("Day", DATE),
      field("day", LONG),
      field("x", choice([DOUBLE, struct([field("p", INT)]), array(STRING)])),
    ]);
    const select = `select {"int": case when i % 4 > 0 and i % 10 > 0 then i end::int, string: case when i % 4 = 0 then 's' end} id, 1::decimal(38,0) big,
      date '2020-01-01' "Day", 5::bigint "day~2", {"array": ['a'], double: case when i = 0 then 1.5 end::double, struct: {p: i::int}} x from range(100) t(i)`;
    const json = JSON.stringify(typeToJson(type)).replaceAll("'", "''");
    const ref = await write("choice.parquet", select, `format parquet, kv_metadata {'dynaframe.schema': '${json}'}`);
    expect(await typeOf(ref)).toEqual(type);
    const ledger = await ledgerOf(ref);
    const [real] = await rows(`select count(id.int), count(id.string), count(*) from '${ref.path}'`);
    const [ints, strings, all] = (real ?? []).map(Number);
    expect(counts(nodeAt(ledger.root, "id"))).toEqual({
      int: ints,
      string: strings,
      null: Number(all) - Number(ints) - Number(strings),
    });
    expect(Number(ints)).toBeLessThan(75);
    expect(nodeAt(ledger.root, "day")?.tags).toHaveProperty("long");
    expect(nodeAt(ledger.root, "x")?.tags.double?.count).toBe(1);
    expect(nodeAt(ledger.root, "x", "p")?.tags).toHaveProperty("int");
    expect(nodeAt(ledger.root, "x", "[]")?.tags).toHaveProperty("string");
  });

  test("a stored type that no longer fits the columns is passed over", async () => {
    const json = JSON.stringify(typeToJson(struct([field("gone", INT)])));
    const ref = await write(
      "stale.parquet",
      "select 'x' a",
      `format parquet, kv_metadata {'dynaframe.schema': '${json}'}`,
    );
    expect((await typeOf(ref)).fields).toEqual([field("a", STRING)]);
    const broken = await write(
      "broken.parquet",
      "select 'x' a",
      "format parquet, kv_metadata {'dynaframe.schema': '{oops'}",
    );
    expect((await typeOf(broken)).fields).toEqual([field("a", STRING)]);
  });
});

describe("damage is reported, not thrown", () => {
  test("truncated at every kind of place, empty, and something else", async () => {
    const good = readFileSync((await write("good.parquet", "select i a, 'x' || i b from range(1000) t(i)")).path);
    const pieces: [string, Buffer, string][] = [
      ["half", good.subarray(0, good.length / 2), "TRUNCATED_PARQUET"],
      ["tail", good.subarray(0, good.length - 1), "TRUNCATED_PARQUET"],
      ["head", good.subarray(0, 4), "TRUNCATED_PARQUET"],
      ["short", good.subarray(0, 2), "INVALID_PARQUET"],
      ["empty", Buffer.alloc(0), "INVALID_PARQUET"],
      ["other", Buffer.from("not parquet at all"), "INVALID_PARQUET"],
      ["encrypted", Buffer.from("PARE________PARE"), "INVALID_PARQUET"],
    ];
    for (const [name, bytes, code] of pieces) {
      writeFileSync(join(root, name), bytes);
      const ledger = await ledgerOf(await refOf(join(root, name)));
      expect([name, ledger.records, ledger.malformed, ledger.malformedRecords[0]?.code]).toEqual([name, 0, 1, code]);
      expect(ledger.malformedRecords[0]).toMatchObject({ file: join(root, name), offset: 0, end: bytes.length });
    }
  });

  // field 15, which no footer has, with 2^42 elements of the type that ends a struct and takes no byte
  test.each([
    ["list", [0xf9, 0xf0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0]],
    ["set", [0xfa, 0xf0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0]],
    ["map", [0xfb, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0, 0]],
  ])("a %s of elements that are nothing is not counted through", async (kind, footer) => {
    const path = join(root, `nothing-${kind}`);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    writeFileSync(path, Buffer.concat([Buffer.from("PAR1"), Buffer.from(footer), length, Buffer.from("PAR1")]));
    const {
      malformedRecords: [found],
    } = await ledgerOf(await refOf(path));
    expect(found).toMatchObject({ code: "INVALID_PARQUET" });
    expect(JSON.stringify(found)).toContain("of elements that are nothing");
  });

  test("any flipped byte of the footer gives a ledger that adds up or a report, quickly", async () => {
    const ref = await write("fuzz.parquet", "select i a, {b: [i], c: 'x'} s, map {'k': i} m from range(10) t(i)");
    const good = readFileSync(ref.path);
    const footer = good.readUInt32LE(good.length - 8) + 8;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(footer - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (flips) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of flips) bytes[bytes.length - footer + at] = value;
          writeFileSync(join(root, "flipped"), bytes);
          const ledger = await ledgerOf(await refOf(join(root, "flipped")));
          expect(ledger.malformed === 1 ? ledger.records : ledger.otherShapes).toBe(
            ledger.malformed === 1 ? 0 : ledger.records,
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  test("a missing file is an error with its code", async () => {
    const ref = await refOf((await write("gone.parquet", "select 1 a")).path);
    rmSync(ref.path);
    await expect(ledgerOf(ref)).rejects.toMatchObject({ code: "PATH_NOT_FOUND", file: ref.path });
  });
});

test("many files come in the order given, bytes and progress are told", async () => {
  const refs: FileRef[] = [];
  for (let i = 0; i < 20; i++) refs.push(await write(`many-${i}.parquet`, `select * from range(${i * 3}) t(i)`));
  const [read, progress]: [number[], number[]] = [[], []];
  const seen: number[] = [];
  const context = {
    storage,
    workers: 1,
    onBytesScanned: (n: number) => read.push(n),
    onProgress: (p: { filesDone: number }) => progress.push(p.filesDone),
  };
  for await (const ledger of parquetFormat.scan(refs, {}, context)) seen.push(ledger.records);
  expect(seen).toEqual(refs.map((_, i) => i * 3));
  expect(progress).toEqual(refs.map((_, i) => i + 1));
  expect(read).toHaveLength(20);
});
