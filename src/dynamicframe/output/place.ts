/** The places of the records that a function returns, with the values that have come to each. */
import { UNKNOWN, type DataType, type TypeName } from "../../types/data-type.js";
import { ArmValue, type Value } from "../../types/value.js";
import { ABSENT, PRESENT, stateAt, type Vector } from "../../types/vector.js";

/**
 * A place in the records. Its arms have vectors of their own, all by the index of the record or list element that they
 * are in.
 */
export type Place = {
  /** What the input had here. */
  readonly hint: DataType | undefined;
  /** Whether a value that came from the input may have a type that only the input tells. */
  readonly asks: boolean;
  /** The values of the batch that the records at hand were made from, where the place asks. */
  origin: Vector | undefined;
  readonly arms: Map<TypeName, Arm>;
  /** The arm of most values: the one that came first. */
  primary: Arm | undefined;
  /** Which values are the primary arm's, whatever they were made from. */
  direct: Direct;
  /** Whether a null was ever here, and where it was since the last `take`. */
  nulls: boolean;
  nullsAt: number[];
  /** How many structs, lists and maps it lies in. */
  readonly depth: number;
};

/**
 * Values that need no look at the input: texts, booleans, all numbers, whole numbers of 32 bits, safe whole numbers; or
 * none.
 */
export type Direct = "text" | "boolean" | "number" | "int" | "long" | undefined;

/** Arrays may be longer than what is in them: indexes without a value hold undefined, or `ABSENT`. */
export type Arm = {
  readonly kind: TypeName;
  type: DataType;
  /** Of atoms. */
  values: Value[];
  /** Of structs, lists and maps. */
  states: Uint8Array;
  readonly fields: Map<string, Field>;
  /** The fields in the order in which they were first met: what the next record most likely has. */
  readonly order: Field[];
  /** Of lists and maps: where the elements of each are, and how many there are in all. */
  starts: Int32Array;
  lengths: Int32Array;
  keys: string[];
  elements: number;
  element: Place | undefined;
};
/** `next`: its position in the order, plus one. */
export type Field = { readonly name: string; readonly place: Place; readonly next: number };

export const placeOf = (hint: DataType | undefined, origin: Vector | undefined, depth = 0): Place => ({
  hint,
  asks: hint !== undefined && isTagged(hint),
  origin,
  arms: new Map(),
  primary: undefined,
  direct: undefined,
  nulls: false,
  nullsAt: [],
  depth,
});

export const armOfKind = (kind: TypeName, type: DataType = UNKNOWN): Arm => ({
  kind,
  type,
  values: [],
  states: new Uint8Array(0),
  fields: new Map(),
  order: [],
  starts: new Int32Array(0),
  lengths: new Int32Array(0),
  keys: [],
  elements: 0,
  element: undefined,
});

/** What `Place.direct` is with this primary arm. */
export function directOf(hint: DataType | undefined, primary: Arm | undefined): Direct {
  switch (primary?.kind) {
    case "string":
      return memberOf(hint, "enum") === undefined ? "text" : undefined;
    case "boolean":
      return "boolean";
    case "double":
      return hint?.kind === "double" ? "number" : undefined;
    case "int":
      return hint === undefined || hint.kind === "int" || onlyInts(hint) ? "int" : undefined;
    case "long":
      return hint?.kind === "long" ? "long" : undefined;
    default:
      return undefined;
  }
}

const NUMBERS: readonly TypeName[] = ["byte", "short", "long", "float", "double", "decimal"];
const onlyInts = (hint: DataType): boolean =>
  hint.kind === "choice" && !hint.choices.some((c) => NUMBERS.includes(c.kind));

/** Whether the type of a value here can be other than what is found from the value and the type of its place. */
function isTagged(type: DataType): boolean {
  switch (type.kind) {
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "double":
    case "binary":
    case "date":
    case "timestamp":
    case "null":
    case "unknown":
      return false;
    case "struct":
      return type.fields.some((f) => isTagged(f.type));
    case "array":
    case "set":
      return isTagged(type.element);
    case "map":
      return isTagged(type.value);
    default:
      return true;
  }
}

/** The type itself if it is of that kind, or that member of a choice. */
const memberOf = <K extends TypeName>(
  type: DataType | undefined,
  kind: K,
): Extract<DataType, { readonly kind: K }> | undefined =>
  (type?.kind === "choice" ? type.choices : type ? [type] : []).find(
    (t): t is Extract<DataType, { readonly kind: K }> => t.kind === kind,
  );

