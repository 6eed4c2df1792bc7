/** Values as text, the way Spark's cast to string prints them (Spark 3.1 and later; Java's number texts). */
import { type DataType, assertNever } from "./data-type.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Row, type Value, getField } from "./value.js";

/**
 * The text of a value: `{1, a}` for structs, `[1, 2]` for arrays and sets, `{k -> v}` for maps, null inside as `null`.
 * Decimals print all digits, doubles as Java does, a choice as its arm. Undefined for binary that is not UTF-8.
 */
export function valueText(value: Value, type: DataType): string | undefined {
  if (value === null || value === undefined) return "null";
  if (value instanceof ArmValue) {
    const arm = type.kind === "choice" ? type.choices.find((member) => member.kind === value.arm) : undefined;
    return arm === undefined ? undefined : valueText(value.value, arm);
  }
  switch (type.kind) {
    case "double":
      return typeof value === "number" ? doubleText(value) : undefined;
    case "float":
      return typeof value === "number" ? floatText(value) : undefined;
    case "binary":
      return value instanceof Uint8Array ? utf8Text(value) : undefined;
    case "array":
    case "set":
      return Array.isArray(value)
        ? wrap(
            "[",
            "]",
            value.map((item: Value) => valueText(item, type.element)),
          )
        : undefined;
    case "map":
      return value instanceof Map
        ? wrap("{", "}", mapEntries(value as ReadonlyMap<string, Value>, type.value))
        : undefined;
    case "struct":
      return wrap(
        "{",
        "}",
        type.fields.map((f) => valueText(getField(value as Row, f.name), f.type)),
      );
    case "boolean":
    case "byte":
    case "short":
    case "int":
    case "long":
    case "string":
    case "enum":
    case "decimal":
    case "date":
    case "timestamp":
    case "timestampntz":
      return plainText(value);
    case "choice":
    case "null":
    case "unknown":
      return undefined;
    default:
      return assertNever(type);
  }
}

function plainText(value: Value): string | undefined {
  const printable =
    typeof value !== "object"
    || value instanceof Decimal
    || value instanceof DateValue
    || value instanceof TimestampValue;
  return printable ? String(value) : undefined;
}

function mapEntries(map: ReadonlyMap<string, Value>, type: DataType): (string | undefined)[] {
  return [...map].map(([key, item]) => {
    const text = valueText(item, type);
    return text === undefined ? undefined : `${key} -> ${text}`;
  });
}

function wrap(open: string, close: string, parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : open + parts.join(", ") + close;
}

function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Java's `Double.toString`, with the shortest digits that read back (as the JDK from 19 on; older ones print a digit
 * more for some values): `1.0`, `1.0E10`, `1.0E-5`, `NaN`, `-Infinity`, `-0.0`. Plain from 10^-3 up to 10^7.
 */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const shortest = value.toExponential();
  // where one digit would do, Java prints the closest of two: 4.9E-324
  return javaNotation(/^-?\de/.test(shortest) ? value.toExponential(1) : shortest);
}

/** Java's `Float.toString` of a value that is exactly a 32-bit float; others are rounded to one first. */
function floatText(value: number): string {
  const x = Math.fround(value);
  if (!Number.isFinite(x) || x === 0) return doubleText(x);
  for (let digits = 2; digits < 9; digits++) {
    const text = closestFloat(x, digits);
    if (text !== undefined) return javaNotation(text);
  }
  return javaNotation(x.toExponential(8));
}

// The nearest decimal of that many digits may lie outside the narrower lower half of a power of two's rounding interval
// while the next one up lies inside the upper half, so its neighbours are tried as well. toExponential rounds a tie
// away from zero, Java takes the even digit: 1146065.25 is 1146065.2.
function closestFloat(x: number, digits: number): string | undefined {
  const [mantissa = "", exponent = "0"] = x.toExponential(digits - 1).split("e");
  const nearest = Number(mantissa.replace(".", ""));
  const shift = Number(exponent) - digits + 1;
  const rest = x
    .toExponential(60)
    .replace(/e.*|[-.]/g, "")
    .slice(digits);
  const towardsZero = nearest - Math.sign(nearest);
  const order = nearest % 2 !== 0 && /^50*$/.test(rest) ? [towardsZero, nearest] : [nearest, nearest + 1, nearest - 1];
  return order
    .map((m) => Number(`${m}e${shift}`))
    .find((candidate) => Math.fround(candidate) === x)
    ?.toExponential();
}

function javaNotation(exponential: string): string {
  const [mantissa = "", power = "0"] = exponential.split("e");
  const negative = mantissa.startsWith("-");
  const digits = mantissa.replace(/[-.]/g, "").replace(/0+$/, "") || "0";
  const exponent = Number(power);
  return (
    (negative ? "-" : "")
    + (exponent >= -3 && exponent < 7 ? plain(digits, exponent) : `${point(digits, 1)}E${exponent}`)
  );
}

function plain(digits: string, exponent: number): string {
  return exponent < 0
    ? `0.${"0".repeat(-exponent - 1)}${digits}`
    : point(digits.padEnd(exponent + 1, "0"), exponent + 1);
}

function point(digits: string, at: number): string {
  return `${digits.slice(0, at)}.${digits.slice(at) || "0"}`;
}
