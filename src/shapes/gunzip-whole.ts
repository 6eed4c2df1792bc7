import zlib from "node:zlib";
import type { RawFile } from "./byte-source.js";

/** A packed file up to this size is unpacked at once; what it unpacks to is bounded too. */
const MAX_PACKED = 8 << 20;
const MAX_UNPACKED = 64 << 20;

/**
 * All of a small gzip file unpacked on this thread. Undefined when it is large, cannot be read at once, or is damaged:
 * then a stream gives what can be had of it. `onRead` hears of the stored bytes when there is a result.
 */
export function gunzipWhole(raw: RawFile, onRead: (bytes: number) => void): Uint8Array | undefined {
  if (raw.size === undefined || raw.size > MAX_PACKED || raw.size < 18) return undefined;
  const packed = Buffer.allocUnsafe(raw.size);
  if (raw.readAt(packed, 0) !== raw.size) return undefined;
  // the last member's length, modulo 2^32 (RFC 1952): a hint for the buffer, so that one member comes in one piece
  const hint = Math.min(MAX_UNPACKED, packed.readUInt32LE(raw.size - 4)) + 64;
  try {
    const bytes = zlib.gunzipSync(packed, { chunkSize: Math.max(hint, 1 << 16), maxOutputLength: MAX_UNPACKED });
    onRead(raw.size);
    return bytes;
  } catch {
    return undefined;
  }
}
