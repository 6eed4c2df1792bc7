/**
 * Stages files of records. Each worker gets a contiguous share of the bytes and numbers its rows from 1; the shares'
 * numbers are then moved behind one another, so that rows count on over all files in the order given.
 */
import { rmSync } from "node:fs";
import type { FileRef, Storage } from "../../storage/index.js";
import { openAhead } from "../../storage/open-ahead.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import type { FileLedger } from "../ledger.js";
import { planTasks, taskSize, type FilePlan } from "../plan-tasks.js";
import { checkAllUnchanged } from "../scan-files.js";
import type { ScanFilesOptions } from "../scan-options.js";
import type { RecordReader, ScanTask } from "../scan-task.js";
import { stageProgress, type StageProgress } from "../stage-progress.js";
import type { TaskCluster } from "../task-cluster.js";
import { planNested } from "./plan-nested.js";
import { planTables } from "./plan-tables.js";
import type { ShredPlan } from "./plan.js";
import { shredElsewhere, type Shredded } from "./shred-elsewhere.js";
import { rowsBefore, runShredWork, type ShredOutcome } from "./shred-task.js";
import { stagedPath } from "./staged-tables.js";

/** What staging needs of `StageContext` (src/formats), which lies above this layer. */
export type StageFilesContext = {
  readonly storage: Storage;
  /** Worker threads at most; 1 = on the calling thread. */
  readonly workers: number;
  readonly cluster?: TaskCluster;
  /** Local folder for the staged files; it exists, and is used for nothing else. */
  readonly directory: string;
  /** Ledgers of these files, as they are, tell of no malformed record and no duplicate key. */
  readonly sound?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StageProgress) => void;
};

export type ShredFilesOptions = {
  readonly reader: RecordReader;
  readonly ledgers?: readonly FileLedger[];
  readonly workersAbove?: number;
  readonly rangeBytes?: number;
};

/** What was staged; a `StageResult` of src/formats. */
export type StagedRecords = {
  readonly tables: readonly { readonly domain: string; readonly files: readonly string[]; readonly rows: number }[];
  readonly records: number;
  readonly malformed: number;
  /** Tasks on other machines that did it; absent: it was done here. */
  readonly clusterTasks?: number;
  /** Values that no arm of the type holds, by path; they are null in the tables. */
  readonly misfits: ReadonlyMap<string, number>;
};

/** Shredding reads some 250 MB/s, and two threads take 60–80 ms to start. */
const WORKERS_ABOVE_BYTES = 48 << 20;

/** @throws as `shredJsonFiles`. */
export async function shredFiles(
  files: readonly FileRef[],
  type: StructType,
  layout: "nested" | "tables",
  options: ShredFilesOptions,
  context: StageFilesContext,
): Promise<StagedRecords> {
  const planned = layout === "nested" ? planNested(type) : planTables(type);
  const plan = context.sound === true ? { ...planned, sound: true as const } : planned;
  const scanned = { ...options, format: options.reader.kind };
  const { plans, outcomes, clusterTasks } =
    (await shredElsewhere(plan, files, scanned, context, stageProgress(files, context.onProgress)))
    ?? (await shredHere(plan, files, scanned, context));
  try {
    const counts = outcomes.flatMap((outcome) => outcome.counts);
    let at = 0;
    await checkAllUnchanged(files, context.storage);
    for (const filePlan of plans) {
      checkLedger(
        filePlan.ref,
        options.ledgers,
        counts.slice(at, (at += filePlan.tasks.length)).reduce((sum, { records }) => sum + records, 0),
      );
    }
    return { ...joinOutcomes(plan, outcomes), ...(clusterTasks === undefined ? {} : { clusterTasks }) };
  } catch (error) {
    for (const { path } of outcomes.flatMap((outcome) => outcome.files)) rmSync(path, { force: true });
    throw error;
  }
}

async function shredHere(
  plan: ShredPlan,
  files: readonly FileRef[],
  options: ScanFilesOptions,
  context: StageFilesContext,
): Promise<Shredded> {
  const { storage, workers } = context;
  const { parallel, files: planned } = planTasks(
    files,
    { ...options, workersAbove: options.workersAbove ?? WORKERS_ABOVE_BYTES },
    { storage, workers },
  );
  const plans: FilePlan[] = [];
  for await (const filePlan of planned) plans.push(filePlan);
  const shares = parallel ? splitShares(plans, workers) : [plans.flatMap(({ tasks }) => tasks)];
  return { plans, outcomes: await runShares(plan, shares, files, context) };
}

