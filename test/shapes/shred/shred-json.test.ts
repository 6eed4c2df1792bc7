import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import fc from "fast-check";
import { ledgerType } from "../../../src/shapes/ledger-type.js";
import { mergeLedgers } from "../../../src/shapes/merge-ledgers.js";
import { discardShredded, scanAndShred } from "../../../src/shapes/shred/scan-and-shred.js";
import { shredJsonFiles, type ShredJsonOptions } from "../../../src/shapes/shred/shred-json.js";
import { RESULT_KINDS, type ResultColumn, type WantedResult } from "../../../src/shapes/shred/result-columns.js";
import type { StagedRecords } from "../../../src/shapes/shred/shred-files.js";
import type { FileRef } from "../../../src/storage/index.js";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  INT,
  LONG,
  NULL,
  SHORT,
  STRING,
  array,
  choice,
  decimal,
  map,
  struct,
  structOf,
  type DataType,
  type StructType,
} from "../../../src/types/data-type.js";
import { physicalNames } from "../../../src/types/physical.js";
import { shredFixture } from "./shred-fixture.js";
import { readParquet } from "./read-parquet.js";
import { flatTables, nestedRow, readRecord, type Canonical, type Json } from "./value-oracle.js";

const opened = shredFixture();
const { fixture } = opened;
let staging: string;
let staged = 0;
// a folder of its own each time: DuckDB keeps parts of a file it has read, and takes one rewritten within a second for
// the same
function newStaging(): void {
  staging = join(fixture.folder, `staging-${staged++}`);
  mkdirSync(staging);
}
beforeEach(newStaging);

function shred(
  refs: readonly FileRef[],
  type: StructType,
  layout: "nested" | "tables",
  options: ShredJsonOptions = {},
  workers = 1,
): Promise<StagedRecords> {
  if (existsSync(staging) && readdirSync(staging).length > 0) newStaging();
  return shredJsonFiles(refs, type, layout, options, { storage: fixture.storage, workers, directory: staging });
}

/** Scans the files, shreds them in both layouts by the exact type, and compares every value with the oracle's. */
async function expectShredded(
  refs: readonly FileRef[],
  lines: readonly string[],
  options: ShredJsonOptions = {},
  workers = 1,
): Promise<StructType> {
  const ledgers = await fixture.scan(refs, options.mode === undefined ? {} : { mode: options.mode });
  const type = ledgerType(mergeLedgers(ledgers));
  const records = lines.flatMap((line): Map<string, Json>[] => {
    const found = readRecord(line);
    return found === undefined ? [] : [found];
  });
  const malformed = lines.filter((line) => line.trim() !== "" && readRecord(line) === undefined).length;

  const nested = await shred(refs, type, "nested", { ...options, ledgers }, workers);
  expect([nested.records, nested.malformed, nested.misfits.size]).toEqual([records.length, malformed, 0]);
  expect(await readParquet(opened.connection, nested.tables[0]?.files ?? [])).toEqual(
    records.map((record) => nestedRow(type, record)),
  );

  await expectInOnePass(refs, type, records, { ...options, ledgers }, workers);
  await expectPassedOver(refs, type, records, { ...options, ledgers }, workers);

  const tables = await shred(refs, type, "tables", { ...options, ledgers }, workers);
  expect([tables.records, tables.malformed, tables.misfits.size]).toEqual([records.length, malformed, 0]);
  const expected = flatTables(type, records);
  expect(tables.tables.map(({ domain }) => domain)).toEqual([...expected.keys()]);
  for (const { domain, files, rows } of tables.tables) {
    expect(await readParquet(opened.connection, files)).toEqual(expected.get(domain));
    expect(rows).toBe(expected.get(domain)?.length);
  }
  return type;
}

