/**
 * A job as a node of a workflow: its runs have ids that follow from the node, so that a runner that takes over finds
 * them.
 */
import { setTimeout as pause } from "node:timers/promises";
import { recoverRuns } from "../../job/run/recover-runs.js";
import { isHeld } from "../../job/run/run-claim.js";
import { hasEnded, type JobRun, type PredecessorRun, runRef } from "../../job/run/run-record.js";
import type { RunServices } from "../../job/run/run-services.js";
import { startRun, stopRun } from "../../job/run/start-run.js";
import { DynaframeError } from "../../types/error.js";
import { type NodeId, watched } from "../model.js";
import type { StoredRun } from "../store/stored-run.js";
import type { NodeEnd, NodeRequest } from "./drive-run.js";

const POLL_MS = 50;
/** Between tries to start a job that runs as often as it may. */
const WAIT_MS = 500;

/**
 * Begins the job, or goes on with the run that there is; a run whose process went is begun again, without counting as a
 * retry.
 */
export async function runJobNode(services: RunServices, request: NodeRequest): Promise<NodeEnd> {
  const { name: job, key, signal } = request;
  for (let take = 0; ; take++) {
    const end = await runToItsEnd(services, request, `jr_${key}${take === 0 ? "" : `_${take}`}`);
    if (end === undefined) return { state: "STOPPED" };
    if (end["RunnerLost"] !== true || signal.aborted) return { state: end.JobRunState, runId: end.Id };
    if (take >= 100)
      throw new DynaframeError("RUN_LOST", `The runs of ${job} lose their process again and again.`, {
        path: job,
        hint: "See why runners of this machine are killed.",
      });
  }
}

/** The last of its tries; undefined when it was told to stop before it began. */
async function runToItsEnd(services: RunServices, request: NodeRequest, id: string): Promise<JobRun | undefined> {
  const { name: job, signal } = request;
  let current = id;
  let told = false;
  for (;;) {
    const run = (await services.catalog.getEntity(runRef(job, current)))?.doc as JobRun | undefined;
    if (run === undefined) {
      if (signal.aborted) return undefined;
      if (!(await begin(services, request, current))) await pause(WAIT_MS);
      continue;
    }
    if (hasEnded(run.JobRunState)) {
      if (typeof run["NextRunId"] !== "string") return run;
      current = run["NextRunId"];
      continue;
    }
    if (signal.aborted && !services.signal.aborted && !told) {
      told = true;
      await stopRun(services, job, current).catch(() => undefined); // it may have ended meanwhile
    }
    if (!(await isHeld(services.catalog, job, current, services.now()))) await recoverRuns(services, job);
    await pause(POLL_MS);
  }
}

/** False while the job runs as often as it may: Glue fails the node then; here it waits (decision 0104). */
async function begin(
  services: RunServices,
  { name: job, action, trigger, run }: NodeRequest,
  runId: string,
): Promise<boolean> {
  try {
    await startRun(services, job, {
      runId,
      triggerArguments: {
        ...action?.Arguments,
        ...(run.isChain ? {} : { "--WORKFLOW_NAME": run.Name, "--WORKFLOW_RUN_ID": run.WorkflowRunId }),
      },
      predecessors: predecessorsOf(run, trigger),
      ...(action?.Timeout === undefined ? {} : { Timeout: action.Timeout }),
      ...(action?.NotificationProperty === undefined ? {} : { NotificationProperty: action.NotificationProperty }),
      ...(trigger === undefined ? {} : { triggerName: trigger }),
    });
    return true;
  } catch (error) {
    if (error instanceof DynaframeError && (error.code === "TOO_MANY_RUNS" || error.code === "CONCURRENT_MODIFICATION"))
      return false;
    throw error;
  }
}

/** The job runs whose ends fired the trigger. */
function predecessorsOf(run: StoredRun, trigger: string | undefined): readonly PredecessorRun[] {
  const conditions = run.triggers.find(({ Name }) => Name === trigger)?.Predicate?.Conditions ?? [];
  return conditions.flatMap((condition) => {
    const node: NodeId = watched(condition);
    const runId = run.jobRuns[node];
    return condition.JobName === undefined || runId === undefined ? [] : [{ JobName: condition.JobName, RunId: runId }];
  });
}
