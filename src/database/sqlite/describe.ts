/** The columns of a table and what each keeps unchanged. */
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { TableName } from "../table-name.js";
import { integerOf, type TargetColumn, type TargetType } from "../target-column.js";
import { declaredType } from "./declared-type.js";

type TableInfo = {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: unknown;
  readonly pk: number;
  readonly hidden: number;
};

/** Undefined when there is no such table. */
export function describeTable(
  db: DatabaseSyncInstance,
  { schema, name }: TableName,
): readonly TargetColumn[] | undefined {
  const rows = db
    .prepare('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?, ?)')
    .all(name, schema ?? "main") as TableInfo[];
  if (rows.length === 0) return undefined;
  return rows.map((row) => ({
    name: row.name,
    declared: row.type === "" ? "without a type" : row.type,
    type: targetOf(row.type),
    nullable: row.notnull === 0,
    // the row id fills itself
    hasDefault: row.dflt_value !== null || (row.pk === 1 && row.type.toUpperCase() === "INTEGER"),
    generated: row.hidden === 2 || row.hidden === 3,
  }));
}

const MICROS = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** What a declared type can hold. */
export function targetOf(declared: string): TargetType {
  const { affinity, meant } = declaredType(declared);
  const upper = declared.toUpperCase();
  switch (meant?.kind) {
    case "boolean":
      return { ...integerOf(64), booleans: true };
    case "decimal":
      return { kind: "decimal", precision: meant.precision, scale: meant.scale };
    case "date":
      return { kind: "date", minYear: -Infinity, maxYear: Infinity };
    case "timestamp":
      return { kind: "timestamp", zoned: true, digits: 6, ...MICROS };
    case "timestampntz":
      return { kind: "timestamp", zoned: false, digits: 6, ...MICROS };
    default:
  }
  if (upper === "JSON" || upper === "JSONB") return { kind: "json", nul: true, form: "text", takesNumbers: true };
  switch (affinity) {
    case "integer":
      return { ...integerOf(64), booleans: true };
    case "text":
      return { kind: "text", nul: true };
    case "blob":
      return { kind: "binary" };
    case "real":
      return { kind: "float", bits: 64, special: "infinite", oneZero: true };
    case "numeric": {
      const scale = /DEC|NUM/.test(upper) ? /,\s*(\d+)/.exec(upper)?.[1] : undefined;
      return { kind: "number", ...(scale === undefined ? {} : { scale: Number(scale) }) };
    }
    case "none":
      return { kind: "any" };
  }
}
