/** The table that wasm/shred-double.ts multiplies by. */

/** The powers that the table holds: 5^−128 … 5^128. */
const GREATEST_POWER = 128;
const WORD = (1n << 64n) - 1n;

/** High and low word of the upper 128 bits of each power of five: rounded down from 5^0 on, up below. */
export const POWERS_OF_FIVE: readonly (readonly [bigint, bigint])[] = Object.freeze(
  Array.from({ length: 2 * GREATEST_POWER + 1 }, (_, i) => Object.freeze(upperWords(i - GREATEST_POWER))),
);

function upperWords(power: number): [bigint, bigint] {
  const five = 5n ** BigInt(Math.abs(power));
  const bits = five.toString(2).length;
  if (power >= 0) return words(bits <= 128 ? five << BigInt(128 - bits) : five >> BigInt(bits - 128));
  // 2^(bits + 127) / five lies in [2^127, 2^128)
  return words((1n << BigInt(bits + 127)) / five + 1n);
}

function words(value: bigint): [bigint, bigint] {
  return [value >> 64n, value & WORD];
}