async function runShares(
  plan: ShredPlan,
  shares: readonly (readonly ScanTask[])[],
  files: readonly FileRef[],
  context: StageFilesContext,
): Promise<readonly ShredOutcome[]> {
  const { directory, signal, storage } = context;
  const onRead = stageProgress(files, context.onProgress);
  const work = shares.map((tasks, worker) => ({ plan, directory, worker, tasks }));
  const [only] = work;
  if (only !== undefined && work.length === 1) {
    const ahead = openAhead(
      storage,
      only.tasks.flatMap(({ file, local }) => (local === undefined ? [file] : [])),
    );
    try {
      return [await runShredWork(only, { storage: ahead.storage, signal, onRead })];
    } finally {
      await ahead.close();
    }
  }
  const failed = new AbortController();
  const stopped = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const [{ createWorkerPool }, { workerSource }] = await Promise.all([
    import("../worker-pool.js"),
    import("../generated/worker-source.js"),
  ]);
  const pool = createWorkerPool(workerSource, work.length, {
    shred: (share, read) => runShredWork(share, { storage, signal: stopped, onRead: read, unpack: "whole" }),
  });
  const stop = (): void => void pool.close();
  signal?.addEventListener("abort", stop, { once: true });
  const running: Promise<ShredOutcome>[] = [];
  try {
    signal?.throwIfAborted();
    running.push(...work.map((share) => pool.run("shred", share, onRead)));
    const outcomes = await Promise.all(running);
    await Promise.all(
      outcomes.flatMap(({ keyRuns: runs }, i) =>
        i === 0 || runs.length === 0 ? [] : [pool.run("renumber", { runs, shifts: rowsBefore(outcomes, i) })],
      ),
    );
    return outcomes;
  } catch (error) {
    failed.abort();
    await pool.close();
    await Promise.allSettled(running);
    // threads that were ended had no time to tidy up
    work.forEach(({ worker }) =>
      plan.tables.forEach((_, table) => rmSync(stagedPath(directory, table, worker), { force: true })),
    );
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await pool.close();
  }
}

/** Cuts the tasks, in order, into at most `count` shares of about equal bytes. */
function splitShares(plans: readonly FilePlan[], count: number): readonly (readonly ScanTask[])[] {
  const sized = plans.flatMap(({ ref, tasks }) => tasks.map((task) => ({ task, size: taskSize(task, ref) })));
  const total = sized.reduce((sum, { size }) => sum + size, 0);
  const shares: ScanTask[][] = [];
  let before = 0;
  for (const { task, size } of sized) {
    const share = Math.min(count - 1, Math.floor(((before + size / 2) / Math.max(1, total)) * count));
    (shares[share] ??= []).push(task);
    before += size;
  }
  return shares.filter((share) => share !== undefined);
}

function checkLedger(ref: FileRef, ledgers: readonly FileLedger[] | undefined, records: number): void {
  const ledger = ledgers?.find(({ file, etag }) => file === ref.path && etag === ref.etag);
  if (ledger === undefined || ledger.records === records) return;
  throw new DynaframeError("STAGE_MISMATCH", `${ref.path} has ${records} records, its ledger ${ledger.records}`, {
    file: ref.path,
    expected: `${ledger.records} records`,
    found: `${records} records`,
    hint: "scan the file again; if the counts still differ, please report it",
  });
}

function joinOutcomes(plan: ShredPlan, outcomes: readonly ShredOutcome[]): StagedRecords {
  const counts = outcomes.flatMap((outcome) => outcome.counts);
  const misfits = new Map<string, number>();
  for (const outcome of outcomes)
    for (const [path, count] of outcome.misfits) misfits.set(path, (misfits.get(path) ?? 0) + count);
  return {
    tables: plan.tables.map(({ domain }, i) => {
      const files = outcomes.flatMap((outcome) => outcome.files[i] ?? []);
      return { domain, files: files.map(({ path }) => path), rows: files.reduce((sum, { rows }) => sum + rows, 0) };
    }),
    records: counts.reduce((sum, { records }) => sum + records, 0),
    malformed: counts.reduce((sum, { malformed }) => sum + malformed, 0),
    misfits,
  };
}
