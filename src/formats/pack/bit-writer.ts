/** Bits into bytes, the highest first. */
export class BitWriter {
  private bytes = Buffer.allocUnsafe(64 << 10);
  private used = 0;
  private hold = 0;
  private held = 0;

  /** At most 24 bits. */
  write(count: number, value: number): void {
    this.hold = (this.hold << count) | value;
    this.held += count;
    while (this.held >= 8) {
      this.held -= 8;
      this.byte((this.hold >>> this.held) & 0xff);
    }
    this.hold &= (1 << this.held) - 1;
  }

  write32(value: number): void {
    this.write(16, value >>> 16);
    this.write(16, value & 0xffff);
  }
  write48(value: number): void {
    this.write(24, Math.floor(value / 2 ** 24));
    this.write(24, value % 2 ** 24);
  }

  /** Fills the last byte with zeros. */
  align(): void {
    if (this.held > 0) this.write(8 - this.held, 0);
  }

  /** The whole bytes so far; what is left of a byte goes before what is written next. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.used));
    this.used = 0;
    return taken;
  }

  private byte(value: number): void {
    if (this.used === this.bytes.length) {
      const grown = Buffer.allocUnsafe(this.bytes.length * 2);
      this.bytes.copy(grown);
      this.bytes = grown;
    }
    this.bytes[this.used++] = value;
  }
}
