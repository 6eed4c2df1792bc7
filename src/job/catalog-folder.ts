import { join } from "node:path";
import type { Catalog } from "../catalog/index.js";

/** Where a catalog's jobs keep what is no catalog's object: in its folder, or for one elsewhere in `./.dynaframe`. */
export const catalogFolder = ({ address }: Pick<Catalog, "address">): string => (/^(https?|aws):/i.test(address) ? "./.dynaframe" : address.replace(/^sqlite:/, ""));

/** Logs of runs. */
export const logFolder = (catalog: Pick<Catalog, "address">): string => join(catalogFolder(catalog), "logs", "jobs");
