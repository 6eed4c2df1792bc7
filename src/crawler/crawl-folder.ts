import { join } from "node:path";
import { folderBeside } from "../catalog/catalog-folder.js";
import type { Catalog } from "../catalog/index.js";

type Kept = { readonly catalog: Pick<Catalog, "address"> };

/**
 * Where leases lie. For a catalog elsewhere they hold off this machine's other crawls only; what was changed from
 * another one since a plan was made is PLAN_STALE.
 */
export const leaseFolder = ({ catalog }: Kept): string => join(folderBeside(catalog.address), "leases");

/** Where the history of crawls and what unfinished ones have scanned lie: beside the leases. */
export const crawlFolder = ({ catalog }: Kept): string => join(folderBeside(catalog.address), "crawls");
