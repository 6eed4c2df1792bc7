/** Jobs as the catalog keeps them, and the states of their runs. */
import type { Entity } from "../catalog/index.js";
import { invalidInput } from "../catalog/catalog-errors.js";
import { DynaframeError } from "../types/error.js";

export type JobSettings = {
  readonly Role?: string; readonly Command?: { readonly Name?: string; readonly ScriptLocation?: string; readonly [member: string]: unknown };
  readonly ExecutionProperty?: { readonly MaxConcurrentRuns?: number }; readonly DefaultArguments?: { readonly [name: string]: string };
  readonly NonOverridableArguments?: { readonly [name: string]: string }; readonly MaxRetries?: number; readonly Timeout?: number; readonly MaxCapacity?: number;
  readonly NumberOfWorkers?: number; readonly WorkerType?: string; readonly [member: string]: unknown;
};

/** `active`: runs that have not ended, so that their number can be held to MaxConcurrentRuns. */
export type JobRecord = { readonly settings: JobSettings; readonly active: readonly string[] };

export type JobRunState = "STARTING" | "RUNNING" | "STOPPING" | "STOPPED" | "SUCCEEDED" | "FAILED" | "TIMEOUT" | "ERROR" | "WAITING";

export type JobRun = {
  readonly Id: string; readonly Attempt: number; readonly PreviousRunId?: string; readonly TriggerName?: string; readonly JobName: string; readonly StartedOn: number; readonly LastModifiedOn: number;
  readonly CompletedOn?: number; readonly JobRunState: JobRunState; readonly Arguments: { readonly [name: string]: string }; readonly ErrorMessage?: string; readonly ExecutionTime: number;
  readonly Timeout: number; readonly [member: string]: unknown;
};

export const jobRef = (name: string) => ({ kind: "job", name });
export const runRef = (job: string, id: string) => ({ kind: "job-run", scope: job, name: id });

/** Minutes. */
export const DEFAULT_TIMEOUT = 2880;
const COMMANDS: ReadonlySet<string> = new Set(["glueetl", "pythonshell", "gluestreaming", "glueray"]);

/** @throws InvalidInputException with the setting that Glue would refuse. */
export function checkJob({ Command, MaxRetries = 0, MaxCapacity, NumberOfWorkers, WorkerType, ExecutionProperty }: JobSettings): void {
  const wrong = (path: string, message: string): Error => invalidInput(message, { path });
  if (Command?.Name === undefined || !COMMANDS.has(Command.Name)) throw wrong("Command.Name", `Command.Name must be one of ${[...COMMANDS].join(", ")}`);
  if (!Command.ScriptLocation) throw wrong("Command.ScriptLocation", "Command.ScriptLocation is required");
  if (MaxRetries < 0 || MaxRetries > 10) throw wrong("MaxRetries", "MaxRetries must be from 0 to 10");
  if (MaxCapacity !== undefined && (NumberOfWorkers !== undefined || WorkerType !== undefined)) throw wrong("MaxCapacity", "MaxCapacity excludes WorkerType and NumberOfWorkers");
  if ((ExecutionProperty?.MaxConcurrentRuns ?? 1) < 1) throw wrong("ExecutionProperty.MaxConcurrentRuns", "MaxConcurrentRuns must be at least 1");
}

/** Default < given; NonOverridableArguments always win, silently. */
export function runArguments({ DefaultArguments, NonOverridableArguments }: JobSettings, given: { readonly [name: string]: string } = {}): { readonly [name: string]: string } {
  return { ...DefaultArguments, ...given, ...NonOverridableArguments };
}

/** A job as GetJob gives it. */
export function jobOf({ name, doc: { settings }, created, updated }: Entity<JobRecord>): object {
  return { MaxRetries: 0, Timeout: DEFAULT_TIMEOUT, ExecutionProperty: { MaxConcurrentRuns: 1 }, GlueVersion: "4.0", ...settings, Name: name, CreatedOn: created, LastModifiedOn: updated };
}

const NEXT: { readonly [S in JobRunState]: readonly JobRunState[] } = {
  WAITING: ["STARTING", "STOPPED", "ERROR"], STARTING: ["RUNNING", "STOPPING", "STOPPED", "FAILED", "ERROR"], RUNNING: ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPING", "ERROR"],
  STOPPING: ["STOPPED", "FAILED"], STOPPED: [], SUCCEEDED: [], FAILED: [], TIMEOUT: [], ERROR: [],
};

export const hasEnded = (state: JobRunState): boolean => NEXT[state].length === 0;

/** The run in its next state. @throws InvalidStateException for one that cannot follow. */
export function advance(run: JobRun, state: JobRunState, now: number, more: Partial<JobRun> = {}): JobRun {
  if (!NEXT[run.JobRunState].includes(state)) throw new DynaframeError("INVALID_STATE", `Job run ${run.Id} is ${run.JobRunState} and cannot become ${state}`, { name: "InvalidStateException", path: run.Id });
  return { ...run, ...more, JobRunState: state, LastModifiedOn: now, ...(hasEnded(state) ? { CompletedOn: now, ExecutionTime: Math.round(now - run.StartedOn) } : {}) };
}
