/** A table for rows of a type. */
import type { StructType } from "../../types/data-type.js";
import { duckdbType } from "../../types/duckdb.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { identifier } from "./quote.js";

/**
 * `CREATE TABLE` with the physical names and types; `table` is SQL. A record without fields has one column, always
 * null.
 */
export function createTable(table: string, type: StructType): string {
  const columns =
    type.fields.length === 0
      ? [`${identifier(EMPTY_STRUCT_FIELD)} INTEGER`]
      : physicalNames(type).map(
          (name, i) => `${identifier(name)} ${duckdbType(type.fields[i]?.type ?? { kind: "null" })}`,
        );
  return `CREATE TABLE ${table} (${columns.join(", ")})`;
}
