/**
 * Decimal digits to the nearest double, for WebAssembly (AssemblyScript). Clinger's exact case first, then the
 * algorithm of Eisel and Lemire ("Number Parsing at a Gigabyte per Second", 2021), which multiplies by a 128-bit power
 * of five and knows when that is not enough.
 */

const POWERS_OF_TEN = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]);

/** Powers of five from 5^-GREATEST_POWER on, as the upper 128 bits: high word, low word. */
const GREATEST_POWER: i64 = 128;
export const powersOfFive: usize = memory.data(257 * 16);

let productHigh: u64 = 0;
let productLow: u64 = 0;
function multiply(a: u64, b: u64): void {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const other = aLow * bHigh + (middle & 0xffffffff);
  productHigh = aHigh * bHigh + (middle >> 32) + (other >> 32);
  productLow = (other << 32) | (low & 0xffffffff);
}

/** `digits` × 10^`exponent` as the nearest double, or NaN when that takes more than is done here. */
export function nearestDouble(digits: u64, exponent: i64): f64 {
  if (digits <= 9007199254740992 && exponent >= -22 && exponent <= 22) {
    // both factors are exact doubles, so one rounding is the right one (Clinger 1990)
    const power = load<f64>(POWERS_OF_TEN + (<usize>(exponent < 0 ? -exponent : exponent) << 3));
    return exponent < 0 ? <f64>digits / power : <f64>digits * power;
  }
  if (!digits) return 0;
  if (exponent < -GREATEST_POWER || exponent > GREATEST_POWER) return NaN;
  const leading = clz<u64>(digits);
  const scaled = digits << leading;
  const power = powersOfFive + (<usize>(exponent + GREATEST_POWER) << 4);
  multiply(scaled, load<u64>(power));
  let high = productHigh;
  let low = productLow;
  if ((high & 511) == 511) {
    multiply(scaled, load<u64>(power, 8));
    low += productHigh;
    if (productHigh > low) high++;
  }
  if (low == 0xffffffffffffffff && (exponent < -27 || exponent > 55)) return NaN;
  const upper = high >> 63;
  let mantissa = high >> (upper + 9);
  let binary = ((217706 * exponent) >> 16) + 63 + <i64>upper - <i64>leading + 1023;
  if (binary <= 0) return NaN; // subnormal
  // exactly between two doubles: to the even one
  if (low <= 1 && exponent >= -4 && exponent <= 23 && (mantissa & 3) == 1 && mantissa << (upper + 9) == high) mantissa &= ~1;
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa >= <u64>2 << 52) {
    mantissa = <u64>1 << 52;
    binary++;
  }
  if (binary >= 2047) return NaN;
  return reinterpret<f64>((mantissa & ~(<u64>1 << 52)) | (<u64>binary << 52));
}
