/** Every cast of the matrix, value by value: an engine against `castValue`, which is the norm. */
import fc from "fast-check";
import type { EngineSession } from "../../src/engine/index.js";
import { cast, field, inputOf, project, values } from "../../src/plan/ir/build.js";
import { castValue } from "../../src/types/cast.js";
import {
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  array,
  choice,
  decimal,
  enumOf,
  map,
  set,
  struct,
  structOf,
  type DataType,
} from "../../src/types/data-type.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Row, type Value } from "../../src/types/value.js";

const TEXTS = [
  "",
  " ",
  "1",
  "-1",
  "+1",
  "+",
  "-",
  ".",
  "+.",
  "1.",
  ".5",
  "-.5",
  "1.7",
  "-1.7",
  "1.5e3",
  "1e5",
  "1E+5",
  "1e-5",
  "0x10",
  "1_000",
  "1,000",
  "٣",
  " 12 ",
  "\t12\n",
  "\u000012\u0000",
  "12\u007f",
  "\u00a012",
  "007",
  "00000000000000000000000000000005",
  "127",
  "128",
  "-128",
  "-129",
  "32767",
  "32768",
  "2147483647",
  "2147483648",
  "-2147483648",
  "-2147483649",
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775808",
  "-9223372036854775809",
  "99999999999999999999999999999999999999",
  "100000000000000000000000000000000000000",
  "0.1",
  "0.10000000000000001",
  "1e400",
  "-1e400",
  "1e-400",
  "-1e-400",
  "0e400",
  "0e100",
  "0.000e5",
  "1d",
  "1F",
  "1e5f",
  "NaN",
  "nan",
  "-NaN",
  "-nan",
  "+NaN",
  "inf",
  "-inf",
  "+Infinity",
  "INFINITY",
  "infin",
  "4.9e-324",
  "1.7976931348623157e308",
  "3.4028235e38",
  "3.5e38",
  "1e39",
  "123.455",
  "123.445",
  "-123.455",
  "0.005",
  "0.004",
  "99.995",
  "99999999.99",
  "99999999.995",
  "1.25e1",
  "1.255e2",
  "12345e-3",
  "1e2147483648",
  "1e-2147483648",
  "5e-1",
  "0.5e0",
  "00.5",
  "1e38",
  "1e37",
  "12e-40",
  "true",
  "TRUE",
  "t",
  "y",
  "yes",
  "no",
  "n",
  "f",
  "false",
  "0",
  "on",
  " true ",
  "2",
  "2020-02-29",
  "2021-02-29",
  "2020-2-9",
  "2020",
  "2020-1",
  "2020-13-01",
  "2020-00-01",
  "2020-01-32",
  "0001-01-01",
  "0000-01-01",
  "-0001-01-01",
  "+2020-01-01",
  "9999-12-31",
  "10000-01-01",
  "123456-01-01",
  "5877000-12-31",
  "9999999-01-01",
  "20200101",
  "2020-01-01 junk",
  "2020-01-01T",
  "2020-01-01Tjunk",
  "2020-01-01x",
  "2020-01T00",
  "1970-01-01",
  "1900-02-29",
  "2000-02-29",
  "2020-01-02 03:04:05",
  "2020-01-02T03:04:05Z",
  "2020-01-02 03:04:05.1",
  "2020-01-02 03:04:05.1234567",
  "2020-01-02 03:04:05.",
  "2020-01-02 3:4:5",
  "2020-01-02 3",
  "2020-01-02 3:4",
  "2020-01-02 24:00:00",
  "2020-01-02 23:60:00",
  "2020-01-02 23:59:60",
  "2020-01-02 03:04:05+01:00",
  "2020-01-02 03:04:05 -0130",
  "2020-01-02 03:04:05 UTC",
  "2020-01-02 03:04:05UTC+1",
  "2020-01-02 03:04:05+18:00",
  "2020-01-02 03:04:05+18:01",
  "2020-01-02 03:04:05+1:2",
  "2020-01-02 03:04:05+01:02:03",
  "2020-01-02 03:04:05+010203",
  "2020-01-02 03:04:05+123",
  "2020-01-02 03:04:05 Europe/Berlin",
  "2020-01-02 03:04:05z",
  "2020-01-02 03:04:05GMT-5",
  "1-1-1",
  "0001-01-01 00:00:00",
  "9999-12-31 23:59:59.999999",
  "294247-01-10 04:00:54.775806",
  "294247-01-10 04:00:54.775808",
  "-290308-12-21 19:59:05.224194",
  "-290308-12-21 19:59:05.224191",
  "999999-01-01 00:00:00",
  "-0044-03-15 12:00:00.5",
  "1969-12-31 23:59:59.999999",
  "a",
  "red",
  "é",
  "😀",
  "x".repeat(300),
  "a'b\"c\\d",
  "{",
  "null",
  "1\n2",
  "2020-01-01\n",
];
const DOUBLES = [
  ...Array.from({ length: 2098 }, (_, i) => 2 ** (i - 1074)),
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  2.5,
  -2.5,
  0.1,
  1e7,
  9999999,
  12345678.9,
  1e-3,
  9.99e-4,
  1e10,
  1e15,
  1e16,
  1e17,
  1.5e16,
  123456789012345680,
  1e21,
  1e22,
  1.5e-5,
  1e-7,
  5e-324,
  1e-323,
  2.5e-323,
  1.7976931348623157e308,
  2 ** 31,
  -(2 ** 31),
  2 ** 31 - 0.5,
  -(2 ** 31) - 0.5,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  -(2 ** 63),
  1e19,
  NaN,
  Infinity,
  -Infinity,
  3.4028234663852886e38,
  3.4028235677973366e38,
  1e39,
  1e-46,
  99999999.995,
  1.005,
  127.9,
  128,
  0.005,
  253402300799.5,
  -62135596800,
  9223372036854.775,
  1e13,
  1.234567,
  -1.234567,
  123456.789,
  1e37,
  1e38,
  1e300,
  0.1 + 0.2,
  4.35,
  100,
  1e23,
];
const FLOATS = [...new Set(DOUBLES.map(Math.fround))].concat(
  [
    ...Array.from({ length: 277 }, (_, i) => 2 ** (i - 149)),
    467360.375,
    67898416,
    1.17549435e-38,
    1.4e-45,
    16777216,
    3.3554432e7,
    0.3,
    1e10,
    3.3e-5,
  ].map(Math.fround),
);
const LONGS: (number | bigint)[] = [
  0,
  1,
  -1,
  127,
  128,
  32767,
  32768,
  2147483647,
  2147483648,
  -2147483648,
  -2147483649,
  9007199254740991,
  9007199254740993n,
  9223372036854775807n,
  -9223372036854775808n,
  16777217,
  33554435,
  253402300799,
  9223372036854,
  9223372036855,
  99999999,
  100000000,
  -62135596801,
];
const DATES = [
  0, -1, 1, 18321, -719162, -719163, -719528, -719529, 2932896, 2932897, 100000000, 106751991, 106751992, -106751992,
  2147483000, -2147483000,
].map((d) => new DateValue(d));
const STAMPS = [
  0n,
  -1n,
  1n,
  999999n,
  1000000n,
  -1000000n,
  -1000001n,
  1577934245123456n,
  1577934245100000n,
  -62135596800000000n,
  -62135596800000001n,
  -62167219200000000n,
  -62198755200000000n,
  253402300799999999n,
  253402300800000000n,
  9007199254740993n,
  9223372036854775806n,
  -9223372022400000000n,
].map((m) => new TimestampValue(m));
const decimals = (p: number, s: number): Decimal[] => {
  const most = 10n ** BigInt(p) - 1n;
  return [
    0n,
    1n,
    -1n,
    5n,
    -5n,
    49n,
    50n,
    51n,
    12345n,
    -12345n,
    99995n,
    most,
    -most,
    most / 2n,
    10n ** BigInt(s),
    5n * 10n ** BigInt(Math.max(0, s - 1)),
  ]
    .filter((u) => u <= most && u >= -most)
    .map((u) => new Decimal(u, s));
};

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const nested = structOf({ a: INT, b: STRING, c: array(DOUBLE) });
const mixed = choice([INT, STRING]);
export const CAST_SOURCES: readonly (readonly [DataType, readonly Value[]])[] = [
  [STRING, TEXTS],
  [enumOf(["red", "1"]), ["red", "1"]],
  [BOOLEAN, [true, false]],
  [BYTE, [0, 1, -128, 127]],
  [SHORT, [0, 128, -32768, 32767]],
  [INT, [0, 1, -1, 127, 128, 32768, 2147483647, -2147483648, 16777217]],
  [LONG, LONGS],
  [FLOAT, FLOATS],
  [DOUBLE, DOUBLES],
  [decimal(10, 2), decimals(10, 2)],
  [decimal(38, 0), decimals(38, 0)],
  [decimal(38, 38), decimals(38, 38)],
  [decimal(2, 2), decimals(2, 2)],
  [decimal(20, 10), decimals(20, 10)],
  [decimal(38, 10), decimals(38, 10)],
  [DATE, DATES],
  [TIMESTAMP, STAMPS],
  [TIMESTAMPNTZ, STAMPS],
  [
    BINARY,
    [
      utf8(""),
      utf8("abc"),
      utf8("é😀"),
      Uint8Array.of(0xff),
      Uint8Array.of(0),
      Uint8Array.of(0xc3),
      Uint8Array.of(0xed, 0xa0, 0x80),
      utf8("\ufeffx"),
    ],
  ],
  [array(STRING), [[], ["1", null, "x"], [null], ["2020-01-01"]]],
  [set(INT), [[], [1, null, 300]]],
  [array(BINARY), [[utf8("a")], [Uint8Array.of(0xff), null], []]],
  [array(mixed), [[new ArmValue("int", 5), new ArmValue("string", "x"), null]]],
  [array(array(INT)), [[[1, 2], [], null], []]],
  [
    map(STRING),
    [
      new Map([
        ["a", "1"],
        ["b", null],
        ["", "x"],
      ]),
      new Map(),
    ],
  ],
  [
    nested,
    [
      { a: 1, b: "2", c: [1.5, null, 1e10] },
      { a: null, b: null, c: null },
    ],
  ],
  [struct(), [{}]],
  [mixed, [new ArmValue("int", 7), new ArmValue("string", "7"), new ArmValue("string", "x")]],
];
export const CAST_TARGETS: readonly DataType[] = [
  STRING,
  enumOf(["red", "1"]),
  BOOLEAN,
  BYTE,
  SHORT,
  INT,
  LONG,
  FLOAT,
  DOUBLE,
  decimal(10, 2),
  decimal(38, 0),
  decimal(38, 10),
  decimal(5, 5),
  decimal(38, 38),
  DATE,
  TIMESTAMP,
  TIMESTAMPNTZ,
  BINARY,
  array(INT),
  array(STRING),
  array(DOUBLE),
  set(INT),
  map(INT),
  map(STRING),
  structOf({ x: LONG, y: INT, z: array(STRING) }),
  array(DATE),
  array(array(STRING)),
];

