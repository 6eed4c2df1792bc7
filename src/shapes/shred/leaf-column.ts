/**
 * One column of Parquet while rows are written: its values as PLAIN bytes, and its levels. Source:
 * apache/parquet-format, Encodings.md.
 */
import type { DataType, DecimalType } from "../../types/data-type.js";
import { DateValue, Decimal, TimestampValue, type Value } from "../../types/value.js";
import { PRESENT, type Packed, type States } from "../../types/vector.js";
import { valueMisfit } from "../../types/value-misfit.js";
import { Bytes } from "./growing-bytes.js";
import type { PageData } from "../../types/stored-rows.js";

/**
 * What goes to a column, in order: the index of a value in a vector, or -1 - the definition level up to which what is
 * around is there.
 */
export type Entries = { readonly index: Int32Array; readonly repetition: Uint8Array | undefined };

export type LeafColumn = {
  /** A value that is null or missing is left out, all around it being there. @throws VALUE_NOT_OF_TYPE */
  readonly write: (values: ArrayLike<Value>, entries: Entries) => void;
  /**
   * The same of values that need not be made; false, and nothing written, where the entries are not all of them in
   * their order.
   */
  readonly writePacked: (values: Packed, entries: Entries) => boolean;
  readonly bytes: () => number;
  /** The page so far; the column is empty afterwards. */
  readonly take: () => PageData;
};

/** `level` and `repetition` are the column's greatest. */
export function leafColumn(type: DataType, path: string, level: number, repetition: number): LeafColumn {
  const values = new Bytes();
  const definitions = new Bytes();
  const repetitions = new Bytes();
  const put = writerOf(type, path, values);
  let nulls = 0;
  return {
    write: (from, { index, repetition: repeated }) => {
      nulls += define(from, index, level, definitions);
      put(from, index);
      if (repetition > 0 && repeated !== undefined) repetitions.bytes(repeated);
    },
    writePacked: (packed, { index, repetition: repeated }) => {
      if (type.kind === "boolean" || !isWhole(packed, index)) return false;
      nulls += definePacked(packed, index, level, definitions);
      values.bytes(packed.bytes());
      if (repetition > 0 && repeated !== undefined) repetitions.bytes(repeated);
      return true;
    },
    bytes: () => values.length + definitions.length + repetitions.length,
    take: () => {
      const entries = definitions.length;
      const levels = Buffer.concat([
        ...(repetition > 0 ? [encodeLevels(repetitions.take(), repetition)] : []),
        encodeLevels(definitions.take(), level),
      ]);
      const page = {
        levels,
        values: type.kind === "boolean" ? packBits(values.take()) : values.take(),
        entries,
        nulls,
      };
      nulls = 0;
      return page;
    },
  };
}

/** A definition level for each entry; the number of those that have no value. */
function define(from: ArrayLike<Value>, index: Int32Array, level: number, definitions: Bytes): number {
  const levels = definitions.room(index.length).fill(level);
  const whole = ArrayBuffer.isView(from);
  let nulls = 0;
  for (let e = 0; e < index.length; e++) {
    const i = index[e] ?? 0;
    if (i >= 0 && (whole || (from[i] ?? undefined) !== undefined)) continue;
    levels[e] = i < 0 ? -1 - i : level - 1;
    nulls++;
  }
  return nulls;
}

/** Whether the index names every value that is there once, in order. */
function isWhole({ length, states }: Packed, index: Int32Array): boolean {
  let next = 0;
  for (let e = 0; e < index.length; e++) {
    const i = index[e] ?? 0;
    if (i < 0) continue;
    if (i < next || (i > next && hasValues(states, next, i))) return false;
    next = i + 1;
  }
  return next >= length || !hasValues(states, next, length);
}

function hasValues(states: States, from: number, to: number): boolean {
  if (states === undefined) return true;
  for (let i = from; i < to; i++) if (states[i] === PRESENT) return true;
  return false;
}

function definePacked({ states }: Packed, index: Int32Array, level: number, definitions: Bytes): number {
  const levels = definitions.room(index.length).fill(level);
  let nulls = 0;
  for (let e = 0; e < index.length; e++) {
    const i = index[e] ?? 0;
    if (i >= 0 && (states === undefined || states[i] === PRESENT)) continue;
    levels[e] = i < 0 ? -1 - i : level - 1;
    nulls++;
  }
  return nulls;
}

/** Writes the values that are there, of those that the index names. */
type WriteAll = (from: ArrayLike<Value>, index: Int32Array) => void;

