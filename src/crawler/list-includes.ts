import { createHash } from "node:crypto";
import { skipReason } from "../storage/data-file.js";
import type { FileRef } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";
import { type ResolvedTarget, resolveTargets } from "./crawl-target.js";
import { type CrawlOptions, type CrawlServices, type FileProblem, type SkippedFile } from "./crawl-options.js";
import { compileGlob } from "../storage/java-glob.js";

/** What an include path holds. */
export type IncludeListing = {
  /** Canonical address. */
  readonly root: string;
  readonly files: readonly FileRef[];
  readonly bytes: number;
  /** Changes with any name, etag or size of the files. */
  readonly fingerprint: string;
};
export type Listing = {
  readonly includes: readonly IncludeListing[];
  readonly skipped: readonly SkippedFile[];
  readonly problems: readonly FileProblem[];
};

/**
 * Lists the include paths, each without the files of an include path inside it. Hidden, empty and excluded files, and
 * those beyond a sample size, are named in `skipped`, what may not be looked at in `problems`, a whole include path too
 * as long as there are others.
 * @throws PATH_NOT_FOUND for a missing include path, ACCESS_DENIED when none may be listed.
 */
export async function listIncludes(
  options: CrawlOptions,
  { storage, signal, onProgress }: CrawlServices,
): Promise<Listing> {
  const targets = resolveTargets(options, storage);
  const whyNot = whyNotIn(targets);
  const skipped: SkippedFile[] = [];
  const problems: FileProblem[] = [];
  const includes: IncludeListing[] = [];
  const shut: DynaframeError[] = [];
  let count = 0;
  for (const { root, recurse, sampleSize } of targets) {
    const found: { readonly files: FileRef[]; readonly skipped: SkippedFile[] } = { files: [], skipped: [] };
    const onUnreadable = (path: string, error: DynaframeError): void => {
      problems.push(problemOf(path, error));
    };
    try {
      for await (const file of storage.list(root, {
        recurse,
        onUnreadable,
        ...(signal === undefined ? {} : { signal }),
      })) {
        const skip = whyNot(file, root);
        if (skip === "ELSEWHERE") continue;
        if (skip === undefined) found.files.push(file);
        else found.skipped.push(skip);
        if (++count % 1000 === 0)
          onProgress?.({ phase: "list", filesDone: count, files: count, bytesDone: 0, bytes: 0 });
      }
    } catch (error) {
      if (!(error instanceof DynaframeError) || error.code !== "ACCESS_DENIED" || shut.push(error) === targets.length)
        throw error;
      problems.push(problemOf(root, error));
      includes.push(includeListing(root, []));
      continue;
    }
    for (const skip of found.skipped) skipped.push(skip);
    includes.push(
      includeListing(root, sampleSize === undefined ? found.files : sample(found.files, sampleSize, skipped)),
    );
  }
  return { includes, skipped, problems };
}

/** The first files of each folder by name, so that a crawl takes the same ones whatever the order of the listing. */
function sample(files: readonly FileRef[], size: number, skipped: SkippedFile[]): readonly FileRef[] {
  const taken = new Map<string, number>();
  return [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .filter(({ path }) => {
      const folder = path.slice(0, path.lastIndexOf("/"));
      const before = taken.get(folder) ?? 0;
      taken.set(folder, before + 1);
      if (before >= size) skipped.push({ file: path, why: "NOT_SAMPLED" });
      return before < size;
    });
}

/** Why a file of an include path is passed over; ELSEWHERE: it is another include path's. */
export function whyNotIn(
  targets: readonly ResolvedTarget[],
): (file: FileRef, root: string) => SkippedFile | "ELSEWHERE" | undefined {
  const patterns = new Map(
    targets.map(({ root, exclusions }) => [
      root,
      exclusions.map((pattern) => ({ pattern, matches: compileGlob(pattern) })),
    ]),
  );
  return (file, root) => {
    if (
      targets.some(
        (other) =>
          other.root.length > root.length && (file.path === other.root || file.path.startsWith(`${other.root}/`)),
      )
    )
      return "ELSEWHERE";
    const key =
      file.path === root
        ? file.path.slice(file.path.lastIndexOf("/") + 1)
        : file.path.slice(root.length).replace(/^\//, "");
    const pattern = patterns.get(root)?.find(({ matches }) => matches(key));
    if (pattern !== undefined) return { file: file.path, why: "EXCLUDED", detail: pattern.pattern };
    const why = skipReason(file, root);
    return why === undefined ? undefined : { file: file.path, why };
  };
}

export function includeListing(root: string, files: readonly FileRef[]): IncludeListing {
  const hash = createHash("sha256");
  for (const { path, etag, size } of files) hash.update(`${path}\0${etag}\0${size}\n`);
  return { root, files, bytes: files.reduce((sum, file) => sum + file.size, 0), fingerprint: hash.digest("hex") };
}

/** An error about one file as a line of the report. */
export function problemOf(file: string, error: unknown): FileProblem {
  if (error instanceof DynaframeError && (error.code === "PATH_NOT_FOUND" || error.code === "SOURCE_VANISHED")) {
    return {
      file,
      code: "SOURCE_VANISHED",
      message: error.message,
      hint: "It was listed and is no longer there. Crawl again when nothing deletes files.",
    };
  }
  if (error instanceof DynaframeError)
    return {
      file,
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  return { file, code: "UNREADABLE", message: error instanceof Error ? error.message : String(error) };
}
