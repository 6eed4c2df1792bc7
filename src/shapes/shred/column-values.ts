/** Columns of the shredder as JavaScript values, decoded many at a time. */
import { isAscii } from "node:buffer";
import type { DataType } from "../../types/data-type.js";
import { DateValue, Decimal, TimestampValue, type Value } from "../../types/value.js";

/** A column as it lies in memory: `count` values one behind the other, from `start` to `end`. */
export type DenseColumn = {
  readonly memory: Buffer;
  readonly start: number;
  readonly end: number;
  readonly count: number;
};
export type Decode = (column: DenseColumn) => ArrayLike<Value>;

/** The decoder of values of a plain type, which text has. */
export function decoderOf(type: DataType): Decode {
  switch (type.kind) {
    case "boolean":
      return booleans;
    case "byte":
    case "short":
    case "int":
      return ({ memory, start, count }) => new Int32Array(memory.buffer, start, count);
    case "long":
      return ({ memory, start, count }) =>
        longs(
          memory,
          start,
          count,
          (safe) => safe,
          (exact) => exact,
        );
    case "double":
      return ({ memory, start, count }) => new Float64Array(memory.buffer, start, count);
    case "float":
      return ({ memory, start, count }) => new Float32Array(memory.buffer, start, count);
    case "decimal":
      return ({ memory, start, count }) =>
        Array.from({ length: count }, (_, i) => decimalAt(memory, start + 16 * i, type.scale));
    case "date":
      return ({ memory, start, count }) =>
        Array.from(new Int32Array(memory.buffer, start, count), (days) => new DateValue(days));
    case "timestamp":
    case "timestampntz":
      return ({ memory, start, count }) =>
        Array.from(new BigInt64Array(memory.buffer, start, count), (micros) => new TimestampValue(micros));
    default:
      return strings;
  }
}

function booleans({ memory, start, count }: DenseColumn): boolean[] {
  const values = new Array<boolean>(count);
  for (let i = 0; i < count; i++) values[i] = ((memory[start + (i >> 3)] ?? 0) & (1 << (i & 7))) !== 0;
  return values;
}

/** Numbers by their two halves: a bigint is made only for what no number holds. */
function longs(
  memory: Buffer,
  start: number,
  count: number,
  number: (safe: number) => Value,
  bigint: (exact: bigint) => Value,
): Value[] {
  const halves = new Int32Array(memory.buffer, start, 2 * count);
  const values = new Array<Value>(count);
  for (let i = 0; i < count; i++) {
    const value = (halves[2 * i + 1] ?? 0) * 2 ** 32 + ((halves[2 * i] ?? 0) >>> 0);
    values[i] = Number.isSafeInteger(value) ? number(value) : bigint(memory.readBigInt64LE(start + 8 * i));
  }
  return values;
}

const decimalAt = (memory: Buffer, at: number, scale: number): Decimal =>
  new Decimal((memory.readBigInt64BE(at) << 64n) | memory.readBigUInt64BE(at + 8), scale);

/** V8 copies substrings shorter than this; longer ones keep the text alive that they are cut from. */
const COPIED = 13;
/** Long values are cut from the text of so many bytes: a value that someone keeps does not keep its whole block. */
const SPAN = 512;

/**
 * Texts of a character for each byte, from which values are cut: all bytes for short values, spans of them for longer
 * ones. What holds more than ASCII is decoded one by one.
 */
function strings({ memory, start, end, count }: DenseColumn): string[] {
  const values = new Array<string>(count);
  const bytes = memory.subarray(start, end);
  const plain = isAscii(bytes);
  const all = bytes.toString("latin1");
  let span = "";
  let spanFrom = 0;
  for (let i = 0, at = 0; i < count; i++) {
    const from = at + 4;
    at =
      from
      + ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24));
    if (!plain && !isPlain(bytes, from, at)) values[i] = bytes.toString("utf8", from, at);
    else if (at - from < COPIED) values[i] = all.substring(from, at);
    else {
      if (at > spanFrom + span.length) {
        spanFrom = from;
        span = bytes.toString("latin1", from, Math.max(at, from + SPAN));
      }
      values[i] = span.substring(from - spanFrom, at - spanFrom);
    }
  }
  return values;
}

function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] ?? 0) > 127) return false;
  return true;
}
