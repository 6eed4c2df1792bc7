/** Adds up histograms of whole-record shapes, those of scanners row by row. */
import { COUNT, type FlatShapes, hashText, HIGH, LOW, OFFSET, RECORD, ROW } from "./flat-shapes.js";
import type { ShapeStats } from "./ledger.js";

/** Rows that wait to be added: as numbers they take 40 bytes. */
const MOST_WAITING = 1 << 15;

/** `shift` is added to the record numbers of first places: those of a later range of the same file. */
export type ShapeSum = {
  addRows(shapes: FlatShapes, shift: number): void;
  add(shape: ShapeStats, shift: number): void;
  /** True while nothing is added up yet: what it holds is little. */
  allWait(): boolean;
  /** The most frequent ones, then the earliest, and how many records have another. */
  top(limit: number): { readonly kept: readonly ShapeStats[]; readonly rest: number };
};

/**
 * What is added up is changed in place: of each file hundreds of shapes come, nearly all of them known. `text`: a hash
 * that is not of 64 bits.
 */
type Entry = {
  readonly high: number;
  readonly low: number;
  readonly text: string | undefined;
  count: number;
  file: string;
  record: number;
  offset: number;
};

const HASH = /^[0-9a-f]{16}$/;

export function createShapeSum(): ShapeSum {
  const entries: Entry[] = [];
  const texts = new Map<string, Entry>();
  /** Index of an entry + 1 by its hash, at the first free place behind that. */
  let slots = new Int32Array(512);
  const slotOf = (high: number, low: number): number => {
    const mask = slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const entry = entries[(slots[slot] ?? 0) - 1];
      if (entry === undefined || (entry.low === low && entry.high === high)) return slot;
    }
  };
  const grow = (): void => {
    slots = new Int32Array(slots.length * 4);
    for (const [i, { high, low, text }] of entries.entries()) if (text === undefined) slots[slotOf(high, low)] = i + 1;
  };
  const count = (entry: Entry, more: number, file: string, record: number, offset: number): void => {
    entry.count += more;
    if (
      file === entry.file
        ? record > entry.record || (record === entry.record && offset >= entry.offset)
        : file > entry.file
    )
      return;
    entry.file = file;
    entry.record = record;
    entry.offset = offset;
  };
  const addHash = (high: number, low: number, more: number, file: string, record: number, offset: number): void => {
    const slot = slotOf(high, low);
    const known = entries[(slots[slot] ?? 0) - 1];
    if (known !== undefined) return count(known, more, file, record, offset);
    slots[slot] = entries.push({ high, low, text: undefined, count: more, file, record, offset });
    if (entries.length * 2 > slots.length) grow();
  };
  let waiting: { readonly shapes: FlatShapes; readonly shift: number }[] = [];
  let rowsWaiting = 0;
  const addWaiting = (): void => {
    for (const {
      shapes: { file, rows },
      shift,
    } of waiting) {
      for (let at = 0; at < rows.length; at += ROW) {
        addHash(
          rows[at + HIGH] ?? 0,
          rows[at + LOW] ?? 0,
          rows[at + COUNT] ?? 0,
          file,
          (rows[at + RECORD] ?? 0) + shift,
          rows[at + OFFSET] ?? 0,
        );
      }
    }
    waiting = [];
    rowsWaiting = 0;
  };
  return {
    addRows(shapes, shift) {
      if (shapes.rows.length === 0) return;
      waiting.push({ shapes, shift });
      rowsWaiting += shapes.rows.length / ROW;
      if (rowsWaiting > MOST_WAITING) addWaiting();
    },
    add({ hash, count: more, first: { file, record, offset } }, shift) {
      if (HASH.test(hash))
        return addHash(
          Number.parseInt(hash.slice(0, 8), 16),
          Number.parseInt(hash.slice(8), 16),
          more,
          file,
          record + shift,
          offset,
        );
      const known = texts.get(hash);
      if (known !== undefined) return count(known, more, file, record + shift, offset);
      const entry = { high: 0, low: 0, text: hash, count: more, file, record: record + shift, offset };
      texts.set(hash, entry);
      entries.push(entry);
    },
    allWait: () => entries.length === 0,
    top(limit) {
      addWaiting();
      // numbers are sorted without a function much faster: they tell which entries need not be sorted
      const least = Float64Array.from(entries, (entry) => entry.count).sort()[Math.max(0, entries.length - limit)] ?? 0;
      const sorted = entries.filter((entry) => entry.count >= least).sort(inOrder);
      const kept = sorted.slice(0, limit);
      const rest =
        entries.reduce((sum, entry) => sum + entry.count, 0) - kept.reduce((sum, entry) => sum + entry.count, 0);
      return { kept: Object.freeze(kept.map(toStats)), rest };
    },
  };
}

/** The most frequent of the shapes of one file, and how many records have another. */
export function topShapes(shapes: readonly ShapeStats[], limit: number): ReturnType<ShapeSum["top"]> {
  const sum = createShapeSum();
  for (const shape of shapes) sum.add(shape, 0);
  return sum.top(limit);
}

/** Most frequent first, then earliest; two shapes of one place come of ledgers that were made by hand. */
const inOrder = (a: Entry, b: Entry): number =>
  b.count - a.count
  || (a.file === b.file
    ? a.record - b.record || a.offset - b.offset || (nameOf(a) < nameOf(b) ? -1 : 1)
    : a.file < b.file
      ? -1
      : 1);

const nameOf = ({ high, low, text }: Entry): string => text ?? hashText(high, low);

const toStats = (entry: Entry): ShapeStats => {
  const { count, file, record, offset } = entry;
  return Object.freeze({ hash: nameOf(entry), count, first: Object.freeze({ file, record, offset }) });
};
