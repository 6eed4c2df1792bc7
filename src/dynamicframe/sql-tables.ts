import { allPages } from "../catalog/all-pages.js";
import type { Catalog } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";

export type TableName = { readonly database: string; readonly tableName: string };

// a name: "quoted with "" inside" or plain
const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;

/** Catalog tables that the text may mean by `database.table`; names folded to lower case, as the catalog does. */
export async function referencedTables(text: string, catalog: Catalog): Promise<readonly TableName[]> {
  const found: TableName[] = [];
  for (const name of namesIn(text)) if ((await missing(name, catalog)) === undefined) found.push(name);
  return found;
}

/**
 * What the catalog says of the first name in the text that it does not have, where it has one like it:
 * `Did you mean shop.orders?`
 */
export async function nearestTable(text: string, catalog: Catalog): Promise<string | undefined> {
  const databases = new Set((await allPages((page) => catalog.getDatabases(page))).map(({ Name }) => Name));
  for (const name of namesIn(text)) {
    const hint = databases.has(name.database) ? (await missing(name, catalog))?.hint : undefined;
    if (hint !== undefined) return hint;
  }
  // what stands for a table is no field of a struct
  for (const { database, tableName } of readIn(text)) {
    if (database !== undefined && !databases.has(database))
      return (await missing({ database, tableName }, catalog))?.hint;
    for (const name of database === undefined ? [...databases].slice(0, LOOKED_IN) : []) {
      if ((await missing({ database: name, tableName }, catalog)) === undefined)
        return `Did you mean ${name}.${tableName}?`;
    }
  }
  return undefined;
}

/** Databases in which a table without one is looked for. */
const LOOKED_IN = 20;

/** The names behind FROM and JOIN, in order. */
const readIn = (text: string): readonly (Pick<TableName, "tableName"> & { readonly database?: string })[] =>
  [...text.matchAll(new RegExp(`\\b(?:from|join)\\s+(${NAME})(?:\\s*\\.\\s*(${NAME}))?`, "giu"))].map(
    ([, first = "", second]) =>
      second === undefined ? { tableName: plain(first) } : { database: plain(first), tableName: plain(second) },
  );

/** Whatever looks like `database.table`, each once; a field of a struct may look so, too. */
function namesIn(text: string): readonly TableName[] {
  const found = new Map<string, TableName>();
  for (const [, database = "", tableName = ""] of text.matchAll(
    new RegExp(`(${NAME})\\s*\\.\\s*(?=(${NAME}))`, "gu"),
  )) {
    const name = { database: plain(database), tableName: plain(tableName) };
    found.set(`${name.database}.${name.tableName}`, name);
  }
  return [...found.values()];
}

const plain = (name: string): string =>
  (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name).toLowerCase();

/** Why there is no such table; undefined when there is. */
async function missing({ database, tableName }: TableName, catalog: Catalog): Promise<DynaframeError | undefined> {
  try {
    await catalog.getTable(database, tableName);
    return undefined;
  } catch (error) {
    if (error instanceof DynaframeError && error.name === "EntityNotFoundException") return error;
    throw error;
  }
}
