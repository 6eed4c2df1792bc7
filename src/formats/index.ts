/**
 * The format port: one folder or file per format. A format can be detected, scanned into a ledger, and staged:
 * rewritten once as Parquet with exact types and arms, which every engine reads the same way.
 */
import type { FileRef, Storage } from "../storage/index.js";
import type { FileLedger } from "../shapes/ledger.js";
import type { KeptThreads } from "../shapes/kept-threads.js";
import type { WantedResult } from "../shapes/shred/result-columns.js";
import type { TaskCluster } from "../shapes/task-cluster.js";
import type { StructType } from "../types/data-type.js";
import type { RecordBatch } from "../types/record-batch.js";
import type { Row } from "../types/value.js";
import type { FormatName } from "./registry.js";

export type { FormatName } from "./registry.js";

export type FormatOptions = { readonly [option: string]: unknown };

/** Progress of long work, in bytes of stored data; of a query on a cluster (`query`) the tasks stand for files. */
export type Progress = {
  readonly phase: "list" | "scan" | "stage" | "write" | "query";
  readonly filesDone: number;
  readonly files: number;
  readonly bytesDone: number;
  readonly bytes: number;
};

export type ScanContext = {
  readonly storage: Storage;
  /** Worker threads at most; 1 = on the calling thread. */
  readonly workers: number;
  /** Where threads wait for the next scan; absent: they end with this one. */
  readonly threads?: KeptThreads;
  /** Other machines, for formats whose records our scanner reads; absent: there are none. */
  readonly cluster?: TaskCluster;
  readonly signal?: AbortSignal;
  /**
   * The files were listed just now and are read this once: large ones from afar are not kept, and copies of that
   * version are not asked about again.
   */
  readonly once?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Called with the bytes read from storage for inference; the counter that tests assert. */
  readonly onBytesScanned?: (bytes: number) => void;
};

/** What staging wrote. Parquet files, read by any engine with the physical layout of `docs/decisions/0003`. */
export type StagedTable = {
  /** "" for the records; else the list path whose elements are the rows (`items`, `items[].tags`). */
  readonly domain: string;
  readonly files: readonly string[];
  readonly rows: number;
};
export type StageResult = {
  readonly tables: readonly StagedTable[];
  readonly records: number;
  readonly malformed: number;
  /** Tasks on other machines that did it; absent: it was done here. */
  readonly clusterTasks?: number;
  /** Values that no arm of the type holds, by path; they are null. None where the type is the files' own. */
  readonly misfits?: ReadonlyMap<string, number>;
};

export type StageContext = ScanContext & {
  /** Local folder for the staged files. */
  readonly directory: string;
  /**
   * Ledgers of these files, as they are, tell of no malformed record and no duplicate key: what is not wanted need not
   * be looked into.
   */
  readonly sound?: boolean;
};

/** The fields of records of that type that a plan will read; undefined where that cannot be told. */
export type WantedFields = (type: StructType) => StructType | undefined;
export type ScanAndStageContext = ScanContext & {
  /** A fresh local folder for the staged files, asked for at most once. */
  readonly folder: () => Promise<string>;
  /** Called where rows will be staged and no file of a result written. */
  readonly onStaging?: () => void;
  /** What a write makes of records of that type, where it is fields of theirs: a format may write that file too. */
  readonly resultOf?: (type: StructType) => WantedResult | undefined;
};
/** A file of all records, in a local folder of the session. */
export type WrittenResult = {
  readonly asked: WantedResult;
  readonly file: { readonly path: string; readonly rows: number };
};
export type ScannedAndStaged = {
  readonly ledgers: readonly FileLedger[];
  readonly staged?: {
    readonly type: StructType;
    readonly result: StageResult;
    readonly written?: WrittenResult;
    readonly discard: () => void;
  };
};

export type BatchesContext = ScanContext & {
  readonly constants?: (file: FileRef) => Row;
  /**
   * Hears of the path of each value that no arm of the type holds, from formats whose reader yields records; scanners
   * of text count them when staging.
   */
  readonly onMisfit?: (path: string) => void;
};

export interface Format {
  readonly name: FormatName;
  /** Checks reader options; throws BAD_OPTION naming the option and the nearest known one. */
  checkOptions(options: FormatOptions): void;
  /** True if the first bytes (decompressed) look like this format; used by the built-in classifiers. */
  detect(head: Uint8Array, path: string): boolean;
  /** Exact ledger of each file, in the order given. */
  scan(files: readonly FileRef[], options: FormatOptions, context: ScanContext): AsyncIterable<FileLedger>;
  /**
   * The records as batches of `type`, in the order of the files, null and missing told apart; for formats that are
   * text. `constants` are fields to be added to each record of a file, behind those of `type`.
   */
  batches?(
    files: readonly FileRef[],
    options: FormatOptions,
    type: StructType,
    context: BatchesContext,
  ): AsyncIterable<RecordBatch>;
  /**
   * `scan` of all files and, from the same reading of them, what `stage` would make of the wanted fields of a type
   * guessed beforehand. The caller must see whether that is what is wanted of the ledgers' own type, and call `discard`
   * if not. Undefined, with hardly anything read, where it is not worth it.
   */
  scanAndStage?(
    files: readonly FileRef[],
    options: FormatOptions,
    wanted: WantedFields,
    context: ScanAndStageContext,
  ): Promise<ScannedAndStaged | undefined>;
  /**
   * Rewrites the files as Parquet holding exactly `type` (a projection of the ledger's type).
   * `layout` "nested" = one table of records; "tables" = flat tables per domain (see decision 0003).
   */
  stage(
    files: readonly FileRef[],
    options: FormatOptions,
    type: StructType,
    layout: "nested" | "tables",
    context: StageContext,
  ): Promise<StageResult>;
}
