/**
 * Expectations are Spark's: Cast and CastSuite of Spark 3.5 (non-ANSI, UTC), UTF8StringSuite, DateTimeUtilsSuite,
 * Java's Double.toString; and docs/cast-matrix.md where a value that Spark would change is nulled instead.
 */
import fc from "fast-check";
import {
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  NULL,
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
  structOf,
  type DataType,
} from "../../src/types/data-type.js";
import { castCanFail, castExists, castValue } from "../../src/types/cast.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Value } from "../../src/types/value.js";
import { anyType } from "./arbitraries.js";

const MISFIT = Symbol("misfit");
const cast = (value: Value, from: DataType, to: DataType): unknown => {
  const result = castValue(value, from, to);
  return result.ok ? result.value : MISFIT;
};
const text = (value: unknown): unknown => (value === MISFIT || value === null ? value : String(value));

type Cases = readonly (readonly [Value, unknown])[];
const check = (from: DataType, to: DataType, cases: Cases): void => {
  test.each(cases)(`${from.kind} → ${to.kind}: %p`, (value, expected) => {
    expect(cast(value, from, to)).toStrictEqual(expected);
  });
};

describe("string to integers", () => {
  check(STRING, INT, [
    ["1", 1],
    ["1.7", 1],
    ["-1.7", -1],
    [" 12 ", 12],
    ["\t12\n", 12],
    ["+5", 5],
    ["007", 7],
    ["1.", 1],
    [".5", 0],
    ["-0", 0],
    ["\u00021\u007f", 1],
    ["0x10", MISFIT],
    ["1_000", MISFIT],
    ["yes", MISFIT],
    ["", MISFIT],
    ["  ", MISFIT],
    ["-", MISFIT],
    ["+", MISFIT],
    ["1e3", MISFIT],
    ["1,000", MISFIT],
    ["1.x", MISFIT],
    ["1.2.3", MISFIT],
    ["--1", MISFIT],
    ["1 2", MISFIT],
    ["\u00a01", MISFIT],
    ["٣", MISFIT],
    ["12L", MISFIT],
    ["2147483647", 2147483647],
    ["2147483648", MISFIT],
    ["-2147483648", -2147483648],
    ["-2147483649", MISFIT],
    ["2147483647.9", 2147483647],
    ["9".repeat(1_000_000), MISFIT],
    [`${"0".repeat(1000)}7`, 7],
  ]);
  check(STRING, LONG, [
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["9223372036854775807", 9223372036854775807n],
    ["9223372036854775808", MISFIT],
    ["-9223372036854775808", -9223372036854775808n],
    ["-9223372036854775809", MISFIT],
  ]);
  check(STRING, BYTE, [
    ["127", 127],
    ["128", MISFIT],
    ["-128", -128],
    ["-129", MISFIT],
    ["1.9", 1],
  ]);
  check(STRING, SHORT, [
    ["32767", 32767],
    ["32768", MISFIT],
  ]);
});

describe("string to boolean", () => {
  check(STRING, BOOLEAN, [
    ...["t", "true", "y", "yes", "1", "TRUE", " Yes ", "T"].map((v): readonly [Value, unknown] => [v, true]),
    ...["f", "false", "n", "no", "0", "FALSE", "No", "\tn"].map((v): readonly [Value, unknown] => [v, false]),
    ...["", "2", "tr", "on", "off", "1.0", "null"].map((v): readonly [Value, unknown] => [v, MISFIT]),
  ]);
});

describe("string to floating point", () => {
  check(STRING, DOUBLE, [
    ["1e3", 1000],
    ["1.5d", 1.5],
    ["1.5F", 1.5],
    ["2D", 2],
    ["NaN", NaN],
    ["nan", NaN],
    ["Infinity", Infinity],
    ["-Infinity", -Infinity],
    ["+inf", Infinity],
    ["-INF", -Infinity],
    ["infinity", Infinity],
    [".5", 0.5],
    ["5.", 5],
    ["-.5e-1", -0.05],
    [" 1 ", 1],
    ["1e400", Infinity],
    ["0.1", 0.1],
    ["-0", -0],
    ["", MISFIT],
    [".", MISFIT],
    ["1_000", MISFIT],
    ["0x10", MISFIT],
    ["1e", MISFIT],
    ["1,5", MISFIT],
    ["1L", MISFIT],
    ["e5", MISFIT],
    ["1 2", MISFIT],
    ["1fd", MISFIT],
  ]);
  check(STRING, FLOAT, [
    ["0.1", Math.fround(0.1)],
    ["16777217", 16777216],
    ["x", MISFIT],
  ]);
});

