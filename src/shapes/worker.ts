/**
 * The worker thread's entry. `scripts/build-wasm.mjs` bundles it into `generated/worker-source.ts`, so that it starts
 * from a string and needs no file beside the code.
 */
import { threadId } from "node:worker_threads";
import { createTaskScanner, scanTasks } from "./scan-task.js";
import { sendParts } from "./sent-parts.js";
import { createAsideScanner, type AsideScanner } from "./shred/aside-scanner.js";
import type { ShredPlan } from "./shred/plan.js";
import { renumber } from "./shred/renumber.js";
import { createRowsReader, type RowsReader } from "./shred/rows-task.js";
import { runShredWork } from "./shred/shred-task.js";
import type { TaskFunctions } from "./worker-tasks.js";
import { serveTasks } from "./worker-thread.js";

function main(): void {
  const scanner = createTaskScanner();
  let shredding: AsideScanner | undefined;
  let rowsReader: RowsReader | undefined;
  const tasks: TaskFunctions = {
    scan: async ({ tasks: input, aside }, onRead) => {
      if (aside !== undefined) shredding ??= createAsideScanner(aside, threadId);
      return sendParts(await scanTasks(shredding ?? scanner, input, { onRead, unpack: "whole" }));
    },
    finishAside: () => Promise.resolve(shredding === undefined ? { staged: [], parts: [] } : shredding.finish()),
    shred: (input, onRead) => runShredWork(input, { onRead, unpack: "whole" }),
    rows: ({ plan, task }, onRead) =>
      (rowsReader ??= createRowsReader(JSON.parse(plan) as ShredPlan))(task, { onRead }),
    renumber: (input) => Promise.resolve(renumber(input)).then(() => undefined),
  };
  serveTasks(tasks, (soon) => {
    scanner.expect(soon);
  });
}

main();
