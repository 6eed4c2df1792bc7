/**
 * The shape of what a JavaScript function returns, grown record by record: every value goes with its exact type to the vector of its place
 * at once, and the types of all are merged by the rules of `mergeDataTypes` without a type object per record. A value keeps the type its
 * path had in the record it came from wherever that type holds it (4 where 4.5 was possible stays double); only new paths and changed
 * kinds are inferred. So `map(r => r)` changes no tag (DESIGN §5).
 */
import { BOOLEAN, DOUBLE, FLOAT, INT, LONG, NULL, STRING, UNKNOWN, array, choice, field, map, set, struct, type DataType, type StructType, type TypeName } from "../types/data-type.js";
import { inferType } from "../types/infer.js";
import { mergeDataTypes } from "../types/merge.js";
import { batchOfFields, type RecordBatch } from "../types/record-batch.js";
import { toTyped } from "../types/typed.js";
import { ArmValue, type Row, type Value } from "../types/value.js";
import { ABSENT, NULL_HERE, PRESENT, type Vector } from "../types/vector.js";

export type OutputShape = {
  /** Adds a record. `original`: what `BatchRecords.tagged` has of the record it was made from. What it throws leaves the shape as it was. */
  readonly add: (output: unknown, original: Value) => void;
  /** Records since the last `take`. */
  readonly size: () => number;
  /** These records; their type is `type()`. */
  readonly take: () => RecordBatch;
  /** The merged type of all records so far; a struct without fields before the first. */
  readonly type: () => StructType;
};

/** A place in the records. Its arms have vectors of their own, all by the index of the record or list element that they are in. */
type Place = {
  /** What the input had here. */
  readonly hint: DataType | undefined;
  readonly arms: Map<TypeName, Arm>;
  /** The arm of most values: the one that came first. */
  primary: Arm | undefined;
  /** Whether a null was ever here, and where it was since the last `take`. */
  nulls: boolean;
  nullsAt: number[];
};

/** Arrays end with the last value that is there; indexes before it that have none hold undefined, or `ABSENT`. */
type Arm = {
  readonly kind: TypeName;
  type: DataType;
  /** Of atoms. */
  values: Value[];
  /** Of structs, lists and maps. */
  states: number[];
  readonly fields: Map<string, Field>;
  /** The fields in the order in which they were first met: what the next record most likely has. */
  readonly order: Field[];
  /** Of lists and maps: where the elements of each are, and how many there are in all. */
  starts: number[];
  lengths: number[];
  keys: string[];
  elements: number;
  element: Place | undefined;
};
/** `next`: its position in the order, plus one. */
type Field = { readonly name: string; readonly place: Place; readonly next: number };
type Undo = (() => void)[];

/** `input` is the type of the records that the function is given. */
export function outputShape(input: StructType): OutputShape {
  const root = placeOf(input);
  const undo: Undo = [];
  let size = 0;
  return {
    add: (output, original) => {
      try {
        grow(root, output, original, size, undo);
        size++;
      } catch (error) {
        // a record that cannot be typed leaves no trace in the type of the others
        for (let step = undo.pop(); step !== undefined; step = undo.pop()) step();
        truncate(root, size);
        throw error;
      } finally {
        undo.length = 0;
      }
    },
    size: () => size,
    take: () => {
      const records = root.primary === undefined ? undefined : armVector(root.primary, size, []);
      const batch = batchOfFields(records?.kind === "struct" ? records.fields : [], size);
      empty(root);
      size = 0;
      return batch;
    },
    type: () => {
      const type = typeOf(root);
      return type.kind === "struct" ? type : struct();
    },
  };
}

const placeOf = (hint: DataType | undefined): Place => ({ hint, arms: new Map(), primary: undefined, nulls: false, nullsAt: [] });

/** The type that an original value had, where the declared type is a choice: that of its arm. */
function originOf(hint: DataType | undefined, original: Value): DataType | undefined {
  if (hint === undefined || hint.kind !== "choice" || !(original instanceof ArmValue)) return hint;
  for (const arm of hint.choices) if (arm.kind === original.arm) return arm;
  return undefined;
}

