/** What forEachBatch remembers between runs, as files below the checkpoint location, local or on S3. */
import { randomUUID } from "node:crypto";
import { takeLease } from "../../storage/lease.js";
import type { Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import type { BatchPlan, FileVersion, SourceProgress } from "./batch-source.js";
import { JsonFiles } from "./json-files.js";

/** What a batch publishes; there from before the first file is in place until all that follows the commit is done. */
export type BatchOutputs = {
  /** Taken back when the batch is not committed. */
  readonly files: readonly string[];
  /** Go once it is (mode overwrite). */
  readonly removed: readonly string[];
  /** Tables that are told after it. */
  readonly tables: readonly string[];
};

type Snapshot = {
  readonly batchId: number;
  readonly files: readonly FileVersion[];
  readonly offsets: Readonly<Record<string, string>>;
  readonly keys: Readonly<Record<string, number>>;
};
type Metadata = { readonly version: 1; readonly id: string; readonly source: string };

/** Committed batches kept as records of their own before they are gathered into one. */
const GATHER_EVERY = 32;

export class Checkpoint {
  /** Of all committed batches. */
  readonly progress: SourceProgress;
  readonly #files: Map<string, FileVersion>;
  readonly #offsets: Map<string, string>;
  readonly #keys: Map<string, number>;
  #last: number;
  #gathered: number;

  private constructor(
    private readonly store: JsonFiles,
    private readonly lease: { release(): Promise<void> } | undefined,
    state: Snapshot,
  ) {
    this.#files = new Map(state.files.map((file) => [file.path, file]));
    this.#offsets = new Map(Object.entries(state.offsets));
    this.#keys = new Map(Object.entries(state.keys));
    this.#last = this.#gathered = state.batchId;
    this.progress = { files: this.#files, offsets: this.#offsets };
  }

  /**
   * Opens it, or makes it. `pending`: the batch that was planned and not committed. Outputs that a killed process left
   * are taken back or finished.
   * @throws CHECKPOINT_MISMATCH when it belongs to another source, CHECKPOINT_IN_USE while another process of this
   * machine runs on it
   */
  static async open(
    storage: Storage,
    location: string,
    source: string,
    warn: (code: string, message: string) => void,
  ): Promise<{ readonly checkpoint: Checkpoint; readonly pending: BatchPlan | undefined }> {
    const local = storage.localPath(location);
    const lease =
      local === undefined ? undefined : await takeLease(local, "stream", (holder) => inUse(location, holder?.pid));
    try {
      const store = new JsonFiles(storage, storage.resolve(location));
      const metadata =
        (await store.read<Metadata>("metadata.json"))
        ?? (await store.make<Metadata>("metadata.json", { version: 1, id: randomUUID(), source }, () =>
          inUse(location),
        ));
      if (metadata.source !== source) throw mismatch(location, metadata.source, source);
      const records = await recordsOf(store);
      const snapshotAt = Math.max(-1, ...records.filter(({ kind }) => kind === "state").map(({ batchId }) => batchId));
      const checkpoint = new Checkpoint(
        store,
        lease,
        (snapshotAt < 0 ? undefined : await store.read<Snapshot>(nameOf(snapshotAt, "state"))) ?? {
          batchId: -1,
          files: [],
          offsets: {},
          keys: {},
        },
      );
      let pending: BatchPlan | undefined;
      for (const { batchId } of records.filter((record) => record.kind === "plan" && record.batchId > snapshotAt)) {
        const plan = await store.require<BatchPlan>(nameOf(batchId, "plan"));
        const commit = await store.read<{ readonly keys: Readonly<Record<string, number>> }>(nameOf(batchId, "commit"));
        if (commit === undefined) pending = plan;
        else checkpoint.#advance(batchId, plan, commit.keys);
      }
      for (const { batchId } of records.filter(({ kind }) => kind === "outputs"))
        await checkpoint.#settle(batchId, warn);
      if (lease !== undefined) await store.removeUnfinished("batches");
      return { checkpoint, pending };
    } catch (error) {
      await lease?.release();
      throw error;
    }
  }

  get nextBatchId(): number {
    return this.#last + 1;
  }

  /** The first key of a numbered call. */
  keyFrom(ctx: string): number {
    return this.#keys.get(ctx) ?? 1;
  }

  /**
   * Before a batch is read. `again`: the plan takes the place of one that was not committed.
   * @throws CHECKPOINT_IN_USE when another process has planned it
   */
  async plan(plan: BatchPlan, again: boolean): Promise<void> {
    const name = nameOf(this.nextBatchId, "plan");
    if (again) await this.store.write(name, plan);
    else await this.store.make(name, plan, () => inUse(this.store.folder));
  }

  outputs(outputs: BatchOutputs): Promise<void> {
    return this.store.write(nameOf(this.nextBatchId, "outputs"), outputs);
  }

  /** From here on the batch is never read again. `keys`: the next key by call. */
  async commit(plan: BatchPlan, keys: Readonly<Record<string, number>>): Promise<void> {
    const batchId = this.nextBatchId;
    await this.store.make(nameOf(batchId, "commit"), { keys }, () => inUse(this.store.folder));
    this.#advance(batchId, plan, keys);
  }

  /** Once all that follows a commit, or the taking back of outputs, is done. */
  forgetOutputs(batchId: number): Promise<void> {
    return this.store.remove(nameOf(batchId, "outputs"));
  }

  /** Gathers the records of many batches into one, now and then; what it removes is in the gathered one already. */
  async gather(): Promise<void> {
    if (this.#last - this.#gathered < GATHER_EVERY) return;
    const snapshot: Snapshot = {
      batchId: this.#last,
      files: [...this.#files.values()],
      offsets: Object.fromEntries(this.#offsets),
      keys: Object.fromEntries(this.#keys),
    };
    await this.store.write(nameOf(this.#last, "state"), snapshot);
    this.#gathered = this.#last;
    for (const { batchId, kind } of await recordsOf(this.store)) {
      if (kind === "state" ? batchId < this.#last : batchId <= this.#last)
        await this.store.remove(nameOf(batchId, kind));
    }
  }

  async close(): Promise<void> {
    await this.lease?.release();
  }

  #advance(batchId: number, plan: BatchPlan, keys: Readonly<Record<string, number>>): void {
    this.#last = batchId;
    if (plan.kind === "files") for (const file of plan.files) this.#files.set(file.path, file);
    else for (const { partition, upTo } of plan.ranges) this.#offsets.set(partition, upTo);
    for (const [ctx, next] of Object.entries(keys)) this.#keys.set(ctx, next);
  }

  /** Outputs are there after a process was killed: of a committed batch the rest is done, others are taken back. */
  async #settle(batchId: number, warn: (code: string, message: string) => void): Promise<void> {
    const outputs = await this.store.require<BatchOutputs>(nameOf(batchId, "outputs"));
    const committed = batchId <= this.#last;
    for (const path of committed ? outputs.removed : outputs.files) await this.store.storage.remove(path);
    if (committed && outputs.tables.length > 0)
      warn(
        "CATALOG_NOT_TOLD",
        `The process ended after batch ${batchId} was committed, perhaps before the catalog knew of its files: crawl ${outputs.tables.join(", ")}.`,
      );
    await this.forgetOutputs(batchId);
  }
}

type RecordKind = "plan" | "outputs" | "commit" | "state";
const nameOf = (batchId: number, kind: RecordKind): string =>
  `batches/${String(batchId).padStart(12, "0")}.${kind}.json`;

/** In the order of the batches. */
async function recordsOf(
  store: JsonFiles,
): Promise<readonly { readonly batchId: number; readonly kind: RecordKind }[]> {
  return (await store.list("batches")).flatMap((name) => {
    const [, digits, kind] = /^(\d{12})\.(plan|outputs|commit|state)\.json$/.exec(name) ?? [];
    return digits === undefined ? [] : [{ batchId: Number(digits), kind: kind as RecordKind }];
  });
}

const inUse = (location: string, pid?: number): DynaframeError =>
  new DynaframeError(
    "CHECKPOINT_IN_USE",
    `Another forEachBatch runs on the checkpoint ${location}${pid === undefined ? "" : ` (process ${pid})`}.`,
    { file: location, hint: "Stop it first, or give this one a checkpointLocation of its own." },
  );
const mismatch = (location: string, found: string, expected: string): DynaframeError =>
  new DynaframeError("CHECKPOINT_MISMATCH", `The checkpoint ${location} belongs to another source.`, {
    file: location,
    expected,
    found,
    hint: "Give each source a checkpointLocation of its own; a new one begins with all there is.",
  });
