/** Blocks of LZ4 (lz4_Block_format.md of lz4/lz4): sequences of literals and matches, the last one of literals only. */

/** The shortest match. */
const MIN_MATCH = 4;
/** By the descriptor of a frame (lz4_Frame_format.md). */
const BLOCK_BYTES: readonly number[] = [0, 0, 0, 0, 64 << 10, 256 << 10, 1 << 20, 4 << 20];

/** What a block of a frame holds at most, by the byte of its descriptor; 0 for one that is none. */
export const lz4BlockBytes = (descriptor: number): number => BLOCK_BYTES[(descriptor >> 4) & 7] ?? 0;

/**
 * Where the unpacked block ends in `into`, which has room for it; it begins at `at`, and what lies before may be
 * referred to. Undefined for a block that is damaged, or is longer than the room.
 */
export function unpackLz4Block(packed: Uint8Array, into: Uint8Array, at: number): number | undefined {
  let p = 0;
  let out = at;
  // a length that is cut off comes out longer than any room
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; length += byte) byte = packed[p++] ?? Infinity;
    return length;
  };
  while (p < packed.length) {
    const token = packed[p++] ?? 0;
    const literals = lengthOf(token >> 4);
    if (p + literals > packed.length || out + literals > into.length) return undefined;
    into.set(packed.subarray(p, p + literals), out);
    p += literals;
    out += literals;
    if (p === packed.length) break;
    if (p + 2 > packed.length) return undefined;
    const distance = (packed[p] ?? 0) | ((packed[p + 1] ?? 0) << 8);
    p += 2;
    const match = lengthOf(token & 15) + MIN_MATCH;
    if (distance === 0 || distance > out || out + match > into.length) return undefined;
    if (distance >= match) into.copyWithin(out, out - distance, out - distance + match);
    else for (let i = 0; i < match; i++) into[out + i] = into[out + i - distance] ?? 0; // overlapping: what is copied is copied again
    out += match;
  }
  return out;
}