/** The type itself if it is of that kind, or that member of a choice. */
const memberOf = <K extends TypeName>(type: DataType | undefined, kind: K): Extract<DataType, { readonly kind: K }> | undefined =>
  (type?.kind === "choice" ? type.choices : type ? [type] : []).find((t): t is Extract<DataType, { readonly kind: K }> => t.kind === kind);
const elementHint = (hint: DataType | undefined): DataType | undefined => (memberOf(hint, "array") ?? memberOf(hint, "set"))?.element;

function grow(place: Place, output: unknown, original: Value, at: number, undo: Undo): void {
  if (output === null || output === undefined) {
    if (!place.nulls) {
      place.nulls = true;
      undo.push(() => { place.nulls = false; });
    }
    place.nullsAt.push(at);
    return;
  }
  const hint = originOf(place.hint, original);
  const before = original !== undefined && original instanceof ArmValue ? original.value : original;
  switch (typeof output) {
    case "string": return put(place, hint?.kind === "enum" && output === before ? hint : STRING, output, at, undo);
    case "boolean": return put(place, BOOLEAN, output, at, undo);
    case "number": return putNumber(place, output, before, hint, at, undo);
    case "object": return putObject(place, output, before, hint, at, undo);
    default: return putOther(place, output, before, hint, at, undo);
  }
}

/** A number keeps the type of the number it was; another one the type its place had, if that holds it. */
function putNumber(place: Place, output: number, before: Value, hint: DataType | undefined, at: number, undo: Undo): void {
  if (hint?.kind === "double") return put(place, DOUBLE, output, at, undo);
  if (hint && hint.kind !== "choice" && (Object.is(output, before) || (typeof before === "bigint" && Object.is(output, Number(before)) && Number.isSafeInteger(output)))) return put(place, hint, before, at, undo);
  put(place, numberType(output, hint), output, at, undo);
}

/** As `inferType` has it, unless the place had a wider type that holds the number. */
function numberType(output: number, hint: DataType | undefined): DataType {
  if (!Number.isSafeInteger(output)) return DOUBLE;
  if (output < -2147483648 || output > 2147483647) return !had(hint, "long") && had(hint, "double") ? DOUBLE : LONG;
  return had(hint, "int") ? INT : had(hint, "long") ? LONG : had(hint, "double") ? DOUBLE : had(hint, "float") ? FLOAT : INT;
}

function had(hint: DataType | undefined, kind: TypeName): boolean {
  if (hint?.kind !== "choice") return hint?.kind === kind;
  for (const arm of hint.choices) if (arm.kind === kind) return true;
  return false;
}

function putObject(place: Place, output: object, before: Value, hint: DataType | undefined, at: number, undo: Undo): void {
  if (Array.isArray(output)) return putList(place, "array", output as readonly unknown[], before, at, undo);
  const prototype: unknown = Object.getPrototypeOf(output);
  if (prototype === Object.prototype || prototype === null) return putStruct(place, output as Record<string, unknown>, before, at, undo);
  if (output instanceof Map) return putMap(place, output as ReadonlyMap<unknown, unknown>, before, at, undo);
  putOther(place, output, before, hint, at, undo);
}

/** Dates, decimals, bytes, big integers: the same object keeps its type, others have the type of their own. */
function putOther(place: Place, output: unknown, before: Value, hint: DataType | undefined, at: number, undo: Undo): void {
  if (hint && before !== null && before !== undefined && hint.kind !== "choice" && Object.is(output, before)) return put(place, hint, before, at, undo);
  if (output instanceof ArmValue) return grow(place, output.value, before, at, undo);
  const type = inferType(output);
  if (output instanceof Set) putList(place, "set", [...output as Set<unknown>], before, at, undo);
  else if (type.kind === "struct") putStruct(place, ownFields(output as object), before, at, undo);
  else put(place, type, toTyped(output, type), at, undo);
}

function putList(place: Place, kind: "array" | "set", output: readonly unknown[], before: Value, at: number, undo: Undo): void {
  const arm = armOf(place, kind, undo), { length } = output;
  const element = arm.element ?? elementOf(arm, elementHint(place.hint), undo);
  const originals = Array.isArray(before) ? (before as readonly Value[]) : undefined;
  const start = beginList(arm, at, length);
  for (let i = 0; i < length; i++) grow(element, output[i], originals?.[i], start + i, undo);
}

