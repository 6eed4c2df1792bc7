/**
 * Texts of a DuckDB vector, by their bytes: the binding's own decoder takes a byte order mark at the start of a value
 * for an encoding mark and drops it, and makes a buffer outside of the heap for each text. VARCHAR and BLOB vectors are
 * laid out alike, 16 bytes a value: the length, then the bytes (up to 12, padded with zeros) or a prefix of four and a
 * pointer. The fields read are the classes' own (pinned version).
 */
import type { DuckDBVector } from "@duckdb/node-api";
import type { Value } from "../../types/value.js";
import { slotsOf } from "./vector-memory.js";

type Api = typeof import("./duckdb-parts.js");
/** The bytes from an address on; the caller knows that they are all there. */
type ReadMemory = (address: number, length: number) => Buffer;

/** Longer texts lie outside the vector. */
const INLINE = 12;
/** The highest bits of four bytes: none is set in ASCII. */
const NOT_ASCII = 0x80808080;
/**
 * Two texts with fewer bytes between them than a page of memory has lie on the same page or on neighbours, so what is
 * between them may be read too.
 */
const GAP = 4095;
/**
 * Texts lying together are read at once, and cut from one string: a text that is kept keeps so much of its neighbours
 * alive at most.
 */
const TOGETHER = 1024;
/** Texts up to this length are copied byte by byte, which is quicker than a call. */
const LOOPED = 64;
/** Of bytes that are copied, nothing is kept. */
const COPIED_TOGETHER = 1 << 16;

/** Reads so many texts of a vector from an index on: the valid ones; null in place of the others. */
export function textReader(
  api: Api,
): (vector: DuckDBVector, from: number, count: number, valid: ((index: number) => boolean) | undefined) => Value[] {
  const readMemory = memoryReader(api);
  return (vector, from, count, valid) => {
    const dataView = slotsOf(vector);
    const bytes = Buffer.from(dataView.buffer, dataView.byteOffset + 16 * from, 16 * count);
    const words = new Uint32Array(dataView.buffer, dataView.byteOffset + 16 * from, 4 * count);
    const all = bytes.toString("latin1");
    const values = new Array<Value>(count);
    const long: number[] = [];
    for (let i = 0; i < count; i++) {
      if (valid !== undefined && !valid(from + i)) {
        values[i] = null;
        continue;
      }
      const at = 16 * i + 4;
      const length = words[4 * i] ?? 0;
      if (length > INLINE) long.push(i);
      else if ((((words[4 * i + 1] ?? 0) | (words[4 * i + 2] ?? 0) | (words[4 * i + 3] ?? 0)) & NOT_ASCII) === 0)
        values[i] = all.substring(at, at + length);
      else values[i] = bytes.toString("utf8", at, at + length);
    }
    if (long.length > 0) readLong(words, long, values, readMemory);
    return values;
  };
}

/** The texts at these indexes into `values`, those that lie together together. */
function readLong(words: Uint32Array, indexes: readonly number[], values: Value[], readMemory: ReadMemory): void {
  together(words, indexes, TOGETHER, readMemory, (bytes, members) => {
    const text = bytes.toString("latin1");
    let last = -1;
    let lastLength = 0;
    let same = "";
    members((index, at, length) => {
      // a dictionary's texts come up again and again
      if (at !== last || length !== lastLength)
        same = isAscii(bytes, at, at + length)
          ? text.substring(at, at + length)
          : bytes.toString("utf8", at, at + length);
      [last, lastLength] = [at, length];
      values[index] = same;
    });
  });
}

