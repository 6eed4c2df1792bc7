/**
 * Fields of records that a function gave back as it got them. They are compared and not taken apart: as long as a field of all records of a
 * batch is what it was, its vector is the batch's own.
 */
import type { DataType, StructType } from "../../types/data-type.js";
import { isUntouched, made } from "../../types/lazy-value.js";
import { sameType } from "../../types/same-type.js";
import { sameValue, type Same } from "../../types/same-value.js";
import type { RecordBatch } from "../../types/record-batch.js";
import type { Value } from "../../types/value.js";
import { vectorReader } from "../../types/vector-reader.js";
import { ABSENT, NULL_HERE, PRESENT, stateAt, type Vector } from "../../types/vector.js";
import { armIn, fieldIn, fieldOfStructs, grow, growRecord, type Undo } from "./grow.js";
import type { Place } from "./place.js";
import { typeOf, vectorOf } from "./place-vectors.js";

/** The records of one batch at a time, each at the index that it has in the batch. */
export type PassThrough = {
  /** A batch, whose records come in order; undefined for records that are of none. */
  readonly begin: (batch: RecordBatch | undefined) => void;
  /** Whether the batch at hand is worth it: indexes far apart are not. */
  readonly isOpen: () => boolean;
  /** Throws as `grow`; then `forget` must follow. */
  readonly add: (output: unknown, from: number, undo: Undo) => void;
  readonly forget: (from: number) => void;
  /** All that was added since `begin`. */
  readonly take: () => RecordBatch;
};

/** `root`: the place of the records. */
export function createPassThrough(root: Place, input: StructType): PassThrough {
  const all = input.fields.map(({ name, type }, i) => passing(name, type, i)), byName = new Map(all.map((one) => [one.name, one]));
  let open = false, rows: number[] = [], likely = 0;
  const pass = (name: string, value: unknown, from: number): boolean => {
    const guess = all[likely], own = guess?.name === name ? guess : byName.get(name);
    if (own === undefined) return false;
    likely = own.next;
    if (own.pass(value, from)) return true;
    own.giveUp(root, true);
    return false;
  };
  return {
    begin: (batch) => {
      rows = [];
      open = batch !== undefined && (batch.rows.at(-1) ?? 0) < 2 * batch.rows.length;
      if (batch !== undefined && open) for (const one of all) one.begin(batch);
    },
    isOpen: () => open,
    add: (output, from, undo) => {
      likely = 0;
      const record = made(output as object);
      if (isPlain(record)) growRecord(root, record, from, pass, undo);
      else grow(root, output, from, root.asks ? from : -1, undo);
      rows.push(from);
    },
    forget: (from) => { for (const one of all) one.forget(from); },
    take: () => {
      const { primary } = root, size = (rows.at(-1) ?? -1) + 1, passed = new Map<Place, Vector>();
      if (primary !== undefined) for (const one of all) {
        const vector = one.take(root, rows);
        if (vector !== undefined) passed.set(fieldOfStructs(root, one.name), vector);
      }
      const fields = primary?.order.map(({ place }) => passed.get(place) ?? vectorOf(place, size)) ?? [];
      return { records: { kind: "struct", states: undefined, fields }, rows: Int32Array.from(rows) };
    },
  };
}

/** One field of the input. */
type Passing = {
  readonly name: string;
  /** Its position in the input, plus one. */
  readonly next: number;
  /** Takes the value of the record at that index if it is what the input has there. */
  readonly pass: (value: unknown, from: number) => boolean;
  /** Forgets a record that failed. */
  readonly forget: (from: number) => void;
  /** Puts what has passed into the place value by value, before one that is not as it was. */
  readonly giveUp: (root: Place, rests: boolean) => void;
  /** The vector for the place, good for all records at `rows`; undefined where values went into the place. */
  readonly take: (root: Place, rows: readonly number[]) => Vector | undefined;
  readonly begin: (batch: RecordBatch) => void;
};

/** Batches that a field that did not pass is not tried in, at most. */
const MOST_REST = 31;

function passing(name: string, type: DataType, position: number): Passing {
  const openSame = sameValue(type), openRead = vectorReader(type, "plain");
  let vector: Vector | undefined, same: Same | undefined, passed: number[] = [], passing = false;
  let rest = 0, lastRest = 0, seen = false;
  const giveUp = (root: Place, rests: boolean): void => {
    if (!passing || vector === undefined) return;
    if (rests) rest = lastRest = Math.min(MOST_REST, 2 * lastRest + 1);
    passing = false;
    if (passed.length > 0) {
      const read = openRead(vector), own = fieldOfStructs(root, name), undo: Undo = [];
      for (const at of passed) grow(own, read(at), at, at, undo);
      passed = [];
    }
  };
  return {
    name, next: position + 1, giveUp,
    begin: ({ records }) => {
      vector = records.fields[position];
      passing = rest === 0 && vector !== undefined;
      same = undefined;
      if (rest > 0) rest--;
      passed = [];
    },
    pass: (value, from) => {
      if (!passing || vector === undefined) return false;
      const isObject = typeof value === "object" && value !== null;
      if (!(isObject && isUntouched(value, vector, from)) && !(same ??= openSame(vector))(isObject ? made(value) : value, from)) return false;
      passed.push(from);
      return true;
    },
    forget: (from) => { if (passed.at(-1) === from) passed.pop(); },
    take: (root, rows) => {
      if (passed.length === 0 || vector === undefined) return undefined;
      const own = fieldOfStructs(root, name);
      // once the place has the whole type of the input, no value adds to it
      if (!seen) see(own, type, vector, passed);
      const whole = passed.length === rows.length || passed.length === countOf(vector, rows);
      const view = whole ? viewOf(own, type, vector) : undefined;
      // not all of the input's type has come by yet
      if (view === undefined) giveUp(root, false);
      else [seen, lastRest] = [true, 0];
      return view;
    },
  };
}

