/** Order and equality of values of one type, as the IR's `compare`, `sort` and grouping see them. */
import { DynaframeError } from "../../types/error.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Row, type Value } from "../../types/value.js";

/** Null, missing, and a choice without a value. */
export const isNull = (value: Value): value is null | undefined =>
  value === null || value === undefined || (value instanceof ArmValue && isNull(value.value));

/**
 * −1, 0 or 1 for two values that are not null. Strings by code point, false < true, NaN equal to itself and above all
 * numbers, -0 equal to 0. Arrays by element, a shorter one first; structs and maps have no order (code UNORDERED_TYPE).
 */
export function compareValues(a: Value, b: Value): -1 | 0 | 1 {
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (typeof a === "boolean" && typeof b === "boolean") return sign(Number(a) - Number(b));
  if (a instanceof DateValue && b instanceof DateValue) return sign(a.days - b.days);
  if (a instanceof TimestampValue && b instanceof TimestampValue) return sign(Number(a.micros - b.micros));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return sign(Buffer.compare(a, b));
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a as readonly Value[], b as readonly Value[]);
  throw new DynaframeError("UNORDERED_TYPE", "values of this type have no order", {
    hint: "compare atomic values only",
  });
}

/**
 * Equal text = equal value; null and missing are one value. For grouping, distinct and join keys of one static type.
 */
export function valueKey(value: Value): string {
  if (isNull(value)) return "null";
  if (isNumeric(value)) return numberKey(value);
  if (value instanceof ArmValue) return `${value.arm}:${valueKey(value.value)}`;
  if (value instanceof DateValue) return `d${value.days}`;
  if (value instanceof TimestampValue) return `t${value.micros}`;
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString("hex")}`;
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(valueKey).join()}]`;
  const entries =
    value instanceof Map
      ? [...(value as ReadonlyMap<string, Value>)]
      : Object.entries(value as Row).filter(([, v]) => !isNull(v));
  return `{${entries
    .map(([k, v]) => `${JSON.stringify(k)}:${valueKey(v)}`)
    .sort()
    .join()}}`;
}

type Numeric = number | bigint | Decimal;
const isNumeric = (value: Value): value is Numeric =>
  typeof value === "number" || typeof value === "bigint" || value instanceof Decimal;
const sign = (n: number): -1 | 0 | 1 => (n < 0 ? -1 : n > 0 ? 1 : 0);

function compareNumbers(a: Numeric, b: Numeric): -1 | 0 | 1 {
  if (a instanceof Decimal || b instanceof Decimal) {
    if (typeof a === "number" && !Number.isInteger(a)) return compareNumbers(a, (b as Decimal).toNumber());
    if (typeof b === "number" && !Number.isInteger(b)) return compareNumbers((a as Decimal).toNumber(), b);
    const [x, y] = [asDecimal(a), asDecimal(b)];
    const left = x.unscaled * 10n ** BigInt(y.scale);
    const right = y.unscaled * 10n ** BigInt(x.scale);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (Number.isNaN(a) || Number.isNaN(b)) return sign(Number(Number.isNaN(a)) - Number(Number.isNaN(b)));
  return a < b ? -1 : a > b ? 1 : 0;
}

const asDecimal = (value: Numeric): Decimal => (value instanceof Decimal ? value : new Decimal(BigInt(value), 0));

function numberKey(value: Numeric): string {
  if (!(value instanceof Decimal)) return `n${value === 0 ? 0 : value}`;
  let { unscaled, scale } = value;
  while (scale > 0 && unscaled % 10n === 0n) {
    unscaled /= 10n;
    scale -= 1;
  }
  return `n${new Decimal(unscaled, scale).toString()}`;
}

function compareLists(a: readonly Value[], b: readonly Value[]): -1 | 0 | 1 {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    const order = isNull(x) || isNull(y) ? sign(Number(isNull(x)) - Number(isNull(y))) : compareValues(x, y);
    if (order !== 0) return order;
  }
  return sign(a.length - b.length);
}
