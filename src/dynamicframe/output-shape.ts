/**
 * The shape of what a JavaScript function returns, grown record by record: every value gets its exact type at once, and the types of all
 * are merged by the rules of `mergeDataTypes` without a type object per record. A value keeps the type its path had in
 * the record it came from wherever that type holds it (4 where 4.5 was possible stays double); only new paths and changed kinds are inferred.
 * So `map(r => r)` changes no tag (DESIGN §5).
 */
import { BOOLEAN, DOUBLE, FLOAT, INT, LONG, NULL, STRING, UNKNOWN, array, choice, field, map, struct, type DataType, type StructType, type TypeName } from "../types/data-type.js";
import { inferType } from "../types/infer.js";
import { mergeDataTypes } from "../types/merge.js";
import { toTyped } from "../types/typed.js";
import { ArmValue, setField, type Row, type Value } from "../types/value.js";

export type OutputShape = {
  /** The record in a form of its own, for `settle`. What it throws leaves the shape as it was. */
  readonly add: (output: unknown, original: Value) => Row;
  /** The merged type of all records so far; a struct without fields before the first. */
  readonly type: () => StructType;
  /** Records that `add` gave, in the arms form of `type()`. They are changed in place. */
  readonly settle: (rows: Row[]) => Row[];
};

/**
 * A place in the records. Values of the arm that came first are stored bare, those of others as `ArmValue`: as long as a place has one
 * arm its values are in arms form already. Once a place was settled with several arms, all its values are stored as `ArmValue` (`wrapped`),
 * so that `settle` has work only after a place got its second arm.
 */
type Place = {
  /** What the input had here. */
  readonly hint: DataType | undefined;
  readonly arms: Map<TypeName, Arm>;
  primary: TypeName | undefined;
  nulls: boolean;
  wrapped: boolean;
};
type Arm = { type: DataType; readonly fields: Map<string, Place>; element?: Place };

/** `input` is the type of the records that the function is given. */
export function outputShape(input: StructType): OutputShape {
  const root = placeOf(input);
  const undo: (() => void)[] = [];
  return {
    add: (output, original) => {
      try {
        return grow(root, output, original, undo) as Row;
      } catch (error) {
        // a record that cannot be typed leaves no trace in the type of the others
        for (let step = undo.pop(); step !== undefined; step = undo.pop()) step();
        throw error;
      } finally {
        undo.length = 0;
      }
    },
    type: () => {
      const type = typeOf(root);
      return type.kind === "struct" ? type : struct();
    },
    settle: (rows) => {
      const mixed = freshlyMixed(root);
      if (mixed.size > 0) for (let i = 0; i < rows.length; i++) rows[i] = settled(root, rows[i], mixed) as Row;
      return rows;
    },
  };
}

const placeOf = (hint: DataType | undefined): Place => ({ hint, arms: new Map(), primary: undefined, nulls: false, wrapped: false });

/** The type that an original value had, where the declared type is a choice: that of its arm. */
const originOf = (hint: DataType | undefined, original: Value): DataType | undefined =>
  (original instanceof ArmValue && hint?.kind === "choice" ? hint.choices.find((c) => c.kind === original.arm) : hint);

/** The type itself if it is of that kind, or that member of a choice. */
const memberOf = <K extends TypeName>(type: DataType | undefined, kind: K): Extract<DataType, { readonly kind: K }> | undefined =>
  (type?.kind === "choice" ? type.choices : type ? [type] : []).find((t): t is Extract<DataType, { readonly kind: K }> => t.kind === kind);
const elementHint = (hint: DataType | undefined): DataType | undefined => (memberOf(hint, "array") ?? memberOf(hint, "set"))?.element;

