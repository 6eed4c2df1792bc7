/**
 * LZ4 frames as whole buffers, as Arrow batches may be packed:
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md. Checksums are passed over: the connection has its own.
 * Damaged input is an error, whatever it holds.
 */
import { lz4BlockBytes, unpackLz4Block } from "../../shapes/unpack/lz4-block.js";
import { DynaframeError } from "../../types/error.js";

const MAGIC = 0x184d2204;
/** Bits of the frame's flags. */
const VERSION = 0xc0;
const VERSION_1 = 0x40;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY = 0x01;
/** The first bit of a block's size: its bytes are as they are. */
const UNPACKED = 0x80000000;
/** A size that is a lie is not believed before the bytes are there. */
const BELIEVED = 1 << 26;

/**
 * The bytes of one frame. `size`: how many there are, where one knows; other lengths are damage.
 * @throws ENGINE_FAILED
 */
export function unpackLz4Frame(frame: Uint8Array, size?: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) throw damaged("it does not begin like one");
  const flags = frame[4] ?? 0;
  const most = lz4BlockBytes(frame[5] ?? 0);
  if ((flags & VERSION) !== VERSION_1 || (flags & DICTIONARY) !== 0 || most === 0)
    throw damaged("its version is not 1, it needs a dictionary, or its blocks have no size");
  let at = 6;
  let length = size;
  if ((flags & CONTENT_SIZE) !== 0) {
    if (frame.length < 15) throw damaged("it is cut off");
    length = Number(view.getBigUint64(6, true));
    at = 14;
  }
  if (size !== undefined && length !== size) throw damaged(`it holds ${length} bytes instead of ${size}`);
  at++; // checksum of the header
  let out = new Uint8Array(Math.min(length ?? most, BELIEVED));
  let end = 0;
  for (;;) {
    if (at + 4 > frame.length) throw damaged("it is cut off");
    const packed = view.getUint32(at, true);
    const count = packed & ~UNPACKED;
    at += 4;
    if (packed === 0) break;
    if (count > frame.length - at) throw damaged("it is cut off");
    const block = frame.subarray(at, at + count);
    const isPlain = packed >>> 31 === 1;
    out = withRoom(out, isPlain ? end + count : Math.max(end, Math.min(end + most, length ?? Infinity)), end);
    if (isPlain) {
      out.set(block, end);
      end += count;
    } else end = unpackLz4Block(block, out, end) ?? cannot();
    at += count + ((flags & BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  if (size !== undefined && end !== size) throw damaged(`it holds ${end} bytes instead of ${size}`);
  return out.subarray(0, end);
}

function withRoom(out: Uint8Array<ArrayBuffer>, needed: number, end: number): Uint8Array<ArrayBuffer> {
  if (needed <= out.length) return out;
  const grown = new Uint8Array(Math.max(needed, out.length * 2));
  grown.set(out.subarray(0, end));
  return grown;
}

const cannot = (): never => {
  throw damaged("a block cannot be unpacked");
};
const damaged = (why: string): DynaframeError =>
  new DynaframeError("ENGINE_FAILED", `A batch of the server is no whole LZ4 frame: ${why}.`, {
    hint: "Set spark.sql.execution.arrow.compression.codec to none or zstd.",
  });
