/**
 * LZ4 frames, as Arrow batches may be packed: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md.
 * Checksums are passed over: the connection has its own. Damaged input is an error, whatever it holds.
 */
import { DynaframeError } from "../../types/error.js";

const MAGIC = 0x184d2204;
/** Bits of the frame's flags. */
const VERSION = 0xc0, VERSION_1 = 0x40, BLOCK_CHECKSUM = 0x10, CONTENT_SIZE = 0x08, DICTIONARY = 0x01;
/** The first bit of a block's size: its bytes are as they are. */
const UNPACKED = 0x80000000;
/** The shortest match. */
const MIN_MATCH = 4;

/** The bytes of one frame. `size`: how many there are, where one knows; other lengths are damage. @throws ENGINE_FAILED */
export function unpackLz4Frame(frame: Uint8Array, size?: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) throw damaged("it does not begin like one");
  const flags = frame[4] ?? 0;
  if ((flags & VERSION) !== VERSION_1 || (flags & DICTIONARY) !== 0) throw damaged("its version is not 1, or it needs a dictionary");
  let at = 6;
  let length = size;
  if ((flags & CONTENT_SIZE) !== 0) {
    if (frame.length < 15) throw damaged("it is cut off");
    length = Number(view.getBigUint64(6, true));
    at = 14;
  }
  if (size !== undefined && length !== size) throw damaged(`it holds ${length} bytes instead of ${size}`);
  at++; // checksum of the header
  const out = new Output(length);
  for (;;) {
    if (at + 4 > frame.length) throw damaged("it is cut off");
    const packed = view.getUint32(at, true), count = packed & ~UNPACKED;
    at += 4;
    if (packed === 0) break;
    if (count > frame.length - at) throw damaged("it is cut off");
    const block = frame.subarray(at, at + count);
    if (packed >>> 31 === 1) out.literals(block, 0, count);
    else unpackBlock(block, out);
    at += count + ((flags & BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  return out.finish(size);
}

/** Sequences of literals and matches; the last one is of literals only. Matches may reach back into earlier blocks. */
function unpackBlock(block: Uint8Array, out: Output): void {
  let at = 0;
  const more = (nibble: number): number => {
    let length = nibble;
    if (nibble !== 15) return length;
    for (;;) {
      const next = block[at++];
      if (next === undefined) throw damaged("a length is cut off");
      length += next;
      if (next !== 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = more(token >> 4);
    if (at + literals > block.length) throw damaged("literals are cut off");
    out.literals(block, at, literals);
    at += literals;
    if (at === block.length) return;
    if (at + 2 > block.length) throw damaged("a match is cut off");
    const distance = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    out.match(distance, more(token & 15) + MIN_MATCH);
  }
}

class Output {
  private bytes: Uint8Array;
  private length = 0;

  constructor(size: number | undefined) {
    // a size that is a lie is not believed before the bytes are there
    this.bytes = new Uint8Array(Math.min(size ?? 65_536, 1 << 26));
  }

  literals(from: Uint8Array, at: number, count: number): void {
    this.room(count);
    this.bytes.set(from.subarray(at, at + count), this.length);
    this.length += count;
  }

  /** Copies what was written `distance` bytes ago; it may overlap what it writes. */
  match(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) throw damaged("a match reaches before the beginning");
    this.room(count);
    const { bytes } = this;
    let to = this.length;
    if (distance >= count) bytes.copyWithin(to, to - distance, to - distance + count);
    else for (const end = to + count; to < end; to++) bytes[to] = bytes[to - distance] ?? 0;
    this.length += count;
  }

  finish(size: number | undefined): Uint8Array {
    if (size !== undefined && this.length !== size) throw damaged(`it holds ${this.length} bytes instead of ${size}`);
    return this.bytes.subarray(0, this.length);
  }

  private room(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

const damaged = (why: string): DynaframeError => new DynaframeError("ENGINE_FAILED", `A batch of the server is no whole LZ4 frame: ${why}.`, { hint: "Set spark.sql.execution.arrow.compression.codec to none or zstd." });
