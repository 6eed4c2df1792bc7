/**
 * Rows as the lines of `wire-rows.ts`, in Spark SQL: values that JSON has no exact form for become texts, and Spark
 * prints the rest.
 */
import { assertNever, type DataType, type StructType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { decimalText } from "./compile-text.js";
import { base64 } from "./json-text.js";
import { fieldOf, identifier, structOf } from "./quote.js";

/** The line of a row whose columns are the physical names of `type` in the relation `row`. */
export const wireLine = (row: string, type: StructType): string =>
  `to_json(${structOf([["p", "spark_partition_id()"], ...fields(type, (name) => `${row}.${identifier(name)}`, 1)])}, map('ignoreNullFields', 'true'))`;

function fields(
  type: StructType,
  sqlOf: (physicalName: string) => string,
  depth: number,
): readonly (readonly [name: string, sql: string])[] {
  const names = physicalNames(type);
  return type.fields.map((f, i) => [String(i), wire(sqlOf(names[i] ?? ""), f.type, depth)]);
}

function wire(value: string, type: DataType, depth: number): string {
  switch (type.kind) {
    case "null":
    case "unknown":
    case "boolean":
    case "byte":
    case "short":
    case "int":
    case "string":
    case "enum":
    case "double":
    case "float":
      return value;
    case "long":
      return `CAST(${value} AS STRING)`;
    case "decimal":
      return decimalText(value, type, depth);
    case "date":
      return `unix_date(${value})`;
    case "timestamp":
      return `CAST(unix_micros(${value}) AS STRING)`;
    case "timestampntz":
      return `CAST(unix_micros(CAST(${value} AS TIMESTAMP)) AS STRING)`;
    case "binary":
      return base64(value);
    case "array":
    case "set": {
      const variable = identifier(`~w${depth}`);
      const element = wire(variable, type.element, depth + 1);
      return element === variable ? value : `transform(${value}, ${variable} -> ${element})`;
    }
    // a struct without fields is there all the same
    case "struct":
      return `CASE WHEN ${value} IS NOT NULL THEN ${type.fields.length === 0 ? structOf([["~", "true"]]) : structOf(fields(type, (name) => fieldOf(value, name), depth))} END`;
    case "choice":
      return `CASE WHEN ${value} IS NOT NULL THEN ${structOf(type.choices.map((c, i) => [String(i), wire(fieldOf(value, c.kind), c, depth)]))} END`;
    case "map":
      throw new Error("maps have no form on the wire");
    default:
      return assertNever(type);
  }
}