function grow(place: Place, output: unknown, original: Value, undo: (() => void)[]): Value {
  if (output === null || output === undefined) {
    place.nulls = true;
    return null;
  }
  const hint = originOf(place.hint, original);
  const before = original instanceof ArmValue ? original.value : original;
  switch (typeof output) {
    case "string": return put(place, hint?.kind === "enum" && output === before ? hint : STRING, output, undo);
    case "boolean": return put(place, hint?.kind === "boolean" && output === before ? hint : BOOLEAN, output, undo);
    case "number": return putNumber(place, output, before, hint, undo);
    case "object": return putObject(place, output as object, before, hint, undo);
    default: return putOther(place, output, before, hint, undo);
  }
}

/** A number keeps the type of the number it was; another one the type its place had, if that holds it. */
function putNumber(place: Place, output: number, before: Value, hint: DataType | undefined, undo: (() => void)[]): Value {
  if (hint && hint.kind !== "choice" && (Object.is(output, before) || (typeof before === "bigint" && Object.is(output, Number(before)) && Number.isSafeInteger(output)))) return put(place, hint, before, undo);
  return put(place, numberType(output, hint), output, undo);
}

function numberType(output: number, hint: DataType | undefined): DataType {
  const own = inferType(output).kind;
  const had = (kind: TypeName): boolean => (hint?.kind === "choice" ? hint.choices.some((c) => c.kind === kind) : hint?.kind === kind);
  if (own === "int") return had("int") ? INT : had("long") ? LONG : had("double") ? DOUBLE : had("float") ? FLOAT : INT;
  if (own === "long") return !had("long") && had("double") ? DOUBLE : LONG;
  return DOUBLE;
}

function putObject(place: Place, output: object, before: Value, hint: DataType | undefined, undo: (() => void)[]): Value {
  if (Array.isArray(output)) return putArray(place, output as readonly unknown[], before, undo);
  const prototype: unknown = Object.getPrototypeOf(output);
  if (prototype === Object.prototype || prototype === null) return putStruct(place, output as Record<string, unknown>, before, undo);
  if (output instanceof Map) return putMap(place, output as ReadonlyMap<unknown, unknown>, before, undo);
  return putOther(place, output, before, hint, undo);
}

/** Dates, decimals, bytes, big integers: the same object keeps its type, others have the type of their own. */
function putOther(place: Place, output: unknown, before: Value, hint: DataType | undefined, undo: (() => void)[]): Value {
  if (hint && before !== null && before !== undefined && hint.kind !== "choice" && Object.is(output, before)) return put(place, hint, before, undo);
  const type = inferType(output);
  return put(place, type, toTyped(output, type), undo);
}

function putArray(place: Place, output: readonly unknown[], before: Value, undo: (() => void)[]): Value {
  const arm = armOf(place, "array", undo);
  const element = elementOf(arm, elementHint(place.hint), undo);
  const originals = Array.isArray(before) ? (before as readonly Value[]) : [];
  const items = new Array<Value>(output.length);
  for (let i = 0; i < output.length; i++) items[i] = grow(element, output[i], originals[i], undo);
  return bare(place, "array", items);
}

function putMap(place: Place, output: ReadonlyMap<unknown, unknown>, before: Value, undo: (() => void)[]): Value {
  const arm = armOf(place, "map", undo);
  const element = elementOf(arm, memberOf(place.hint, "map")?.value, undo);
  const originals = before instanceof Map ? (before as ReadonlyMap<string, Value>) : undefined;
  const entries = new Map<string, Value>();
  for (const [key, value] of output) entries.set(String(key), grow(element, value, originals?.get(String(key)), undo));
  return bare(place, "map", entries);
}

function putStruct(place: Place, output: Record<string, unknown>, before: Value, undo: (() => void)[]): Value {
  const { fields } = armOf(place, "struct", undo);
  const from = typeof before === "object" && before !== null && !Array.isArray(before) ? before as Row : undefined;
  const row: Record<string, Value> = {};
  for (const name of Object.keys(output)) {
    const value = output[name];
    if (value === undefined) continue;
    let below = fields.get(name);
    if (below === undefined) {
      below = placeOf(memberOf(place.hint, "struct")?.fields.find((f) => f.name === name)?.type);
      fields.set(name, below);
      undo.push(() => fields.delete(name));
    }
    const grown = grow(below, value, from !== undefined && Object.hasOwn(from, name) ? from[name] : undefined, undo);
    if (name === "__proto__") setField(row, name, grown);
    else row[name] = grown;
  }
  return bare(place, "struct", row);
}

