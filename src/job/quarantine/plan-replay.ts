/**
 * Makes a replay of what the quarantine has of a job: files of repaired records, and the plan by which a run reads
 * them.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import type { ReplayFile, ReplayPlan } from "../replay.js";
import { type OpenQuarantine, quarantineFolder, readQuarantine } from "./quarantine-files.js";
import type { QuarantinedFile } from "./quarantine-record.js";
import { notReplayable, type Repaired, repairedRecords } from "./repaired.js";

export type ReplayRequest = {
  readonly job: string;
  readonly catalogFolder: string;
  readonly storage: Storage;
  /** A name for this replay. */
  readonly id: string;
  /** Records of this run only. */
  readonly runId?: string;
  /**
   * A file of repaired records, one a line, that stands for all open records of one file; without it the files
   * themselves were repaired.
   */
  readonly records?: string;
  /** The first line of the files is a header, which repaired records need too (CSV). */
  readonly header?: boolean;
};

export type PlannedReplay = {
  readonly planFile: string;
  readonly plan: ReplayPlan;
  /** Files that are as they were, and what else was left. */ readonly left: readonly string[];
};

/** @throws NOT_REPLAYABLE when there is nothing to replay, or a file cannot be. */
export async function planReplay(request: ReplayRequest): Promise<PlannedReplay> {
  const { job, catalogFolder, id, runId } = request;
  const open = await readQuarantine(catalogFolder, job);
  const chosen: OpenQuarantine =
    runId === undefined
      ? open
      : { records: open.records.filter((r) => r.runId === runId), files: open.files.filter((f) => f.runId === runId) };
  const folder = join(quarantineFolder(catalogFolder, job), `replay-${id}`);
  const files: ReplayFile[] = [];
  const ids: string[] = [];
  const left = chosen.records
    .filter(({ file }) => file === undefined)
    .map((record) => `${record.id}: a function failed on it; repair the script and read its file again`);
  if (request.records !== undefined && chosen.files.length !== 1)
    throw new DynaframeError(
      "NOT_REPLAYABLE",
      `--records stands for one file; the quarantine has ${chosen.files.length} open.`,
      { path: job, hint: "Name the run by --run." },
    );
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const file of chosen.files) {
    const records = chosen.records
      .filter((r) => r.runId === file.runId && r.step === file.step && r.file === file.path)
      .sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
    const repaired =
      request.records === undefined
        ? await repairedRecords(request.storage, file, records)
        : await givenRecords(request, file);
    if (repaired === undefined) {
      left.push(`${file.path}: it was not repaired`);
      continue;
    }
    ids.push(...records.map((record) => record.id));
    const now = request.records === undefined ? { now: repaired.now } : {};
    // the repair may be that the records go: then there is nothing to read, and still something to remember
    const lines = repaired.pieces.filter((piece) => piece.length > 0);
    const target = join(
      folder,
      `${String(files.length).padStart(5, "0")}${lines.length === 0 ? ".empty" : extname(file.path)}`,
    );
    await writeFile(
      target,
      Buffer.concat(
        [...(request.header && lines.length > 0 ? [repaired.firstLine] : []), ...lines].flatMap((line) => [
          line,
          Buffer.from("\n"),
        ]),
      ),
      { mode: 0o600 },
    );
    files.push({ ctx: file.step, path: file.path, repaired: target, isEmpty: lines.length === 0, ...now });
  }
  if (files.length === 0)
    throw new DynaframeError(
      "NOT_REPLAYABLE",
      `Nothing of ${job} can be replayed${left.length === 0 ? ": its quarantine is empty" : `: ${left.join("; ")}`}.`,
      { path: job, hint: "Repair the records in their files, or give them with --records." },
    );
  const plan: ReplayPlan = { job, files, ids };
  const planFile = join(folder, "plan.json");
  await writeFile(planFile, JSON.stringify(plan), { mode: 0o600 });
  return { planFile, plan, left };
}

async function givenRecords(
  { records = "", storage, header }: ReplayRequest,
  file: QuarantinedFile,
): Promise<Repaired> {
  const bytes = await readFile(records).catch((cause: unknown) => {
    throw new DynaframeError("PATH_NOT_FOUND", `There are no records at ${records}.`, {
      file: records,
      cause,
      hint: "Check --records.",
    });
  });
  if (header)
    throw notReplayable(
      file.path,
      "--records and --header exclude each other",
      "Write the header into the file of records.",
    );
  return {
    pieces: [Buffer.from(bytes.toString("utf8").trimEnd())],
    now: (await storage.stat(file.path)) ?? file,
    firstLine: Buffer.alloc(0),
  };
}
