/** What has come to the places of a function's records, as vectors and as types; and how places are emptied. */
import { NULL, UNKNOWN, array, choice, field, map, set, struct, type DataType } from "../../types/data-type.js";
import type { Value } from "../../types/value.js";
import { ABSENT, NULL_HERE, PRESENT, type States, type Vector } from "../../types/vector.js";
import type { Arm, Place } from "./place.js";

/** Leaves what is before the index. */
export function truncate(place: Place, at: number): void {
  while ((place.nullsAt.at(-1) ?? -1) >= at) place.nullsAt.pop();
  for (const arm of place.arms.values()) {
    const next = arm.states.indexOf(PRESENT, at);
    const elements = next < 0 || arm.starts.length === 0 ? arm.elements : (arm.starts[next] ?? 0);
    arm.values.length = Math.min(arm.values.length, at);
    arm.states.fill(ABSENT, at);
    arm.elements = elements;
    arm.keys.length = Math.min(arm.keys.length, elements);
    for (const below of arm.order) truncate(below.place, at);
    if (arm.element) truncate(arm.element, elements);
  }
}

/** Leaves nothing, but room for as much; what was there is the reader's. */
export function empty(place: Place): void {
  place.nullsAt = [];
  for (const arm of place.arms.values()) {
    arm.values = new Array<Value>(arm.values.length);
    arm.states = new Uint8Array(arm.states.length);
    arm.starts = new Int32Array(arm.starts.length);
    arm.lengths = new Int32Array(arm.lengths.length);
    arm.keys = [];
    arm.elements = 0;
    for (const below of arm.order) empty(below.place);
    if (arm.element) empty(arm.element);
  }
}

/** The vector of a place with indexes below `size`; arms in the order of the type. */
export function vectorOf(place: Place, size: number): Vector {
  const { primary, nullsAt } = place;
  if (place.arms.size < 2)
    return primary === undefined
      ? { kind: "plain", values: valuesOf([], size, nullsAt) }
      : armVector(primary, size, nullsAt);
  const type = typeOf(place);
  const arms = type.kind === "choice" ? type.choices.flatMap((c) => place.arms.get(c.kind) ?? []) : [];
  const which = new Uint8Array(size);
  arms.forEach((arm, k) => {
    const { values, states } = arm;
    const held = Math.min(size, values.length);
    const present = Math.min(size, states.length);
    for (let i = 0; i < present; i++) if (states[i] === PRESENT) which[i] = PRESENT + k;
    for (let i = 0; i < held; i++) if (values[i] !== undefined) which[i] = PRESENT + k;
  });
  for (const at of nullsAt) which[at] = NULL_HERE;
  return { kind: "choice", which, arms: arms.map((arm) => armVector(arm, size, [])) };
}

/** The values below `size`, which become the reader's. */
export function armVector(arm: Arm, size: number, nullsAt: readonly number[]): Vector {
  const { starts, lengths, element, elements, keys } = arm;
  switch (arm.kind) {
    case "struct":
      return {
        kind: "struct",
        states: statesOf(arm, size, nullsAt),
        fields: arm.order.map((below) => vectorOf(below.place, size)),
      };
    case "array":
    case "set":
      return {
        kind: "list",
        states: statesOf(arm, size, nullsAt),
        starts,
        lengths,
        element: element ? vectorOf(element, elements) : { kind: "plain", values: [] },
      };
    case "map":
      return {
        kind: "map",
        states: statesOf(arm, size, nullsAt),
        starts,
        lengths,
        keys,
        value: element ? vectorOf(element, elements) : { kind: "plain", values: [] },
      };
    default:
      return { kind: "plain", values: valuesOf(arm.values, size, nullsAt) };
  }
}

function statesOf({ states }: Arm, size: number, nullsAt: readonly number[]): States {
  const own = states.subarray(0, size);
  if (own.length === size && !own.includes(ABSENT)) return undefined;
  const all = new Uint8Array(size);
  all.set(own);
  for (const at of nullsAt) all[at] = NULL_HERE;
  return all;
}

function valuesOf(values: Value[], size: number, nullsAt: readonly number[]): readonly Value[] {
  values.length = size;
  for (const at of nullsAt) values[at] = null;
  return values;
}

/** The merged type of what came to the place. */
export function typeOf(place: Place): DataType {
  const types = [...place.arms.values()].map(armType);
  const [only, ...others] = types;
  if (only === undefined) return place.nulls ? NULL : UNKNOWN;
  return others.length === 0 ? only : choice(types);
}

function armType(arm: Arm): DataType {
  switch (arm.kind) {
    case "struct":
      return struct(arm.order.map(({ name, place }) => field(name, typeOf(place))));
    case "set":
      return set(arm.element ? typeOf(arm.element) : UNKNOWN);
    case "array":
      return array(arm.element ? typeOf(arm.element) : UNKNOWN);
    case "map":
      return map(arm.element ? typeOf(arm.element) : UNKNOWN);
    default:
      return arm.type;
  }
}
