import { join } from "node:path";
import { folderBeside } from "../catalog/catalog-folder.js";
import type { Catalog } from "../catalog/index.js";

/** Where a catalog's jobs keep what is no catalog's object: in its folder, or for one elsewhere in `./.dynaframe`. */
export const jobFolder = ({ address }: Pick<Catalog, "address">): string => folderBeside(address);

/** Logs of runs. */
export const logFolder = (catalog: Pick<Catalog, "address">): string => join(jobFolder(catalog), "logs", "jobs");
