/** Other machines that scan and shred as worker threads do: plain tasks out, plain results back. */
import type { FileRef, Storage } from "../storage/index.js";
import { planTasks, taskSize, type FilePlan } from "./plan-tasks.js";
import type { ScanFilesOptions } from "./scan-options.js";
import type { ScanTask } from "./scan-task.js";
import type { WorkerTasks } from "./worker-tasks.js";

/** Tasks that may be run twice, or half and then again: a machine may be lost at any time. */
export type ClusterTask = "scan" | "shred";
export type ClusterHooks = {
  readonly signal?: AbortSignal | undefined;
  /** Hears of each input that is done, by its position. */
  readonly onDone: (input: number) => void;
};

/** The machines see local files under the paths that they have here. */
export type TaskCluster = {
  /** Stored bytes from which asking them pays: less is done here before they have begun. */
  readonly worthAbove: number;
  /**
   * Stored bytes of one input: enough to be worth a process's start, little enough that many machines have some, and
   * that losing one costs little.
   */
  readonly shareBytes: number;
  /**
   * One output for each input, in their order; undefined when they cannot do such work, which is then to be done here.
   * @throws what interrupts the work, or ends the connection
   */
  run<K extends ClusterTask>(
    kind: K,
    inputs: readonly WorkerTasks[K]["input"][],
    hooks: ClusterHooks,
  ): Promise<readonly WorkerTasks[K]["output"][] | undefined>;
  /**
   * They did the work, but what came out is of no use, such as that they do not see the files: they are not asked
   * again.
   */
  refuse(why: string): void;
};

/** A cluster whose connection is opened when it is first asked. */
export function lazyCluster(
  { worthAbove, shareBytes }: Pick<TaskCluster, "worthAbove" | "shareBytes">,
  open: () => Promise<TaskCluster | undefined>,
): TaskCluster {
  let opened: TaskCluster | undefined;
  return {
    worthAbove,
    shareBytes,
    run: async (kind, inputs, hooks) => (opened ??= await open())?.run(kind, inputs, hooks),
    refuse: (why) => {
      opened?.refuse(why);
    },
  };
}

/** Whether the files are enough for it, and lie where it may see them. */
export function isForCluster(
  files: readonly FileRef[],
  cluster: TaskCluster | undefined,
  storage: Storage,
): cluster is TaskCluster {
  if (cluster === undefined || files.length === 0) return false;
  return (
    files.reduce((sum, { size }) => sum + size, 0) >= cluster.worthAbove
    && files.every(({ path }) => storage.localPath(path) !== undefined)
  );
}

/** Opening a file costs about as much as scanning so many bytes. */
const OPENING = 64 << 10;

export type SizedTask = { readonly task: ScanTask; readonly size: number };

/** The files, large ones of plain lines cut into ranges, and their tasks, in order, in shares of about equal size. */
export async function planShares(
  files: readonly FileRef[],
  options: ScanFilesOptions,
  { shareBytes }: TaskCluster,
  storage: Storage,
): Promise<{ readonly plans: readonly FilePlan[]; readonly shares: readonly (readonly SizedTask[])[] }> {
  const plans: FilePlan[] = [];
  for await (const plan of planTasks(
    files,
    { ...options, workersAbove: 0, rangeBytes: shareBytes / 2 },
    { storage, workers: 2 },
  ).files)
    plans.push(plan);
  return {
    plans,
    shares: inShares(
      plans.flatMap(({ ref, tasks }) => tasks.map((task) => ({ task, size: taskSize(task, ref) }))),
      shareBytes,
    ),
  };
}

function inShares(tasks: readonly SizedTask[], shareBytes: number): readonly (readonly SizedTask[])[] {
  const shares: SizedTask[][] = [];
  let held = Infinity;
  for (const sized of tasks) {
    if (held + sized.size > shareBytes) {
      shares.push([]);
      held = 0;
    }
    shares.at(-1)?.push(sized);
    held += sized.size + OPENING;
  }
  return shares;
}
