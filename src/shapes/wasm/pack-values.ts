/**
 * Columns as the pages of a file that is kept, for WebAssembly (AssemblyScript): with a dictionary where it pays, least
 * and greatest value known, packed by snappy.
 */
import { Column, ColumnKind } from "./shred-columns";
import { dictionaryEnd, dictionaryOf, dictionarySize, dictionaryStart, indexesStart } from "./pack-dictionary";
import { flatLevels, levelsStart } from "./shred-levels";
import { chunkSize, giveChunk, takeChunk } from "./shred-memory";
import { packedRoom, packSnappy } from "./snappy";

/** Entries of the dictionary; 0: values lie in the page as they are. */
export let packedEntries: u32 = 0;
/** The packed page, its bytes, and those it has unpacked; the same of the dictionary. */
export let packedPage: usize = 0;
export let packedPageLength: u32 = 0;
export let unpackedPageLength: u32 = 0;
export let packedDictionary: usize = 0;
export let packedDictionaryLength: u32 = 0;
export let unpackedDictionaryLength: u32 = 0;
/** Where the least and the greatest value lie, as PLAIN pages have them; 0: none. */
export let leastValue: usize = 0;
export let greatestValue: usize = 0;

let pageRoom: usize = 0;
let dictionaryRoom: usize = 0;
let widened: usize = 0;
let widenedRoom: usize = 0;
let bits: usize = 0;
let bitsRoom: usize = 0;
/** Numbers that are the least and greatest of a column. */
const extremes: usize = memory.data(16, 8);

/**
 * Packs the column with levels of a field that may be null, in no group; `wide`: 32-bit integers as 64-bit ones. What
 * was packed before is overwritten.
 */
export function packColumn(column: Column, wide: bool): void {
  const levels = flatLevels(column);
  const kind = wide && column.kind == ColumnKind.INT32 ? <u32>ColumnKind.INT64 : column.kind;
  let from = column.base, end = column.end;
  if (kind != column.kind) {
    from = widen(from, end);
    end = from + (column.end - column.base) * 2;
  }
  leastValue = greatestValue = 0;
  packedEntries = end > from && kind != ColumnKind.BOOLEAN ? dictionaryOf(kind, from, end) : 0;
  packedDictionaryLength = unpackedDictionaryLength = 0;
  if (packedEntries) {
    noteExtremes(kind, dictionaryStart, dictionaryEnd);
    dictionaryRoom = roomFor(dictionaryEnd - dictionaryStart, packedDictionary, dictionaryRoom);
    packedDictionary = givenRoom;
    unpackedDictionaryLength = <u32>(dictionaryEnd - dictionaryStart);
    packedDictionaryLength = <u32>(packSnappy(dictionaryStart, dictionaryEnd, putLength(unpackedDictionaryLength, packedDictionary)) - packedDictionary);
    end = putIndexes();
    from = bits;
  } else if (end > from && kind != ColumnKind.BOOLEAN) noteExtremes(kind, from, end);
  unpackedPageLength = levels + <u32>(end - from);
  pageRoom = roomFor(unpackedPageLength, packedPage, pageRoom);
  packedPage = givenRoom;
  const values = packSnappy(levelsStart, levelsStart + levels, putLength(unpackedPageLength, packedPage));
  packedPageLength = <u32>(packSnappy(from, end, values) - packedPage);
}

let givenRoom: usize = 0;

/** Makes `givenRoom` hold what so many bytes are packed to; the room that it has. */
function roomFor(length: usize, had: usize, room: usize): usize {
  const want = packedRoom(length) + 8;
  givenRoom = had;
  if (want <= room) return room;
  giveChunk(had, room);
  const grown = chunkSize(want);
  givenRoom = takeChunk(grown);
  return grown;
}

function putLength(length: u32, out: usize): usize {
  while (length > 127) {
    store<u8>(out++, length | 128);
    length >>>= 7;
  }
  store<u8>(out, length);
  return out + 1;
}

