import fc from "fast-check";
import {
  BIGINT,
  BINARY,
  BOOLEAN,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  NULL,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  UNKNOWN,
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
import { inferType } from "../../src/types/infer.js";
import { mergeDataTypes } from "../../src/types/merge.js";
import { toPlain, toTyped } from "../../src/types/typed.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Value } from "../../src/types/value.js";
import { failure } from "../failure.js";

const arm = (name: string, value: Value): ArmValue => new ArmValue(name, value);

describe("inferType", () => {
  test.each<readonly [unknown, DataType]>([
    [1, INT],
    [-2147483648, INT],
    [2147483648, LONG],
    [Number.MAX_SAFE_INTEGER, LONG],
    [2 ** 53, DOUBLE],
    [1.5, DOUBLE],
    [NaN, DOUBLE],
    [Infinity, DOUBLE],
    [1e300, DOUBLE],
    [1n, LONG],
    [2n ** 63n - 1n, LONG],
    [2n ** 63n, BIGINT],
    [-(10n ** 38n) + 1n, BIGINT],
    ["a", STRING],
    [true, BOOLEAN],
    [null, NULL],
    [undefined, UNKNOWN],
    [new Date(0), TIMESTAMP],
    [new TimestampValue(0n), TIMESTAMP],
    [new DateValue(0), DATE],
    [new Decimal(123n, 2), decimal(3, 2)],
    [new Decimal(1n, 5), decimal(5, 5)],
    [Buffer.from("a"), BINARY],
    [[], array(UNKNOWN)],
    [[1, "a", null], array(choice([INT, STRING]))],
    [[undefined], array(NULL)],
    [new Map([["a", 1]]), map(INT)],
    [new Set([1]), set(INT)],
    [{ a: 1, b: undefined, c: null }, structOf({ a: INT, c: NULL })],
    [{}, struct()],
    [Object.create(null) as object, struct()],
    [[{ a: 1 }, { b: "x" }], array(structOf({ a: INT, b: STRING }))],
    [arm("int", 1), INT],
  ])("%p", (value, type) => {
    expect(inferType(value)).toEqual(type);
  });

  const cyclic = (): unknown => {
    const value: Record<string, unknown> = {};
    value["a"] = [value];
    return value;
  };
  const deep = (): unknown => {
    let value: unknown = 1;
    for (let i = 0; i < 100_000; i++) value = { a: value };
    return value;
  };
  // makers, not values: the runner prints the rows of a table, which takes forever on the deep one
  test.each<readonly [string, () => unknown, string, string]>([
    ["39 digits", () => ({ a: [10n ** 38n] }), "VALUE_OUT_OF_RANGE", "a[]"],
    ["invalid date", () => ({ d: new Date(NaN) }), "VALUE_OUT_OF_RANGE", "d"],
    ["function", () => ({ "x.y": () => 1 }), "UNSUPPORTED_VALUE", "`x.y`"],
    ["symbol", () => Symbol("s"), "UNSUPPORTED_VALUE", "the top"],
    ["promise", () => ({ p: Promise.resolve(1) }), "UNSUPPORTED_VALUE", "p"],
    ["map keys", () => new Map([[1, 1]]), "UNSUPPORTED_VALUE", "the top"],
    ["cycle", cyclic, "CYCLIC_VALUE", "a[]"],
    ["depth", deep, "TOO_DEEP", "a.a.a."],
  ])("refuses: %s", (_name, make, code, path) => {
    const error = failure(() => inferType(make()));
    expect(error.code).toBe(code);
    expect(error.path?.startsWith(path)).toBe(true);
  });
  test("the same object twice is no cycle", () => {
    const shared = { n: 1 };
    expect(inferType({ a: shared, b: shared })).toEqual(structOf({ a: structOf({ n: INT }), b: structOf({ n: INT }) }));
  });
});

describe("toTyped", () => {
  const numbers = choice([DOUBLE, INT, STRING]);
  test.each<readonly [unknown, DataType, unknown]>([
    [4, DOUBLE, 4],
    [4, LONG, 4],
    [2n ** 62n, LONG, 2n ** 62n],
    [5n, INT, 5],
    [2n ** 53n, DOUBLE, 2 ** 53],
    [0.1, FLOAT, Math.fround(0.1)],
    [1.5, decimal(5, 2), new Decimal(150n, 2)],
    [7n, BIGINT, new Decimal(7n, 0)],
    [1e21, BIGINT, new Decimal(10n ** 21n, 0)],
    [new Decimal(10n, 1), decimal(3, 0), new Decimal(1n, 0)],
    [new Date(5), TIMESTAMP, new TimestampValue(5000n)],
    [new Date(86_400_000), DATE, new DateValue(1)],
    [1, numbers, arm("int", 1)],
    [1.5, numbers, arm("double", 1.5)],
    ["1", numbers, arm("string", "1")],
    [null, numbers, null],
    [2 ** 40, numbers, arm("double", 2 ** 40)],
    [5, choice([LONG, STRING]), arm("long", 5)],
    [2n ** 62n, choice([INT, BIGINT]), arm("decimal", new Decimal(2n ** 62n, 0))],
    [
      { a: [1, "x"] },
      structOf({ a: array(choice([INT, STRING])), b: INT }),
      { a: [arm("int", 1), arm("string", "x")] },
    ],
    [{ a: undefined, b: null }, structOf({ a: INT, b: INT }), { b: null }],
    [[[1], "x"], array(choice([STRING, array(LONG)])), [arm("array", [1]), arm("string", "x")]],
    [{ k: 1 }, map(LONG), new Map([["k", 1]])],
    [new Set([1]), set(INT), [1]],
    ["r", enumOf(["r"]), "r"],
    ["r", choice([INT, enumOf(["r"])]), arm("enum", "r")],
    [arm("string", "x"), numbers, arm("string", "x")],
    [arm("int", 1), INT, 1],
    [[undefined], array(INT), [null]],
  ])("%p as %j", (value, type, expected) => {
    expect(toTyped(value, type)).toStrictEqual(expected);
  });

  test.each<readonly [string, unknown, DataType, string]>([
    ["fraction", { a: 1.5 }, structOf({ a: INT }), "a"],
    ["range", 2 ** 40, INT, "the top"],
    ["text for a number", { a: { "b.c": ["1"] } }, structOf({ a: structOf({ "b.c": array(INT) }) }), "a.`b.c`[]"],
    ["unknown field", { z: 1 }, structOf({ a: INT }), "z"],
    ["no arm", [true], array(choice([INT, STRING])), "[]"],
    ["lost digits", 1.005, decimal(5, 2), "the top"],
    ["time of day", new Date(1), DATE, "the top"],
    ["inexact bigint", 2n ** 53n + 1n, DOUBLE, "the top"],
    ["option", "x", enumOf(["r"]), "the top"],
    ["a value where only null was", 1, NULL, "the top"],
    ["inside the one arm", { a: { b: "x" } }, structOf({ a: choice([INT, structOf({ b: INT })]) }), "a.b"],
    ["float range", 1e300, FLOAT, "the top"],
    ["a decimal is no struct", new Decimal(1n, 0), struct(), "the top"],
  ])("refuses: %s", (_name, value, type, path) => {
    expect(failure(() => toTyped(value, type))).toMatchObject({
      code: "VALUE_DOES_NOT_FIT",
      path,
      expected: expect.any(String) as unknown,
      found: expect.any(String) as unknown,
    });
  });

  test("a choice keeps the arm it had while the value fits it", () => {
    const type = structOf({ a: choice([INT, LONG]), l: array(choice([DOUBLE, INT])) });
    const row = { a: arm("long", 5), l: [arm("double", 4.5), arm("int", 4)] };
    const record = toPlain(row, type) as { a: number; l: number[] };
    expect(toTyped(record, type, row)).toStrictEqual(row);
    expect(toTyped({ a: 6, l: [4, 4.5] }, type, row)).toStrictEqual({
      a: arm("long", 6),
      l: [arm("double", 4), arm("double", 4.5)],
    });
    expect(toTyped(record, type)).toStrictEqual({ a: arm("int", 5), l: [arm("double", 4.5), arm("int", 4)] });
  });
});

describe("plain and back", () => {
  const plain = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt({ min: 2n ** 53n, max: 10n ** 38n - 1n }),
      fc.bigInt({ min: 1n - 10n ** 38n, max: -(2n ** 53n) }),
      fc.constant(new DateValue(3)),
      fc.constant(new TimestampValue(-7n)),
      fc.constant(new Decimal(-12n, 0)),
      fc.constant(Uint8Array.of(1, 255)),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.oneof(fc.constantFrom("a", "b", "__proto__", "constructor"), fc.string({ maxLength: 3 })),
        tie("value"),
        { maxKeys: 4 },
      ),
    ),
  })).value;

  test("a decimal that the merge past 38 digits has no room for is refused, not rounded", () => {
    const type = mergeDataTypes(inferType(2n ** 63n), inferType(new Decimal(12n, 1)));
    expect(type).toEqual(BIGINT);
    expect(failure(() => toTyped(new Decimal(12n, 1), type))).toMatchObject({
      code: "VALUE_DOES_NOT_FIT",
      found: "1.2",
    });
  });

  // decimals without fraction: see the test above
  test("records of a merged type come back as they were", () => {
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        const type = mergeDataTypes(mergeDataTypes(structOf({ r: UNKNOWN }), inferType({ r: a })), inferType({ r: b }));
        for (const value of [a, b])
          expect(normal(toPlain(toTyped({ r: value }, type), type))).toEqual(normal({ r: value }));
      }),
      { numRuns: 500 },
    );
  });

  // numbers by value, whatever holds them: 5n and Decimal 5 are the same number
  function normal(value: unknown): unknown {
    if (typeof value === "number") return value + 0; // a whole -0 is the int 0
    if (typeof value === "bigint") return `#${value}`;
    if (value instanceof Decimal)
      return value.scale === 0 ? `#${value.unscaled}` : `#${value.toString().replace(/\.?0+$/, "")}`;
    if (Array.isArray(value)) return value.map(normal);
    if (
      typeof value === "object"
      && value !== null
      && Object.prototype.toString.call(value) === "[object Object]"
      && !(value instanceof DateValue)
      && !(value instanceof TimestampValue)
    ) {
      return Object.entries(value)
        .map(([k, v]) => [k, normal(v)])
        .sort(([x], [y]) => (String(x) < String(y) ? -1 : 1));
    }
    return value;
  }

  test("fresh, mutable records; missing and null stay apart; timestampntz", () => {
    const type = structOf({ a: INT, b: INT, t: TIMESTAMPNTZ });
    const row = { b: null, t: new TimestampValue(1n) };
    const record = toPlain(row, type) as Record<string, unknown>;
    expect(Object.keys(record)).toEqual(["b", "t"]);
    record["a"] = 1;
    expect(row).not.toHaveProperty("a");
  });
});
