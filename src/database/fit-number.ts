/** Numbers as texts of digits, when a column holds them exactly. */
import type { DataType } from "../types/data-type.js";
import { Decimal, type Value } from "../types/value.js";
import type { TargetType } from "./target-column.js";

/** A whole number of any type within the bounds. */
export function fitInteger(
  value: Value,
  { min, max, orZero }: Extract<TargetType, { kind: "integer" }>,
): string | undefined {
  const whole = wholeOf(value);
  return whole !== undefined && ((whole >= min && whole <= max) || (orZero === true && whole === 0n))
    ? whole.toString()
    : undefined;
}

function wholeOf(value: Value): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isInteger(value) && !Object.is(value, -0) ? BigInt(value) : undefined;
  if (!(value instanceof Decimal)) return undefined;
  const unit = 10n ** BigInt(value.scale);
  return value.unscaled % unit === 0n ? value.unscaled / unit : undefined;
}

/** Digits, none of which is lost; a double counts as the decimal it prints as. */
export function fitNumeric(
  value: Value,
  type: DataType,
  within?: { readonly precision: number; readonly scale: number; readonly unsigned?: boolean },
): string | undefined {
  const text = digitsOf(value, type);
  const match = text === undefined ? null : /^-?(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  if (within === undefined) return text;
  if (within.unsigned === true && match[0].startsWith("-")) return undefined;
  const whole = (match[1] ?? "").replace(/^0+/, "");
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (whole + fraction === "") return text;
  // the power of ten that the number is below, and that of its last digit: a scale may be negative, or past the
  // precision
  const below = whole === "" ? -leadingZeros(fraction) : whole.length;
  const last = fraction === "" ? leadingZeros([...whole].reverse().join("")) : -fraction.length;
  return below <= within.precision - within.scale && last >= -within.scale ? text : undefined;
}

const leadingZeros = (digits: string): number => digits.length - digits.replace(/^0+/, "").length;

function digitsOf(value: Value, type: DataType): string | undefined {
  if (typeof value === "number")
    return Number.isFinite(value) && !Object.is(value, -0) ? plainDigits(floatText(value, type)) : undefined;
  return typeof value === "bigint" || value instanceof Decimal ? value.toString() : undefined;
}

/** `1.5e-7` → `0.00000015`. */
function plainDigits(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? [];
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return point >= digits.length
    ? `${sign}${digits.padEnd(point, "0")}`
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A number in a floating column: bit for bit. */
export function fitFloat(
  value: Value,
  type: DataType,
  target: Extract<TargetType, { kind: "float" }>,
): string | undefined {
  const { bits, special, digits, unsigned, oneZero } = target;
  const number =
    typeof value === "number"
      ? value
      : typeof value === "bigint" && BigInt(Number(value)) === value
        ? Number(value)
        : undefined;
  if (
    number === undefined
    || (Number.isNaN(number) && special !== "all")
    || (!Number.isFinite(number) && special === "none")
  )
    return undefined;
  if (bits === 32 && !Object.is(Math.fround(number), number)) return undefined;
  if ((unsigned === true && number < 0) || (oneZero === true && Object.is(number, -0))) return undefined;
  if (
    digits !== undefined
    && number !== 0
    && fitNumeric(number, bits === 32 ? { kind: "float" } : type, digits) === undefined
  )
    return undefined;
  return Object.is(number, -0)
    ? "-0"
    : bits === 32
      ? floatText(number, { kind: "float" })
      : floatText(number, type.kind === "float" ? { kind: "double" } : type);
}

const LONG = { kind: "integer", min: -(2n ** 63n), max: 2n ** 63n - 1n } as const;
const DOUBLE = { kind: "float", bits: 64, special: "infinite", oneZero: true } as const;
/** Decimals of so many digits are told apart by a double. */
const DOUBLE_DIGITS = 15;

/** A number where each is a 64-bit integer or a double. With a scale a double counts as the decimal it prints as. */
export function fitNumber(
  value: Value,
  type: DataType,
  { scale }: Extract<TargetType, { kind: "number" }>,
): string | bigint | undefined {
  const isFloat = type.kind === "float" || type.kind === "double";
  if (isFloat && scale === undefined) return fitFloat(value, type, DOUBLE);
  const text = fitNumeric(value, type, scale === undefined ? undefined : { precision: Infinity, scale });
  if (text === undefined || isFloat) return text;
  const whole = fitInteger(value, LONG);
  if (whole !== undefined) return BigInt(whole);
  return text.replaceAll(/[-.]/g, "").replaceAll(/^0+|0+$/g, "").length <= DOUBLE_DIGITS ? text : undefined;
}

/** The shortest digits that give the same double, or the same float. */
function floatText(value: number, type: DataType): string {
  if (type.kind !== "float" || !Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < 10; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}
