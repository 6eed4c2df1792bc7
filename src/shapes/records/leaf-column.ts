/**
 * One Parquet column in the making, from JavaScript values: PLAIN values and RLE levels. Source: apache/parquet-format
 * Encodings.md.
 */
import { type Decimal, DateValue, TimestampValue, type Value } from "../../types/value.js";
import type { LeafType } from "../shred/parquet-schema.js";
import type { PageData } from "../../types/stored-rows.js";

export class LeafColumn {
  private values = Buffer.allocUnsafe(1024);
  private used = 0;
  private bits = 0;
  private definitions = new Uint8Array(256);
  private repetitions = new Uint8Array(256);
  private entries = 0;
  private nulls = 0;

  /** `maxDefinition` is the level of a value that is there; below it, it is null. */
  constructor(
    private readonly type: LeafType,
    private readonly maxRepetition: number,
    private readonly maxDefinition: number,
  ) {}

  /** Bytes held, about. */
  get bytes(): number {
    return this.used + 2 * this.entries;
  }

  /** `definition`: how far the value is there if it is null. */
  put(value: Value, repetition = 0, definition = 0): void {
    const missing = value === null || value === undefined;
    this.putLevels(repetition, missing ? definition : this.maxDefinition);
    if (missing) this.nulls++;
    else this.encode(value);
  }

  /** As `put`, of a text that lies in UTF-8. */
  putSpan(bytes: Uint8Array, start: number, end: number, repetition: number): void {
    this.putLevels(repetition, this.maxDefinition);
    const at = this.reserve(4 + end - start);
    const { values } = this;
    values.writeUInt32LE(end - start, at);
    // most are short
    for (let from = start, to = at + 4; from < end; from++, to++) values[to] = bytes[from] ?? 0;
  }

  /** What was put, as a page; the column is empty afterwards. The page's memory is good until the next `put`. */
  takePage(): PageData {
    const levels = Buffer.concat([
      ...levelsPart(this.repetitions.subarray(0, this.entries), this.maxRepetition),
      ...levelsPart(this.definitions.subarray(0, this.entries), this.maxDefinition),
    ]);
    const page = { levels, values: this.values.subarray(0, this.used), entries: this.entries, nulls: this.nulls };
    this.used = this.bits = this.entries = this.nulls = 0;
    return page;
  }

  private putLevels(repetition: number, definition: number): void {
    if (this.entries === this.definitions.length) this.growLevels();
    this.repetitions[this.entries] = repetition;
    this.definitions[this.entries++] = definition;
  }

  private encode(value: Value): void {
    switch (this.type.physical) {
      case "BOOLEAN":
        return this.putBit(value === true);
      case "INT32": {
        const at = this.reserve(4);
        this.values.writeInt32LE(value instanceof DateValue ? value.days : Number(value), at);
        return;
      }
      case "INT64": {
        if (typeof value === "number") return this.putLong(value);
        const at = this.reserve(8);
        this.values.writeBigInt64LE(value instanceof TimestampValue ? value.micros : BigInt(value as bigint), at);
        return;
      }
      case "FLOAT": {
        const at = this.reserve(4);
        this.values.writeFloatLE(Number(value), at);
        return;
      }
      case "DOUBLE": {
        const at = this.reserve(8);
        this.values.writeDoubleLE(Number(value), at);
        return;
      }
      case "BYTE_ARRAY":
        return value instanceof Uint8Array ? this.putBytes(value) : this.putText(String(value));
      case "FIXED_LEN_BYTE_ARRAY": {
        const at = this.reserve(16);
        const { unscaled } = value as Decimal;
        this.values.writeBigInt64BE(unscaled >> 64n, at);
        this.values.writeBigUInt64BE(BigInt.asUintN(64, unscaled), at + 8);
      }
    }
  }

  /** A safe integer. */
  private putLong(value: number): void {
    const at = this.reserve(8);
    const high = Math.floor(value / 2 ** 32);
    this.values.writeUInt32LE(value - high * 2 ** 32, at);
    this.values.writeInt32LE(high, at + 4);
  }

  private putBit(on: boolean): void {
    if (this.bits % 8 === 0) this.values[this.reserve(1)] = 0;
    const at = this.used - 1;
    if (on) this.values[at] = (this.values[at] ?? 0) | (1 << (this.bits % 8));
    this.bits++;
  }

  private putBytes(bytes: Uint8Array): void {
    const at = this.reserve(4 + bytes.length);
    this.values.writeUInt32LE(bytes.length, at);
    this.values.set(bytes, at + 4);
  }

  private putText(text: string): void {
    // at most three bytes for a unit of UTF-16
    const at = this.reserve(4 + 3 * text.length);
    const length = this.values.write(text, at + 4, "utf8");
    this.values.writeUInt32LE(length, at);
    this.used = at + 4 + length;
  }

  private reserve(size: number): number {
    const at = this.used;
    this.used += size;
    if (this.used > this.values.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.used, 2 * this.values.length));
      this.values.copy(grown, 0, 0, at);
      this.values = grown;
    }
    return at;
  }

  private growLevels(): void {
    const grow = (old: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(2 * old.length);
      grown.set(old);
      return grown;
    };
    this.definitions = grow(this.definitions);
    this.repetitions = grow(this.repetitions);
  }
}

/** The levels as runs of equal ones, behind their length; nothing where there is only level 0. */
function levelsPart(levels: Uint8Array, max: number): Uint8Array[] {
  if (max === 0) return [];
  const out = Buffer.allocUnsafe(4 + 6 * countRuns(levels));
  let at = 4;
  for (let i = 0; i < levels.length;) {
    const level = levels[i] ?? 0;
    const start = i;
    while (i < levels.length && levels[i] === level) i++;
    let header = (i - start) * 2;
    for (; header > 127; header = Math.floor(header / 128)) out[at++] = (header % 128) + 128;
    out[at++] = header;
    out[at++] = level;
  }
  out.writeUInt32LE(at - 4, 0);
  return [out.subarray(0, at)];
}

function countRuns(levels: Uint8Array): number {
  let runs = levels.length === 0 ? 0 : 1;
  for (let i = 1; i < levels.length; i++) if (levels[i] !== levels[i - 1]) runs++;
  return runs;
}
