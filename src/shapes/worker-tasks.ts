/** What worker threads can be asked, and the messages to and from them. Everything is plain data. */
import type { ErrorDetails } from "../types/error.js";
import type { ScanTask } from "./scan-task.js";
import type { SentParts } from "./sent-parts.js";
import type { Renumbering } from "./shred/renumber.js";
import type { Aside, AsideFiles } from "./shred/aside-scanner.js";
import type { RowBlock } from "./shred/batch-reader.js";
import type { RowsWork } from "./shred/rows-task.js";
import type { ShredOutcome, ShredWork } from "./shred/shred-task.js";

/**
 * Kind of task → what it takes and gives. To add a kind: name it here and write its function into `tasks` of worker.ts.
 */
export type WorkerTasks = {
  readonly shred: { readonly input: ShredWork; readonly output: ShredOutcome };
  readonly rows: { readonly input: RowsWork; readonly output: readonly RowBlock[] };
  readonly renumber: { readonly input: Renumbering; readonly output: undefined };
  /**
   * With `aside` the records are shredded besides, into files that `finishAside` completes: undefined where that has
   * failed.
   */
  readonly scan: { readonly input: ScanInput; readonly output: SentParts };
  readonly finishAside: { readonly input: undefined; readonly output: AsideFiles | undefined };
};
export type ScanInput = { readonly tasks: readonly ScanTask[]; readonly aside?: Aside | undefined };
export type TaskKind = keyof WorkerTasks;

/** Runs in the worker; `onRead` reports stored bytes read. */
export type TaskFunctions = {
  readonly [K in TaskKind]: (
    input: WorkerTasks[K]["input"],
    onRead: (bytes: number) => void,
  ) => Promise<WorkerTasks[K]["output"]>;
};

export type TaskMessage = { [K in TaskKind]: { readonly kind: K; readonly input: WorkerTasks[K]["input"] } }[TaskKind];

/** An error on its way between threads, which keeps no class. */
export type SentError = { readonly code: string; readonly message: string; readonly details: ErrorDetails };

export type WorkerReply =
  | { readonly kind: "read"; readonly bytes: number }
  | { readonly kind: "done"; readonly output: unknown }
  | { readonly kind: "failed"; readonly error: SentError };
