/** Drives one run from STARTING to its end, and starts its retry. */
import { setMaxListeners } from "node:events";
import { changeDefinition } from "../../catalog/definitions/definition.js";
import type { JobSettings } from "../definition/job-record.js";
import { endRun, type RunEnd } from "./end-run.js";
import { beatRun, claimOf } from "./run-claim.js";
import { advance, hasEnded, type JobRun, runRef } from "./run-record.js";
import type { RunServices, StartOptions } from "./run-services.js";

/** How often a run looks whether it was told to stop, or lost. */
const POLL_MS = 100;
/** setTimeout takes no more. */
const LONGEST_MS = 2 ** 31 - 1;

/** Never rejects: what goes wrong is in the run's record. `retry` starts another run and gives its id. */
export async function executeRun(
  services: RunServices,
  settings: JobSettings,
  run: JobRun,
  token: string,
  options: StartOptions,
  retry: (options: StartOptions) => Promise<string>,
): Promise<void> {
  const { catalog, now, signal } = services;
  const { JobName: job, Id: id } = run;
  const beat = beatRun(catalog, job, id, now);
  try {
    const end = await attempt(services, settings, run, token, options);
    const done = await endRun(catalog, job, id, token, end, now(), services.dpuHourRate);
    // runs that timed out or were stopped are not tried again
    if (done?.JobRunState === "FAILED" && run.Attempt < (settings.MaxRetries ?? 0) && !signal.aborted) {
      const { runId: _, ...again } = options;
      const next = await retry({ ...again, attempt: run.Attempt + 1, previousRunId: id });
      await changeDefinition<JobRun>(catalog, runRef(job, id), (doc) => ({ ...doc, NextRunId: next }));
    }
  } catch {
    // the job was deleted, its retry came upon another run, or the catalog is gone: the record says as much as there is
    // to say
  } finally {
    beat.stop();
  }
}

async function attempt(
  services: RunServices,
  settings: JobSettings,
  run: JobRun,
  token: string,
  options: StartOptions,
): Promise<RunEnd> {
  const { catalog, now, signal, runJob } = services;
  const { JobName: job, Id: id } = run;
  const stop = new AbortController();
  const abort = (): void => {
    stop.abort();
  };
  setMaxListeners(0, signal); // every run of this process waits on it
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const watch = setInterval(() => {
    void catalog
      .getEntity(runRef(job, id))
      .then(async (entity) => {
        if (
          (entity?.doc as JobRun | undefined)?.JobRunState === "STOPPING"
          || (await claimOf(catalog, job, id))?.doc.token !== token
        )
          abort();
      })
      .catch(() => undefined);
  }, POLL_MS);
  let timedOut = false;
  const limit = setTimeout(
    () => {
      timedOut = true;
      abort();
    },
    Math.min(run.Timeout * 60_000, LONGEST_MS),
  );
  const { NotifyDelayAfter: patience } = run.NotificationProperty ?? {};
  const delay =
    patience === undefined
      ? undefined
      : setTimeout(
          () => {
            void tellDelay(services, run, patience);
          },
          Math.min(patience * 60_000, LONGEST_MS),
        );
  try {
    await changeDefinition<JobRun>(catalog, runRef(job, id), (doc) =>
      doc.JobRunState === "STARTING" ? advance(doc, "RUNNING", now()) : doc,
    );
    await runJob?.({
      jobName: job,
      runId: id,
      attempt: run.Attempt,
      settings,
      arguments: run.Arguments,
      token,
      signal: stop.signal,
      ...(options.environment === undefined ? {} : { environment: options.environment }),
    });
    return { state: "SUCCEEDED" };
  } catch (error) {
    if (timedOut) return { state: "TIMEOUT", message: `It ran longer than its limit of ${run.Timeout} minutes.` };
    if (signal.aborted) return { state: "FAILED", message: "The process that ran it was ended.", isLost: true };
    return { state: "FAILED", message: error instanceof Error ? error.message : String(error) };
  } finally {
    clearInterval(watch);
    clearTimeout(limit);
    clearTimeout(delay);
    signal.removeEventListener("abort", abort);
  }
}

/** Where Glue sends an event. The run goes on. */
async function tellDelay(
  { catalog, now, warn = (code, message) => void process.stderr.write(`warning ${code}: ${message}\n`) }: RunServices,
  { JobName: job, Id: id }: JobRun,
  minutes: number,
): Promise<void> {
  warn("RUN_DELAYED", `Run ${id} of ${job} has taken longer than ${minutes} minutes, and goes on.`);
  await changeDefinition<JobRun>(catalog, runRef(job, id), (doc) =>
    hasEnded(doc.JobRunState) ? doc : { ...doc, DelayedOn: now() },
  ).catch(() => undefined);
}
