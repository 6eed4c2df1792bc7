/** The engine port: runs IR relations. Implementations in `reference/` (the oracle), `duckdb/`, `spark/` (later). */
import type { Progress } from "../formats/index.js";
import type { Relation, ScanFile, SinkTarget } from "../plan/ir/relation.js";
import type { TaskCluster } from "../shapes/task-cluster.js";
import type { Storage } from "../storage/index.js";
import type { StructType } from "../types/data-type.js";
import type { DynaframeError } from "../types/error.js";
import type { RecordBatch } from "../types/record-batch.js";
import type { Row } from "../types/value.js";
import type { ScanCount, Stage } from "./stages.js";

export type RunOptions = {
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Hears how far the call has come. */
  readonly onProgress?: (progress: Progress) => void;
};

export type EngineEnvironment = {
  readonly storage: Storage;
  /** Local folder of this session's own; removed on close. */
  readonly stagingDirectory: string;
  /** e.g. "512MB"; engines keep below it as well as they can. */
  readonly memoryLimit?: string;
  /** Threads and scan workers; default: the machine's cores, at most 8. */
  readonly threads?: number;
  /** How an engine gets its own S3 reader: `auto` (where it is installed), `off`, or the path of the extension. */
  readonly httpfs?: string;
  /** Bytes read from storage, by purpose. */
  readonly onBytesRead?: (purpose: "scan" | "stage", bytes: number) => void;
  readonly onWarning?: (code: string, message: string) => void;
};

/** A file an engine wrote for a sink, still in the sink's directory. */
export type WrittenFile = {
  readonly localFile: string;
  /** Hive style below the target: `year=2024/month=1`, "" when not partitioned; values are %-escaped. */
  readonly folder: string;
  /** Values by partition key, null for `__HIVE_DEFAULT_PARTITION__`. */
  readonly partition: readonly (string | null)[];
  /** Rows that the file holds. */
  readonly rows: number;
  /**
   * Rows that the plan gave for it, where the engine counts them apart from what the file holds: then nobody needs to
   * run the plan again to know.
   */
  readonly given?: number;
};

/** Programs of ours on the engine's machines. */
export type RowPrograms = {
  /** A fresh folder that the machines see under its path. */
  folder(): Promise<string>;
  /**
   * Runs a script of Node.js over the rows, one process for each partition that has any: its argument is the file with
   * `job`, its input the rows (`wire-rows.ts`). `take` gets the lines that the processes write, in the order of the
   * partitions; what it throws ends the others. False where the machines cannot: then nothing was taken.
   * @throws PROGRAM_FAILED when a process ends with an error
   */
  run(
    relation: Relation,
    script: string,
    job: Uint8Array,
    take: (line: string) => void,
    options?: RunOptions,
  ): Promise<boolean>;
  /** Parquet files of `type`, of the layout "nested", as a relation that reads them as often as needed until close. */
  read(files: readonly string[], type: StructType, options?: RunOptions): Promise<Relation>;
};

export interface EngineSession {
  readonly programs?: RowPrograms;
  /** The engine's machines, where they can scan and shred files. */
  readonly cluster?: TaskCluster | undefined;
  /** Makes ready what the first operation would otherwise wait for; absent where opening has done all. */
  start?(): Promise<void>;
  /** The records as vectors. */
  batches(relation: Relation, options?: RunOptions): AsyncIterable<RecordBatch>;
  /** The same as rows in arms form. Nested values as in `types/value.ts`. */
  rows(relation: Relation, options?: RunOptions): AsyncIterable<readonly Row[]>;
  count(relation: Relation, options?: RunOptions): Promise<number>;
  /** Partitions that the rows come in; absent where there is always one. */
  partitions?(relation: Relation, options?: RunOptions): Promise<number>;
  /** Runs the input of the sink into `target.directory`. */
  write(relation: Relation, target: SinkTarget, options?: RunOptions): Promise<readonly WrittenFile[]>;
  /** Loads rows of `type` (arms form) and returns a relation that reads them as often as needed until close. */
  load(rows: AsyncIterable<readonly Row[]>, type: StructType, options?: RunOptions): Promise<Relation>;
  /** The same of batches of `type`. */
  loadBatches(batches: AsyncIterable<RecordBatch>, type: StructType, options?: RunOptions): Promise<Relation>;
  /**
   * Files of a format that only this engine reads, as a relation of the engine's own types. Absent where there is no
   * such format.
   */
  engineFiles?(format: "orc", files: readonly ScanFile[], options?: RunOptions): Promise<Relation>;
  /** Computes the relation once; the result reads what was stored. */
  materialize(relation: Relation, options?: RunOptions): Promise<Relation>;
  /**
   * Frees what was stored for a relation: a materialised one, loaded rows (which cannot be read after it), of a scan
   * what was staged. A later use makes it again.
   */
  release(relation: Relation): Promise<void>;
  /**
   * Casts with `onError: "null"` whose value was nulled, by `path`; a separate pass over the columns concerned. And
   * values of text files that no arm of their scan's type holds, by their path in the records.
   */
  nulledCasts(relation: Relation, options?: RunOptions): Promise<ReadonlyMap<string, number>>;
  /** The user's SQL over named relations (each a view of that name, `schema.table` allowed). */
  sql(text: string, views: ReadonlyMap<string, Relation>, options?: RunOptions): Promise<SqlResult>;
  /**
   * Writes a database file of the engine, new, with a view for each relation; without `file` only says what each view
   * would be. What fails for one relation is its result. Absent where the engine has no such files.
   */
  saveDatabase?(
    file: string | undefined,
    tables: readonly SavedTable[],
    options?: RunOptions,
  ): Promise<readonly SavedView[]>;
  /** The text the engine would run, and notes on how sources are read. */
  explain(relation: Relation): Promise<string>;
  /**
   * What running the plan from the start would do, after `passes`: plans whose rows were read for functions. Reads
   * nothing.
   */
  stages(relation: Relation, passes: readonly Relation[]): readonly Stage[];
  /**
   * How often this session has read the files of a scan, by its id, and their bytes; of Parquet the bytes are those of
   * the whole files.
   */
  scans(source: string): ScanCount;
  close(): Promise<void>;
}

export type SavedTable = { readonly schema: string; readonly name: string; readonly relation: Relation };
/** `files`: the view reads the files of its source where they lie. `copy`: it reads a table of the database file. */
export type SavedView =
  { readonly kind: "files" | "copy" } | { readonly kind: "failed"; readonly error: DynaframeError };

export interface SqlResult {
  readonly type: StructType;
  rows(): AsyncIterable<readonly Row[]>;
  /** The result as a relation for further verbs. */
  relation(): Promise<Relation>;
}

export type EngineCapabilities = {
  /** Several fields of one struct may differ in case only. */
  readonly caseSensitiveNames: boolean;
  readonly presence: boolean;
};

export interface Engine {
  readonly name: string;
  readonly capabilities: EngineCapabilities;
  /** What a session's `cluster` will ask for, known before there is one; absent where sessions have none. */
  readonly clusterWork?: Pick<TaskCluster, "worthAbove" | "shareBytes"> | undefined;
  /** Loads the engine's code, so that `open` has only to begin. Absent where there is little to load. */
  load?(): Promise<void>;
  open(environment: EngineEnvironment): Promise<EngineSession>;
}
