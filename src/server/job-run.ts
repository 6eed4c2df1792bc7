/** Starts and stops runs of jobs: their states, concurrency, retries and time limit around a part that really runs scripts. */
import { changeDefinition, getDefinition } from "../catalog/definitions/definition.js";
import { DynaframeError } from "../types/error.js";
import { advance, DEFAULT_TIMEOUT, hasEnded, type JobRecord, jobRef, type JobRun, type JobRunState, type JobSettings, runArguments, runRef } from "./job-record.js";
import type { OperationContext } from "./operation.js";
import type { RunJob } from "./server-parts.js";

export type StartOptions = { readonly Arguments?: { readonly [name: string]: string }; readonly Timeout?: number; readonly previousRunId?: string; readonly triggerName?: string; readonly attempt?: number };

/** How often a run looks whether it was told to stop. */
const POLL_MS = 100;

/** The id of the new run, which goes on in the background. @throws ConcurrentRunsExceededException, OperationNotSupportedException without a part that runs jobs. */
export async function startRun(context: OperationContext, job: string, options: StartOptions = {}): Promise<string> {
  const { catalog, runJob, now } = context;
  const { doc: { settings } } = await getDefinition<JobRecord>(catalog, jobRef(job));
  if (runJob === undefined) throw new DynaframeError("UNSUPPORTED", "This server cannot run jobs", { name: "OperationNotSupportedException", path: job });
  const id = `jr_${context.newId()}`;
  await changeDefinition<JobRecord>(catalog, jobRef(job), (doc) => {
    const most = doc.settings.ExecutionProperty?.MaxConcurrentRuns ?? 1;
    if (doc.active.length >= most) throw new DynaframeError("TOO_MANY_RUNS", `Concurrent runs exceeded for ${job}`, { name: "ConcurrentRunsExceededException", path: job, expected: `at most ${most}` });
    return { ...doc, active: [...doc.active, id] };
  });
  const run: JobRun = {
    Id: id, Attempt: options.attempt ?? 0, JobName: job, StartedOn: now(), LastModifiedOn: now(), JobRunState: "STARTING", ExecutionTime: 0,
    Arguments: runArguments(settings, options.Arguments), Timeout: options.Timeout ?? settings.Timeout ?? DEFAULT_TIMEOUT, LogGroupName: "/aws-glue/jobs",
    ...(options.previousRunId === undefined ? {} : { PreviousRunId: options.previousRunId }), ...(options.triggerName === undefined ? {} : { TriggerName: options.triggerName }),
  };
  await catalog.changeEntities([{ ref: runRef(job, id), doc: run }]);
  context.background.add(execute(context, runJob, settings, run, options));
  return id;
}

/** @throws EntityNotFoundException; InvalidStateException for a run that has ended or is stopping. */
export async function stopRun({ catalog, now }: OperationContext, job: string, id: string): Promise<void> {
  await changeDefinition<JobRun>(catalog, runRef(job, id), (run) => advance(run, "STOPPING", now()));
}

async function execute(context: OperationContext, runJob: RunJob, settings: JobSettings, run: JobRun, options: StartOptions): Promise<void> {
  const { catalog, signal, now } = context;
  const { JobName: job, Id: id } = run;
  const stop = new AbortController();
  const abort = (): void => { stop.abort(); };
  signal.addEventListener("abort", abort, { once: true });
  const watch = setInterval(() => {
    void catalog.getEntity(runRef(job, id)).then((entity) => { if ((entity?.doc as JobRun | undefined)?.JobRunState === "STOPPING") abort(); }, () => undefined);
  }, POLL_MS);
  let timedOut = false;
  const limit = setTimeout(() => { timedOut = true; abort(); }, Math.min(run.Timeout * 60_000, 2 ** 31 - 1));
  let end: { readonly state: JobRunState; readonly message?: string };
  try {
    await changeDefinition<JobRun>(catalog, runRef(job, id), (doc) => (doc.JobRunState === "STARTING" ? advance(doc, "RUNNING", now()) : doc));
    await runJob({ jobName: job, runId: id, attempt: run.Attempt, settings, arguments: run.Arguments, signal: stop.signal });
    end = { state: "SUCCEEDED" };
  } catch (error) {
    end = timedOut ? { state: "TIMEOUT" } : { state: "FAILED", message: error instanceof Error ? error.message : String(error) };
  }
  clearInterval(watch);
  clearTimeout(limit);
  signal.removeEventListener("abort", abort);
  const done = await changeDefinition<JobRun>(catalog, runRef(job, id), (doc) => {
    if (doc.JobRunState === "STOPPING") return advance(doc, "STOPPED", now());
    return hasEnded(doc.JobRunState) ? doc : advance(doc, end.state, now(), end.message === undefined ? {} : { ErrorMessage: end.message });
  });
  await changeDefinition<JobRecord>(catalog, jobRef(job), (doc) => ({ ...doc, active: doc.active.filter((each) => each !== id) }));
  // runs that timed out or were stopped are not tried again
  if (done.JobRunState === "FAILED" && run.Attempt < (settings.MaxRetries ?? 0) && !signal.aborted) await startRun(context, job, { ...options, attempt: run.Attempt + 1, previousRunId: id });
}
