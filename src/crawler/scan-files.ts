import type { Format, ScanContext } from "../formats/index.js";
import { inOrder } from "../formats/in-order.js";
import { formatOf as builtFormat } from "../formats/registry.js";
import type { FileLedger } from "../shapes/ledger.js";
import { DynaframeError } from "../types/error.js";
import { compatibilityKey, scanOptions } from "./classify/classification.js";
import type { ClassifiedFile } from "./classify-files.js";
import type { CrawlServices, FileProblem } from "./crawl-options.js";
import { problemOf } from "./list-includes.js";

/** What scanning needs of a crawl's services. */
type ScanServices = Omit<CrawlServices, "catalog">;

export type Scanned = { readonly ledgers: ReadonlyMap<string, FileLedger>; readonly problems: readonly FileProblem[] };

/**
 * Exact ledgers of the files, by path. A file that vanished, may not be read, or kept changing while it was read is a
 * problem; the rest goes on. A file that changed once since it was listed is scanned again as it is now.
 */
export async function scanFiles(
  files: readonly ClassifiedFile[],
  services: ScanServices,
  keep: (ledger: FileLedger) => FileLedger = (ledger) => ledger,
): Promise<Scanned> {
  const run: Run = {
    services,
    keep,
    ledgers: new Map(),
    problems: [],
    changed: new Set(),
    progress: tally(files, services),
  };
  await scanGroups(files, run);
  const again = await changedFiles(files, run);
  await scanGroups(again, run);
  for (const { ref } of await changedFiles(again, run)) {
    run.problems.push({
      file: ref.path,
      code: "SOURCE_CHANGED",
      message: `${ref.path} changed each time it was read`,
      hint: "Crawl again when nothing writes to it.",
    });
  }
  return { ledgers: run.ledgers, problems: run.problems };
}

type Run = {
  readonly services: ScanServices;
  readonly keep: (ledger: FileLedger) => FileLedger;
  readonly ledgers: Map<string, FileLedger>;
  readonly problems: FileProblem[];
  /** Files that a scan refused because they changed. */
  readonly changed: Set<string>;
  readonly progress: ScanContext["onProgress"];
};

/** Files read alike are scanned in one call, so that workers are shared. */
async function scanGroups(files: readonly ClassifiedFile[], run: Run): Promise<void> {
  const groups = new Map<string, ClassifiedFile[]>();
  for (const file of files) {
    const key = `${compatibilityKey(file.classification)}${JSON.stringify(scanOptions(file.classification))}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  for (const group of groups.values()) await scanGroup(group, run);
}

async function scanGroup(
  files: readonly ClassifiedFile[],
  { services, keep, ledgers, problems, changed, progress }: Run,
): Promise<void> {
  const first = files[0];
  if (first?.classification.format === undefined) return;
  const format: Format = (services.formatOf ?? builtFormat)(first.classification.format);
  const context: ScanContext = {
    storage: services.storage,
    workers: services.workers ?? 1,
    once: true,
    ...(services.signal === undefined ? {} : { signal: services.signal }),
    ...(progress === undefined ? {} : { onProgress: progress }),
    ...(services.onBytesScanned === undefined ? {} : { onBytesScanned: services.onBytesScanned }),
  };
  for (let from = 0; from < files.length;) {
    const rest = files.slice(from).map(({ ref }) => ref);
    let done = 0;
    try {
      for await (const ledger of format.scan(rest, scanOptions(first.classification), context)) {
        const kept = keep(ledger);
        ledgers.set(kept.file, kept);
        const file = files[from + done];
        if (file !== undefined && file.ref.path === kept.file)
          services.checkpoint?.add({ ref: file.ref, classification: file.classification, ledger: kept });
        done += 1;
      }
      return;
    } catch (error) {
      services.signal?.throwIfAborted();
      const failed = rest[done];
      if (failed === undefined || !(error instanceof DynaframeError)) throw error; // not about a file: a fault of ours
      if (error.code === "SOURCE_CHANGED") changed.add(failed.path);
      else problems.push(problemOf(failed.path, error));
      from += done + 1;
    }
  }
}

const STATS_AT_ONCE = 16;

/**
 * Files that a scan refused because they were not what was listed, with their present identity; vanished ones are
 * problems.
 */
async function changedFiles(
  files: readonly ClassifiedFile[],
  { services, problems, changed }: Run,
): Promise<readonly ClassifiedFile[]> {
  const found: ClassifiedFile[] = [];
  const asked = files.filter(({ ref: { path } }) => changed.has(path));
  const look = async (file: ClassifiedFile) => ({ file, now: await services.storage.stat(file.ref.path) });
  for await (const { file, now } of inOrder(asked, STATS_AT_ONCE, look)) {
    const { path } = file.ref;
    changed.delete(path);
    if (now !== undefined) found.push({ ...file, ref: now });
    else problems.push(problemOf(path, new DynaframeError("PATH_NOT_FOUND", `${path} was deleted while it was read`)));
  }
  return found;
}

/** Progress of several scans as one. */
function tally(files: readonly ClassifiedFile[], { onProgress }: ScanServices): ScanContext["onProgress"] {
  if (onProgress === undefined) return undefined;
  const total = { files: files.length, bytes: files.reduce((sum, { ref }) => sum + ref.size, 0) };
  const before = { files: 0, bytes: 0 };
  let last = { files: 0, bytes: 0 };
  return ({ filesDone, bytesDone }) => {
    if (filesDone < last.files || bytesDone < last.bytes) {
      before.files += last.files;
      before.bytes += last.bytes;
    }
    last = { files: filesDone, bytes: bytesDone };
    onProgress({
      phase: "scan",
      filesDone: Math.min(total.files, before.files + filesDone),
      files: total.files,
      bytesDone: Math.min(total.bytes, before.bytes + bytesDone),
      bytes: total.bytes,
    });
  };
}
