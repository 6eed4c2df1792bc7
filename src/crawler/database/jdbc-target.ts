/**
 * Include paths of databases: `database/schema/table`, of MySQL and SQLite `database/table`, `%` for any characters
 * (developer guide, "Include and exclude patterns").
 */
import type { DatabaseKind } from "../../database/index.js";
import type { ListedTable } from "../../database/listed-table.js";
import { compileGlob } from "../../storage/java-glob.js";
import { DynaframeError } from "../../types/error.js";

/** A database to crawl (JdbcTarget of the Glue API). */
export type JdbcTarget = {
  /** A connection of the catalog, of type JDBC. */
  readonly connectionName: string;
  readonly path: string;
  /** Globs, matched against `schema/table` and against `table`. */
  readonly exclusions?: readonly string[];
};

export type TablePattern = {
  readonly database: string;
  readonly matches: (table: Pick<ListedTable, "schema" | "name">) => boolean;
};

/** @throws INVALID_CRAWLER for a path that names no database or has too many levels. */
export function tablePattern({ path, exclusions = [] }: JdbcTarget, kind: DatabaseKind): TablePattern {
  const levels = path.replace(/^\/+|\/+$/g, "").split("/");
  const [database = "", ...below] = levels;
  const most = kind === "postgresql" ? 2 : 1;
  if (database === "" || database.includes("%") || below.length > most) {
    throw new DynaframeError(
      "INVALID_CRAWLER",
      `crawler setting path: ${JSON.stringify(path)} names no tables of a database`,
      {
        name: "InvalidInputException",
        path: "path",
        expected: kind === "postgresql" ? "database/schema/table" : "database/table",
        found: path,
        hint: "% stands for any characters of a schema or table: shop/public/%.",
      },
    );
  }
  const [first = "%", second = "%"] = below;
  const [schema, table] = most === 2 ? [like(first), like(second)] : [undefined, like(first)];
  const excluded = exclusions.map((pattern) => compileGlob(pattern));
  return {
    database,
    matches: ({ schema: own = "", name }) =>
      (schema?.(own) ?? true) && table(name) && !excluded.some((matches) => matches(name) || matches(`${own}/${name}`)),
  };
}

function like(pattern: string): (name: string) => boolean {
  const expression = new RegExp(
    `^${pattern
      .split("%")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "s",
  );
  return (name) => expression.test(name);
}
