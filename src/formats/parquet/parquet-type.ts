/** Parquet's physical, converted and logical types as ours (parquet-format, LogicalTypes.md). */
import type { Hazard } from "../../shapes/ledger.js";
import {
  array,
  BINARY,
  BOOLEAN,
  BYTE,
  type DataType,
  DATE,
  decimal,
  DOUBLE,
  field,
  FLOAT,
  INT,
  LONG,
  map,
  NULL,
  SHORT,
  STRING,
  struct,
  type StructType,
  TIMESTAMP,
  TIMESTAMPNTZ,
} from "../../types/data-type.js";
import type { LogicalType } from "parquetjs-lite/gen-nodejs/parquet_types.js";
import type { SchemaElement } from "./footer.js";
import type { SchemaNode } from "./schema-tree.js";

const PHYSICAL = [
  "BOOLEAN",
  "INT32",
  "INT64",
  "INT96",
  "FLOAT",
  "DOUBLE",
  "BYTE_ARRAY",
  "FIXED_LEN_BYTE_ARRAY",
] as const;
const CONVERTED = [
  "UTF8",
  "MAP",
  "MAP_KEY_VALUE",
  "LIST",
  "ENUM",
  "DECIMAL",
  "DATE",
  "TIME_MILLIS",
  "TIME_MICROS",
  "TIMESTAMP_MILLIS",
  "TIMESTAMP_MICROS",
  "UINT_8",
  "UINT_16",
  "UINT_32",
  "UINT_64",
  "INT_8",
  "INT_16",
  "INT_32",
  "INT_64",
  "JSON",
  "BSON",
  "INTERVAL",
] as const;
type Converted = (typeof CONVERTED)[number];

/** The struct of a file's columns. A column name that occurs twice is kept twice. */
export const structOfColumns = (columns: readonly SchemaNode[]): StructType =>
  struct(columns.map((node) => field(node.name, typeOfNode(node))));

/** The type of a column; a repeated node outside LIST and MAP is an array of itself. */
export function typeOfNode(node: SchemaNode): DataType {
  return node.repetition === "repeated" ? array(typeOfBody(node)) : typeOfBody(node);
}

function typeOfBody(node: SchemaNode): DataType {
  if (node.element.type !== null) return typeOfLeaf(node.element);
  const list = elementOfList(node);
  if (list !== undefined) return array(list.repetition === "repeated" ? typeOfBody(list) : typeOfNode(list));
  const entry = entryOfMap(node);
  if (entry !== undefined) return map(entry.children[1] === undefined ? NULL : typeOfNode(entry.children[1]));
  return struct(node.children.map((child) => field(child.name, typeOfNode(child))));
}

/**
 * The element of a LIST by the compatibility rules: the repeated node itself, or the one child below it. Undefined: not
 * a list.
 */
export function elementOfList(node: SchemaNode): SchemaNode | undefined {
  const repeated = node.children[0];
  const isList = convertedOf(node.element) === "LIST" || logical(node.element, "LIST");
  if (!isList || node.children.length !== 1 || repeated?.repetition !== "repeated") return undefined;
  const isElement =
    repeated.element.type !== null
    || repeated.children.length !== 1
    || repeated.name === "array"
    || repeated.name === `${node.name}_tuple`;
  return isElement ? repeated : repeated.children[0];
}

/** The key-value group of a MAP. Undefined: not a map. Keys of any type are read as their text. */
export function entryOfMap(node: SchemaNode): SchemaNode | undefined {
  const entry = node.children[0];
  const converted = convertedOf(node.element);
  const isMap = converted === "MAP" || converted === "MAP_KEY_VALUE" || logical(node.element, "MAP");
  if (!isMap || node.children.length !== 1 || entry?.repetition !== "repeated" || entry.element.type !== null)
    return undefined;
  return entry.children.length === 1 || entry.children.length === 2 ? entry : undefined;
}

const convertedOf = (element: SchemaElement): Converted | undefined =>
  element.converted_type === null ? undefined : CONVERTED[element.converted_type];

const logical = (element: SchemaElement, name: keyof LogicalType): boolean =>
  (element.logicalType?.[name] ?? null) !== null;

