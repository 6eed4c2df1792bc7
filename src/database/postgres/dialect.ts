import type { DataType } from "../../types/data-type.js";
import type { SqlDialect } from "../index.js";
import { primaryKeyQuery } from "../primary-key-query.js";
import { quoteIdentifier, quoteTable, quoteText } from "./quote.js";

export const postgresDialect: SqlDialect = Object.freeze({
  identifier: quoteIdentifier,
  table: quoteTable,
  same: (left, right) => `${left} IS NOT DISTINCT FROM ${right}`,
  updateFrom: (target, source, keys, values) =>
    `UPDATE ${target} AS t SET ${values.map((v) => `${quoteIdentifier(v)} = s.${quoteIdentifier(v)}`).join(", ")} FROM ${source} AS s`
    + ` WHERE ${keys.map((k) => `t.${quoteIdentifier(k)} IS NOT DISTINCT FROM s.${quoteIdentifier(k)}`).join(" AND ")}`,
  primaryKeyQuery: ({ schema, name }) =>
    primaryKeyQuery(quoteText(name), schema === undefined ? "current_schema()" : quoteText(schema)),
  text: quoteText,
  columnType,
} satisfies SqlDialect);

function columnType(type: DataType): string | undefined {
  switch (type.kind) {
    case "boolean":
      return "boolean";
    case "byte":
    case "short":
      return "smallint";
    case "int":
      return "integer";
    case "long":
      return "bigint";
    case "float":
      return "real";
    case "double":
      return "double precision";
    case "decimal":
      return `numeric(${type.precision},${type.scale})`;
    case "string":
    case "enum":
    case "null":
    case "unknown":
      return "text";
    case "binary":
      return "bytea";
    case "date":
      return "date";
    case "timestamp":
      return "timestamptz";
    case "timestampntz":
      return "timestamp";
    case "array":
    case "set":
      return isScalar(type.element) ? `${columnType(type.element)}[]` : "jsonb";
    case "map":
    case "struct":
      return "jsonb";
    case "choice":
      return undefined;
  }
}

// lists of lists need not be matrices, which PostgreSQL's arrays are
const isScalar = (type: DataType): boolean => !["array", "set", "map", "struct", "choice"].includes(type.kind);
