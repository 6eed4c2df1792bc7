/**
 * The scheduler: begins what schedules are due for, and drives runs that nobody drives. Any number of them work on one
 * catalog.
 */
import { setTimeout as pause } from "node:timers/promises";
import { isRunning } from "../store/stored-run.js";
import { listRuns } from "../store/workflow-store.js";
import { type DriveServices, driveRun, isFree, takeRun } from "./drive-run.js";
import { fireBatches } from "./fire-events.js";
import { fireSchedules, type MissedPolicy } from "./fire-schedules.js";

export type SchedulerOptions = DriveServices & {
  readonly missed?: MissedPolicy;
  /** The clock of schedules, in milliseconds; default `now`. */
  readonly clock?: () => number;
  /** Between two looks; default 1000. */
  readonly pollMs?: number;
  /** Runs driven at once by this process; default 16. */
  readonly most?: number;
  readonly onEvent?: (event: SchedulerEvent) => void;
};
export type SchedulerEvent =
  | {
      readonly kind: "begun" | "taken" | "ended";
      readonly runId: string;
      readonly workflow?: string;
      readonly state?: string;
    }
  | { readonly kind: "failed"; readonly message: string };

/** Looked through for runs without a runner; older ones have ended long ago. */
const RECENT_RUNS = 1000;

/** Works until `signal`. An error of one look is told, and the next look tries again. */
export async function runScheduler(options: SchedulerOptions): Promise<void> {
  const {
    catalog,
    signal,
    now,
    missed = "latest",
    clock = now,
    pollMs = 1000,
    most = 16,
    onEvent = () => undefined,
  } = options;
  const driven = new Map<string, Promise<void>>();
  const drive = async (workflow: string, id: string): Promise<void> => {
    try {
      const lease = await takeRun(options, workflow, id);
      if (lease === undefined) return;
      onEvent({ kind: "taken", runId: id, workflow });
      const run = await driveRun(options, workflow, id, lease);
      if (!isRunning(run)) onEvent({ kind: "ended", runId: id, workflow, state: run.Status });
    } catch (error) {
      onEvent({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    } finally {
      driven.delete(id);
    }
  };
  while (!signal.aborted) {
    try {
      for (const runId of [...(await fireSchedules(catalog, clock(), missed)), ...(await fireBatches(catalog, now()))])
        onEvent({ kind: "begun", runId });
      for (const run of await listRuns(catalog, undefined, RECENT_RUNS)) {
        if (driven.size >= most) break;
        if (isRunning(run) && !driven.has(run.WorkflowRunId) && isFree(run, now()))
          driven.set(run.WorkflowRunId, drive(run.Name, run.WorkflowRunId));
      }
    } catch (error) {
      onEvent({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
    await pause(pollMs, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(driven.values());
}
