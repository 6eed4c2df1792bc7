/** Comparing and hashing keys. */
import { byteAt } from "./lex-bytes";

export function bytesEqual(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  for (; i < length; i++) if (byteAt(a + i) != byteAt(b + i)) return false;
  return true;
}

/** FNV-1a, 32 bits: for hash tables within one run. */
export function hashBytes(p: usize, length: usize): u32 {
  let h: u32 = 2166136261;
  for (let i: usize = 0; i < length; i++) h = (h ^ byteAt(p + i)) * 16777619;
  return h;
}

/**
 * The bits that `fieldMatches` needs for a name of this length: those of the name, its closing quote and the colon, as
 * far as they lie in 16 bytes.
 */
export function fieldBits(length: u32): u32 {
  return length < 14 ? (1 << (length + 2)) - 1 : 0xffff;
}

/**
 * True when the raw text at `p` (after the opening quote) is this name, its closing quote and a colon. `spelling` holds
 * them, and 16 readable bytes. Compare raw spellings only: a spelling that was once a whole key is one wherever it is
 * followed by a quote, which is not true of an unescaped name.
 */
@inline export function fieldMatches(spelling: usize, length: u32, bits: u32, p: usize): bool {
  return (i8x16.bitmask(i8x16.eq(v128.load(spelling), v128.load(p))) & bits) == bits && (length < 15 || bytesEqual(spelling + 16, p + 16, length - 14));
}
