import { DateValue, Decimal, TimestampValue, type Value } from "../../types/value.js";
import { compareCodePoints } from "../expression/key-type.js";

/**
 * Order of two values of one type, as Spark sorts them: texts by UTF-8 bytes, NaN equal to itself and above every
 * number.
 */
export function compareValues(left: Value, right: Value): number {
  if (typeof left === "string" && typeof right === "string") return compareCodePoints(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (left instanceof DateValue && right instanceof DateValue) return left.days - right.days;
  if (left instanceof TimestampValue && right instanceof TimestampValue) return ordered(left.micros, right.micros);
  if (left instanceof Decimal && right instanceof Decimal) {
    const scale = Math.max(left.scale, right.scale);
    return ordered(rescale(left, scale), rescale(right, scale));
  }
  if (
    (typeof left === "number" || typeof left === "bigint")
    && (typeof right === "number" || typeof right === "bigint")
  ) {
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return ordered(left, right);
  }
  throw new Error("values of two types do not compare");
}

const ordered = (left: number | bigint, right: number | bigint): number => (left < right ? -1 : left > right ? 1 : 0);

const rescale = (value: Decimal, scale: number): bigint => value.unscaled * 10n ** BigInt(scale - value.scale);
