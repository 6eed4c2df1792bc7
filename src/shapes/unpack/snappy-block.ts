/** So many bytes are copied one by one, which is quicker than a call. */
const LOOPED = 48;

/**
 * One block of raw Snappy (format_description.txt of google/snappy). Undefined when it is not one: every length is
 * checked.
 */
export function unsnappyBlock(packed: Uint8Array, largest: number): Uint8Array | undefined {
  const header = uncompressedLength(packed);
  if (header === undefined || header.length > largest) return undefined;
  const out = new Uint8Array(header.length);
  let at = header.at;
  let end = 0;
  while (at < packed.length) {
    const tag = packed[at++] ?? 0;
    if ((tag & 3) === 0) {
      let length = tag >> 2;
      if (length >= 60) {
        const bytes = length - 59;
        length = littleEndian(packed, at, bytes);
        at += bytes;
      }
      length++;
      if (at + length > packed.length || end + length > out.length) return undefined;
      if (length > LOOPED) out.set(packed.subarray(at, at + length), end);
      else for (let i = 0; i < length; i++) out[end + i] = packed[at + i] ?? 0;
      at += length;
      end += length;
      continue;
    }
    const short = (tag & 3) === 1;
    const length = short ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const bytes = short ? 1 : (tag & 3) === 2 ? 2 : 4;
    if (at + bytes > packed.length) return undefined;
    const back = littleEndian(packed, at, bytes) + (short ? (tag >> 5) * 256 : 0);
    at += bytes;
    if (back === 0 || back > end || end + length > out.length) return undefined;
    if (length > LOOPED && back >= length) out.copyWithin(end, end - back, end - back + length);
    else for (let i = 0; i < length; i++) out[end + i] = out[end + i - back] ?? 0;
    end += length;
  }
  return end === out.length ? out : undefined;
}

/** The length that the block unpacks to, and where its first element begins. */
export function uncompressedLength(packed: Uint8Array): { readonly length: number; readonly at: number } | undefined {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = packed[at];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 128) return length < 2 ** 32 ? { length, at: at + 1 } : undefined;
  }
  return undefined;
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
