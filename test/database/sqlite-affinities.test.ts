/**
 * SQLite turns values into others by the affinity of a column ("Datatypes In SQLite", §3): what is written comes back
 * as it was, or is refused.
 */
import { DatabaseSync } from "@photostructure/sqlite";
import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDatabaseUrl } from "../../src/database/address.js";
import { rowFitter, type FittedRow } from "../../src/database/fit-value.js";
import { sqliteDatabase } from "../../src/database/sqlite/index.js";
import {
  DateValue,
  Decimal,
  decimal,
  DynaframeError,
  field,
  struct,
  TimestampValue,
  type DataType,
} from "../../src/index.js";
import { BINARY, BOOLEAN, DATE, DOUBLE, FLOAT, LONG, STRING, TIMESTAMP, TIMESTAMPNTZ } from "../../src/index.js";
import { ArmValue, type Value } from "../../src/types/value.js";
import "../property-seed.js";

const DECLARED = [
  "",
  "INTEGER",
  "INT",
  "BIGINT",
  "TINYINT",
  "FLOATING POINT",
  "BOOLEAN",
  "REAL",
  "FLOAT",
  "DOUBLE",
  "NUMERIC",
  "DECIMAL",
  "NUMBER",
  "NUMERIC(10)",
  "DECIMAL(10,2)",
  "DECIMAL(20,0)",
  "DECIMAL(5,-2)",
  "MONEY",
  "STRING",
  "TEXT",
  "VARCHAR(3)",
  "BLOB",
  "JSON",
  "JSONB",
  "DATE",
  "DATETIME",
  "TIMESTAMP",
  "DECIMAL TEXT(38,10)",
  "ANY",
];
const NUMBERS = [
  "0",
  "1",
  "-1",
  "12",
  "007",
  "1.0",
  "1.50",
  "-0",
  "0.1",
  ".5",
  "5.",
  "1e3",
  "1e400",
  "0x10",
  "9007199254740993",
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775808",
  "12345678901234567890",
  "1234567890.12345678",
  " 12 ",
  "+5",
  "inf",
  "nan",
  "1_000",
];
const LONGS = [
  0n,
  1n,
  -1n,
  12n,
  2n ** 31n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const DOUBLES = [
  0,
  -0,
  1,
  -1,
  1.5,
  0.1,
  0.1 + 0.2,
  123456.789,
  1e15,
  1e16,
  2 ** 53,
  2 ** 60,
  2 ** 63,
  -(2 ** 63),
  1e300,
  5e-324,
  2.2e-308,
  NaN,
  Infinity,
  -Infinity,
  9007199254740993,
  123456789012345.67,
];
const decimalsOf = (scale: number): fc.Arbitrary<Decimal> =>
  fc
    .tuple(fc.bigInt(-(10n ** 37n), 10n ** 37n), fc.integer({ min: 0, max: 36 }))
    .map(([n, cut]) => new Decimal(n / 10n ** BigInt(cut), scale));

const SOURCES: readonly {
  readonly type: DataType;
  readonly edges: readonly Value[];
  readonly random: fc.Arbitrary<Value>;
}[] = [
  { type: LONG, edges: LONGS, random: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) },
  {
    type: DOUBLE,
    edges: DOUBLES,
    random: fc.oneof(
      fc.double(),
      fc.integer().map((n) => n / 100),
    ),
  },
  { type: FLOAT, edges: [0.5, Math.fround(0.1), Math.fround(16777217), -0, 2 ** 60], random: fc.float() },
  {
    type: decimal(38, 0),
    edges: [0n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 10n ** 37n].map((n) => new Decimal(n, 0)),
    random: decimalsOf(0),
  },
  {
    type: decimal(38, 10),
    edges: [1n, 10n ** 10n, -(10n ** 24n) - 1n, 2n ** 80n].map((n) => new Decimal(n, 10)),
    random: decimalsOf(10),
  },
  {
    type: STRING,
    edges: ["", "a", "é\0b", "true", "null", "[1]", '{"a":1.50}', '"x"', "2024-01-01", ...NUMBERS],
    random: fc.oneof(fc.string(), fc.double().map(String)),
  },
  { type: BINARY, edges: [new Uint8Array([]), new Uint8Array(Buffer.from("12"))], random: fc.uint8Array() },
  { type: BOOLEAN, edges: [true, false], random: fc.boolean() },
  {
    type: DATE,
    edges: [-800_000, -1, 0, 2_932_897].map((n) => new DateValue(n)),
    random: fc.integer({ min: -1e6, max: 1e7 }).map((n) => new DateValue(n)),
  },
  ...[TIMESTAMP, TIMESTAMPNTZ].map((type) => ({
    type,
    edges: [-1n, 0n, 1n, 10n ** 15n, 10n ** 18n].map((n) => new TimestampValue(n)),
    random: fc.bigInt(-(10n ** 17n), 10n ** 17n).map((n) => new TimestampValue(n)),
  })),
  { type: { kind: "array", element: DOUBLE }, edges: [[], [1], [0.1, null, 1e300]], random: fc.array(fc.integer()) },
];

