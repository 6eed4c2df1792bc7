/**
 * The reference engine: a small interpreter of the IR, row at a time, for tests and as the oracle of every other
 * engine. It reads JSON and CSV with its own slow readers, writes both, and has no SQL and no Parquet (code
 * UNSUPPORTED).
 */
import type { Engine } from "../index.js";
import { ReferenceSession } from "./session.js";

export const referenceEngine: Engine = Object.freeze<Engine>({
  name: "reference",
  capabilities: Object.freeze({ caseSensitiveNames: true, presence: true }),
  open: async (environment) => new ReferenceSession(environment),
});
