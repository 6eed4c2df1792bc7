import type { DataType } from "../../types/data-type.js";
import type { SqlDialect } from "../index.js";
import { quoteIdentifier, quoteTable, quoteText } from "./quote.js";

export const sqliteDialect: SqlDialect = Object.freeze({
  identifier: quoteIdentifier,
  table: quoteTable,
  same: (left, right) => `${left} IS ${right}`,
  updateFrom: (target, source, keys, values) =>
    `UPDATE ${target} AS t SET ${values.map((v) => `${quoteIdentifier(v)} = s.${quoteIdentifier(v)}`).join(", ")} FROM ${source} AS s`
    + ` WHERE ${keys.map((k) => `t.${quoteIdentifier(k)} IS s.${quoteIdentifier(k)}`).join(" AND ")}`,
  primaryKeyQuery: ({ schema, name }) =>
    `SELECT name FROM pragma_table_info(${quoteText(name)}${schema === undefined ? "" : `, ${quoteText(schema)}`}) WHERE pk > 0 ORDER BY pk`,
  text: quoteText,
  columnType,
} satisfies SqlDialect);

/** Names that `declaredType` reads back as the same types. */
function columnType(type: DataType): string | undefined {
  switch (type.kind) {
    case "boolean":
      return "BOOLEAN";
    case "byte":
      return "TINYINT";
    case "short":
      return "SMALLINT";
    case "int":
      return "INT";
    case "long":
      return "BIGINT";
    case "float":
      return "FLOAT";
    case "double":
      return "DOUBLE";
    case "decimal":
      return `DECIMAL TEXT(${type.precision},${type.scale})`;
    case "string":
    case "enum":
    case "null":
    case "unknown":
      return "TEXT";
    case "binary":
      return "BLOB";
    case "date":
      return "DATE";
    case "timestamp":
      return "TIMESTAMP";
    case "timestampntz":
      return "DATETIME";
    case "array":
    case "set":
    case "map":
    case "struct":
      return "JSON";
    case "choice":
      return undefined;
  }
}
