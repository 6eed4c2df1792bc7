/**
 * `glue.forEachBatch`: a source read batch by batch for as long as it lasts, each batch committed with what it wrote.
 * Decision 0095.
 */
import type { RunOptions } from "../../engine/index.js";
import type { DataFrame } from "../data-frame.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import type { RunScope } from "../run-scope.js";
import type { ForEachBatchOptions } from "./stream-options.js";

/**
 * Of a batch: its number, from 0, the same however often it is tried; its error records (what is malformed, and what
 * its steps failed on); and the signal of the call.
 */
export type BatchInfo = { readonly batchId: number; readonly errors: number; readonly signal: AbortSignal };
/** Takes one batch as a frame, with its number. What it gives back is awaited and otherwise not looked at. */
export type BatchFunction<F> = (frame: F, batchId: number, info: BatchInfo) => unknown;

/** What `forEachBatch` reads, what it does with each batch, and how often. */
export type ForEachBatchRequest<F extends DataFrame | DynamicFrame> = RunOptions & {
  /**
   * A frame over one folder, or one stream, made by `createDataFrame.fromOptions` (or
   * `createDynamicFrame.fromOptions`): its plan is run over each batch by itself.
   */
  readonly frame: F;
  /**
   * Called for each batch, one after another; empty batches are passed over. What it throws is tried again, then
   * thrown.
   */
  readonly batchFunction: BatchFunction<F>;
  /** How often, and where the state is kept. */
  readonly options: ForEachBatchOptions;
};

/** `ended`: the source has no more, or, with availableNow, nothing that is new now. */
export type StreamReport = {
  /** Committed by this call. */
  readonly batches: number;
  readonly lastBatchId: number | undefined;
  readonly reason: "stopped" | "ended";
  /** Error records of these batches, which a DataFrame does not show. */
  readonly errors: number;
  /** The batches that have some, the last 1,000 of them. */
  readonly errorBatches: readonly BatchErrors[];
};
export type BatchErrors = { readonly batchId: number; readonly errors: number };

/** Resolves when it was stopped or the source has ended; rejects with what failed. */
export type StreamingQuery = Promise<StreamReport> & {
  /** Finishes the batch under way, commits it, and ends. */
  stop(): Promise<StreamReport>;
};

/** What the loop needs of its context: while `work` runs, writes and sources belong to the batch. */
export type StreamHost = {
  readonly environment: Environment;
  readonly scoped: <T>(scopeOf: (outer: RunScope | undefined) => RunScope, work: () => Promise<T>) => Promise<T>;
};

export function forEachBatch<F extends DataFrame | DynamicFrame>(
  host: StreamHost,
  request: ForEachBatchRequest<F>,
): StreamingQuery {
  const stopping = new AbortController();
  const done = import("./run-batches.js").then(({ runBatches }) => runBatches(host, request, stopping.signal));
  return Object.assign(done, {
    stop: () => {
      stopping.abort();
      return done;
    },
  });
}
