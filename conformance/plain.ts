/** Turns values of the public API back into JSON, as FORMAT §2 says: the way results are compared. */
import type { Json, JsonObject } from "./case.js";

/**
 * Integers, doubles, decimals → number; dates and timestamps → their text; binary → base64; missing members stay
 * missing.
 */
export function plainValue(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date)
    return value
      .toISOString()
      .replace("T", " ")
      .replace(/(\.0+)?Z$/, "");
  if (Array.isArray(value)) return value.map(plainValue);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), plainValue(item)]));
  if (typeof value === "object") return isAtom(value) ? atomValue(value) : plainRecord(value);
  throw new TypeError(`a record holds a ${typeof value}`);
}

export function plainRecord(record: object): JsonObject {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, plainValue(value)]),
  );
}

type Atom = { readonly toString: () => string; readonly toNumber?: () => number };
// a struct is a plain object; what has a class of its own is one value: Decimal (with toNumber), DateValue,
// TimestampValue
const isAtom = (value: object): value is Atom => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null;
};
const atomValue = (value: Atom): Json => (value.toNumber ? value.toNumber() : value.toString());