const folder = mkdtempSync(join(tmpdir(), "dyna-affinity-"));
const file = join(folder, "a.db");
const database = sqliteDatabase(parseDatabaseUrl(`jdbc:sqlite:${file}`, undefined));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const refusal = <T>(body: () => T): T | string => {
  try {
    return body();
  } catch (error) {
    if (error instanceof DynaframeError) return error.code;
    throw error;
  }
};

/**
 * Writes what is not refused into a column declared so; what was refused, and the cells as the driver and the library
 * give them.
 */
async function roundTrip(declared: string, type: DataType, values: readonly Value[]) {
  const table = { name: "t" };
  const session = await database.openWrite();
  await session.execute("DROP TABLE IF EXISTS t");
  await session.execute(`CREATE TABLE t (id INTEGER, v ${declared})`);
  const columns = (await session.describe(table)) ?? [];
  const fit = refusal(() => rowFitter(struct([field("id", LONG), field("v", type)]), columns));
  const kept: { readonly value: Value; readonly row: FittedRow }[] = [];
  const refused: Value[] = [];
  for (const [id, value] of values.entries()) {
    const row = typeof fit === "string" ? fit : refusal(() => fit({ id, v: value }));
    if (typeof row === "string") refused.push(value);
    else kept.push({ value, row });
  }
  await session.insert(
    table,
    columns,
    (async function* () {
      yield kept.map(({ row }) => row);
    })(),
  );
  await session.commit();
  const raw = new DatabaseSync(file);
  // the driver ends texts at U+0000
  const statement = raw.prepare(
    "SELECT typeof(v) AS class, CASE typeof(v) WHEN 'text' THEN CAST(v AS BLOB) ELSE v END AS v FROM t ORDER BY rowid",
  );
  statement.setReadBigInts(true);
  const cells = (statement.all() as { readonly class: string; readonly v: Value }[]).map(({ class: kind, v }) =>
    kind === "text" ? Buffer.from(v as Uint8Array).toString() : v,
  );
  raw.close();
  const read = await database.openRead({ source: { kind: "query", sql: "SELECT * FROM t ORDER BY rowid" } });
  const back: Value[] = [];
  for (const part of read.parts)
    for await (const batch of part) for (const { v } of batch) back.push(v instanceof ArmValue ? v.value : v);
  await read.close();
  return {
    typeRefused: typeof fit === "string",
    refused,
    kept: kept.map(({ value }, i) => ({ value, cell: cells[i], back: back[i] })),
  };
}

/** The same value, whatever holds it: 2.0 is 2, -0 is not 0, and a double is the decimal that it prints as. */
function isSame(given: Value, found: Value): boolean {
  if (isNumber(given) && isNumber(found)) {
    if (typeof given === "bigint" && typeof found === "number")
      return Number.isInteger(found) && BigInt(found) === given;
    if (typeof given === "number" && typeof found === "bigint")
      return Number.isInteger(given) && !Object.is(given, -0) && BigInt(given) === found;
    if (typeof given === "number" && typeof found === "number") return Object.is(given, found);
    return significant(String(given)) === significant(String(found));
  }
  if (given instanceof Uint8Array && found instanceof Uint8Array) return Buffer.from(given).equals(Buffer.from(found));
  if (typeof given === "boolean") return found === given || found === BigInt(given) || found === Number(given);
  return String(given) === String(found) || JSON.stringify(given) === found;
}