function putMap(place: Place, output: ReadonlyMap<unknown, unknown>, before: Value, at: number, undo: Undo): void {
  const arm = armOf(place, "map", undo);
  const element = arm.element ?? elementOf(arm, memberOf(place.hint, "map")?.value, undo);
  const originals = before instanceof Map ? (before as ReadonlyMap<string, Value>) : undefined;
  // keys that are one as texts are one key, whose last value counts, at the place of the first
  const entries = new Map([...output].map(([key, value]) => [String(key), value]));
  let next = beginList(arm, at, entries.size);
  for (const [key, value] of entries) {
    arm.keys.push(key);
    grow(element, value, originals?.get(key), next++, undo);
  }
}

/** The index of the first element. */
function beginList(arm: Arm, at: number, length: number): number {
  const start = arm.elements;
  store(arm.states, at, PRESENT, ABSENT);
  store(arm.starts, at, start, 0);
  store(arm.lengths, at, length, 0);
  arm.elements += length;
  return start;
}

function putStruct(place: Place, output: Record<string, unknown>, before: Value, at: number, undo: Undo): void {
  const arm = armOf(place, "struct", undo), { order } = arm;
  const from = typeof before === "object" && before !== null && !Array.isArray(before) ? before as Row : undefined;
  store(arm.states, at, PRESENT, ABSENT);
  let likely = 0;
  // over twice as fast as by Object.keys; only what is an object's own gets here, unless someone has added to Object.prototype
  const own = inheritsNames() ? ownFields(output) : output;
  for (const name in own) {
    const value = own[name];
    if (value === undefined) continue;
    const guess = order[likely], below = guess?.name === name ? guess : fieldOf(place, arm, name, undo);
    likely = below.next;
    grow(below.place, value, from !== undefined && Object.hasOwn(from, name) ? from[name] : undefined, at, undo);
  }
}

/** The own fields in an object that inherits none. */
const ownFields = (output: object): Record<string, unknown> => Object.assign(Object.create(null) as Record<string, unknown>, output);

function inheritsNames(): boolean {
  for (const _ in {}) return true;
  return false;
}

function fieldOf(place: Place, arm: Arm, name: string, undo: Undo): Field {
  const known = arm.fields.get(name);
  if (known !== undefined) return known;
  const added = { name, place: placeOf(memberOf(place.hint, "struct")?.fields.find((f) => f.name === name)?.type), next: arm.order.length + 1 };
  arm.fields.set(name, added);
  arm.order.push(added);
  undo.push(() => { arm.fields.delete(name); arm.order.pop(); });
  return added;
}

/** An atom. Values of one kind share the arm; decimals of several precisions and the like merge. */
function put(place: Place, type: DataType, value: Value, at: number, undo: Undo): void {
  const arm = armOf(place, type.kind, undo, type);
  if (arm.type !== type && (type.kind === "decimal" || type.kind === "enum")) {
    const { type: earlier } = arm;
    arm.type = mergeDataTypes(earlier, type);
    undo.push(() => { arm.type = earlier; });
  }
  store(arm.values, at, value, undefined);
}

function store<T>(values: T[], at: number, value: T, none: T): void {
  while (values.length < at) values.push(none);
  if (values.length === at) values.push(value);
  else values[at] = value;
}

function armOf(place: Place, kind: TypeName, undo: Undo, type: DataType = UNKNOWN): Arm {
  const { primary } = place;
  if (primary?.kind === kind) return primary;
  const known = place.arms.get(kind);
  if (known !== undefined) return known;
  const arm: Arm = { kind, type, values: [], states: [], fields: new Map(), order: [], starts: [], lengths: [], keys: [], elements: 0, element: undefined };
  place.arms.set(kind, arm);
  place.primary ??= arm;
  undo.push(() => { place.arms.delete(kind); place.primary = primary; });
  return arm;
}

function elementOf(arm: Arm, hint: DataType | undefined, undo: Undo): Place {
  const element = placeOf(hint);
  arm.element = element;
  undo.push(() => { arm.element = undefined; });
  return element;
}

