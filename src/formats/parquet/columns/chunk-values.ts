/** The values of a column chunk, decoded run by run. */
import { isAscii, isUtf8 } from "node:buffer";
import { decoderOf } from "../../../shapes/shred/column-values.js";
import type { DataType } from "../../../types/data-type.js";
import { Decimal, type Value } from "../../../types/value.js";
import { readHybrid } from "./levels.js";
import type { Pages, PageValues } from "./pages.js";

/** Bytes of a value in PLAIN pages: so many each; texts have their length before them; booleans are bits. */
export type Width = number | "texts" | "bits";

/** Makes values of PLAIN bytes. */
type Decode = (bytes: Uint8Array, count: number) => ArrayLike<Value>;

export type ChunkValues = {
  /** Values `from` … `to`, of those that are there. */
  readonly values: (from: number, to: number) => ArrayLike<Value>;
  /** The same as PLAIN bytes. */
  readonly bytes: (from: number, to: number) => Uint8Array;
};

/** @throws RangeError while values are asked for, where the pages hold none */
export function chunkValues({ values: pages, dictionary }: Pages, type: DataType, width: Width): ChunkValues {
  const decode = decodeOf(type, width);
  const entries =
    dictionary && openPlain({ first: 0, count: dictionary.count, coding: "plain", bytes: dictionary.bytes }, width);
  let words: ArrayLike<Value> | undefined;
  const wordsOf = (): ArrayLike<Value> => {
    if (entries === undefined || dictionary === undefined) throw new RangeError("a page without its dictionary");
    return (words ??= decode(entries.bytes(0, dictionary.count), dictionary.count));
  };
  const opened = pages.map((page) => {
    let open:
      | {
          readonly values: (from: number, to: number) => ArrayLike<Value>;
          readonly bytes: (from: number, to: number) => Uint8Array;
        }
      | undefined;
    return {
      first: page.first,
      end: page.first + page.count,
      open: () =>
        (open ??=
          page.coding === "dictionary" ? openIndexes(page, wordsOf, () => entries) : openValues(page, width, decode)),
    };
  });
  const runs = (from: number, to: number) =>
    opened
      .filter(({ first, end }) => first < to && end > from)
      .map(({ first, end, open }) => ({
        page: open(),
        from: Math.max(from, first) - first,
        to: Math.min(to, end) - first,
      }));
  return {
    values: (from, to) => joined(runs(from, to).map((run) => run.page.values(run.from, run.to))),
    bytes: (from, to) => {
      const parts = runs(from, to).map((run) => run.page.bytes(run.from, run.to));
      const [only] = parts;
      return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    },
  };
}

function joined(parts: readonly ArrayLike<Value>[]): ArrayLike<Value> {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const all: Value[] = [];
  for (const part of parts) for (let i = 0; i < part.length; i++) all.push(part[i]);
  return all;
}

function openValues(page: PageValues, width: Width, decode: Decode): ChunkValues {
  if (width === "bits") {
    const flags = page.coding === "bits" ? runBits(page) : undefined;
    const values = (from: number, to: number): boolean[] =>
      Array.from({ length: to - from }, (_, i) =>
        flags === undefined ? bitAt(page.bytes, from + i) : flags[from + i] === 1,
      );
    if (flags === undefined && 8 * page.bytes.length < page.count) throw new RangeError("values end too early");
    return {
      values,
      bytes: () => {
        throw new Error("booleans have no bytes of their own");
      },
    };
  }
  const { bytes } = openPlain(page, width);
  return { bytes, values: (from, to) => decode(bytes(from, to), to - from) };
}

const bitAt = (bytes: Uint8Array, i: number): boolean => ((bytes[i >> 3] ?? 0) & (1 << (i & 7))) !== 0;

function runBits({ bytes, count }: PageValues): Uint8Array {
  const flags = new Uint8Array(count);
  readHybrid(bytes.subarray(4), 1, flags, 0, count);
  return flags;
}

