/** Numbers out of the texts that databases print. */
import type { DecimalType } from "../types/data-type.js";
import { Decimal } from "../types/value.js";

/** A number while that is exact, else a bigint. */
export function wholeNumber(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** The 32-bit value that the text was printed from. */
export const shortestFloat = (text: string): number => Math.fround(Number(text));

/** All digits, as many after the point as the type has; undefined when it has no room for one of them. */
export function exactDecimal(text: string, { precision, scale }: DecimalType): Decimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = ""] = match;
  const kept = fraction.slice(0, scale).padEnd(scale, "0");
  if (whole + fraction === "" || /[1-9]/.test(fraction.slice(scale))) return undefined;
  const digits = BigInt(whole + kept);
  return digits < 10n ** BigInt(precision) ? new Decimal(sign === "-" ? -digits : digits, scale) : undefined;
}
