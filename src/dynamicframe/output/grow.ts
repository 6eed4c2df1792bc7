/** Puts one record that a function returned into the vectors of its places, which grow types as they must. */
import { BOOLEAN, DOUBLE, FLOAT, INT, LONG, STRING, type DataType, type TypeName } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { inferType, MAX_VALUE_DEPTH, tooDeep } from "../../types/infer.js";
import { mergeDataTypes } from "../../types/merge.js";
import { toTyped } from "../../types/typed.js";
import { made } from "../../types/lazy-value.js";
import { ArmValue, type Value } from "../../types/value.js";
import { loneSurrogate } from "../../types/well-formed.js";
import { PRESENT } from "../../types/vector.js";
import {
  armOfKind,
  bareOutput,
  directOf,
  elementHint,
  fieldHint,
  insideOf,
  listAt,
  originalAt,
  placeOf,
  type Arm,
  type Direct,
  type Field,
  type Original,
  type Place,
} from "./place.js";

/** What takes the growth of types back, last step last. Values are taken back by their index. */
export type Undo = (() => void)[];

/**
 * The value at index `at` of the place; `from`: the index that it had in the input, negative for none.
 * @throws for what no type can carry.
 */
export function grow(place: Place, output: unknown, at: number, from: number, undo: Undo): void {
  const { primary } = place;
  if (primary !== undefined && isDirect(place.direct, output)) {
    store(primary, at, output);
    return;
  }
  if (output === null || output === undefined) {
    if (!place.nulls) {
      place.nulls = true;
      undo.push(() => {
        place.nulls = false;
      });
    }
    place.nullsAt.push(at);
    return;
  }
  if (typeof output === "object") putObject(place, output, at, from, undo);
  else putAtom(place, output, originalAt(place, from), at, undo);
}

function isDirect(direct: Direct, output: unknown): output is string | number | boolean {
  switch (typeof output) {
    case "string":
      return direct === "text" && output.isWellFormed();
    // -0 is none of the whole numbers
    case "number":
      return (
        direct === "number"
        || ((output !== 0 || !Object.is(output, -0))
          && (direct === "int" ? (output | 0) === output : direct === "long" && Number.isSafeInteger(output)))
      );
    case "boolean":
      return direct === "boolean";
    default:
      return false;
  }
}

function putAtom(place: Place, output: unknown, original: Original, at: number, undo: Undo): void {
  switch (typeof output) {
    case "string":
      if (!output.isWellFormed()) throw loneSurrogate();
      return put(
        place,
        original.type?.kind === "enum" && output === original.value ? original.type : STRING,
        output,
        at,
        undo,
      );
    case "boolean":
      return put(place, BOOLEAN, output, at, undo);
    case "number":
      return putNumber(place, output, original, at, undo);
    default:
      return putOther(place, output, original, at, undo);
  }
}

/** A number keeps the type of the number it was; another one the type its place had, if that holds it. */
function putNumber(place: Place, output: number, { type, value: before }: Original, at: number, undo: Undo): void {
  if (type?.kind === "double") return put(place, DOUBLE, output, at, undo);
  if (
    type
    && type.kind !== "choice"
    && (Object.is(output, before)
      || (typeof before === "bigint" && Object.is(output, Number(before)) && Number.isSafeInteger(output)))
  )
    return put(place, type, before, at, undo);
  const own = numberType(output, type);
  put(place, own, own === INT || own === LONG ? output + 0 : output, at, undo);
}

/** As `inferType` has it, unless the place had a wider type that holds the number. */
function numberType(output: number, hint: DataType | undefined): DataType {
  if (!Number.isSafeInteger(output)) return DOUBLE;
  if (output < -2147483648 || output > 2147483647) return !had(hint, "long") && had(hint, "double") ? DOUBLE : LONG;
  return had(hint, "int")
    ? INT
    : had(hint, "long")
      ? LONG
      : had(hint, "double")
        ? DOUBLE
        : had(hint, "float")
          ? FLOAT
          : INT;
}

function had(hint: DataType | undefined, kind: TypeName): boolean {
  if (hint?.kind !== "choice") return hint?.kind === kind;
  for (const arm of hint.choices) if (arm.kind === kind) return true;
  return false;
}

function putObject(place: Place, given: object, at: number, from: number, undo: Undo): void {
  const output = made(given);
  if (Array.isArray(output))
    return putList(place, wasSet(place, from) ? "set" : "array", output as readonly unknown[], at, from, undo);
  const prototype: unknown = Object.getPrototypeOf(output);
  if (prototype === Object.prototype || prototype === null)
    return putStruct(place, output as Record<string, unknown>, at, from, undo);
  if (output instanceof Map) return putMap(place, output as ReadonlyMap<unknown, unknown>, at, from, undo);
  if (output instanceof ArmValue) return grow(place, bareOutput(output), at, from, undo);
  if (output instanceof Set) {
    inferType(output);
    return putList(place, "set", [...(output as Set<unknown>)], at, from, undo);
  }
  putOther(place, output, originalAt(place, from), at, undo, from);
}

