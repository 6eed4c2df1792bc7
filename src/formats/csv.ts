import type { CsvOptions } from "../shapes/scan-csv.js";
import type { FileRef } from "../storage/index.js";
import type { StructType } from "../types/data-type.js";
import { badValue, booleanOption, checkOptions, type OptionTable, textOption } from "./check-options.js";
import type { Format, FormatOptions, RowsContext, ScanContext, StageContext } from "./index.js";

const OPTIONS: OptionTable = {
  separator: "char", escaper: "any", quoteChar: "any", multiLine: "boolean", withHeader: "boolean", skipFirst: "boolean", writeHeader: "boolean",
  withSchema: "any", optimizePerformance: "boolean", strictCheckForQuoting: "boolean",
  // ours: names of the columns by position, and types told from the text, as for a catalog table
  columns: "any", inferTypes: "boolean",
};

/**
 * CSV. `quoteChar: -1` turns quoting off. Two options are ours: `columns` names the columns by position, `inferTypes` tells the types of
 * cells from their text, as the crawler does; without it every cell is a string.
 */
export const csvFormat: Format = Object.freeze({
  name: "csv",
  checkOptions: (options: FormatOptions) => { csvOptions(options); },
  detect: (head: Uint8Array) => {
    const rows = new TextDecoder().decode(head).split(/\r?\n/, 3).filter((row) => row !== "");
    return rows.length >= 2 && [",", "|", "\t", ";", "\u0001"].some((delimiter) => rows.every((row) => row.includes(delimiter)));
  },
  scan: scanCsv,
  rows: readRows,
  stage: async (files: readonly FileRef[], options: FormatOptions, type: StructType, layout: "nested" | "tables", context: StageContext) => {
    const { shredCsvFiles } = await import("../shapes/shred/shred-csv.js");
    return shredCsvFiles(files, type, layout, csvOptions(options), context);
  },
} satisfies Format);

async function* scanCsv(files: readonly FileRef[], options: FormatOptions, context: ScanContext) {
  const { scanCsvFiles } = await import("../shapes/scan-csv.js");
  yield* scanCsvFiles(files, csvOptions(options), context);
}

async function* readRows(files: readonly FileRef[], options: FormatOptions, type: StructType, context: RowsContext) {
  const [{ shredRows }, { csvLayout }] = await Promise.all([import("../shapes/shred/shred-rows.js"), import("../shapes/scan-csv.js")]);
  yield* shredRows(files, type, { reader: csvLayout(csvOptions(options)) }, context);
}

/** Checks the options and fills in Glue's defaults, as the scanner takes them. BAD_OPTION names the option. */
export function csvOptions(options: FormatOptions): CsvOptions {
  checkOptions("csv", options, OPTIONS);
  const names = columnsOf(options);
  const escaper = charOrOff(options, "escaper", -1);
  return {
    separator: textOption(options, "separator") ?? ",",
    quoteChar: charOrOff(options, "quoteChar", '"'),
    ...(escaper === -1 ? {} : { escaper }),
    multiLine: booleanOption(options, "multiLine", false),
    withHeader: booleanOption(options, "withHeader", false),
    skipFirst: booleanOption(options, "skipFirst", false),
    ...(names === undefined ? {} : { names }),
    inferTypes: booleanOption(options, "inferTypes", false),
  };
}

function charOrOff(options: FormatOptions, option: string, otherwise: string | -1): string | -1 {
  const value = options[option];
  if (value === undefined) return otherwise;
  if (value === -1 || value === "-1" || value === null) return -1;
  if (typeof value === "string" && [...value].length === 1) return value;
  throw badValue("csv", option, "one character, or -1 for none", value);
}

function columnsOf(options: FormatOptions): readonly string[] | undefined {
  const value = options["columns"];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value as readonly string[];
  throw badValue("csv", "columns", "a list of names", value);
}
