/**
 * Casts as Spark SQL, value by value those of `types/cast.ts`: null for null and for what does not fit. Its norm is
 * Spark's own cast without ANSI mode, so most are that; guarded is what Spark wraps, saturates or reads more widely
 * than the matrix.
 */
import { castExists } from "../../types/cast.js";
import { assertNever, type DataType, type DecimalType, type StructType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { sameType } from "../../types/same-type.js";
import { decimalText, textOf } from "./compile-text.js";
import { bound, fieldOf, identifier, structOf, text } from "./quote.js";
import { sparkType } from "./spark-type.js";

/** SQL of the cast of an SQL value of type `from`. The value itself when there is nothing to do. */
export function compileCast(value: string, from: DataType, to: DataType, depth = 1): string {
  if (sameType(from, to)) return value;
  if (from.kind === "null" || from.kind === "unknown" || !castExists(from, to)) return `CAST(NULL AS ${sparkType(to)})`;
  if (from.kind === "choice")
    return `coalesce(${from.choices.map((arm) => compileCast(fieldOf(value, arm.kind), arm, to, depth)).join(", ")})`;
  switch (to.kind) {
    case "string":
      return textOf(value, from, depth);
    case "enum":
      return to.options.length === 0
        ? "CAST(NULL AS STRING)"
        : `CASE WHEN ${value} IN (${to.options.map(text).join(", ")}) THEN ${value} END`;
    case "binary":
      return `CAST(${value} AS BINARY)`;
    case "boolean":
      return `CAST(${value} AS BOOLEAN)`;
    case "byte":
    case "short":
    case "int":
    case "long":
      return toInteger(value, from, to, depth);
    case "float":
      return toFloat(value, from, depth);
    case "double":
      return toDouble(value, from);
    case "decimal":
      return toDecimal(value, from, to, depth);
    case "date":
      return `CAST(${value} AS DATE)`;
    case "timestamp":
    case "timestampntz":
      return toTimestamp(value, from, to.kind, depth);
    case "array":
    case "set":
      return castList(value, from, to.element, depth);
    case "map":
      return castMap(value, from, to, depth);
    case "struct":
      return from.kind === "struct" ? castStruct(value, from, to, depth) : value;
    case "choice":
    case "null":
    case "unknown":
      return `CAST(NULL AS ${sparkType(to)})`;
    default:
      return assertNever(to);
  }
}

/** Name of the lambda variable at a depth of nesting inside one cast. */
export const element = (depth: number): string => identifier(`~c${depth}`);

const isText = (type: DataType): boolean => type.kind === "string" || type.kind === "enum";

/** TRY_CAST refuses what CAST wraps or saturates; of texts it would refuse a fraction. */
function toInteger(value: string, from: DataType, to: DataType, depth: number): string {
  const target = sparkType(to);
  if (isText(from)) return `CAST(${value} AS ${target})`;
  // 2^63 passes Spark's own test of the range
  const floating = from.kind === "double" || from.kind === "float";
  if (floating && to.kind === "long")
    return bound(
      value,
      `~x${depth}`,
      (v) => `CASE WHEN ${v} >= -9223372036854775808D AND ${v} < 9223372036854775808D THEN CAST(${v} AS BIGINT) END`,
    );
  // Spark takes a decimal's byte, short and int by way of a double, which rounds
  return `TRY_CAST(${from.kind === "decimal" && to.kind !== "long" ? `TRY_CAST(${value} AS BIGINT)` : value} AS ${target})`;
}

function toDouble(value: string, from: DataType): string {
  // Java reads hexadecimal floats; nothing else that it reads has an x
  if (isText(from)) return `TRY_CAST(CASE WHEN ${value} RLIKE '[xX]' THEN NULL ELSE ${value} END AS DOUBLE)`;
  return `CAST(${value} AS DOUBLE)`;
}

/** Always by way of double. Past the range a text gives an infinity, a number does not fit. */
function toFloat(value: string, from: DataType, depth: number): string {
  const double = toDouble(value, from);
  if (isText(from)) return `CAST(${double} AS FLOAT)`;
  return bound(
    double,
    `~x${depth}`,
    (d) =>
      `CASE WHEN abs(${d}) < ${INFINITE} AND abs(CAST(${d} AS FLOAT)) = ${INFINITE} THEN NULL ELSE CAST(${d} AS FLOAT) END`,
  );
}

const INFINITE = "CAST('Infinity' AS DOUBLE)";

function toDecimal(value: string, from: DataType, to: DecimalType, depth: number): string {
  const target = sparkType(to);
  switch (from.kind) {
    // Java also reads digits of other scripts, and fails on far exponents
    case "string":
    case "enum":
      return bound(
        value,
        `~x${depth}`,
        (v) =>
          `CASE WHEN ${v} RLIKE '[eE]-0*[1-9][0-9]{4,9}[\\\\x00-\\\\x20]*$' AND ${v} RLIKE ${text(DECIMAL_TEXT)} THEN CAST(0 AS ${target}) WHEN ${v} RLIKE ${text(DECIMAL_TEXT)} THEN CAST(${v} AS ${target}) END`,
      );
    // by its shortest digits, as Spark goes through BigDecimal.valueOf
    case "double":
      return `CAST(${textOf(value, from, depth)} AS ${target})`;
    case "float":
      return `CAST(${textOf(`CAST(${value} AS DOUBLE)`, { kind: "double" }, depth)} AS ${target})`;
    // Spark goes through a double
    case "timestamp":
      return `CAST(CAST(unix_micros(${value}) AS DECIMAL(20,0)) * CAST('0.000001' AS DECIMAL(7,6)) AS ${target})`;
    default:
      return `CAST(${value} AS ${target})`;
  }
}

const DECIMAL_TEXT = "^[\\x00-\\x20]*[+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]{1,10})?[\\x00-\\x20]*$";

/** Seconds that microseconds of 64 bits hold. */
const SECONDS = 9_223_372_036_854;
const DAYS = 106_751_991;

function toTimestamp(value: string, from: DataType, to: "timestamp" | "timestampntz", depth: number): string {
  const target = to === "timestamp" ? "TIMESTAMP" : "TIMESTAMP_NTZ";
  switch (from.kind) {
    case "string":
    case "enum":
      return bound(
        value,
        `~x${depth}`,
        (v) => `CASE WHEN ${v} RLIKE ${text(TIMESTAMP_TEXT)} THEN CAST(${v} AS ${target}) END`,
      );
    case "float":
    case "double":
      return bound(
        `CAST(${value} AS DOUBLE)`,
        `~x${depth}`,
        (v) =>
          `CASE WHEN ${v} = floor(${v}) AND abs(${v}) <= 9007199254740991D `
          + `THEN ${secondsToTimestamp(`CAST(${v} AS BIGINT)`)} WHEN ${v} * 1e6D >= -9223372036854775808D AND ${v} * 1e6D < 9223372036854775808D `
          + `THEN timestamp_micros(CAST(${v} * 1e6D AS BIGINT)) END`,
      );
    case "decimal":
      return decimalToTimestamp(value, from, depth);
    case "byte":
    case "short":
    case "int":
    case "long":
      return bound(value, `~x${depth}`, secondsToTimestamp);
    case "date":
      return bound(
        value,
        `~x${depth}`,
        (v) => `CASE WHEN abs(unix_date(${v})) <= ${DAYS} THEN CAST(${v} AS ${target}) END`,
      );
    default:
      return `CAST(${value} AS ${target})`;
  }
}

const secondsToTimestamp = (v: string): string =>
  `CASE WHEN ${v} BETWEEN -${SECONDS} AND ${SECONDS} THEN timestamp_micros(CAST(${v} AS BIGINT) * 1000000) END`;

/** Through the text: a product could pass 38 digits. What is past the microsecond is cut off. */
function decimalToTimestamp(value: string, from: DecimalType, depth: number): string {
  return bound(decimalText(value, from, depth + 1), `~x${depth}`, (t) => {
    const micros = `TRY_CAST(concat(split_part(${t}, '.', 1), rpad(left(split_part(${t}, '.', 2), 6), 6, '0')) AS BIGINT)`;
    return `timestamp_micros(${micros})`;
  });
}

// what types/cast-time.ts reads; Spark also takes a time alone and zones by region
const BLANK = "[\\x00-\\x20\\x7f]*";
const ZONE =
  "(?:Z|UTC|GMT|UT|(?:UTC|GMT|UT)?[+-](?:\\d{1,2}|\\d{1,2}:\\d{1,2}|\\d\\d:\\d\\d:\\d\\d|\\d\\d\\d\\d(?:\\d\\d)?))";
const TIMESTAMP_TEXT = `^${BLANK}[+-]?\\d{4,6}(?:-\\d{1,2}(?:-\\d{1,2}(?:[ T]\\d{1,2}(?::\\d{1,2}(?::\\d{1,2}(?:\\.\\d*)?(?:\\s*${ZONE}\\s*)?)?)?)?)?)?${BLANK}$`;

function castList(value: string, from: DataType, to: DataType, depth: number): string {
  if (from.kind !== "array" && from.kind !== "set") return value;
  if (sameType(from.element, to)) return value;
  const variable = element(depth);
  return `transform(${value}, ${variable} -> ${compileCast(variable, from.element, to, depth + 1)})`;
}

function castMap(value: string, from: DataType, to: DataType & { readonly kind: "map" }, depth: number): string {
  if (from.kind !== "map") return value;
  const variable = element(depth);
  return `transform_values(${value}, (\`~k\`, ${variable}) -> ${compileCast(variable, from.value, to.value, depth + 1)})`;
}

/** By position, as Spark does. */
function castStruct(value: string, from: StructType, to: StructType, depth: number): string {
  if (to.fields.length === 0) return value;
  const sources = physicalNames(from);
  const targets = physicalNames(to);
  const fields = to.fields.map((f, i) => {
    const source = from.fields[i]?.type ?? { kind: "null" as const };
    return [targets[i] ?? f.name, compileCast(fieldOf(value, sources[i] ?? ""), source, f.type, depth)] as const;
  });
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${structOf(fields)} END`;
}
