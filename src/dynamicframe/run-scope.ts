/** What a running job asks of the sources, keyed transforms and sinks of its context. Outside a job there is none. */
import type { TableChange } from "../catalog/index.js";
import type { Database, DatabaseAddress, DatabaseWrite } from "../database/index.js";
import type { ScanFile } from "../plan/ir/relation.js";
import type { FileLedger } from "../shapes/ledger.js";
import type { ErrorRecord } from "./frame-node.js";
import type { FileBound } from "./sources/bounded-files.js";
import type { WriteReport } from "./write/write-frame.js";

/** How much of a backlog one run takes. */
export type InputBound = FileBound;

/** A file finished aside that a commit puts in its place. */
export type StagedFile = { readonly staged: string; readonly final: string };

export type KeySelection =
  | { readonly kind: "all"; readonly note?: string; readonly warning?: string }
  | { readonly kind: "after" | "none"; readonly state: string | undefined };

/** Malformed records by file, and those that a function failed on, each with its step. */
export type RunFailures = {
  readonly malformed: readonly { readonly step: string; readonly ledger: FileLedger }[];
  readonly failed: readonly {
    readonly step: string;
    readonly count: number;
    readonly records: readonly ErrorRecord[];
  }[];
};

/** A write of the run, kept until the commit. */
export type RunWrite = {
  readonly report: WriteReport;
  /** Where it goes: the address of a folder, or the label of a database with a table. */
  readonly target: string;
  readonly files: readonly StagedFile[];
  /** Files that go with the commit (mode overwrite). */
  readonly removed: readonly string[];
  /** The records that the write could not take, for the quarantine. */
  readonly failures?: () => Promise<RunFailures>;
  /** What the commit changes in the catalog; asked for in order, each after the changes before it. */
  readonly change?: (before: readonly TableChange[]) => Promise<TableChange>;
};

export interface RunScope {
  /**
   * The files that a source reads in this run, and a note for `explain()` when some are left out. `ctx` is the source's
   * transformationCtx: without one nothing is remembered, and there is a warning, once for a source.
   */
  selectInputs(
    ctx: string,
    source: string,
    files: readonly ScanFile[],
    bound: InputBound | undefined,
  ): Promise<{ readonly files: readonly ScanFile[]; readonly note?: string; readonly warning?: string }>;
  /** The first key of a relationalize call; `count` tells, at commit, how many keys it took from there on. */
  keysFrom(ctx: string, count: () => Promise<number>): Promise<number>;
  /**
   * What a source reads that is known by keys: all of it, nothing (a replay), or what comes after the state that a run
   * before has kept, if one has.
   */
  selectKeys(ctx: string, source: string): Promise<KeySelection>;
  /** The state of the keys once this run has committed. */
  keepKeys(ctx: string, state: string): void;
  /**
   * A folder for files aside, kept until the commit or the end of the run. `beside`: where the storage can rename from.
   */
  stagingFolder(beside: string | undefined): Promise<string>;
  keepWrite(write: RunWrite): void;
  /**
   * Writes into a database, in the run's transaction there, which the commit commits. One write comes after another;
   * what one that fails did is undone.
   */
  writeDatabase<T>(
    address: DatabaseAddress,
    write: (database: Database, session: DatabaseWrite) => Promise<T>,
  ): Promise<T>;
}
