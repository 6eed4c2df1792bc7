/** The type that the text of a CSV cell has. */
import { byteAt, isTextNumber, numberEnd } from "./lex";

export const enum CellType { STRING, NUMBER, BOOLEAN, DATE, TIMESTAMP }

/**
 * NUMBER: as JSON spells it or as text is cast to double, but for 007 (see `isTextNumber`; `numberKind` says which
 * kind). BOOLEAN: true or false in any case. DATE: a real day as yyyy-MM-dd. TIMESTAMP: a date, blank or T, HH:mm:ss, a
 * fraction of whole microseconds (up to 9 digits, zeros from the 7th on: what is finer a timestamp does not hold), and
 * Z or ±HH:mm, the last two optional.
 */
export function cellType(p: usize, end: usize): u32 {
  const length = end - p;
  const b = byteAt(p);
  if (b - 48 <= 9 || b == 45) {
    if (numberEnd(p) == end) return CellType.NUMBER;
    if (length == 10 && isDate(p)) return CellType.DATE;
    if (length >= 19 && isDate(p) && isTime(p + 10, end)) return CellType.TIMESTAMP;
  } else if (b > 57) {
    // lower case by bit 5, which no other letter shares here
    if (length == 4 && (load<u32>(p) | 0x20202020) == 0x65757274) return CellType.BOOLEAN;
    if (length == 5 && (load<u32>(p) | 0x20202020) == 0x736c6166 && (byteAt(p + 4) | 32) == 101) return CellType.BOOLEAN;
    return CellType.STRING;
  }
  return isTextNumber(p, end) ? CellType.NUMBER : CellType.STRING;
}

/** The number of two digits, or 100. */
function two(p: usize): u32 {
  const tens = byteAt(p) - 48;
  const ones = byteAt(p + 1) - 48;
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

function isDate(p: usize): bool {
  const century = two(p);
  const rest = two(p + 2);
  const month = two(p + 5);
  const day = two(p + 8);
  if (century > 99 || rest > 99 || byteAt(p + 4) != 45 || byteAt(p + 7) != 45 || month < 1 || month > 12 || day < 1) return false;
  const year = century * 100 + rest;
  const leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const days: u32 = month == 2 ? (leap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  return day <= days;
}

function isTime(p: usize, end: usize): bool {
  const gap = byteAt(p);
  if (gap != 32 && gap != 84) return false;
  if (two(p + 1) > 23 || byteAt(p + 3) != 58 || two(p + 4) > 59 || byteAt(p + 6) != 58 || two(p + 7) > 59) return false;
  p += 9;
  if (p < end && byteAt(p) == 46) {
    const start = ++p;
    for (; p < end && byteAt(p) - 48 <= 9; p++) if (p - start >= 6 && byteAt(p) != 48) return false;
    if (p == start || p - start > 9) return false;
  }
  if (p == end) return true;
  if (byteAt(p) == 90) return p + 1 == end;
  const sign = byteAt(p);
  return (sign == 43 || sign == 45) && p + 6 == end && two(p + 1) <= 18 && byteAt(p + 3) == 58 && two(p + 4) <= 59;
}
