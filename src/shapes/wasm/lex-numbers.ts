/** What a number is: its end, its type, its digits. Conventions as in lex-bytes.ts. */
import { OVERFLOW_DIGITS, UNDERFLOW_DIGITS } from "./double-limits";
import { byteAt, fail, Fault } from "./lex-bytes";

export const enum NumberKind {
  INT, // −2^31 … 2^31−1
  LONG, // −2^63 … 2^63−1
  BIGINT, // up to 38 digits
  DOUBLE, // has a point or an exponent
  TOO_LONG, // an integer past 38 digits
  OVERFLOW, // a double that reads as infinity
  UNDERFLOW, // a double that is not zero and reads as zero
}

/** Of the last number read. */
export let numberKind: u32 = 0;
export let numberNegative: u64 = 0;
/**
 * Its first 19 significant digits; the whole magnitude of an INT or LONG (18 digits or fewer always, 19 when in range).
 */
export let numberDigits: u64 = 0;
/**
 * Value = `numberDigits` × 10^`numberExponent`, exactly unless `numberInexact` (significant digits past 19 were left
 * out).
 */
export let numberExponent: i64 = 0;
export let numberInexact: bool = false;

@inline export function isDigit(b: u32): bool {
  return b - 48 <= 9;
}

/** After the number at `p`, a digit or a minus sign. `-0` is an INT, `1.0` and `1e2` are DOUBLE. */
export function numberEnd(p: usize): usize {
  let negative: u64 = 0;
  if (byteAt(p) == 45) {
    negative = 1;
    p++;
  }
  const start = p;
  let v: u64 = 0;
  let digit = byteAt(p) - 48;
  if (digit == 0) p++;
  else if (digit <= 9) {
    do {
      v = v * 10 + <u64>digit;
      digit = byteAt(++p) - 48;
    } while (digit <= 9);
  } else return fail(Fault.BAD_NUMBER, p);
  numberNegative = negative;
  const b = byteAt(p);
  if (b == 46 || (b | 32) == 101) return doubleEnd(start, p);
  if (isDigit(b)) return fail(Fault.BAD_NUMBER, p); // 01
  settleInteger(start, p, v);
  return p;
}

/** The kind of the integer of digits [start, end), whose value is `v` unless they are more than 19. */
@inline function settleInteger(start: usize, end: usize, v: u64): void {
  const length = end - start;
  numberDigits = v;
  numberExponent = 0;
  numberInexact = false;
  if (length > 19) {
    numberKind = length > 38 ? NumberKind.TOO_LONG : NumberKind.BIGINT;
    collectDigits(start, end, 0);
  } else if (v <= 2147483647 + numberNegative) numberKind = NumberKind.INT;
  else if (v <= 9223372036854775807 + numberNegative) numberKind = NumberKind.LONG;
  else numberKind = NumberKind.BIGINT;
}

@inline function isBlank(b: u32): bool {
  return b == 32 || b - 9 <= 4;
}

/**
 * True when all of [p, end) is a number by the rules of casting text to double (src/types/cast-number.ts), which take
 * more than JSON: white space around it, a plus sign, nothing on one side of the point. Names of infinities, NaN and
 * Java's suffixes d and f are no numbers here, nor are digits alone that start with a zero too many: 007 is a name, and
 * would not come back. Results are as of `numberEnd`.
 */
export function isTextNumber(p: usize, end: usize): bool {
  while (p < end && isBlank(byteAt(p))) p++;
  while (end > p && isBlank(byteAt(end - 1))) end--;
  const sign = byteAt(p);
  if (p < end && (sign == 45 || sign == 43)) p++;
  const start = p;
  let v: u64 = 0;
  let point: usize = 0;
  for (; p < end; p++) {
    const b = byteAt(p);
    if (isDigit(b)) v = v * 10 + <u64>(b - 48);
    else if (b == 46 && !point) point = p;
    else break;
  }
  const mantissaEnd = p;
  if (mantissaEnd - start <= <usize>(point != 0)) return false;
  if (p < end && (byteAt(p) | 32) == 101) {
    // the byte at `end` may be a digit, if that is what parts the cells
    if (exponentEnd(p, end) != end) return false;
  } else if (p != end) return false;
  else if (!point) {
    if (byteAt(start) == 48 && end - start > 1) return false;
    numberNegative = sign == 45 ? 1 : 0;
    settleInteger(start, end, v);
    return true;
  } else exponent = 0;
  numberNegative = sign == 45 ? 1 : 0;
  numberKind = NumberKind.DOUBLE;
  collectDigits(start, mantissaEnd, exponent);
  return true;
}

