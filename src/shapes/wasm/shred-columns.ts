/**
 * Columns being filled, for WebAssembly (AssemblyScript). A column holds its values densely in Parquet's PLAIN
 * encoding, so that the host writes them to a file as they lie here, and one validity bit per row of its domain.
 * Everything grows on demand.
 *
 * A record is written column by column while it is being read; when it turns out malformed, `undoRecord` takes it back.
 * A column notes its state when a record first touches it, so a record costs in proportion to what it holds.
 */
import { alloc, unescape } from "./lex";
import { chunkSize, giveChunk, takeChunk } from "./shred-memory";

// Domains and columns
// --------------------------------------------------------------------------------------------------

/** How a column stores a value; the host's `COLUMN_KINDS` is in this order. */
export const enum ColumnKind {
  PRESENCE, // validity only: a struct or choice, or a column that is always null
  BOOLEAN, // one bit
  INT32,
  INT64,
  DOUBLE,
  FLOAT,
  DECIMAL, // 16 bytes, big endian, two's complement
  STRING, // length in 4 bytes, then UTF-8
  LIST, // 4 bytes, the number of elements
}

/** Rows that grow together: the records, or the elements of one list. */
@unmanaged export class Domain {
  /** Complete rows since the last flush, which is the index of the row being written. */
  row: u32;
  /** The record that last added a row here, and the rows before it. */
  stamp: u32;
  saved: u32;
  /** Number of row 0 (numbers start at 1). */
  base: i64;
  /** Numbering columns of the layout "tables", else 0. `id` and `index` are 0 for the root. */
  rowColumn: Column;
  idColumn: Column;
  indexColumn: Column;
  /** The list whose elements are the rows; 0 for the root. */
  list: Column;
  columns: Column;
  /** Levels of the layout "nested", see shred-levels.ts. */
  level: u32;
  repetition: u32;
  entries: u32;
  definitions: usize;
  repetitions: usize;
  levelsSize: usize;
}

@unmanaged export class Column {
  base: usize;
  end: usize;
  limit: usize;
  /** Validity, `bitRows` bits of it; 0 before the first value. */
  bits: usize;
  bitRows: u32;
  /** Bits used, of a BOOLEAN. */
  count: u32;
  domain: Domain;
  kind: u32;
  /** State before the record `stamp`. */
  stamp: u32;
  savedEnd: usize;
  savedCount: u32;
  /** Structs and choices around the value within its domain, outermost first. */
  chain: usize;
  chainLength: u32;
  /** Least and greatest INT32; precision and scale of a DECIMAL. */
  low: i64;
  high: i64;
  next: Column;
}

/** Number of the record being read, from 1. */
export let record: u32 = 0;
export function nextRecord(): void {
  record++;
}

let touched: usize = 0;
let touchedCount: u32 = 0;
let touchedDomains: usize = 0;
let touchedDomainCount: u32 = 0;
let columnCount: u32 = 0;
let domainCount: u32 = 0;

export function newDomain(base: i64): Domain {
  const domain = changetype<Domain>(alloc(offsetof<Domain>()));
  domain.base = base;
  domainCount++;
  return domain;
}

export function newColumn(domain: Domain, kind: u32): Column {
  const column = changetype<Column>(alloc(offsetof<Column>()));
  column.domain = domain;
  column.kind = kind;
  column.low = -2147483648;
  column.high = 2147483647;
  column.next = domain.columns;
  domain.columns = column;
  columnCount++;
  return column;
}

/** Call when all columns and domains are made. */
export function startColumns(): void {
  touched = alloc(<usize>(columnCount + 1) << 2);
  touchedDomains = alloc(<usize>(domainCount + 1) << 2);
}

// Writing
// --------------------------------------------------------------------------------------------------------------

function touch(column: Column): void {
  column.stamp = record;
  column.savedEnd = column.end;
  column.savedCount = column.count;
  store<u32>(touched + ((touchedCount++ as usize) << 2), <u32>changetype<usize>(column));
}

/** Call before writing to the row of a child domain. */
@inline export function touchDomain(domain: Domain): void {
  if (domain.stamp == record) return;
  domain.stamp = record;
  domain.saved = domain.row;
  store<u32>(touchedDomains + ((touchedDomainCount++ as usize) << 2), <u32>changetype<usize>(domain));
}

/** Copies of strings may write so many bytes past their end. */
const OVERRUN: usize = 64;

function growValues(column: Column, size: usize): void {
  const used = column.end - column.base;
  const had = column.base ? column.limit + OVERRUN - column.base : 0;
  const want = chunkSize(used + size + OVERRUN > had * 2 ? used + size + OVERRUN : had * 2);
  const base = takeChunk(want);
  memory.copy(base, column.base, used);
  giveChunk(column.base, had);
  if (column.stamp == record) column.savedEnd = base + (column.savedEnd - column.base);
  column.base = base;
  column.end = base + used;
  column.limit = base + want - OVERRUN;
}

