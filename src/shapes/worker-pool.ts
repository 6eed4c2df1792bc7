/** Worker threads that take tasks of `WorkerTasks`, in order, and the calling thread beside them if it is lent. */
import { Worker } from "node:worker_threads";
import { DynaframeError } from "../types/error.js";
import type { KeptThreads } from "./kept-threads.js";
import type { TaskFunctions, TaskKind, WorkerReply, WorkerTasks } from "./worker-tasks.js";

export type WorkerPool = {
  /**
   * Runs a task on the next free worker; rejects with the task's DynaframeError, or WORKER_FAILED when the thread dies
   * or the pool is closed.
   */
  run<K extends TaskKind>(
    kind: K,
    input: WorkerTasks[K]["input"],
    onRead?: (bytes: number) => void,
  ): Promise<WorkerTasks[K]["output"]>;
  /** Runs a task on every worker at work so far, the calling thread among them; call when all others are done. */
  runOnAll<K extends TaskKind>(kind: K, input: WorkerTasks[K]["input"]): Promise<readonly WorkerTasks[K]["output"][]>;
  /** Ends the threads; tasks still running reject. */
  close(): Promise<void>;
};

type Job = {
  readonly message: { readonly kind: TaskKind; readonly input: unknown };
  readonly onRead: (bytes: number) => void;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * At most `workers` tasks run at once. Threads start with the first tasks. With `here`, one of the workers is the
 * calling thread: it is at work while the threads start, which takes 30 ms of CPU each. Tasks given `here` must leave
 * the event loop its turns. `source` is the code of the threads: one of `generated/`, loaded when it is needed, since
 * it is long. Threads that wait in `kept` are used first, and those that have nothing to do wait there when the pool is
 * closed: only for tasks that leave nothing behind.
 */
export function createWorkerPool(
  source: string,
  workers: number,
  here?: Partial<TaskFunctions>,
  kept?: KeptThreads,
): WorkerPool {
  const threads = here ? workers - 1 : workers;
  const waiting: Job[] = [];
  const jobsOf = new Map<Worker, Job[]>();
  const ignore = new Map<Worker, () => void>();
  let hereBusy = false;
  let closed = false;

  const listen = (worker: Worker): (() => void) => {
    const onMessage = (reply: WorkerReply): void => {
      heard(worker, reply);
    };
    const onError = (cause: unknown): void => {
      lost(worker, cause);
    };
    const onExit = (): void => {
      lost(worker, undefined);
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    return () => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
    };
  };
  const start = (): Worker => {
    const worker = kept?.take(source) ?? new Worker(source, { eval: true });
    jobsOf.set(worker, []);
    ignore.set(worker, listen(worker));
    return worker;
  };
  const lost = (worker: Worker, cause: unknown): void => {
    const jobs = jobsOf.get(worker) ?? [];
    jobsOf.delete(worker);
    for (const job of jobs) {
      job.reject(
        new DynaframeError("WORKER_FAILED", closed ? "the work was stopped" : "a worker thread ended before its task", {
          cause,
          hint: "run again with one worker; if memory ran out, give the process more",
        }),
      );
    }
    if (!closed) dispatch();
  };
  const heard = (worker: Worker, reply: WorkerReply): void => {
    const jobs = jobsOf.get(worker);
    if (reply.kind === "read") return jobs?.[0]?.onRead(reply.bytes);
    const job = jobs?.shift();
    if (reply.kind === "done") job?.resolve(reply.output);
    else job?.reject(new DynaframeError(reply.error.code, reply.error.message, reply.error.details));
    dispatch();
  };
  /**
   * A thread for the next task. While there is one for each to come, each thread gets one ahead, so that it need not
   * wait for this thread to answer.
   */
  const freeThread = (): Worker | undefined => {
    const ahead = waiting.length > workers ? 2 : 1;
    for (const [worker, jobs] of jobsOf) if (jobs.length === 0) return worker;
    if (jobsOf.size < threads) return start();
    for (const [worker, jobs] of jobsOf) if (jobs.length < ahead) return worker;
    return undefined;
  };
  const giveThread = (worker: Worker, job: Job): void => {
    jobsOf.get(worker)?.push(job);
    worker.postMessage(job.message);
  };
  const doHere = (job: Job): void => {
    const work = here?.[job.message.kind];
    if (work === undefined) return job.resolve(undefined);
    hereBusy = true;
    const done = (): void => {
      hereBusy = false;
      dispatch();
    };
    (work as (input: unknown, onRead: Job["onRead"]) => Promise<unknown>)(job.message.input, job.onRead)
      .then(job.resolve, job.reject)
      .finally(done);
  };
  const runHere = (): boolean => {
    if (hereBusy || waiting[0] === undefined || here?.[waiting[0].message.kind] === undefined) return false;
    const job = waiting.shift();
    if (!job) return false;
    doHere(job);
    return true;
  };
  const dispatch = (): void => {
    while (waiting.length > 0 && !closed) {
      const worker = freeThread();
      const job = worker && waiting.shift();
      if (worker && job) giveThread(worker, job);
      else if (!runHere()) return;
    }
  };
  return {
    run: (kind, input, onRead = () => undefined) =>
      new Promise((resolve, reject) => {
        if (closed) return void reject(stopped());
        waiting.push({ message: { kind, input }, onRead, resolve: resolve as (output: unknown) => void, reject });
        dispatch();
      }),
    runOnAll: (kind, input) => {
      const job = <T>(give: (job: Job) => void): Promise<T> =>
        new Promise((resolve, reject) => {
          if (closed) return void reject(stopped());
          give({
            message: { kind, input },
            onRead: () => undefined,
            resolve: resolve as (output: unknown) => void,
            reject,
          });
        });
      const threadJobs = [...jobsOf.keys()].map((worker) =>
        job<WorkerTasks[typeof kind]["output"]>((one) => {
          giveThread(worker, one);
        }),
      );
      return Promise.all(
        here === undefined ? threadJobs : [job<WorkerTasks[typeof kind]["output"]>(doHere), ...threadJobs],
      );
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(stopped());
      const atWork = [...jobsOf].filter(([, jobs]) => kept === undefined || jobs.length > 0).map(([worker]) => worker);
      for (const worker of jobsOf.keys()) {
        if (atWork.includes(worker)) continue;
        ignore.get(worker)?.();
        jobsOf.delete(worker);
        kept?.give(source, worker);
      }
      await Promise.all(atWork.map((worker) => worker.terminate()));
    },
  };
}

const stopped = (): DynaframeError => new DynaframeError("WORKER_FAILED", "the work was stopped");