/**
 * Where decimals are texts, those; where a scale is declared, a float counts as the decimal it prints as; 0 and 1 alone
 * are read as booleans.
 */
function keepsDigits(declared: string, type: DataType, value: Value, found: Value): boolean {
  if (!isNumber(value)) return false;
  if (typeof found === "boolean") return declared === "BOOLEAN" && isSame(value, BigInt(found));
  const isFloat = type.kind === "float" && Math.fround(Number(found)) === value;
  if (typeof found === "string")
    return /TEXT/.test(declared) && (isFloat || significant(found) === significant(String(value)));
  return isFloat && /,\d|TEXT/.test(declared) && isNumber(found);
}
const isNumber = (value: Value): value is number | bigint | Decimal =>
  typeof value === "number" || typeof value === "bigint" || value instanceof Decimal;

function significant(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const last = Number(exponent) - fraction.length;
  return digits === ""
    ? "0"
    : `${sign}${digits.replace(/0+$/, "")}e${last + (digits.length - digits.replace(/0+$/, "").length)}`;
}

describe.each(DECLARED)("a column declared %p", (declared) => {
  const sources = SOURCES.map((source) => ({ kind: source.type.kind, ...source }));
  test.each(sources)("takes each $kind unchanged, or not at all", async ({ type, edges, random }) => {
    const { kept } = await roundTrip(declared, type, [...edges, ...fc.sample(random, 100)]);
    const isKept = (value: Value, found: Value): boolean =>
      isSame(value, found) || keepsDigits(declared, type, value, found);
    expect(kept.filter(({ value, cell = null, back = null }) => !isKept(value, cell) || !isKept(value, back))).toEqual(
      [],
    );
  });
});

test.each<[string, DataType, Value[]]>([
  ...["NUMERIC", "DECIMAL", "NUMBER(10)", "MONEY"].flatMap((declared): [string, DataType, Value[]][] => [
    [declared, LONG, LONGS],
    [declared, DOUBLE, [0, 1, 0.1 + 0.2, 123456.789, 1e300, 5e-324, 1e-17, Infinity]],
    [declared, decimal(38, 2), [new Decimal(12345n, 2), new Decimal(2n ** 63n * 100n - 100n, 2)]],
  ]),
  ["DECIMAL(10,2)", decimal(10, 2), [new Decimal(1234567n, 2)]],
  ["DECIMAL(20,0)", LONG, LONGS],
  ["TEXT", STRING, [...NUMBERS, "\0", "a\0b", "é\0"]],
  ["JSON", STRING, ["null", "[1.50]", '{"a":1}', '"12"']],
  ["REAL", DOUBLE, [1e-16, 2.5e-200, 5e-324, -1e-17]],
])("a column declared %s takes %p: what it holds is not refused", async (declared, type, values) => {
  const { typeRefused, refused, kept } = await roundTrip(declared, type, values);
  expect([typeRefused, refused, kept.length]).toEqual([false, [], values.length]);
});

test.each<[string, DataType, Value[]]>([
  ["REAL", DOUBLE, [-0, NaN]],
  ["NUMERIC", DOUBLE, [-0, NaN]],
  ["NUMERIC", decimal(38, 10), [new Decimal(12345678901234567n, 10), new Decimal(2n ** 63n * 10n ** 10n, 10)]],
  ["DECIMAL(10,2)", decimal(10, 3), [new Decimal(1n, 3)]],
  ["JSON", STRING, ["1", "1.50", "-0", " 12 "]],
  ["", STRING, ["a\0"]],
])("a column declared %s refuses of %p what it would change", async (declared, type, values) => {
  expect(await roundTrip(declared, type, values)).toMatchObject({ typeRefused: false, refused: values, kept: [] });
});
