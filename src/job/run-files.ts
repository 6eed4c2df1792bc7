/** Folders in which a run keeps its outputs until it commits; found and removed when their run was killed. */
import { randomBytes } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { removeAbandoned, takeLease, type Lease } from "../storage/lease.js";
import { makeFolder } from "../storage/make-folder.js";
import { syncPath } from "../storage/sync-path.js";
import { DynaframeError } from "../types/error.js";

/**
 * Folders of one run. They are listed in a file of the catalog's folder, so that the next run finds them wherever they
 * lie; their names are not those of staging folders, which any process clears away once their process is gone: a commit
 * may still need them.
 */
export class RunFiles {
  readonly #folders: string[] = [];
  private constructor(
    private readonly runsFolder: string,
    private readonly runId: string,
    private readonly alive: Lease,
  ) {}

  /** @throws RUN_EXISTS when a run of that id lives. */
  static async open(runsFolder: string, runId: string): Promise<RunFiles> {
    return new RunFiles(runsFolder, runId, await takeLease(runsFolder, leaseName(runId), () => runExists(runId)));
  }

  /**
   * `root` undefined: where no storage can rename from, in the catalog's folder, which outlasts a restart of the
   * machine.
   */
  async folder(root = join(this.runsFolder, "outputs")): Promise<string> {
    const path = join(root, `run-${this.runId}-${randomBytes(6).toString("hex")}`);
    await mkdir(this.runsFolder, { recursive: true, mode: 0o700 });
    await appendFile(this.#list(), `${JSON.stringify(path)}\n`, { mode: 0o600 });
    await makeFolder(path, { mode: 0o700, isDurable: true });
    this.#folders.push(path);
    return path;
  }

  /** Makes outputs survive a power cut: a commit may only name what does. */
  async sync(staged: readonly string[]): Promise<void> {
    const folders = new Set<string>();
    for (const file of staged) {
      await syncPath(file);
      for (let folder = dirname(file); !folders.has(folder); folder = dirname(folder)) {
        folders.add(folder);
        if (this.#folders.includes(folder)) break;
      }
    }
    for (const folder of folders) await syncPath(folder);
  }

  /** Ends the run. Its folders go, unless a commit still needs them. */
  async close(keep: boolean): Promise<void> {
    if (!keep) {
      for (const folder of this.#folders) await removeFolder(folder);
      await rm(this.#list(), { force: true });
    }
    await this.alive.release();
  }

  #list(): string {
    return join(this.runsFolder, `${this.runId}.outputs`);
  }
}

/** With the folder around it, if that is empty then. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await rmdir(dirname(folder)).catch(() => undefined);
}

/**
 * Removes the folders of runs that are dead and did not commit; `kept` are runs whose commit still needs theirs.
 * Returns what was, or would be, removed.
 */
export async function removeLeftFolders(
  runsFolder: string,
  kept: ReadonlySet<string>,
  dryRun = false,
): Promise<readonly string[]> {
  const removed: string[] = [];
  const names = await readdir(runsFolder).catch(() => []);
  for (const runId of new Set(
    names.flatMap((name) => /^(?:(.+)\.outputs|run-(.+)\.lease)$/.exec(name)?.slice(1).filter(Boolean) ?? []),
  )) {
    if (kept.has(runId)) continue;
    const dead = await takeDeadRun(runsFolder, runId);
    if (!dead) continue;
    const list = join(runsFolder, `${runId}.outputs`);
    // a line that was cut off names nothing; a run that wrote nothing has no list
    const folders = (await readFile(list, "utf8").catch(() => "")).split("\n").flatMap((line) => pathOf(line));
    removed.push(...folders);
    if (!dryRun) {
      for (const folder of folders) await removeFolder(folder);
      await rm(list, { force: true });
    }
    await dead.release();
  }
  // ids of runs do not come again, so that no next holder would do it
  if (!dryRun) await removeAbandoned(runsFolder);
  return removed;
}

/** Holds a run whose process is gone, so that nobody else clears up after it; undefined while it lives. */
export const takeDeadRun = (runsFolder: string, runId: string): Promise<Lease | undefined> =>
  takeLease(runsFolder, leaseName(runId), () => runExists(runId)).catch(() => undefined);

function pathOf(line: string): readonly string[] {
  try {
    const path: unknown = JSON.parse(line);
    return typeof path === "string" && path !== "" ? [path] : [];
  } catch {
    return [];
  }
}

const leaseName = (runId: string): string => `run-${runId}`;
const runExists = (runId: string): DynaframeError =>
  new DynaframeError("RUN_EXISTS", `A run ${runId} is running.`, {
    path: runId,
    hint: "Give each run an id of its own.",
  });
