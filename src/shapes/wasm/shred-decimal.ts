/** Decimals of any precision, exactly, for WebAssembly (AssemblyScript). */
import { Column, markValid, place } from "./shred-columns";

/**
 * The number written as [p, end), exactly, as a decimal of the column's precision (`low`) and scale (`high`). False,
 * and nothing written, when it has too many digits before or behind the point.
 */
export function putDecimal(column: Column, p: usize, end: usize): bool {
  // a cell of CSV may hold blanks around the number, and a plus sign
  while (load<u8>(p) <= 32) p++;
  while (load<u8>(end - 1) <= 32) end--;
  const negative = load<u8>(p) == 45;
  if (negative || load<u8>(p) == 43) p++;
  let mantissaEnd = p;
  let last: usize = 0; // the last digit that is not 0
  let point = end;
  for (; mantissaEnd < end; mantissaEnd++) {
    const b = load<u8>(mantissaEnd);
    if (b == 46) point = mantissaEnd;
    else if (b > 57) break;
    else if (b != 48) last = mantissaEnd;
  }
  if (point > mantissaEnd) point = mantissaEnd;
  let shift: i64 = column.high + exponentOf(mantissaEnd, end);
  // a digit just before the point is worth 10^shift units
  let hi: u64 = 0;
  let lo: u64 = 0;
  let digits: i64 = 0;
  if (last) {
    shift += last < point ? <i64>(point - 1 - last) : -<i64>(last - point);
    if (shift < 0) return false;
    for (; p <= last; p++) {
      const b = load<u8>(p);
      if (b == 46 || (b == 48 && !digits)) continue;
      if (++digits > 38) return false;
      const low = (lo & 0xffffffff) * 10 + <u64>(b - 48);
      const high = (lo >> 32) * 10 + (low >> 32);
      lo = (high << 32) | (low & 0xffffffff);
      hi = hi * 10 + (high >> 32);
    }
    if (digits + shift > column.low) return false;
    for (; shift > 0; shift--) {
      const low = (lo & 0xffffffff) * 10;
      const high = (lo >> 32) * 10 + (low >> 32);
      lo = (high << 32) | (low & 0xffffffff);
      hi = hi * 10 + (high >> 32);
    }
  }
  if (negative) {
    lo = ~lo + 1;
    hi = ~hi + (lo == 0 ? 1 : 0);
  }
  markValid(column);
  const at = place(column, 16);
  store<u64>(at, bswap<u64>(hi));
  store<u64>(at, bswap<u64>(lo), 8);
  return true;
}

/** Of the `e…` at `p`, bounded; 0 when there is none. */
function exponentOf(p: usize, end: usize): i64 {
  if (p >= end) return 0;
  p++;
  const minus = load<u8>(p) == 45;
  if (minus || load<u8>(p) == 43) p++;
  let exponent: i64 = 0;
  for (; p < end; p++) if (exponent < 1000000000000) exponent = exponent * 10 + <i64>(load<u8>(p) - 48);
  return minus ? -exponent : exponent;
}
