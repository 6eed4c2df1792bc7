/**
 * Numbers out of text and out of one another, as Spark's non-ANSI casts make them. Sources: UTF8String.toLong,
 * Decimal.fromString and Cast.processFloatingPointSpecialLiterals of Spark 3.5; Double.parseDouble and BigDecimal of
 * Java.
 */
import type { DecimalType } from "./data-type.js";
import { Decimal } from "./value.js";

export type IntegerKind = "byte" | "short" | "int" | "long";

const BITS = { byte: 8n, short: 16n, int: 32n, long: 64n } as const;

/** The integer as a value of that type, or undefined when it is out of range. */
export function fitInteger(value: bigint, kind: IntegerKind): number | bigint | undefined {
  const half = 1n << (BITS[kind] - 1n);
  if (value < -half || value >= half) return undefined;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** Strips what Spark strips before it reads a number, a boolean or a date: ASCII blanks and control characters. */
export function trimControls(text: string): string {
  return text.replace(/^[\0-\x20\x7f]+|[\0-\x20\x7f]+$/g, "");
}

/** `[+-]digits[.digits]`, the fraction cut off; either side of the point may be empty. Undefined for anything else. */
export function parseIntegral(text: string): bigint | undefined {
  const match = /^([+-]?)(\d*)(\.\d*)?$/.exec(trimControls(text));
  if (match === null) return undefined;
  const [, sign, digits = "", fraction] = match;
  if (digits === "" && fraction === undefined) return undefined;
  const significant = digits.replace(/^0+/, "");
  // past 64 bits anyway, and BigInt would take quadratic time on megabytes of digits
  if (significant.length > 19) return undefined;
  return BigInt(sign === "-" ? `-${significant || "0"}` : significant || "0");
}

/**
 * Java's `Double.parseDouble` without hexadecimal floats, and in any case `inf`, `infinity` and `nan`. Past the range:
 * infinite.
 */
export function parseDouble(text: string): number | undefined {
  const trimmed = text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, "");
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?$/.test(trimmed)) return Number(trimmed.replace(/[fFdD]$/, ""));
  if (/^[+-]?nan$/i.test(trimmed)) return /^nan$/i.test(trimmed) || trimmed.endsWith("NaN") ? NaN : undefined;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(trimmed);
  return infinite === null ? undefined : infinite[1] === "-" ? -Infinity : Infinity;
}

/**
 * The exact value of a decimal literal with optional exponent (Java's `new BigDecimal(text.trim())`), rescaled to the
 * type.
 */
export function parseDecimal(text: string, type: DecimalType): Decimal | undefined {
  const trimmed = text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, "");
  const match = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d{1,10}))?$/.exec(trimmed);
  if (match === null) return undefined;
  const [, sign, whole = "", afterWhole = "", bare = "", exponent = "0"] = match;
  const fraction = afterWhole + bare;
  const digits = (whole + fraction).replace(/^0+/, "") || "0";
  const scale = fraction.length - Number(exponent);
  if (digits.length - scale > 38) return undefined;
  // digits that far behind the point cannot change the rounding; megabytes of them need not become a BigInt
  const cut = Math.max(0, Math.min(digits.length - 1, scale - type.scale - 2));
  const kept = digits.slice(0, digits.length - cut);
  const unscaled = BigInt(kept);
  return fitDecimal(sign === "-" ? -unscaled : unscaled, scale - cut, type);
}

/**
 * `unscaled / 10^scale` in the digits of the type: rounded half up on the last place, undefined when it does not fit.
 */
export function fitDecimal(unscaled: bigint, scale: number, type: DecimalType): Decimal | undefined {
  const rescaled = rescale(unscaled, scale, type.scale);
  const limit = 10n ** BigInt(type.precision);
  return rescaled !== undefined && rescaled < limit && rescaled > -limit
    ? new Decimal(rescaled, type.scale)
    : undefined;
}

function rescale(unscaled: bigint, from: number, to: number): bigint | undefined {
  if (unscaled === 0n) return 0n;
  if (to >= from) return to - from > 76 ? undefined : unscaled * 10n ** BigInt(to - from);
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  if (from - to > magnitude.toString().length + 1) return 0n;
  const unit = 10n ** BigInt(from - to);
  const rounded = (magnitude + unit / 2n) / unit;
  return unscaled < 0n ? -rounded : rounded;
}

/** A finite double by its shortest digits, as Spark goes through `BigDecimal.valueOf`. */
export function decimalOfDouble(value: number, type: DecimalType): Decimal | undefined {
  return Number.isFinite(value) ? parseDecimal(String(value), type) : undefined;
}

/** The integer part, cut towards zero. */
export function truncateDecimal(value: Decimal): bigint {
  return value.unscaled / 10n ** BigInt(value.scale);
}