/** What `exponentEnd` read. */
let exponent: i64 = 0;

/** From an `e` at `p` to behind its digits, or to `limit`; 0 after a fault. */
function exponentEnd(p: usize, limit: usize): usize {
  let value: i64 = 0;
  let b = byteAt(++p);
  const minus = b == 45;
  if (minus || b == 43) p++;
  const from = p;
  for (b = byteAt(p) - 48; b <= 9 && p < limit; b = byteAt(++p) - 48) if (value < 1000000000000) value = value * 10 + <i64>b;
  if (p == from) return fail(Fault.BAD_NUMBER, p);
  exponent = minus ? -value : value;
  return p;
}

/** The rest of a number whose digits start at `start` and whose point or exponent is at `p`. */
function doubleEnd(start: usize, p: usize): usize {
  let mantissaEnd = p;
  if (byteAt(p) == 46) {
    const from = ++p;
    while (isDigit(byteAt(p))) p++;
    if (p == from) return fail(Fault.BAD_NUMBER, p);
    mantissaEnd = p;
  }
  exponent = 0;
  if ((byteAt(p) | 32) == 101) {
    p = exponentEnd(p, usize.MAX_VALUE);
    if (!p) return 0;
  }
  numberKind = NumberKind.DOUBLE;
  collectDigits(start, mantissaEnd, exponent);
  return p;
}

/**
 * Reads the significant digits of a mantissa (with or without a point) into `numberDigits`, and settles whether it fits
 * a double.
 */
function collectDigits(start: usize, end: usize, exponent: i64): void {
  let v: u64 = 0;
  let kept: u32 = 0;
  let first: usize = 0; // the first significant digit
  let firstExponent: i64 = 0; // what it is worth
  let inexact = false;
  let point: i64 = -1; // digits before the point, once met
  let digits: i64 = 0;
  for (let p = start; p < end; p++) {
    const b = byteAt(p);
    if (b == 46) {
      point = digits;
      continue;
    }
    if (!first && b != 48) {
      first = p;
      firstExponent = digits;
    }
    if (first) {
      if (kept < 19) {
        v = v * 10 + <u64>(b - 48);
        kept++;
      } else if (b != 48) inexact = true;
    }
    digits++;
  }
  if (point < 0) point = digits;
  numberDigits = v;
  numberInexact = inexact;
  numberExponent = 0;
  if (!first) return; // zero, whatever the exponent
  firstExponent = point - 1 - firstExponent + exponent;
  numberExponent = firstExponent + 1 - <i64>kept;
  if (numberKind != NumberKind.DOUBLE) return;
  if (firstExponent >= 308) {
    if (firstExponent > 308 || compareDigits(first, end, OVERFLOW_DIGITS) >= 0) numberKind = NumberKind.OVERFLOW;
  } else if (firstExponent <= -324) {
    if (firstExponent < -324 || compareDigits(first, end, UNDERFLOW_DIGITS) <= 0) numberKind = NumberKind.UNDERFLOW;
  }
}

/** Compares a mantissa from its first significant digit with digits of the same weight: below, at or above 0. */
function compareDigits(p: usize, end: usize, limit: string): i32 {
  const text = changetype<usize>(limit);
  const length = limit.length;
  let i = 0;
  while (p < end) {
    const b = byteAt(p++);
    if (b == 46) continue;
    const other: u32 = i < length ? load<u16>(text + (<usize>i << 1)) : 48;
    if (b != other) return b < other ? -1 : 1;
    i++;
  }
  // a limit ends in a non-zero digit, so text that stopped short of it is smaller
  return i < length ? -1 : 0;
}
