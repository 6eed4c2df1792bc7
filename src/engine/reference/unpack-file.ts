/** Whole files unpacked by other packages than the project's own unpackers, which they check. */
import { gunzipSync } from "node:zlib";
import { decompress } from "fzstd";
import { unlz4Whole, unzipFirst } from "./unpack-archives.js";
import { SNAPPY_FRAMES, unsnappy } from "./unsnappy.js";

/** The unpacked bytes; those of a file that is not packed, or packed in a way that is not known, are its own. */
export async function unpackFile(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  const starts = (...magic: readonly number[]): boolean =>
    bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x1f, 0x8b)) return gunzipSync(bytes);
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return decompress(bytes);
  if (starts(0x50, 0x4b, 0x03, 0x04)) return unzipFirst(bytes);
  if (starts(0x04, 0x22, 0x4d, 0x18)) return unlz4Whole(bytes);
  if (/^BZh[1-9](1AY&SY|\x17rE8P\x90)/.test(Buffer.from(bytes.subarray(0, 10)).toString("latin1"))) {
    const { default: bunzip } = await import("seek-bzip");
    return bunzip.decode(Buffer.from(bytes), undefined, true);
  }
  if (starts(...SNAPPY_FRAMES) || path.endsWith(".snappy")) return unsnappy(bytes);
  return bytes;
}
