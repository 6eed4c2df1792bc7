/**
 * Whether a value goes into a column unchanged. What would be rounded, cut or refused is an error that names column and
 * value.
 */
import { type DataType, type StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { typeText } from "../types/type-text.js";
import { DateValue, Decimal, TimestampValue, type Row, type Value } from "../types/value.js";
import { fitFloat, fitInteger, fitNumber, fitNumeric } from "./fit-number.js";
import { keepsJson } from "./json-form.js";
import { jsonText } from "./json-text.js";
import type { TargetColumn, TargetType } from "./target-column.js";

/**
 * Ready to be spelled in SQL. Numbers are texts of digits (`NaN`, `Infinity`, `-Infinity`), save in columns that hold
 * anything; JSON is its text.
 */
export type Fitted = null | string | bigint | boolean | Uint8Array | DateValue | TimestampValue | readonly Fitted[];
/** The cells of a row, in the order of the columns. */
export type FittedRow = readonly Fitted[];

/** The value, undefined when the column cannot hold it. */
type Fit = (value: Exclude<Value, null | undefined>) => Exclude<Fitted, null> | undefined;

/**
 * A function that takes rows apart into the cells of `columns`, in their order; a column that the row lacks is null.
 * @throws TYPE_NOT_HELD at once, when no value of a field's type goes into its column; VALUE_NOT_HELD for the row.
 */
export function rowFitter(type: StructType, columns: readonly TargetColumn[]): (row: Row) => FittedRow {
  const cells = columns.map((column) => {
    const source = type.fields.find((f) => f.name === column.name)?.type;
    return {
      column,
      fit: source === undefined ? undefined : (fitOf(source, column.type) ?? refuseType(source, column)),
    };
  });
  return (row) =>
    cells.map(({ column, fit }) => {
      const value = Object.hasOwn(row, column.name) ? row[column.name] : null;
      if (value === null || value === undefined)
        return column.nullable || column.hasDefault ? null : refuseValue("null", column);
      return fit?.(value) ?? refuseValue(shownValue(value), column);
    });
}

/**
 * How values of a type get into a column; undefined when none ever does. A column takes values of its own kind only.
 */
function fitOf(source: DataType, target: TargetType): Fit | undefined {
  if (source.kind === "null" || source.kind === "unknown") return () => undefined;
  if (target.kind === "any") return anyFit(source);
  switch (source.kind) {
    case "boolean":
      if (target.kind === "integer" && target.booleans)
        return (v) => (v === true ? "1" : v === false ? "0" : undefined);
      return target.kind === "boolean" ? (v) => (typeof v === "boolean" ? v : undefined) : undefined;
    case "byte":
    case "short":
    case "int":
    case "long":
    case "decimal":
    case "float":
    case "double":
      return numberFit(source, target);
    case "string":
    case "enum":
      return textFit(target);
    case "binary":
      return target.kind === "binary"
        ? (v) => (v instanceof Uint8Array && withinBytes(v, target) ? v : undefined)
        : undefined;
    case "date":
      return target.kind === "date"
        ? (v) => (v instanceof DateValue && withinYears(v, target) ? v : undefined)
        : undefined;
    case "timestamp":
    case "timestampntz":
      return target.kind === "timestamp"
        ? (v) => (v instanceof TimestampValue && holdsInstant(v, target) ? v : undefined)
        : undefined;
    case "array":
    case "set":
      return target.kind === "array" ? listFit(source.element, target) : jsonFit(source, target);
    case "map":
    case "struct":
      return jsonFit(source, target);
    case "choice":
      return undefined;
  }
}

function numberFit(source: DataType, target: TargetType): Fit | undefined {
  switch (target.kind) {
    case "integer":
      return (v) => fitInteger(v, target);
    case "decimal":
      return (v) => fitNumeric(v, source, target);
    case "numeric":
      return (v) => fitNumeric(v, source);
    case "number":
      return (v) => fitNumber(v, source, target);
    case "float":
      return source.kind === "decimal" ? undefined : (v) => fitFloat(v, source, target);
    default:
      return undefined;
  }
}

function textFit(target: TargetType): Fit | undefined {
  switch (target.kind) {
    case "text":
      return (v) => (typeof v === "string" && isText(v, target.nul) && withinLength(v, target) ? v : undefined);
    case "parsed":
      return (v) => (typeof v === "string" && isText(v, false) && (target.pattern?.test(v) ?? true) ? v : undefined);
    case "json":
      return (v) => (typeof v === "string" && isText(v, target.nul) && isHeldJson(v, target) ? v : undefined);
    case "names":
      return (v) => (typeof v === "string" && isNamed(v, target) ? v : undefined);
    default:
      return undefined;
  }
}

function anyFit(source: DataType): Fit | undefined {
  switch (source.kind) {
    case "decimal":
      return (v) => String(v);
    // a whole double would become an integer there
    case "float":
    case "double":
      return undefined;
    case "byte":
    case "short":
    case "int":
    case "long":
      return (v) => (typeof v === "number" || typeof v === "bigint" ? BigInt(v) : undefined);
    case "array":
    case "set":
    case "map":
    case "struct":
      return (v) => jsonText(v, source);
    case "string":
    case "enum":
      return (v) => (typeof v === "string" && isText(v, false) ? v : undefined);
    default:
      return (v) => v as Exclude<Fitted, null>;
  }
}

function listFit(element: DataType, target: Extract<TargetType, { kind: "array" }>): Fit | undefined {
  // the type of an array says nothing of its levels
  const nestedList = element.kind === "array" || element.kind === "set";
  const fit = fitOf(element, nestedList ? target : target.element);
  if (fit === undefined) return undefined;
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items = (value as readonly Value[]).map((item) => (item === null || item === undefined ? null : fit(item)));
    if (items.includes(undefined) || (nestedList && !isRectangular(items))) return undefined;
    return items as readonly Fitted[];
  };
}