describe("numbers to integers", () => {
  check(DOUBLE, INT, [
    [2.5, 2],
    [-2.5, -2],
    [-0.5, 0],
    [NaN, MISFIT],
    [Infinity, MISFIT],
    [-Infinity, MISFIT],
    [2147483647.9, 2147483647],
    [2147483648, MISFIT],
    [1e20, MISFIT],
  ]);
  check(DOUBLE, LONG, [
    [1e15, 1e15],
    [2 ** 60, 2n ** 60n],
    [2 ** 63, MISFIT],
    [-(2 ** 63), -(2n ** 63n)],
  ]);
  check(INT, BYTE, [
    [127, 127],
    [128, MISFIT],
    [-129, MISFIT],
  ]);
  check(LONG, INT, [
    [7, 7],
    [2 ** 31, MISFIT],
    [2n ** 62n, MISFIT],
  ]);
  check(INT, LONG, [[-5, -5]]);
  check(BOOLEAN, INT, [
    [true, 1],
    [false, 0],
  ]);
  check(decimal(10, 2), INT, [
    [new Decimal(199n, 2), 1],
    [new Decimal(-199n, 2), -1],
  ]);
  check(decimal(38, 0), LONG, [
    [new Decimal(2n ** 63n - 1n, 0), 2n ** 63n - 1n],
    [new Decimal(2n ** 63n, 0), MISFIT],
  ]);
  check(TIMESTAMP, LONG, [
    [new TimestampValue(1_500_000n), 1],
    [new TimestampValue(-1n), -1],
    [new TimestampValue(-1_000_000n), -1],
  ]);
  check(TIMESTAMP, INT, [[new TimestampValue(2n ** 31n * 1_000_000n), MISFIT]]);
});

describe("to boolean and to floating point", () => {
  check(INT, BOOLEAN, [
    [0, false],
    [1, true],
    [-7, true],
  ]);
  check(LONG, BOOLEAN, [
    [2n ** 60n, true],
    [0, false],
  ]);
  check(DOUBLE, BOOLEAN, [
    [0, false],
    [-0, false],
    [0.1, true],
    [NaN, true],
  ]);
  check(decimal(5, 2), BOOLEAN, [
    [new Decimal(0n, 2), false],
    [new Decimal(1n, 2), true],
  ]);
  check(BOOLEAN, DOUBLE, [[true, 1]]);
  check(LONG, DOUBLE, [[9007199254740993n, 9007199254740992]]);
  check(decimal(4, 3), DOUBLE, [[new Decimal(1001n, 3), 1.001]]);
  check(TIMESTAMP, DOUBLE, [[new TimestampValue(1_500_000n), 1.5]]);
  check(DOUBLE, FLOAT, [
    [0.1, Math.fround(0.1)],
    [1e300, MISFIT],
    [-Infinity, -Infinity],
    [NaN, NaN],
  ]);
  check(FLOAT, DOUBLE, [[Math.fround(0.1), 0.10000000149011612]]);
});