const listOf = (hint: DataType | undefined): Extract<DataType, { readonly kind: "array" | "set" }> | undefined =>
  memberOf(hint, "array") ?? memberOf(hint, "set");

/** What the input had, and has, in the lists or maps at the place. */
export function elementHint(
  place: Place,
  kind: "array" | "set" | "map",
): { readonly hint: DataType | undefined; readonly origin: Vector | undefined } {
  const list = kind === "map" ? memberOf(place.hint, "map") : listOf(place.hint);
  const origin = partOf(place, list);
  return {
    hint: list?.kind === "map" ? list.value : list?.element,
    origin: origin?.kind === "list" ? origin.element : origin?.kind === "map" ? origin.value : undefined,
  };
}

/** What the input had, and has, in a field of the structs at the place. */
export function fieldHint(
  place: Place,
  name: string,
): { readonly hint: DataType | undefined; readonly origin: Vector | undefined } {
  const struct = memberOf(place.hint, "struct");
  const origin = partOf(place, struct);
  const at = struct === undefined ? -1 : struct.fields.findIndex((f) => f.name === name);
  return { hint: struct?.fields[at]?.type, origin: origin?.kind === "struct" ? origin.fields[at] : undefined };
}

/** The vector of a member of the place's type. */
function partOf({ hint, origin }: Place, member: DataType | undefined): Vector | undefined {
  if (hint?.kind !== "choice" || member === undefined) return origin;
  return origin?.kind === "choice" ? origin.arms[hint.choices.indexOf(member)] : undefined;
}

/** The records to come are made from these. */
export function bindOrigin(place: Place, origin: Vector | undefined): void {
  place.origin = origin;
  if (!place.asks) return;
  for (const arm of place.arms.values()) {
    for (const { name, place: below } of arm.order) bindOrigin(below, fieldHint(place, name).origin);
    if (arm.element && (arm.kind === "array" || arm.kind === "set" || arm.kind === "map"))
      bindOrigin(arm.element, elementHint(place, arm.kind).origin);
  }
}

/** A value of the input, and the exact type that it had; undefined where only the type of the place is known. */
export type Original = { readonly type: DataType | undefined; readonly value: Value };

/** What was at the place in the record at `from`. `from` is negative for what was made from nothing. */
export function originalAt({ hint, origin }: Place, from: number): Original {
  if (from < 0 || origin === undefined) return { type: hint, value: undefined };
  if (hint?.kind !== "choice" || origin.kind !== "choice")
    return { type: hint, value: origin.kind === "plain" ? origin.values[from] : undefined };
  const arm = (origin.which[from] ?? ABSENT) - PRESENT;
  const vector = origin.arms[arm];
  if (arm < 0 || vector === undefined) return { type: hint, value: undefined };
  return { type: hint.choices[arm], value: vector.kind === "plain" ? vector.values[from] : undefined };
}

/**
 * `from` where there was a struct, list or map of this kind in it; else -1. Lists are found as elements are: see
 * `elementHint`.
 */
export function insideOf({ hint, origin }: Place, from: number, kind: "struct" | "list" | "map"): number {
  if (from < 0 || origin === undefined) return -1;
  if (origin.kind !== "choice") return origin.kind === kind && stateAt(origin.states, from) === PRESENT ? from : -1;
  const arm = (origin.which[from] ?? ABSENT) - PRESENT;
  if (hint?.kind !== "choice" || origin.arms[arm]?.kind !== kind) return -1;
  return kind === "list" && hint.choices[arm] !== listOf(hint) ? -1 : from;
}

/** The list at a place, as `insideOf` finds it: where its elements are, and how many. */
export function listAt(
  place: Place,
  from: number,
  kind: "list" | "map",
): { readonly start: number; readonly length: number; readonly keys: ArrayLike<Value> } {
  const inside = insideOf(place, from, kind);
  const list =
    inside < 0 ? undefined : partOf(place, kind === "map" ? memberOf(place.hint, "map") : listOf(place.hint));
  if (list?.kind !== "list" && list?.kind !== "map") return NO_LIST;
  return {
    start: list.starts[inside] ?? 0,
    length: list.lengths[inside] ?? 0,
    keys: list.kind === "map" ? list.keys : NO_LIST.keys,
  };
}

const NO_LIST = Object.freeze({ start: 0, length: 0, keys: Object.freeze<Value[]>([]) });

/** Without the arm of a choice, which a function may have from elsewhere. */
export const bareOutput = (output: unknown): unknown => (output instanceof ArmValue ? output.value : output);