const isPlain = (value: unknown): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

function countOf(vector: Vector, rows: readonly number[]): number {
  let count = 0;
  for (const row of rows) if (stateIn(vector, row) !== ABSENT) count++;
  return count;
}

function stateIn(vector: Vector, at: number): number {
  switch (vector.kind) {
    case "plain": {
      if (vector.packed !== undefined) return vector.packed.state(at);
      const value: Value = vector.values[at];
      return value === undefined ? ABSENT : value === null ? NULL_HERE : PRESENT;
    }
    case "choice": return Math.min(PRESENT, vector.which[at] ?? ABSENT);
    default: return stateAt(vector.states, at);
  }
}

/** Grows the type of the place by what the vector has at these indexes, as `grow` would; values stay where they are. */
function see(place: Place, type: DataType, vector: Vector, rows: readonly number[]): void {
  const present: number[] = [];
  for (const row of rows) {
    const state = stateIn(vector, row);
    if (state === NULL_HERE) place.nulls = true;
    // of atoms, one is enough
    else if (state === PRESENT && (present.push(row) > 0) && vector.kind === "plain" && place.nulls) break;
  }
  if (present.length === 0 || type.kind === "null" || type.kind === "unknown") return;
  if (type.kind === "choice") {
    if (vector.kind === "choice") type.choices.forEach((member, k) => {
      const below = vector.arms[k];
      if (below !== undefined) see(place, member, below, present.filter((row) => vector.which[row] === PRESENT + k));
    });
    return;
  }
  const arm = armIn(place, type.kind, type);
  if (type.kind === "struct" && vector.kind === "struct") type.fields.forEach((f, i) => {
    const below = vector.fields[i];
    if (below !== undefined && present.some((row) => stateIn(below, row) !== ABSENT)) see(fieldIn(place, arm, f.name), f.type, below, present);
  });
  if ((type.kind === "array" || type.kind === "set") && vector.kind === "list") {
    const elements: number[] = [];
    for (const row of present) for (let k = vector.starts[row] ?? 0, end = k + (vector.lengths[row] ?? 0); k < end; k++) elements.push(k);
    const element = fieldIn(place, arm, undefined);
    // no element is missing: what an engine does not have is null
    if (elements.some((k) => stateIn(vector.element, k) !== PRESENT)) element.nulls = true;
    see(element, type.element, vector.element, elements);
  }
}

/** The vector as one of the type that the place has by now: if that is what the input has, but for the order of fields. */
function viewOf(place: Place, type: DataType, vector: Vector): Vector | undefined {
  if (type.kind === "null" || type.kind === "unknown") return place.arms.size === 0 ? vector : undefined;
  if (type.kind === "choice") {
    const own = typeOf(place);
    if (vector.kind !== "choice" || own.kind !== "choice" || own.choices.length !== type.choices.length) return undefined;
    const arms = type.choices.map((member, k) => {
      const below = vector.arms[k];
      return own.choices[k]?.kind === member.kind && below !== undefined ? viewOfArm(place, member, below) : undefined;
    });
    return whole(arms, (all) => ({ ...vector, arms: all }));
  }
  return place.arms.size === 1 ? viewOfArm(place, type, vector) : undefined;
}

function viewOfArm(place: Place, type: DataType, vector: Vector): Vector | undefined {
  const arm = place.arms.get(type.kind);
  if (arm === undefined) return undefined;
  if (type.kind === "struct") {
    if (vector.kind !== "struct" || arm.order.length !== type.fields.length) return undefined;
    const fields = arm.order.map(({ name, place: below }) => {
      const at = type.fields.findIndex((f) => f.name === name), field = type.fields[at], own = vector.fields[at];
      return field === undefined || own === undefined ? undefined : viewOf(below, field.type, own);
    });
    return whole(fields, (all) => ({ ...vector, fields: all }));
  }
  if (type.kind === "array" || type.kind === "set") {
    const element = vector.kind === "list" && arm.element !== undefined ? viewOf(arm.element, type.element, vector.element) : undefined;
    return vector.kind === "list" && element !== undefined ? { ...vector, element } : undefined;
  }
  return vector.kind === "plain" && sameType(arm.type, type) ? vector : undefined;
}

function whole(parts: readonly (Vector | undefined)[], build: (all: readonly Vector[]) => Vector): Vector | undefined {
  const all = parts.filter((part) => part !== undefined);
  return all.length === parts.length ? build(all) : undefined;
}
