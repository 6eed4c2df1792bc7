import type { Catalog } from "../catalog/index.js";

export type TableName = { readonly database: string; readonly tableName: string };

// a name: "quoted with "" inside" or plain
const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;

/** Catalog tables that the text may mean by `database.table`; names folded to lower case, as the catalog does. */
export async function referencedTables(text: string, catalog: Catalog): Promise<readonly TableName[]> {
  const found = new Map<string, TableName>();
  for (const [, database = "", tableName = ""] of text.matchAll(new RegExp(`(${NAME})\\s*\\.\\s*(?=(${NAME}))`, "gu"))) {
    const name = { database: plain(database), tableName: plain(tableName) };
    const key = `${name.database}.${name.tableName}`;
    if (!found.has(key) && await exists(name, catalog)) found.set(key, name);
  }
  return [...found.values()];
}

const plain = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name).toLowerCase();

async function exists({ database, tableName }: TableName, catalog: Catalog): Promise<boolean> {
  try {
    await catalog.getTable(database, tableName);
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "EntityNotFoundException") return false;
    throw error;
  }
}
