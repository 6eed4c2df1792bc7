/** Values in arms form, one per row, as a vector. */
import type { ChoiceType, DataType, StructType } from "./data-type.js";
import { fieldPath } from "./path.js";
import { ArmValue, type Row, type Value } from "./value.js";
import { valueMisfit } from "./value-misfit.js";
import { ABSENT, NULL_HERE, PRESENT, type Vector } from "./vector.js";

/** Atoms are taken as they are. @throws VALUE_NOT_OF_TYPE for a struct, list, map or choice that has another form. */
export function vectorOf(values: readonly Value[], type: DataType, path: string): Vector {
  switch (type.kind) {
    case "struct":
      return structOf(values, type, path);
    case "array":
    case "set":
      return listOf(values, type.element, path);
    case "map":
      return mapOf(values, type.value, path);
    case "choice":
      return choiceOf(values, type, path);
    default:
      return { kind: "plain", values };
  }
}

/** Undefined where every value is there. */
function statesOf(
  values: readonly Value[],
  check: (value: Value) => boolean,
  misfit: (value: Value) => Error,
): Uint8Array | undefined {
  const states = new Uint8Array(values.length);
  let whole = true;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    states[i] = value === undefined ? ABSENT : value === null ? NULL_HERE : PRESENT;
    if (value === undefined || value === null) whole = false;
    else if (!check(value)) throw misfit(value);
  }
  return whole ? undefined : states;
}

function structOf(values: readonly Value[], type: StructType, path: string): Vector {
  const states = statesOf(
    values,
    (value) => typeof value === "object" && !Array.isArray(value) && !(value instanceof ArmValue),
    (value) => valueMisfit(value, type, path),
  );
  const fields = type.fields.map(({ name, type: below }) => {
    const column = new Array<Value>(values.length);
    for (let i = 0; i < values.length; i++) {
      const row = values[i] as Row | null | undefined;
      column[i] = row !== null && row !== undefined && Object.hasOwn(row, name) ? row[name] : undefined;
    }
    return vectorOf(column, below, fieldPath(path, name));
  });
  return { kind: "struct", states, fields };
}

function listOf(values: readonly Value[], element: DataType, path: string): Vector {
  const states = statesOf(values, Array.isArray, (value) => valueMisfit(value, { kind: "array" }, path));
  const starts = new Int32Array(values.length);
  const lengths = new Int32Array(values.length);
  const items: Value[] = [];
  for (let i = 0; i < values.length; i++) {
    const list = values[i];
    if (!Array.isArray(list)) continue;
    starts[i] = items.length;
    lengths[i] = list.length;
    for (const item of list as readonly Value[]) items.push(item);
  }
  return { kind: "list", states, starts, lengths, element: vectorOf(items, element, `${path}[]`) };
}

function mapOf(values: readonly Value[], valueType: DataType, path: string): Vector {
  const states = statesOf(
    values,
    (value) => value instanceof Map,
    (value) => valueMisfit(value, { kind: "map" }, path),
  );
  const starts = new Int32Array(values.length);
  const lengths = new Int32Array(values.length);
  const keys: string[] = [];
  const items: Value[] = [];
  for (let i = 0; i < values.length; i++) {
    const map = values[i];
    if (!(map instanceof Map)) continue;
    starts[i] = keys.length;
    lengths[i] = map.size;
    for (const [key, item] of map as ReadonlyMap<string, Value>) {
      keys.push(key);
      items.push(item);
    }
  }
  return { kind: "map", states, starts, lengths, keys, value: vectorOf(items, valueType, path) };
}

function choiceOf(values: readonly Value[], type: ChoiceType, path: string): Vector {
  const which = new Uint8Array(values.length);
  const arms = type.choices.map(() => new Array<Value>(values.length));
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === undefined || value === null) {
      which[i] = value === null ? NULL_HERE : ABSENT;
      continue;
    }
    const arm = value instanceof ArmValue ? type.choices.findIndex((c) => c.kind === value.arm) : -1;
    const column = arms[arm];
    if (!(value instanceof ArmValue) || column === undefined) throw valueMisfit(value, type, path);
    const none = value.value === null || value.value === undefined;
    which[i] = none ? NULL_HERE : PRESENT + arm;
    column[i] = value.value;
  }
  return { kind: "choice", which, arms: type.choices.map((c, k) => vectorOf(arms[k] ?? [], c, path)) };
}
