/** Tables of the catalog as what is crawled: their locations are the include paths, and nothing but they change. */
import { DynaframeError } from "../types/error.js";
import type { CrawlOptions, SkippedFile } from "./crawl-options.js";
import type { KnownTable } from "./known-tables.js";
import type { TableOutcome } from "./plan-table.js";

/**
 * The options with the tables' locations, connections and exclusions as include paths.
 * @throws ENTITY_NOT_FOUND, INVALID_CRAWLER for a table without files.
 */
export function withTableLocations(options: CrawlOptions, tables: readonly KnownTable[]): CrawlOptions {
  const { catalogTables, database } = options;
  if (catalogTables === undefined) return options;
  if (options.includes.length > 0 || options.jdbcTargets !== undefined)
    throw new DynaframeError(
      "INVALID_CRAWLER",
      "crawler setting catalogTables: tables of the catalog are crawled alone",
      { name: "InvalidInputException", path: "catalogTables", hint: "Make two crawlers." },
    );
  const includes = catalogTables.map((name) => {
    const known = tables.find(({ table }) => table.Name === name.toLowerCase());
    if (known === undefined) {
      throw new DynaframeError("ENTITY_NOT_FOUND", `Table ${database}.${name} not found.`, {
        name: "EntityNotFoundException",
        path: name,
        hint: "A crawler of catalog tables makes none.",
      });
    }
    if (known.location === undefined) {
      throw new DynaframeError("INVALID_CRAWLER", `Table ${database}.${name} has no files that could be crawled`, {
        name: "InvalidInputException",
        path: name,
        expected: "a location of files",
      });
    }
    const { exclusions } = known.table.Parameters ?? {};
    return { path: known.location, ...(exclusions === undefined ? {} : { exclusions: textsOf(exclusions) }) };
  });
  return { ...options, includes };
}

function textsOf(json: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
  } catch {
    return []; // written by another tool in a form of its own
  }
}

/** Without tables that are not there: their files are told. */
export function onlyKnown(outcomes: readonly TableOutcome[]): {
  readonly outcomes: readonly TableOutcome[];
  readonly passed: readonly SkippedFile[];
} {
  const fresh = outcomes.filter(({ planned }) => planned.action === "create");
  return {
    outcomes: outcomes.filter((outcome) => !fresh.includes(outcome)),
    passed: fresh.flatMap(({ planned, change }) =>
      (change?.putLedgers ?? []).map(({ file }) => ({
        file,
        why: "NOT_A_TARGET" as const,
        detail: `would be table ${planned.name}`,
      })),
    ),
  };
}
