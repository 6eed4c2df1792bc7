import fc from "fast-check";
import { compareValues, isNull, valueKey } from "../../../src/engine/reference/order.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Value } from "../../../src/types/value.js";

const dec = (unscaled: bigint, scale: number): Decimal => new Decimal(unscaled, scale);

it.each<[Value, Value, number]>([
  [1, 2n, -1],
  [9007199254740993n, 9007199254740992, 1],
  [dec(150n, 2), dec(15n, 1), 0],
  [dec(1n, 0), 2, -1],
  [dec(15n, 1), 1.5, 0],
  ["a", "b", -1],
  ["\u{1f600}", "\uffff", 1],
  ["a", "ab", -1],
  [false, true, -1],
  [NaN, Infinity, 1],
  [NaN, NaN, 0],
  [-0, 0, 0],
  [new DateValue(1), new DateValue(2), -1],
  [new TimestampValue(5n), new TimestampValue(5n), 0],
  [new Uint8Array([1, 255]), new Uint8Array([2]), -1],
  [[1, 2], [1, 3], -1],
  [[1], [1, 0], -1],
])("%p against %p is %d", (a, b, order) => {
  expect(compareValues(a, b)).toBe(order);
  expect(compareValues(b, a)).toBe(order === 0 ? 0 : -order);
});

it("takes a choice without a value for null", () => {
  expect([null, undefined, new ArmValue("int", null), 0, ""].map(isNull)).toEqual([true, true, true, false, false]);
});

it("gives equal texts to equal values only", () => {
  expect(valueKey({ a: 1, b: null })).toBe(valueKey({ a: 1n }));
  expect(valueKey(dec(100n, 2))).toBe(valueKey(dec(1n, 0)));
  expect(valueKey(new ArmValue("int", 1))).not.toBe(valueKey(new ArmValue("long", 1)));
  expect(valueKey("1")).not.toBe(valueKey(1));
  expect(valueKey([null])).not.toBe(valueKey([]));
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(), (a, b) =>
      expect(valueKey(a) === valueKey(b)).toBe(compareValues(a, b) === 0),
    ),
  );
});
