/**
 * Folders for files on their way: one per process and use, found and removed by the next run when their process died.
 */
import { readdir, rm } from "node:fs/promises";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./make-folder.js";
import { spaceOfNames } from "./this-host.js";

/** A private folder `<root>/<pid>-<random>`, 0700; before the pid its space, where that is not the machine's. */
export type StagingFolder = {
  readonly path: string;
  readonly remove: () => Promise<void>;
  readonly removeSync: () => void;
};

export async function createStaging(root: string): Promise<StagingFolder> {
  await removeStale(root);
  const path = join(root, `${spaceOfNames()}${process.pid}-${newName()}`);
  await makeFolder(path, { mode: 0o700 });
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true });
      await removeIfEmpty(root);
    },
    removeSync: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A name that this process has not used; no secret, for which node:crypto would have to be loaded. */
const newName = (): string =>
  Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, "0");

/**
 * Folders of processes that are gone. A reused process id keeps a folder until that process ends; never the other way.
 */
async function removeStale(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  const own = spaceOfNames();
  for (const name of names) {
    if (!name.startsWith(own)) continue; // of processes of which nothing is known
    const pid = Number(/^(\d+)-[0-9a-f]{12}$/.exec(name.slice(own.length))?.[1]);
    if (pid > 0 && !isAlive(pid)) await rm(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  const left = await readdir(folder).catch(() => ["?"]);
  if (left.length === 0) await rm(folder, { recursive: true, force: true });
}
