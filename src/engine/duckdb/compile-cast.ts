/** Casts as SQL, value by value those of `types/cast.ts`: null for null and for what does not fit. */
import { castExists } from "../../types/cast.js";
import { assertNever, type DataType, type DecimalType, type StructType } from "../../types/data-type.js";
import { duckdbType } from "../../types/duckdb.js";
import { physicalNames } from "../../types/physical.js";
import { sameType } from "../../types/same-type.js";
import { decimalText, textOf } from "./compile-text.js";
import { call } from "./macros.js";
import { fieldOf, identifier, structOf, text } from "./quote.js";

/** SQL of the cast of an SQL value of type `from`. The value itself when there is nothing to do. */
export function compileCast(value: string, from: DataType, to: DataType, depth = 1): string {
  if (sameType(from, to)) return value;
  if (from.kind === "null" || from.kind === "unknown" || !castExists(from, to))
    return `CAST(NULL AS ${duckdbType(to)})`;
  if (from.kind === "choice") {
    return `coalesce(${from.choices.map((arm) => compileCast(fieldOf(value, arm.kind), arm, to, depth)).join(", ")})`;
  }
  switch (to.kind) {
    case "string":
      return textOf(value, from, depth);
    case "enum":
      return to.options.length === 0
        ? "CAST(NULL AS VARCHAR)"
        : `CASE WHEN ${value} IN (${to.options.map(text).join(", ")}) THEN ${value} END`;
    case "binary":
      return `encode(${value})`;
    case "boolean":
      return isText(from) ? call("text_to_boolean", value) : `(${value} <> 0)`;
    case "byte":
    case "short":
    case "int":
    case "long":
      return `TRY_CAST(${wholeOf(value, from)} AS ${duckdbType(to)})`;
    case "float":
      return toFloat(value, from);
    case "double":
      return toDouble(value, from);
    case "decimal":
      return toDecimal(value, from, to);
    case "date":
      return toDate(value, from);
    case "timestamp":
    case "timestampntz":
      return toTimestamp(value, from, to.kind);
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
      return `CAST(NULL AS ${duckdbType(to)})`;
    default:
      return assertNever(to);
  }
}

/** Name of the lambda variable at a depth of nesting inside one cast. */
export const element = (depth: number): string => identifier(`~c${depth}`);

const isText = (type: DataType): boolean => type.kind === "string" || type.kind === "enum";

/** The integer part, in whatever width. */
function wholeOf(value: string, from: DataType): string {
  switch (from.kind) {
    case "string":
    case "enum":
      return call("text_to_long", value);
    case "float":
    case "double":
    case "decimal":
      return `trunc(${value})`;
    case "timestamp":
      return call("micros_to_seconds", `epoch_us(${value})`);
    default:
      return value;
  }
}

function toDouble(value: string, from: DataType): string {
  switch (from.kind) {
    case "string":
    case "enum":
      return call("text_to_double", value);
    // DuckDB divides the unscaled value, which rounds twice
    case "decimal":
      return `CAST(CAST(${value} AS VARCHAR) AS DOUBLE)`;
    case "timestamp":
      return `(CAST(epoch_us(${value}) AS DOUBLE) / 1e6)`;
    default:
      return `CAST(${value} AS DOUBLE)`;
  }
}

/** Always by way of double, so that it rounds as JavaScript and Spark's writers do. */
function toFloat(value: string, from: DataType): string {
  const double = toDouble(value, from);
  return isText(from) ? call("double_to_float_or_infinity", double) : `TRY_CAST(${double} AS FLOAT)`;
}

function toDecimal(value: string, from: DataType, to: DecimalType): string {
  const target = duckdbType(to);
  switch (from.kind) {
    case "string":
    case "enum":
      return `TRY_CAST(${call("text_to_decimal_text", value)} AS ${target})`;
    // by its shortest digits, as Spark goes through BigDecimal.valueOf
    case "float":
    case "double":
      return `TRY_CAST(${call("text_to_decimal_text", call("double_digits", `CAST(${value} AS DOUBLE)`))} AS ${target})`;
    case "timestamp":
      return `TRY_CAST(CAST(epoch_us(${value}) AS DECIMAL(19, 0)) * CAST('0.000001' AS DECIMAL(6, 6)) AS ${target})`;
    // DuckDB casts true to DECIMAL(5,5) as 0.00001
    case "boolean":
      return `TRY_CAST(CAST(${value} AS INTEGER) AS ${target})`;
    default:
      return `TRY_CAST(${value} AS ${target})`;
  }
}

function toDate(value: string, from: DataType): string {
  if (isText(from)) return call("text_to_date", value);
  return `CAST(${from.kind === "timestamp" ? `make_timestamp(epoch_us(${value}))` : value} AS DATE)`;
}

/**
 * By way of the microseconds: DuckDB's casts between its timestamp types pass through calendars of ICU, slow and
 * narrower.
 */
function toTimestamp(value: string, from: DataType, to: "timestamp" | "timestampntz"): string {
  return `${to === "timestamp" ? "make_timestamptz" : "make_timestamp"}(${call("finite_micros", microsOf(value, from, to))})`;
}

function microsOf(value: string, from: DataType, to: "timestamp" | "timestampntz"): string {
  switch (from.kind) {
    case "string":
    case "enum":
      return call(to === "timestamp" ? "text_to_micros" : "text_to_micros_ntz", value);
    case "float":
    case "double":
      return call("double_to_micros", `CAST(${value} AS DOUBLE)`);
    case "decimal":
      return call("decimal_text_to_micros", decimalText(value));
    case "byte":
    case "short":
    case "int":
    case "long":
      return call("whole_to_micros", value);
    case "date":
      return call("days_to_micros", value);
    default:
      return `epoch_us(${value})`;
  }
}

function castList(value: string, from: DataType, to: DataType, depth: number): string {
  if (from.kind !== "array" && from.kind !== "set") return value;
  if (sameType(from.element, to)) return value;
  const variable = element(depth);
  return `list_transform(${value}, lambda ${variable}: ${compileCast(variable, from.element, to, depth + 1)})`;
}

function castMap(value: string, from: DataType, to: DataType & { readonly kind: "map" }, depth: number): string {
  if (from.kind !== "map") return value;
  const variable = element(depth);
  const cast = compileCast(fieldOf(variable, "value"), from.value, to.value, depth + 1);
  const entries = `list_transform(map_entries(${value}), lambda ${variable}: {'k': ${fieldOf(variable, "key")}, 'v': ${cast}})`;
  return `CAST(map_from_entries(${entries}) AS ${duckdbType(to)})`;
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
