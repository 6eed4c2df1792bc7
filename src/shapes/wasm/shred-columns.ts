/**
 * Columns being filled, for WebAssembly (AssemblyScript). A column holds its values densely in Parquet's PLAIN encoding, so
 * that the host writes them to a file as they lie here, and one validity bit per row of its domain. Everything grows on demand.
 *
 * A record is written column by column while it is being read; when it turns out malformed, `undoRecord` takes it back. A
 * column notes its state when a record first touches it, so a record costs in proportion to what it holds.
 */
import { alloc, unescape } from "./lex";

// Memory ---------------------------------------------------------------------------------------------------------------

/** Heads of the lists of free chunks, by power of two. */
const freeChunks: usize = memory.data(32 * 4);

/** Uninitialised memory of the next power of two ≥ `size`, from 64 bytes. */
export function takeChunk(size: usize): usize {
  const log: u32 = size <= 64 ? 6 : 32 - <u32>clz<u32>(<u32>size - 1);
  const head = freeChunks + (<usize>log << 2);
  const chunk = <usize>load<u32>(head);
  if (!chunk) return alloc(<usize>1 << log);
  store<u32>(head, load<u32>(chunk));
  return chunk;
}

/** Gives back a chunk taken with this size; 0 is ignored. */
export function giveChunk(chunk: usize, size: usize): void {
  if (!chunk) return;
  const log: u32 = size <= 64 ? 6 : 32 - <u32>clz<u32>(<u32>size - 1);
  const head = freeChunks + (<usize>log << 2);
  store<u32>(chunk, load<u32>(head));
  store<u32>(head, <u32>chunk);
}

/** Bytes of the chunk that `takeChunk(size)` returns. */
export function chunkSize(size: usize): usize {
  return size <= 64 ? 64 : <usize>1 << (32 - <u32>clz<u32>(<u32>size - 1));
}

// Domains and columns --------------------------------------------------------------------------------------------------

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

// Writing --------------------------------------------------------------------------------------------------------------

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
function growBits(column: Column, row: u32): void {
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
@inline function place(column: Column, size: usize): usize {
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

/**
 * The number written as [p, end), exactly, as a decimal of the column's precision (`low`) and scale (`high`). False, and
 * nothing written, when it has too many digits before or behind the point.
 */
export function putDecimal(column: Column, p: usize, end: usize): bool {
  // a cell of CSV may hold blanks around the number, and a plus sign
  while (load<u8>(p) <= 32) p++;
  while (load<u8>(end - 1) <= 32) end--;
  const negative = load<u8>(p) == 45;
  if (negative || load<u8>(p) == 43) p++;
  let mantissaEnd = p;
  let last: usize = 0; // the last digit that is not 0
  let point = end;
  for (; mantissaEnd < end; mantissaEnd++) {
    const b = load<u8>(mantissaEnd);
    if (b == 46) point = mantissaEnd;
    else if (b > 57) break;
    else if (b != 48) last = mantissaEnd;
  }
  if (point > mantissaEnd) point = mantissaEnd;
  let shift: i64 = column.high + exponentOf(mantissaEnd, end);
  // a digit just before the point is worth 10^shift units
  let hi: u64 = 0;
  let lo: u64 = 0;
  let digits: i64 = 0;
  if (last) {
    shift += last < point ? <i64>(point - 1 - last) : -<i64>(last - point);
    if (shift < 0) return false;
    for (; p <= last; p++) {
      const b = load<u8>(p);
      if (b == 46 || (b == 48 && !digits)) continue;
      if (++digits > 38) return false;
      const low = (lo & 0xffffffff) * 10 + <u64>(b - 48);
      const high = (lo >> 32) * 10 + (low >> 32);
      lo = (high << 32) | (low & 0xffffffff);
      hi = hi * 10 + (high >> 32);
    }
    if (digits + shift > column.low) return false;
    for (; shift > 0; shift--) {
      const low = (lo & 0xffffffff) * 10;
      const high = (lo >> 32) * 10 + (low >> 32);
      lo = (high << 32) | (low & 0xffffffff);
      hi = hi * 10 + (high >> 32);
    }
  }
  if (negative) {
    lo = ~lo + 1;
    hi = ~hi + (lo == 0 ? 1 : 0);
  }
  markValid(column);
  const at = place(column, 16);
  store<u64>(at, bswap<u64>(hi));
  store<u64>(at, bswap<u64>(lo), 8);
  return true;
}

/** Of the `e…` at `p`, bounded; 0 when there is none. */
function exponentOf(p: usize, end: usize): i64 {
  if (p >= end) return 0;
  p++;
  const minus = load<u8>(p) == 45;
  if (minus || load<u8>(p) == 43) p++;
  let exponent: i64 = 0;
  for (; p < end; p++) if (exponent < 1000000000000) exponent = exponent * 10 + <i64>(load<u8>(p) - 48);
  return minus ? -exponent : exponent;
}

// Records --------------------------------------------------------------------------------------------------------------

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

// Flushing -------------------------------------------------------------------------------------------------------------

/** Makes the validity as long as the domain, so that the host can write it whole. */
export function settleColumn(column: Column): void {
  const rows = column.domain.row;
  if (rows && column.bitRows < rows) growBits(column, rows - 1);
}

/** Rows of the domain in which the column has a value. */
export function validRows(column: Column): u32 {
  const bytes = (column.domain.row + 7) >> 3;
  let valid: u32 = 0;
  if (column.bits) {
    const have = column.bitRows >> 3;
    const end = bytes < have ? bytes : have;
    for (let i: u32 = 0; i < end; i++) valid += <u32>popcnt<u32>(load<u8>(column.bits + i));
  }
  return valid;
}

/** Bytes that the domain's columns hold now. */
export function domainBytes(domain: Domain): usize {
  let bytes: usize = 0;
  for (let c = domain.columns; changetype<usize>(c); c = c.next) bytes += c.end - c.base + (<usize>domain.row >> 3);
  return bytes;
}

/** Empties the columns and numbers on from here. */
export function emptyDomain(domain: Domain): void {
  for (let c = domain.columns; changetype<usize>(c); c = c.next) {
    c.end = c.base;
    c.count = 0;
    const used = <usize>((domain.row >> 3) + 1);
    if (c.bits) memory.fill(c.bits, 0, used < <usize>(c.bitRows >> 3) ? used : <usize>(c.bitRows >> 3));
  }
  domain.base += domain.row;
  domain.row = 0;
}
