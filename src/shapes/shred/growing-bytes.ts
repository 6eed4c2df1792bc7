/** Bytes gathered for a page of Parquet. Source: apache/parquet-format, Encodings.md. */

/** Bytes that grow, written in the order in which they lie in PLAIN pages. */
export class Bytes {
  private buffer = Buffer.allocUnsafeSlow(256);
  private view = new DataView(this.buffer.buffer);
  length = 0;

  /** The next `count` bytes, for the caller to fill before anything else is written. */
  room(count: number): Uint8Array {
    this.reserve(count);
    this.length += count;
    return this.buffer.subarray(this.length - count, this.length);
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }
  int32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.length, value, true);
    this.length += 4;
  }
  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }
  float(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.length, value, true);
    this.length += 4;
  }
  int64(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.length, value, true);
    this.length += 8;
  }

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
    if (length < SHORT)
      while (written < length) {
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