/** Texts as they lie in PLAIN pages: each behind its length of four bytes, those that are valid. */
export function textPacker(
  api: Api,
): (vector: DuckDBVector, from: number, count: number, valid: ((index: number) => boolean) | undefined) => Uint8Array {
  const readMemory = memoryReader(api);
  return (vector, from, count, valid) => {
    const dataView = slotsOf(vector);
    const slots = new Uint8Array(dataView.buffer, dataView.byteOffset + 16 * from, 16 * count);
    const words = new Uint32Array(dataView.buffer, dataView.byteOffset + 16 * from, 4 * count);
    let size = 0;
    for (let i = 0; i < count; i++) if (valid === undefined || valid(from + i)) size += 4 + (words[4 * i] ?? 0);
    const out = new Uint8Array(size);
    const long: number[] = [];
    const places = new Uint32Array(count);
    let at = 0;
    for (let i = 0; i < count; i++) {
      if (valid !== undefined && !valid(from + i)) continue;
      const length = words[4 * i] ?? 0;
      const start = 16 * i;
      const copied = length > INLINE ? 4 : 4 + length;
      for (let k = 0; k < copied; k++) out[at + k] = slots[start + k] ?? 0;
      places[i] = at + 4;
      if (length > INLINE) long.push(i);
      at += 4 + length;
    }
    if (long.length > 0)
      together(words, long, COPIED_TOGETHER, readMemory, (bytes, members) => {
        members((i, start, length) => {
          const place = places[i] ?? 0;
          if (length > LOOPED) out.set(bytes.subarray(start, start + length), place);
          else for (let k = 0; k < length; k++) out[place + k] = bytes[start + k] ?? 0;
        });
      });
    return out;
  };
}

type Member = (index: number, at: number, length: number) => void;

/** Reads the texts at these indexes, those that lie together at once: bytes, and the place of each text in them. */
function together(
  words: Uint32Array,
  indexes: readonly number[],
  most: number,
  readMemory: ReadMemory,
  take: (bytes: Buffer, members: (each: Member) => void) => void,
): void {
  const addresses = Float64Array.from(indexes, (i) => (words[4 * i + 3] ?? 0) * 2 ** 32 + (words[4 * i + 2] ?? 0));
  const order = ascending(addresses);
  const lengthOf = (k: number): number => words[4 * (indexes[k] ?? 0)] ?? 0;
  for (let k = 0, next = 0; k < order.length; k = next) {
    const start = addresses[order[k] ?? 0] ?? 0;
    let end = start + lengthOf(order[k] ?? 0);
    for (next = k + 1; next < order.length; next++) {
      const address = addresses[order[next] ?? 0] ?? 0;
      const ends = address + lengthOf(order[next] ?? 0);
      if (address > end + GAP || ends - start > most) break;
      if (ends > end) end = ends;
    }
    const first = k;
    const last = next;
    take(readMemory(start, end - start), (each) => {
      for (let m = first; m < last; m++)
        each(indexes[order[m] ?? 0] ?? 0, (addresses[order[m] ?? 0] ?? 0) - start, lengthOf(order[m] ?? 0));
    });
  }
}

/** The positions of the addresses, the lowest first. */
function ascending(addresses: Float64Array): ArrayLike<number> {
  const { length } = addresses;
  let sorted = true;
  let least = Infinity;
  let most = 0;
  for (let k = 0, before = 0; k < length; k++) {
    const address = addresses[k] ?? 0;
    if (address < before) sorted = false;
    if (address < least) least = address;
    if (address > most) most = address;
    before = address;
  }
  const positions = new Uint32Array(length);
  for (let k = 0; k < length; k++) positions[k] = k;
  if (sorted) return positions;
  if ((most - least + 1) * length > Number.MAX_SAFE_INTEGER)
    return positions.sort((a, b) => (addresses[a] ?? 0) - (addresses[b] ?? 0));
  // sorted as numbers, each with its position in it: no call per comparison
  const keys = addresses.map((address, k) => (address - least) * length + k).sort();
  for (let k = 0; k < length; k++) positions[k] = (keys[k] ?? 0) % length;
  return positions;
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] ?? 0) > 127) return false;
  return true;
}

/** By a vector of one value that is made for the purpose. */
function memoryReader(api: Api): ReadMemory {
  const view = new DataView(new ArrayBuffer(16));
  const always = { itemValid: () => true };
  const one = new api.DuckDBBlobVector(
    view,
    always as unknown as ConstructorParameters<Api["DuckDBBlobVector"]>[1],
    null as unknown as ConstructorParameters<Api["DuckDBBlobVector"]>[2],
    0,
    1,
  );
  return (address, length) => {
    view.setUint32(0, length, true);
    view.setUint32(8, address % 2 ** 32, true);
    view.setUint32(12, Math.floor(address / 2 ** 32), true);
    const bytes = one.getItemBytes(0);
    if (bytes === null) throw new Error("a text has bytes");
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}
