import { duckdbEngine } from "../../../src/engine/duckdb/index.js";
import { engineContract } from "../contract.js";

engineContract(duckdbEngine, { parquet: true, sql: true });
