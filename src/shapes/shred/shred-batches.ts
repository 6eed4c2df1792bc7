/** Records of files as batches, through the same columns that are staged for engines. */
import type { FileRef } from "../../storage/index.js";
import type { StructType } from "../../types/data-type.js";
import { piecesOf, withConstants, type RecordBatch } from "../../types/record-batch.js";
import type { Row } from "../../types/value.js";
import { localOf, planTasks, type FilePlan } from "../plan-tasks.js";
import { checkUnchanged } from "../scan-files.js";
import { runScanTask, type ScanTask } from "../scan-task.js";
import { stageProgress } from "../stage-progress.js";
import type { WorkerPool } from "../worker-pool.js";
import { createBatchReader, takeBlock, type RowBlock } from "./batch-reader.js";
import { canWriteBatches } from "./batch-writer.js";
import { planRows } from "./plan-rows.js";
import type { ShredPlan } from "./plan.js";
import { createRecordSink } from "./record-sink.js";
import type { ShredFilesOptions, StageFilesContext } from "./shred-files.js";
import { createShredder } from "./wasm-shredder.js";

/** What reading records needs of `ScanContext` (src/formats), which lies above this layer. */
export type ReadBatchesContext = Pick<StageFilesContext, "storage" | "signal" | "onProgress"> & {
  /** Threads at work, this one among them; default 1. */
  readonly workers?: number;
  /** Fields to be added to each record of a file, behind its own; such as it got from its folder. */
  readonly constants?: (file: FileRef) => Row;
};

/**
 * The records of `files`, in their order, as vectors (src/types/vector.ts); a batch is at most what one block of a file
 * holds, a megabyte unless a record is larger. What is left out and which arm a value goes to is as for
 * `shredJsonFiles` and `shredCsvFiles`, but here a missing key is absent, and null is null: so is a value that no arm
 * of the type holds, and an empty cell of CSV where it is not a text.
 *
 * Reads no further than it is asked to; ending the iteration closes the file.
 * @throws SOURCE_CHANGED or SOURCE_VANISHED, once its rows are out, for a file that is not what was listed;
 * UNSUPPORTED_TYPE for maps; READ_FAILED; the signal's reason when aborted.
 */
export async function* shredBatches(
  files: readonly FileRef[],
  type: StructType,
  options: Pick<ShredFilesOptions, "reader" | "workersAbove" | "rangeBytes">,
  context: ReadBatchesContext,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { workers = 1 } = context;
  const onRead = stageProgress(files, context.onProgress);
  const planned = planTasks(
    files,
    { workersAbove: WORKERS_ABOVE_BYTES, rangeBytes: RANGE_BYTES, ...options, format: options.reader.kind },
    { storage: context.storage, workers },
  );
  // what another thread makes is good for a file as it is
  const rows = planRows(type, { withPages: planned.parallel && canWriteBatches(type) });
  const { plan } = rows;
  const read = createBatchReader(rows, type);
  const others = Math.min(MOST_WORKERS, workers - 1);
  const pool = planned.parallel ? await createRowsPool(others) : undefined;
  const sent = pool === undefined ? "" : JSON.stringify(plan);
  const ahead =
    pool === undefined
      ? undefined
      : ({ task, isCut }: Part): Promise<readonly RowBlock[]> | undefined =>
          isCut ? pool.run("rows", { plan: sent, task }, onRead) : undefined;
  try {
    for await (const {
      part: { ref, isLast },
      blocks,
    } of begun(partsOf(planned.files), others + AHEAD, ahead)) {
      context.signal?.throwIfAborted();
      const constants = Object.values(context.constants?.(ref) ?? {});
      const found =
        (await blocks)
        ?? blocksHere(plan, { file: ref.path, local: localOf(ref, context), reader: options.reader }, context, onRead);
      for await (const block of found) yield* piecesOf(withConstants(read(block), constants), MAX_BATCH);
      if (isLast) await checkUnchanged(ref, context.storage);
    }
  } finally {
    await pool?.close();
  }
}

