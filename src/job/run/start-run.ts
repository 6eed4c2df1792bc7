/**
 * Starts and stops runs of jobs: their concurrency, states, retries and time limit, around a part that really runs
 * scripts.
 */
import { randomUUID } from "node:crypto";
import { changeDefinition, getDefinition } from "../../catalog/definitions/definition.js";
import { DynaframeError } from "../../types/error.js";
import { DEFAULT_TIMEOUT, type JobRecord, jobRef, type JobSettings } from "../definition/job-record.js";
import { effectiveArguments } from "../effective-arguments.js";
import { executeRun } from "./execute-run.js";
import { recoverRuns } from "./recover-runs.js";
import { claimChanges, isHeld } from "./run-claim.js";
import { advance, type JobRun, runRef } from "./run-record.js";
import type { RunServices, StartOptions } from "./run-services.js";

/** The id of the new run, which goes on in the background. @throws as `createRun`. */
export async function startRun(services: RunServices, job: string, options: StartOptions = {}): Promise<string> {
  const { run, token, settings } = await createRun(services, job, options);
  services.background.add(
    executeRun(services, settings, run, token, options, (again) => startRun(services, job, again)),
  );
  return run.Id;
}

/** The run's end; retries are runs of their own, of which the last one counts. */
export async function runToEnd(services: RunServices, job: string, options: StartOptions = {}): Promise<JobRun> {
  const ends: Promise<void>[] = [];
  const background = {
    add: (work: Promise<void>) => {
      ends.push(work);
    },
  };
  let id = await startRun({ ...services, background }, job, options);
  for (let next = 0; next < ends.length; next++) await ends[next];
  for (;;) {
    const { doc } = await getDefinition<JobRun>(services.catalog, runRef(job, id));
    if (typeof doc["NextRunId"] !== "string") return doc;
    id = doc["NextRunId"];
  }
}

/**
 * Creates the run under the job's limit of concurrency, held by this process.
 * @throws ConcurrentRunsExceededException, EntityNotFoundException, OperationNotSupportedException without a part that
 * runs jobs.
 */
async function createRun(
  services: RunServices,
  job: string,
  options: StartOptions,
): Promise<{ readonly run: JobRun; readonly token: string; readonly settings: JobSettings }> {
  const { catalog, now } = services;
  if (services.runJob === undefined) {
    await getDefinition<JobRecord>(catalog, jobRef(job));
    throw new DynaframeError("UNSUPPORTED", "This server cannot run jobs", {
      name: "OperationNotSupportedException",
      path: job,
    });
  }
  const id = options.runId ?? `jr_${services.newId()}`;
  const token = randomUUID();
  await recoverRuns(services, job);
  for (let attempt = 1; ; attempt++) {
    const { doc, version } = await getDefinition<JobRecord>(catalog, jobRef(job));
    const { settings } = doc;
    const most = settings.ExecutionProperty?.MaxConcurrentRuns ?? 1;
    if (doc.active.length >= most) {
      throw new DynaframeError("TOO_MANY_RUNS", `Concurrent runs exceeded for ${job}`, {
        name: "ConcurrentRunsExceededException",
        path: job,
        expected: `at most ${most}`,
        found: doc.active.join(", "),
        hint: "Wait for a run to end, stop one, or allow more: MaxConcurrentRuns.",
      });
    }
    const run = newRun(settings, job, id, options, now());
    try {
      await catalog.changeEntities([
        { ref: jobRef(job), doc: { ...doc, active: [...doc.active, id] }, ifVersion: version },
        { ref: runRef(job, id), doc: run, ifVersion: 0 },
        ...claimChanges(job, id, token, now()),
      ]);
      return { run, token, settings };
    } catch (error) {
      if (
        !(error instanceof DynaframeError && error.code === "CONCURRENT_MODIFICATION")
        || attempt >= 50
        || (await catalog.getEntity(runRef(job, id)))
      )
        throw error;
    }
  }
}

function newRun(settings: JobSettings, job: string, Id: string, options: StartOptions, now: number): JobRun {
  const { WorkerType, NumberOfWorkers, MaxCapacity, GlueVersion } = settings;
  const notification = options.NotificationProperty ?? settings.NotificationProperty;
  return {
    Id,
    Attempt: options.attempt ?? 0,
    JobName: job,
    StartedOn: now,
    LastModifiedOn: now,
    JobRunState: "STARTING",
    ExecutionTime: 0,
    Arguments: effectiveArguments(settings, options.triggerArguments, options.Arguments),
    Timeout: options.Timeout ?? settings.Timeout ?? DEFAULT_TIMEOUT,
    LogGroupName: "/aws-glue/jobs",
    ...(options.previousRunId === undefined ? {} : { PreviousRunId: options.previousRunId }),
    ...(options.triggerName === undefined ? {} : { TriggerName: options.triggerName }),
    ...(options.predecessors === undefined ? {} : { PredecessorRuns: options.predecessors }),
    ...(notification === undefined ? {} : { NotificationProperty: notification }),
    ...(WorkerType === undefined ? {} : { WorkerType }),
    ...(NumberOfWorkers === undefined ? {} : { NumberOfWorkers }),
    ...(MaxCapacity === undefined ? {} : { MaxCapacity }),
    ...(GlueVersion === undefined ? {} : { GlueVersion }),
  };
}

/**
 * Tells the run's process to stop; a run that nobody runs is stopped at once.
 * @throws EntityNotFoundException; InvalidStateException for a run that has ended or is stopping.
 */
export async function stopRun(services: Pick<RunServices, "catalog" | "now">, job: string, id: string): Promise<void> {
  const { catalog, now } = services;
  await changeDefinition<JobRun>(catalog, runRef(job, id), (run) => advance(run, "STOPPING", now()));
  if (!(await isHeld(catalog, job, id, now()))) await recoverRuns(services, job);
}
