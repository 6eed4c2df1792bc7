/**
 * Loads DuckDB when the first session opens. The built ES modules load it with `require` (scripts/build.mjs replaces this file): importing
 * CommonJS makes node look through all of it for names to export, which takes as long again as loading it.
 */
export const loadDuckdb = (): Promise<typeof import("@duckdb/node-api")> => import("@duckdb/node-api");
