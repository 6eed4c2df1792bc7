/**
 * Comparing a value of any type with a constant, exactly: the constant is moved to the nearest values of the other's
 * type, never the value rounded. Pure.
 */
import { BOOLEAN, DOUBLE, STRING, assertNever, type DataType } from "../types/data-type.js";
import { castValue } from "../types/cast.js";
import { DateValue, Decimal, TimestampValue } from "../types/value.js";
import { arm, compare, isNull, literal, not, or } from "./ir/build.js";
import type { Scalar, ScalarOf } from "./ir/scalar.js";

export type Operator = ScalarOf<"compare">["op"];
export type Constant = string | number | bigint | boolean | Decimal | DateValue | TimestampValue;

/**
 * Whether the value stands in that relation to the constant: numbers of every type by value, strings as text by code
 * point. Of a choice the arms that fit the constant's kind count. Null, and values of another kind, make it null or
 * false, never true. A text is compared with dates and timestamps when no string is there and it is one.
 */
export function compareLiteral(value: Scalar, op: Operator, constant: Constant): Scalar {
  const members = value.type.kind === "choice" ? value.type.choices.map((c) => arm(value, c.kind)) : [value];
  const strings = members.filter((m) => isText(m.type));
  const candidates = typeof constant === "string" && strings.length > 0 ? strings : members;
  const tests = candidates.flatMap((member) => compareOne(member, op, constant) ?? []);
  return tests.length === 0 ? literal(false, BOOLEAN) : or(tests);
}

const isText = (type: DataType): boolean => type.kind === "string" || type.kind === "enum";

/** Undefined when the type has no values of the constant's kind. */
function compareOne(value: Scalar, op: Operator, constant: Constant): Scalar | undefined {
  const { type } = value;
  switch (type.kind) {
    case "boolean":
      return typeof constant === "boolean" ? compare(op, value, literal(constant, BOOLEAN)) : undefined;
    case "string":
    case "enum":
      return typeof constant === "string"
        ? compare(op, converted(value, STRING), literal(constant, STRING))
        : undefined;
    case "byte":
    case "short":
    case "int":
    case "long":
      return compareExact(value, op, digitsOf(constant), integers(BITS[type.kind]));
    case "decimal":
      return compareExact(value, op, digitsOf(constant), {
        least: 1n - 10n ** BigInt(type.precision),
        most: 10n ** BigInt(type.precision) - 1n,
        scale: type.scale,
      });
    case "float":
    case "double":
      return compareDouble(converted(value, DOUBLE), op, constant);
    case "date":
    case "timestamp":
    case "timestampntz":
      return compareTime(value, op, constant);
    case "binary":
    case "null":
    case "unknown":
    case "array":
    case "set":
    case "map":
    case "struct":
    case "choice":
      return undefined;
    default:
      return assertNever(type);
  }
}

// every value fits, so there is nothing to count
const converted = (of: Scalar, type: DataType): Scalar =>
  of.type.kind === type.kind ? of : Object.freeze({ kind: "cast", of, type, onError: "null" });

/** The values a type of exact numbers has: multiples of 10^-scale between bounds, which are counted in that unit. */
type Grid = { readonly least: bigint; readonly most: bigint; readonly scale: number };
const BITS = { byte: 8n, short: 16n, int: 32n, long: 64n } as const;
const integers = (bits: bigint): Grid => ({ least: -(1n << (bits - 1n)), most: (1n << (bits - 1n)) - 1n, scale: 0 });

/** The number as a decimal: a whole one exactly, a fraction by its shortest digits; undefined for what is no number. */
function digitsOf(constant: Constant): Decimal | undefined {
  if (constant instanceof Decimal) return constant;
  if (typeof constant === "bigint") return new Decimal(constant, 0);
  if (typeof constant !== "number" || !Number.isFinite(constant)) return undefined;
  if (Number.isInteger(constant)) return new Decimal(BigInt(constant), 0);
  const [mantissa = "0", exponent = "0"] = constant.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return new Decimal(BigInt(whole + fraction), fraction.length - Number(exponent));
}

/** `x > 1.5` over whole numbers is `x > 1`, `x >= 1.5` is `x >= 2`, `x = 1.5` never holds. */
function compareExact(
  value: Scalar,
  op: Operator,
  constant: Decimal | undefined,
  { least, most, scale }: Grid,
): Scalar | undefined {
  if (!constant) return undefined;
  const { floor, exact } = floorOn(constant, scale);
  if (!exact && (op === "=" || op === "<>")) return constantly(op === "<>", value);
  const units = !exact && (op === "<" || op === ">=") ? floor + 1n : floor;
  if (units > most) return constantly(op === "<" || op === "<=" || op === "<>", value);
  if (units < least) return constantly(op === ">" || op === ">=" || op === "<>", value);
  return compare(
    op,
    value,
    literal(
      scale === 0 && value.type.kind !== "decimal" ? plainInteger(units) : new Decimal(units, scale).toString(),
      value.type,
    ),
  );
}

const plainInteger = (units: bigint): number | string =>
  Number.isSafeInteger(Number(units)) ? Number(units) : units.toString();

/** The greatest multiple of 10^-target not above the number, in that unit. */
function floorOn({ unscaled, scale }: Decimal, target: number): { readonly floor: bigint; readonly exact: boolean } {
  if (scale <= target) return { floor: unscaled * 10n ** BigInt(target - scale), exact: true };
  const unit = 10n ** BigInt(scale - target);
  const rest = unscaled % unit;
  return { floor: unscaled / unit - (rest < 0n ? 1n : 0n), exact: rest === 0n };
}

/** An integer or decimal may lie between two doubles: then the double next to it decides. */
function compareDouble(value: Scalar, op: Operator, constant: Constant): Scalar | undefined {
  const exact = digitsOf(constant);
  if (!exact) return undefined;
  const near = typeof constant === "number" ? constant : exact.toNumber();
  const side = typeof constant === "number" ? 0 : sideOf(near, exact);
  const test = (o: Operator): Scalar => compare(o, value, literal(near, DOUBLE));
  if (side === 0) return test(op);
  if (op === "=" || op === "<>") return constantly(op === "<>", value);
  if (!Number.isFinite(near)) return constantly((op === "<" || op === "<=") === near > 0, value);
  const below = op === "<" || op === "<=";
  if (side < 0) return test(below ? "<=" : ">");
  return test(below ? "<" : ">=");
}

/** Whether the double lies below, on or above the decimal. */
function sideOf(double: number, exact: Decimal): number {
  const digits = digitsOf(double);
  if (!digits) return double > 0 ? 1 : -1;
  const [a, b] = [digits.unscaled * 10n ** BigInt(exact.scale), exact.unscaled * 10n ** BigInt(digits.scale)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareTime(value: Scalar, op: Operator, constant: Constant): Scalar | undefined {
  const { type } = value;
  const cast = typeof constant === "string" ? castValue(constant, STRING, type) : undefined;
  const held = cast?.ok ? cast.value : constant;
  const fits = type.kind === "date" ? held instanceof DateValue : held instanceof TimestampValue;
  return fits ? compare(op, value, literal(String(held), type)) : undefined;
}

/** The same answer for every value but null. */
const constantly = (answer: boolean, value: Scalar): Scalar => (answer ? not(isNull(value)) : literal(false, BOOLEAN));
