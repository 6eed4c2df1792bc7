/** Numbers counted by what they are, for WebAssembly (AssemblyScript). */
import { byteAt, numberEnd, numberKind, NumberKind } from "./lex";
import { count, countOddNumber, Node, Tag } from "./tree";

/**
 * Integers of up to nine digits and decimals of up to 15 bytes are told apart here by where their digits end, without a
 * loop; 0 for all else (exponents, many digits, faults), which is left to the lexer.
 */
@inline export function usualNumber(node: Node, p: usize, b: u32): usize {
  const negative: u32 = b == 45 ? 1 : 0;
  const bytes = v128.load(p);
  // one bit for each byte that is no digit: less 48 and 128, digits are the ten smallest signed bytes
  const stops = (<u32>i8x16.bitmask(i8x16.gt_s(i8x16.sub(bytes, i8x16.splat(-80)), i8x16.splat(-119))) ^ negative) | 0x10000;
  const length = <u32>ctz(stops) - negative;
  const end = p + <usize>ctz(stops);
  // more than one digit with a zero in front, or none
  if (length - 1 > <u32>(byteAt(p + <usize>negative) == 48 ? 0 : 15)) return 0;
  const after = byteAt(end);
  if (after == 46) {
    const last = <u32>ctz(stops & (stops - 1));
    // 16: digits that may go on
    if (last - length - negative < 2 || last > 15 || (byteAt(p + <usize>last) | 32) == 101) return 0;
    count(node, Tag.DOUBLE, p);
    return p + <usize>last;
  }
  if (length > 9 || (after | 32) == 101) return 0;
  count(node, Tag.INT, p);
  return end;
}

/** Counts any number. */
export function anyNumber(node: Node, p: usize): usize {
  const end = numberEnd(p);
  if (!end) return 0;
  const kind = numberKind;
  if (kind <= <u32>NumberKind.DOUBLE) count(node, Tag.INT + kind, p);
  else countOddNumber(node, p, kind);
  return end;
}
