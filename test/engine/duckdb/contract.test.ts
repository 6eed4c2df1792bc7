import { duckdbEngine } from "../../../src/engine/duckdb/index.js";
import { engineContract } from "../contract.js";

engineContract(duckdbEngine, { parquet: true, sql: { list: "[1]", struct: "{'x': 1}", sum: "3m" } });
