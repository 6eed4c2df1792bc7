import type { FileRef } from "../storage/index.js";
import type { StructType } from "../types/data-type.js";
import { csvOptions } from "./csv-options.js";
import type { Format, FormatOptions, BatchesContext, ScanContext, StageContext } from "./index.js";

/**
 * CSV. `quoteChar: -1` turns quoting off. Two options are ours: `columns` names the columns by position, `inferTypes`
 * tells the types of cells from their text, as the crawler does; without it every cell is a string.
 */
export const csvFormat: Format = Object.freeze({
  name: "csv",
  checkOptions: (options: FormatOptions) => {
    csvOptions(options);
  },
  detect: (head: Uint8Array) => {
    const rows = new TextDecoder()
      .decode(head)
      .split(/\r?\n/, 3)
      .filter((row) => row !== "");
    return (
      rows.length >= 2
      && [",", "|", "\t", ";", "\u0001"].some((delimiter) => rows.every((row) => row.includes(delimiter)))
    );
  },
  scan: scanCsv,
  batches: readBatches,
  stage: async (
    files: readonly FileRef[],
    options: FormatOptions,
    type: StructType,
    layout: "nested" | "tables",
    context: StageContext,
  ) => {
    const { shredCsvFiles } = await import("../shapes/shred/shred-csv.js");
    return shredCsvFiles(files, type, layout, csvOptions(options), context);
  },
} satisfies Format);

async function* scanCsv(files: readonly FileRef[], options: FormatOptions, context: ScanContext) {
  const { scanCsvFiles } = await import("../shapes/scan-csv.js");
  yield* scanCsvFiles(files, csvOptions(options), context);
}

async function* readBatches(
  files: readonly FileRef[],
  options: FormatOptions,
  type: StructType,
  context: BatchesContext,
) {
  const [{ shredBatches }, { csvLayout }] = await Promise.all([
    import("../shapes/shred/shred-batches.js"),
    import("../shapes/scan-csv.js"),
  ]);
  yield* shredBatches(files, type, { reader: csvLayout(csvOptions(options)) }, context);
}
