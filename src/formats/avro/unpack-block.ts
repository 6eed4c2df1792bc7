/** Blocks of Avro files unpacked by the file's codec (specification, "Required Codecs" and "Optional Codecs"). */
import { crc32, inflateRawSync } from "node:zlib";
import { type ByteSource, fill } from "../../shapes/unpack/byte-stream.js";
import { unsnappyBlock } from "../../shapes/unpack/snappy-block.js";
import { unbzip2 } from "../../shapes/unpack/unbzip2.js";
import { unzstd } from "../../shapes/unpack/unzstd.js";
import { InvalidAvro } from "./invalid-avro.js";

/** Blocks have some 64 KB to a few MB; more than this is an attack or damage. */
export const MAX_BLOCK = 256 << 20;

export type UnpackBlock = (packed: Buffer) => Promise<Buffer>;

/** @throws InvalidAvro with UNSUPPORTED_COMPRESSION for a codec that is not read; what it gives throws CORRUPT. */
export function blockUnpacker(codec: string): UnpackBlock {
  switch (codec) {
    case "null":
    case "":
      return (packed) => Promise.resolve(packed);
    case "deflate":
      return async (packed) => inflated(packed);
    case "snappy":
      return async (packed) => unsnapped(packed);
    case "zstandard":
      return (packed) => drained(unzstd(inMemory(packed)));
    case "bzip2":
      return (packed) => drained(unbzip2(inMemory(packed)));
    default:
      throw new InvalidAvro(
        "UNSUPPORTED_COMPRESSION",
        `its blocks are packed with ${codec}; null, deflate, snappy, zstandard and bzip2 are read`,
      );
  }
}

function inflated(packed: Buffer): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: MAX_BLOCK });
  } catch (error) {
    throw new InvalidAvro("CORRUPT", `the block cannot be inflated: ${(error as Error).message}`);
  }
}

/** Raw Snappy and the CRC-32 of what it unpacks to. */
function unsnapped(packed: Buffer): Buffer {
  const bytes = packed.length < 4 ? undefined : unsnappyBlock(packed.subarray(0, -4), MAX_BLOCK);
  if (bytes === undefined) throw new InvalidAvro("CORRUPT", "the block is no snappy");
  if (crc32(bytes) !== packed.readUInt32BE(packed.length - 4))
    throw new InvalidAvro("CORRUPT", "the check sum of the block does not fit");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function inMemory(packed: Buffer): ByteSource {
  let at = 0;
  return {
    read(into) {
      const n = packed.copy(into, 0, at);
      at += n;
      return n;
    },
    close: () => undefined,
    damage: () => undefined,
  };
}

async function drained(source: ByteSource): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let length = 0, size = 256 << 10; ; size *= 2) {
    const part = Buffer.allocUnsafe(size);
    const n = await fill(source, part);
    length += n;
    parts.push(part.subarray(0, n));
    if (length > MAX_BLOCK) throw new InvalidAvro("CORRUPT", `the block unpacks to more than ${MAX_BLOCK >> 20} MB`);
    if (n < size) break;
  }
  const damage = source.damage();
  if (damage) throw new InvalidAvro("CORRUPT", `the block cannot be unpacked: ${damage.reason}`);
  return Buffer.concat(parts);
}
