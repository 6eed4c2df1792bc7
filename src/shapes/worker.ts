/**
 * The worker thread's entry. `scripts/build-wasm.mjs` bundles it into `generated/worker-source.ts`, so that it starts from a string
 * and needs no file beside the code.
 */
import { parentPort, threadId } from "node:worker_threads";
import { createTaskScanner, scanTasks } from "./scan-task.js";
import { sendParts, sentError } from "./sent-parts.js";
import { createAsideScanner, type AsideScanner } from "./shred/aside-scanner.js";
import type { ShredPlan } from "./shred/plan.js";
import { renumber } from "./shred/renumber.js";
import { createRowsReader, type RowsReader } from "./shred/rows-task.js";
import { runShredWork } from "./shred/shred-task.js";
import type { TaskFunctions, TaskKind, TaskMessage, WorkerReply, WorkerTasks } from "./worker-tasks.js";

/** Stored bytes between two reports of progress. */
const REPORT_EVERY = 4 << 20;

function main(): void {
  const scanner = createTaskScanner();
  let shredding: AsideScanner | undefined, rowsReader: RowsReader | undefined;
  const tasks: TaskFunctions = {
    scan: async ({ tasks: input, aside }, onRead) => {
      if (aside !== undefined) shredding ??= createAsideScanner(aside, threadId);
      return sendParts(await scanTasks(shredding ?? scanner, input, { onRead, unpack: "whole" }));
    },
    finishAside: () => Promise.resolve(shredding === undefined ? { staged: [], parts: [] } : shredding.finish()),
    shred: (input, onRead) => runShredWork(input, { onRead, unpack: "whole" }),
    rows: ({ plan, task }, onRead) => (rowsReader ??= createRowsReader(JSON.parse(plan) as ShredPlan))(task, { onRead }),
    renumber: (input) => Promise.resolve(renumber(input)).then(() => undefined),
  };
  const reply = (message: WorkerReply, moved: readonly ArrayBuffer[] = []): void => parentPort?.postMessage(message, moved);
  // one after the other: a task may be sent ahead while another runs
  let last: Promise<void> = Promise.resolve();
  parentPort?.on("message", (message: TaskMessage) => {
    if (message.kind === "scan") scanner.expect(message.input.tasks.slice(0, 1));
    last = last.then(() => answer(message, tasks, reply));
  });
}

async function answer(message: TaskMessage, tasks: TaskFunctions, reply: (message: WorkerReply, moved?: readonly ArrayBuffer[]) => void): Promise<void> {
  let unreported = 0;
  const report = (): void => {
    if (unreported) reply({ kind: "read", bytes: unreported });
    unreported = 0;
  };
  try {
    const output = await run(tasks, message, (bytes) => {
      unreported += bytes;
      if (unreported >= REPORT_EVERY) report();
    });
    report();
    reply({ kind: "done", output }, message.kind === "rows" ? (output as WorkerTasks["rows"]["output"]).map(({ memory }) => memory) : []);
  } catch (error) {
    reply({ kind: "failed", error: sentError(error) });
  }
}

/** Keeps kind and input together, which a plain call through the union would not. */
function run<K extends TaskKind>(
  tasks: TaskFunctions, message: { readonly kind: K; readonly input: WorkerTasks[K]["input"] }, onRead: (bytes: number) => void,
): Promise<WorkerTasks[K]["output"]> {
  return tasks[message.kind](message.input, onRead);
}

main();
