/** Values with types of their own, put into the arms form of a merged type. */
import { fieldOf, type DataType } from "../types/data-type.js";
import { ArmValue, setField, type Row, type Value } from "../types/value.js";

/** A value with its own exact type, which holds no choice. */
export type TypedValue = { readonly value: Value; readonly type: DataType };

/** A value of type `from` in the arms form of `to`, a merge of `from` and others. */
export function conformValue(value: Value, from: DataType, to: DataType): Value {
  if (value === null || value === undefined || from === to) return value;
  if (to.kind === "choice") {
    if (value instanceof ArmValue && from.kind === "choice") {
      const own = from.choices.find((c) => c.kind === value.arm);
      const target = to.choices.find((c) => c.kind === value.arm);
      return own && target ? new ArmValue(value.arm, conformValue(value.value, own, target)) : value;
    }
    const target = to.choices.find((c) => c.kind === from.kind);
    return target ? new ArmValue(target.kind, conformValue(value, from, target)) : value;
  }
  if (
    (to.kind === "array" || to.kind === "set")
    && (from.kind === "array" || from.kind === "set")
    && Array.isArray(value)
  ) {
    return (value as readonly Value[]).map((v) => conformValue(v, from.element, to.element));
  }
  if (to.kind === "map" && from.kind === "map" && value instanceof Map) {
    return new Map(
      [...(value as ReadonlyMap<string, Value>)].map(([k, v]) => [k, conformValue(v, from.value, to.value)]),
    );
  }
  if (to.kind === "struct" && from.kind === "struct" && isRow(value)) {
    const row: Row = {};
    for (const f of from.fields) {
      const target = fieldOf(to, f.name);
      if (target && Object.hasOwn(value, f.name))
        setField(row, f.name, conformValue(value[f.name], f.type, target.type));
    }
    return row;
  }
  return value;
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === "object"
  && value !== null
  && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);

const isRow = (value: Value): value is Row => isPlainObject(value);
