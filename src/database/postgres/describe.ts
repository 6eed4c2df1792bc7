/** The columns of a table and what each can hold. */
import { integerOf, type TargetColumn, type TargetType } from "../target-column.js";
import type { TableName } from "../table-name.js";
import type { PostgresSession } from "./connect.js";
import { quoteTable, quoteText } from "./quote.js";

/** Undefined when there is no such table. */
export async function describeTable(session: PostgresSession, table: TableName): Promise<readonly TargetColumn[] | undefined> {
  const name = quoteText(quoteTable(table));
  const { rows } = await session.run(
    "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.atthasdef OR a.attidentity <> '', a.attgenerated <> '' OR a.attidentity = 'a',"
    + " CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END"
    + ` FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = pg_catalog.to_regclass(${name}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  );
  if (rows.length === 0 && (await session.run(`SELECT pg_catalog.to_regclass(${name})`)).rows[0]?.[0] === null) return undefined;
  return rows.map(([column, declared, nullable, hasDefault, generated, base]) => ({
    name: column ?? "", declared: declared ?? "", type: targetOf(base ?? declared ?? ""), nullable: nullable === "t", hasDefault: hasDefault === "t", generated: generated === "t",
  }));
}

const MICROS_PER_SECOND = 1_000_000n;
// 4713-11-24 BC is the first day PostgreSQL has; the end is that of 64-bit microseconds
const FIRST = -210_866_803_200n * MICROS_PER_SECOND, LAST = 2n ** 63n - 1n;

/** What a declared type can hold. */
export function targetOf(declared: string): TargetType {
  if (declared.endsWith("[]")) return { kind: "array", element: targetOf(declared.slice(0, -2)) };
  const [, name = declared, first, second, rest = ""] = /^([a-z ]+?)(?:\((\d+)(?:,(-?\d+))?\))?( with(?:out)? time zone)?$/.exec(declared) ?? [];
  switch (name + rest) {
    case "boolean": return { kind: "boolean" };
    case "smallint": return integerOf(16);
    case "integer": return integerOf(32);
    case "bigint": return integerOf(64);
    case "oid": return integerOf(32, false);
    case "real": return { kind: "float", bits: 32, special: "all" };
    case "double precision": return { kind: "float", bits: 64, special: "all" };
    case "numeric": return first === undefined ? { kind: "numeric" } : { kind: "decimal", precision: Number(first), scale: Number(second ?? 0) };
    case "text": return { kind: "text", nul: false };
    case "character varying": case "character": return { kind: "text", nul: false, ...(first === undefined ? {} : { maxLength: Number(first) }) };
    // longer ones would be cut
    case "name": return { kind: "text", nul: false, maxBytes: 63 };
    case '"char"': return { kind: "text", nul: false, maxBytes: 1 };
    case "bytea": return { kind: "binary" };
    case "date": return { kind: "date", minYear: -4712, maxYear: 5_874_897 };
    case "timestamp without time zone": return { kind: "timestamp", zoned: false, digits: Number(first ?? 6), min: FIRST, max: LAST };
    case "timestamp with time zone": return { kind: "timestamp", zoned: true, digits: Number(first ?? 6), min: FIRST, max: LAST };
    case "json": return { kind: "json", nul: true, form: "text" };
    case "jsonb": return { kind: "json", nul: false, form: "document" };
    case "time without time zone": case "time with time zone": case "interval": return { kind: "parsed", pattern: withoutFractionPast(Number(first ?? 6)) };
    case "money": return { kind: "parsed", pattern: withoutFractionPast(2) };
    default: return { kind: "parsed" };
  }
}

/** Texts whose numbers have so many digits after the point at most, zeros aside: more would be rounded. */
const withoutFractionPast = (digits: number): RegExp => new RegExp(`^(?!.*\\.\\d{${digits}}\\d*[1-9])`, "s");