function typeOfLeaf(element: SchemaElement): DataType {
  if (logical(element, "UNKNOWN")) return NULL;
  const converted = convertedOf(element);
  if (converted === "DECIMAL" || logical(element, "DECIMAL")) return decimalOf(element);
  switch (PHYSICAL[element.type ?? -1]) {
    case "BOOLEAN":
      return BOOLEAN;
    case "INT32":
      return int32(element, converted);
    case "INT64":
      return int64(element, converted);
    case "INT96":
      return TIMESTAMP; // only ever used for times, always UTC
    case "FLOAT":
      return FLOAT;
    case "DOUBLE":
      return DOUBLE;
    case "BYTE_ARRAY":
      return bytes(element, converted);
    case "FIXED_LEN_BYTE_ARRAY":
      return fixed(element, converted);
    default:
      return BINARY; // a physical type newer than this table
  }
}

/** What no value of the type read keeps in full. */
export function lossOf(element: SchemaElement): Extract<Hazard, "DECIMAL_TOO_WIDE" | "NANOSECONDS"> | undefined {
  if (element.type === null) return undefined;
  const { kind } = typeOfLeaf(element);
  const unit = element.logicalType?.TIMESTAMP?.unit;
  if (kind === "double" && PHYSICAL[element.type] !== "DOUBLE") return "DECIMAL_TOO_WIDE";
  return PHYSICAL[element.type] === "INT96" || (unit && unit.MILLIS === null && unit.MICROS === null)
    ? "NANOSECONDS"
    : undefined;
}

// A decimal wider than 38 digits has no exact home in any engine here: its nearest double is read.
function decimalOf(element: SchemaElement): DataType {
  const precision = element.logicalType?.DECIMAL?.precision ?? element.precision ?? 0;
  const scale = element.logicalType?.DECIMAL?.scale ?? element.scale ?? 0;
  return precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision ? decimal(precision, scale) : DOUBLE;
}

function int32(element: SchemaElement, converted: Converted | undefined): DataType {
  const integer = element.logicalType?.INTEGER;
  if (converted === "DATE" || logical(element, "DATE")) return DATE;
  if (converted === "TIME_MILLIS" || logical(element, "TIME")) return STRING;
  if (converted === "INT_8" || (integer?.bitWidth === 8 && integer.isSigned)) return BYTE;
  if (converted === "INT_16" || (integer?.bitWidth === 16 && integer.isSigned)) return SHORT;
  if (converted === "UINT_8" || integer?.bitWidth === 8) return SHORT;
  if (converted === "UINT_16" || integer?.bitWidth === 16) return INT;
  if (converted === "UINT_32" || integer?.isSigned === false) return LONG;
  return INT;
}

function int64(element: SchemaElement, converted: Converted | undefined): DataType {
  const timestamp = element.logicalType?.TIMESTAMP;
  if (timestamp !== undefined && timestamp !== null) return timestamp.isAdjustedToUTC ? TIMESTAMP : TIMESTAMPNTZ;
  // without a logical type: UTC
  if (converted === "TIMESTAMP_MILLIS" || converted === "TIMESTAMP_MICROS") return TIMESTAMP;
  if (converted === "TIME_MICROS" || logical(element, "TIME")) return STRING;
  if (converted === "UINT_64" || element.logicalType?.INTEGER?.isSigned === false) return decimal(20, 0);
  return LONG;
}

function bytes(element: SchemaElement, converted: Converted | undefined): DataType {
  const isText =
    converted === "UTF8"
    || converted === "ENUM"
    || converted === "JSON"
    || logical(element, "STRING")
    || logical(element, "ENUM")
    || logical(element, "JSON");
  return isText ? STRING : BINARY;
}

// The library drops the logical types UUID and FLOAT16: of an unknown one the object remains, empty, and the length
// tells which.
function fixed(element: SchemaElement, converted: Converted | undefined): DataType {
  if (converted === "INTERVAL") return STRING;
  const dropped = element.logicalType !== null && Object.values(element.logicalType).every((member) => member === null);
  if (dropped && element.type_length === 16) return STRING;
  if (dropped && element.type_length === 2) return FLOAT;
  return BINARY;
}
