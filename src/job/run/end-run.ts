/**
 * The end of a run, in one change of the catalog: its state and figures, its place among the job's active runs, its
 * claim.
 */
import type { Catalog, EntityChange } from "../../catalog/index.js";
import { DynaframeError } from "../../types/error.js";
import { billedDpus } from "../definition/capacity.js";
import { type JobRecord, jobRef } from "../definition/job-record.js";
import { claimOf, claimRef, releaseChanges } from "./run-claim.js";
import { advance, hasEnded, type JobRun, type JobRunState, type RunCost, runRef } from "./run-record.js";

export type RunEnd = {
  readonly state: JobRunState;
  readonly message?: string;
  /** Its process went: whoever wanted the run may begin it again. */ readonly isLost?: boolean;
};

const DEFAULT_RATE = 0.44;

/**
 * Ends a run that `token` still holds (or, without one, that nobody holds); undefined when it is another's by now. A
 * run whose commit was made has SUCCEEDED whatever came after it, and one that was told to stop is STOPPED.
 */
export async function endRun(
  catalog: Catalog,
  job: string,
  id: string,
  token: string | undefined,
  end: RunEnd,
  now: number,
  rate = DEFAULT_RATE,
): Promise<JobRun | undefined> {
  for (let attempt = 1; ; attempt++) {
    const [record, entity, claim] = [
      await catalog.getEntity(jobRef(job)),
      await catalog.getEntity(runRef(job, id)),
      await claimOf(catalog, job, id),
    ];
    const run = entity?.doc as JobRun | undefined;
    if (run === undefined || hasEnded(run.JobRunState) || (token !== undefined && claim?.doc.token !== token))
      return undefined;
    const settings = (record?.doc as JobRecord | undefined)?.settings ?? {};
    const metrics = claim?.doc.metrics;
    const state = run.JobRunState === "STOPPING" ? "STOPPED" : end.state;
    const done = costed(
      advance(run, state, now, {
        ...(end.message === undefined || state === "SUCCEEDED" ? {} : { ErrorMessage: end.message }),
        ...(metrics === undefined ? {} : { Metrics: metrics }),
        ...(end.isLost && state !== "STOPPED" ? { RunnerLost: true } : {}),
      }),
      billedDpus(settings),
      rate,
    );
    const changes: EntityChange[] = [
      { ref: runRef(job, id), doc: done, ifVersion: entity?.version ?? 0 },
      ...released(job, id, claim?.version),
    ];
    if (record !== undefined) {
      const doc = record.doc as JobRecord;
      changes.push({
        ref: jobRef(job),
        doc: { ...doc, active: doc.active.filter((each) => each !== id) },
        ifVersion: record.version,
      });
    }
    try {
      await catalog.changeEntities(changes);
      return done;
    } catch (error) {
      if (!(error instanceof DynaframeError && error.code === "CONCURRENT_MODIFICATION") || attempt >= 50) throw error;
    }
  }
}

const released = (job: string, id: string, version: number | undefined): readonly EntityChange[] =>
  releaseChanges(job, id).map((change) =>
    version !== undefined && change.ref.kind === claimRef(job, id).kind ? { ...change, ifVersion: version } : change,
  );

function costed(run: JobRun, dpus: number, rate: number): JobRun {
  const seconds = Math.max(0, (run.CompletedOn ?? run.StartedOn) - run.StartedOn);
  const dpuHours = (dpus * seconds) / 3600;
  const cost: RunCost = { dpuHours, rate, cost: dpuHours * rate };
  return { ...run, DPUSeconds: dpus * seconds, Cost: cost };
}
