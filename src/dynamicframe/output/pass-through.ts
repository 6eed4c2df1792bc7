/**
 * Fields of records that a function gave back as it got them. They are compared and not taken apart: as long as a field of all records of a
 * batch is what it was, its vector is the batch's own.
 */
import { field, struct, type DataType, type StructType } from "../../types/data-type.js";
import { isUntouched, made, type LazySource } from "../../types/lazy-value.js";
import { sameValue, type Same } from "../../types/same-value.js";
import type { BatchRecords } from "../batch-records.js";
import type { RecordBatch } from "../../types/record-batch.js";
import type { StoredField, StoredRows } from "../../types/stored-rows.js";
import { vectorReader } from "../../types/vector-reader.js";
import { ABSENT, type Vector } from "../../types/vector.js";
import { fieldOfStructs, grow, growRecord, type Undo } from "./grow.js";
import type { Place } from "./place.js";
import { typeOf, vectorOf } from "./place-vectors.js";
import { passedSeen } from "./passed-seen.js";
import { stateIn } from "./seen.js";

/** The records of one batch at a time, each at the index that it has in the batch. */
export type PassThrough = {
  /** A batch, whose records come in order; undefined for records that are of none. */
  readonly begin: (records: BatchRecords | undefined) => void;
  /** Whether the batch at hand is worth it: indexes far apart are not. */
  readonly isOpen: () => boolean;
  /** Throws as `grow`; then `forget` must follow. */
  readonly add: (output: unknown, from: number, undo: Undo) => void;
  readonly forget: (from: number) => void;
  /** All that was added since `begin`. Its type has fields as the input has them where they passed: wider than their values, perhaps. */
  readonly take: () => { readonly batch: RecordBatch; readonly type: StructType };
  /** Grows the types of the places by all that has passed: what a row group tells as a whole is waited for until then. */
  readonly settle: () => void;
};

/** `root`: the place of the records. */
export function createPassThrough(root: Place, input: StructType): PassThrough {
  const all = input.fields.map(({ name, type }, i) => passing(name, type, i)), byName = new Map(all.map((one) => [one.name, one]));
  let open = false, rows: number[] = [], likely = 0, stored: StoredRows | undefined;
  const pass = (name: string, value: unknown, from: number): boolean => {
    const guess = all[likely], own = guess?.name === name ? guess : byName.get(name);
    if (own === undefined) return false;
    likely = own.next;
    if (own.pass(value, from)) return true;
    own.giveUp(root, true);
    return false;
  };
  return {
    begin: (records) => {
      rows = [];
      stored = records?.batch.stored;
      open = records !== undefined && (records.batch.rows.at(-1) ?? 0) < 2 * records.batch.rows.length;
      if (records !== undefined && open) for (const one of all) one.begin(records);
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
    settle: () => { for (const one of all) one.settle(root); },
    take: () => {
      const { primary } = root, size = (rows.at(-1) ?? -1) + 1, passed = new Map<Place, Passed>();
      if (primary !== undefined) for (const one of all) {
        const vector = one.take(root, rows, stored);
        if (vector !== undefined) passed.set(fieldOfStructs(root, one.name), { vector, type: one.type, stored: stored?.fields[one.next - 1] });
      }
      const fields = primary?.order.map(({ name, place }) => ({ name, place, as: passed.get(place) })) ?? [];
      return {
        batch: {
          records: { kind: "struct", states: undefined, fields: fields.map(({ place, as }) => as?.vector ?? vectorOf(place, size)) },
          rows: Int32Array.from(rows), stored: stored && { ...stored, fields: fields.map(({ as }) => as?.stored) },
        },
        type: struct(fields.map(({ name, place, as }) => field(name, as?.type ?? typeOf(place)))),
      };
    },
  };
}

/** A field as the input has it. */
type Passed = { readonly vector: Vector; readonly type: DataType; readonly stored: StoredField | undefined };

/** One field of the input. */
type Passing = {
  readonly name: string;
  readonly type: DataType;
  /** Its position in the input, plus one. */
  readonly next: number;
  /** Takes the value of the record at that index if it is what the input has there. */
  readonly pass: (value: unknown, from: number) => boolean;
  /** Forgets a record that failed. */
  readonly forget: (from: number) => void;
  /** Puts what has passed into the place value by value, before one that is not as it was. */
  readonly giveUp: (root: Place, rests: boolean) => void;
  /** The vector for the place, good for all records at `rows`; undefined where values went into the place. */
  readonly take: (root: Place, rows: readonly number[], stored: StoredRows | undefined) => Vector | undefined;
  readonly settle: (root: Place) => void;
  readonly begin: (records: BatchRecords) => void;
};

/** Batches that a field that did not pass is not tried in, at most. */
const MOST_REST = 31;

function passing(name: string, type: DataType, position: number): Passing {
  const openSame = sameValue(type), openRead = vectorReader(type, "plain"), seen = passedSeen(name, type);
  let vector: Vector | undefined, source: LazySource | undefined, same: Same | undefined, passing = false;
  // the first `count` of them are the indexes that have passed
  let passed = new Int32Array(0), count = 0, rest = 0, lastRest = 0;
  const giveUp = (root: Place, rests: boolean): void => {
    if (!passing || vector === undefined) return;
    if (rests) rest = lastRest = Math.min(MOST_REST, 2 * lastRest + 1);
    passing = false;
    if (count > 0) {
      const read = openRead(vector), own = fieldOfStructs(root, name), undo: Undo = [];
      for (const at of passed.subarray(0, count)) grow(own, read(at), at, at, undo);
      count = 0;
    }
  };
  const isSame = (of: Vector, value: unknown, from: number): boolean => {
    const isObject = typeof value === "object" && value !== null;
    return (isObject && isUntouched(value, of, from)) || (same ??= openSame(of))(isObject ? made(value) : value, from);
  };
  return {
    name, type, next: position + 1, giveUp, settle: seen.settle,
    begin: (records) => {
      const { batch } = records;
      vector = batch.records.fields[position];
      source = records.lazySource(position);
      passing = rest === 0 && vector !== undefined;
      same = undefined;
      if (rest > 0) rest--;
      if (passed.length < batch.rows.length) passed = new Int32Array(batch.rows.length);
      count = 0;
    },
    pass: (value, from) => {
      if (!passing || vector === undefined || !(source?.isLatest(value, from) === true || isSame(vector, value, from))) return false;
      passed[count++] = from;
      return true;
    },
    forget: (from) => { if (count > 0 && passed[count - 1] === from) count--; },
    take: (root, rows, stored) => {
      if (count === 0 || vector === undefined) return undefined;
      if (count !== rows.length && count !== countOf(vector, rows)) {
        giveUp(root, false);
        return undefined;
      }
      seen.add(root, vector, passed.slice(0, count), stored?.group, stored?.fields[position]);
      lastRest = 0;
      return vector;
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
