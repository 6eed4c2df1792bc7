/**
 * What can be read batch by batch: each batch is what is new since the one before, and is planned before it is read, so
 * that it can be read again.
 */
import type { RunOptions } from "../../engine/index.js";
import type { FrameNode, FrameSession } from "../frame-node.js";

/** A file at one version. */
export type FileVersion = { readonly path: string; readonly etag: string; readonly size: number };

/**
 * Records of one partition of a stream: those after `after` (absent: from where the stream begins), up to `upTo`, so
 * many.
 */
export type OffsetRange = {
  readonly partition: string;
  readonly after?: string;
  readonly upTo: string;
  readonly records: number;
};

/** What one batch reads, as the checkpoint keeps it. */
export type BatchPlan =
  | { readonly kind: "files"; readonly files: readonly FileVersion[] }
  | { readonly kind: "offsets"; readonly ranges: readonly OffsetRange[] };

/** What the committed batches have read: the last version of each file, the last offset of each partition. */
export type SourceProgress = {
  readonly files: ReadonlyMap<string, FileVersion>;
  readonly offsets: ReadonlyMap<string, string>;
};

/** A batch as a source node for the plan in the place of the whole source's. */
export type SourceBatch = { readonly plan: BatchPlan; readonly node: FrameNode };

export interface BatchReader {
  /** What is new now; undefined when nothing is. */
  next(): Promise<SourceBatch | undefined>;
  /**
   * A batch that was planned and not committed. Its plan may differ where the source has changed since, of which the
   * session is told.
   */
  again(plan: BatchPlan): Promise<SourceBatch>;
  /**
   * Settles, before the window is over, when waiting brings no more: the reader holds all it may, or the source has
   * ended or failed.
   */
  readonly settled: () => Promise<void>;
  /** A stream: only its end says that it has no more. A folder has, at any time, what it has. */
  readonly live: boolean;
  /** Whether nothing can come any more. */
  readonly ended: () => boolean;
  close(): Promise<void>;
}

export interface ContinuousSource {
  /** What a checkpoint belongs to. */
  readonly name: string;
  /**
   * `progress` is read at every batch: it grows as batches are committed. `waitForPaths`: what is not there yet is
   * waited for, not an error.
   */
  open(
    progress: SourceProgress,
    session: FrameSession,
    run: RunOptions & { readonly waitForPaths: boolean },
  ): BatchReader;
}
