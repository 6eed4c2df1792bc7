import { DynaframeError } from "../types/error.js";
import type { Format } from "./index.js";

/** ORC is recognised by its header; no reader of it exists for JavaScript or DuckDB, Apache Spark has one. */
export const orcFormat: Format = Object.freeze({
  name: "orc",
  checkOptions: () => { throw unsupported(); },
  detect: (head: Uint8Array) => Buffer.from(head.subarray(0, 3)).toString("latin1") === "ORC",
  async *scan() { throw unsupported(); },
  stage: async () => { throw unsupported(); },
} satisfies Format);

const unsupported = (): DynaframeError => new DynaframeError("UNSUPPORTED_FORMAT", "ORC files cannot be read on this engine", {
  expected: "json, csv, parquet, xml or grokLog", found: "orc",
  hint: "Apache Spark reads ORC: open the context with the Spark engine (engine: \"sc://host:15002\"), or convert the files to Parquet.",
});
