/** What a run reads that takes repaired records out of the quarantine instead of its sources' files. */
import { readFile } from "node:fs/promises";
import type { InputKey } from "../catalog/index.js";
import type { ScanFile } from "../plan/ir/relation.js";
import type { Storage } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";

/**
 * A file of repaired records in place of the file that they are of; `now`: that file as it is now, which the bookmark
 * then remembers.
 */
export type ReplayFile = {
  readonly ctx: string;
  readonly path: string;
  readonly repaired: string;
  /** No record is left of it. */ readonly isEmpty?: boolean;
  readonly now?: InputKey;
};
export type ReplayPlan = {
  readonly job: string;
  readonly files: readonly ReplayFile[];
  readonly ids: readonly string[];
};

/** Environment variable that names the plan of a replaying run. */
export const REPLAY_VARIABLE = "DYNAFRAME_REPLAY";

export async function readReplay(file: string | undefined, job: string): Promise<ReplayPlan | undefined> {
  if (file === undefined || file === "") return undefined;
  const plan = JSON.parse(await readFile(file, "utf8")) as ReplayPlan;
  return plan.job === job ? plan : undefined;
}

/** The repaired files of a source, with the partitions of the files that they stand for. */
export async function replayedFiles(
  plan: ReplayPlan,
  ctx: string,
  listed: readonly ScanFile[],
  storage: Storage,
): Promise<readonly ScanFile[]> {
  const files: ScanFile[] = [];
  for (const { path, repaired } of plan.files.filter((file) => file.ctx === ctx && file.isEmpty !== true)) {
    const original = listed.find((file) => file.path === path);
    const ref = await storage.stat(repaired);
    if (!ref)
      throw new DynaframeError("PATH_NOT_FOUND", `The repaired records of ${path} are not there.`, {
        file: repaired,
        hint: "Start the replay again.",
      });
    const partition = original?.partition;
    files.push({ ...ref, ...(partition === undefined ? {} : { partition }) });
  }
  return files;
}
