import fc from "fast-check";
import {
  BOOLEAN,
  DATE,
  DOUBLE,
  INT,
  LONG,
  NULL,
  STRING,
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
import { mergeAll, mergeDataTypes } from "../../src/types/merge.js";
import { anyType, sorted } from "./arbitraries.js";

describe("mergeDataTypes", () => {
  const cases: readonly (readonly [string, DataType, DataType, DataType])[] = [
    ["null gives way", NULL, INT, INT],
    ["unknown gives way", STRING, UNKNOWN, STRING],
    ["null over unknown", UNKNOWN, NULL, NULL],
    ["int and long do not widen", INT, LONG, choice([INT, LONG])],
    ["int and double do not widen", DOUBLE, INT, choice([DOUBLE, INT])],
    ["a choice takes a new member, sorted", choice([INT, STRING]), BOOLEAN, choice([BOOLEAN, INT, STRING])],
    [
      "a choice merges into the member of that name",
      choice([INT, structOf({ a: INT })]),
      structOf({ b: STRING }),
      choice([INT, structOf({ a: INT, b: STRING })]),
    ],
    ["two choices", choice([INT, STRING]), choice([LONG, STRING]), choice([INT, LONG, STRING])],
    [
      "structs: left order, then new right fields",
      structOf({ b: INT, a: NULL }),
      structOf({ c: DATE, a: STRING }),
      structOf({ b: INT, a: STRING, c: DATE }),
    ],
    ["arrays merge elements", array(NULL), array(DATE), array(DATE)],
    ["arrays of choices", array(INT), array(STRING), array(choice([INT, STRING]))],
    ["an array and a set differ in name", array(INT), set(INT), choice([array(INT), set(INT)])],
    ["maps merge values", map(INT), map(STRING), map(choice([INT, STRING]))],
    ["enums concatenate", enumOf(["r", "g"]), enumOf(["g", "b"]), enumOf(["r", "g", "b"])],
    ["decimals hold both", decimal(10, 2), decimal(7, 5), decimal(13, 5)],
    ["decimals keep integer digits past 38", decimal(38, 0), decimal(20, 10), decimal(38, 0)],
    ["the empty struct", struct(), structOf({ a: INT }), structOf({ a: INT })],
  ];
  test.each(cases)("%s", (_name, left, right, expected) => {
    expect(mergeDataTypes(left, right)).toEqual(expected);
  });

  test("a nested choice built by hand is flattened, never kept", () => {
    const nested = { kind: "choice", choices: [INT, { kind: "choice", choices: [STRING, NULL] }] } as DataType;
    expect(mergeDataTypes(nested, BOOLEAN)).toEqual(choice([BOOLEAN, INT, STRING]));
  });

  test("properties: left ones stay, right ones are added", () => {
    const left: DataType = { kind: "int", properties: { a: 1, b: 1 } };
    const right: DataType = { kind: "int", properties: { b: 2, c: 2 } };
    expect(mergeDataTypes(left, right)).toEqual({ kind: "int", properties: { a: 1, b: 1, c: 2 } });
  });

  const type = anyType();
  test("idempotent", () => {
    fc.assert(
      fc.property(type, (a) => {
        expect(mergeDataTypes(a, a)).toEqual(a);
      }),
    );
  });
  test("commutative up to order", () => {
    fc.assert(
      fc.property(type, type, (a, b) => {
        expect(sorted(mergeDataTypes(a, b))).toEqual(sorted(mergeDataTypes(b, a)));
      }),
    );
  });
  test("associative, order and all", () => {
    fc.assert(
      fc.property(type, type, type, (a, b, c) => {
        expect(mergeDataTypes(mergeDataTypes(a, b), c)).toEqual(mergeDataTypes(a, mergeDataTypes(b, c)));
      }),
      { numRuns: 500 },
    );
  });
  test("choices stay flat, sorted and distinct, at any depth", () => {
    fc.assert(
      fc.property(fc.array(type, { maxLength: 5 }), (types) => {
        checkChoices(mergeAll(types));
      }),
    );
  });
});

function checkChoices(type: DataType): void {
  switch (type.kind) {
    case "choice": {
      const names = type.choices.map((c) => c.kind);
      expect(names.length).toBeGreaterThan(1);
      expect(names).toEqual([...new Set(names)].sort());
      expect(names).not.toContain("choice");
      expect(names).not.toContain("null");
      return type.choices.forEach(checkChoices);
    }
    case "struct":
      return type.fields.forEach((f) => checkChoices(f.type));
    case "array":
    case "set":
      return checkChoices(type.element);
    case "map":
      return checkChoices(type.value);
    default:
  }
}
