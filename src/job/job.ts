/**
 * A job run: what its sources read, its transforms numbered and its sinks wrote becomes visible and remembered in one step, `commit()`.
 * Semantics of Glue's Job and bookmarks (reference §15); what is better than Glue's: docs/decisions/0070.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Catalog, JobBookmarkEntry, JobStateStore, Publication, TableChange } from "../catalog/index.js";
import type { RunScope, RunWrite } from "../dynamicframe/run-scope.js";
import type { WriteReport } from "../dynamicframe/write/write-frame.js";
import type { Storage } from "../storage/index.js";
import { takeLease, type Holder, type Lease } from "../storage/lease.js";
import { DynaframeError } from "../types/error.js";
import { createRunScope, type RunScopeState } from "./bookmark-scope.js";
import { finishPublications } from "./publish.js";
import { RunFiles, removeLeftFolders } from "./run-files.js";

export type BookmarkOption = "job-bookmark-enable" | "job-bookmark-pause" | "job-bookmark-disable";

/** What `Job.init` needs of a context. */
export type JobContext = {
  readonly catalog: Catalog;
  readonly storage: Storage;
  enterRun(scope: RunScope, abandon: () => Promise<void>): void;
  leaveRun(): void;
  /** Takes the job's arguments, of which transforms use `TempDir`. */
  setResolvedOptions?(options: JobInitOptions): void;
};

/** Job arguments as `getResolvedOptions` gives them; only what is named here is looked at. */
export type JobInitOptions = {
  readonly job_bookmark_option?: string | null;
  readonly job_bookmark_from?: string | null;
  readonly job_bookmark_to?: string | null;
  readonly JOB_RUN_ID?: string | null;
  /** A commit whose records do not add up fails. Also `requireBalanced: true` beside the arguments. */
  readonly [argument: string]: string | boolean | null | undefined;
};

/** What a commit made visible. The identity `read = written + errors + filtered` holds for each write that maps records to rows. */
export type CommitReport = {
  readonly jobName: string;
  readonly runId: string;
  readonly bookmark: JobBookmarkEntry;
  /** Files that the bookmark now remembers, of this run. */
  readonly inputs: number;
  readonly read: number;
  readonly written: number;
  readonly errors: number;
  readonly filtered: number;
  readonly balanced: boolean;
  readonly writes: readonly WriteReport[];
};

export class Job {
  #over = false;
  private constructor(
    readonly name: string, readonly runId: string, private readonly glue: JobContext, private readonly store: JobStateStore, private readonly state: RunScopeState,
    private readonly files: RunFiles, private readonly lease: Lease | undefined, private readonly bookmark: JobBookmarkEntry, private readonly requireBalanced: boolean,
  ) {}

  /**
   * Begins a run. With bookmarks on or paused a job runs once at a time. Finishes first what a killed run committed, and removes what one left.
   * @throws CONCURRENT_RUNS (ConcurrentRunsExceededException), BAD_ARGUMENT, UNSUPPORTED_CATALOG for a catalog that keeps no bookmarks
   * @example const job = await Job.init(glue, args.JOB_NAME, args); … await job.commit();
   */
  static async init(glue: JobContext, name: string, args: JobInitOptions = {}): Promise<Job> {
    if (!name) throw new DynaframeError("BAD_ARGUMENT", "A job needs a name.", { expected: "the job's name", hint: "Pass --JOB_NAME, or a name of your own." });
    const store = glue.catalog.jobState;
    if (!store) {
      throw new DynaframeError("UNSUPPORTED_CATALOG", `The catalog at ${glue.catalog.address} keeps no bookmarks: it cannot change them and its tables in one step.`, { found: glue.catalog.address, hint: "Open a catalog in a folder for jobs." });
    }
    const option = bookmarkOption(args);
    const runId = args.JOB_RUN_ID ?? `jr_${randomBytes(16).toString("hex")}`;
    const folder = runsFolder(glue.catalog);
    const lease = option === "job-bookmark-disable" ? undefined : await takeLease(folder, `job-${name}`, (holder) => running(name, holder));
    let files: RunFiles | undefined;
    try {
      await tidyRuns(glue.catalog, glue.storage);
      const bookmark = await store.beginAttempt(name);
      files = await RunFiles.open(folder, runId);
      const state = createRunScope({ job: name, option, store, files, from: args.job_bookmark_from ?? undefined, to: args.job_bookmark_to ?? undefined });
      const job = new Job(name, runId, glue, store, state, files, lease, bookmark, args["requireBalanced"] === true);
      glue.setResolvedOptions?.(args);
      glue.enterRun(state.scope, () => job.abandon());
      return job;
    } catch (error) {
      await files?.close(false);
      await lease?.release();
      throw error;
    }
  }

