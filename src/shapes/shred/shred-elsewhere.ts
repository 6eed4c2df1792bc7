/**
 * Shredding on other machines: each share becomes files of its own in the staging folder, whose rows are then counted
 * on from those before.
 */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { FileRef } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import type { FilePlan } from "../plan-tasks.js";
import type { ScanHooks } from "../scan-task.js";
import { isForCluster, planShares } from "../task-cluster.js";
import type { ScanFilesOptions } from "../scan-options.js";
import type { ShredPlan } from "./plan.js";
import { renumber } from "./renumber.js";
import type { StageFilesContext } from "./shred-files.js";
import { rowsBefore, runShredWork, type ShredOutcome, type ShredWork } from "./shred-task.js";

export type Shredded = {
  readonly plans: readonly FilePlan[];
  readonly outcomes: readonly ShredOutcome[];
  readonly clusterTasks?: number;
};

/**
 * Undefined where there is no such cluster, it is not worth it, or it cannot: it must see the files, and write into the
 * staging folder.
 */
export async function shredElsewhere(
  plan: ShredPlan,
  files: readonly FileRef[],
  options: ScanFilesOptions,
  context: StageFilesContext,
  onRead: (bytes: number) => void,
): Promise<Shredded | undefined> {
  const { cluster, storage, signal, directory } = context;
  if (!isForCluster(files, cluster, storage)) return undefined;
  const { plans, shares } = await planShares(files, options, cluster, storage);
  const onDone = (input: number): void => {
    onRead((shares[input] ?? []).reduce((sum, { size }) => sum + size, 0));
  };
  const work = shares.map((share, worker) => ({ plan, directory, worker, tasks: share.map(({ task }) => task) }));
  const outcomes = await cluster.run("shred", work, { signal, onDone });
  if (outcomes === undefined) return undefined;
  try {
    // in place, so never by a task that may be run twice
    outcomes.forEach(({ keyRuns: runs }, i) => {
      if (i > 0 && runs.length > 0) renumber({ runs, shifts: rowsBefore(outcomes, i) });
    });
  } catch (error) {
    if (!(error instanceof DynaframeError)) throw error;
    cluster.refuse(`this process cannot change what they have written: ${error.message}`);
    return undefined;
  }
  return { plans, outcomes, clusterTasks: shares.length };
}

/**
 * As `runShredWork` where a task may be run again, while a machine that was given up still writes: each attempt has a
 * folder of its own.
 */
export const runShredAttempt = (work: ShredWork, hooks: ScanHooks): Promise<ShredOutcome> =>
  runShredWork({ ...work, directory: mkdtempSync(join(work.directory, `${work.worker}-`)) }, hooks);
