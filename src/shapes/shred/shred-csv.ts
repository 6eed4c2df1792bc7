/** Stages CSV files: rows into Parquet files of exactly the given type, on one thread or several. */
import type { FileRef } from "../../storage/index.js";
import type { StructType } from "../../types/data-type.js";
import type { FileLedger } from "../ledger.js";
import { csvLayout, type CsvOptions } from "../scan-csv.js";
import { shredFiles, type StageFilesContext, type StagedRecords } from "./shred-files.js";

/** As for `scanCsvFiles`, and the ledgers it gave: their record counts must be met, else STAGE_MISMATCH. */
export type ShredCsvOptions = CsvOptions & { readonly ledgers?: readonly FileLedger[] };

/**
 * Writes the rows of `files` as Parquet, as `shredJsonFiles` does for JSON. Columns are fields of `type` by name; those
 * that it lacks are left out, those that a row or file lacks are null.
 *
 * A field of type string gets the text of its cells, empty ones too. With `inferTypes`, or where the type has other
 * arms, an empty cell is null and another goes to the arm of the type that its text has (wasm/cell-type.ts), numbers
 * widening as in JSON; else to the string arm; else it is null and counted in `misfits`. A timestamp without a zone is
 * taken as UTC; one finer than microseconds is text.
 *
 * @throws BAD_OPTION as `scanCsvFiles`, and as `shredJsonFiles`.
 */
export function shredCsvFiles(
  files: readonly FileRef[],
  type: StructType,
  layout: "nested" | "tables",
  options: ShredCsvOptions,
  context: StageFilesContext,
): Promise<StagedRecords> {
  const { ledgers, workersAbove } = options;
  const shred = { ...(ledgers !== undefined && { ledgers }), ...(workersAbove !== undefined && { workersAbove }) };
  return shredFiles(files, type, layout, { ...shred, reader: csvLayout(options) }, context);
}
