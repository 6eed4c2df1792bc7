/** The port that runs a job's script, wherever that is done. */
import type { JobSettings } from "../definition/job-record.js";

export type JobRequest = {
  readonly jobName: string;
  readonly runId: string;
  /** 0 for the first, counting retries. */
  readonly attempt: number;
  readonly settings: JobSettings;
  readonly arguments: { readonly [name: string]: string };
  /** What commits of this run must show (see `run-claim.ts`). */
  readonly token: string;
  /** Added to the environment of the run's process. */
  readonly environment?: { readonly [name: string]: string };
  readonly signal: AbortSignal;
};

/** Runs a job's script to its end; rejects with the reason when it fails, or once it was ended after `signal`. */
export type RunJob = (request: JobRequest) => Promise<void>;
