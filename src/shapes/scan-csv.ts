/** The exact ledger of CSV files. */
import type { FileRef } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";
import type { FileLedger } from "./ledger.js";
import type { CsvLayout } from "./scan-csv-block.js";
import { scanFilesOrTexts } from "./scan-texts.js";
import type { ScanFilesContext, ScanFilesOptions } from "./scan-options.js";
import type { Charset } from "./unpack/charset.js";

export type CsvOptions = {
  /** One ASCII character; default ",". */
  readonly separator?: string;
  /** One ASCII character, or -1 for no quoting; default '"'. A doubled quote inside quotes stands for one. */
  readonly quoteChar?: string | -1;
  /** Takes the next character as it is, but for n, r, t and 0; default none. */
  readonly escaper?: string;
  /** Records may span lines inside quotes; default false: a quote not closed on its line makes the line malformed. */
  readonly multiLine?: boolean;
  /** The first row of each file names the columns; default false. */
  readonly withHeader?: boolean;
  /** Leaves out the first row of data of each file; default false. */
  readonly skipFirst?: boolean;
  /** Names of the columns, in place of a header's. */
  readonly names?: readonly string[];
  /**
   * Count cells by the type of their text (see wasm/cell-type.ts), empty ones as null; default false: all are strings.
   */
  readonly inferTypes?: boolean;
  /** Also tell the digits of numbers: `FileLedger.texts`. Each file is read twice. */
  readonly textTypes?: boolean;
  /** Of files without a byte order mark; default UTF-8. */
  readonly charset?: Charset;
} & Pick<ScanFilesOptions, "maxRecord" | "workersAbove">;

/**
 * Scans every row of every file; ledgers come in the order of the files. Without names, columns are `col0`, `col1`, …
 * as many as the widest row has; with names, a row of more cells is malformed (CSV_TOO_MANY_CELLS). A row of fewer
 * lacks the rest. Places of cells are those of their first byte, the quote if there is one.
 * @throws BAD_OPTION for a character that is not one ASCII character, and as `scanFiles`.
 */
export function scanCsvFiles(
  files: readonly FileRef[],
  options: CsvOptions,
  context: ScanFilesContext,
): AsyncIterable<FileLedger> {
  const { maxRecord, workersAbove, textTypes = false } = options;
  const scan = { ...(maxRecord !== undefined && { maxRecord }), ...(workersAbove !== undefined && { workersAbove }) };
  return scanFilesOrTexts(files, { ...scan, reader: csvLayout(options), format: "csv" }, textTypes, context);
}

/** The options as the scanner and the shredder take them. */
export function csvLayout(options: CsvOptions): CsvLayout & { readonly charset?: Charset } {
  const {
    separator = ",",
    quoteChar = '"',
    escaper,
    multiLine = false,
    withHeader = false,
    skipFirst = false,
    names,
    inferTypes = false,
    charset,
  } = options;
  return Object.freeze({
    kind: "csv",
    separator: asciiCode("separator", separator),
    quote: quoteChar === -1 ? -1 : asciiCode("quoteChar", quoteChar),
    escaper: escaper === undefined ? -1 : asciiCode("escaper", escaper),
    multiLine,
    header: withHeader,
    skipFirst,
    inferTypes,
    ...(names && { names }),
    ...(charset && { charset }),
  });
}

function asciiCode(option: string, text: string): number {
  const code = text.charCodeAt(0);
  if (text.length === 1 && code < 128 && code !== 10 && code !== 13) return code;
  throw new DynaframeError("BAD_OPTION", `${option} must be one ASCII character that ends no line`, {
    path: option,
    expected: "one ASCII character",
    found: JSON.stringify(text),
    hint: `for example ${option}: ","`,
  });
}
