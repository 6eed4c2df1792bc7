import { appendFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { ledgerType } from "../../../src/shapes/ledger-type.js";
import { mergeLedgers } from "../../../src/shapes/merge-ledgers.js";
import { csvLayout } from "../../../src/shapes/scan-csv.js";
import { batchReader } from "../../../src/types/record-batch.js";
import { shredBatches } from "../../../src/shapes/shred/shred-batches.js";
import type { RecordReader } from "../../../src/shapes/scan-task.js";
import type { FileRef } from "../../../src/storage/index.js";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  INT,
  LONG,
  STRING,
  TIMESTAMP,
  array,
  choice,
  map,
  structOf,
  type StructType,
} from "../../../src/types/data-type.js";
import { DateValue, Decimal, TimestampValue, type Row, type Value } from "../../../src/types/value.js";
import { makeFixture, type Fixture } from "../scan-fixture.js";
import { exactRow, exactValue } from "./exact-row.js";
import { readRecord, type Json } from "./value-oracle.js";

let fixture: Fixture;
beforeAll(() => {
  fixture = makeFixture();
});
afterAll(() => fixture.remove());

const LINES: RecordReader = { kind: "json", mode: "lines" };

async function rowsOf(files: readonly FileRef[], type: StructType, reader: RecordReader = LINES): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of shredBatches(files, type, { reader }, { storage: fixture.storage }))
    rows.push(...batchReader(type)(batch));
  return rows;
}

const lineFile = (lines: readonly string[]): FileRef =>
  fixture.write("rows.json", lines.map((line) => `${line}\n`).join(""));

const leaf = fc.oneof(
  fc.constantFrom(
    "null",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "2147483648",
    "-9007199254740991",
    "9007199254740992",
    "9223372036854775807",
    "9223372036854775808",
    `-${"9".repeat(38)}`,
    "9".repeat(39),
    "1.0",
    "1e400",
    '"\\ud800"',
    '"twelve chars"',
    '"thirteen char"',
    '"trettien téken"',
    '"ﷺ"',
    '"\\ufefftext"',
    '""',
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.string({ unit: "binary", maxLength: 30 }).map((s) => JSON.stringify(s)),
);
const key = fc.constantFrom('"a"', '"b"', '"A"', '"\\u0061"', '""', '"__proto__"', '"é"', '"constructor"');
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 4 })
      .map((entries) => `{${entries.map(([k, v]) => `${k}:${v}`).join()}}`),
  ),
}));
const record = fc
  .array(fc.tuple(key, value), { maxLength: 6 })
  .map((entries) => `{${entries.map(([k, v]) => `${k}:${v}`).join()}}`);

test("random records, good and malformed: every value, its arm, and whether its key was there", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          { weight: 5, arbitrary: record },
          record.map((text) => text.slice(0, -1)),
        ),
        { maxLength: 20 },
      ),
      async (lines) => {
        const ref = lineFile(lines);
        const type = ledgerType(mergeLedgers(await fixture.scan([ref], { mode: "lines" })));
        const records = lines
          .map((line) => readRecord(line))
          .filter((found): found is Map<string, Json> => found !== undefined);
        expect((await rowsOf([ref], type)).map((row) => exactValue(row))).toEqual(
          records.map((found) => exactRow(type, found)),
        );
      },
    ),
    { numRuns: Number(process.env["SHRED_RUNS"] ?? 150) },
  );
}, 120_000);

test("missing is absent and null is null, at every level", async () => {
  const type = structOf({
    a: INT,
    s: structOf({ x: INT, l: array(structOf({ y: STRING })) }),
    c: choice([INT, structOf({ z: INT })]),
  });
  const lines = [
    "{}",
    '{"a":null,"s":null,"c":null}',
    '{"s":{}}',
    '{"s":{"x":null,"l":[null,{},{"y":null},{"y":"v"}]},"c":{"z":null}}',
    '{"c":{}}',
    '{"a":1,"a":null}',
    '{"a":null,"a":1}',
    '{"a":null,"b":nul}',
  ];
  const rows = await rowsOf([lineFile(lines)], type);
  expect(rows.map((row) => exactValue(row))).toEqual([
    {},
    { a: null, s: null, c: null },
    { s: {} },
    { s: { x: null, l: [null, {}, { y: null }, { y: "string v" }] }, c: { "<struct>": { z: null } } },
    { c: { "<struct>": {} } },
    { a: null },
    { a: "number 1" },
  ]);
  expect(Object.keys(rows[0] ?? { no: 1 })).toEqual([]);
});

test("what no arm holds is null, what the type lacks is left out, fields come in the order of the type", async () => {
  const rows = await rowsOf(
    [lineFile(['{"z":1,"b":"text","a":[true,5,{}]}', '{"b":2.5}'])],
    structOf({ a: array(INT), b: LONG }),
  );
  expect(rows).toEqual([{ a: [null, 5, null], b: null }, { b: null }]);
  expect(Object.keys(rows[0] ?? {})).toEqual(["a", "b"]);
});

test("numbers are numbers while safe; exact types keep their digits", async () => {
  const rows = await rowsOf(
    [
      lineFile([
        '{"l":9007199254740991,"d":12345678901234567890}',
        '{"l":9007199254740993,"d":-1}',
        '{"l":-9223372036854775808}',
      ]),
    ],
    structOf({ l: LONG, d: BIGINT }),
  );
  expect(rows).toEqual([
    { l: 9007199254740991, d: new Decimal(12345678901234567890n, 0) },
    { l: 9007199254740993n, d: new Decimal(-1n, 0) },
    { l: -9223372036854775808n },
  ]);
});

