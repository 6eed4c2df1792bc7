/**
 * Rows in arms form as canonical text, with null and missing told apart, and the same worked out from the oracle's
 * JSON.
 */
import { fieldOf, type DataType, type StructType } from "../../../src/types/data-type.js";
import { ArmValue, Decimal, type Value } from "../../../src/types/value.js";
import { doubleText, tagOf, type Json } from "./value-oracle.js";

export type Exact = null | string | Exact[] | { [name: string]: Exact };

/** Entries as an object, `__proto__` a field like others; equal whatever the order. */
const objectOf = (entries: readonly (readonly [string, Exact])[]): Exact =>
  Object.fromEntries(entries.map(([name, value]): [string, Exact] => [name === "__proto__" ? "(proto)" : name, value]));

export function exactValue(value: Value): Exact {
  if (value === null) return null;
  if (value === undefined) return "undefined";
  if (value instanceof ArmValue) return { [`<${value.arm}>`]: exactValue(value.value) };
  if (value instanceof Decimal) return `decimal ${String(value)}`;
  if (Array.isArray(value)) return Array.from(value as readonly Value[], exactValue);
  if (typeof value === "object")
    return objectOf(Object.entries(value).map(([name, item]) => [name, exactValue(item as Value)] as const));
  if (typeof value === "number")
    return Number.isInteger(value) && !Object.is(value, -0) ? `number ${value}` : doubleText(value);
  return `${typeof value} ${String(value)}`;
}

export function exactRow(type: StructType, record: ReadonlyMap<string, Json>): Exact {
  return objectOf(
    type.fields
      .filter(({ name }) => record.has(name))
      .map(({ name }) => [name, exact(fieldOf(type, name)?.type, record.get(name))] as const),
  );
}

function exact(type: DataType | undefined, value: Json | undefined): Exact {
  if (type === undefined || value === undefined || value === null) return null;
  if (type.kind === "choice") {
    const arm = type.choices.find(({ kind }) => kind === tagOf(value));
    return arm === undefined ? null : { [`<${arm.kind}>`]: exact(arm, value) };
  }
  if (value instanceof Map) return type.kind === "struct" ? exactRow(type, value) : null;
  if (Array.isArray(value)) return type.kind === "array" ? value.map((item) => exact(type.element, item)) : null;
  if (typeof value !== "object") return exactValue(value);
  switch (type.kind) {
    case "string":
      return `string ${value.text}`;
    case "decimal":
      return `decimal ${BigInt(value.text)}`;
    case "int":
      return `number ${BigInt(value.text)}`;
    case "long":
      return `${Number.isSafeInteger(Number(value.text)) ? "number" : "bigint"} ${BigInt(value.text)}`;
    default:
      return exactValue(Number(value.text));
  }
}
