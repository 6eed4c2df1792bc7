import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ledgerType } from "../../../src/shapes/ledger-type.js";
import type { FileLedger, LedgerNode } from "../../../src/shapes/ledger.js";
import type {
  RecordEvent,
  RecordReader,
  SourceStruct,
  SourceValue,
} from "../../../src/shapes/records/record-reader.js";
import { scanRecords } from "../../../src/shapes/records/scan-records.js";
import { batchReader } from "../../../src/types/record-batch.js";
import { readRecords, stageRecords } from "../../../src/shapes/records/stage-records.js";
import type { FileRef } from "../../../src/storage/index.js";
import {
  BINARY,
  DATE,
  DOUBLE,
  INT,
  LONG,
  STRING,
  TIMESTAMP,
  array,
  choice,
  decimal,
  map,
  structOf,
  type StructType,
} from "../../../src/types/data-type.js";
import { DateValue, Decimal, TimestampValue, type Row } from "../../../src/types/value.js";
import { exactRow, exactValue } from "../shred/exact-row.js";
import { readParquet } from "../shred/read-parquet.js";
import { flatTables, nestedRow, readRecord, tagOf, type Json } from "../shred/value-oracle.js";
import { shredFixture } from "../shred/shred-fixture.js";

const opened = shredFixture();
const { fixture } = opened;
let folders = 0;
function newFolder(): string {
  const folder = join(fixture.folder, `staging-${folders++}`);
  mkdirSync(folder);
  return folder;
}

/** A JSON value as a source would give it; the reading is the oracle's. */
function toSource(value: Json): SourceValue {
  if (value === null) return { tag: "null", value: null };
  if (Array.isArray(value)) return { tag: "array", elements: value.map(toSource) };
  if (value instanceof Map)
    return { tag: "struct", fields: new Map([...value].map(([name, item]) => [name, toSource(item)])) };
  if (typeof value === "boolean") return { tag: "boolean", value };
  if (typeof value === "string") return { tag: "string", value };
  const { text } = value;
  switch (tagOf(value)) {
    case "int":
      return { tag: "int", value: Number(text), text };
    case "long":
      return { tag: "long", value: Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text), text };
    case "decimal":
      return { tag: "bigint", value: new Decimal(BigInt(text), 0), text };
    case "double":
      return { tag: "double", value: Number(text), text };
    default:
      return { tag: "string", value: text };
  }
}

const eventOf = (line: string, offset: number): RecordEvent => {
  const record = readRecord(line);
  const length = Buffer.byteLength(line);
  return record
    ? { kind: "record", value: toSource(record) as SourceStruct, offset, length }
    : { kind: "malformed", offset, end: offset + length, code: "INVALID_JSON", reason: "not JSON", at: 0, text: line };
};

/** Reads lines of JSON by the oracle, in batches of three. */
const jsonLines: RecordReader = async function* ({ source, start }) {
  const chunks: Buffer[] = [];
  for (const chunk = Buffer.alloc(1000); ;) {
    const n = await source.read(chunk);
    if (n === 0) break;
    chunks.push(Buffer.from(chunk.subarray(0, n)));
  }
  let offset = start;
  let batch: RecordEvent[] = [];
  for (const line of Buffer.concat(chunks).toString("utf8").split("\n")) {
    if (line.trim() !== "") batch.push(eventOf(line, offset));
    offset += Buffer.byteLength(line) + 1;
    if (batch.length === 3) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
};

async function scan(refs: readonly FileRef[], read: RecordReader): Promise<FileLedger[]> {
  const ledgers: FileLedger[] = [];
  for await (const ledger of scanRecords(refs, "test", read, { storage: fixture.storage, workers: 1 }))
    ledgers.push(ledger);
  return ledgers;
}

/** Counts, records of first places and lengths of a tree, without offsets. */
function counts(node: LedgerNode): unknown {
  return {
    tags: Object.fromEntries(Object.entries(node.tags).map(([tag, stats]) => [tag, [stats.count, stats.first.record]])),
    fields: new Map(node.fields.map(({ name, node: child }) => [name, counts(child)])),
    lengths: node.lengths,
    ...(node.element && Object.keys(node.element.tags).length > 0 ? { element: counts(node.element) } : {}),
  };
}

const json = fc.letrec<{ value: unknown; record: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, 1, -1, 1.5, 2 ** 31, 2 ** 40, 1e300, "", "x", "😀é"),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("record"),
  ),
  record: fc.dictionary(fc.constantFrom("a", "b", "c", "A", "", "x.y", "items"), tie("value"), { maxKeys: 5 }),
}));
const line = fc.oneof(
  { weight: 5, arbitrary: json.record.map((record) => JSON.stringify(record)) },
  fc.constantFrom("{", '{"a":1,}', "[1]", '{"n":123456789012345678901234567890}', '{"n":9223372036854775807,"t":1.0}'),
);

