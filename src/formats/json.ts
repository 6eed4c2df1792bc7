import { scanJsonFiles, type ScanJsonOptions } from "../shapes/scan-json.js";
import type { FileRef } from "../storage/index.js";
import type { StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { charsetOption } from "./charset-option.js";
import { booleanOption, checkOptions, type OptionTable, textOption } from "./check-options.js";
import { headText } from "./head.js";
import type { Format, FormatOptions, RowsContext, ScanContext, StageContext } from "./index.js";
import { looksLikeJson } from "./json-head.js";
import { schemaOption } from "./schema-option.js";

const OPTIONS: OptionTable = { jsonPath: "string", multiLine: "boolean", withSchema: "any", optimizePerformance: "boolean", encoding: "string" };

/**
 * JSON: records on lines, in arrays, pretty-printed or concatenated, told apart by each file's first records; `multiLine` says they are
 * not one per line. `jsonPath` `$` and `$[*]` mean the records themselves or the elements of a top-level array; other paths are
 * UNSUPPORTED_OPTION. `withSchema` and `optimizePerformance` are accepted and change nothing: every record is scanned, quickly.
 */
export const jsonFormat: Format = Object.freeze({
  name: "json",
  checkOptions: check,
  detect: (head: Uint8Array) => looksLikeJson(headText(head)),
  scan: (files: readonly FileRef[], options: FormatOptions, context: ScanContext) => scanJsonFiles(files, readerOf(options), context),
  rows: readRows,
  stage: async (files: readonly FileRef[], options: FormatOptions, type: StructType, layout: "nested" | "tables", context: StageContext) => {
    const { shredJsonFiles } = await import("../shapes/shred/shred-json.js");
    return shredJsonFiles(files, type, layout, readerOf(options), context);
  },
} satisfies Format);

async function* readRows(files: readonly FileRef[], options: FormatOptions, type: StructType, context: RowsContext) {
  const { shredRows } = await import("../shapes/shred/shred-rows.js");
  yield* shredRows(files, type, { reader: { kind: "json", ...readerOf(options) } }, context);
}

function check(options: FormatOptions): void {
  checkOptions("json", options, OPTIONS);
  charsetOption("json", options);
  schemaOption(options);
  const path = textOption(options, "jsonPath");
  if (path === undefined || path.trim() === "$" || path.trim() === "$[*]") return;
  throw new DynaframeError("UNSUPPORTED_OPTION", `jsonPath ${path} is not built yet`, {
    path: "jsonPath", expected: "$ or $[*]", found: path, hint: "Leave it out: arrays of records are read element by element. For a nested list, read the file and relationalize.",
  });
}

function readerOf(options: FormatOptions): Required<Pick<ScanJsonOptions, "mode" | "charset">> {
  check(options);
  const values = booleanOption(options, "multiLine", false) || textOption(options, "jsonPath")?.trim() === "$[*]";
  return { mode: values ? "values" : "auto", charset: charsetOption("json", options) };
}
