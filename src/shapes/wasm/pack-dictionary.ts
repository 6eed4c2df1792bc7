/** The dictionary of a column's values, for WebAssembly (AssemblyScript). */
import { ColumnKind } from "./shred-columns";
import { chunkSize, giveChunk, takeChunk } from "./shred-memory";

/** Entries and bytes at most, as DuckDB has them: of more, the indexes are hardly shorter than the values. */
const MAX_ENTRIES: u32 = 24576;
const MAX_BYTES: usize = 1 << 20;
/** Texts that tell: if nearly all of the first ones differ, the rest will. */
const TELLING: u32 = 4096;
const TELLING_ENTRIES: u32 = 3840;

/** Slots of eight bytes: where in the dictionary a value lies, and one more than its index. */
const SLOTS: u32 = 1 << 15;
const slots: usize = memory.data(1 << 18, 16);

/** The dictionary's values, as PLAIN pages have them. */
export let dictionaryStart: usize = 0;
export let dictionaryEnd: usize = 0;
/** The index of each value, 32 bits wide, and how many there are. */
export let indexesStart: usize = 0;
export let dictionarySize: u32 = 0;
let indexesRoom: usize = 0;

/**
 * Finds the distinct values among those in [from, end); their number, or 0 where a dictionary does not pay. The bytes
 * behind `end` may be read.
 */
export function dictionaryOf(kind: u32, from: usize, end: usize): u32 {
  memory.fill(slots, 0, 1 << 18);
  // room for the last entry past the limit, whatever its length
  if (!dictionaryStart) dictionaryStart = takeChunk(MAX_BYTES + (1 << 16));
  const most = <usize>(kind == ColumnKind.STRING ? (end - from) >>> 2 : (end - from) >>> (kind == ColumnKind.INT32 ? 2 : 3)) << 2;
  if (most + 64 > indexesRoom) {
    giveChunk(indexesStart, indexesRoom);
    indexesRoom = chunkSize(most + 64);
    indexesStart = takeChunk(indexesRoom);
  }
  dictionaryEnd = dictionaryStart;
  dictionarySize = 0;
  const entries = kind == ColumnKind.STRING ? texts(from, end) : kind == ColumnKind.INT32 ? numbers<u32>(from, end) : numbers<u64>(from, end);
  if (!entries) return 0;
  const width = entries == 1 ? 1 : 32 - <usize>clz<u32>(entries - 1);
  return (dictionaryEnd - dictionaryStart) + ((<usize>dictionarySize * width) >>> 3) < end - from ? entries : 0;
}

@inline function slotAt(hash: u64): usize {
  return slots + (<usize>(hash >>> 49) << 3);
}
@inline function nextSlot(slot: usize): usize {
  return slots + ((slot - slots + 8) & ((SLOTS << 3) - 8));
}

const K: u64 = 0x9e3779b97f4a7c15;

function texts(from: usize, end: usize): u32 {
  let entries: u32 = 0, out = indexesStart;
  for (let p = from; p < end;) {
    const length = <usize>load<u32>(p);
    let slot = slotAt(hashOf(p + 4, length));
    for (;;) {
      const index = load<u32>(slot, 4);
      if (!index) {
        if (entries == MAX_ENTRIES || length > 1 << 15 || dictionaryEnd - dictionaryStart > MAX_BYTES) return 0;
        store<u32>(slot, <u32>dictionaryEnd);
        store<u32>(slot, ++entries, 4);
        memory.copy(dictionaryEnd, p, 4 + length);
        dictionaryEnd += 4 + length;
        store<u32>(out, entries - 1);
        break;
      }
      if (sameText(<usize>load<u32>(slot), p, length)) {
        store<u32>(out, index - 1);
        break;
      }
      slot = nextSlot(slot);
    }
    out += 4;
    p += 4 + length;
    if (++dictionarySize == TELLING && entries > TELLING_ENTRIES) return 0;
  }
  return entries;
}

@inline function hashOf(p: usize, length: usize): u64 {
  let hash = (<u64>length + 1) * K;
  while (length >= 8) {
    hash = (hash ^ load<u64>(p)) * K;
    hash ^= hash >>> 32;
    p += 8;
    length -= 8;
  }
  if (length) hash = (hash ^ (load<u64>(p) & lowBytes(length))) * K;
  return (hash ^ (hash >>> 32)) * K;
}

@inline function lowBytes(count: usize): u64 {
  return (<u64>1 << (<u64>count << 3)) - 1;
}

@inline function sameText(a: usize, b: usize, length: usize): bool {
  if (<usize>load<u32>(a) != length) return false;
  a += 4;
  b += 4;
  while (length >= 8) {
    if (load<u64>(a) != load<u64>(b)) return false;
    a += 8;
    b += 8;
    length -= 8;
  }
  return !length || ((load<u64>(a) ^ load<u64>(b)) & lowBytes(length)) == 0;
}

/** By their bits: of 32 bits, or of 64, doubles among them. */
function numbers<T>(from: usize, end: usize): u32 {
  let entries: u32 = 0, out = indexesStart;
  for (let p = from; p < end; p += sizeof<T>(), out += 4) {
    const value = load<T>(p);
    let slot = slotAt(hashOfNumber<T>(value));
    for (;;) {
      const index = load<u32>(slot, 4);
      if (!index) {
        if (entries == MAX_ENTRIES) return 0;
        store<u32>(slot, <u32>dictionaryEnd);
        store<u32>(slot, ++entries, 4);
        store<T>(dictionaryEnd, value);
        dictionaryEnd += sizeof<T>();
        store<u32>(out, entries - 1);
        break;
      }
      if (load<T>(<usize>load<u32>(slot)) == value) {
        store<u32>(out, index - 1);
        break;
      }
      slot = nextSlot(slot);
    }
    dictionarySize++;
  }
  return entries;
}

@inline function hashOfNumber<T>(value: T): u64 {
  if (sizeof<T>() == 4) return (<u64>value + 1) * K;
  const hash = <u64>value * K;
  return (hash ^ (hash >>> 32)) * K;
}
