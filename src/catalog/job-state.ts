/**
 * What jobs remember, beside the catalog and in one transaction with it: bookmarks, and the outputs of a commit until
 * all of them are in place. See docs/decisions/0070.
 */
import type { EntityChange } from "./entity.js";
import type { TableChange } from "./index.js";

/** A file as it was when it was read: another etag or size is another input. */
export type InputKey = { readonly path: string; readonly etag: string; readonly size: number };

/**
 * Glue's JobBookmarkEntry. Run counts commits, Attempt the runs begun since, Version every change, resets and rewinds
 * too.
 */
export type JobBookmarkEntry = {
  readonly JobName: string;
  readonly Version: number;
  readonly Run: number;
  readonly Attempt: number;
  readonly PreviousRunId?: string;
  readonly RunId?: string;
  /** JSON: what is remembered by transformationCtx. */
  readonly JobBookmark: string;
};

/**
 * What a run keeps of one transformationCtx, besides files: the next key of relationalize, the bounds of JDBC keys.
 * Plain JSON.
 */
export type ContextState = { readonly [name: string]: string | number | null };

/**
 * One step of publishing: a finished file of a run under its final name, or an old file that goes. Doing it twice does
 * no harm.
 */
export type Publication =
  | { readonly kind: "publish"; readonly staged: string; readonly final: string }
  | { readonly kind: "remove"; readonly final: string };

export type RunCommit = {
  readonly job: string;
  readonly runId: string;
  /** Fails with VERSION_MISMATCH unless the bookmark is still at this version. */
  readonly version: number;
  /** Files read, by transformationCtx. Empty for a run whose bookmark is paused or disabled. */
  readonly inputs: ReadonlyMap<string, readonly InputKey[]>;
  readonly contexts: ReadonlyMap<string, ContextState>;
  readonly changes: readonly TableChange[];
  readonly publications: readonly Publication[];
  /** Changes of entities, made with the rest or not at all. */
  readonly entities?: readonly EntityChange[];
  /** False leaves the bookmark as it is, and only publishes. */
  readonly saveBookmark: boolean;
};

/** A commit that was made and may not be published in full. */
export type OpenPublication = { readonly runId: string; readonly publications: readonly Publication[] };

export interface JobStateStore {
  /** The bookmark, or undefined when the job never committed. */
  getBookmark(job: string): Promise<JobBookmarkEntry | undefined>;
  /** Counts an attempt; the bookmark as it then is. */
  beginAttempt(job: string): Promise<JobBookmarkEntry>;
  /**
   * Of these files, the paths that a committed run has read as they are now; `range` looks only at runs after `from` up
   * to and with `to`.
   */
  knownInputs(job: string, ctx: string, files: readonly InputKey[]): Promise<ReadonlySet<string>>;
  /** Paths read by the runs after `from` up to and with `to`. @throws RUN_NOT_FOUND */
  inputsOfRuns(job: string, ctx: string, from: string, to: string): Promise<ReadonlySet<string>>;
  contextState(job: string, ctx: string): Promise<ContextState | undefined>;
  /** All of it or nothing. @throws VERSION_MISMATCH, CONCURRENT_MODIFICATION (ConcurrentModificationException) */
  commitRun(commit: RunCommit): Promise<JobBookmarkEntry>;
  openPublications(): Promise<readonly OpenPublication[]>;
  publicationDone(runId: string): Promise<void>;
  /**
   * Forgets everything; with `runId`, what was remembered after that run.
   * @throws RUN_NOT_FOUND, BOOKMARK_NOT_FOUND (EntityNotFoundException)
   */
  resetBookmark(job: string, runId?: string): Promise<JobBookmarkEntry>;
}