describe("to decimal: half up, null on overflow", () => {
  const d = decimal(5, 2);
  const cases: readonly (readonly [Value, DataType, DataType, unknown])[] = [
    ["1.005", STRING, d, "1.01"],
    ["-1.005", STRING, d, "-1.01"],
    ["1.004", STRING, d, "1.00"],
    [" 1e2 ", STRING, d, "100.00"],
    ["1E-9", STRING, d, "0.00"],
    ["999.994", STRING, d, "999.99"],
    ["999.995", STRING, d, MISFIT],
    ["1000", STRING, d, MISFIT],
    ["1d", STRING, d, MISFIT],
    ["NaN", STRING, d, MISFIT],
    ["1e1000000", STRING, d, MISFIT],
    ["1e-1000000", STRING, d, "0.00"],
    ["", STRING, d, MISFIT],
    [".", STRING, d, MISFIT],
    ["5.", STRING, d, "5.00"],
    [`0.${"4".repeat(100_000)}`, STRING, d, "0.44"],
    [`0.00${"4".repeat(100_000)}9`, STRING, d, "0.00"],
    [`1.00499${"9".repeat(1000)}`, STRING, d, "1.00"],
    ["12345678901234567890123456789012345678", STRING, decimal(38, 0), "12345678901234567890123456789012345678"],
    ["123456789012345678901234567890123456789", STRING, decimal(38, 0), MISFIT],
    [2.345, DOUBLE, d, "2.35"],
    [1.005, DOUBLE, d, "1.01"],
    [NaN, DOUBLE, d, MISFIT],
    [Infinity, DOUBLE, d, MISFIT],
    [1e21, DOUBLE, decimal(38, 0), "1000000000000000000000"],
    [Math.fround(0.1), FLOAT, decimal(20, 10), "0.1000000015"],
    [7, INT, d, "7.00"],
    [1000, INT, d, MISFIT],
    [2n ** 62n, LONG, decimal(19, 0), "4611686018427387904"],
    [true, BOOLEAN, d, "1.00"],
    [true, BOOLEAN, decimal(2, 2), MISFIT],
    [new Decimal(125n, 2), decimal(5, 2), decimal(3, 1), "1.3"],
    [new Decimal(-125n, 2), decimal(5, 2), decimal(3, 1), "-1.3"],
    [new Decimal(996n, 2), decimal(3, 2), decimal(3, 1), "10.0"],
    [new Decimal(996n, 2), decimal(3, 2), decimal(2, 1), MISFIT],
    [new Decimal(15n, 1), decimal(3, 1), decimal(38, 10), "1.5000000000"],
    [new TimestampValue(1_234_567n), TIMESTAMP, decimal(20, 6), "1.234567"],
  ];
  test.each(cases)("%p %j → %j", (value, from, to, expected) => {
    expect(text(cast(value, from, to))).toBe(expected);
  });
});

describe("to string: Java's texts", () => {
  check(DOUBLE, STRING, [
    [1, "1.0"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [100, "100.0"],
    [1234567, "1234567.0"],
    [9999999.5, "9999999.5"],
    [1e7, "1.0E7"],
    [12345678.9, "1.23456789E7"],
    [1e10, "1.0E10"],
    [0.001, "0.001"],
    [0.00123, "0.00123"],
    [0.0001, "1.0E-4"],
    [1e-5, "1.0E-5"],
    [1.5e-5, "1.5E-5"],
    [1e100, "1.0E100"],
    [NaN, "NaN"],
    [Infinity, "Infinity"],
    [-Infinity, "-Infinity"],
    [5e-324, "4.9E-324"],
    [1.7976931348623157e308, "1.7976931348623157E308"],
    [2.2250738585072014e-308, "2.2250738585072014E-308"],
    [1e23, "1.0E23"],
    [2e23, "2.0E23"],
    [123456.789, "123456.789"],
  ]);
  check(FLOAT, STRING, [
    [Math.fround(0.1), "0.1"],
    [Math.fround(3.4028234e38), "3.4028235E38"],
    [Math.fround(1.4e-45), "1.4E-45"],
    [16777216, "1.6777216E7"],
    [1, "1.0"],
    [Math.fround(1e10), "1.0E10"],
    [Math.fround(1.17549435e-38), "1.1754944E-38"],
    [Math.fround(3.3), "3.3"],
    [1146065.25, "1146065.2"],
    [57868.8125, "57868.812"],
    [-2481762.25, "-2481762.2"],
  ]);
  check(BOOLEAN, STRING, [
    [true, "true"],
    [false, "false"],
  ]);
  check(INT, STRING, [[-7, "-7"]]);
  check(LONG, STRING, [[2n ** 62n, "4611686018427387904"]]);
  check(decimal(10, 8), STRING, [
    [new Decimal(1n, 8), "0.00000001"],
    [new Decimal(-150000000n, 8), "-1.50000000"],
  ]);
  check(DATE, STRING, [
    [new DateValue(0), "1970-01-01"],
    [new DateValue(-1), "1969-12-31"],
    [new DateValue(18_264), "2020-01-03"],
  ]);
  check(TIMESTAMP, STRING, [
    [new TimestampValue(0n), "1970-01-01 00:00:00"],
    [new TimestampValue(-1n), "1969-12-31 23:59:59.999999"],
    [new TimestampValue(1_578_046_272_500_000n), "2020-01-03 10:11:12.5"],
  ]);
  check(BINARY, STRING, [
    [Uint8Array.of(0xc3, 0xa9), "é"],
    [Uint8Array.of(0xff), MISFIT],
    [Uint8Array.of(0xef, 0xbb, 0xbf, 0x41), "\ufeffA"],
  ]);
  check(STRING, BINARY, [
    ["é", Uint8Array.of(0xc3, 0xa9)],
    ["\ud800", MISFIT],
  ]);
  check(enumOf(["r"]), STRING, [["r", "r"]]);
  check(STRING, enumOf(["r", "g"]), [
    ["r", "r"],
    ["b", MISFIT],
  ]);

  test("a float's text reads back as that float, and no shorter text does", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const printed = String(cast(x, FLOAT, STRING));
        expect(Math.fround(Number(printed))).toBe(x);
        const digits = printed.replace(/E.*/, "").replace(/[-.]/g, "").replace(/^0+/, "").replace(/0+$/, "").length;
        for (let fewer = 2; fewer < digits; fewer++)
          expect(Math.fround(Number(x.toExponential(fewer - 1)))).not.toBe(x);
      }),
      { numRuns: 500 },
    );
  });
  test("a double's text is Java's grammar and reads back", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const printed = String(cast(x, DOUBLE, STRING));
        expect(printed).toMatch(/^-?(?:\d{1,7}\.\d+|\d\.\d+E-?\d+)$/);
        expect(Object.is(Number(printed), x)).toBe(true);
        expect(printed.includes("E")).toBe(x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e7));
      }),
      { numRuns: 500 },
    );
  });
});

