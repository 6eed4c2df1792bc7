import { BitWriter } from "./bit-writer.js";
import { writeBlock } from "./bzip2-block.js";

const END_MAGIC = 0x177245385090;
/** Level 9. What bzip2 itself leaves free in a block for the run it is in, we do too. */
const LEVEL = 9;
const BLOCK = LEVEL * 100_000 - 19;
const LONGEST_RUN = 255;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let i = 0; i < 8; i++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** One bzip2 stream in the making; a block of up to 900 KB is held, and some ten times its size while it is sorted. */
export class Bzip2Packer {
  private readonly bits = new BitWriter();
  private readonly block = new Uint8Array(BLOCK + 5);
  private used = 0;
  private run = 0;
  private last = -1;
  private crc = 0xffffffff;
  private sum = 0;

  constructor() {
    for (const byte of Buffer.from(`BZh${LEVEL}`, "latin1")) this.bits.write(8, byte);
  }

  /** What of the stream is finished with these bytes. */
  add(bytes: Uint8Array): Buffer {
    for (const byte of bytes) {
      if (byte !== this.last || this.run === LONGEST_RUN) {
        this.endRun();
        if (this.used >= BLOCK) this.endBlock();
        this.last = byte;
      }
      this.run++;
      this.crc = (this.crc << 8) ^ (CRC_TABLE[((this.crc >>> 24) ^ byte) & 0xff] ?? 0);
    }
    return this.bits.take();
  }

  /** The rest of the stream. */
  end(): Buffer {
    this.endRun();
    this.endBlock();
    this.bits.write48(END_MAGIC);
    this.bits.write32(this.sum);
    this.bits.align();
    return this.bits.take();
  }

  /** Four equal bytes stand for themselves, and a fifth says how many more there are. */
  private endRun(): void {
    const { run, last } = this;
    for (let i = Math.min(run, 4); i > 0; i--) this.block[this.used++] = last;
    if (run >= 4) this.block[this.used++] = run - 4;
    this.run = 0;
    this.last = -1;
  }

  private endBlock(): void {
    if (this.used === 0) return;
    const crc = ~this.crc >>> 0;
    writeBlock(this.bits, this.block.subarray(0, this.used), crc);
    this.sum = (((this.sum << 1) | (this.sum >>> 31)) ^ crc) >>> 0;
    this.used = 0;
    this.crc = 0xffffffff;
  }
}
