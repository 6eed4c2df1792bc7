/**
 * The user's SQL over plans: each is a common table expression of its name, so that queries at the same time may give
 * one name to different plans.
 */
import type { Relation } from "../../plan/ir/relation.js";
import type { RunOptions, SqlResult } from "../index.js";
import { compileRelation } from "./compile-relation.js";
import { identifier } from "./quote.js";
import type { SparkSources } from "./sources.js";
import { typedQuery } from "./typed-query.js";
import type { SparkWorkspace } from "./workspace.js";

/** Checks and types the query now; runs it when rows or the relation are asked for. Errors have code SQL_FAILED. */
export async function runSql(
  workspace: SparkWorkspace,
  sources: SparkSources,
  sql: string,
  views: ReadonlyMap<string, Relation>,
  options: RunOptions,
): Promise<SqlResult> {
  const definitions: string[] = [];
  for (const [name, relation] of views)
    definitions.push(`${identifier(name)} AS (${compileRelation(relation, await sources.prepare(relation, options))})`);
  const dotted = [...views.keys()].filter((name) => name.includes("."));
  // in lines of its own, so that a comment at its end ends there
  const query = `${definitions.length === 0 ? "" : `WITH ${definitions.join(",\n")}\n`}SELECT * FROM (\n${withTables(sql, dotted)}\n)`;
  const { sql: typed, type } = await typedQuery(workspace, query, options, "sql");
  const countRun = (): void => {
    for (const relation of views.values()) sources.countRun(relation);
  };
  return {
    type,
    rows: () => {
      countRun();
      return workspace.rows(typed, type, options, "sql");
    },
    relation: () => {
      countRun();
      return sources.store(typed, type, options);
    },
  };
}

// texts, quoted names, comments; then names; anything else is a character by itself
const TOKEN =
  /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|--[^\n]*|\/\*[\s\S]*?\*\/|`(?:[^`]|``)*`|[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|[\s\S]/gu;

/**
 * `shop.orders` as the one name of a table expression; a last semicolon goes. Names are folded to lower case, as the
 * catalog does.
 */
function withTables(sql: string, tables: readonly string[]): string {
  const tokens = sql.match(TOKEN) ?? [];
  const last = tokens.findLastIndex((token) => !/^(?:\s|--|\/\*)/.test(token));
  if (tokens[last] === ";") tokens[last] = "";
  const out: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const found =
      tokens[i + 1] === "." && tokens[i - 1] !== "."
        ? tables.find((table) => table === `${plain(tokens[i])}.${plain(tokens[i + 2])}`)
        : undefined;
    out.push(found === undefined ? (tokens[i] ?? "") : identifier(found));
    if (found !== undefined) i += 2;
  }
  return out.join("");
}

const plain = (token = ""): string =>
  (token.startsWith("`") ? token.slice(1, -1).replaceAll("``", "`") : token).toLowerCase();