export const castName = (type: DataType): string =>
  type.kind === "decimal"
    ? `decimal(${type.precision},${type.scale})`
    : type.kind === "array" || type.kind === "set"
      ? `${type.kind}<${castName(type.element)}>`
      : type.kind === "map"
        ? `map<${castName(type.value)}>`
        : type.kind;

/** Comparable text that keeps -0, NaN, decimals and nulls apart; a missing field is null. */
function show(value: Value): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Decimal) return `dec ${value.unscaled}/${value.scale}`;
  if (value instanceof DateValue) return `date ${value.days}`;
  if (value instanceof TimestampValue) return `ts ${value.micros}`;
  if (value instanceof Uint8Array) return `hex ${Buffer.from(value).toString("hex")}`;
  if (value instanceof ArmValue) return `${value.arm}:${show(value.value)}`;
  if (Array.isArray(value)) return `[${(value as Value[]).map(show).join()}]`;
  if (value instanceof Map)
    return `map{${[...(value as Map<string, Value>)].map(([k, v]) => `${JSON.stringify(k)}:${show(v)}`).join()}}`;
  return `{${Object.entries(value as Row)
    .map(([k, v]) => `${JSON.stringify(k)}:${show(v)}`)
    .join()}}`;
}

export type CastOutcome = {
  readonly to: DataType;
  readonly wrong: readonly string[];
  readonly misfits: number;
  readonly counted: number;
};