/** The same of every second field, and of those between: of sound records what is not wanted is not looked into. */
async function expectPassedOver(
  refs: readonly FileRef[],
  type: StructType,
  records: readonly Map<string, Json>[],
  options: ShredJsonOptions,
  workers: number,
): Promise<void> {
  const { malformed, hazards } = mergeLedgers(options.ledgers ?? []);
  if (malformed > 0 || hazards.DUPLICATE_KEY !== undefined) return;
  for (const parity of [0, 1]) {
    const wanted = everySecond(type, parity);
    newStaging();
    const context = { storage: fixture.storage, workers, directory: staging, sound: true };
    const {
      tables: [table],
      misfits,
    } = await shredJsonFiles(refs, wanted, "nested", options, context);
    expect(misfits.size).toBe(0);
    expect(await readParquet(opened.connection, table?.files ?? [])).toEqual(
      records.map((record) => nestedRow(wanted, record)),
    );
  }
}

/** The same fields from the pass that makes the ledgers, which are as without. Threads take files as they come. */
async function expectInOnePass(
  refs: readonly FileRef[],
  type: StructType,
  records: readonly Map<string, Json>[],
  { ledgers, mode = "auto", ...options }: ShredJsonOptions,
  workers: number,
): Promise<void> {
  const sorted = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();
  for (const parity of [0, 1]) {
    const wanted = everySecond(type, parity);
    if (wanted.fields.length === 0) continue;
    newStaging();
    const asked = plainLeaves(wanted);
    const context = { storage: fixture.storage, workers, folder: async () => staging, resultOf: () => asked };
    const done = await scanAndShred(
      refs,
      () => wanted,
      { ...options, reader: { kind: "json", mode }, above: 0 },
      context,
    );
    expect(done?.ledgers).toEqual(ledgers);
    const {
      tables: [table],
      records: count,
    } = done?.shredded?.result ?? { tables: [], records: -1 };
    expect([count, table?.rows]).toEqual([records.length, records.length]);
    const found = await readParquet(opened.connection, table?.files ?? []);
    const expected = records.map((record) => nestedRow(wanted, record));
    expect(workers === 1 ? found : sorted(found)).toEqual(workers === 1 ? expected : sorted(expected));
    const { written } = done?.shredded ?? {};
    expect(written?.file.rows).toBe(asked.columns.length === 0 ? undefined : records.length);
    if (written === undefined) continue;
    expect(readdirSync(staging).filter((name) => name.startsWith("result-"))).toHaveLength(1);
    const kept = await readParquet(opened.connection, [written.file.path]);
    const leaves = leavesReader(wanted, asked);
    const wide = records.map((record) => leaves(nestedRow(wanted, record)));
    expect(workers === 1 ? kept : sorted(kept)).toEqual(workers === 1 ? wide : sorted(wide));
  }
}

/** All plain fields of records and of structs in them as columns of one file, every second integer widened. */
function plainLeaves(type: StructType): WantedResult {
  const columns: ResultColumn[] = [];
  const visit = (of: StructType, above: readonly string[]): void => {
    for (const { name, type: own } of of.fields) {
      const path = [...above, name];
      const kind = RESULT_KINDS.find((known) => known === own.kind);
      if (own.kind === "struct") visit(own, path);
      else if (kind !== undefined)
        columns.push({ path, kind: kind === "int" && columns.length % 2 === 0 ? "long" : kind });
    }
  };
  visit(type, []);
  const types = { boolean: BOOLEAN, int: INT, long: LONG, double: DOUBLE, string: STRING };
  return { columns, type: struct(columns.map(({ kind }, i) => ({ name: `c${i}`, type: types[kind] }))) };
}

/** Reads these columns from rows of the type. */
function leavesReader(type: StructType, { columns }: WantedResult): (row: Canonical) => { [name: string]: Canonical } {
  const namesOf = new Map<StructType, readonly string[]>();
  const physicalIn = (of: StructType): readonly string[] =>
    namesOf.get(of) ?? namesOf.set(of, physicalNames(of)).get(of) ?? [];
  const places = columns.map(({ path, kind }) => {
    let of: DataType = type;
    const physical = path.map((name) => {
      const at: number = of.kind === "struct" ? of.fields.findIndex((f) => f.name === name) : -1;
      const own = of.kind === "struct" ? (physicalIn(of)[at] ?? "") : "";
      of = of.kind === "struct" ? (of.fields[at]?.type ?? NULL) : NULL;
      return own;
    });
    return { physical, isWide: kind === "long" };
  });
  return (row) =>
    Object.fromEntries(
      places.map(({ physical, isWide }, i) => {
        const value = physical.reduce<Canonical>(
          (of, name) => (typeof of === "object" && of !== null && !Array.isArray(of) ? (of[name] ?? null) : null),
          row,
        );
        return [`c${i}`, typeof value === "string" && isWide ? value.replace(/^int /, "long ") : value];
      }),
    );
}