/** Sets come as arrays: a list where there was none but sets is one. */
function wasSet(place: Place, from: number): boolean {
  return had(place.hint, "set") && (!had(place.hint, "array") || originalAt(place, from).type?.kind === "set");
}

/** Dates, decimals, bytes, big integers: the same object keeps its type, others have the type of their own. */
function putOther(
  place: Place,
  output: unknown,
  { type: hint, value: before }: Original,
  at: number,
  undo: Undo,
  from = -1,
): void {
  if (hint && before !== null && before !== undefined && hint.kind !== "choice" && Object.is(output, before))
    return put(place, hint, before, at, undo);
  const type = inferType(output);
  if (type.kind === "struct") putStruct(place, ownFields(output as object), at, from, undo);
  else put(place, type, toTyped(output, type), at, undo);
}

function putList(
  place: Place,
  kind: "array" | "set",
  output: readonly unknown[],
  at: number,
  from: number,
  undo: Undo,
): void {
  const { length } = output;
  if (length > MAX_ELEMENTS) throw tooLong(length);
  const arm = armOf(place, kind, undo);
  const element = arm.element ?? elementOf(place, arm, kind, undo);
  const start = beginList(arm, at, length);
  if (!element.asks || from < 0) {
    for (let i = 0; i < length; i++) grow(element, output[i], start + i, -1, undo);
    return;
  }
  const before = listAt(place, from, "list");
  for (let i = 0; i < length; i++) grow(element, output[i], start + i, i < before.length ? before.start + i : -1, undo);
}

function putMap(place: Place, output: ReadonlyMap<unknown, unknown>, at: number, from: number, undo: Undo): void {
  const arm = armOf(place, "map", undo);
  const element = arm.element ?? elementOf(place, arm, "map", undo);
  const { start, length, keys } = listAt(place, from, "map");
  const before = new Map<string, number>();
  if (element.asks) for (let k = start; k < start + length; k++) before.set(String(keys[k]), k);
  // keys that are one as texts are one key, whose last value counts, at the place of the first
  const entries = new Map([...output].map(([key, value]) => [String(key), value]));
  let next = beginList(arm, at, entries.size);
  for (const [key, value] of entries) {
    if (!key.isWellFormed()) throw loneSurrogate();
    arm.keys.push(key);
    grow(element, value, next++, before.get(key) ?? -1, undo);
  }
}

/** The index of the first element. */
function beginList(arm: Arm, at: number, length: number): number {
  const start = arm.elements;
  present(arm, at);
  if (at >= arm.starts.length) {
    arm.starts = longer(arm.starts, at);
    arm.lengths = longer(arm.lengths, at);
  }
  arm.starts[at] = start;
  arm.lengths[at] = length;
  arm.elements += length;
  return start;
}

/**
 * A plain record without the fields that stay where they are; its index is the one that it had in the input. Gives the
 * fields that were taken.
 */
export function growRecord(
  place: Place,
  own: Readonly<Record<string, unknown>>,
  at: number,
  stays: (name: string) => boolean,
  undo: Undo,
): readonly Field[] {
  const arm = armOf(place, "struct", undo);
  const inside = place.asks ? insideOf(place, at, "struct") : -1;
  const taken: Field[] = [];
  present(arm, at);
  for (const name in own) {
    const value = own[name];
    if (value === undefined || stays(name)) continue;
    const below = fieldOf(place, arm, name, undo);
    taken.push(below);
    grow(below.place, value, at, inside, undo);
  }
  return taken;
}

/**
 * As `growRecord`, for a record in which precisely these fields do not stay. False where it has not all of them: then
 * nothing was done.
 */
export function growFields(
  place: Place,
  own: Readonly<Record<string, unknown>>,
  at: number,
  fields: readonly Field[],
  undo: Undo,
): boolean {
  for (const { name } of fields) if (own[name] === undefined || !Object.hasOwn(own, name)) return false;
  const arm = armOf(place, "struct", undo);
  const inside = place.asks ? insideOf(place, at, "struct") : -1;
  present(arm, at);
  for (const { name, place: below } of fields) grow(below, own[name], at, inside, undo);
  return true;
}

function putStruct(place: Place, output: Record<string, unknown>, at: number, from: number, undo: Undo): void {
  const arm = armOf(place, "struct", undo);
  const { order } = arm;
  const inside = place.asks ? insideOf(place, from, "struct") : -1;
  present(arm, at);
  let likely = 0;
  const own = ownOf(output);
  for (const name in own) {
    const value = own[name];
    if (value === undefined) continue;
    const guess = order[likely];
    const below = guess?.name === name ? guess : fieldOf(place, arm, name, undo);
    likely = below.next;
    grow(below.place, value, at, inside, undo);
  }
}