test("the same ledger, rows and staged tables as the scanner of text gives for the same records", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 15 }), async (lines) => {
      const ref = fixture.write("lines.json", lines.map((text) => `${text}\n`).join(""));
      const [mine] = await scan([ref], jsonLines);
      const [theirs] = await fixture.scan([ref], { mode: "lines" });
      expect(mine).toBeDefined();
      expect([mine?.records, mine?.malformed, mine?.bytes]).toEqual([
        theirs?.records,
        theirs?.malformed,
        theirs?.bytes,
      ]);
      expect(counts(mine!.root)).toEqual(counts(theirs!.root));
      expect(mine?.shapes.map(({ count, first }) => [count, first.record])).toEqual(
        theirs?.shapes.map(({ count, first }) => [count, first.record]),
      );
      for (const hazard of ["EMPTY_KEY", "CASE_CLASH"] as const)
        expect([hazard, mine?.hazards[hazard]?.count, mine?.hazards[hazard]?.first.record]).toEqual([
          hazard,
          theirs?.hazards[hazard]?.count,
          theirs?.hazards[hazard]?.first.record,
        ]);
      expect(mine?.malformedRecords.map(({ offset, end }) => [offset, end])).toEqual(
        theirs?.malformedRecords.map(({ offset, end }) => [offset, end]),
      );

      const type = ledgerType(theirs!);
      const records = lines.flatMap((text) => readRecord(text) ?? []);
      const rows: Row[] = [];
      for await (const batch of readRecords([ref], type, jsonLines, { storage: fixture.storage }))
        rows.push(...batchReader(type)(batch));
      expect(rows.map(exactValue)).toEqual(records.map((record) => exactRow(type, record)));

      const nested = await stageRecords([ref], type, "nested", jsonLines, {
        storage: fixture.storage,
        workers: 1,
        directory: newFolder(),
      });
      expect([nested.records, nested.malformed, nested.misfits.size]).toEqual([
        records.length,
        lines.length - records.length,
        0,
      ]);
      expect(await readParquet(opened.connection, nested.tables[0]?.files ?? [])).toEqual(
        records.map((record) => nestedRow(type, record)),
      );
      const tables = await stageRecords([ref], type, "tables", jsonLines, {
        storage: fixture.storage,
        workers: 1,
        directory: newFolder(),
      });
      const expected = flatTables(type, records);
      expect(tables.tables.map(({ domain }) => domain)).toEqual([...expected.keys()]);
      for (const { domain, files } of tables.tables)
        expect(await readParquet(opened.connection, files)).toEqual(expected.get(domain));
    }),
    { numRuns: Number(process.env["RECORD_RUNS"] ?? 60) },
  );
}, 120_000);

const oneRecord = (fields: Readonly<Record<string, SourceValue>>): RecordReader =>
  async function* ({ start }) {
    yield [
      { kind: "record", value: { tag: "struct", fields: new Map(Object.entries(fields)) }, offset: start, length: 1 },
    ];
  };

test("declared types that text has not: maps, decimals, days, instants and bytes", async () => {
  const ref = fixture.write("declared", "x");
  const read = oneRecord({
    m: {
      tag: "map",
      entries: new Map<string, SourceValue>([
        ["k", { tag: "int", value: 1 }],
        ["l", { tag: "null", value: null }],
      ]),
    },
    d: { tag: "decimal", value: new Decimal(12345n, 2), precision: 9 },
    day: { tag: "date", value: new DateValue(1) },
    at: { tag: "timestamp", value: new TimestampValue(1n) },
    raw: { tag: "binary", value: Uint8Array.of(0, 255) },
    e: { tag: "map", entries: new Map() },
  });
  const [ledger] = await scan([ref], read);
  const type = structOf({ m: map(INT), d: decimal(9, 2), day: DATE, at: TIMESTAMP, raw: BINARY, e: map() });
  expect(ledgerType(ledger!)).toEqual(type);
  const staged = await stageRecords([ref], type, "nested", read, {
    storage: fixture.storage,
    workers: 1,
    directory: newFolder(),
  });
  const reader = await opened.connection.runAndReadAll(
    `select m::varchar, d::varchar, day::varchar, "at"::varchar, hex(raw), e::varchar, typeof(m), typeof(d), typeof(raw) from read_parquet('${staged.tables[0]?.files[0]}')`,
  );
  expect(reader.getRows()).toEqual([
    [
      "{k=1, l=NULL}",
      "123.45",
      "1970-01-02",
      "1970-01-01 00:00:00.000001",
      "00FF",
      "{}",
      "MAP(VARCHAR, INTEGER)",
      "DECIMAL(9,2)",
      "BLOB",
    ],
  ]);
});

