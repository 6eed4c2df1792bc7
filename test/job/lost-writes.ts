/**
 * What a power cut does to files: those that nobody asked the disk to keep are gone, and so are names in folders that
 * were not synced.
 */
import { readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Notes what this process syncs, by inode. */
export async function noteSyncs(): Promise<ReadonlySet<number>> {
  const synced = new Set<number>();
  const handle = await open(__filename, "r");
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const { sync } = prototype;
  prototype.sync = async function noted(this: typeof handle): Promise<void> {
    await sync.call(this);
    synced.add((await this.stat()).ino);
  };
  return synced;
}

/** Drops what was not synced below a folder, but for some names in it. */
export function cutPower(root: string, synced: ReadonlySet<number>, kept: readonly string[]): void {
  const visit = (folder: string, keepsNames: boolean): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (folder === root && kept.includes(entry.name)) continue;
      const path = join(folder, entry.name);
      const { ino } = statSync(path);
      if (!keepsNames) rmSync(path, { recursive: true });
      else if (entry.isDirectory()) visit(path, synced.has(ino));
      else if (!synced.has(ino)) truncateSync(path); // the name may be there, the bytes are not
    }
  };
  visit(root, synced.has(statSync(root).ino));
}
