/** Runs of evaluations and statistics that a server began and did not end, because it was killed. */
import { changeDefinition, allDefinitions } from "../catalog/definitions/definition.js";
import type { Catalog, Entity } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import { type QualityRun, qualityRunRef } from "./quality/quality-record.js";
import { isProcessGone } from "./running-work.js";
import { runRef, stateRef, type StatisticsRun, type StatisticsState } from "./statistics-record.js";

const LOST = "The server that had begun the run was ended before it.";

/** Makes them FAILED; for a server that starts and has begun none. `now`: seconds since the epoch. */
export async function endLostRuns(catalog: Catalog, now: number): Promise<void> {
  for (const { name, doc } of await allDefinitions<QualityRun>(catalog, { kind: "quality-run" })) {
    if (!isOpen(doc) || isAtWork(doc.pid)) continue;
    await changeDefinition<QualityRun>(catalog, qualityRunRef(name), (run) =>
      isOpen(run) ? { ...run, Status: "FAILED", ErrorString: LOST, CompletedOn: now, LastModifiedOn: now } : run,
    );
  }
  for (const { name, doc } of await allDefinitions<StatisticsRun>(catalog, { kind: "column-statistics-run" })) {
    if (!isOpen(doc)) continue;
    const state = await stateOf(catalog, doc);
    if (state?.runId === name && isAtWork(state.pid)) continue;
    await changeDefinition<StatisticsRun>(catalog, runRef(name), (run) =>
      isOpen(run) ? { ...run, Status: "FAILED", ErrorMessage: LOST, EndTime: now, LastUpdated: now } : run,
    );
  }
}

const isOpen = ({ Status }: { readonly Status: QualityRun["Status"] | StatisticsRun["Status"] }): boolean =>
  Status === "STARTING" || Status === "RUNNING" || Status === "STOPPING";

// a process of the same number as this one was another: this one has begun nothing yet
const isAtWork = (pid: number | undefined): boolean => pid !== undefined && pid !== process.pid && !isProcessGone(pid);

/** Undefined of a table that is gone, too. */
async function stateOf(
  catalog: Catalog,
  { DatabaseName, TableName }: StatisticsRun,
): Promise<StatisticsState | undefined> {
  try {
    return ((await catalog.getEntity(stateRef(DatabaseName, TableName))) as Entity<StatisticsState> | undefined)?.doc;
  } catch (error) {
    if (error instanceof DynaframeError && error.code === "ENTITY_NOT_FOUND") return undefined;
    throw error;
  }
}