describe("dates and timestamps", () => {
  const day = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / 86_400_000;
  const date: Cases = [
    ["2020-01-03", day("2020-01-03")],
    ["2020-1-3", day("2020-01-03")],
    ["2020", day("2020-01-01")],
    ["2020-2", day("2020-02-01")],
    [" 2020-01-03 ", day("2020-01-03")],
    ["2020-01-03 anything", day("2020-01-03")],
    ["2020-01-03T10:00", day("2020-01-03")],
    ["2020-02-29", day("2020-02-29")],
    ["1582-10-10", day("1582-10-10")],
    ["0001-01-01", day("0001-01-01")],
    ["+2020-01-03", day("2020-01-03")],
    ["-0001-01-01", day("-000001-01-01")],
    ["12345-01-01", day("+012345-01-01")],
    ["2021-02-29", MISFIT],
    ["2020-13-01", MISFIT],
    ["2020-00-01", MISFIT],
    ["2020-04-31", MISFIT],
    ["20-01-03", MISFIT],
    ["2020/01/03", MISFIT],
    ["2020-01-03x", MISFIT],
    ["2020 01", MISFIT],
    ["2020-001-03", MISFIT],
    ["03-01-2020", MISFIT],
    ["", MISFIT],
    ["20200103", MISFIT],
    ["12345678-01-01", MISFIT],
    ["now", MISFIT],
  ];
  test.each(date)("string → date: %p", (value, expected) => {
    const got = cast(value, STRING, DATE);
    expect(got instanceof DateValue ? got.days : got).toBe(expected);
  });

  const at = (iso: string): bigint => BigInt(Date.parse(iso)) * 1000n;
  const timestamp: Cases = [
    ["2020-01-03 10:11:12.5", at("2020-01-03T10:11:12.500Z")],
    ["2020-01-03T10:11:12Z", at("2020-01-03T10:11:12Z")],
    ["2020-1-3 1:2:3", at("2020-01-03T01:02:03Z")],
    ["2020-01-03 10:11:12.123456789", at("2020-01-03T10:11:12.123Z") + 456n],
    ["2020-01-03 10:11:12+01:30", at("2020-01-03T08:41:12Z")],
    ["2020-01-03 10:11:12 -8", at("2020-01-03T18:11:12Z")],
    ["2020-01-03T10:11:12.5+0100", at("2020-01-03T09:11:12.500Z")],
    ["2020-01-03 10:11:12UTC", at("2020-01-03T10:11:12Z")],
    ["2020-01-03 10:11:12 GMT+1", at("2020-01-03T09:11:12Z")],
    ["2020-01-03 10:11:12 +1:5", at("2020-01-03T09:06:12Z")],
    ["2020-01-03 10:11", at("2020-01-03T10:11:00Z")],
    ["2020-01-03 10", at("2020-01-03T10:00:00Z")],
    ["2020-01-03", at("2020-01-03T00:00:00Z")],
    ["2020-01", at("2020-01-01T00:00:00Z")],
    ["2020", at("2020-01-01T00:00:00Z")],
    ["1969-12-31 23:59:59.999999", -1n],
    ["2020-01-03 24:00:00", MISFIT],
    ["2020-01-03 10:60:00", MISFIT],
    ["2020-01-03 10:00:60", MISFIT],
    ["2020-01-03 10:", MISFIT],
    ["2020-01-03Z", MISFIT],
    ["2020-01-03 10:11Z", MISFIT],
    ["2020-01-03 10:11:12 +19:00", MISFIT],
    ["2020-01-03 10:11:12 Nowhere/City", MISFIT],
    ["2020-02-30 10:11:12", MISFIT],
    ["999999-01-01", MISFIT],
    ["x", MISFIT],
  ];
  test.each(timestamp)("string → timestamp: %p", (value, expected) => {
    const got = cast(value, STRING, TIMESTAMP);
    expect(got instanceof TimestampValue ? got.micros : got).toBe(expected);
  });
  test("timestampntz drops the zone", () => {
    expect(cast("2020-01-03 10:11:12+01:30", STRING, TIMESTAMPNTZ)).toEqual(
      new TimestampValue(at("2020-01-03T10:11:12Z")),
    );
  });
  check(DATE, TIMESTAMP, [
    [new DateValue(1), new TimestampValue(86_400_000_000n)],
    [new DateValue(2 ** 31 - 1), MISFIT],
  ]);
  check(TIMESTAMP, DATE, [
    [new TimestampValue(-1n), new DateValue(-1)],
    [new TimestampValue(86_399_999_999n), new DateValue(0)],
  ]);
  check(INT, TIMESTAMP, [[60, new TimestampValue(60_000_000n)]]);
  check(DOUBLE, TIMESTAMP, [
    [1.5, new TimestampValue(1_500_000n)],
    [NaN, MISFIT],
    [1e300, MISFIT],
  ]);
  check(decimal(10, 3), TIMESTAMP, [[new Decimal(-1500n, 3), new TimestampValue(-1_500_000n)]]);
  check(LONG, TIMESTAMP, [[2n ** 62n, MISFIT]]);

  test("the text of a day reads back as that day, against the JavaScript calendar", () => {
    fc.assert(
      fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (days) => {
        const iso = new Date(days * 86_400_000).toISOString().slice(0, 10);
        expect(cast(iso, STRING, DATE)).toEqual(new DateValue(days));
        expect(String(new DateValue(days))).toBe(iso);
      }),
    );
  });
});

