/**
 * Fields of records that a function gave back as it got them. They are compared and not taken apart: as long as a field
 * of all records of a batch is what it was, its vector is the batch's own.
 */
import { field, struct, type DataType, type StructType } from "../../types/data-type.js";
import { isUntouched, made, type LazySource } from "../../types/lazy-value.js";
import { sameFields, sameValue, type Beside, type Same, type SameSource } from "../../types/same-value.js";
import type { BatchRecords } from "../batch-records.js";
import type { RecordBatch } from "../../types/record-batch.js";
import type { StoredField, StoredRows } from "../../types/stored-rows.js";
import { vectorReader } from "../../types/vector-reader.js";
import { ABSENT, type Vector } from "../../types/vector.js";
import { fieldOfStructs, grow, growFields, growRecord, ownOf, type Undo } from "./grow.js";
import type { Field, Place } from "./place.js";
import { typeOf, vectorOf } from "./place-vectors.js";
import { passedSeen } from "./passed-seen.js";
import { stateIn } from "./seen.js";

/** The records of one batch at a time, each at the index that it has in the batch. */
export type PassThrough = {
  /** A batch, whose records come in order; undefined for records that are of none. */
  readonly begin: (records: BatchRecords | undefined) => void;
  /** Whether the batch at hand is worth it: indexes far apart are not. */
  readonly isOpen: () => boolean;
  /** Throws as `grow`: then the record is none of those added. */
  readonly add: (output: unknown, from: number, undo: Undo) => void;
  /**
   * All that was added since `begin`. Its type has fields as the input has them where they passed: wider than their
   * values, perhaps.
   */
  readonly take: () => { readonly batch: RecordBatch; readonly type: StructType };
  /**
   * Grows the types of the places by all that has passed: what a row group tells as a whole is waited for until then.
   */
  readonly settle: () => void;
};

/** `root`: the place of the records. */
export function createPassThrough(root: Place, input: StructType): PassThrough {
  const all = input.fields.map(({ name, type }, i) => passing(name, type, i));
  const byName = new Map(all.map((one) => [one.name, one]));
  const openSame = sameFields(all.map(({ name }) => name));
  let open = false;
  let rows = new Int32Array(0);
  let count = 0;
  let stored: StoredRows | undefined;
  // fields that pass are compared at once; `others`: those that the record before had beside them
  let beside: Beside | undefined;
  let others: readonly Field[] = [];
  const reopen = (): void => {
    beside = openSame(all.map((one) => one.source()));
  };
  const stays = (name: string): boolean => byName.get(name)?.passes() === true;
  const giveUp = (isOther: (one: Passing) => boolean): void => {
    const changed = all.filter((one) => one.passes() && isOther(one));
    for (const one of changed) one.giveUp(root, rows.subarray(0, count));
    if (changed.length > 0) reopen();
  };
  const addPlain = (record: object, from: number, undo: Undo): void => {
    const own = ownOf(record);
    const more = beside?.(own, from) ?? -1;
    if (more === others.length && growFields(root, own, from, others, undo)) return;
    if (more < 0) giveUp(({ name, isSame }) => !isSame(own[name], from));
    others = growRecord(root, own, from, stays, undo);
  };
  return {
    begin: (records) => {
      [count, others, stored] = [0, [], records?.batch.stored];
      open = records !== undefined && (records.batch.rows.at(-1) ?? 0) < 2 * records.batch.rows.length;
      if (records === undefined || !open) return;
      rows = new Int32Array(records.batch.rows.length);
      for (const one of all) one.begin(records);
      reopen();
    },
    isOpen: () => open,
    add: (output, from, undo) => {
      const record = made(output as object);
      if (isPlain(record)) addPlain(record, from, undo);
      else {
        giveUp(() => true);
        grow(root, output, from, root.asks ? from : -1, undo);
      }
      rows[count++] = from;
    },
    settle: () => {
      for (const one of all) one.settle(root);
    },
    take: () => {
      const { primary } = root;
      const added = rows.slice(0, count);
      const size = (added.at(-1) ?? -1) + 1;
      const passed = new Map<Place, Passed>();
      if (primary !== undefined)
        for (const one of all) {
          const vector = one.take(root, added, stored);
          if (vector !== undefined)
            passed.set(fieldOfStructs(root, one.name), {
              vector,
              type: one.type,
              stored: stored?.fields[one.position],
            });
        }
      const fields = primary?.order.map(({ name, place }) => ({ name, place, as: passed.get(place) })) ?? [];
      return {
        batch: {
          records: {
            kind: "struct",
            states: undefined,
            fields: fields.map(({ place, as }) => as?.vector ?? vectorOf(place, size)),
          },
          rows: added,
          stored: stored && { ...stored, fields: fields.map(({ as }) => as?.stored) },
        },
        type: struct(fields.map(({ name, place, as }) => field(name, as?.type ?? typeOf(place)))),
      };
    },
  };
}

