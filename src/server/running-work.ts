/** Work in the background that others may ask to stop, through what the catalog keeps of it. */
import type { Catalog, Entity, EntityRef } from "../catalog/index.js";

/** How often running work looks whether it was told to stop. */
const POLL_MS = 100;

/**
 * Runs `work` with a signal that is aborted when the server stops, or when the entity says so; whether it was, and what
 * came of it.
 */
export async function stoppable<Doc, T>(
  { catalog, signal }: { readonly catalog: Catalog; readonly signal: AbortSignal },
  ref: EntityRef,
  isStopping: (doc: Doc) => boolean,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly stopped: boolean; readonly outcome?: T; readonly failure?: unknown }> {
  const stop = new AbortController();
  const abort = (): void => {
    stop.abort();
  };
  signal.addEventListener("abort", abort, { once: true });
  const watch = setInterval(() => {
    void catalog.getEntity(ref).then(
      (entity) => {
        if (entity !== undefined && isStopping((entity as Entity<Doc>).doc)) abort();
      },
      () => undefined,
    );
  }, POLL_MS);
  try {
    return { outcome: await work(stop.signal), stopped: false };
  } catch (failure) {
    return { failure, stopped: stop.signal.aborted };
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", abort);
  }
}

/** Whether work of another process will not end by itself, because that process is gone. */
export function isProcessGone(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