test("an empty cell is null, a cell that is not there is absent; texts keep empty cells", async () => {
  const type = structOf({ i: INT, s: STRING, d: DATE, t: TIMESTAMP, b: BOOLEAN, f: DOUBLE });
  const ref = fixture.write(
    "rows.csv",
    'i,s,d,t,b,f\n1,"a ""b""",1969-12-31,2024-02-29,true,.5\n,,,,,\n2,x\nno,y,no,2024-02-29 01:02:03.5,no,no\n1,2,3,4,5,6,7\n',
  );
  expect(await rowsOf([ref], type, csvLayout({ withHeader: true }))).toEqual([
    {
      i: 1,
      s: 'a "b"',
      d: new DateValue(-1),
      t: new TimestampValue(BigInt(Date.UTC(2024, 1, 29)) * 1000n),
      b: true,
      f: 0.5,
    },
    { i: null, s: "", d: null, t: null, b: null, f: null },
    { i: 2, s: "x" },
    {
      i: null,
      s: "y",
      d: null,
      t: new TimestampValue(BigInt(Date.UTC(2024, 1, 29, 1, 2, 3, 500)) * 1000n),
      b: null,
      f: null,
    },
  ]);
});

test("blocks and files follow one another, packed ones too; values from many blocks stay their own", async () => {
  const lines = Array.from({ length: 9000 }, (_, i) =>
    JSON.stringify({
      i,
      s: `value ${i} ${"é".repeat(i % 30)}`,
      l: Array.from({ length: i % 5 }, (_, k) => (k === 3 ? null : { k, t: "x".repeat(i % 200) })),
      ...(i % 7 === 0 ? { n: null } : {}),
    }),
  );
  const text = lines.join("\n");
  const refs = [fixture.write("plain.json", text), fixture.write("packed.json.gz", gzipSync(text))];
  const type = ledgerType(mergeLedgers(await fixture.scan(refs, {})));
  const batches: number[] = [];
  const rows: Value[] = [];
  for await (const batch of shredBatches(
    refs,
    type,
    { reader: { kind: "json", mode: "auto" } },
    { storage: fixture.storage },
  )) {
    batches.push(batch.rows.length);
    rows.push(...batchReader(type)(batch));
  }
  expect(batches.length).toBeGreaterThan(4);
  const parsed: unknown[] = lines.map((line) => JSON.parse(line) as unknown);
  expect(rows).toStrictEqual([...parsed, ...parsed]);
});

test("reading goes no further than it is asked to, and stops when told", async () => {
  const ref = fixture.write("long.json", '{"a":"0123456789"}\n'.repeat(400_000));
  let bytes = 0;
  const context = {
    storage: fixture.storage,
    onProgress: ({ bytesDone }: { readonly bytesDone: number }) => {
      bytes = bytesDone;
    },
  };
  for await (const batch of shredBatches([ref], structOf({ a: STRING }), { reader: LINES }, context)) {
    expect(batchReader(structOf({ a: STRING }))(batch)[0]).toEqual({ a: "0123456789" });
    break;
  }
  expect(bytes).toBeLessThan(3 << 20);
  expect(bytes).toBeGreaterThan(0);
  const stop = new AbortController();
  const reading = (async () => {
    for await (const batch of shredBatches(
      [ref],
      structOf({ a: STRING }),
      { reader: LINES },
      { storage: fixture.storage, signal: stop.signal },
    ))
      if (batch.rows.length > 0) stop.abort(new Error("enough"));
  })();
  await expect(reading).rejects.toThrow("enough");
});

test("a file that changes while it is read is an error once its rows are out; one that is gone is one at once", async () => {
  const ref = fixture.write("changes.json", '{"a":"x"}\n'.repeat(300_000));
  let rows = 0;
  const reading = (async () => {
    for await (const batch of shredBatches(
      [ref],
      structOf({ a: STRING }),
      { reader: LINES },
      { storage: fixture.storage },
    )) {
      if (rows === 0) appendFileSync(ref.path, '{"a":"y"}\n');
      rows += batch.rows.length;
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: "SOURCE_CHANGED", file: ref.path });
  expect(rows).toBeGreaterThan(0);
  const gone = { ...ref, path: `${ref.path}.gone` };
  await expect(rowsOf([gone], structOf({ a: STRING }))).rejects.toMatchObject({
    code: "SOURCE_VANISHED",
    file: gone.path,
  });
  writeFileSync(ref.path, "");
});

test("maps are UNSUPPORTED_TYPE with their path; no files are no rows", async () => {
  await expect(rowsOf([], structOf({ a: structOf({ m: map(INT) }) }))).rejects.toMatchObject({
    code: "UNSUPPORTED_TYPE",
    path: "a.m",
  });
  expect(await rowsOf([], structOf({ a: INT }))).toEqual([]);
});

test("lines that other threads read come as those that this one reads, in their order", async () => {
  const lines = Array.from({ length: 3000 }, (_, i) =>
    i % 500 === 7
      ? "{broken"
      : JSON.stringify({
          a: i % 3 === 0 ? null : `é${i}`,
          ...(i % 4 === 0 ? {} : { list: Array.from({ length: i % 4 }, (__, k) => ({ k, half: k / 2 })) }),
        }),
  );
  const ref = lineFile(lines);
  const type = structOf({ a: STRING, list: array(structOf({ k: INT, half: DOUBLE })) });
  const rows = async (workers: number): Promise<string[]> => {
    const all: string[] = [];
    for await (const batch of shredBatches(
      [ref],
      type,
      { reader: LINES, workersAbove: 0, rangeBytes: 5000 },
      { storage: fixture.storage, workers },
    ))
      for (const row of batchReader(type)(batch)) all.push(JSON.stringify(row));
    return all;
  };
  const here = await rows(1);
  expect(here.length).toBe(2994);
  expect(await rows(3)).toEqual(here);
});
