import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const EVERY_MS = 100;
/** Less is synced in no time. */
const GROWN_BYTES = 8 << 20;

/**
 * Does `work`, and has the disk write the large files of the folder and of those below it, where engines write, while
 * they grow: the sync that publishes them has little left to wait for. It is that one which makes them durable, so what
 * goes wrong here is passed over.
 */
export async function syncingEarly<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const ended = new AbortController();
  const synced = new Map<string, number>();
  const beside = (async () => {
    while (await sleep(EVERY_MS, true, { signal: ended.signal, ref: false }).catch(() => false)) {
      for (const name of await readdir(folder, { recursive: true }).catch(() => []))
        await syncGrown(join(folder, name), synced);
    }
  })();
  try {
    return await work();
  } finally {
    ended.abort();
    await beside;
  }
}

async function syncGrown(path: string, synced: Map<string, number>): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined);
  if (handle === undefined) return;
  try {
    const { size } = await handle.stat();
    if (size - (synced.get(path) ?? 0) < GROWN_BYTES) return;
    await handle.datasync();
    synced.set(path, size);
  } catch {
    /* a folder, or a disk whose fault the sync at the end tells */
  } finally {
    await handle.close();
  }
}
