/** The embedded catalog: one SQLite file in a folder, used by many processes at once. */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DynaframeError } from "../../../types/error.js";
import { catalogFolder } from "../../catalog-folder.js";
import type { Catalog } from "../../index.js";
import { openSession, type SqliteCatalogOptions } from "./open-session.js";
import { SqliteCatalog } from "./sqlite-catalog.js";

export type { SqliteCatalogOptions } from "./open-session.js";

const OPEN_ATTEMPTS = 20;

/**
 * Opens the catalog in a folder (`./.dynaframe`, also `sqlite:./.dynaframe`), making folder (0700) and `catalog.db`
 * (0600) on first use. A catalog that this user cannot write opens read-only: reads work, writes are CATALOG_READ_ONLY.
 * @throws UNSUPPORTED_CATALOG for an address of another kind, CATALOG_NOT_A_FOLDER, CATALOG_NOT_FOUND (nothing there,
 * and none may be made), CATALOG_READ_ONLY (none there and none can be made), CATALOG_CORRUPT, CATALOG_NOT_OURS,
 * CATALOG_TOO_NEW, CATALOG_TOO_OLD (read-only), SQLITE_TOO_OLD, CATALOG_BUSY.
 */
export async function openSqliteCatalog(
  address: string,
  options: SqliteCatalogOptions = {},
): Promise<Required<Catalog>> {
  const named = catalogFolder(address);
  if (named === undefined)
    throw new DynaframeError("UNSUPPORTED_CATALOG", `There is no catalog at ${address}.`, {
      found: address,
      expected: "a folder, http://host:port or aws:<region>",
      hint: "A folder whose name has a colon is ./name:so.",
    });
  const folder = resolve(named);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return new SqliteCatalog(address, openSession(folder, options));
    } catch (error) {
      // switching a new file to write-ahead logging does not wait its turn
      const busy = error instanceof DynaframeError && error.code === "CATALOG_BUSY";
      if (!busy || attempt >= OPEN_ATTEMPTS) throw error;
    }
    await sleep(5 + Math.random() * 20 * attempt);
  }
}