/** The own fields in an object that inherits none. */
const ownFields = (output: object): Record<string, unknown> =>
  Object.assign(Object.create(null) as Record<string, unknown>, output);

/**
 * Names that `for in` finds in it are its own: over twice as fast as Object.keys, but someone may have added to
 * Object.prototype.
 */
export const ownOf = (output: object): Readonly<Record<string, unknown>> =>
  inheritsNames() ? ownFields(output) : (output as Record<string, unknown>);

function inheritsNames(): boolean {
  for (const _ in NO_NAMES) return true;
  return false;
}

const NO_NAMES = Object.freeze({});

function fieldOf(place: Place, arm: Arm, name: string, undo: Undo): Field {
  const known = arm.fields.get(name);
  if (known !== undefined) return known;
  if (!name.isWellFormed()) throw loneSurrogate();
  const { hint, origin } = fieldHint(place, name);
  const added = { name, place: placeOf(hint, origin, place.depth + 1), next: arm.order.length + 1 };
  arm.fields.set(name, added);
  arm.order.push(added);
  undo.push(() => {
    arm.fields.delete(name);
    arm.order.pop();
  });
  return added;
}

/** An atom. Values of one kind share the arm; decimals of several precisions and the like merge. */
function put(place: Place, type: DataType, value: Value, at: number, undo: Undo): void {
  const arm = armOf(place, type.kind, undo, type);
  if (arm.type !== type && (type.kind === "decimal" || type.kind === "enum")) {
    const { type: earlier } = arm;
    arm.type = mergeDataTypes(earlier, type);
    undo.push(() => {
      arm.type = earlier;
    });
  }
  store(arm, at, value);
}

function store({ values }: Arm, at: number, value: Value): void {
  // far behind the end V8 would make a table of the array
  if (at > values.length) values.length = at;
  values[at] = value;
}

function present(arm: Arm, at: number): void {
  if (at >= arm.states.length) {
    const states = new Uint8Array(longest(at));
    states.set(arm.states);
    arm.states = states;
  }
  arm.states[at] = PRESENT;
}

const isContainer = (kind: TypeName): boolean =>
  kind === "struct" || kind === "array" || kind === "set" || kind === "map";

/** What a list may hold. Holes are nulls: one assignment far behind the end of an array would fill memory. */
const MAX_ELEMENTS = 2 ** 24;

const tooLong = (length: number): DynaframeError =>
  new DynaframeError("VALUE_OUT_OF_RANGE", `a list has ${length} elements`, {
    expected: `at most ${MAX_ELEMENTS} elements`,
    found: String(length),
    hint: "return several records, or leave the list out; a hole in an array counts as a null",
  });

const longest = (at: number): number => Math.max(16, 2 * at);

function longer(numbers: Int32Array, at: number): Int32Array {
  const all = new Int32Array(longest(at));
  all.set(numbers);
  return all;
}

function armOf(place: Place, kind: TypeName, undo: Undo, type?: DataType): Arm {
  const { primary, direct } = place;
  if (primary?.kind === kind) return primary;
  const known = place.arms.get(kind);
  if (known !== undefined) return known;
  if (place.depth >= MAX_VALUE_DEPTH && isContainer(kind)) throw tooDeep(`more than ${MAX_VALUE_DEPTH} levels down`);
  const arm = armOfKind(kind, type);
  place.arms.set(kind, arm);
  place.primary ??= arm;
  place.direct = directOf(place.hint, place.primary);
  undo.push(() => {
    place.arms.delete(kind);
    place.primary = primary;
    place.direct = direct;
  });
  return arm;
}

/** The arm of that kind, made if there is none: for values that stay where they are. */
export const armIn = (place: Place, kind: TypeName, type: DataType): Arm => armOf(place, kind, [], type);

/** The place of a field of the structs, made with them if there is none. */
export const fieldOfStructs = (place: Place, name: string): Place => fieldIn(place, armOf(place, "struct", []), name);

/** The place of a field, or (without a name) of the elements, made if there is none. */
export function fieldIn(place: Place, arm: Arm, name: string | undefined): Place {
  if (name !== undefined) return fieldOf(place, arm, name, []).place;
  return arm.element ?? elementOf(place, arm, arm.kind === "set" || arm.kind === "map" ? arm.kind : "array", []);
}

function elementOf(place: Place, arm: Arm, kind: "array" | "set" | "map", undo: Undo): Place {
  const { hint, origin } = elementHint(place, kind);
  const element = placeOf(hint, origin, place.depth + 1);
  arm.element = element;
  undo.push(() => {
    arm.element = undefined;
  });
  return element;
}
