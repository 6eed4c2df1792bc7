/** Ends the runs of processes that are gone. */
import type { Catalog } from "../../catalog/index.js";
import type { JobRecord } from "../definition/job-record.js";
import { jobRef } from "../definition/job-record.js";
import { endRun } from "./end-run.js";
import { claimOf, isHeld } from "./run-claim.js";
import { hasEnded, type JobRun, runRef } from "./run-record.js";

/** What the end of a run says whose process went; such a run may be run again without counting as a retry. */
const RUNNER_GONE = "The process that ran it is gone.";

/**
 * Ends active runs of a job that no living process holds: as SUCCEEDED when their commit was made, else as FAILED.
 * Returns their ids.
 */
export async function recoverRuns(
  { catalog, now }: { readonly catalog: Catalog; readonly now: () => number },
  job: string,
): Promise<readonly string[]> {
  const active = ((await catalog.getEntity(jobRef(job)))?.doc as JobRecord | undefined)?.active ?? [];
  const ended: string[] = [];
  for (const id of active) {
    if (await isHeld(catalog, job, id, now())) continue;
    const run = (await catalog.getEntity(runRef(job, id)))?.doc as JobRun | undefined;
    if (run === undefined || hasEnded(run.JobRunState)) continue;
    const claim = await claimOf(catalog, job, id);
    const end =
      claim?.doc.metrics === undefined
        ? { state: "FAILED" as const, message: RUNNER_GONE, isLost: true }
        : { state: run.JobRunState === "STARTING" ? ("FAILED" as const) : ("SUCCEEDED" as const) };
    if (await endRun(catalog, job, id, claim?.doc.token, end, now())) ended.push(id);
  }
  return ended;
}
