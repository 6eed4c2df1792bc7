/**
 * Which parts of a type the values of vectors have: the types of results are those of their values, also where these
 * stay where they are.
 */
import type { DataType } from "../../types/data-type.js";
import { ABSENT, NULL_HERE, PRESENT, stateAt, type Vector } from "../../types/vector.js";
import { armIn, fieldIn } from "./grow.js";
import type { Place } from "./place.js";

/**
 * Grows the type of the place by what a vector of `type` has at these indexes, as `grow` would. True once all of the
 * type has come by: then nothing is looked at any more.
 */
export type Seen = (place: Place, vector: Vector, rows: Int32Array) => boolean;

export function seenIn(type: DataType): Seen {
  const see = partsSeen(type);
  let done = false;
  return (place, vector, rows) => {
    if (done) return true;
    if (rows.length === 0 || isNone(vector)) {
      place.nulls ||= rows.length > 0;
      return false;
    }
    return (done = see(place, vector, rows));
  };
}

/** Grows the type of the place by all of `type`. */
export function seeAll(place: Place, type: DataType): void {
  switch (type.kind) {
    case "choice":
      return type.choices.forEach((arm) => {
        seeAll(place, arm);
      });
    case "struct": {
      const arm = armIn(place, type.kind, type);
      return type.fields.forEach((f) => {
        seeAll(fieldIn(place, arm, f.name), f.type);
      });
    }
    case "array":
    case "set":
      return seeAll(fieldIn(place, armIn(place, type.kind, type), undefined), type.element);
    default:
      armIn(place, type.kind, type);
  }
}

function partsSeen(type: DataType): Seen {
  switch (type.kind) {
    case "choice":
      return armsSeen(type.choices.map(seenIn));
    case "struct": {
      const parts = type.fields.map((f) => ({ name: f.name, seen: seenIn(f.type) }));
      return (place, vector, rows) => {
        const present = presentIn(place, vector, rows);
        if (vector.kind !== "struct" || present.length === 0) return false;
        const arm = armIn(place, type.kind, type);
        const { fields } = vector;
        // all of them are looked at, whatever is missing in the first
        return parts
          .map(({ name, seen }, i) => {
            const below = fields[i];
            if (
              below === undefined
              || (!arm.fields.has(name) && !isNone(below) && present.every((row) => stateIn(below, row) === ABSENT))
            )
              return false;
            return seen(fieldIn(place, arm, name), below, present);
          })
          .every(Boolean);
      };
    }
    case "array":
    case "set":
      return elementsSeen(type, seenIn(type.element), (vector) =>
        vector.kind === "list" ? { ...rangesOf(vector), element: vector.element } : undefined,
      );
    case "map":
      return elementsSeen(type, seenIn(type.value), (vector) =>
        vector.kind === "map" ? { ...rangesOf(vector), element: vector.value } : undefined,
      );
    case "null":
    case "unknown":
      return (place, vector, rows) => (place.nulls ||= rows.some((row) => stateIn(vector, row) === NULL_HERE));
    default:
      return (place, vector, rows) => {
        // of atoms, one is enough
        const found = rows.some((row) => {
          const state = stateIn(vector, row);
          if (state === NULL_HERE) place.nulls = true;
          return state === PRESENT;
        });
        if (found) armIn(place, type.kind, type);
        return found;
      };
  }
}

const armsSeen =
  (arms: readonly Seen[]): Seen =>
  (place, vector, rows) => {
    if (vector.kind !== "choice") return false;
    const { arms: below } = vector;
    return arms
      .map((seen, k) => {
        const arm = below[k];
        if (arm === undefined || isNone(arm)) return false;
        const { which } = vector;
        for (const row of rows)
          if (which[row] === NULL_HERE) {
            place.nulls = true;
            break;
          }
        return seen(
          place,
          arm,
          rows.filter((row) => which[row] === PRESENT + k),
        );
      })
      .every(Boolean);
  };

/** Whether it is known, without a look, that there is no value. */
const isNone = (vector: Vector): boolean => vector.kind === "plain" && vector.none === true;

function presentIn(place: Place, vector: Vector, rows: Int32Array): Int32Array {
  if (vector.kind !== "plain" && vector.kind !== "choice" && vector.states === undefined) return rows;
  return rows.filter((row) => {
    const state = stateIn(vector, row);
    if (state === NULL_HERE) place.nulls = true;
    return state === PRESENT;
  });
}

type Ranges = { readonly starts: ArrayLike<number>; readonly lengths: ArrayLike<number> };

const rangesOf = ({ starts, lengths }: Ranges): Ranges => ({ starts, lengths });

/** Of lists, and of maps. */
function elementsSeen(
  type: DataType,
  seen: Seen,
  open: (vector: Vector) => (Ranges & { readonly element: Vector }) | undefined,
): Seen {
  return (place, vector, rows) => {
    const present = presentIn(place, vector, rows);
    const lists = open(vector);
    if (lists === undefined || present.length === 0) return false;
    const elements = elementsOf(lists, present);
    const element = fieldIn(place, armIn(place, type.kind, type), undefined);
    const done = seen(element, lists.element, elements);
    // no element is missing: what an engine does not have is null
    if (elements.length > 0 && element.arms.size === 0) element.nulls = true;
    return done;
  };
}

function elementsOf({ starts, lengths }: Ranges, rows: Int32Array): Int32Array {
  let size = 0;
  let at = 0;
  for (const row of rows) size += lengths[row] ?? 0;
  const elements = new Int32Array(size);
  for (const row of rows)
    for (let k = starts[row] ?? 0, end = k + (lengths[row] ?? 0); k < end; k++) elements[at++] = k;
  return elements;
}

/** `ABSENT`, `NULL_HERE` or `PRESENT`. */
export function stateIn(vector: Vector, at: number): number {
  switch (vector.kind) {
    case "plain": {
      if (vector.packed !== undefined) return stateAt(vector.packed.states, at);
      const value = vector.values[at];
      return value === undefined ? ABSENT : value === null ? NULL_HERE : PRESENT;
    }
    case "choice":
      return Math.min(PRESENT, vector.which[at] ?? ABSENT);
    default:
      return stateAt(vector.states, at);
  }
}
