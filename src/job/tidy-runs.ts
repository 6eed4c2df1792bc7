/** What runs that were killed have left: commits to finish, and folders to remove. */
import { join } from "node:path";
import type { Catalog } from "../catalog/index.js";
import type { Storage } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";
import { jobFolder } from "./job-folder.js";
import { openIntents, settleIntent } from "./databases/run-intent.js";
import { finishPublications } from "./publish.js";
import { takeDeadRun, removeLeftFolders } from "./run-files.js";

export type TidiedRuns = {
  /** Runs whose commit was, or with `dryRun` would be, finished; into databases, looked at. */
  readonly finished: readonly string[];
  /** Folders that were, or with `dryRun` would be, removed. */
  readonly removed: readonly string[];
  /** Commits into databases that do not answer. */
  readonly unsettled: readonly { readonly job: string; readonly runId: string; readonly error: DynaframeError }[];
};

/** Where runs keep their leases and the lists of their outputs: in the catalog's folder. */
export const runsFolder = (catalog: Catalog): string => join(jobFolder(catalog), "runs");

/** Finishes what killed runs committed, and removes what others left. */
export async function tidyRuns(catalog: Catalog, storage: Storage, dryRun = false): Promise<TidiedRuns> {
  const { unsettled, settled } = dryRun ? { unsettled: [], settled: [] } : await settleIntents(catalog);
  const published = dryRun ? [] : await finishPublications(catalog, storage);
  const intents = (await openIntents(catalog)).map(({ intent }) => intent.runId);
  const open = [...((await catalog.jobState?.openPublications()) ?? []).map(({ runId }) => runId), ...intents];
  const removed = await removeLeftFolders(runsFolder(catalog), new Set(open), dryRun);
  return { finished: [...new Set(dryRun ? open : [...settled, ...published])], unsettled, removed };
}

type Settled = Pick<TidiedRuns, "unsettled"> & { readonly settled: readonly string[] };

/** Of runs that are dead; those that live are committing. */
async function settleIntents(catalog: Catalog): Promise<Settled> {
  const { jobState } = catalog;
  const unsettled: TidiedRuns["unsettled"][number][] = [];
  const settled: string[] = [];
  for (const stored of jobState === undefined ? [] : await openIntents(catalog)) {
    const {
      job,
      intent: { runId },
    } = stored;
    const dead = await takeDeadRun(runsFolder(catalog), runId);
    if (dead === undefined || jobState === undefined) continue;
    try {
      if (await settleIntent(catalog, jobState, stored)) settled.push(runId);
    } catch (error) {
      if (!(error instanceof DynaframeError)) throw error;
      unsettled.push({ job, runId, error });
    } finally {
      await dead.release();
    }
  }
  return { unsettled, settled };
}