/** A matrix: lists of one length, none of them null or empty. */
function isRectangular(items: readonly (Fitted | undefined)[]): boolean {
  const lengths = items.map((item) => (Array.isArray(item) ? item.length : 0));
  return lengths.every((length) => length > 0 && length === lengths[0]);
}

function jsonFit(source: DataType, target: TargetType): Fit | undefined {
  if (target.kind !== "json") return undefined;
  return (value) => {
    const text = jsonText(value, source);
    return text !== undefined && (target.nul || !text.includes("\\u0000")) && keepsJson(text, target.form)
      ? text
      : undefined;
  };
}

// a lone surrogate has no UTF-8
const isText = (text: string, nul: boolean): boolean => text.isWellFormed() && (nul || !text.includes("\0"));

const isHeldJson = (text: string, { form, takesNumbers }: Extract<TargetType, { kind: "json" }>): boolean =>
  keepsJson(text, form) && !(takesNumbers === true && /^\s*[-\d]/.test(text));

function withinLength(text: string, { maxLength, maxBytes, trimmed }: Extract<TargetType, { kind: "text" }>): boolean {
  if (trimmed === true && text.endsWith(" ")) return false;
  if (maxLength !== undefined && text.length > maxLength && [...text].length > maxLength) return false;
  return maxBytes === undefined || text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

const withinBytes = (
  { length }: Uint8Array,
  { maxBytes = Infinity, fixed }: Extract<TargetType, { kind: "binary" }>,
): boolean => (fixed === true ? length === maxBytes : length <= maxBytes);

// the names alone: a database may take other texts for them, the number of a name or one in other letters. A set has no
// order
function isNamed(text: string, { names, several }: Extract<TargetType, { kind: "names" }>): boolean {
  const found = several && text !== "" ? text.split(",") : [text];
  return (several && text === "") || (found.every((name) => names.has(name)) && new Set(found).size === found.length);
}

function withinYears(date: DateValue, { minYear, maxYear }: Extract<TargetType, { kind: "date" }>): boolean {
  const year = Number(/^-?\d+/.exec(date.toString())?.[0]);
  return year >= minYear && year <= maxYear;
}

function holdsInstant(
  { micros }: TimestampValue,
  { digits, min, max }: Extract<TargetType, { kind: "timestamp" }>,
): boolean {
  return micros >= min && micros <= max && micros % 10n ** BigInt(6 - digits) === 0n;
}

function refuseType(type: DataType, column: TargetColumn): never {
  throw new DynaframeError(
    "TYPE_NOT_HELD",
    `Column ${column.name} is ${column.declared} and cannot hold ${typeText(type)}. Nothing was written.`,
    {
      path: column.name,
      expected: column.declared,
      found: typeText(type),
      hint: "Cast the field first, with applyMapping or resolveChoice, or write to another table.",
    },
  );
}

function refuseValue(found: string, column: TargetColumn): never {
  throw new DynaframeError(
    "VALUE_NOT_HELD",
    `Column ${column.name} is ${column.declared}${column.nullable ? "" : " not null"} and cannot hold ${found} unchanged. Nothing was written.`,
    {
      path: column.name,
      expected: column.declared,
      found,
      hint: "Filter, round or cut the value first, or widen the column.",
    },
  );
}

/** For a message. */
export function shownValue(value: Value | Fitted): string {
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : value instanceof Uint8Array
        ? `${value.length} bytes`
        : typeof value === "object"
            && !(value instanceof Decimal || value instanceof DateValue || value instanceof TimestampValue)
          ? "this list or struct"
          : String(value);
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
