import { join } from "node:path";
import { catalogFolder } from "../catalog/catalog-folder.js";
import { DynaframeError } from "../types/error.js";
import type { CrawlServices } from "./crawl-options.js";

/** Where leases lie: beside a catalog in a folder. A catalog elsewhere needs `leaseFolder`. */
export function leaseFolder({ leaseFolder: given, catalog }: Pick<CrawlServices, "leaseFolder" | "catalog">): string {
  return given ?? join(besideOf(catalog.address), "leases");
}

/** Where the history of crawls and what unfinished ones have scanned lie: beside the leases. */
export function crawlFolder({ leaseFolder: given, catalog }: Pick<CrawlServices, "leaseFolder" | "catalog">): string {
  return given === undefined ? join(besideOf(catalog.address), "crawls") : join(given, "crawls");
}

function besideOf(address: string): string {
  const folder = catalogFolder(address);
  if (folder !== undefined) return folder;
  throw new DynaframeError("BAD_ARGUMENT", `no place for the lease of a crawl beside the catalog ${address}`, { path: "leaseFolder", hint: "Give leaseFolder." });
}