/** PLAIN bytes by the number of the value. */
function openPlain({ bytes, count, coding }: PageValues, width: Width): Pick<ChunkValues, "bytes"> {
  if (coding !== "plain" || width === "bits") throw new RangeError("values of another encoding");
  if (width !== "texts") {
    if (bytes.length < count * width) throw new RangeError("values end too early");
    return { bytes: (from, to) => bytes.subarray(width * from, width * to) };
  }
  const starts = new Uint32Array(count + 1);
  let at = 0;
  for (let i = 0; i < count; i++) {
    starts[i] = at;
    at +=
      4
      + (bytes[at] ?? 0)
      + (bytes[at + 1] ?? 0) * 2 ** 8
      + (bytes[at + 2] ?? 0) * 2 ** 16
      + (bytes[at + 3] ?? 0) * 2 ** 24;
    if (at > bytes.length) throw new RangeError("values end too early");
  }
  starts[count] = at;
  return { bytes: (from, to) => bytes.subarray(starts[from], starts[to]) };
}

function openIndexes(
  { bytes, count }: PageValues,
  words: () => ArrayLike<Value>,
  entries: () => Pick<ChunkValues, "bytes"> | undefined,
): ChunkValues {
  const indexes = new Uint32Array(count);
  if (count > 0) readHybrid(bytes.subarray(1), bytes[0] ?? 0, indexes, 0, count);
  return {
    values: (from, to) => {
      const known = words();
      const values = new Array<Value>(to - from);
      for (let i = from; i < to; i++) {
        const value = known[indexes[i] ?? 0];
        if (value === undefined) throw new RangeError("a value that is not in its dictionary");
        values[i - from] = value;
      }
      return values;
    },
    bytes: (from, to) => {
      const plain = entries();
      if (plain === undefined) throw new RangeError("a page without its dictionary");
      return Buffer.concat(Array.from(indexes.subarray(from, to), (word) => plain.bytes(word, word + 1)));
    },
  };
}

function decodeOf(type: DataType, width: Width): Decode {
  if (type.kind === "decimal" && typeof width === "number")
    return decimals(type.scale, width, width === 4 || width === 8);
  if (width === "bits")
    return () => {
      throw new RangeError("booleans in a dictionary");
    };
  const decode = decoderOf(type);
  return (bytes, count) => {
    if (type.kind === "binary") return binaries(bytes, count);
    // decoders read whole words: from an address that is a multiple of eight
    const own = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
    const start = own.byteOffset;
    if (width === "texts") requireTexts(own, count);
    return decode({ memory: Buffer.from(own.buffer), start, end: start + own.length, count });
  };
}

/** A text that is not UTF-8 would be another one once it is decoded. */
function requireTexts(bytes: Uint8Array, count: number): void {
  if (isAscii(bytes)) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0, at = 0; i < count; i++) {
    const end = at + 4 + view.getUint32(at, true);
    if (!isUtf8(bytes.subarray(at + 4, end))) throw new RangeError("a text that is not UTF-8");
    at = end;
  }
}

function binaries(bytes: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Array<Uint8Array>(count);
  for (let i = 0, at = 0; i < count; i++) {
    const length = view.getUint32(at, true);
    values[i] = new Uint8Array(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return values;
}

/** `little`: INT32 and INT64; else the highest byte comes first. */
const decimals =
  (scale: number, width: number, isInt: boolean): Decode =>
  (bytes, count) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const at = (i: number): bigint => {
      if (isInt) return width === 4 ? BigInt(view.getInt32(4 * i, true)) : view.getBigInt64(8 * i, true);
      let value = BigInt(view.getInt8(width * i));
      for (let k = 1; k < width; k++) value = (value << 8n) | BigInt(view.getUint8(width * i + k));
      return value;
    };
    return Array.from({ length: count }, (_, i) => new Decimal(at(i), scale));
  };