/** Makes the validity reach row `row`. */
export function growBits(column: Column, row: u32): void {
  const had = column.bitRows >> 3;
  const want = chunkSize(<usize>(row >> 3) + 8 > <usize>had * 2 ? <usize>(row >> 3) + 8 : <usize>had * 2);
  const bits = takeChunk(want);
  memory.copy(bits, column.bits, had);
  memory.fill(bits + had, 0, want - had);
  giveChunk(column.bits, had);
  column.bits = bits;
  column.bitRows = <u32>want << 3;
}

@inline export function markValid(column: Column): void {
  if (column.stamp != record) touch(column);
  const row = column.domain.row;
  if (row >= column.bitRows) growBits(column, row);
  const at = column.bits + (row >> 3);
  store<u8>(at, <u32>load<u8>(at) | (<u32>1 << (row & 7)));
}

/** Room for a value of `size` bytes, which the caller fills. */
@inline export function place(column: Column, size: usize): usize {
  if (column.end + size > column.limit) growValues(column, size);
  const at = column.end;
  column.end = at + size;
  return at;
}

@inline export function putInt32(column: Column, value: i32): void {
  markValid(column);
  store<i32>(place(column, 4), value);
}

@inline export function putInt64(column: Column, value: i64): void {
  markValid(column);
  store<i64>(place(column, 8), value);
}

/** For a column without nulls, which keeps no validity. */
@inline export function putNumbering(column: Column, value: i64): void {
  if (column.stamp != record) touch(column);
  if (column.kind == ColumnKind.INT64) store<i64>(place(column, 8), value);
  else store<i32>(place(column, 4), <i32>value);
}

/** Returns where the value lies, for the host to correct. */
@inline export function putDouble(column: Column, value: f64): usize {
  markValid(column);
  const at = place(column, 8);
  store<f64>(at, value);
  return at;
}

@inline export function putFloat(column: Column, value: f32): usize {
  markValid(column);
  const at = place(column, 4);
  store<f32>(at, value);
  return at;
}

export function putBoolean(column: Column, value: u32): void {
  markValid(column);
  const bit = column.count++ & 7;
  if (!bit) store<u8>(place(column, 1), value);
  else store<u8>(column.end - 1, (<u32>load<u8>(column.end - 1) & ((<u32>1 << bit) - 1)) | (value << bit));
}

/** The text [from, end), its JSON escapes replaced when `escaped`. */
export function putString(column: Column, from: usize, end: usize, escaped: bool): void {
  markValid(column);
  const length = end - from;
  const at = place(column, 4 + length);
  const out = at + 4;
  if (escaped) {
    const stop = unescape(from, end, out);
    store<u32>(at, <u32>(stop - out));
    column.end = stop;
    return;
  }
  store<u32>(at, <u32>length);
  // a block has slack behind it and a column OVERRUN, so whole vectors may be copied
  if (length <= 16) v128.store(out, v128.load(from));
  else if (length <= 64) {
    v128.store(out, v128.load(from));
    v128.store(out, v128.load(from, 16), 16);
    if (length > 32) {
      v128.store(out, v128.load(from, 32), 32);
      v128.store(out, v128.load(from, 48), 48);
    }
  } else memory.copy(out, from, length);
}

/** Room for a string of at most `length` bytes, which the caller writes; `settleRoom` must follow. */
export function putRoom(column: Column, length: usize): usize {
  markValid(column);
  return place(column, 4 + length) + 4;
}
/** The string lies at [from, end) of what `putRoom` gave. */
export function settleRoom(column: Column, from: usize, end: usize): void {
  store<u32>(from - 4, <u32>(end - from));
  column.end = end;
}

// Records
// --------------------------------------------------------------------------------------------------------------

/** Keeps what the record wrote. */
@inline export function keepRecord(): void {
  touchedCount = 0;
  touchedDomainCount = 0;
}

/** Takes back everything written since the last `keepRecord`, while the root's row is not yet counted. */
export function undoRecord(): void {
  for (let i: u32 = 0; i < touchedCount; i++) {
    const column = changetype<Column>(<usize>load<u32>(touched + (<usize>i << 2)));
    column.end = column.savedEnd;
    column.count = column.savedCount;
    const domain = column.domain;
    const from = domain.stamp == record ? domain.saved : domain.row;
    if (from < column.bitRows) clearBits(column.bits, from, domain.row < column.bitRows ? domain.row : column.bitRows - 1);
  }
  for (let i: u32 = 0; i < touchedDomainCount; i++) {
    const domain = changetype<Domain>(<usize>load<u32>(touchedDomains + (<usize>i << 2)));
    domain.row = domain.saved;
  }
  keepRecord();
}

/** Clears bits `from`…`to`, both included. */
function clearBits(bits: usize, from: u32, to: u32): void {
  const first = bits + (from >> 3);
  const past = bits + (to >> 3) + 1;
  store<u8>(first, <u32>load<u8>(first) & ((<u32>1 << (from & 7)) - 1));
  if (past > first + 1) memory.fill(first + 1, 0, past - first - 1);
}