  /** Commits and ends the run. Until then nothing of it is visible or remembered. @throws JOB_NOT_BALANCED, VERSION_MISMATCH; then nothing was committed. */
  async commit(): Promise<CommitReport> {
    this.#begin("commit");
    try {
      const report = this.#account();
      if (this.requireBalanced && !report.balanced) throw unbalanced(this.name, report);
      const bookmark = await this.store.commitRun({
        job: this.name, runId: this.runId, version: this.bookmark.Version, inputs: this.state.inputs, contexts: await this.state.contexts(),
        changes: await changesOf(this.state.writes), publications: publicationsOf(this.state.writes), saveBookmark: this.state.saves,
      });
      await finishPublications(this.glue.catalog, this.glue.storage);
      return { ...report, bookmark };
    } finally {
      await this.#end();
    }
  }

  /** Ends the run without a commit: nothing of it is remembered, and its outputs are removed. Closing the context does this too. */
  async abandon(): Promise<void> {
    this.#begin("abandon");
    await this.#end();
  }

  #begin(what: string): void {
    if (this.#over) throw new DynaframeError("JOB_OVER", `Run ${this.runId} of ${this.name} is over: it cannot ${what} again.`, { path: this.name, hint: "Begin another run with Job.init." });
    this.#over = true;
  }

  async #end(): Promise<void> {
    this.glue.leaveRun();
    const open = await this.store.openPublications();
    await this.files.close(open.some(({ runId }) => runId === this.runId));
    await this.lease?.release();
  }

  #account(): Omit<CommitReport, "bookmark"> {
    const writes = this.state.writes.map(({ report }) => report);
    const sum = (of: (report: WriteReport) => number): number => writes.reduce((total, report) => total + of(report), 0);
    return {
      jobName: this.name, runId: this.runId, inputs: [...this.state.inputs.values()].reduce((n, files) => n + files.length, 0),
      read: sum((r) => r.read), written: sum((r) => r.written), errors: sum((r) => r.errors), filtered: sum((r) => r.filtered), balanced: writes.every((r) => r.balanced), writes,
    };
  }
}

/** Finishes what killed runs committed, and removes what others left; returns the folders that were, or with `dryRun` would be, removed. */
export async function tidyRuns(catalog: Catalog, storage: Storage, dryRun = false): Promise<readonly string[]> {
  if (!dryRun) await finishPublications(catalog, storage);
  const open = (await catalog.jobState?.openPublications()) ?? [];
  return removeLeftFolders(runsFolder(catalog), new Set(open.map(({ runId }) => runId)), dryRun);
}

/** Where runs keep their leases and the lists of their outputs: in the catalog's folder. */
const runsFolder = (catalog: Catalog): string => join(catalog.address.replace(/^sqlite:/, ""), "runs");

async function changesOf(writes: readonly RunWrite[]): Promise<readonly TableChange[]> {
  const changes: TableChange[] = [];
  for (const { change } of writes) if (change) changes.push(await change(changes));
  return changes;
}

const publicationsOf = (writes: readonly RunWrite[]): readonly Publication[] => writes.flatMap(({ files, removed }) => [
  ...files.map(({ staged, final }): Publication => ({ kind: "publish", staged, final })), ...removed.map((final): Publication => ({ kind: "remove", final })),
]);

const OPTIONS: readonly string[] = ["job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable"] satisfies BookmarkOption[];

function bookmarkOption(args: JobInitOptions): BookmarkOption {
  const option = args.job_bookmark_option ?? "job-bookmark-disable";
  if (OPTIONS.includes(option)) return option as BookmarkOption;
  throw new DynaframeError("BAD_ARGUMENT", `job_bookmark_option ${option} is not known.`, { expected: OPTIONS.join(", "), found: option });
}

const running = (name: string, holder: Holder | undefined): DynaframeError => new DynaframeError("CONCURRENT_RUNS", `Job ${name} is running already.`, {
  name: "ConcurrentRunsExceededException", path: name, ...(holder ? { found: `process ${holder.pid} on ${holder.host} since ${holder.started}` } : {}),
  hint: "With bookmarks a job runs once at a time: wait until that run has ended.",
});

const unbalanced = (name: string, r: { readonly read: number; readonly written: number; readonly errors: number; readonly filtered: number }): DynaframeError =>
  new DynaframeError("JOB_NOT_BALANCED", `Job ${name}: read ${r.read} is not written ${r.written} + errors ${r.errors} + filtered ${r.filtered}; nothing was committed.`, {
    path: name, expected: String(r.read), found: String(r.written + r.errors + r.filtered), hint: "See the reports of the writes for the step that lost or gained records.",
  });
