/**
 * Worker threads that wait for the next scan of a context, as those of an engine do: a thread takes 20–30 ms to start.
 */
import type { Worker } from "node:worker_threads";

export type KeptThreads = {
  /** A waiting thread that runs this source, to be listened to by the caller; undefined where there is none. */
  take(source: string): Worker | undefined;
  /** Keeps a thread that has nothing to do and to whom nobody listens. It does not hold the process. */
  give(source: string, thread: Worker): void;
  close(): Promise<void>;
};

/** What waited so long is not needed: its memory is worth more. */
const IDLE_MS = 10_000;

type Waiting = { readonly source: string; readonly thread: Worker; readonly forget: () => void };

export function createKeptThreads(idleMs = IDLE_MS): KeptThreads {
  let waiting: readonly Waiting[] = [];
  let closed = false;
  return {
    take(source) {
      const found = waiting.find((one) => one.source === source);
      found?.forget();
      found?.thread.ref();
      return found?.thread;
    },
    give(source, thread) {
      if (closed) return void thread.terminate();
      const forget = (): void => {
        waiting = waiting.filter((one) => one.thread !== thread);
        clearTimeout(timer);
        thread.off("exit", forget).off("error", forget);
      };
      const timer = setTimeout(() => {
        forget();
        void thread.terminate();
      }, idleMs).unref();
      thread.on("exit", forget).on("error", forget).unref();
      waiting = [...waiting, { source, thread, forget }];
    },
    async close() {
      closed = true;
      const ending = waiting;
      for (const { forget } of ending) forget();
      await Promise.all(ending.map(({ thread }) => thread.terminate()));
    },
  };
}