describe("containers", () => {
  check(structOf({ a: INT, b: STRING, c: DOUBLE }), STRING, [
    [{ a: 1, b: "a", c: null }, "{1, a, null}"],
    [{}, "{null, null, null}"],
  ]);
  check(structOf({ constructor: INT }), STRING, [[{}, "{null}"]]);
  check(array(INT), STRING, [
    [[1, null, 2], "[1, null, 2]"],
    [[], "[]"],
  ]);
  check(map(DOUBLE), STRING, [
    [
      new Map([
        ["k", 1],
        ["l", 2.5],
      ]),
      "{k -> 1.0, l -> 2.5}",
    ],
    [new Map(), "{}"],
  ]);
  check(array(choice([INT, DOUBLE])), STRING, [[[new ArmValue("int", 1), new ArmValue("double", 1)], "[1, 1.0]"]]);
  check(choice([INT, STRING]), INT, [
    [new ArmValue("int", 5), 5],
    [new ArmValue("string", "6"), 6],
    [new ArmValue("string", "x"), MISFIT],
  ]);
  check(array(INT), structOf({ a: INT }), [[[1], MISFIT]]);
  check(structOf({ a: INT }), structOf({ a: INT, b: INT }), [[{ a: 1 }, MISFIT]]);
  check(STRING, array(INT), [["[1]", MISFIT]]);

  test("by position; what does not fit inside is null and counted", () => {
    expect(
      castValue(
        { a: "1", b: ["2", "x", null, "y"] },
        structOf({ a: STRING, b: array(STRING) }),
        structOf({ p: INT, q: array(INT) }),
      ),
    ).toEqual({ ok: true, value: { p: 1, q: [2, null, null, null] }, nulled: 2 });
    expect(castValue(new Map([["k", "x"]]), map(STRING), map(INT))).toEqual({
      ok: true,
      value: new Map([["k", null]]),
      nulled: 1,
    });
    expect(castValue([1], set(INT), array(STRING))).toEqual({ ok: true, value: ["1"] });
  });
  test("missing stays missing, null stays null", () => {
    expect(castValue({ b: null }, structOf({ a: INT, b: INT }), structOf({ x: STRING, y: STRING }))).toEqual({
      ok: true,
      value: { y: null },
    });
  });
});

