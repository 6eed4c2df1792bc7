import type { FileLedger } from "../../shapes/ledger.js";
import type { FileRef } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { checkOptions, type OptionTable } from "../check-options.js";
import type { Format, FormatOptions, ScanContext } from "../index.js";
import { schemaOption } from "../schema-option.js";

const OPTIONS: OptionTable = {
  optimizePerformance: "boolean",
  withSchema: "any",
  compression: "string",
  blockSize: "any",
  pageSize: "any",
  useGlueParquetWriter: "boolean",
};

/** Parquet: schema and counts come from footers; engines read the data themselves, so `stage` is UNSUPPORTED. */
export const parquetFormat: Format = Object.freeze({
  name: "parquet",
  checkOptions: (options: FormatOptions) => {
    checkOptions("parquet", options, OPTIONS);
    schemaOption(options);
  },
  detect: (head: Uint8Array) => Buffer.from(head.subarray(0, 4)).toString("latin1") === "PAR1",
  scan: scanParquet,
  stage: async () => {
    throw new DynaframeError("UNSUPPORTED", "Parquet is not staged: engines read it directly", {
      hint: "Give the files to the engine's Parquet reader.",
    });
  },
} satisfies Format);

async function* scanParquet(
  files: readonly FileRef[],
  options: FormatOptions,
  context: ScanContext,
): AsyncIterable<FileLedger> {
  parquetFormat.checkOptions(options);
  const { scanFooters } = await import("./scan-footers.js");
  yield* scanFooters(files, context);
}