/** An atom. Values of one kind share the arm; decimals of several precisions and the like merge. */
function put(place: Place, type: DataType, value: Value, undo: (() => void)[]): Value {
  const arm = armOf(place, type.kind, undo, type);
  if (arm.type !== type && (type.kind === "decimal" || type.kind === "enum")) {
    const { type: earlier } = arm;
    arm.type = mergeDataTypes(earlier, type);
    undo.push(() => { arm.type = earlier; });
  }
  return bare(place, type.kind, value);
}

const bare = (place: Place, kind: TypeName, value: Value): Value => (place.primary === kind && !place.wrapped ? value : new ArmValue(kind, value));

function armOf(place: Place, kind: TypeName, undo: (() => void)[], type: DataType = UNKNOWN): Arm {
  const known = place.arms.get(kind);
  if (known !== undefined) return known;
  const arm: Arm = { type, fields: new Map() };
  place.arms.set(kind, arm);
  const { primary } = place;
  place.primary ??= kind;
  undo.push(() => { place.arms.delete(kind); place.primary = primary; });
  return arm;
}

function elementOf(arm: Arm, hint: DataType | undefined, undo: (() => void)[]): Place {
  if (arm.element === undefined) {
    arm.element = placeOf(hint);
    undo.push(() => { delete arm.element; });
  }
  return arm.element;
}

function typeOf(place: Place): DataType {
  const types = [...place.arms].map(([kind, arm]) => armType(kind, arm));
  const [only, ...others] = types;
  if (only === undefined) return place.nulls ? NULL : UNKNOWN;
  return others.length === 0 ? only : choice(types);
}

function armType(kind: TypeName, arm: Arm): DataType {
  switch (kind) {
    case "struct": return struct([...arm.fields].map(([name, place]) => field(name, typeOf(place))));
    case "array": return array(arm.element ? typeOf(arm.element) : UNKNOWN);
    case "map": return map(arm.element ? typeOf(arm.element) : UNKNOWN);
    default: return arm.type;
  }
}

/** Places that got their second arm since the last call, and those above them. */
function freshlyMixed(root: Place): ReadonlySet<Place> {
  const mixed = new Set<Place>();
  const visit = (place: Place): boolean => {
    let some = place.arms.size > 1 && !place.wrapped;
    if (some) place.wrapped = true;
    for (const { fields, element } of place.arms.values()) {
      for (const below of fields.values()) some = visit(below) || some;
      if (element) some = visit(element) || some;
    }
    if (some) mixed.add(place);
    return some;
  };
  visit(root);
  return mixed;
}

function settled(place: Place, value: Value, mixed: ReadonlySet<Place>): Value {
  if (value === null || value === undefined || !mixed.has(place)) return value;
  const kind = value instanceof ArmValue ? value.arm as TypeName : place.primary;
  const arm = kind === undefined ? undefined : place.arms.get(kind);
  if (kind === undefined || arm === undefined) return value;
  const inner = settledInside(arm, value instanceof ArmValue ? value.value : value, mixed);
  return place.arms.size > 1 ? new ArmValue(kind, inner) : inner;
}

function settledInside({ fields, element }: Arm, value: Value, mixed: ReadonlySet<Place>): Value {
  if (element !== undefined && mixed.has(element)) {
    if (Array.isArray(value)) return (value as readonly Value[]).map((item) => settled(element, item, mixed));
    if (value instanceof Map) return new Map([...value as ReadonlyMap<string, Value>].map(([key, item]) => [key, settled(element, item, mixed)]));
  }
  if (fields.size === 0) return value;
  const row = value as Record<string, Value>;
  for (const [name, below] of fields) if (mixed.has(below) && Object.hasOwn(row, name)) setField(row, name, settled(below, row[name], mixed));
  return row;
}