async function createRowsPool(threads: number): Promise<WorkerPool> {
  const [{ createWorkerPool }, { workerSource }] = await Promise.all([
    import("../worker-pool.js"),
    import("../generated/worker-source.js"),
  ]);
  return createWorkerPool(workerSource, threads);
}

/** A thread takes 30 ms of CPU to start. What is smaller, packed, or not lines, is read on this thread. */
const WORKERS_ABOVE_BYTES = 16 << 20;
/** What comes of a range is held as a whole, and of so many at once. */
const RANGE_BYTES = 4 << 20;
const MOST_WORKERS = 3;
const AHEAD = 2;

/** A file, or a range of its lines; `isCut`: it is plain lines, which another thread may read. */
type Part = { readonly ref: FileRef; readonly task: ScanTask; readonly isCut: boolean; readonly isLast: boolean };

async function* partsOf(plans: AsyncIterable<FilePlan>): AsyncGenerator<Part> {
  for await (const { ref, tasks } of plans)
    for (const [i, task] of tasks.entries())
      yield { ref, task, isCut: task.range !== undefined, isLast: i === tasks.length - 1 };
}

type Begun = { readonly part: Part; readonly blocks: Promise<readonly RowBlock[]> | undefined };

/**
 * The parts in their order, with the work on `atOnce` of them begun, also on those of the next files: the other threads
 * never wait for a file to end.
 */
async function* begun(
  parts: AsyncGenerator<Part>,
  atOnce: number,
  begin: ((part: Part) => Begun["blocks"]) | undefined,
): AsyncGenerator<Begun> {
  const waiting: Begun[] = [];
  for await (const part of parts) {
    const blocks = begin?.(part);
    blocks?.catch(() => undefined); // thrown in its turn
    waiting.push({ part, blocks });
    const next = waiting.length < atOnce && begin !== undefined ? undefined : waiting.shift();
    if (next !== undefined) yield next;
  }
  yield* waiting;
}

async function* blocksHere(
  plan: ShredPlan,
  task: ScanTask,
  { storage, signal: stop }: ReadBatchesContext,
  onRead: (bytes: number) => void,
): AsyncGenerator<RowBlock> {
  const shredder = createShredder(plan);
  const handoff = new Handoff();
  const ended = new AbortController();
  const sink = createRecordSink(shredder, { flushFull: () => handoff.put(takeBlock(shredder)) });
  const signal = stop === undefined ? ended.signal : AbortSignal.any([stop, ended.signal]);
  const work = runScanTask({ ...sink, ready: () => handoff.taken() }, task, { storage, signal, onRead }).finally(() =>
    handoff.close(),
  );
  work.catch(() => undefined); // thrown below, in turn
  try {
    yield* handoff.blocks();
    await work;
  } finally {
    ended.abort();
    handoff.close();
    await work.catch(() => undefined);
  }
}

/** Rows of a batch; a block may hold hundreds of thousands that are almost empty. */
const MAX_BATCH = 8192;

/** One block at a time from a producer that cannot wait in the middle of its work to a consumer that pulls. */
class Handoff {
  private readonly waiting: RowBlock[] = [];
  private closed = false;
  private wakeConsumer: () => void = () => undefined;
  private wakeProducer: () => void = () => undefined;

  put(block: RowBlock): void {
    this.waiting.push(block);
    this.wakeConsumer();
  }

  /** Settles when all that was put has been asked for. */
  taken(): Promise<void> | undefined {
    if (this.waiting.length === 0 || this.closed) return undefined;
    return new Promise((resolve) => {
      this.wakeProducer = resolve;
    });
  }

  close(): void {
    this.closed = true;
    this.wakeConsumer();
    this.wakeProducer();
  }

  async *blocks(): AsyncGenerator<RowBlock, void, undefined> {
    for (;;) {
      for (let block = this.waiting.shift(); block !== undefined; block = this.waiting.shift()) yield block;
      if (this.closed) return;
      this.wakeProducer();
      await new Promise<void>((resolve) => {
        this.wakeConsumer = resolve;
      });
    }
  }
}
