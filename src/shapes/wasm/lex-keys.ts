/** Comparing and hashing keys. */
import { byteAt } from "./lex-bytes";

/** The mask that `keyMatches` needs for a name of this length: its last, partial word. */
export function keyMask(length: u32): u64 {
  const rest = length & 7;
  return rest ? (<u64>1 << (<u64>rest << 3)) - 1 : 0;
}

/**
 * True when the raw text at `p` (after the opening quote) is exactly this name and its closing quote. Compare raw spellings only:
 * a spelling that was once a whole key is one wherever it is followed by a quote, which is not true of an unescaped name.
 * `name` needs 8 readable bytes behind it.
 */
@inline export function keyMatches(name: usize, length: u32, mask: u64, p: usize): bool {
  const whole = <usize>length & ~7;
  let i: usize = 0;
  for (; i < whole; i += 8) if (load<u64>(name + i) != load<u64>(p + i)) return false;
  return ((load<u64>(p + i) ^ load<u64>(name + i)) & mask) == 0 && byteAt(p + <usize>length) == 34;
}

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

/** The bits that `fieldMatches` needs for a name of this length: those of the name, its closing quote and the colon, as far as they lie in 16 bytes. */
export function fieldBits(length: u32): u32 {
  return length < 14 ? (1 << (length + 2)) - 1 : 0xffff;
}

/** True when the raw text at `p` is this name, its closing quote and a colon. `spelling` holds them, and 16 readable bytes. */
@inline export function fieldMatches(spelling: usize, length: u32, bits: u32, p: usize): bool {
  return (i8x16.bitmask(i8x16.eq(v128.load(spelling), v128.load(p))) & bits) == bits && (length < 15 || bytesEqual(spelling + 16, p + 16, length - 14));
}
