/** Values as JSON text, in SQL: one line per record, choices as their plain value, null fields left out. */
import { assertNever, type DataType, type MapType, type StructType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { decimalText, textOf } from "./compile-text.js";
import { call } from "./macros.js";
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
      return `CAST(to_json(${value}) AS VARCHAR)`;
    case "boolean":
    case "byte":
    case "short":
    case "int":
    case "long":
      return `CAST(${value} AS VARCHAR)`;
    case "decimal":
      return decimalText(value);
    case "double":
      return numberOrText(value, call("double_digits", value), type);
    case "float":
      return numberOrText(
        value,
        call("double_digits", call("shortest_float", value, `CAST(${value} AS DOUBLE)`)),
        type,
      );
    case "date":
    case "timestamp":
    case "timestampntz":
      return `'"' || ${textOf(value, type)} || '"'`;
    case "binary":
      return `'"' || to_base64(${value}) || '"'`;
    case "null":
    case "unknown":
      return "CAST(NULL AS VARCHAR)";
    case "array":
    case "set":
      return arrayJson(value, type.element, depth);
    case "map":
      return mapJson(value, type, depth);
    case "struct":
      return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${objectJson(type, (name) => fieldOf(value, name), depth)} END`;
    case "choice": {
      const arms = type.choices.map((arm) => jsonOf(fieldOf(value, arm.kind), arm, depth));
      return `coalesce(${["CAST(NULL AS VARCHAR)", ...arms].join(", ")})`;
    }
    default:
      return assertNever(type);
  }
}

const numberOrText = (value: string, digits: string, type: DataType): string =>
  `CASE WHEN isfinite(${value}) THEN ${digits} ELSE '"' || ${textOf(value, type)} || '"' END`;

/** The object of a record whose fields are given by their physical names. */
export function objectJson(type: StructType, fieldSql: (physicalName: string) => string, depth = 1): string {
  const names = physicalNames(type);
  // concat_ws passes over NULL: fields that are null are not written
  const members = type.fields.map(
    (f, i) => `${text(`${JSON.stringify(wellFormed(f.name))}:`)} || ${jsonOf(fieldSql(names[i] ?? ""), f.type, depth)}`,
  );
  return members.length === 0 ? "'{}'" : `'{' || concat_ws(',', ${members.join(", ")}) || '}'`;
}

function arrayJson(value: string, elementType: DataType, depth: number): string {
  const variable = identifier(`~j${depth}`);
  const texts = `list_transform(${value}, lambda ${variable}: coalesce(${jsonOf(variable, elementType, depth + 1)}, 'null'))`;
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE '[' || ${joined(texts)} || ']' END`;
}

function mapJson(value: string, type: MapType, depth: number): string {
  const variable = identifier(`~j${depth}`);
  const key = `CAST(to_json(${fieldOf(variable, "key")}) AS VARCHAR)`;
  const item = `coalesce(${jsonOf(fieldOf(variable, "value"), type.value, depth + 1)}, 'null')`;
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE '{' || ${joined(`list_transform(map_entries(${value}), lambda ${variable}: ${key} || ':' || ${item})`)} || '}' END`;
}

/**
 * `array_to_string` is a macro that names its list twice: of lists in lists DuckDB would bind 2 to the power of their
 * depth.
 */
const joined = (texts: string): string => `coalesce(list_aggregate(${texts}, 'string_agg', ','), '')`;

const wellFormed = (name: string): string => name.toWellFormed();
