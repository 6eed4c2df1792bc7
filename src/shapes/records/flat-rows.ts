/**
 * Records as numbers instead of objects: for readers that find values as spans of bytes. A batch of them lies in two
 * arrays that are used again for the next one; who counts or stages records reads them there, everyone else gets the
 * values they stand for.
 */
import { TAGS } from "../ledger.js";
import type { SourceRecord, SourceScalar, SourceStruct, SourceValue } from "./record-reader.js";

/** A field of records, or of one below: one object for each path, lists left out. */
export type FlatField = {
  readonly name: string;
  /** Among the fields of the one above, from 0. */
  readonly index: number;
};

/** Of each value: its tag, the text's first byte and the one behind it, its place, and the values linked to it. */
const TAG = 0;
const START = 1;
const END = 2;
const AT = 3;
const CHILD = 4;
const SIBLING = 5;
const NEXT = 6;
const COUNT = 7;
const CELLS = 8;
const NULL = TAGS.indexOf("null");
const STRING = TAGS.indexOf("string");
const STRUCT = TAGS.indexOf("struct");
const START_ENTRIES = 1 << 12;

/**
 * Values are numbered from 1; 0 is none. Bytes and places count from the block's start, which is at `base` in the file.
 * Several values of one field in one struct are a list: `next` leads from the first to the others, of which `count`
 * tells; only the first is among the struct's fields.
 */
export class FlatRows {
  bytes: Buffer = Buffer.alloc(0);
  base = 0;
  private cells = new Int32Array(START_ENTRIES * CELLS);
  private numbers = new Float64Array(START_ENTRIES);
  private readonly fields: FlatField[] = [];
  private used = 1;

  /** `scalarOf`: the typed value of a text. */
  constructor(private readonly scalarOf: (text: string, at: number) => SourceScalar) {}

  /** How many values there are, to come back to. */
  get mark(): number {
    return this.used;
  }
  /** Forgets all values from `mark` on. */
  cut(mark: number): void {
    this.used = mark;
  }
  /** Forgets all. */
  clear(): void {
    this.used = 1;
  }

  /** A value of null so far. */
  add(field: FlatField, at: number): number {
    const entry = this.used++;
    if (entry * CELLS === this.cells.length) this.grow();
    this.fields[entry] = field;
    const { cells } = this;
    const cell = entry * CELLS;
    cells[cell + TAG] = NULL;
    cells[cell + AT] = at;
    cells[cell + CHILD] = cells[cell + SIBLING] = cells[cell + NEXT] = 0;
    cells[cell + COUNT] = 1;
    return entry;
  }

  setStruct(entry: number): void {
    this.cells[entry * CELLS + TAG] = STRUCT;
  }
  /** `number`: the value, where one of JavaScript's holds it, 1 and 0 for true and false; else NaN. */
  setText(entry: number, tag: number, start: number, end: number, number: number): void {
    const cell = entry * CELLS;
    this.cells[cell + TAG] = tag;
    this.cells[cell + START] = start;
    this.cells[cell + END] = end;
    this.numbers[entry] = number;
  }
  setChild(entry: number, first: number): void {
    this.cells[entry * CELLS + CHILD] = first;
  }
  setSibling(entry: number, next: number): void {
    this.cells[entry * CELLS + SIBLING] = next;
  }
  /** Another value of the list that begins with `first` and has had `last` for its last. */
  append(first: number, last: number, entry: number): void {
    this.cells[last * CELLS + NEXT] = entry;
    this.cells[first * CELLS + COUNT] = this.count(first) + 1;
  }

  field(entry: number): FlatField | undefined {
    return this.fields[entry];
  }
  /** Index in TAGS. */
  tag(entry: number): number {
    return this.cells[entry * CELLS + TAG] ?? 0;
  }
  start(entry: number): number {
    return this.cells[entry * CELLS + START] ?? 0;
  }
  end(entry: number): number {
    return this.cells[entry * CELLS + END] ?? 0;
  }
  number(entry: number): number {
    return this.numbers[entry] ?? 0;
  }
  /** In the file. */
  at(entry: number): number {
    return this.base + (this.cells[entry * CELLS + AT] ?? 0);
  }
  child(entry: number): number {
    return this.cells[entry * CELLS + CHILD] ?? 0;
  }
  sibling(entry: number): number {
    return this.cells[entry * CELLS + SIBLING] ?? 0;
  }
  next(entry: number): number {
    return this.cells[entry * CELLS + NEXT] ?? 0;
  }
  /** Of the first value of a field: how many there are. */
  count(entry: number): number {
    return this.cells[entry * CELLS + COUNT] ?? 0;
  }

  /** What the field holds whose first value this is. */
  held(first: number): SourceValue {
    if (this.count(first) === 1) return this.value(first);
    const elements: SourceValue[] = [];
    for (let entry = first; entry !== 0; entry = this.next(entry)) elements.push(this.value(entry));
    return { tag: "array", elements, at: this.at(first) };
  }

  /** The value alone. */
  value(entry: number): SourceValue {
    const tag = this.tag(entry);
    const at = this.at(entry);
    if (tag === STRUCT) return this.struct(entry);
    if (tag === NULL) return { tag: "null", value: null, at };
    const text = this.bytes.toString("utf8", this.start(entry), this.end(entry));
    return tag === STRING ? { tag: "string", value: text, at } : this.scalarOf(text, at);
  }

  struct(entry: number): SourceStruct {
    const fields = new Map<string, SourceValue>();
    for (let first = this.child(entry); first !== 0; first = this.sibling(first))
      fields.set(this.field(first)?.name ?? "", this.held(first));
    return { tag: "struct", fields, at: this.at(entry) };
  }

  private grow(): void {
    const { cells, numbers } = this;
    this.cells = new Int32Array(2 * cells.length);
    this.cells.set(cells);
    this.numbers = new Float64Array(2 * numbers.length);
    this.numbers.set(numbers);
  }
}

/**
 * A record that lies in a batch of them: good until the reader is asked for the next batch. Its single values stand for
 * lists of one, and are texts.
 */
export class FlatRecord implements SourceRecord {
  readonly kind = "record";
  readonly repeats = true;
  readonly texts = true;
  constructor(
    readonly rows: FlatRows,
    readonly entry: number,
    readonly offset: number,
    readonly length: number,
  ) {}
  get value(): SourceStruct {
    return this.rows.struct(this.entry);
  }
}