test("what a narrower type does not hold is null and counted by path", async () => {
  const ref = fixture.write("misfit", "x");
  const read = oneRecord({
    a: { tag: "string", value: "x" },
    b: {
      tag: "array",
      elements: [
        { tag: "int", value: 1 },
        { tag: "string", value: "y" },
      ],
    },
    c: { tag: "double", value: 0.5, text: "0.50" },
    left: { tag: "int", value: 1 },
  });
  const type: StructType = structOf({ a: INT, b: array(LONG), c: choice([INT, STRING]), gone: DOUBLE });
  const misfits: string[] = [];
  const rows: Row[] = [];
  for await (const batch of readRecords([ref], type, read, {
    storage: fixture.storage,
    onMisfit: (path) => misfits.push(path),
  }))
    rows.push(...batchReader(type)(batch));
  expect(rows.map(exactValue)).toEqual([{ a: null, b: ["number 1", null], c: { "<string>": "string 0.50" } }]);
  expect(misfits).toEqual(["a", "b[]"]);
  const staged = await stageRecords([ref], type, "nested", read, {
    storage: fixture.storage,
    workers: 1,
    directory: newFolder(),
  });
  expect([...staged.misfits]).toEqual([
    ["a", 1],
    ["b[]", 1],
  ]);
});

test("row groups end before they grow large, and long strings of levels stay exact", async () => {
  const ref = fixture.write("many", "x");
  const count = 300_000;
  const read: RecordReader = async function* () {
    for (let from = 0; from < count; from += 1000) {
      yield Array.from({ length: 1000 }, (_, i): RecordEvent => {
        const n = from + i;
        const fields = new Map<string, SourceValue>([["n", { tag: "int", value: n }]]);
        if (n % 3 === 0)
          fields.set("l", { tag: "array", elements: Array.from({ length: n % 4 }, () => ({ tag: "int", value: n })) });
        return { kind: "record", value: { tag: "struct", fields }, offset: n, length: 1 };
      });
    }
  };
  const staged = await stageRecords([ref], structOf({ n: INT, l: array(INT) }), "nested", read, {
    storage: fixture.storage,
    workers: 1,
    directory: newFolder(),
  });
  const file = staged.tables[0]?.files[0];
  const [row] = (
    await opened.connection.runAndReadAll(
      `select count(*)::int, sum(n)::double, count(l)::int, sum(len(l))::int, bool_and(list_sum(l) = n * len(l) or len(l) = 0 or l is null) from read_parquet('${file}')`,
    )
  ).getRows();
  const thirds = Array.from({ length: count / 3 }, (_, i) => i * 3);
  expect(row).toEqual([
    count,
    (count * (count - 1)) / 2,
    thirds.length,
    thirds.reduce((sum, n) => sum + (n % 4), 0),
    true,
  ]);
  const [groups] = (
    await opened.connection.runAndReadAll(`select count(distinct row_group_id)::int from parquet_metadata('${file}')`)
  ).getRows();
  expect(groups?.[0]).toBeGreaterThan(2);
});

test("an abort ends the work and leaves no file", async () => {
  const ref = fixture.write("abort", "x");
  const abort = new AbortController();
  const read: RecordReader = async function* ({ start }) {
    for (;;) {
      yield [{ kind: "record", value: { tag: "struct", fields: new Map() }, offset: start, length: 1 }];
      abort.abort(new Error("enough"));
    }
  };
  const directory = newFolder();
  await expect(
    stageRecords([ref], structOf({}), "nested", read, {
      storage: fixture.storage,
      workers: 1,
      directory,
      signal: abort.signal,
    }),
  ).rejects.toThrow("enough");
  expect(readdirSync(directory)).toEqual([]);
});
