/** Passing over what is known to be valid JSON, sixteen bytes at a time. Conventions as in lex-bytes.ts. */
import { byteAt, fail, Fault, newlineIsSpace } from "./lex-bytes";

const ALL: u32 = 0xffff;

/**
 * After the bracket that closes the last of `depth` open ones, from `p`, which is in no string. Looks at brackets,
 * quotes and backslashes only: for text that has been found valid before. Of other text it takes what it should not,
 * but never passes the sentinel.
 */
export function closeOf(p: usize, depth: u32): usize {
  let before: u32 = 0; // `ALL` where the byte before `p` is in a string
  for (;;) {
    const bytes = v128.load(p);
    const odd = <u32>i8x16.bitmask(v128.or(i8x16.eq(bytes, i8x16.splat(92)), i8x16.lt_u(bytes, i8x16.splat(32))));
    const usable: u32 = odd ? (odd & (0 - odd)) - 1 : ALL;
    // a bit for each byte from an opening quote to before its closing one
    let quoted = <u32>i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(34)));
    quoted ^= quoted << 1;
    quoted ^= quoted << 2;
    quoted ^= quoted << 4;
    quoted ^= quoted << 8;
    quoted ^= before;
    // 0x20 makes braces of square brackets
    const folded = v128.or(bytes, i8x16.splat(32));
    const plain = usable & ~quoted;
    const opening = <u32>i8x16.bitmask(i8x16.eq(folded, i8x16.splat(123))) & plain;
    const closing = <u32>i8x16.bitmask(i8x16.eq(folded, i8x16.splat(125))) & plain;
    if (<u32>popcnt(closing) < depth) depth += <u32>popcnt(opening) - <u32>popcnt(closing);
    else {
      for (let brackets = opening | closing; brackets; brackets &= brackets - 1) {
        if (opening & (brackets & (0 - brackets))) depth++;
        else if (--depth == 0) return p + <usize>ctz(brackets) + 1;
      }
    }
    if (!odd) {
      before = quoted & 0x8000 ? ALL : 0;
      p += 16;
      continue;
    }
    const at = <u32>ctz(odd);
    if (at) before = (quoted >> (at - 1)) & 1 ? ALL : 0;
    p += <usize>at;
    const b = byteAt(p);
    if (b == 92) {
      // never over the sentinel
      if (!before || byteAt(p + 1) < 32) return fail(Fault.BAD_ESCAPE, p + 1);
      p += 2;
    } else if (!before && (b == 9 || b == 13 || (b == 10 && newlineIsSpace))) p++;
    else return fail(Fault.UNEXPECTED, p);
  }
  return 0; // never reached; the compiler asks for it
}
