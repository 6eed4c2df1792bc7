/**
 * A commit over the catalog and databases. No transaction spans both, so it goes in three steps: the catalog keeps what
 * the commit is going to be (the intent), the databases commit with a record of their own, the catalog commits. A
 * process killed in between leaves the intent, and the record in the first database says whether it came to pass; then
 * the others are made to hold the same: docs/decisions/0106 and 0160.
 */
import { randomBytes } from "node:crypto";
import { allPages } from "../../catalog/all-pages.js";
import type { Catalog, EntityRef, JobBookmarkEntry, JobStateStore, RunCommit } from "../../catalog/index.js";
import { commitOf, type WireCommit, wireCommit } from "../../catalog/wire/job-state-wire.js";
import { type CommitRecord, settleCommit } from "../../database/commit-record.js";
import type { DatabaseAddress } from "../../database/index.js";
import { openDatabase } from "../../database/open-database.js";
import { DynaframeError } from "../../types/error.js";
import { claimRef } from "../run/run-claim.js";
import { connectionName, forgetAddresses, keepAddresses, keptAddresses } from "./kept-addresses.js";
import { redoCommit } from "./redo-commit.js";
import type { RunDatabases } from "./run-databases.js";

/** `prepared` until the catalog has committed, then `done` until the addresses are forgotten. */
type Intent = {
  readonly state: "prepared" | "done";
  readonly runId: string;
  readonly commit: WireCommit;
  readonly databases: number;
  /** Logs of the databases behind the first, in their order. */
  readonly redo: readonly string[];
};
/** As the catalog has it. */
export type StoredIntent = {
  readonly id: string;
  readonly job: string;
  readonly version: number;
  readonly intent: Intent;
};

const intentRef = (job: string, id: string): EntityRef => ({ kind: "job-commit-intent", scope: job, name: id });

/**
 * Commits the databases of a run and the run itself; `sync` makes files survive a power cut.
 * @throws as the databases, and then nothing was committed; JOB_UNSETTLED when that is not known, or a database is
 * still to do what the first has done.
 */
export async function commitWithDatabases(
  catalog: Catalog,
  store: JobStateStore,
  databases: RunDatabases,
  commit: RunCommit,
  sync: (files: readonly string[]) => Promise<void>,
): Promise<JobBookmarkEntry> {
  const record: CommitRecord = { id: randomBytes(16).toString("hex"), job: commit.job, runId: commit.runId };
  const prepared = await databases.prepare();
  const redo = prepared.slice(1).flatMap((each) => each.redo ?? []);
  await sync(redo);
  const intent: Intent = {
    state: "prepared",
    runId: commit.runId,
    commit: wireCommit(commit),
    databases: prepared.length,
    redo,
  };
  const stored: StoredIntent = { id: record.id, job: commit.job, version: 1, intent };
  await catalog.changeEntities([{ ref: intentRef(commit.job, record.id), doc: intent, ifVersion: 0 }]);
  try {
    await keepAddresses(
      catalog,
      record,
      prepared.map(({ address }) => address),
    );
    await databases.commit(record);
  } catch (error) {
    if (!(await completed(catalog, stored))) {
      await giveUp(catalog, stored);
      throw error;
    }
  }
  return applyIntent(catalog, store, stored);
}

export async function openIntents(catalog: Catalog): Promise<readonly StoredIntent[]> {
  const found = await allPages((page) => catalog.listEntities({ kind: "job-commit-intent" }, page));
  return found.map(({ name, scope, version, doc }) => ({ id: name, job: scope, version, intent: doc as Intent }));
}

/**
 * Ends a commit whose process is gone: finishes it if its databases have committed, else sees to it that they cannot;
 * whether it was made.
 * @throws JOB_UNSETTLED
 */
export async function settleIntent(catalog: Catalog, store: JobStateStore, stored: StoredIntent): Promise<boolean> {
  const isDone = stored.intent.state === "done";
  const isMade = isDone || (await completed(catalog, stored));
  if (isMade && !isDone) await applyIntent(catalog, store, stored);
  else await giveUp(catalog, stored);
  return isMade;
}

/**
 * Whether the commit was made, by the record in the database that commits first; if so, the others hold it too
 * afterwards. Without addresses the databases had not begun to commit.
 */
async function completed(catalog: Catalog, { id, job, intent }: StoredIntent): Promise<boolean> {
  const record: CommitRecord = { id, job, runId: intent.runId };
  const [first, ...others] = await keptAddresses(catalog, id, intent.databases);
  if (first === undefined) return false;
  const settled = async <T>(
    address: DatabaseAddress,
    index: number,
    what: string,
    body: () => Promise<T>,
  ): Promise<T> => {
    try {
      return await body();
    } catch (cause) {
      throw new DynaframeError("JOB_UNSETTLED", `${what}: ${address.label} does not do it.`, {
        path: job,
        cause,
        hint: `Once the database answers, run the job again, or "dynaframe job gc": it is finished then, or undone. If its password is another by now, change that of the connection ${connectionName(id, index)}.`,
      });
    }
  };
  const isMade = await settled(first, 0, `Whether run ${intent.runId} of ${job} has committed is not known`, async () =>
    settleCommit(await openDatabase(first), record),
  );
  if (!isMade) return false;
  for (const [index, address] of others.entries()) {
    const file = intent.redo[index];
    if (file !== undefined)
      await settled(
        address,
        index + 1,
        `Run ${intent.runId} of ${job} has committed, but not yet into all of its databases`,
        async () => redoCommit(await openDatabase(address), record, file),
      );
  }
  return true;
}

/**
 * The catalog's part. Who holds the run's claim may have changed, and the bookmark may have been reset: the commit was
 * made before that, and counts.
 */
async function applyIntent(catalog: Catalog, store: JobStateStore, stored: StoredIntent): Promise<JobBookmarkEntry> {
  const { job, id, version, intent } = stored;
  const commit = commitOf(intent.commit);
  const done = { ref: intentRef(job, id), doc: { ...intent, state: "done" }, ifVersion: version };
  const entry = await store.commitRun(await asItCanBe(catalog, store, commit, done));
  await giveUp(catalog, { ...stored, version: version + 1 });
  return entry;
}

async function asItCanBe(
  catalog: Catalog,
  store: JobStateStore,
  commit: RunCommit,
  done: NonNullable<RunCommit["entities"]>[number],
): Promise<RunCommit> {
  const claim = commit.entities?.find(({ ref }) => ref.kind === claimRef(commit.job, commit.runId).kind);
  const held = claim === undefined ? undefined : await catalog.getEntity(claim.ref);
  const entities = (commit.entities ?? []).filter((change) => change !== claim || held?.version === claim.ifVersion);
  const bookmark = await store.getBookmark(commit.job);
  const isReset = bookmark !== undefined && bookmark.Version !== commit.version;
  return {
    ...commit,
    entities: [...entities, done],
    ...(isReset ? { version: bookmark.Version, saveBookmark: false } : {}),
  };
}

async function giveUp(catalog: Catalog, { job, id, intent }: StoredIntent): Promise<void> {
  await forgetAddresses(catalog, id, intent.databases);
  await catalog.changeEntities([{ ref: intentRef(job, id) }]);
}
