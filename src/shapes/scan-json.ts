/** The exact ledger of JSON files. */
import type { FileRef } from "../storage/index.js";
import type { FileLedger } from "./ledger.js";
import { scanFilesOrTexts } from "./scan-texts.js";
import type { ScanFilesContext, ScanFilesOptions } from "./scan-options.js";
import type { JsonMode } from "./scan-task.js";
import type { Charset } from "./unpack/charset.js";

export type ScanJsonOptions = {
  /**
   * How records lie in a file. "lines": one per line. "values": arrays of records, pretty-printed and concatenated
   * records. "auto" (default): told by each file's first records.
   */
  readonly mode?: JsonMode;
  /** Of files without a byte order mark; default UTF-8. */
  readonly charset?: Charset;
  /** Also tell what texts spell: `FileLedger.texts`. Each file is read twice. */
  readonly textTypes?: boolean;
} & Pick<ScanFilesOptions, "maxRecord" | "workersAbove" | "rangeBytes">;

/**
 * Scans every record of every file; ledgers come in the order of the files. Offsets are bytes of the decompressed file
 * (of its UTF-8 form, if it was UTF-16); a missing field is known from its parent's count, an explicit null is counted.
 * @throws as `scanFiles`; malformed records are in the ledgers.
 */
export function scanJsonFiles(
  files: readonly FileRef[],
  options: ScanJsonOptions,
  context: ScanFilesContext,
): AsyncIterable<FileLedger> {
  const { mode = "auto", charset, textTypes = false, ...rest } = options;
  return scanFilesOrTexts(
    files,
    { ...rest, reader: { kind: "json", mode, ...(charset && { charset }) }, format: "json" },
    textTypes,
    context,
  );
}
