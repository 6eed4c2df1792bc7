/** One worker's share of shredding: files, or ranges of them, in order, into files of its own. Runs on any thread. */
import { rmSync } from "node:fs";
import { runScanTask, type ScanHooks, type ScanTask } from "../scan-task.js";
import type { ShredPlan } from "./plan.js";
import { createRecordSink, type ShredCounts } from "./record-sink.js";
import { StagedTables, type KeyRun, type StagedFile } from "./staged-tables.js";
import { createShredder, misfitsByPath } from "./wasm-shredder.js";

/** Plain data, so that it can be sent to a worker. */
export type ShredWork = {
  readonly plan: ShredPlan;
  readonly directory: string;
  /** Distinguishes the files of workers that share the folder. */
  readonly worker: number;
  readonly tasks: readonly ScanTask[];
};

export type ShredOutcome = {
  /** One for each task. */
  readonly counts: readonly ShredCounts[];
  /** One for each table of the plan. */
  readonly files: readonly StagedFile[];
  /** Rows by domain of the plan. */
  readonly rows: readonly number[];
  /** Where the files hold row numbers, which count from 1 in each worker. */
  readonly keyRuns: readonly KeyRun[];
  readonly misfits: ReadonlyMap<string, number>;
};

/** Shreds the tasks' records; on failure the files are removed and the error passes. */
export async function runShredWork(work: ShredWork, hooks: ScanHooks): Promise<ShredOutcome> {
  const shredder = createShredder(work.plan);
  const tables = new StagedTables(shredder, work.directory, work.worker);
  try {
    const sink = createRecordSink(shredder, tables);
    const counts: ShredCounts[] = [];
    for (const task of work.tasks) counts.push(await runScanTask(sink, task, hooks));
    const files = tables.finish();
    const rows = shredder.domains.map((domain) => Number(shredder.wasm.domainNext(domain)) - 1);
    return { counts, files, rows, keyRuns: tables.keyRuns, misfits: misfitsByPath(shredder) };
  } catch (error) {
    tables.abandon();
    for (const path of tables.paths) rmSync(path, { force: true });
    throw error;
  }
}

/** Rows by domain in the outcomes before the i-th: what their numbers are to be moved on by. */
export function rowsBefore(outcomes: readonly ShredOutcome[], i: number): number[] {
  const [first] = outcomes;
  return (first?.rows ?? []).map((_, domain) =>
    outcomes.slice(0, i).reduce((sum, outcome) => sum + (outcome.rows[domain] ?? 0), 0),
  );
}
