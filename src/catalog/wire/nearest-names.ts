/** Hints of a catalog that gives none: Glue's own service says only that something is not there. */
import { DynaframeError } from "../../types/error.js";
import { nearestName } from "../../types/nearest-name.js";
import type { Page, PageRequest } from "../index.js";

export type Listing = {
  readonly databases: (page: PageRequest) => Promise<Page<{ readonly Name: string }>>;
  readonly tables: (database: string, page: PageRequest) => Promise<Page<{ readonly Name: string }>>;
};

/** A query is asked of each `alias.column` that may be a table: for so long the databases are not listed again. */
const LISTED_FOR_MS = 10_000;

/**
 * Gives an error about a table or database its path and, from one page of names, the nearest. What it already says
 * stays.
 */
export function nearestNames({
  databases,
  tables,
}: Listing): (error: unknown, database: string, table?: string) => Promise<unknown> {
  let listed: { readonly at: number; readonly page: Promise<Page<{ readonly Name: string }>> } | undefined;
  const databasePage = async (): Promise<Page<{ readonly Name: string }>> => {
    if (listed === undefined || Date.now() - listed.at > LISTED_FOR_MS)
      listed = { at: Date.now(), page: databases({}) };
    return listed.page;
  };
  const nearest = async (database: string, table?: string): Promise<string | undefined> => {
    const { items, nextToken } = await databasePage();
    const isThere = items.some(({ Name }) => Name === database.toLowerCase());
    if (table === undefined || (!isThere && nextToken === undefined))
      return nearestName(
        database,
        items.map(({ Name }) => Name),
      );
    const near = nearestName(
      table,
      (await tables(database, {})).items.map(({ Name }) => Name),
    );
    return near === undefined ? undefined : `${database}.${near}`;
  };
  return async (error, database, table) => {
    if (!(error instanceof DynaframeError) || error.code !== "ENTITY_NOT_FOUND" || error.hint !== undefined)
      return error;
    // what is not there is told, whatever else fails
    const near = await nearest(database, table).catch(() => undefined);
    return new DynaframeError(error.code, error.message, {
      name: error.name,
      cause: error.cause,
      path: error.path ?? (table === undefined ? database : `${database}.${table}`),
      hint: near === undefined ? "check the name, or list what there is" : `Did you mean ${near}?`,
    });
  };
}
