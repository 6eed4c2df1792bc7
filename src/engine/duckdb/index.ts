/** The DuckDB engine: plans run in this process. */
import type { Engine, EngineEnvironment } from "../index.js";
import { loadDuckdb } from "./load-duckdb.js";
import { DuckdbSession } from "./session.js";
import { Workspace } from "./workspace.js";

/**
 * Engine "duckdb". The native library is loaded by the first operation of a session, or by its `start`. Null and
 * missing fields are one (no presence), and names that differ in case only are told apart by physical names
 * (decision 0003).
 */
export const duckdbEngine: Engine = Object.freeze({
  name: "duckdb",
  capabilities: Object.freeze({ caseSensitiveNames: false, presence: false }),
  load: async () => {
    await loadDuckdb();
  },
  open: async (environment: EngineEnvironment) => new DuckdbSession(await Workspace.create(environment)),
});
