/** The columns of a table and what each can hold. */
import { integerOf, type TargetColumn, type TargetType } from "../target-column.js";
import type { TableName } from "../table-name.js";
import type { PostgresSession } from "./connect.js";
import { fractionPast, intervalTexts } from "./interval-text.js";
import { quoteTable, quoteText } from "./quote.js";

/** Undefined when there is no such table. */
export async function describeTable(
  session: PostgresSession,
  table: TableName,
): Promise<readonly TargetColumn[] | undefined> {
  const name = quoteText(quoteTable(table));
  const { rows } = await session.run(columnsQuery(name));
  if (rows.length === 0 && (await session.run(`SELECT pg_catalog.to_regclass(${name})`)).rows[0]?.[0] === null)
    return undefined;
  return rows.map(([column, declared, nullable, hasDefault, generated, base]) => ({
    name: column ?? "",
    declared: declared ?? "",
    type: targetOf(base ?? declared ?? ""),
    nullable: nullable === "t",
    hasDefault: hasDefault === "t",
    generated: generated === "t",
  }));
}

/**
 * Each column with its type, and what that is in the end where it is a domain, maybe over domains, or an array of them.
 */
const columnsQuery = (table: string): string => `
  WITH RECURSIVE resolved AS (
    SELECT attnum, atttypid AS type, atttypmod AS modifier, 0 AS step, 0 AS arrays FROM pg_catalog.pg_attribute
    WHERE attrelid = pg_catalog.to_regclass(${table}) AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT r.attnum, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END, CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE r.modifier END,
      r.step + 1, r.arrays + CASE t.typtype WHEN 'd' THEN 0 ELSE 1 END
    FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.type WHERE t.typtype = 'd' OR (t.typlen = -1 AND t.typcategory = 'A')
  )
  SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.atthasdef OR a.attidentity <> '',
    a.attgenerated <> '' OR a.attidentity = 'a', (
      SELECT pg_catalog.format_type(r.type, r.modifier) || repeat('[]', r.arrays) FROM resolved r
      WHERE r.attnum = a.attnum ORDER BY r.step DESC LIMIT 1
    )
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass(${table}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

const MICROS_PER_SECOND = 1_000_000n;
// 4713-11-24 BC is the first day PostgreSQL has; the end is that of 64-bit microseconds
const FIRST = -210_866_803_200n * MICROS_PER_SECOND;
const LAST = 2n ** 63n - 1n;

/** What a declared type can hold. */
export function targetOf(declared: string): TargetType {
  // arrays of domains that are arrays are written as texts in a text
  if (declared.endsWith("[][]")) return { kind: "array", element: { kind: "parsed" } };
  if (declared.endsWith("[]")) return { kind: "array", element: targetOf(declared.slice(0, -2)) };
  const [, name = declared, first, second, rest = ""] =
    /^([a-z ]+?)(?:\((\d+)(?:,(-?\d+))?\))?( with(?:out)? time zone)?$/.exec(declared) ?? [];
  switch (name + rest) {
    case "boolean":
      return { kind: "boolean" };
    case "smallint":
      return integerOf(16);
    case "integer":
      return integerOf(32);
    case "bigint":
      return integerOf(64);
    case "oid":
      return integerOf(32, false);
    case "real":
      return { kind: "float", bits: 32, special: "all" };
    case "double precision":
      return { kind: "float", bits: 64, special: "all" };
    case "numeric":
      return first === undefined
        ? { kind: "numeric" }
        : { kind: "decimal", precision: Number(first), scale: Number(second ?? 0) };
    case "text":
      return { kind: "text", nul: false };
    case "character varying":
    case "character":
      return { kind: "text", nul: false, ...(first === undefined ? {} : { maxLength: Number(first) }) };
    // longer ones would be cut
    case "name":
      return { kind: "text", nul: false, maxBytes: 63 };
    case '"char"':
      return { kind: "text", nul: false, maxBytes: 1 };
    case "bytea":
      return { kind: "binary" };
    case "date":
      return { kind: "date", minYear: -4712, maxYear: 5_874_897 };
    case "timestamp without time zone":
      return { kind: "timestamp", zoned: false, digits: Number(first ?? 6), min: FIRST, max: LAST };
    case "timestamp with time zone":
      return { kind: "timestamp", zoned: true, digits: Number(first ?? 6), min: FIRST, max: LAST };
    case "json":
      return { kind: "json", nul: true, form: "text" };
    case "jsonb":
      return { kind: "json", nul: false, form: "document" };
    case "time without time zone":
    case "time with time zone":
      return { kind: "parsed", pattern: withoutFractionPast(Number(first ?? 6)) };
    case "money":
      return { kind: "parsed", pattern: withoutFractionPast(2) };
    default: {
      const isInterval = name === "interval" || name.startsWith("interval ");
      return isInterval
        ? { kind: "parsed", pattern: intervalTexts(name.slice("interval ".length), Number(first ?? 6)) }
        : { kind: "parsed" };
    }
  }
}

const withoutFractionPast = (digits: number): RegExp => new RegExp(`^(?!${fractionPast(digits)})`, "s");
