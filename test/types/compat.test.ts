import fc from "fast-check";
import {
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  NULL,
  STRING,
  TIMESTAMP,
  array,
  choice,
  decimal,
  enumOf,
  map,
  structOf,
  type DataType,
} from "../../src/types/data-type.js";
import { describeChange, diffTypes } from "../../src/types/compat.js";
import { mergeDataTypes } from "../../src/types/merge.js";
import { anyType } from "./arbitraries.js";

const short = (before: DataType, after: DataType): string[] =>
  diffTypes(structOf({ x: before }), structOf({ x: after })).map(
    (c) => `${c.rule} ${c.path} ${c.breaksBackward ? "B" : "-"}${c.breaksForward ? "F" : "-"}`,
  );

describe("diffTypes", () => {
  const s = structOf;
  test.each<readonly [string, DataType, DataType, readonly string[]]>([
    ["equal", INT, INT, []],
    ["widening", INT, LONG, ["TYPE_WIDENED x -F"]],
    ["narrowing", LONG, BYTE, ["TYPE_NARROWED x B-"]],
    ["int to double is exact, long to double is not", INT, DOUBLE, ["TYPE_WIDENED x -F"]],
    ["long to double", LONG, DOUBLE, ["TYPE_CHANGED x BF"]],
    ["int to float loses digits", INT, FLOAT, ["TYPE_CHANGED x BF"]],
    ["to string is a change, though castable", INT, STRING, ["TYPE_CHANGED x BF"]],
    ["date to timestamp", DATE, TIMESTAMP, ["TYPE_WIDENED x -F"]],
    ["decimals: more of both", decimal(5, 2), decimal(8, 3), ["TYPE_WIDENED x -F"]],
    ["decimals: integer digits lost", decimal(5, 2), decimal(5, 3), ["TYPE_CHANGED x BF"]],
    ["null gets a type", NULL, INT, ["TYPE_RESOLVED x -F"]],
    ["a type vanishes", INT, NULL, ["TYPE_EMPTIED x B-"]],
    ["a choice comes", INT, choice([INT, STRING]), ["CHOICE_CREATED x -F"]],
    ["a choice goes", choice([INT, STRING]), INT, ["CHOICE_COLLAPSED x B-"]],
    ["arms", choice([INT, STRING]), choice([DOUBLE, INT]), ["CHOICE_ARM_REMOVED x B-", "CHOICE_ARM_ADDED x -F"]],
    [
      "inside an arm",
      choice([INT, s({ a: INT })]),
      choice([INT, s({ a: LONG, b: INT })]),
      ["TYPE_WIDENED x{struct}.a -F", "FIELD_ADDED x{struct}.b --"],
    ],
    ["elements", array(INT), array(LONG), ["ELEMENT_TYPE_WIDENED x[] -F"]],
    ["fields of elements", array(s({ "a.b": INT })), array(s({})), ["FIELD_REMOVED x[].`a.b` -F"]],
    ["map values", map(INT), map(STRING), ["TYPE_CHANGED x{value} BF"]],
    ["enum", enumOf(["a", "b"]), enumOf(["b", "c"]), ["ENUM_OPTION_REMOVED x B-", "ENUM_OPTION_ADDED x -F"]],
    ["case of a name", s({ Id: INT }), s({ id: LONG }), ["FIELD_RENAMED_CASE x.Id BF", "TYPE_WIDENED x.id -F"]],
    ["a clash is no renaming", s({ Id: INT }), s({ Id: INT, id: INT }), ["FIELD_ADDED x.id --"]],
    ["order does not matter", s({ a: INT, b: INT }), s({ b: INT, a: INT }), []],
  ])("%s", (_name, before, after, expected) => {
    expect(short(before, after)).toEqual(expected);
  });

  test("texts and sentence", () => {
    const [change] = diffTypes(structOf({ price: DOUBLE }), structOf({ price: choice([DOUBLE, STRING]) }));
    expect(change).toMatchObject({ before: "double", after: "choice{double,string}" });
    expect(change && describeChange(change)).toBe(
      "price: double became choice{double,string} — breaks old readers of new data",
    );
    const [added] = diffTypes(structOf({}), structOf({ a: INT }));
    expect(added && describeChange(added)).toBe("a: new field of type int — compatible");
  });

  const record = anyType().map((type) => structOf({ x: type }));
  test("no change exactly for the type itself", () => {
    fc.assert(
      fc.property(record, (type) => {
        expect(diffTypes(type, type)).toEqual([]);
      }),
    );
  });
  test("back and forth: what breaks backward one way breaks forward the other, fields aside", () => {
    const flip = (a: DataType, b: DataType): string[] =>
      diffTypes(structOf({ x: a }), structOf({ x: b }))
        .filter((c) => !/^(FIELD_ADDED|FIELD_REMOVED)$/.test(c.rule))
        .map((c) => `${c.breaksBackward}${c.breaksForward}`)
        .sort();
    fc.assert(
      fc.property(
        anyType({ names: fc.constantFrom("a", "b") }),
        anyType({ names: fc.constantFrom("a", "b") }),
        (a, b) => {
          expect(flip(a, b)).toEqual(
            flip(b, a)
              .map((t) => (t === "truefalse" ? "falsetrue" : t === "falsetrue" ? "truefalse" : t))
              .sort(),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
  test("merging in more data never breaks new readers of old data, decimals past 38 digits aside", () => {
    const noDecimals = anyType({ names: fc.constantFrom("a", "b", "c") }).filter(
      (t) => !JSON.stringify(t).includes("decimal"),
    );
    fc.assert(
      fc.property(noDecimals, noDecimals, (a, b) => {
        const merged = mergeDataTypes(structOf({ x: a }), structOf({ x: b }));
        if (merged.kind === "struct")
          expect(diffTypes(structOf({ x: a }), merged).filter((c) => c.breaksBackward)).toEqual([]);
      }),
    );
  });
});
