/** Types as Spark spells them: the physical layout of decision 0003. */
import { assertNever, type DataType, type StructType } from "../../types/data-type.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { identifier } from "./quote.js";

/** How instants lie in a place: as Spark's own, or as plain UTC microseconds, as files of the shredder have them. */
export type InstantForm = "TIMESTAMP" | "TIMESTAMP_NTZ";

/** The Spark type that holds a value: names made physical, a choice as a struct with one field per arm. */
export function sparkType(type: DataType, instants: InstantForm = "TIMESTAMP"): string {
  switch (type.kind) {
    case "boolean":
      return "BOOLEAN";
    case "byte":
      return "TINYINT";
    case "short":
      return "SMALLINT";
    case "int":
    case "null":
    case "unknown":
      return "INT";
    case "long":
      return "BIGINT";
    case "float":
      return "FLOAT";
    case "double":
      return "DOUBLE";
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "string":
    case "enum":
      return "STRING";
    case "date":
      return "DATE";
    case "timestamp":
      return instants;
    case "timestampntz":
      return "TIMESTAMP_NTZ";
    case "binary":
      return "BINARY";
    case "array":
    case "set":
      return `ARRAY<${sparkType(type.element, instants)}>`;
    case "map":
      return `MAP<STRING, ${sparkType(type.value, instants)}>`;
    case "struct":
      return `STRUCT<${columnsOf(type, instants)
        .map(([name, sql]) => `${identifier(name)}: ${sql}`)
        .join(", ")}>`;
    case "choice":
      return `STRUCT<${type.choices.map((member) => `${identifier(member.kind)}: ${sparkType(member, instants)}`).join(", ")}>`;
    default:
      return assertNever(type);
  }
}

/** The columns of rows of a type, as a schema text of Spark; a record without fields has one column, always null. */
export const schemaText = (type: StructType, instants: InstantForm = "TIMESTAMP"): string =>
  columnsOf(type, instants)
    .map(([name, sql]) => `${identifier(name)} ${sql}`)
    .join(", ");

function columnsOf(type: StructType, instants: InstantForm): readonly (readonly [name: string, sql: string])[] {
  if (type.fields.length === 0) return [[EMPTY_STRUCT_FIELD, "INT"]];
  const names = physicalNames(type);
  return type.fields.map((f, i) => [names[i] ?? f.name, sparkType(f.type, instants)]);
}
