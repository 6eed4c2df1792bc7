/**
 * What a JavaScript function returns, typed. The value keeps the type its path had in the record it came from wherever that type holds it
 * (4 where 4.5 was possible stays double); only new paths and changed kinds are inferred. So `map(r => r)` changes no tag (DESIGN §5).
 */
import { LONG, array, field as fieldType, fieldOf, map as mapType, struct, UNKNOWN, type DataType, type Field } from "../types/data-type.js";
import { inferType } from "../types/infer.js";
import { toPlain } from "../types/typed.js";
import { mergeDataTypes } from "../types/merge.js";
import { ArmValue, setField, type Row, type Value } from "../types/value.js";

/** A value with its own exact type, which holds no choice. */
export type TypedValue = { readonly value: Value; readonly type: DataType };

/** `original` in arms form, `originalType` its declared type; both undefined where the input had nothing. */
export function typedOutput(output: unknown, original: Value, originalType: DataType | undefined, path = ""): TypedValue {
  if (original instanceof ArmValue && originalType?.kind === "choice") {
    const armType = originalType.choices.find((c) => c.kind === original.arm);
    return typedOutput(output, original.value, armType, path);
  }
  if (output === null) return { value: null, type: { kind: "null" } };
  if (original !== null && original !== undefined && originalType && isSameScalar(output, original, originalType)) return { value: original, type: originalType };
  if (typeof output === "number") return typedNumber(output, originalType, path);
  if (Array.isArray(output)) return typedArray(output, original, originalType, path);
  if (output instanceof Map) return typedMap(output, original, originalType, path);
  if (isPlainObject(output)) return typedStruct(output, original, originalType, path);
  return { value: output as Value, type: inferType(output) };
}

function isSameScalar(output: unknown, original: Value, type: DataType): boolean {
  switch (type.kind) {
    case "struct": case "array": case "set": case "map": case "choice": return false;
    default: return Object.is(output, toPlain(original, type));
  }
}

function typedNumber(output: number, hint: DataType | undefined, path: string): TypedValue {
  const own = inferType(output);
  const hints = hint?.kind === "choice" ? hint.choices.map((c) => c.kind) : hint ? [hint.kind] : [];
  if (own.kind === "int") {
    if (hints.includes("int")) return { value: output, type: own };
    if (hints.includes("long")) return { value: output, type: LONG };
    if (hints.includes("double")) return { value: output, type: { kind: "double" } };
    if (hints.includes("float")) return { value: output, type: { kind: "float" } };
  }
  if (own.kind === "long" && !hints.includes("long") && hints.includes("double")) return { value: output, type: { kind: "double" } };
  void path;
  return { value: output, type: own };
}

function typedArray(output: readonly unknown[], original: Value, hint: DataType | undefined, path: string): TypedValue {
  const elementType = hint?.kind === "array" || hint?.kind === "set" ? hint.element : undefined;
  const originals = Array.isArray(original) ? (original as readonly Value[]) : [];
  const items = output.map((item, i) => typedOutput(item === undefined ? null : item, originals[i], elementType, `${path}[]`));
  const type = items.map((i) => i.type).reduce((a, b) => mergeDataTypes(a, b), UNKNOWN as DataType);
  return { value: items.map((i) => conformValue(i.value, i.type, type)), type: array(type) };
}

function typedMap(output: ReadonlyMap<unknown, unknown>, original: Value, hint: DataType | undefined, path: string): TypedValue {
  const originals = original instanceof Map ? (original as ReadonlyMap<string, Value>) : new Map<string, Value>();
  const entries = [...output].map(([key, value]) =>
    [String(key), typedOutput(value, originals.get(String(key)), hint?.kind === "map" ? hint.value : undefined, path)] as const);
  const type = entries.map(([, v]) => v.type).reduce((a, b) => mergeDataTypes(a, b), UNKNOWN as DataType);
  return { value: new Map(entries.map(([k, v]) => [k, conformValue(v.value, v.type, type)])), type: mapType(type) };
}

function typedStruct(output: object, original: Value, hint: DataType | undefined, path: string): TypedValue {
  const row: Row = {};
  const fields: Field[] = [];
  const from = isRow(original) ? original : undefined;
  for (const [name, value] of Object.entries(output)) {
    if (value === undefined) continue;
    const hinted = hint?.kind === "struct" ? fieldOf(hint, name)?.type : undefined;
    const typed = typedOutput(value, from && Object.hasOwn(from, name) ? from[name] : undefined, hinted, path ? `${path}.${name}` : name);
    setField(row, name, typed.value);
    fields.push(fieldType(name, typed.type));
  }
  return { value: row, type: struct(fields) };
}

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
  if ((to.kind === "array" || to.kind === "set") && (from.kind === "array" || from.kind === "set") && Array.isArray(value)) {
    return (value as readonly Value[]).map((v) => conformValue(v, from.element, to.element));
  }
  if (to.kind === "map" && from.kind === "map" && value instanceof Map) {
    return new Map([...(value as ReadonlyMap<string, Value>)].map(([k, v]) => [k, conformValue(v, from.value, to.value)]));
  }
  if (to.kind === "struct" && from.kind === "struct" && isRow(value)) {
    const row: Row = {};
    for (const f of from.fields) {
      const target = fieldOf(to, f.name);
      if (target && Object.hasOwn(value, f.name)) setField(row, f.name, conformValue(value[f.name], f.type, target.type));
    }
    return row;
  }
  return value;
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);

const isRow = (value: Value): value is Row => isPlainObject(value);
