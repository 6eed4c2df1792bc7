/** A value passes as untouched only where it is what the vector holds, to the last part of it. */
import { batchOfRows } from "../../src/types/record-batch.js";
import { sameValue } from "../../src/types/same-value.js";
import { DOUBLE, INT, STRING, array, choice, map, structOf, type DataType } from "../../src/types/data-type.js";
import { ArmValue, type Value } from "../../src/types/value.js";

function sameIn(type: DataType, value: Value): (given: unknown) => boolean {
  const { records } = batchOfRows(
    [{ v: "before" as Value }, { v: value }].map(({ v }, i) => (i === 0 ? {} : { v })),
    structOf({ v: type }),
  );
  const [vector] = records.fields;
  if (vector === undefined) throw new Error("a record has a field");
  const same = sameValue(type)(vector);
  return (given) => same(given, 1);
}

test("numbers: minus zero is not zero", () => {
  const zero = sameIn(DOUBLE, 0);
  const minus = sameIn(DOUBLE, -0);
  expect([zero(0), zero(-0), minus(-0), minus(0), zero("0"), zero(null), zero(undefined)]).toEqual([
    true,
    false,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test("null is not missing", () => {
  expect([
    sameIn(STRING, null)(null),
    sameIn(STRING, null)(undefined),
    sameIn(STRING, undefined)(undefined),
    sameIn(STRING, undefined)(null),
  ]).toEqual([true, false, true, false]);
});

const person = structOf({ name: STRING, age: INT, score: DOUBLE, home: structOf({ city: STRING }) });

test("structs: no field more, none less, none changed, whatever the object is", () => {
  const same = sameIn(person, { name: "a", age: 1, score: 0, home: { city: "c" } });
  const like = { name: "a", age: 1, score: 0, home: { city: "c" } };
  expect([
    same(like),
    same({ ...like, home: { ...like.home } }),
    same({ home: like.home, score: 0, age: 1, name: "a" }),
  ]).toEqual([true, true, true]);
  expect([
    same({ ...like, more: 1 }),
    same({ ...like, age: 2 }),
    same({ ...like, score: -0 }),
    same({ ...like, home: {} }),
    same({ ...like, home: null }),
    same({ name: "a", age: 1, score: 0 }),
  ]).toEqual(Array(6).fill(false));
  expect([same(null), same(undefined), same("a"), same(Object.create(like))]).toEqual(Array(4).fill(false));
});

test("a struct that has none of its fields is no empty list, map or set", () => {
  const same = sameIn(person, {});
  expect([same({}), same(Object.create(null)), same([]), same(new Map()), same(new Set()), same(new Date(0))]).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test("names that objects inherit, and __proto__", () => {
  const own = JSON.parse('{"__proto__": 1, "constructor": 2}') as { readonly [name: string]: Value };
  const same = sameIn(structOf({ ["__proto__"]: INT, constructor: INT }), own);
  expect([
    same(own),
    same(JSON.parse('{"__proto__": 1, "constructor": 2}')),
    same(JSON.parse('{"__proto__": 1, "constructor": 3}')),
    same({}),
  ]).toEqual([true, true, false, false]);
  // what it inherits is there when it is read; then it is looked at more closely
  expect(sameIn(structOf({ toString: INT }), {})({})).toBe(false);
});

test("lists by their elements, and not by others that are missing", () => {
  const same = sameIn(array(person), [{ name: "a" }, null, { age: 2 }]);
  expect([
    same([{ name: "a" }, null, { age: 2 }]),
    same([{ name: "a" }, null]),
    same([{ name: "a" }, undefined, { age: 2 }]),
    same({ length: 3 }),
    same([{ name: "a" }, {}, { age: 2 }]),
  ]).toEqual([true, false, false, false, false]);
});

test("choices by the value of the arm that is held", () => {
  const type = choice([INT, STRING, array(INT)]);
  expect([
    sameIn(type, new ArmValue("int", 1))(1),
    sameIn(type, new ArmValue("int", 1))("1"),
    sameIn(type, new ArmValue("array", [1]))([1]),
    sameIn(type, new ArmValue("string", "1"))(1),
    sameIn(type, null)(null),
  ]).toEqual([true, false, true, false, true]);
});

test("of maps it never says so", () => {
  const value = new Map([["a", 1]]);
  expect(sameIn(map(INT), value)(value)).toBe(false);
});
