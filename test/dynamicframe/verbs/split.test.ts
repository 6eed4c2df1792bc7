import * as fc from "fast-check";
import { dropNullFields } from "../../../src/dynamicframe/verbs/drop-null-fields.js";
import { splitFields } from "../../../src/dynamicframe/verbs/split-fields.js";
import { parseComparisons, splitRows, type Comparisons } from "../../../src/dynamicframe/verbs/split-rows.js";
import { DateValue, Decimal, TimestampValue } from "../../../src/types/value.js";
import { outcome, relationOf } from "./lowered.js";

const split = async (records: object[], comparisons: Comparisons) => {
  const part = async (which: "matching" | "rest") =>
    (await outcome(splitRows.lower([relationOf(records)], { conditions: parseComparisons(comparisons), part: which })))
      .records;
  return [await part("matching"), await part("rest")] as const;
};
/** Of values numbered by position, those that match. */
const matching = async (values: unknown[], tests: Record<string, unknown>) => {
  const [yes, no] = (await split(
    values.map((v, n) => ({ v, n })),
    { v: tests },
  )) as [{ n: number }[], { n: number }[]];
  expect([...yes, ...no].map(({ n }) => n).sort()).toEqual(values.map((_, n) => n));
  return yes.map(({ n }) => n);
};

