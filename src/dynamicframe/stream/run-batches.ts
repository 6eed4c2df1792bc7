/** The loop of `forEachBatch`: plans a batch, runs it, commits it, tries it again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RunOptions } from "../../engine/index.js";
import type { Relation } from "../../plan/ir/relation.js";
import { inputsOf } from "../../plan/ir/walk.js";
import { DynaframeError } from "../../types/error.js";
import { DataFrame } from "../data-frame.js";
import { DynamicFrame } from "../dynamic-frame.js";
import { errorTotal, type FrameNode, type Resolved } from "../frame-node.js";
import { persistNode, releasePersisted } from "../persist-node.js";
import { BatchScope } from "./batch-scope.js";
import type { BatchPlan, BatchReader, SourceBatch } from "./batch-source.js";
import { Checkpoint } from "./checkpoint.js";
import type { BatchErrors, ForEachBatchRequest, StreamHost, StreamReport } from "./for-each-batch.js";
import { batchSettings, type BatchSettings } from "./stream-options.js";
import { continuousNode, withSource } from "./stream-plan.js";

const RETRY_AFTER_MS: readonly number[] = [1000, 2000];
const RETRY_LATER_MS = 5000;
/** Batches with errors that the report names. */
const NAMED_BATCHES = 1000;

/** @throws what a batch throws after its retries, see `GlueContext.forEachBatch` */
export async function runBatches<F extends DataFrame | DynamicFrame>(
  host: StreamHost,
  { frame, batchFunction, options, signal, ...progress }: ForEachBatchRequest<F>,
  stop: AbortSignal,
): Promise<StreamReport> {
  if (typeof batchFunction !== "function")
    throw new DynaframeError("BAD_ARGUMENT", "forEachBatch: batchFunction is no function.", {
      path: "batchFunction",
      hint: "Give (frame, batchId) => …",
    });
  const settings = batchSettings(options);
  const source = continuousNode(frame.node);
  const { session } = host.environment;
  const ending = signal === undefined ? stop : AbortSignal.any([stop, signal]);
  const { checkpoint, pending } = await Checkpoint.open(
    session.storage,
    settings.checkpointLocation,
    source.continuous.name,
    session.warn,
  );
  const reader = source.continuous.open(checkpoint.progress, session, {
    ...progress,
    signal: ending,
    waitForPaths: settings.waitForPaths,
  });
  try {
    const loop = new BatchLoop(host, settings, checkpoint, reader, ending, {
      frameOf: (batch) => sameKind(frame, withSource(frame.node, source, batch.node)),
      call: (batch, batchId, errors) => batchFunction(batch as F, batchId, { batchId, errors, signal: ending }),
      run: { ...progress, ...(signal === undefined ? {} : { signal }) },
    });
    return await loop.run(pending);
  } finally {
    await reader.close();
    await checkpoint.close();
  }
}

type Work = {
  readonly frameOf: (batch: SourceBatch) => DataFrame | DynamicFrame;
  readonly call: (frame: DataFrame | DynamicFrame, batchId: number, errors: number) => unknown;
  readonly run: RunOptions;
};

class BatchLoop {
  private batches = 0;
  private errors = 0;
  private readonly errorBatches: BatchErrors[] = [];

  constructor(
    private readonly host: StreamHost,
    private readonly settings: BatchSettings,
    private readonly checkpoint: Checkpoint,
    private readonly reader: BatchReader,
    private readonly ending: AbortSignal,
    private readonly work: Work,
  ) {}

  async run(pending: BatchPlan | undefined): Promise<StreamReport> {
    let unfinished = pending;
    while (!this.ending.aborted) {
      const began = Date.now();
      const again = unfinished !== undefined;
      const batch = unfinished === undefined ? await this.reader.next() : await this.reader.again(unfinished);
      if (batch !== undefined && (!again || !this.ending.aborted)) {
        await this.checkpoint.plan(batch.plan, again);
        unfinished = batch.plan;
        if (!(await this.tried(batch))) break;
        unfinished = undefined;
        this.batches++;
        await this.checkpoint.gather();
      }
      const atOnce = this.settings.availableNow && !this.reader.live;
      if (this.reader.ended() || (batch === undefined && atOnce)) return this.report("ended");
      if (!atOnce) await this.wait(began + this.settings.windowMs - Date.now());
    }
    return this.report("stopped");
  }

