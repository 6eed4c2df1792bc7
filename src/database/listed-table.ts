/**
 * Tables of a database with their columns, as a crawler describes them: from the database's own catalog, without
 * reading rows.
 */
import {
  array,
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  type DataType,
  decimal,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
} from "../types/data-type.js";
import type { TargetType } from "./target-column.js";

export type ListedColumn = {
  readonly name: string;
  /** What values of the column are read as, as far as its declaration tells. */
  readonly type: DataType;
  /** As the database names it. */
  readonly declared: string;
  readonly nullable: boolean;
  readonly comment?: string;
};

export type ListedTable = {
  /** Absent where there are none, as in MySQL and SQLite. */
  readonly schema?: string;
  readonly name: string;
  readonly kind: "table" | "view";
  readonly comment?: string;
  readonly columns: readonly ListedColumn[];
  /** Columns in the order of the key; empty without one. */
  readonly primaryKey: readonly string[];
};

/** A column's row of a catalog query, in the order of tables and columns. */
export type ColumnRow = Omit<ListedTable, "columns" | "primaryKey"> & {
  readonly column: ListedColumn;
  readonly keyPosition: number | undefined;
};

/** Rows of one table become a table. */
export function tablesOf(rows: readonly ColumnRow[]): readonly ListedTable[] {
  const tables = new Map<
    string,
    { readonly table: Omit<ListedTable, "columns" | "primaryKey">; readonly rows: ColumnRow[] }
  >();
  for (const row of rows) {
    const { column: _, keyPosition: __, ...table } = row;
    const key = JSON.stringify([row.schema ?? "", row.name]);
    const held = tables.get(key);
    if (held === undefined) tables.set(key, { table, rows: [row] });
    else held.rows.push(row);
  }
  return [...tables.values()].map(({ table, rows: own }) => ({
    ...table,
    columns: own.map(({ column }) => column),
    primaryKey: own
      .filter(({ keyPosition }) => keyPosition !== undefined)
      .sort((a, b) => (a.keyPosition ?? 0) - (b.keyPosition ?? 0))
      .map(({ column }) => column.name),
  }));
}

/**
 * Scale of a numeric whose declaration leaves it open, as Spark's JDBC source has it: 38 digits, 18 of them behind the
 * point.
 */
const OPEN_NUMERIC = decimal(38, 18);

/**
 * The frame type of what a column holds. Where the values decide (numeric without a precision), a read may find
 * another.
 */
export function listedType(target: TargetType): DataType {
  switch (target.kind) {
    case "integer":
      return target.booleans === true && target.max <= 127n ? BOOLEAN : integerType(target);
    case "decimal":
      return target.precision > 38 || target.scale < 0 || target.scale > target.precision
        ? OPEN_NUMERIC
        : decimal(target.precision, target.scale);
    case "numeric":
      return OPEN_NUMERIC;
    case "number":
      return target.scale === undefined ? DOUBLE : decimal(15, Math.min(15, target.scale));
    case "float":
      return target.bits === 32 ? FLOAT : DOUBLE;
    case "boolean":
      return BOOLEAN;
    case "binary":
      return BINARY;
    case "date":
      return DATE;
    case "timestamp":
      return target.zoned ? TIMESTAMP : TIMESTAMPNTZ;
    case "array":
      return array(listedType(target.element));
    case "text":
    case "json":
    case "names":
    case "parsed":
    case "any":
      return STRING;
  }
}

function integerType({ min, max }: Extract<TargetType, { kind: "integer" }>): DataType {
  const fits = (bits: number): boolean => min >= -(2n ** BigInt(bits - 1)) && max < 2n ** BigInt(bits - 1);
  return fits(8) ? BYTE : fits(16) ? SHORT : fits(32) ? INT : fits(64) ? LONG : decimal(20, 0);
}

export const commentOf = (text: string | null | undefined): { readonly comment?: string } =>
  text === null || text === undefined || text === "" ? {} : { comment: text };