/** What most columns hold has a loop of its own: one over all kinds, with a call per value, takes twice as long. */
function writerOf(type: DataType, path: string, to: Bytes): WriteAll {
  switch (type.kind) {
    case "byte":
    case "short":
    case "int": {
      const bits = type.kind === "byte" ? 8 : type.kind === "short" ? 16 : 32;
      const least = -(2 ** (bits - 1));
      const most = 2 ** (bits - 1) - 1;
      return (from, index) => {
        for (let e = 0; e < index.length; e++) {
          const i = index[e] ?? 0;
          const value = i < 0 ? undefined : from[i];
          if (value === undefined || value === null) continue;
          if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
            throw valueMisfit(value, type, path);
          to.int32(value);
        }
      };
    }
    case "double":
      return (from, index) => {
        for (let e = 0; e < index.length; e++) {
          const i = index[e] ?? 0;
          const value = i < 0 ? undefined : from[i];
          if (value === undefined || value === null) continue;
          if (typeof value !== "number") throw valueMisfit(value, type, path);
          to.double(value);
        }
      };
    case "string":
    case "enum":
      return (from, index) => {
        for (let e = 0; e < index.length; e++) {
          const i = index[e] ?? 0;
          const value = i < 0 ? undefined : from[i];
          if (value === undefined || value === null) continue;
          if (typeof value !== "string") throw valueMisfit(value, type, path);
          to.text(value);
        }
      };
    default: {
      const put = putterOf(type, path, to);
      return (from, index) => {
        for (let e = 0; e < index.length; e++) {
          const i = index[e] ?? 0;
          const value = i < 0 ? undefined : from[i];
          if (value !== undefined && value !== null) put(value);
        }
      };
    }
  }
}

function putterOf(type: DataType, path: string, to: Bytes): (value: Value) => void {
  switch (type.kind) {
    case "long":
      return (value) => {
        if (typeof value === "number" && Number.isSafeInteger(value)) {
          to.safeLong(value);
          return;
        }
        const whole =
          typeof value === "bigint"
            ? value
            : typeof value === "number" && Number.isInteger(value)
              ? BigInt(value)
              : undefined;
        if (whole === undefined || BigInt.asIntN(64, whole) !== whole) throw valueMisfit(value, type, path);
        to.int64(whole);
      };
    case "float":
      return (value) => {
        if (typeof value !== "number") throw valueMisfit(value, type, path);
        to.float(value);
      };
    case "boolean":
      return (value) => {
        if (typeof value !== "boolean") throw valueMisfit(value, type, path);
        to.byte(value ? 1 : 0);
      };
    case "binary":
      return (value) => {
        if (!(value instanceof Uint8Array)) throw valueMisfit(value, type, path);
        to.binary(value);
      };
    case "decimal":
      return (value) => {
        to.int128(unscaledOf(value, type, path));
      };
    case "date":
      return (value) => {
        if (!(value instanceof DateValue)) throw valueMisfit(value, type, path);
        to.int32(value.days);
      };
    case "timestamp":
    case "timestampntz":
      return (value) => {
        if (!(value instanceof TimestampValue)) throw valueMisfit(value, type, path);
        to.int64(value.micros);
      };
    default:
      return (value) => {
        throw valueMisfit(value, type, path);
      };
  }
}

/** The value in units of the type's scale; one that has more digits than that is not of the type. */
export function unscaledOf(value: Value, type: DecimalType, path: string): bigint {
  if (!(value instanceof Decimal)) throw valueMisfit(value, type, path);
  const down = 10n ** BigInt(Math.max(0, value.scale - type.scale));
  const unscaled = (value.unscaled * 10n ** BigInt(Math.max(0, type.scale - value.scale))) / down;
  const exact =
    value.unscaled % down === 0n
    && unscaled < 10n ** BigInt(type.precision)
    && unscaled > -(10n ** BigInt(type.precision));
  if (!exact) throw valueMisfit(value, type, path);
  return unscaled;
}

/** Levels as the RLE hybrid, behind their length: one run where all are equal, else one bit-packed run. */
function encodeLevels(levels: Uint8Array, most: number): Buffer {
  const width = 32 - Math.clz32(most);
  const [first = 0] = levels;
  const body = levels.every((level) => level === first)
    ? Buffer.from([...varint(levels.length * 2), first])
    : Buffer.concat([Buffer.from(varint(Math.ceil(levels.length / 8) * 2 + 1)), packed(levels, width)]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

/** Groups of eight values of `width` bits each, the first in the lowest bits. */
function packed(levels: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(levels.length / 8) * width);
  let at = 0;
  let held = 0;
  let bits = 0;
  for (const level of levels) {
    held |= level << bits;
    bits += width;
    while (bits >= 8) {
      out[at++] = held & 255;
      held >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) out[at] = held & 255;
  return out;
}

function packBits(flags: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(flags.length / 8));
  flags.forEach((flag, i) => {
    if (flag === 1) out[i >> 3] = (out[i >> 3] ?? 0) | (1 << (i & 7));
  });
  return out;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
