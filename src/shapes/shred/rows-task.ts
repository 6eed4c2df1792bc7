/** Lines of a file as columns, for another thread to make records of. Runs on any thread. */
import { runScanTask, type ScanHooks, type ScanTask } from "../scan-task.js";
import { takeBlock, type RowBlock } from "./batch-reader.js";
import type { ShredPlan } from "./plan.js";
import { createRecordSink } from "./record-sink.js";
import { createShredder } from "./wasm-shredder.js";

/** Plain data, so that it can be sent to a worker. */
export type RowsWork = { readonly plan: ShredPlan; readonly task: ScanTask };

/** The task's records in their order. */
export async function runRowsWork({ plan, task }: RowsWork, hooks: ScanHooks): Promise<readonly RowBlock[]> {
  const shredder = createShredder(plan), blocks: RowBlock[] = [];
  const take = (): void => { blocks.push(takeBlock(shredder)); };
  await runScanTask(createRecordSink(shredder, { flushFull: take }), task, hooks);
  return blocks;
}
