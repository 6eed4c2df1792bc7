/**
 * What every worker thread does: it takes messages one after the other and answers them. The entries, `worker.ts` and
 * `scan-worker.ts`, say which tasks it knows.
 */
import { parentPort } from "node:worker_threads";
import type { ScanTask } from "./scan-task.js";
import { sentError } from "./sent-parts.js";
import type { TaskFunctions, TaskKind, TaskMessage, WorkerReply, WorkerTasks } from "./worker-tasks.js";

/** Stored bytes between two reports of progress. */
const REPORT_EVERY = 4 << 20;

/** `expect` hears of a scan as soon as its message is there, while another may run. */
export function serveTasks(tasks: Partial<TaskFunctions>, expect: (tasks: readonly ScanTask[]) => void): void {
  const reply = (message: WorkerReply, moved: readonly ArrayBuffer[] = []): void =>
    parentPort?.postMessage(message, moved);
  // one after the other: a task may be sent ahead while another runs
  let last: Promise<void> = Promise.resolve();
  parentPort?.on("message", (message: TaskMessage) => {
    if (message.kind === "scan") expect(message.input.tasks.slice(0, 1));
    last = last.then(() => answer(message, tasks, reply));
  });
}

async function answer(
  message: TaskMessage,
  tasks: Partial<TaskFunctions>,
  reply: (message: WorkerReply, moved?: readonly ArrayBuffer[]) => void,
): Promise<void> {
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
    reply(
      { kind: "done", output },
      message.kind === "rows" ? (output as WorkerTasks["rows"]["output"]).map(({ memory }) => memory) : [],
    );
  } catch (error) {
    reply({ kind: "failed", error: sentError(error) });
  }
}

/** Keeps kind and input together, which a plain call through the union would not. */
function run<K extends TaskKind>(
  tasks: Partial<TaskFunctions>,
  message: { readonly kind: K; readonly input: WorkerTasks[K]["input"] },
  onRead: (bytes: number) => void,
): Promise<WorkerTasks[K]["output"]> {
  const work = tasks[message.kind];
  if (work === undefined) throw new Error(`unreachable: this thread was started for other tasks than ${message.kind}`);
  return work(message.input, onRead);
}
