/** Stages JSON files: records into Parquet files of exactly the given type, on one thread or several. */
import type { FileRef } from "../../storage/index.js";
import type { StructType } from "../../types/data-type.js";
import type { FileLedger } from "../ledger.js";
import type { JsonMode } from "../scan-task.js";
import type { Charset } from "../unpack/charset.js";
import { shredFiles, type StageFilesContext, type StagedRecords } from "./shred-files.js";

export type ShredJsonOptions = {
  /** As for `scanJsonFiles`; default "auto". */
  readonly mode?: JsonMode;
  readonly charset?: Charset;
  /** Of the same files: their record counts must be met, else STAGE_MISMATCH. */
  readonly ledgers?: readonly FileLedger[];
  /** Stored bytes from which worker threads start, and of one range of a large file; for tests. */
  readonly workersAbove?: number;
  readonly rangeBytes?: number;
};

/**
 * Writes the records of `files` as Parquet into `context.directory` (docs/decisions/0003): one table with `layout`
 * "nested", one for each of `flatDomains(type)` with "tables". Malformed records are left out and counted, as
 * `scanJsonFiles` counts them; keys that `type` lacks are left out; a value that no arm of `type` holds is null and
 * counted in `misfits`. Null and missing are both null.
 *
 * An integer goes to the narrowest arm that holds it: int, long, decimal, double, and at last string, which gets its
 * text; so do integers past 38 digits and doubles past 1.8e308.
 *
 * @throws SOURCE_CHANGED, SOURCE_VANISHED when a file is not what was listed; STAGE_MISMATCH when it has not the
 * records of its ledger; UNSUPPORTED_TYPE for maps; NO_SPACE and other failures of writing. No file of ours is left
 * behind then.
 */
export function shredJsonFiles(
  files: readonly FileRef[],
  type: StructType,
  layout: "nested" | "tables",
  options: ShredJsonOptions,
  context: StageFilesContext,
): Promise<StagedRecords> {
  const { mode = "auto", charset, ...rest } = options;
  return shredFiles(
    files,
    type,
    layout,
    { ...rest, reader: { kind: "json", mode, ...(charset && { charset }) } },
    context,
  );
}