const everySecond = (type: StructType, parity: number): StructType =>
  struct(
    type.fields
      .filter((_, i) => i % 2 === parity)
      .map((f) => (f.type.kind === "struct" ? { ...f, type: everySecond(f.type, 1 - parity) } : f)),
  );

async function expectLines(lines: readonly string[], options: ShredJsonOptions = {}): Promise<StructType> {
  const ref = fixture.write("lines.json", lines.map((line) => `${line}\n`).join(""));
  return expectShredded([ref], lines, { mode: "lines", ...options });
}

const numberText = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "1",
    "-1",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "9".repeat(38),
    `-${"9".repeat(38)}`,
    "9".repeat(39),
    "1.0",
    "-0.0",
    "1e2",
    "0.1",
    "9007199254740993.0",
    "123456789012345678901234567890e-10",
    "1e22",
    "1e23",
    "1e400",
    "-1e400",
    "1e-400",
    "5e-324",
    "1.7976931348623157e308",
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt().map(String),
);
const stringText = fc.oneof(
  fc.string({ unit: "binary" }).map((s) => JSON.stringify(s)),
  fc.string({ maxLength: 90 }).map((s) => JSON.stringify(s)),
  fc.constantFrom(
    '"\\ud800"',
    '"\\udc00x"',
    '"\\ud83d\\ude00"',
    '"😀"',
    '"\\/\\b\\f\\n\\r\\t\\"\\\\"',
    '"\\u00e9"',
    '""',
    '"null"',
  ),
);
const keyText = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom('"a"', '"b"', '"c"', '"items"', '"A"', '"key8byte"', '"key9bytes"') },
  fc.constantFrom(
    '"\\u0061"',
    '""',
    '"a\\"b"',
    '"\\ud800"',
    '"é"',
    '"x.y"',
    '"\\u0000"',
    '"~"',
    '"list"',
    '"{struct}"',
  ),
);
const { value } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("null", "true", "false"),
    numberText,
    stringText,
    tie("object"),
    tie("array"),
  ),
  array: fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`),
  object: fc
    .array(fc.tuple(keyText, tie("value")), { maxLength: 5 })
    .map((entries) => `{${entries.map(([k, v]) => `${k} :${v}`).join(",")}}`),
}));
const record = fc
  .array(fc.tuple(keyText, value), { maxLength: 6 })
  .map((entries) => `{${entries.map(([k, v]) => `${k}:${v}`).join(",")}}`);
const broken = fc.oneof(
  value,
  record.map((text) => text.slice(0, -1)),
  record.map((text) => text.replace(/.}/, "]}")),
  fc.constantFrom("{", "nul", '{"a":1,}', '{"a":01}'),
);

test("random drifting records, good and malformed, read back value by value from both layouts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof({ weight: 4, arbitrary: record }, broken), { maxLength: 15 }), async (lines) => {
      await expectLines(lines);
    }),
    { numRuns: Number(process.env["SHRED_RUNS"] ?? 80) },
  );
}, 120_000);

test("null, empty and missing lists and structs are told apart as far as the layouts can", async () => {
  await expectLines([
    '{"l":[],"s":{},"m":[[],null,[null],[1,null]],"c":[{"t":[]},{"t":null},{},null]}',
    '{"l":null,"s":null,"m":[],"c":[]}',
    "{}",
    '{"l":[null],"s":{"x":null},"m":null,"c":null}',
    '{"l":[1],"s":{"x":{"y":[{"z":[[]]}]}},"m":[[1],[2,3]],"c":[{"t":["a"]}]}',
  ]);
});

test("a malformed record leaves nothing behind, however far it got", async () => {
  const good = '{"a":[1,2,{"b":["x"]}],"t":true,"d":1.5,"s":"text","n":123456789012345678901}';
  const lines = Array.from({ length: 300 }, (_, i) =>
    i % 3 === 0 ? good : i % 3 === 1 ? `${good.slice(0, (i * 7) % good.length)}` : good.replace("1.5", String(i / 7)),
  );
  await expectLines(lines);
});

test("of a key that comes twice the last value is read, at any depth and however it is spelled", async () => {
  await expectLines([
    '{"a":1,"a":"x","b":{"c":[1],"c":[2,3],"\\u0063":[4]},"b":{"d":{"e":1,"e":2}}}',
    '{"a":{"a":1,"a":2},"a":[1,2],"a":null}',
    '{"a":1,"a":2',
    '{"a":5}',
  ]);
});

test("long strings, and records larger than a block", async () => {
  const big = "é😀x\\n".repeat(700_000);
  expect(Buffer.byteLength(big)).toBeGreaterThan(5 << 20);
  await expectLines([
    '{"s":"small"}',
    `{"s":${JSON.stringify(big)},"l":[${"1,".repeat(100_000)}2]}`,
    '{"s":null}',
    `{"s":"${"\\u00e9".repeat(300_000)}"}`,
  ]);
}, 60_000);

test("no records, blank lines, and files in which all is null", async () => {
  const empty = await expectLines(["", "  ", "\r"]);
  expect(empty).toEqual(struct([]));
  await expectLines(['{"a":null,"b":[null,null],"c":{"d":null}}', "{}"]);
  await expectLines(["{}", "{}", ""]);
});

test("rows past several row groups keep their places, and numbers count on over files", async () => {
  const lines = Array.from(
    { length: 130_000 },
    (_, i) => `{"i":${i % 1000 === 7 ? "null" : i},"l":[${i % 3 === 0 ? "" : `${i},${i + 0.5}`}]}`,
  );
  const cut = [0, 90_000, 90_001, 130_000];
  const refs = cut.slice(1).map((end, i) => fixture.write(`part-${i}.json`, lines.slice(cut[i], end).join("\n")));
  const type = structOf({ i: INT, l: array(choice([DOUBLE, INT])) });
  const query = async (sql: string): Promise<unknown> => (await opened.connection.runAndReadAll(sql)).getRowsJson()[0];
  const {
    tables: [root, list],
  } = await shred(refs, type, "tables");
  const withList = lines.filter((_, i) => i % 3 !== 0).length;
  expect([root?.rows, list?.rows]).toEqual([130_000, withList * 2]);
  expect(
    await query(
      `select count(*), count(distinct "#row"), count(*) filter (c0 = "#row" - 1), count(*) filter (c0 is null and ("#row" - 1) % 1000 = 7), count(*) filter (c1 = "#row") from '${root?.files[0]}'`,
    ),
  ).toEqual(["130000", "130000", "129870", "130", "130000"]);
  expect(
    await query(
      `select count(*), min("#row"), max("#row"), count(distinct "#row"), count(*) filter ("#index" = 0 and c1 = "#id" - 1 and c0 is null), count(*) filter ("#index" = 1 and c0 = "#id" - 0.5 and c1 is null) from '${list?.files[0]}'`,
    ),
  ).toEqual([
    String(withList * 2),
    "1",
    String(withList * 2),
    String(withList * 2),
    String(withList),
    String(withList),
  ]);
  expect(await query(`select count(distinct row_group_id) > 1 from parquet_metadata('${list?.files[0]}')`)).toEqual([
    true,
  ]);
  const nested = (await shred(refs, type, "nested")).tables[0]?.files[0];
  expect(
    await query(
      `with t as (select *, row_number() over () - 1 as n from '${nested}') select count(*), count(*) filter (case when n % 1000 = 7 then i is null else i = n end), count(*) filter (case when n % 3 = 0 then l = [] else l[1].int = n and l[2].double = n + 0.5 and len(l) = 2 end) from t`,
    ),
  ).toEqual(["130000", "130000", "130000"]);
});

test("files, and ranges of a large file, give the same tables on several threads", async () => {
  const lines = Array.from({ length: 9_000 }, (_, i) =>
    i % 501 === 500
      ? `{"i":${i},"l":[`
      : `{"i":${i},"l":[{"k":[${i},${i + 1}]},{"k":[]}],"t":${i % 2 ? '"x"' : `["y",${i}]`},"pad":"${"p".repeat(i % 200)}"}`,
  );
  const refs = [lines.slice(0, 7000), lines.slice(7000, 7001), lines.slice(7001)].map((part, i) =>
    fixture.write(`threads-${i}.json`, part.map((line) => `${line}\n`).join("")),
  );
  const type = await expectShredded(refs, lines, { workersAbove: 0, rangeBytes: 100_000, mode: "lines" }, 3);
  const { tables } = await shred(refs, type, "tables", { workersAbove: 0, rangeBytes: 100_000 }, 3);
  expect(tables[0]?.files).toHaveLength(3);
}, 60_000);

test("what the guess does not hold ends the shredding, not the scan", async () => {
  const line = (i: number): string => `{"i":${i},"s":"${"x".repeat(50)}"}\n`;
  const text = Array.from({ length: 9_000 }, (_, i) => line(i)).join("");
  expect(text.length).toBeGreaterThan(2 * (1 << 18));
  const context = { storage: fixture.storage, folder: async () => staging };
  const onlyI = (of: StructType): StructType => struct(of.fields.filter(({ name }) => name === "i"));
  const files = (name: string, last: string): readonly FileRef[] => [
    fixture.write(`${name}-0.json`, text),
    fixture.write(`${name}-1.json`, `${text}${last}`),
    fixture.write(`${name}-2.json`, text),
  ];
  for (const [name, last, type] of [
    ["string", '{"i":"x"}', undefined],
    ["long", '{"i":2147483648}', undefined],
    ["field", '{"j":1}', INT],
    ["broken", '{"i":"x"', INT],
  ] as const) {
    for (const workers of [1, 2]) {
      newStaging();
      const refs = files(name, last);
      const ledgers = await fixture.scan(refs);
      const done = await scanAndShred(
        refs,
        onlyI,
        { reader: { kind: "json", mode: "auto" }, above: 0, workersAbove: 0 },
        { ...context, workers },
      );
      expect(done?.ledgers).toEqual(ledgers);
      expect(done?.shredded?.type).toEqual(type && structOf({ i: type }));
      if (done?.shredded !== undefined) discardShredded(done.shredded);
      expect(readdirSync(staging)).toEqual([]);
    }
  }
});

test("files are scanned alone where shredding them is not worth it, cannot be, or is wanted of all they hold", async () => {
  const ref = fixture.write("alone.json", '{"a":1,"l":[[1]]}\n');
  const options = { reader: { kind: "json", mode: "auto" }, above: 0 } as const;
  const context = { storage: fixture.storage, workers: 1, folder: () => Promise.reject(new Error("not asked for")) };
  const nothing = [
    [() => undefined, options],
    [() => struct([]), options],
    [(type: StructType) => type, options],
    [() => structOf({ a: map(INT) }), options],
    [() => structOf({ a: INT }), { ...options, above: 1000 }],
  ] as const;
  for (const [wanted, how] of nothing) expect(await scanAndShred([ref], wanted, how, context)).toBeUndefined();
});

test("a folder that cannot be written leaves the ledgers, and no rows", async () => {
  const ref = fixture.write("nowhere-to-write.json", '{"a":1,"b":2}\n');
  const context = { storage: fixture.storage, workers: 1, folder: async () => join(staging, "gone") };
  const done = await scanAndShred(
    [ref],
    () => structOf({ a: INT }),
    { reader: { kind: "json", mode: "auto" }, above: 0 },
    context,
  );
  expect(done).toEqual({ ledgers: await fixture.scan([ref]) });
});

test("gzip, arrays, pretty-printed and concatenated records give what their lines give", async () => {
  const lines = Array.from({ length: 500 }, (_, i) => `{"i":${i},"o":{"l":[${i},null]},"s":${i % 5 ? `"a${i}"` : i}}`);
  await expectShredded([fixture.write("a.json", gzipSync(lines.join("\n")))], lines);
  await expectShredded([fixture.write("b.json", `[${lines.join(" , ")}]`)], lines);
  await expectShredded(
    [fixture.write("c.json", lines.map((line) => JSON.stringify(JSON.parse(line), undefined, 2)).join("\n"))],
    lines,
  );
  await expectShredded([fixture.write("d.json", Buffer.from(`\ufeff${lines.join("\n")}`, "utf16le"))], lines);
});

async function readAs(
  type: StructType,
  layout: "nested" | "tables",
  lines: readonly string[],
): Promise<{ rows: unknown[]; misfits: object }> {
  const staged = await shred([fixture.write("as.json", lines.join("\n"))], type, layout);
  return {
    rows: await readParquet(opened.connection, staged.tables[0]?.files ?? []),
    misfits: Object.fromEntries(staged.misfits),
  };
}

test("a projection reads its fields and checks the rest", async () => {
  const type = structOf({ b: structOf({ d: INT }) });
  const { rows } = await readAs(type, "nested", [
    '{"a":[1,{"x":"y"}],"b":{"c":1,"d":2},"z":null}',
    '{"a":[1,{"x":"y}],"b":{"d":3}}',
    '{"zz":{"b":1},"b":{"e":[]}}',
    '{"b":{"d":4,"e":tru}}',
  ]);
  expect(rows).toEqual([{ b: { d: "int 2" } }, { b: { d: null } }]);
});

/** What one value becomes in a column of a type, by arm; the misfit count last. */
async function fitted(type: DataType, text: string): Promise<unknown[]> {
  const { rows, misfits } = await readAs(structOf({ v: type }), "nested", [`{"v":${text}}`]);
  return [(rows[0] as { v: unknown }).v, misfits];
}

test.each([
  ["an int widens to long", LONG, "7", "long 7"],
  ["an int widens to decimal", BIGINT, "-7", "decimal -7"],
  ["an int widens to double when there is no wider integer", DOUBLE, "7", "double 7 401c000000000000"],
  [
    "a long widens to double, rounded as its text reads",
    DOUBLE,
    "9007199254740993",
    "double 9007199254740992 4340000000000000",
  ],
  ["an int goes to string as its text", STRING, "7", "string 7"],
  ["a double goes to string as its text", STRING, "1.50", "string 1.50"],
  [
    "a past-long integer goes to decimal",
    choice([LONG, BIGINT]),
    "9223372036854775808",
    { decimal: "decimal 9223372036854775808", long: null },
  ],
  ["a double with no digits behind the point fits a decimal", decimal(5, 2), "1.5e2", "decimal 15000"],
  ["a double fits a decimal of its scale", decimal(5, 2), "-1.230", "decimal -123"],
])("%s", async (_, type, text, expected) => {
  expect(await fitted(type, text)).toEqual([expected, {}]);
});

test.each([
  ["a long in an int column", INT, "2147483648"],
  ["an int past short", SHORT, "32768"],
  ["a double in an int column", INT, "1.0"],
  ["a string in an int column", INT, '"1"'],
  ["a boolean in a string column", STRING, "true"],
  ["an object in a string column", STRING, '{"a":1}'],
  ["a list in a struct", structOf({ a: INT }), "[1]"],
  ["an object in a list", array(INT), '{"a":1}'],
  ["a decimal of too many digits", decimal(3, 2), "12.34"],
  ["a decimal of too fine a scale", decimal(5, 2), "1.234"],
  ["1e400 in a double", DOUBLE, "1e400"],
  ["39 digits in a decimal", BIGINT, "9".repeat(39)],
  ["anything in a date", DATE, '"2024-01-01"'],
  ["anything in a null column", NULL, "1"],
])("%s is null and counted", async (_, type, text) => {
  expect(await fitted(type, text)).toEqual([null, { v: 1 }]);
});

test("misfits of a malformed record are not counted, and those in lists are, by path", async () => {
  const { misfits } = await readAs(structOf({ a: array(structOf({ n: INT })), b: BOOLEAN }), "tables", [
    '{"a":[{"n":"x"},{"n":1.5},"y"],"b":0}',
    '{"a":[{"n":"x"}],"b":}',
    '{"a":[{"n":"z"}]}',
  ]);
  expect(misfits).toEqual({ "a[].n": 3, "a[]": 1, b: 1 });
});

test("nothing is left behind when the counts are not the ledger's, the file changed, or the type has no form", async () => {
  const ref = fixture.write("mismatch.json", '{"a":1}\n{"a":2}\n');
  const [ledger] = await fixture.scan([ref]);
  if (ledger === undefined) throw new Error("no ledger");
  const type = structOf({ a: INT });
  await expect(shred([ref], type, "tables", { ledgers: [{ ...ledger, records: 3 }] })).rejects.toMatchObject({
    code: "STAGE_MISMATCH",
    file: ref.path,
  });
  await expect(shred([{ ...ref, etag: "other" }], type, "tables")).rejects.toMatchObject({
    code: "SOURCE_CHANGED",
    file: ref.path,
  });
  await expect(shred([{ ...ref, path: `${ref.path}.gone` }], type, "nested")).rejects.toMatchObject({
    code: "SOURCE_VANISHED",
  });
  await expect(shred([ref], structOf({ a: map(INT) }), "nested")).rejects.toMatchObject({
    code: "UNSUPPORTED_TYPE",
    path: "a",
  });
  expect(readdirSync(staging)).toEqual([]);
});

test("records of thousands of fields, each with a few", async () => {
  await expectLines(
    Array.from(
      { length: 60 },
      (_, i) =>
        `{${Array.from({ length: 30 }, (__, k) => `"f${(i * 37 + k * 53) % 1500}":${k % 3 === 0 ? `"v${i}"` : k % 3 === 1 ? i / 8 : `{"x":[${i}]}`}`).join(",")}}`,
    ),
  );
}, 60_000);

test("records 500 levels deep are flattened; nested, they are refused with a code", async () => {
  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  const ref = fixture.write("deep.json", `${deep(500)}\n${deep(501)}\n${deep(2)}\n`);
  const type = ledgerType(mergeLedgers(await fixture.scan([ref])));
  const { records, malformed, tables } = await shred([ref], type, "tables");
  expect([records, malformed]).toEqual([2, 1]);
  expect(await readParquet(opened.connection, tables[0]?.files ?? [])).toEqual(
    flatTables(
      type,
      [deep(500), deep(2)].map((line) => readRecord(line) ?? new Map<string, Json>()),
    ).get(""),
  );
  await expect(shred([ref], type, "nested")).rejects.toMatchObject({ code: "UNSUPPORTED_TYPE" });
});

test("an aborted run, and one whose file vanishes for one of several threads, leave no files", async () => {
  const text = `${'{"a":1,"l":[1,2,3]}\n'.repeat(60_000)}`;
  const refs = [0, 1, 2].map((i) => fixture.write(`abort-${i}.json`, text));
  const type = structOf({ a: INT, l: array(INT) });
  const run = (files: readonly FileRef[], signal: AbortSignal): Promise<StagedRecords> =>
    shredJsonFiles(
      files,
      type,
      "tables",
      { workersAbove: 0 },
      { storage: fixture.storage, workers: 3, directory: staging, signal },
    );
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("enough")), 15);
  await expect(run([...refs, ...refs, ...refs], abort.signal)).rejects.toThrow("enough");
  expect(readdirSync(staging)).toEqual([]);
  const [first, second, third] = refs as [FileRef, FileRef, FileRef];
  await expect(
    run([first, second, { ...third, path: `${third.path}.gone` }], new AbortController().signal),
  ).rejects.toMatchObject({ code: "SOURCE_VANISHED" });
  expect(readdirSync(staging)).toEqual([]);
});

test("a folder that is not there is an error with a code", async () => {
  const ref = fixture.write("nowhere.json", '{"a":1}\n');
  rmSync(staging, { recursive: true });
  await expect(shred([ref], structOf({ a: INT }), "nested")).rejects.toMatchObject({ code: "PATH_NOT_FOUND" });
});
