/** Batches handed to an engine one by one, for it to load as one relation. */
import type { EngineSession, RunOptions } from "../engine/index.js";
import type { Relation } from "../plan/ir/relation.js";
import type { StructType } from "../types/data-type.js";
import type { RecordBatch } from "../types/record-batch.js";

/** What functions over rows need of an engine: rows out, and results in. */
export type RowEngine = Pick<EngineSession, "batches" | "loadBatches">;

export class BatchFeed {
  private readonly waiting: RecordBatch[] = [];
  private readonly loading: Promise<Relation>;
  private end: "open" | "done" | "abandoned" = "open";
  private wakeEngine: () => void = () => undefined;
  private wakeCaller: () => void = () => undefined;

  constructor(
    engine: RowEngine,
    readonly type: StructType,
    run: RunOptions,
  ) {
    this.loading = engine.loadBatches(this.batches(), type, run);
    // told to whoever pushes or finishes
    this.loading.catch(() => undefined).finally(() => this.wakeCaller());
  }

  /** Settles when the engine has taken the batch. @throws what loading throws. */
  async push(batch: RecordBatch): Promise<void> {
    this.waiting.push(batch);
    this.wakeEngine();
    await Promise.race([
      this.loading,
      new Promise<void>((resolve) => {
        this.wakeCaller = resolve;
      }),
    ]);
  }

  finish(): Promise<Relation> {
    this.end = "done";
    this.wakeEngine();
    return this.loading;
  }

  /** Has the engine give up, and waits until it has. */
  async abandon(): Promise<void> {
    this.end = "abandoned";
    this.wakeEngine();
    await this.loading.catch(() => undefined);
  }

  private async *batches(): AsyncGenerator<RecordBatch, void, undefined> {
    for (;;) {
      for (let batch = this.waiting.shift(); batch !== undefined; batch = this.waiting.shift()) {
        yield batch;
        this.wakeCaller();
      }
      if (this.end === "abandoned") throw new Error("given up");
      if (this.end === "done") return;
      await new Promise<void>((resolve) => {
        this.wakeEngine = resolve;
      });
    }
  }
}
