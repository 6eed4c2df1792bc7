/** Folders in which a run keeps its outputs until it commits; found and removed when their run was killed. */
import { randomBytes } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../storage/make-folder.js";

/**
 * Folders of one run. They are listed in a file of the catalog's folder, so that the next run finds them wherever they lie; their names are
 * not those of staging folders, which any process clears away once their process is gone: a commit may still need them.
 */
export class RunFiles {
  readonly #folders: string[] = [];
  constructor(private readonly runsFolder: string, private readonly runId: string) {}

  async folder(root: string): Promise<string> {
    const path = join(root, `run-${this.runId}-${randomBytes(6).toString("hex")}`);
    await mkdir(this.runsFolder, { recursive: true, mode: 0o700 });
    await appendFile(this.#list(), `${JSON.stringify(path)}\n`, { mode: 0o600 });
    await makeFolder(path, 0o700);
    this.#folders.push(path);
    return path;
  }

  async remove(): Promise<void> {
    for (const folder of this.#folders) await removeFolder(folder);
    await rm(this.#list(), { force: true });
  }

  #list(): string { return join(this.runsFolder, `${this.runId}.outputs`); }
}

/** With the folder around it, if that is empty then. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await rmdir(dirname(folder)).catch(() => undefined);
}

/** Removes the folders of runs that ended without a commit; `kept` are runs that still need theirs. Returns what was removed. */
export async function removeLeftFolders(runsFolder: string, kept: ReadonlySet<string>, dryRun = false): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await readdir(runsFolder).catch(() => [])) {
    const runId = /^(.+)\.outputs$/.exec(name)?.[1];
    if (runId === undefined || kept.has(runId)) continue;
    const list = join(runsFolder, name);
    // a line that was cut off names nothing
    const folders = (await readFile(list, "utf8")).split("\n").flatMap((line) => pathOf(line));
    removed.push(...folders);
    if (dryRun) continue;
    for (const folder of folders) await removeFolder(folder);
    await rm(list, { force: true });
  }
  return removed;
}

function pathOf(line: string): readonly string[] {
  try {
    const path: unknown = JSON.parse(line);
    return typeof path === "string" && path !== "" ? [path] : [];
  } catch {
    return [];
  }
}
