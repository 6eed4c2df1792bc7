/** Runs of jobs as the catalog keeps them, and the states they go through (docs/sources.md#jobs). */
import { DynaframeError } from "../../types/error.js";
import type { NotificationProperty } from "../definition/job-record.js";
import type { JobArguments } from "../effective-arguments.js";

export type JobRunState =
  "STARTING" | "RUNNING" | "STOPPING" | "STOPPED" | "SUCCEEDED" | "FAILED" | "TIMEOUT" | "ERROR" | "WAITING";

export type PredecessorRun = { readonly JobName: string; readonly RunId: string };

export type JobRun = {
  readonly Id: string;
  /** 0 for the first, counting retries. */ readonly Attempt: number;
  readonly PreviousRunId?: string;
  readonly TriggerName?: string;
  readonly JobName: string;
  /** Seconds since the epoch, as the other times. */
  readonly StartedOn: number;
  readonly LastModifiedOn: number;
  readonly CompletedOn?: number;
  readonly JobRunState: JobRunState;
  readonly Arguments: JobArguments;
  readonly ErrorMessage?: string;
  readonly PredecessorRuns?: readonly PredecessorRun[];
  /** Seconds. */
  readonly ExecutionTime: number;
  /** Minutes. */
  readonly Timeout: number;
  readonly NotificationProperty?: NotificationProperty;
  /** When it had taken as long. */
  readonly DelayedOn?: number;
  readonly DPUSeconds?: number;
  readonly Metrics?: RunMetrics;
  readonly [member: string]: unknown;
};

/** What a run did, by its commits; a script that commits nothing counts nothing. */
export type RunMetrics = {
  readonly commits: number;
  readonly filesRead: number;
  readonly bytesRead: number;
  readonly filesWritten: number;
  readonly bytesWritten: number;
  readonly read: number;
  readonly written: number;
  readonly quarantined: number;
  readonly filtered: number;
  readonly dropped: number;
};

/** What a run costs: `dpuHours × rate`, in the rate's currency. */
export type RunCost = { readonly dpuHours: number; readonly rate: number; readonly cost: number };

export const runRef = (job: string, id: string) => ({ kind: "job-run", scope: job, name: id });

const NEXT: { readonly [S in JobRunState]: readonly JobRunState[] } = {
  WAITING: ["STARTING", "RUNNING", "STOPPED", "FAILED", "ERROR"],
  STARTING: ["RUNNING", "STOPPING", "STOPPED", "FAILED", "ERROR"],
  RUNNING: ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPING", "ERROR"],
  STOPPING: ["STOPPED", "FAILED", "SUCCEEDED"],
  STOPPED: [],
  SUCCEEDED: [],
  FAILED: [],
  TIMEOUT: [],
  ERROR: [],
};

export const hasEnded = (state: JobRunState): boolean => NEXT[state].length === 0;

/** The run in its next state. @throws InvalidStateException for one that cannot follow. */
export function advance(run: JobRun, state: JobRunState, now: number, more: Partial<JobRun> = {}): JobRun {
  if (!NEXT[run.JobRunState].includes(state))
    throw new DynaframeError("INVALID_STATE", `Job run ${run.Id} is ${run.JobRunState} and cannot become ${state}`, {
      name: "InvalidStateException",
      path: run.Id,
    });
  return {
    ...run,
    ...more,
    JobRunState: state,
    LastModifiedOn: now,
    ...(hasEnded(state) ? { CompletedOn: now, ExecutionTime: Math.round(now - run.StartedOn) } : {}),
  };
}
