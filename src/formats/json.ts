import { scanJsonFiles, type ScanJsonOptions } from "../shapes/scan-json.js";
import type { FileRef } from "../storage/index.js";
import type { StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { charsetOption } from "./charset-option.js";
import { booleanOption, checkOptions, type OptionTable, textOption } from "./check-options.js";
import { headText } from "./head.js";
import type {
  Format,
  FormatOptions,
  BatchesContext,
  ScanAndStageContext,
  ScanContext,
  StageContext,
  WantedFields,
} from "./index.js";
import { looksLikeJson } from "./json-head.js";
import { type JsonPathStep, parseJsonPath } from "./json-path.js";
import { recordFormat } from "./record-format.js";
import { schemaOption } from "./schema-option.js";

const OPTIONS: OptionTable = {
  jsonPath: "string",
  multiLine: "boolean",
  withSchema: "any",
  optimizePerformance: "boolean",
  encoding: "string",
  textTypes: "boolean",
};

/**
 * JSON: records on lines, in arrays, pretty-printed or concatenated, told apart by each file's first records;
 * `multiLine` says they are not one per line. `jsonPath` `$` and `$[*]` mean the records themselves or the elements of
 * a top-level array; other paths select records inside each value (src/formats/json-path.ts). `optimizePerformance` is
 * accepted and changes nothing: every record is scanned, quickly. Ours, for scans only: `textTypes` also tells what
 * strings spell.
 */
export const jsonFormat: Format = Object.freeze({
  name: "json",
  checkOptions: check,
  detect: (head: Uint8Array) => looksLikeJson(headText(head)),
  scan: (files: readonly FileRef[], options: FormatOptions, context: ScanContext) =>
    selectsInside(options)
      ? pathFormat.scan(files, options, context)
      : scanJsonFiles(files, { ...readerOf(options), textTypes: booleanOption(options, "textTypes", false) }, context),
  scanAndStage: async (
    files: readonly FileRef[],
    options: FormatOptions,
    wanted: WantedFields,
    context: ScanAndStageContext,
  ) => {
    if (selectsInside(options) || booleanOption(options, "textTypes", false)) return undefined;
    const { discardShredded, scanAndShred } = await import("../shapes/shred/scan-and-shred.js");
    const done = await scanAndShred(files, wanted, { reader: { kind: "json", ...readerOf(options) } }, context);
    if (done === undefined) return undefined;
    const { ledgers, shredded } = done;
    return {
      ledgers,
      ...(shredded && {
        staged: {
          ...shredded,
          discard: () => {
            discardShredded(shredded);
          },
        },
      }),
    };
  },
  batches: (files: readonly FileRef[], options: FormatOptions, type: StructType, context: BatchesContext) =>
    (selectsInside(options) ? pathFormat.batches?.(files, options, type, context) : undefined)
    ?? readBatches(files, options, type, context),
  stage: async (
    files: readonly FileRef[],
    options: FormatOptions,
    type: StructType,
    layout: "nested" | "tables",
    context: StageContext,
  ) => {
    if (selectsInside(options)) return pathFormat.stage(files, options, type, layout, context);
    const { shredJsonFiles } = await import("../shapes/shred/shred-json.js");
    return shredJsonFiles(files, type, layout, readerOf(options), context);
  },
} satisfies Format);

const pathFormat = recordFormat({
  name: "json",
  detect: () => false,
  checkOptions: check,
  reader: async (options) => (await import("./json-path-reader.js")).jsonPathReader(stepsOf(options)),
});

/**
 * True for a path that the scanner cannot follow: other than to the values themselves, or to the elements of an array.
 */
export const selectsInside = (options: FormatOptions): boolean => stepsOf(options).length > 0 && !isElements(options);

const isElements = (options: FormatOptions): boolean =>
  /^\$\[\s*\*\s*\]$/.test(textOption(options, "jsonPath")?.trim() ?? "");

const stepsOf = (options: FormatOptions): readonly JsonPathStep[] =>
  parseJsonPath(textOption(options, "jsonPath") ?? "$");

async function* readBatches(
  files: readonly FileRef[],
  options: FormatOptions,
  type: StructType,
  context: BatchesContext,
) {
  const { shredBatches } = await import("../shapes/shred/shred-batches.js");
  yield* shredBatches(files, type, { reader: { kind: "json", ...readerOf(options) } }, context);
}

function check(options: FormatOptions): void {
  checkOptions("json", options, OPTIONS);
  const charset = charsetOption("json", options);
  schemaOption(options);
  if (selectsInside(options) && charset !== "utf-8") {
    throw new DynaframeError("UNSUPPORTED_OPTION", "jsonPath and encoding cannot be combined", {
      path: "encoding",
      found: charset,
      hint: "Files in UTF-8, or in UTF-16 with a byte order mark, need no encoding.",
    });
  }
}

function readerOf(options: FormatOptions): Required<Pick<ScanJsonOptions, "mode" | "charset">> {
  check(options);
  const values = booleanOption(options, "multiLine", false) || isElements(options);
  return { mode: values ? "values" : "auto", charset: charsetOption("json", options) };
}