/** The inputs cast to every target, in one query. */
export async function compareCasts(
  session: EngineSession,
  from: DataType,
  targets: readonly DataType[],
  inputs: readonly Value[],
): Promise<readonly CastOutcome[]> {
  const rows = [...inputs, null].map((v, i) => ({ i, v }));
  const source = values(rows, structOf({ i: INT, v: from }));
  const plan = project(source, [
    { name: "i", value: field(inputOf(source), "i") },
    ...targets.map((to, t) => ({ name: `r${t}`, value: cast(field(inputOf(source), "v"), to, `v${t}`) })),
  ]);
  const got = new Map<Value, Row>();
  for await (const batch of session.rows(plan)) for (const row of batch) got.set(row["i"], row);
  const counts = await session.nulledCasts(plan);
  return targets.map((to, t) => {
    const wrong: string[] = [];
    let misfits = 0;
    for (const { i, v } of rows) {
      const expected = castValue(v, from, to);
      const found = got.get(i)?.[`r${t}`];
      misfits += expected.ok ? (expected.nulled ?? 0) : 1;
      const wanted = expected.ok ? withNulls(expected.value, to) : null;
      if (show(found) !== show(wanted)) wrong.push(`${show(v)} -> ${show(found)}, expected ${show(wanted)}`);
    }
    return { to, wrong, misfits, counted: counts.get(`v${t}`) ?? 0 };
  });
}

