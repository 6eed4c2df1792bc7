/** Records of files as batches, through the same columns that are staged for engines. */
import type { FileRef, Storage } from "../../storage/index.js";
import type { StructType } from "../../types/data-type.js";
import { piecesOf, withConstants, type RecordBatch } from "../../types/record-batch.js";
import type { Row, Value } from "../../types/value.js";
import { localOf } from "../plan-tasks.js";
import { checkUnchanged } from "../scan-files.js";
import { runScanTask, type RecordReader } from "../scan-task.js";
import { createBatchReader } from "./batch-reader.js";
import { planRows } from "./plan-rows.js";
import { createRecordSink } from "./record-sink.js";
import type { StageFilesContext } from "./shred-files.js";
import { createShredder } from "./wasm-shredder.js";

/** What reading records needs of `ScanContext` (src/formats), which lies above this layer. */
export type ReadBatchesContext = Pick<StageFilesContext, "storage" | "signal" | "onProgress"> & {
  /** Fields to be added to each record of a file, behind its own; such as it got from its folder. */
  readonly constants?: (file: FileRef) => Row;
};

/**
 * The records of `files`, in their order, as vectors (src/types/vector.ts); a batch is at most what one block of a file
 * holds, a megabyte unless a record is larger. What is left out and which arm a value goes to is as for `shredJsonFiles` and `shredCsvFiles`, but here a missing
 * key is absent, and null is null: so is a value that no arm of the type holds, and an empty cell of CSV where it is not a text.
 *
 * Reads no further than it is asked to; ending the iteration closes the file.
 * @throws SOURCE_CHANGED or SOURCE_VANISHED, once its rows are out, for a file that is not what was listed; UNSUPPORTED_TYPE for maps;
 * READ_FAILED; the signal's reason when aborted.
 */
export async function* shredBatches(
  files: readonly FileRef[], type: StructType, options: { readonly reader: RecordReader }, context: ReadBatchesContext,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { plan, records } = planRows(type);
  const shredder = createShredder(plan);
  const takeBatch = createBatchReader(shredder, records);
  const handoff = new Handoff();
  let constants: readonly Value[] = [];
  const sink = createRecordSink(shredder, { flushFull: () => handoff.put(withConstants(takeBatch(), constants)) });
  const ended = new AbortController();
  const signal = context.signal === undefined ? ended.signal : AbortSignal.any([context.signal, ended.signal]);
  const onRead = progressOf(files, context);
  const work = readFiles(files, async (file) => {
    constants = Object.values(context.constants?.(file) ?? {});
    const local = localOf(file, context);
    await runScanTask({ ...sink, ready: () => handoff.taken() }, { file: file.path, local, reader: options.reader }, { storage: context.storage, signal, onRead });
  }, context.storage).finally(() => handoff.close());
  work.catch(() => undefined); // thrown below, in turn
  try {
    yield* handoff.batches();
    await work;
  } finally {
    ended.abort();
    handoff.close();
    await work.catch(() => undefined);
  }
}

async function readFiles(files: readonly FileRef[], read: (file: FileRef) => Promise<void>, storage: Storage): Promise<void> {
  for (const file of files) {
    await read(file);
    await checkUnchanged(file, storage);
  }
}

function progressOf(files: readonly FileRef[], { onProgress }: ReadBatchesContext): (count: number) => void {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  let bytesDone = 0;
  return (count) => {
    bytesDone += count;
    onProgress?.({ phase: "stage", filesDone: 0, files: files.length, bytesDone: Math.min(bytesDone, bytes), bytes });
  };
}

/** Rows of a batch; a block may hold hundreds of thousands that are almost empty. */
const MAX_BATCH = 8192;

/** One batch at a time from a producer that cannot wait in the middle of its work to a consumer that pulls. */
class Handoff {
  private readonly waiting: RecordBatch[] = [];
  private closed = false;
  private wakeConsumer: () => void = () => undefined;
  private wakeProducer: () => void = () => undefined;

  put(batch: RecordBatch): void {
    this.waiting.push(...piecesOf(batch, MAX_BATCH));
    this.wakeConsumer();
  }

  /** Settles when all that was put has been asked for. */
  taken(): Promise<void> | undefined {
    if (this.waiting.length === 0 || this.closed) return undefined;
    return new Promise((resolve) => { this.wakeProducer = resolve; });
  }

  close(): void {
    this.closed = true;
    this.wakeConsumer();
    this.wakeProducer();
  }

  async *batches(): AsyncGenerator<RecordBatch, void, undefined> {
    for (;;) {
      for (let batch = this.waiting.shift(); batch !== undefined; batch = this.waiting.shift()) yield batch;
      if (this.closed) return;
      this.wakeProducer();
      await new Promise<void>((resolve) => { this.wakeConsumer = resolve; });
    }
  }
}
