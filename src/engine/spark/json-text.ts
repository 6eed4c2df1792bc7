/** Values as JSON text, in Spark SQL: one line per record, choices as their plain value, null fields left out. */
import { assertNever, type DataType, type MapType, type StructType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { decimalText, textOf } from "./compile-text.js";
import { fieldOf, identifier, text } from "./quote.js";

/**
 * SQL of the JSON of a value; NULL for null. Integers and decimals are numbers with all their digits, a double keeps
 * its point (`1.0`), NaN and infinities are texts as JSON has no numbers for them; dates and timestamps are texts,
 * binary is base64.
 */
function jsonOf(value: string, type: DataType, depth = 1): string {
  switch (type.kind) {
    case "string":
    case "enum":
      return quoted(value);
    case "boolean":
    case "byte":
    case "short":
    case "int":
    case "long":
      return `CAST(${value} AS STRING)`;
    case "decimal":
      return decimalText(value, type, depth);
    case "double":
    case "float":
      return `CASE WHEN abs(${value}) < CAST('Infinity' AS DOUBLE) THEN ${textOf(value, type, depth)} ELSE concat('"', ${textOf(value, type, depth)}, '"') END`;
    case "date":
    case "timestamp":
    case "timestampntz":
      return `concat('"', ${textOf(value, type, depth)}, '"')`;
    case "binary":
      return `concat('"', ${base64(value)}, '"')`;
    case "null":
    case "unknown":
      return "CAST(NULL AS STRING)";
    case "array":
    case "set":
      return arrayJson(value, type.element, depth);
    case "map":
      return mapJson(value, type, depth);
    case "struct":
      return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${objectJson(type, (name) => fieldOf(value, name), depth)} END`;
    case "choice":
      return `coalesce(${["CAST(NULL AS STRING)", ...type.choices.map((arm) => jsonOf(fieldOf(value, arm.kind), arm, depth))].join(", ")})`;
    default:
      return assertNever(type);
  }
}

/** In one line: Spark breaks base64 into lines of 76 characters unless told otherwise. */
export const base64 = (value: string): string => `translate(base64(${value}), ${text("\r\n")}, '')`;

/** The text as JSON, cut out of an object that holds nothing else. */
const quoted = (value: string): string =>
  `CASE WHEN ${value} IS NOT NULL THEN regexp_replace(to_json(named_struct('a', ${value})), '^[{]"a":|[}]$', '') END`;

/** The object of a record whose fields are given by their physical names. */
export function objectJson(type: StructType, fieldSql: (physicalName: string) => string, depth = 1): string {
  const names = physicalNames(type);
  // concat_ws passes over NULL: fields that are null are not written
  const members = type.fields.map(
    (f, i) =>
      `concat(${text(`${JSON.stringify(wellFormed(f.name))}:`)}, ${jsonOf(fieldSql(names[i] ?? ""), f.type, depth)})`,
  );
  return members.length === 0 ? "'{}'" : `concat('{', concat_ws(',', ${members.join(", ")}), '}')`;
}

function arrayJson(value: string, elementType: DataType, depth: number): string {
  const variable = identifier(`~j${depth}`);
  return `concat('[', array_join(transform(${value}, ${variable} -> coalesce(${jsonOf(variable, elementType, depth + 1)}, 'null')), ','), ']')`;
}

function mapJson(value: string, type: MapType, depth: number): string {
  const variable = identifier(`~j${depth}`);
  const item = `coalesce(${jsonOf(`${variable}.value`, type.value, depth + 1)}, 'null')`;
  return `concat('{', array_join(transform(map_entries(${value}), ${variable} -> concat(${quoted(`${variable}.key`)}, ':', ${item})), ','), '}')`;
}

const wellFormed = (name: string): string => name.toWellFormed();