  /** Waits for the window to end. */
  private async wait(ms: number): Promise<void> {
    if (ms <= 0) return;
    const waking = new AbortController();
    const time = sleep(ms, undefined, { signal: AbortSignal.any([this.ending, waking.signal]) }).catch(() => undefined);
    await Promise.race([time, this.reader.settled()]);
    waking.abort();
  }

  /**
   * Runs and commits the batch, again after a failure; false when it was stopped meanwhile, so that the next start
   * begins with it.
   */
  private async tried(batch: SourceBatch): Promise<boolean> {
    for (let failures = 0; ; failures++) {
      try {
        await this.attempt(batch);
        return true;
      } catch (error) {
        if (this.work.run.signal?.aborted) return false;
        if (failures >= this.settings.retries || this.ending.aborted) throw error;
        this.host.environment.session.warn(
          "BATCH_RETRIED",
          `Batch ${this.checkpoint.nextBatchId} failed and is tried again (${failures + 1} of ${this.settings.retries}): ${error instanceof Error ? error.message : String(error)}`,
        );
        await sleep(RETRY_AFTER_MS[failures] ?? RETRY_LATER_MS, undefined, { signal: this.ending }).catch(
          () => undefined,
        );
        if (this.ending.aborted) return false;
      }
    }
  }

  private async attempt(batch: SourceBatch): Promise<void> {
    const {
      host: { environment, scoped },
      checkpoint,
      work,
    } = this;
    let scope: BatchScope | undefined;
    try {
      await scoped(
        (outer) => (scope = new BatchScope(checkpoint, environment.session, outer)).scope,
        async () => {
          const planned = work.frameOf(batch);
          const frame = this.settings.persist ? sameKind(planned, persistNode(planned.node)) : planned;
          const resolved = await environment.resolve(frame.node, work.run);
          try {
            const batchId = checkpoint.nextBatchId;
            const errors = errorTotal(resolved);
            if (!(await this.isEmpty(resolved))) await work.call(frame, batchId, errors);
            await scope?.commit(batch.plan);
            this.countErrors(batchId, errors);
          } finally {
            if (this.settings.persist) await releasePersisted(resolved, await environment.session.engine());
            await this.forget((await environment.resolve(batch.node, work.run)).relation);
          }
        },
      );
    } finally {
      await scope?.close();
    }
  }

  private countErrors(batchId: number, errors: number): void {
    if (errors === 0) return;
    this.errors += errors;
    this.errorBatches.push({ batchId, errors });
    if (this.errorBatches.length > NAMED_BATCHES) this.errorBatches.shift();
  }

  /** No record, and none that failed to be one. */
  private async isEmpty(resolved: Resolved): Promise<boolean> {
    return (
      errorTotal(resolved) === 0
      && (await (await this.host.environment.session.engine()).count(resolved.relation, this.work.run)) === 0
    );
  }

  /** Frees what the engine made of the batch's source, which nothing else reads. */
  private async forget(source: Relation): Promise<void> {
    const engine = await this.host.environment.session.engine();
    if (source.kind === "scan" || source.kind === "materialize" || source.kind === "values")
      await engine.release(source);
    else for (const input of inputsOf(source)) await this.forget(input);
  }

  private report(reason: StreamReport["reason"]): StreamReport {
    return {
      batches: this.batches,
      lastBatchId: this.checkpoint.nextBatchId === 0 ? undefined : this.checkpoint.nextBatchId - 1,
      reason,
      errors: this.errors,
      errorBatches: this.errorBatches,
    };
  }
}

const sameKind = (frame: DataFrame | DynamicFrame, node: FrameNode): DataFrame | DynamicFrame =>
  frame instanceof DynamicFrame
    ? new DynamicFrame(frame.environment, node, frame.name)
    : new DataFrame(frame.environment, node);