/** A field as the input has it. */
type Passed = { readonly vector: Vector; readonly type: DataType; readonly stored: StoredField | undefined };

/** One field of the input. As long as it passes, it is in all records as it was, and missing where it was. */
type Passing = {
  readonly name: string;
  readonly type: DataType;
  /** In the input. */
  readonly position: number;
  readonly begin: (records: BatchRecords) => void;
  readonly passes: () => boolean;
  /** What values are compared with; undefined where it does not pass. */
  readonly source: () => SameSource;
  /** Whether this is what the input has at that index; undefined where it has nothing. */
  readonly isSame: Same;
  /** Puts what has passed at these rows into the place value by value, before one that is not as it was. */
  readonly giveUp: (root: Place, rows: Int32Array) => void;
  /**
   * The vector for the place, good for all records at `rows`; undefined where values went into the place, or there are
   * none.
   */
  readonly take: (root: Place, rows: Int32Array, stored: StoredRows | undefined) => Vector | undefined;
  readonly settle: (root: Place) => void;
};

/** Batches that a field that did not pass is not tried in, at most. */
const MOST_REST = 31;

function passing(name: string, type: DataType, position: number): Passing {
  const openSame = sameValue(type);
  const openRead = vectorReader(type, "plain");
  const seen = passedSeen(name, type);
  let lazy: LazySource | undefined;
  let same: Same | undefined;
  let rest = 0;
  let lastRest = 0;
  // the vector of a field that passes
  let passed: Vector | undefined;
  const isAsBefore = (of: Vector, value: unknown, from: number): boolean => {
    const isObject = typeof value === "object" && value !== null;
    return (isObject && isUntouched(value, of, from)) || (same ??= openSame(of))(isObject ? made(value) : value, from);
  };
  const isSame: Same = (value, from) =>
    lazy?.isLatest(value, from) === true || (passed !== undefined && isAsBefore(passed, value, from));
  return {
    name,
    type,
    position,
    isSame,
    settle: seen.settle,
    passes: () => passed !== undefined,
    begin: (records) => {
      lazy = records.lazySource(position);
      passed = rest === 0 ? records.batch.records.fields[position] : undefined;
      same = undefined;
      if (rest > 0) rest--;
    },
    source: () => (passed?.kind === "plain" ? passed.values : passed && isSame),
    giveUp: (root, rows) => {
      if (passed === undefined) return;
      rest = lastRest = Math.min(MOST_REST, 2 * lastRest + 1);
      const read = openRead(passed);
      const undo: Undo = [];
      passed = undefined;
      for (const at of rows) {
        const value = read(at);
        if (value !== undefined) grow(fieldOfStructs(root, name), value, at, at, undo);
      }
    },
    take: (root, rows, stored) => {
      const vector = passed;
      if (vector === undefined || !rows.some((row) => stateIn(vector, row) !== ABSENT)) return undefined;
      seen.add(root, vector, rows, stored?.group, stored?.fields[position]);
      lastRest = 0;
      return vector;
    },
  };
}

const isPlain = (value: unknown): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
