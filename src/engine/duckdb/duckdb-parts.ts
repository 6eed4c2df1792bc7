/**
 * The parts of DuckDB's package that a session uses, by file: its index would run all of its 150 modules, a tenth of
 * the time to a first result.
 */
export { DuckDBDataChunk } from "@duckdb/node-api/lib/DuckDBDataChunk.js";
export { DuckDBInstance } from "@duckdb/node-api/lib/DuckDBInstance.js";
export {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from "@duckdb/node-api/lib/values/index.js";
export { DuckDBBlobVector } from "@duckdb/node-api/lib/vectors/DuckDBBlobVector.js";
