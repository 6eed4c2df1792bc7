/** Where the quarantine lies: one file of JSON lines for each run that filled or emptied it, beside the catalog. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../../storage/file-error.js";
import { DynaframeError } from "../../types/error.js";
import type { QuarantinedFile, QuarantinedRecord, QuarantineEntry } from "./quarantine-record.js";

export const quarantineFolder = (catalogFolder: string, job: string): string =>
  join(catalogFolder, "quarantine", encodeURIComponent(job));

/** Puts a run's entries aside; the commit publishes them under `final`. */
export async function stageQuarantine(
  folder: string,
  final: string,
  entries: readonly QuarantineEntry[],
): Promise<{ readonly staged: string; readonly final: string }> {
  const staged = join(folder, "quarantine.jsonl");
  await writeFile(staged, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""), { mode: 0o600 });
  return { staged, final };
}

/** What is open: records that no replay has taken, oldest first, and the files they are of. */
export type OpenQuarantine = {
  readonly records: readonly QuarantinedRecord[];
  readonly files: readonly QuarantinedFile[];
};

export async function readQuarantine(catalogFolder: string, job: string): Promise<OpenQuarantine> {
  const folder = quarantineFolder(catalogFolder, job);
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  });
  const entries: QuarantineEntry[] = [];
  for (const name of names.filter((each) => each.endsWith(".jsonl")))
    entries.push(...parse(join(folder, name), await readFile(join(folder, name), "utf8")));
  const gone = new Set(entries.flatMap((entry) => (entry.kind === "replay" ? entry.ids : [])));
  const records = entries
    .filter((entry): entry is QuarantinedRecord => entry.kind === "record" && !gone.has(entry.id))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const open = new Set(records.map(({ runId, file, step }) => `${runId}\n${step}\n${file ?? ""}`));
  const files = entries.filter(
    (entry): entry is QuarantinedFile =>
      entry.kind === "file" && open.has(`${entry.runId}\n${entry.step}\n${entry.path}`),
  );
  return { records, files };
}

/** Names of the jobs that have a quarantine. */
export async function quarantinedJobs(catalogFolder: string): Promise<readonly string[]> {
  const names = await readdir(join(catalogFolder, "quarantine")).catch(() => []);
  return names.map(decodeURIComponent).sort();
}

function parse(file: string, text: string): readonly QuarantineEntry[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      try {
        return JSON.parse(line) as QuarantineEntry;
      } catch (cause) {
        throw new DynaframeError("QUARANTINE_CORRUPT", `The quarantine ${file} is damaged.`, {
          file,
          cause,
          hint: "Restore the file; a commit puts it in place whole.",
        });
      }
    });
}
