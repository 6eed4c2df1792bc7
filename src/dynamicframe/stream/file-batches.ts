import type { RunOptions } from "../../engine/index.js";
import type { ScanFile } from "../../plan/ir/relation.js";
import { DynaframeError } from "../../types/error.js";
import type { FrameNode, FrameSession } from "../frame-node.js";
import { boundedFiles, type FileBound } from "../sources/bounded-files.js";
import type { BatchReader, ContinuousSource, FileVersion } from "./batch-source.js";

type Listing = { readonly files: readonly ScanFile[] };

export type FolderSource<L extends Listing> = {
  readonly name: string;
  /** All files there are now. @throws NO_FILES, PATH_NOT_FOUND where there are none yet */
  readonly list: (session: FrameSession, run: RunOptions) => Promise<L>;
  /** A source of these files only. */
  readonly nodeOf: (files: readonly ScanFile[], listed: L | undefined) => FrameNode;
  /** What one batch takes at most. */
  readonly bound: FileBound | undefined;
};

/**
 * A folder in batches of the files that came, or changed, since: a file is the same one while its path, etag and size
 * are.
 */
export const filesInBatches = <L extends Listing>({
  name,
  list,
  nodeOf,
  bound,
}: FolderSource<L>): ContinuousSource => ({
  name,
  open: (progress, session, { waitForPaths, ...run }): BatchReader => ({
    next: async () => {
      const listed = await listNow(() => list(session, run), waitForPaths || progress.files.size > 0);
      const files = boundedFiles(
        (listed?.files ?? []).filter((file) => !isSame(progress.files.get(file.path), file)),
        bound,
      );
      return listed === undefined || files.length === 0
        ? undefined
        : { plan: planOf(files), node: nodeOf(files, listed) };
    },
    again: async (plan) => {
      if (plan.kind !== "files") {
        throw new DynaframeError("CHECKPOINT_MISMATCH", "The checkpoint is one of a stream of records, not of files.", {
          hint: "Give each source a checkpointLocation of its own.",
        });
      }
      const wanted = new Map(plan.files.map((file) => [file.path, file]));
      const listed = await listNow(() => list(session, run), true);
      const files = (listed?.files ?? []).filter(({ path }) => wanted.has(path));
      const other = plan.files.length - files.filter((file) => isSame(wanted.get(file.path), file)).length;
      if (other > 0)
        session.warn(
          "STREAM_FILES_CHANGED",
          `${other} of ${plan.files.length} files of an unfinished batch changed or went since it began; it is read again as they are now.`,
        );
      return { plan: planOf(files), node: nodeOf(files, listed) };
    },
    settled: () => new Promise(() => undefined),
    live: false,
    ended: () => false,
    close: async () => undefined,
  }),
});

const isSame = (known: FileVersion | undefined, { etag, size }: FileVersion): boolean =>
  known?.etag === etag && known.size === size;
const planOf = (files: readonly ScanFile[]) => ({
  kind: "files" as const,
  files: files.map(({ path, etag, size }) => ({ path, etag, size })),
});

/**
 * A folder may be empty; one that is not there may have been misspelt. On S3 a folder is there when an object lies
 * below it.
 */
async function listNow<T>(list: () => Promise<T>, mayBeMissing: boolean): Promise<T | undefined> {
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof DynaframeError)) throw error;
    if (error.code === "NO_FILES" || (error.code === "PATH_NOT_FOUND" && mayBeMissing)) return undefined;
    if (error.code !== "PATH_NOT_FOUND") throw error;
    throw new DynaframeError(error.code, `forEachBatch: ${error.message}`, {
      cause: error,
      ...(error.file === undefined ? {} : { file: error.file }),
      hint: "Check the spelling; options: { waitForPaths: true } waits for a folder that will be made later.",
    });
  }
}
