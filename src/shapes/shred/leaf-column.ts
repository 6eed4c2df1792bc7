/** One column of Parquet while rows are written: its values as PLAIN bytes, and its levels. Source: apache/parquet-format, Encodings.md. */
import type { DataType, DecimalType } from "../../types/data-type.js";
import { DateValue, Decimal, TimestampValue, type Value } from "../../types/value.js";
import { valueMisfit } from "../../types/value-misfit.js";
import type { PageData } from "./parquet-writer.js";

/** What goes to a column, in order: the index of a value in a vector, or -1 - the definition level up to which what is around is there. */
export type Entries = { readonly index: Int32Array; readonly repetition: Uint8Array | undefined };

export type LeafColumn = {
  /** A value that is null or missing is left out, all around it being there. @throws VALUE_NOT_OF_TYPE */
  readonly write: (values: ArrayLike<Value>, entries: Entries) => void;
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
      for (let e = 0; e < index.length; e++) {
        const i = index[e] ?? 0, value = i < 0 ? undefined : from[i];
        if (value === undefined || value === null) {
          nulls++;
          definitions.byte(i < 0 ? -1 - i : level - 1);
        } else {
          put(value);
          definitions.byte(level);
        }
      }
      if (repetition > 0 && repeated !== undefined) repetitions.bytes(repeated);
    },
    bytes: () => values.length + definitions.length + repetitions.length,
    take: () => {
      const entries = definitions.length;
      const levels = Buffer.concat([...(repetition > 0 ? [encodeLevels(repetitions.take(), repetition)] : []), encodeLevels(definitions.take(), level)]);
      const page = { levels, values: type.kind === "boolean" ? packBits(values.take()) : values.take(), entries, nulls };
      nulls = 0;
      return page;
    },
  };
}

function writerOf(type: DataType, path: string, to: Bytes): (value: Value) => void {
  switch (type.kind) {
    case "byte": case "short": case "int": {
      const bits = type.kind === "byte" ? 8 : type.kind === "short" ? 16 : 32;
      const least = -(2 ** (bits - 1)), most = 2 ** (bits - 1) - 1;
      return (value) => {
        if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) throw valueMisfit(value, type, path);
        to.int32(value);
      };
    }
    case "long": return (value) => {
      if (typeof value === "number" && Number.isSafeInteger(value)) { to.safeLong(value); return; }
      const whole = typeof value === "bigint" ? value : typeof value === "number" && Number.isInteger(value) ? BigInt(value) : undefined;
      if (whole === undefined || BigInt.asIntN(64, whole) !== whole) throw valueMisfit(value, type, path);
      to.int64(whole);
    };
    case "double": return (value) => { if (typeof value !== "number") throw valueMisfit(value, type, path); to.double(value); };
    case "float": return (value) => { if (typeof value !== "number") throw valueMisfit(value, type, path); to.float(value); };
    case "boolean": return (value) => { if (typeof value !== "boolean") throw valueMisfit(value, type, path); to.byte(value ? 1 : 0); };
    case "string": case "enum": return (value) => { if (typeof value !== "string") throw valueMisfit(value, type, path); to.text(value); };
    case "binary": return (value) => { if (!(value instanceof Uint8Array)) throw valueMisfit(value, type, path); to.binary(value); };
    case "decimal": return (value) => { to.int128(unscaledOf(value, type, path)); };
    case "date": return (value) => { if (!(value instanceof DateValue)) throw valueMisfit(value, type, path); to.int32(value.days); };
    case "timestamp": case "timestampntz": return (value) => { if (!(value instanceof TimestampValue)) throw valueMisfit(value, type, path); to.int64(value.micros); };
    default: return (value) => { throw valueMisfit(value, type, path); };
  }
}

