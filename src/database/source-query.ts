/** What is read: a table, or a query; whole, or in hash partitions. */
import { DynaframeError } from "../types/error.js";
import { parseTableName, type TableName } from "./table-name.js";

export type SourceQuery =
  { readonly kind: "table"; readonly table: TableName } | { readonly kind: "query"; readonly sql: string };

/** `field`: any column, by a hash of its text. `expression`: SQL that gives a whole number. */
export type HashPartitions = { readonly by: "field" | "expression"; readonly text: string; readonly count: number };

export type ReadRequest = { readonly source: SourceQuery; readonly partitions?: HashPartitions };

/** `dbtable`: a table name, or a query in parentheses, with or without an alias: `(SELECT …) AS t`. */
export function parseDbtable(text: string): SourceQuery {
  const query = /^\s*\(([\s\S]*)\)\s*(?:(?:as\s+)?(?:\w+|"(?:[^"]|"")+"|`(?:[^`]|``)+`))?[\s;]*$/i.exec(text)?.[1];
  return query === undefined
    ? { kind: "table", table: parseTableName(text) }
    : { kind: "query", sql: withoutEnd(query) };
}

/** A query without what would end it inside of another; its comments stay. */
export function parseQuery(text: string): SourceQuery {
  const sql = withoutEnd(text);
  if (!/^(select|with|values|table|show|\()/i.test(withoutStart(sql))) {
    throw new DynaframeError("BAD_OPTION", "query: this does not select anything.", {
      path: "query",
      expected: "SELECT …",
      found: sql.slice(0, 60),
      hint: "Give a query, or a table in dbtable.",
    });
  }
  return { kind: "query", sql };
}

/**
 * A comment, or what may hold the signs of one: quoted texts, quoted names and PostgreSQL's dollar quotes. `#` begins a
 * comment of MySQL, and operators of PostgreSQL.
 */
const TOKEN =
  /(?<end>;)|(?<idle>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<hash>#[^\n]*)|'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|(\$\w*\$)[\s\S]*?\4|[\s\S]/g;

/** Up to the semicolon after which only comments come. */
function withoutEnd(text: string): string {
  let end: number | undefined;
  for (const { index, groups = {} } of text.matchAll(TOKEN)) {
    if (groups["end"] !== undefined) end ??= index;
    else if (groups["idle"] === undefined && (groups["hash"] === undefined || end === undefined)) end = undefined;
  }
  return text.slice(0, end).trim();
}

const withoutStart = (sql: string): string => sql.replace(/^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*)+/, "");

/**
 * Conditions of the parts, given SQL for a number `p`. A row is in part i when `p = i`, and in part 0 whenever it is in
 * no other, so each row is in exactly one part, whatever `p` is: NULL, NaN, a fraction.
 */
export function partConditions(p: string, count: number): readonly string[] {
  if (count === 1) return [];
  const others = Array.from({ length: count - 1 }, (_, i) => i + 1);
  return [`((${p}) IN (${others.join(", ")})) IS NOT TRUE`, ...others.map((i) => `(${p}) = ${i}`)];
}