/** Leaves what is before the index. */
function truncate(place: Place, at: number): void {
  while ((place.nullsAt.at(-1) ?? -1) >= at) place.nullsAt.pop();
  for (const arm of place.arms.values()) {
    let first = at;
    while (first < arm.states.length && arm.states[first] !== PRESENT) first++;
    const elements = first < arm.starts.length ? arm.starts[first] ?? 0 : arm.elements;
    for (const values of [arm.values, arm.states, arm.starts, arm.lengths]) values.length = Math.min(values.length, at);
    arm.elements = elements;
    arm.keys.length = Math.min(arm.keys.length, elements);
    for (const below of arm.order) truncate(below.place, at);
    if (arm.element) truncate(arm.element, elements);
  }
}

/** Leaves nothing; what was there is the reader's. */
function empty(place: Place): void {
  place.nullsAt = [];
  for (const arm of place.arms.values()) {
    arm.values = [];
    arm.states = [];
    arm.starts = [];
    arm.lengths = [];
    arm.keys = [];
    arm.elements = 0;
    for (const below of arm.order) empty(below.place);
    if (arm.element) empty(arm.element);
  }
}

/** The vector of a place with indexes below `size`; arms in the order of the type. */
function vectorOf(place: Place, size: number): Vector {
  const { primary, nullsAt } = place;
  if (place.arms.size < 2) return primary === undefined ? { kind: "plain", values: withNulls([], nullsAt) } : armVector(primary, size, nullsAt);
  const type = typeOf(place);
  const arms = type.kind === "choice" ? type.choices.flatMap((c) => place.arms.get(c.kind) ?? []) : [];
  const which = new Uint8Array(size);
  arms.forEach((arm, k) => {
    const { values, states } = arm;
    for (let i = 0; i < states.length; i++) if (states[i] === PRESENT) which[i] = PRESENT + k;
    for (let i = 0; i < values.length; i++) if (values[i] !== undefined) which[i] = PRESENT + k;
  });
  for (const at of nullsAt) which[at] = NULL_HERE;
  return { kind: "choice", which, arms: arms.map((arm) => armVector(arm, size, [])) };
}

function armVector(arm: Arm, size: number, nullsAt: readonly number[]): Vector {
  const states = arm.states.length === size && !arm.states.includes(ABSENT) ? undefined : padded(arm.states, size, nullsAt);
  const { starts, lengths, element, elements, keys } = arm;
  switch (arm.kind) {
    case "struct": return { kind: "struct", states, fields: arm.order.map((below) => vectorOf(below.place, size)) };
    case "array": case "set": return { kind: "list", states, starts, lengths, element: element ? vectorOf(element, elements) : { kind: "plain", values: [] } };
    case "map": return { kind: "map", states, starts, lengths, keys, value: element ? vectorOf(element, elements) : { kind: "plain", values: [] } };
    default: return { kind: "plain", values: withNulls(arm.values, nullsAt) };
  }
}

function padded(states: readonly number[], size: number, nullsAt: readonly number[]): Uint8Array {
  const all = new Uint8Array(size);
  all.set(states);
  for (const at of nullsAt) all[at] = NULL_HERE;
  return all;
}

function withNulls(values: Value[], nullsAt: readonly number[]): readonly Value[] {
  for (const at of nullsAt) store<Value>(values, at, null, undefined);
  return values;
}

function typeOf(place: Place): DataType {
  const types = [...place.arms.values()].map(armType);
  const [only, ...others] = types;
  if (only === undefined) return place.nulls ? NULL : UNKNOWN;
  return others.length === 0 ? only : choice(types);
}

function armType(arm: Arm): DataType {
  switch (arm.kind) {
    case "struct": return struct(arm.order.map(({ name, place }) => field(name, typeOf(place))));
    case "set": return set(arm.element ? typeOf(arm.element) : UNKNOWN);
    case "array": return array(arm.element ? typeOf(arm.element) : UNKNOWN);
    case "map": return map(arm.element ? typeOf(arm.element) : UNKNOWN);
    default: return arm.type;
  }
}