/** The value in units of the type's scale; one that has more digits than that is not of the type. */
export function unscaledOf(value: Value, type: DecimalType, path: string): bigint {
  if (!(value instanceof Decimal)) throw valueMisfit(value, type, path);
  const down = 10n ** BigInt(Math.max(0, value.scale - type.scale));
  const unscaled = value.unscaled * 10n ** BigInt(Math.max(0, type.scale - value.scale)) / down;
  const exact = value.unscaled % down === 0n && unscaled < 10n ** BigInt(type.precision) && unscaled > -(10n ** BigInt(type.precision));
  if (!exact) throw valueMisfit(value, type, path);
  return unscaled;
}

/** Bytes that grow. */
class Bytes {
  private buffer = Buffer.allocUnsafeSlow(256);
  private view = new DataView(this.buffer.buffer);
  length = 0;

  byte(value: number): void { this.reserve(1); this.buffer[this.length++] = value; }
  int32(value: number): void { this.reserve(4); this.view.setInt32(this.length, value, true); this.length += 4; }
  double(value: number): void { this.reserve(8); this.view.setFloat64(this.length, value, true); this.length += 8; }
  float(value: number): void { this.reserve(4); this.view.setFloat32(this.length, value, true); this.length += 4; }
  int64(value: bigint): void { this.reserve(8); this.view.setBigInt64(this.length, value, true); this.length += 8; }

  /** By its halves, without a bigint. */
  safeLong(value: number): void {
    this.reserve(8);
    const high = Math.floor(value / 2 ** 32);
    this.view.setInt32(this.length + 4, high, true);
    this.view.setUint32(this.length, value - high * 2 ** 32, true);
    this.length += 8;
  }

  int128(value: bigint): void {
    this.reserve(16);
    this.view.setBigInt64(this.length, value >> 64n);
    this.view.setBigUint64(this.length + 8, BigInt.asUintN(64, value));
    this.length += 16;
  }

  binary(value: Uint8Array): void {
    this.int32(value.length);
    this.bytes(value);
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
  }

  /** UTF-8 behind its length; short ASCII, which most texts are, without a call into native code. */
  text(value: string): void {
    const { length } = value;
    this.reserve(4 + 3 * length);
    const start = this.length + 4;
    let written = 0;
    if (length < SHORT) while (written < length) {
      const code = value.charCodeAt(written);
      if (code > 127) break;
      this.buffer[start + written++] = code;
    }
    if (written < length) written = this.buffer.write(value, start, "utf8");
    this.view.setInt32(this.length, written, true);
    this.length = start + written;
  }

  /** What was written; the bytes are the caller's. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.length);
    this.buffer = Buffer.allocUnsafeSlow(Math.max(256, this.length));
    this.view = new DataView(this.buffer.buffer);
    this.length = 0;
    return taken;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    const buffer = Buffer.allocUnsafeSlow((this.length + count) * 2);
    this.buffer.copy(buffer, 0, 0, this.length);
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer);
  }
}

const SHORT = 32;

/** Levels as the RLE hybrid, behind their length: one run where all are equal, else one bit-packed run. */
function encodeLevels(levels: Uint8Array, most: number): Buffer {
  const width = 32 - Math.clz32(most);
  const [first = 0] = levels;
  const body = levels.every((level) => level === first)
    ? Buffer.from([...varint(levels.length * 2), first]) : Buffer.concat([Buffer.from(varint(Math.ceil(levels.length / 8) * 2 + 1)), packed(levels, width)]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

/** Groups of eight values of `width` bits each, the first in the lowest bits. */
function packed(levels: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(levels.length / 8) * width);
  let at = 0, held = 0, bits = 0;
  for (const level of levels) {
    held |= level << bits;
    bits += width;
    while (bits >= 8) { out[at++] = held & 255; held >>>= 8; bits -= 8; }
  }
  if (bits > 0) out[at] = held & 255;
  return out;
}

function packBits(flags: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(flags.length / 8));
  flags.forEach((flag, i) => { if (flag === 1) out[i >> 3] = (out[i >> 3] ?? 0) | (1 << (i & 7)); });
  return out;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(rest % 128 + 128);
  return [...bytes, rest];
}
