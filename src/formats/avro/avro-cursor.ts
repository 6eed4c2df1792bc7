import { isUtf8 } from "node:buffer";
import { InvalidAvro } from "./invalid-avro.js";

/**
 * Values without bytes that a block may stand for beside one for each of its bytes: nulls and empty records cost
 * nothing to claim.
 */
const FREE_VALUES = 1_000_000;

/** Reads the primitives of Avro's binary encoding; every length is checked. @throws InvalidAvro (CORRUPT). */
export class AvroCursor {
  at = 0;
  /** Set by a text that is not UTF-8: the record is bad, yet the next one is found. */
  badText = false;
  private values = 0;
  constructor(private readonly bytes: Buffer) {}

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Counts values about to be read, so that a few bytes cannot stand for very many. */
  expect(count: number): void {
    this.values += count;
    if (this.values > this.bytes.length + FREE_VALUES) throw broken("more values than it has bytes for");
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw broken("a value past its end");
    this.at++;
    return byte;
  }

  /** A number where it is safe, else a bigint. */
  long(): number | bigint {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    return this.longLong(BigInt(value));
  }

  private longLong(low: bigint): number | bigint {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (value >= 1n << 64n) break;
      const signed = (value >> 1n) ^ -(value & 1n);
      return signed >= BigInt(Number.MIN_SAFE_INTEGER) && signed <= BigInt(Number.MAX_SAFE_INTEGER)
        ? Number(signed)
        : signed;
    }
    throw broken("an integer of more than 64 bits");
  }

  int(): number {
    const value = this.long();
    if (typeof value === "number" && value >= -0x80000000 && value <= 0x7fffffff) return value;
    throw broken("an int of more than 32 bits");
  }

  /** A length or an index below `limit`. */
  index(limit: number, what: string): number {
    const value = this.long();
    if (typeof value === "number" && value >= 0 && value < limit) return value;
    throw broken(`${what} that is not there`);
  }

  /** Good until the block is gone; copy what is kept. */
  take(length: number): Buffer {
    const end = this.at + length;
    if (end > this.bytes.length) throw broken("a value past its end");
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }

  lengthAndBytes(): Buffer {
    return this.take(this.index(this.bytes.length + 1, "a length"));
  }

  text(): string {
    const bytes = this.lengthAndBytes();
    if (!isUtf8(bytes)) this.badText = true;
    return bytes.toString("utf8");
  }

  float(): number {
    return this.take(4).readFloatLE(0);
  }
  double(): number {
    return this.take(8).readDoubleLE(0);
  }

  /** The items of an array or map, which come in blocks: `item` is called for each. */
  items(item: () => void): void {
    for (;;) {
      let count = this.long();
      if (typeof count === "bigint") throw broken("a list of very many items");
      if (count === 0) return;
      if (count < 0) {
        count = -count;
        this.long(); // bytes of the items, for those who skip them
      }
      this.expect(count);
      for (let i = 0; i < count; i++) item();
    }
  }
}

const broken = (what: string): InvalidAvro => new InvalidAvro("CORRUPT", `the block holds ${what}`);
