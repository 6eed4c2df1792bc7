export type Duckdb = typeof import("./duckdb-parts.js");

/** Loads DuckDB when the first session opens. */
export const loadDuckdb = (): Promise<Duckdb> => import("./duckdb-parts.js");