function widen(from: usize, end: usize): usize {
  if ((end - from) * 2 + 64 > widenedRoom) {
    giveChunk(widened, widenedRoom);
    widenedRoom = chunkSize((end - from) * 2 + 64);
    widened = takeChunk(widenedRoom);
  }
  for (let out = widened; from < end; from += 4, out += 8) store<i64>(out, <i64>load<i32>(from));
  return widened;
}

/**
 * The indexes as one run, bit-packed, behind their width; a run of equal ones where there is one entry only. Returns
 * its end.
 */
function putIndexes(): usize {
  const count = dictionarySize;
  if (<usize>count * 4 + 64 > bitsRoom) {
    giveChunk(bits, bitsRoom);
    bitsRoom = chunkSize(<usize>count * 4 + 64);
    bits = takeChunk(bitsRoom);
  }
  if (packedEntries == 1) {
    store<u8>(bits, 1);
    const end = putLength(count << 1, bits + 1);
    store<u8>(end, 0);
    return end + 1;
  }
  const width = 32 - <u32>clz<u32>(packedEntries - 1), groups = (count + 7) >>> 3;
  store<u8>(bits, width);
  let out = putLength((groups << 1) | 1, bits + 1), held: u64 = 0, have: u32 = 0;
  const end = out + <usize>groups * <usize>width;
  for (let i: u32 = 0; i < count; i++) {
    held |= <u64>load<u32>(indexesStart + (<usize>i << 2)) << <u64>have;
    have += width;
    if (have >= 32) {
      store<u32>(out, <u32>held);
      out += 4;
      held >>>= 32;
      have -= 32;
    }
  }
  store<u64>(out, held);
  if (out + 8 < end) memory.fill(out + 8, 0, end - out - 8);
  return end;
}

/** The least and greatest of integers, into `extremes`. */
function noteRange<T>(from: usize, end: usize): void {
  let least = load<T>(from), greatest = least;
  for (let p = from; p < end; p += sizeof<T>()) {
    const value = load<T>(p);
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  store<T>(extremes, least);
  store<T>(extremes, greatest, 8);
}

/** Points `leastValue` and `greatestValue` at them; JSON has no NaN. */
function noteExtremes(kind: u32, from: usize, end: usize): void {
  if (kind == ColumnKind.STRING) {
    leastValue = greatestValue = from;
    for (let p = from; p < end; p += 4 + <usize>load<u32>(p)) {
      if (isLess(p, leastValue)) leastValue = p;
      else if (isLess(greatestValue, p)) greatestValue = p;
    }
    return;
  }
  leastValue = extremes;
  greatestValue = extremes + 8;
  if (kind == ColumnKind.INT32) noteRange<i32>(from, end);
  else if (kind == ColumnKind.INT64) noteRange<i64>(from, end);
  else {
    let least = load<f64>(from), greatest = least;
    for (let p = from; p < end; p += 8) {
      const value = load<f64>(p);
      least = min(least, value);
      greatest = max(greatest, value);
    }
    // either zero may be among the values where one is
    store<f64>(leastValue, least == 0 ? -0.0 : least);
    store<f64>(greatestValue, greatest == 0 ? 0.0 : greatest);
  }
}

/** Texts behind their lengths, by bytes. */
function isLess(a: usize, b: usize): bool {
  const aLength = <usize>load<u32>(a), bLength = <usize>load<u32>(b), common = min(aLength, bLength);
  a += 4;
  b += 4;
  for (let i: usize = 0; i < common; i += 8) {
    const left = load<u64>(a + i), right = load<u64>(b + i);
    if (left == right) continue;
    // the first byte that differs, if the texts still have it
    const shift = ctz(left ^ right) & 56;
    return i + <usize>(shift >>> 3) < common ? ((left >>> shift) & 255) < ((right >>> shift) & 255) : aLength < bLength;
  }
  return aLength < bLength;
}