describe("splitRows", () => {
  test("all comparisons must hold; null, missing and other kinds are in the second frame", async () => {
    expect(
      await split(
        [{ a: 15, b: "x" }, { a: 15, b: "y" }, { a: 5, b: "x" }, { a: null, b: "x" }, { b: "x" }, { a: "15", b: "x" }],
        { a: { ">": 10, "<": 20 }, b: { "=": "x" } },
      ),
    ).toEqual([
      [{ a: 15, b: "x" }],
      [{ a: 15, b: "y" }, { a: 5, b: "x" }, { b: "x" }, { b: "x" }, { a: "15", b: "x" }],
    ]);
  });

  test("text compares as text, not as numbers", async () => {
    expect(await matching(["560", "123", "9", "1000"], { ">": "100", "<": "200" })).toEqual([1, 3]);
    expect(await matching(["a", "é", "🦆", "B"], { ">=": "a" })).toEqual([0, 1, 2]);
  });

  test("numbers compare by value, not rounded", async () => {
    const values = [1, 1.5, 2n, 9007199254740993n, new Decimal(149n, 2), "1", true, null];
    expect(await matching(values, { ">=": 1.5 })).toEqual([1, 2, 3]);
    expect(await matching(values, { "<": 1.5 })).toEqual([0, 4]);
    expect(await matching(values, { "=": 1 })).toEqual([0]);
    expect(await matching(values, { "!=": 1 })).toEqual([1, 2, 3, 4]);
    expect(await matching(values, { ">": 9007199254740992 })).toEqual([3]);
    expect(await matching(values, { "=": 1e30 })).toEqual([]);
    expect(await matching(values, { "<": 10n ** 30n })).toEqual([0, 1, 2, 3, 4]);
    // a double next to an integer that it cannot hold
    expect(await matching([9007199254740992.0, 9007199254740994.0, 0.5], { ">": 9007199254740993n })).toEqual([1]);
  });

  test("dates and timestamps, by value or by text", async () => {
    const days = [new DateValue(0), new DateValue(20000)];
    expect(await matching(days, { ">": "1999-12-31" })).toEqual([1]);
    expect(await matching(days, { "<=": new DateValue(0) })).toEqual([0]);
    expect(await matching([new TimestampValue(0n), new TimestampValue(1n)], { ">": new Date(0) })).toEqual([1]);
    expect(await matching(days, { "=": "no day" })).toEqual([]);
  });

  test("nested paths, also under the struct arm of a choice; an unknown path matches nothing", async () => {
    expect((await split([{ s: { a: 1 } }, { s: { a: 2 } }, { s: 5 }], { "s.a": { "=": 1 } }))[0]).toEqual([
      { s: { a: 1 } },
    ]);
    expect((await split([{ s: 1 }], { t: { "=": 1 } }))[0]).toEqual([]);
  });

  test("any number against any number, checked with exact arithmetic", async () => {
    const number = fc.oneof(
      fc.integer(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }),
      fc.integer({ min: -40, max: 40 }).map((n) => n / 4),
    );
    const operator = fc.constantFrom("=", "!=", "<", "<=", ">", ">=");
    await fc.assert(
      fc.asyncProperty(
        fc.array(number, { minLength: 1, maxLength: 6 }),
        operator,
        number,
        async (values, op, constant) => {
          // thousandths of a quarter are exact for what these doubles hold, larger ones are whole
          const order = (v: number | bigint): number => {
            const [a, b] = [fraction(v), fraction(constant)];
            const d = a[0] * b[1] - b[0] * a[1];
            return d < 0n ? -1 : d > 0n ? 1 : 0;
          };
          const holds = {
            "=": (d: number) => d === 0,
            "!=": (d: number) => d !== 0,
            "<": (d: number) => d < 0,
            "<=": (d: number) => d <= 0,
            ">": (d: number) => d > 0,
            ">=": (d: number) => d >= 0,
          }[op];
          expect(await matching(values, { [op]: constant })).toEqual(
            values.flatMap((v, i) => (holds?.(order(v)) ? [i] : [])),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test("wrong operators and constants are refused", () => {
    for (const bad of [
      { a: { "~": 1 } },
      { a: { "=": null } },
      { a: { "=": [1] } },
      { a: { "=": Number.NaN } },
      {},
      { a: { toString: 1 } },
    ]) {
      expect(() => parseComparisons(bad as Comparisons)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
  });
});

/** A number as an exact fraction of bigints: every double is a whole number times a power of two. */
function fraction(value: number | bigint): readonly [bigint, bigint] {
  if (typeof value === "bigint") return [value, 1n];
  let denominator = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return [BigInt(scaled), denominator];
}

describe("splitFields", () => {
  const parts = async (records: object[], paths: string[]) =>
    Promise.all(
      (["selected", "rest"] as const).map(async (part) =>
        outcome(splitFields.lower([relationOf(records)], { paths, part })),
      ),
    );

  test("each field is in exactly one of the two frames", async () => {
    const [one, two] = await parts([{ a: 1, s: { x: 1, y: { z: 2 } }, l: [{ p: 1 }] }], ["a", "s.y.z", "nope", "l.p"]);
    expect(one).toEqual({
      tree: "root\n|-- a: int\n|-- s: struct\n|    |-- y: struct\n|    |    |-- z: int",
      records: [{ a: 1, s: { y: { z: 2 } } }],
    });
    expect(two).toEqual({
      tree: "root\n|-- s: struct\n|    |-- x: int\n|-- l: array\n|    |-- element: struct\n|    |    |-- p: int",
      records: [{ s: { x: 1 }, l: [{ p: 1 }] }],
    });
  });
  test("all or nothing", async () => {
    expect((await parts([{ a: 1 }], ["a"])).map((p) => p.records)).toEqual([[{ a: 1 }], [{}]]);
    expect((await parts([{ a: 1 }], ["b"])).map((p) => p.records)).toEqual([[{}], [{ a: 1 }]]);
  });
});

describe("dropNullFields", () => {
  test("by type, in structs and structs of lists; not lists of nulls, not a null among values", async () => {
    const result = await outcome(
      dropNullFields.lower(
        [
          relationOf([
            {
              a: null,
              b: 1,
              s: { x: null, y: 2 },
              gone: { p: null, q: { r: null } },
              l: [{ u: null, v: 1 }],
              n: [null],
              e: [],
              c: 1,
            },
            { b: null, c: "x" },
          ]),
        ],
        {},
      ),
    );
    expect(result.tree).toBe(
      "root\n|-- b: int\n|-- s: struct\n|    |-- y: int\n|-- l: array\n|    |-- element: struct\n|    |    |-- v: int\n|-- n: array\n|    |-- element: null\n|-- e: array\n|    |-- element: unknown\n|-- c: choice\n|    |-- int\n|    |-- string",
    );
    expect(result.records).toEqual([{ b: 1, s: { y: 2 }, l: [{ v: 1 }], n: [null], e: [], c: 1 }, { c: "x" }]);
  });
});
