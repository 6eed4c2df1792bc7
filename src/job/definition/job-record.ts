/** Jobs as the catalog keeps them: Glue's job, in the shapes of its API (docs/sources.md#jobs). */
import type { Entity } from "../../catalog/index.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import type { JobArguments } from "../effective-arguments.js";

/** Minutes that a run may take before it is told that it takes long (AWS Glue API, NotificationProperty). */
export type NotificationProperty = { readonly NotifyDelayAfter?: number };

export type JobSettings = {
  readonly Role?: string;
  readonly Command?: {
    readonly Name?: string;
    readonly ScriptLocation?: string;
    readonly PythonVersion?: string;
    readonly [member: string]: unknown;
  };
  readonly ExecutionProperty?: { readonly MaxConcurrentRuns?: number };
  readonly DefaultArguments?: JobArguments;
  readonly NonOverridableArguments?: JobArguments;
  readonly Connections?: { readonly Connections?: readonly string[] };
  readonly MaxRetries?: number;
  /** Minutes. */
  readonly Timeout?: number;
  readonly NotificationProperty?: NotificationProperty;
  readonly MaxCapacity?: number;
  readonly NumberOfWorkers?: number;
  readonly WorkerType?: string;
  readonly [member: string]: unknown;
};

/** `active`: runs that have not ended, so that their number can be held to MaxConcurrentRuns. */
export type JobRecord = { readonly settings: JobSettings; readonly active: readonly string[] };

export const jobRef = (name: string) => ({ kind: "job", name });

/** Minutes. */
export const DEFAULT_TIMEOUT = 2880;
const COMMANDS: ReadonlySet<string> = new Set(["glueetl", "pythonshell", "gluestreaming", "glueray"]);

/** @throws InvalidInputException with the setting that Glue would refuse. */
export function checkJob({
  Command,
  MaxRetries = 0,
  MaxCapacity,
  NumberOfWorkers,
  WorkerType,
  ExecutionProperty,
  Timeout = DEFAULT_TIMEOUT,
}: JobSettings): void {
  const wrong = (path: string, message: string): Error => invalidInput(message, { path });
  if (Command?.Name === undefined || !COMMANDS.has(Command.Name))
    throw wrong("Command.Name", `Command.Name must be one of ${[...COMMANDS].join(", ")}`);
  if (!Command.ScriptLocation) throw wrong("Command.ScriptLocation", "Command.ScriptLocation is required");
  if (MaxRetries < 0 || MaxRetries > 10) throw wrong("MaxRetries", "MaxRetries must be from 0 to 10");
  if (!(Timeout > 0)) throw wrong("Timeout", "Timeout must be above 0 minutes");
  if (MaxCapacity !== undefined && (NumberOfWorkers !== undefined || WorkerType !== undefined))
    throw wrong("MaxCapacity", "MaxCapacity excludes WorkerType and NumberOfWorkers");
  if ((ExecutionProperty?.MaxConcurrentRuns ?? 1) < 1)
    throw wrong("ExecutionProperty.MaxConcurrentRuns", "MaxConcurrentRuns must be at least 1");
}

/** A job as GetJob gives it. */
export function jobOf({ name, doc: { settings }, created, updated }: Entity<JobRecord>): object {
  return {
    MaxRetries: 0,
    Timeout: DEFAULT_TIMEOUT,
    ExecutionProperty: { MaxConcurrentRuns: 1 },
    GlueVersion: "4.0",
    ...settings,
    Name: name,
    CreatedOn: created,
    LastModifiedOn: updated,
  };
}