// absent fields are null after the engine
function withNulls(value: Value, type: DataType): Value {
  if (type.kind !== "struct" || value === null || value === undefined) return value;
  return Object.fromEntries(type.fields.map((f) => [f.name, (value as Row)[f.name] ?? null]));
}

/** Random values by type, and the types they are cast to. */
export function randomCasts(): {
  readonly sources: readonly (readonly [DataType, fc.Arbitrary<Value>])[];
  readonly targets: readonly DataType[];
} {
  const part = fc.constantFrom(
    ...[
      "0",
      "1",
      "9",
      "12",
      "007",
      ".",
      "-",
      "+",
      "e",
      "E",
      ":",
      "T",
      " ",
      "Z",
      "2020",
      "-02-",
      "29",
      "inf",
      "nan",
      "f",
      "d",
      "\t",
      "\u0000",
      "true",
      "é",
      "/",
      "_",
      "10:",
      "00",
    ],
  );
  const sources: readonly (readonly [DataType, fc.Arbitrary<Value>])[] = [
    [STRING, fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""))],
    [STRING, fc.double().map((d) => (d === 0 ? "0" : d.toString().replace(/e[+-]?\d{3,}/, "e30")))],
    [
      STRING,
      fc
        .tuple(
          fc.integer({ min: 1, max: 10000 }),
          fc.integer({ min: 0, max: 13 }),
          fc.integer({ min: 0, max: 32 }),
          fc.constantFrom("", " 1:2:3", "T23:59:59.999999Z", " 00:00:00.5+05:30", " 24:00"),
        )
        .map(([y, m, d, t]) => `${String(y).padStart(4, "0")}-${m}-${d}${t}`),
    ],
    [DOUBLE, fc.double()],
    [
      DOUBLE,
      fc
        .tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1000, max: 1000 }))
        .map(([m, e]) => m * 2 ** e),
    ],
    [DOUBLE, fc.double({ min: -1e9, max: 1e9 })],
    [FLOAT, fc.float()],
    [FLOAT, fc.float({ min: Math.fround(-1e8), max: Math.fround(1e8) })],
    [LONG, fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)],
    [decimal(38, 10), fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n).map((n) => new Decimal(n, 10))],
    [decimal(12, 6), fc.bigInt(-(10n ** 12n) + 1n, 10n ** 12n - 1n).map((n) => new Decimal(n, 6))],
    [TIMESTAMP, fc.bigInt(-62135596800000000n, 253402300799999999n).map((m) => new TimestampValue(m))],
    [DATE, fc.integer({ min: -719162, max: 2932896 }).map((d) => new DateValue(d))],
  ];
  const targets = [
    STRING,
    BOOLEAN,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    decimal(10, 2),
    decimal(38, 10),
    decimal(38, 0),
    DATE,
    TIMESTAMP,
    TIMESTAMPNTZ,
  ];
  return { sources, targets };
}
