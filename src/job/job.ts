/**
 * A job run: what its sources read, its transforms numbered and its sinks wrote becomes visible and remembered in one
 * step, `commit()`. Semantics of Glue's Job and bookmarks (docs/sources.md#jobs); what is better than Glue's:
 * docs/decisions/0070.
 */
import type { Catalog, JobBookmarkEntry } from "../catalog/index.js";
import type { RunScope } from "../dynamicframe/run-scope.js";
import type { WriteReport } from "../dynamicframe/write/write-frame.js";
import type { Storage } from "../storage/index.js";
import type { RunAccount } from "./account.js";
import type { JobRun } from "./job-run.js";
import type { RunMetrics } from "./run/run-record.js";
import { requireContext, requireOptions, requireText } from "../dynamicframe/require-text.js";

/** Whether a job reads only what no run committed, and remembers it; whether it only reads so; or neither. */
export type BookmarkOption = "job-bookmark-enable" | "job-bookmark-pause" | "job-bookmark-disable";

/** What `Job.init` needs of a context. */
export type JobContext = {
  readonly catalog: Catalog;
  readonly storage: Storage;
  enterRun(scope: RunScope, abandon: () => Promise<void>): void;
  leaveRun(): void;
  /** Begins to load the engine, which goes on while the run is begun. */
  warm?(): void;
  /** Takes the job's arguments, of which transforms use `TempDir`. */
  setResolvedOptions?(options: JobInitOptions): void;
};

/** Job arguments as `getResolvedOptions` gives them; only what is named here is looked at. */
export type JobInitOptions = {
  /** A `BookmarkOption`; default `job-bookmark-disable`, as in Glue. */
  readonly job_bookmark_option?: string | null;
  /** With pause: only what the runs after this one read is read; the id of a run. */
  readonly job_bookmark_from?: string | null;
  /** With pause: the last run whose files are read; the id of a run. */
  readonly job_bookmark_to?: string | null;
  /** The run's id; default: a new one. */
  readonly JOB_RUN_ID?: string | null;
  /** A commit whose records do not add up fails. Also `requireBalanced: true` beside the arguments. */
  readonly [argument: string]: string | boolean | null | undefined;
};

/** What a commit made visible. */
export type CommitReport = RunAccount & {
  readonly jobName: string;
  readonly runId: string;
  readonly bookmark: JobBookmarkEntry;
  /** Files that the bookmark now remembers, of this run. */
  readonly inputs: number;
  readonly writes: readonly WriteReport[];
  readonly metrics: RunMetrics;
};

/** What it does is loaded when a run begins. */
export class Job {
  readonly #run: JobRun;
  private constructor(run: JobRun) {
    this.#run = run;
  }

  /** The job's name. */
  get name(): string {
    return this.#run.name;
  }

  /** The run's id: JOB_RUN_ID of the arguments, else a new one. */
  get runId(): string {
    return this.#run.runId;
  }

  /** Whether the run goes on: from `init` until it is committed or abandoned. */
  isInitialized(): boolean {
    return !this.#run.isOver;
  }

  /**
   * Begins a run. With bookmarks on or paused a job runs once at a time. Finishes first what a killed run committed,
   * and removes what one left.
   * @throws CONCURRENT_RUNS (ConcurrentRunsExceededException), BAD_ARGUMENT, UNSUPPORTED_CATALOG for a catalog that
   * keeps no bookmarks
   * @example const job = await Job.init(glue, args.JOB_NAME, args); … await job.commit();
   */
  static async init(glue: JobContext, name: string, args: JobInitOptions = {}): Promise<Job> {
    requireContext("Job.init", glue, "catalog");
    requireText("Job.init", "name", name);
    requireOptions("Job.init", args);
    const { JobRun } = await import("./job-run.js");
    return new Job(await JobRun.init(glue, name, args));
  }

  /**
   * Commits and ends the run. Until then nothing of it is visible or remembered.
   * @throws JOB_NOT_BALANCED, VERSION_MISMATCH, RUN_LOST; then nothing was committed.
   */
  commit(): Promise<CommitReport> {
    return this.#run.commit();
  }

  /**
   * Ends the run without a commit: nothing of it is remembered, and its outputs are removed. Closing the context does
   * this too.
   */
  abandon(): Promise<void> {
    return this.#run.abandon();
  }
}
