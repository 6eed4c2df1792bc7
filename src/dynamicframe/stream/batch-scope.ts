/**
 * What one batch writes: finished aside, put in place when its function has returned, and taken back when the batch is
 * not committed.
 */
import type { TableChange } from "../../catalog/index.js";
import type { Database, DatabaseAddress, DatabaseWrite } from "../../database/index.js";
import { openDatabase } from "../../database/open-database.js";
import { createStaging, type StagingFolder } from "../../storage/staging.js";
import type { FrameSession } from "../frame-node.js";
import { requireCatalog } from "../require-catalog.js";
import type { RunScope, RunWrite } from "../run-scope.js";
import type { Checkpoint } from "./checkpoint.js";
import type { BatchPlan } from "./batch-source.js";

export class BatchScope {
  readonly scope: RunScope;
  private readonly writes: RunWrite[] = [];
  private readonly folders: StagingFolder[] = [];
  private readonly keys = new Map<string, { readonly start: number; readonly counts: (() => Promise<number>)[] }>();

  /** `outer`: the job that the batches run in, whose bookmark other sources keep. */
  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly session: FrameSession,
    outer: RunScope | undefined,
  ) {
    this.scope = {
      selectInputs: async (ctx, source, files, bound) => outer?.selectInputs(ctx, source, files, bound) ?? { files },
      keysFrom: async (ctx, count) => {
        if (ctx === "") return 1;
        const known = this.keys.get(ctx) ?? { start: checkpoint.keyFrom(ctx), counts: [] };
        known.counts.push(count);
        this.keys.set(ctx, known);
        return known.start;
      },
      selectKeys: async (ctx, source) => outer?.selectKeys(ctx, source) ?? { kind: "all" },
      keepKeys: (ctx, state) => {
        outer?.keepKeys(ctx, state);
      },
      stagingFolder: async (beside) => {
        const folder = await createStaging(beside ?? (await session.stagingFolder("batch")));
        this.folders.push(folder);
        return folder.path;
      },
      keepWrite: (write) => {
        this.writes.push(write);
      },
      writeDatabase: writeAtOnce,
    };
  }

  /** Puts the files in place and commits. What fails before the commit takes all of them back. */
  async commit(plan: BatchPlan): Promise<void> {
    const { checkpoint, session, writes } = this;
    const { storage } = session;
    const batchId = checkpoint.nextBatchId;
    const files = writes.flatMap((write) => write.files);
    const removed = writes.flatMap((write) => write.removed);
    const changes: TableChange[] = [];
    for (const { change } of writes) if (change !== undefined) changes.push(await change(changes));
    const keys: Record<string, number> = {};
    for (const [ctx, { start, counts }] of this.keys)
      keys[ctx] = start + Math.max(...(await Promise.all(counts.map((count) => count()))));
    const published = files.length + removed.length > 0;
    if (published)
      await checkpoint.outputs({
        files: files.map(({ final }) => final),
        removed,
        tables: changes.map(({ database, table }) => `${database}.${table.Name}`),
      });
    try {
      for (const { staged, final } of files) await storage.publish(staged, final, { ifAbsent: true });
      await checkpoint.commit(plan, keys);
    } catch (error) {
      await Promise.allSettled(files.map(({ final }) => storage.remove(final)));
      throw error;
    }
    for (const path of removed) await storage.remove(path);
    if (changes.length > 0) await requireCatalog(session).applyTableChanges(changes);
    if (published) await checkpoint.forgetOutputs(batchId);
  }

  /** Removes what lies aside. */
  async close(): Promise<void> {
    for (const folder of this.folders) await folder.remove();
  }
}

/**
 * Rows in a database are committed with their own transaction, before the checkpoint: a batch that is repeated after a
 * kill in between writes them again, so that such a sink merges by keys. Never in the transaction of an outer job,
 * which may end after the checkpoint has moved on.
 */
async function writeAtOnce<T>(
  address: DatabaseAddress,
  write: (database: Database, session: DatabaseWrite) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(address);
  const session = await database.openWrite({});
  try {
    const result = await write(database, session);
    await session.commit();
    return result;
  } catch (error) {
    await session.rollback();
    throw error;
  }
}
