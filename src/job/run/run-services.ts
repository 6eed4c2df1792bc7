/** What it takes to run jobs, and how a run is asked for. */
import type { Catalog } from "../../catalog/index.js";
import type { NotificationProperty } from "../definition/job-record.js";
import type { JobArguments } from "../effective-arguments.js";
import type { RunJob } from "./run-job.js";
import type { PredecessorRun } from "./run-record.js";

/** What runs need of the process that runs them. */
export type RunServices = {
  readonly catalog: Catalog;
  /** Absent: this process cannot run scripts. */
  readonly runJob?: RunJob;
  /** Seconds since the epoch. */
  readonly now: () => number;
  readonly newId: () => string;
  /** Ends the runs of this process. */
  readonly signal: AbortSignal;
  /** Takes the run, which goes on after it was started. */
  readonly background: { add(work: Promise<void>): void };
  /** Price of a DPU-hour; default 0.44, AWS's list price in USD. */
  readonly dpuHourRate?: number;
  /** Hears of runs that take longer than their NotifyDelayAfter; default: a line on standard error. */
  readonly warn?: (code: "RUN_DELAYED", message: string) => void;
};

export type StartOptions = {
  readonly Arguments?: JobArguments;
  readonly triggerArguments?: JobArguments;
  /** Minutes. */
  readonly Timeout?: number;
  readonly NotificationProperty?: NotificationProperty;
  readonly previousRunId?: string;
  readonly triggerName?: string;
  readonly attempt?: number;
  readonly predecessors?: readonly PredecessorRun[];
  /** The run's id; a run of that id that is there already is left as it is. */
  readonly runId?: string;
  /** For the process of the run alone, such as where its repaired records lie. */
  readonly environment?: { readonly [name: string]: string };
};
