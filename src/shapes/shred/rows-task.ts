/** Lines of a file as columns, for another thread to make records of. Runs on any thread. */
import { runScanTask, type ScanHooks, type ScanTask } from "../scan-task.js";
import { takeBlock, type RowBlock } from "./batch-reader.js";
import type { ShredPlan } from "./plan.js";
import { createRecordSink } from "./record-sink.js";
import { createShredder } from "./wasm-shredder.js";

/**
 * Plain data, so that it can be sent to a worker, whose `rows` tasks all have one plan. `plan`: as JSON, for it goes
 * with each task, and copying a tree of objects took the sender milliseconds.
 */
export type RowsWork = { readonly plan: string; readonly task: ScanTask };

/** The records of tasks, one task after the other, each task's in their order. */
export type RowsReader = (task: ScanTask, hooks: ScanHooks) => Promise<readonly RowBlock[]>;

/** A shredder this large has met records of odd shape; the next task gets a new one. */
const MAX_KEPT_MEMORY = 64 << 20;

/**
 * Keeps the shredder between tasks: making one for each 4 MB of lines, its memory still to be given by the system, was
 * a quarter of the CPU that reading them took.
 */
export function createRowsReader(plan: ShredPlan): RowsReader {
  let kept: ReturnType<typeof blocksOf> | undefined;
  return async (task, hooks) => {
    const reading = kept ?? blocksOf(plan);
    kept = undefined; // a task that fails leaves records behind
    await runScanTask(reading.sink, task, hooks);
    if (reading.sink.memoryUsed() <= MAX_KEPT_MEMORY) kept = reading;
    return reading.blocks.splice(0);
  };
}

function blocksOf(plan: ShredPlan) {
  const shredder = createShredder(plan);
  const blocks: RowBlock[] = [];
  return {
    blocks,
    sink: createRecordSink(shredder, {
      flushFull: () => {
        blocks.push(takeBlock(shredder));
      },
    }),
  };
}
