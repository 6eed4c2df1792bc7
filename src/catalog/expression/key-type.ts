/**
 * Partition key types as GetPartitions compares them: string, date, timestamp, decimal and the integers; every other
 * type is refused once an expression names the key (AWS Glue API, GetPartitions, "Expression").
 */
import { compareOrdered, type OrderedNumber, orderedNumber, parseOrderedNumber } from "./ordered-number.js";

export type KeyFamily = "integral" | "decimal" | "string" | "date" | "timestamp";

/** Name and Hive type of a partition key. */
export type PartitionKey = { readonly name: string; readonly type: string };

/** A value as its key's type compares it: numbers by value, the rest by code points of a text in normal form. */
export type KeyValue = string | OrderedNumber;

const FAMILIES: ReadonlyMap<string, KeyFamily> = new Map<string, KeyFamily>([
  ["string", "string"],
  ["char", "string"],
  ["varchar", "string"],
  ["tinyint", "integral"],
  ["smallint", "integral"],
  ["int", "integral"],
  ["bigint", "integral"],
  ["long", "integral"],
  ["decimal", "decimal"],
  ["date", "date"],
  ["timestamp", "timestamp"],
]);

/** How values of a Hive type compare; undefined for a type that expressions may not name. */
export function keyFamily(type: string): KeyFamily | undefined {
  return FAMILIES.get(
    type
      .trim()
      .toLowerCase()
      .replace(/\s*\(.*$/s, ""),
  );
}

/**
 * The value of a text in that family, or undefined when it is not one. Nothing is rounded or cut to the declared size.
 */
export function parseKeyValue(family: KeyFamily, text: string): KeyValue | undefined {
  switch (family) {
    case "string":
      return text;
    case "integral":
      return /^[+-]?\d+$/.test(text) ? parseOrderedNumber(text) : undefined;
    case "decimal":
      return parseOrderedNumber(text);
    case "date":
      return isDate(text) ? text : undefined;
    case "timestamp":
      return normalTimestamp(text);
  }
}

/** Negative, 0 or positive. Both must come from the same family. */
export function compareKeyValues(left: KeyValue, right: KeyValue): number {
  if (typeof left === "string" && typeof right === "string") return compareCodePoints(left, right);
  if (typeof left === "string" || typeof right === "string") throw new Error("values of two families do not compare");
  return compareOrdered(left, right);
}

/** A text whose code point order is the order of the values, and equal exactly when they are; holds no NUL. */
export function orderedText(value: KeyValue): string {
  return typeof value === "string" ? value : orderedNumber(value);
}

/** What Glue's message calls a value that does not fit. */
export function misfitMessage(family: KeyFamily, text: string): string {
  switch (family) {
    case "integral":
      return `"${text}" is not an integer.`;
    case "decimal":
      return `${text} is not a decimal.`;
    case "date":
      return `${text} is not a date.`;
    case "timestamp":
      return `Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] ${text} is not a timestamp.`;
    case "string":
      return `${text} is not a string.`;
  }
}

/** Order by code points, which is that of UTF-8 bytes; `<` on JavaScript strings differs past U+FFFF. */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i += 1) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a !== b) return surrogatesLast(a) - surrogatesLast(b);
  }
  return left.length - right.length;
}

// a surrogate stands for a character above every other unit
const surrogatesLast = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function normalTimestamp(text: string): string | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/.exec(text);
  if (parts === null || !isDate(parts[1] ?? "")) return undefined;
  if (Number(parts[2]) > 23 || Number(parts[3]) > 59 || Number(parts[4]) > 59) return undefined;
  return `${text.slice(0, 19)}.${(parts[5] ?? "").padEnd(9, "0")}`;
}
