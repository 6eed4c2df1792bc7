import type { DataType } from "../../types/data-type.js";
import type { SqlDialect } from "../index.js";
import { primaryKeyQuery } from "../primary-key-query.js";
import { quoteIdentifier, quoteTable, quoteText } from "./quote.js";

export const mysqlDialect: SqlDialect = Object.freeze({
  identifier: quoteIdentifier,
  table: quoteTable,
  same: (left, right) => `${left} <=> ${right}`,
  updateFrom: (target, source, keys, values) =>
    `UPDATE ${target} AS t JOIN ${source} AS s ON ${keys.map((k) => `t.${quoteIdentifier(k)} <=> s.${quoteIdentifier(k)}`).join(" AND ")}`
    + ` SET ${values.map((v) => `t.${quoteIdentifier(v)} = s.${quoteIdentifier(v)}`).join(", ")}`,
  primaryKeyQuery: ({ schema, name }) =>
    primaryKeyQuery(quoteText(name), schema === undefined ? "database()" : quoteText(schema)),
  text: quoteText,
  columnType,
} satisfies SqlDialect);

function columnType(type: DataType): string | undefined {
  switch (type.kind) {
    case "boolean":
      return "boolean";
    case "byte":
      return "tinyint";
    case "short":
      return "smallint";
    case "int":
      return "int";
    case "long":
      return "bigint";
    case "float":
      return "float";
    case "double":
      return "double";
    // MySQL stops at 30 digits after the point, MariaDB at 38
    case "decimal":
      return type.scale > 30 ? undefined : `decimal(${type.precision},${type.scale})`;
    case "string":
    case "enum":
    case "null":
    case "unknown":
      return "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
    case "binary":
      return "longblob";
    case "date":
      return "date";
    // TIMESTAMP of MySQL ends in 2038
    case "timestamp":
    case "timestampntz":
      return "datetime(6)";
    case "array":
    case "set":
    case "map":
    case "struct":
      return "json";
    case "choice":
      return undefined;
  }
}
