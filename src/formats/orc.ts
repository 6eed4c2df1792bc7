import { DynaframeError } from "../types/error.js";
import { checkOptions } from "./check-options.js";
import type { Format } from "./index.js";

/**
 * ORC is recognised by its header; no reader of it exists for JavaScript or DuckDB. The Spark engine reads and writes
 * it by itself.
 */
export const orcFormat: Format = Object.freeze({
  name: "orc",
  checkOptions: (options) => {
    checkOptions("orc", options, {});
  },
  detect: (head: Uint8Array) => Buffer.from(head.subarray(0, 3)).toString("latin1") === "ORC",
  async *scan() {
    throw orcUnsupported();
  },
  stage: async () => {
    throw orcUnsupported();
  },
} satisfies Format);

export const orcUnsupported = (): DynaframeError =>
  new DynaframeError("UNSUPPORTED_FORMAT", "ORC files cannot be read or written on this engine", {
    expected: "json, csv, parquet, avro, xml or grokLog",
    found: "orc",
    hint: 'Apache Spark reads and writes ORC: open the context with the Spark engine (engine: "sc://host:15002" or "spark-local"), or convert the files to Parquet.',
  });