describe("laws", () => {
  test("null casts to everything, missing stays missing", () => {
    fc.assert(
      fc.property(anyType(), anyType(), (from, to) => {
        expect(castValue(null, from, to)).toEqual({ ok: true, value: null });
        expect(castValue(undefined, from, to)).toEqual({ ok: true, value: undefined });
        expect(castExists(NULL, to)).toBe(true);
        expect(castCanFail(NULL, to)).toBe(false);
      }),
    );
  });
  test("every type casts to itself without fail", () => {
    fc.assert(
      fc.property(anyType(), (type) => {
        expect([castExists(type, type), castCanFail(type, type)]).toEqual([true, false]);
      }),
    );
  });
  test("a cast that cannot fail does not", () => {
    const pairs = SCALARS.flatMap(([from, values]) => SCALARS.map(([to]) => [from, to, values] as const)).filter(
      ([from, to]) => !castCanFail(from, to),
    );
    expect(pairs.length).toBeGreaterThan(80);
    for (const [from, to, values] of pairs)
      for (const value of values)
        expect([from, to, value, castValue(value, from, to).ok]).toEqual([from, to, value, true]);
  });
  test("a cast that does not exist nulls every value", () => {
    for (const [from, values] of SCALARS)
      for (const [to] of SCALARS)
        for (const value of values) {
          if (!castExists(from, to)) expect([from, to, castValue(value, from, to).ok]).toEqual([from, to, false]);
        }
  });
  test("a cast that can fail does, for some value", () => {
    const misses = SCALARS.flatMap(([from, values]) =>
      SCALARS.filter(([to]) => castCanFail(from, to) && values.every((v) => castValue(v, from, to).ok)).map(
        ([to]) => `${label(from)} → ${label(to)}`,
      ),
    );
    expect(misses).toEqual([]);
  });
});

function label(type: DataType): string {
  return type.kind === "decimal" ? `decimal(${type.precision},${type.scale})` : type.kind;
}

const SCALARS: readonly (readonly [DataType, readonly Value[]])[] = [
  [BOOLEAN, [true, false]],
  [BYTE, [-128, 0, 127]],
  [SHORT, [-32768, 0, 32767]],
  [INT, [-2147483648, 0, 2147483647]],
  [LONG, [-(2n ** 63n), -1, 0, 2n ** 63n - 1n]],
  [FLOAT, [0, Math.fround(-1.5), Math.fround(3.4028234e38), NaN, Infinity]],
  [DOUBLE, [0, -1.5, 1e300, NaN, -Infinity]],
  ...[
    [1, 1],
    [3, 0],
    [5, 2],
    [10, 0],
    [19, 0],
    [38, 0],
    [38, 10],
    [38, 38],
  ].map(([p = 1, s = 0]): readonly [DataType, readonly Value[]] => [
    decimal(p, s),
    [new Decimal(0n, s), new Decimal(10n ** BigInt(p) - 1n, s), new Decimal(1n - 10n ** BigInt(p), s)],
  ]),
  [STRING, ["", "x", "\ud800", "1", "2020-01-01"]],
  [BINARY, [new Uint8Array(), Uint8Array.of(0xff)]],
  [DATE, [new DateValue(0), new DateValue(2 ** 31 - 1), new DateValue(-(2 ** 31))]],
  [TIMESTAMP, [new TimestampValue(0n), new TimestampValue(2n ** 63n - 1n), new TimestampValue(-(2n ** 63n))]],
  [TIMESTAMPNTZ, [new TimestampValue(0n), new TimestampValue(2n ** 63n - 1n)]],
];
