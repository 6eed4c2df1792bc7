/** Loads DuckDB when the first session opens. */
export const loadDuckdb = (): Promise<typeof import("@duckdb/node-api")> => import("@duckdb/node-api");
