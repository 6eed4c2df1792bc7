/** Bytes in the making, in Avro's binary encoding. */
export class AvroBuffer {
  private buffer = Buffer.allocUnsafe(64 << 10);
  private used = 0;

  get length(): number {
    return this.used;
  }

  byte(value: number): void {
    const at = this.reserve(1);
    this.buffer[at] = value;
  }

  /** Zigzag, then seven bits a byte. */
  long(value: number | bigint): void {
    if (typeof value === "bigint" || Math.abs(value) >= 2 ** 50) return this.longLong(BigInt(value));
    let rest = value >= 0 ? value * 2 : -value * 2 - 1;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  private longLong(value: bigint): void {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; rest >= 128n; rest >>= 7n) this.byte(Number(rest & 0x7fn) + 128);
    this.byte(Number(rest));
  }

  float(value: number): void {
    const at = this.reserve(4);
    this.buffer.writeFloatLE(value, at);
  }
  double(value: number): void {
    const at = this.reserve(8);
    this.buffer.writeDoubleLE(value, at);
  }

  bytes(value: Uint8Array): void {
    this.long(value.length);
    this.raw(value);
  }

  text(value: string): void {
    this.bytes(Buffer.from(value, "utf8"));
  }

  raw(value: Uint8Array): void {
    const at = this.reserve(value.length);
    this.buffer.set(value, at);
  }

  /** What was written; empty afterwards. */
  take(): Buffer {
    const taken = Buffer.from(this.buffer.subarray(0, this.used));
    this.used = 0;
    return taken;
  }

  private reserve(size: number): number {
    const at = this.used;
    this.used += size;
    if (this.used > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.used, 2 * this.buffer.length));
      this.buffer.copy(grown, 0, 0, at);
      this.buffer = grown;
    }
    return at;
  }
}
