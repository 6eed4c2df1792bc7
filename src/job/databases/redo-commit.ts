/** Makes a database hold what a run has committed, when its own transaction of it may have been lost. */
import { commitOutcome, type CommitRecord, ensureCommitTable, recordCommit } from "../../database/commit-record.js";
import type { Database } from "../../database/index.js";
import { replayLog } from "./redo-log.js";

/**
 * Does nothing where the database has the record. The record goes in first: that waits for a transaction that is still
 * on its way.
 * @throws what the database does.
 */
export async function redoCommit(database: Database, record: CommitRecord, file: string): Promise<void> {
  await ensureCommitTable(database);
  if ((await commitOutcome(database, record.id)) === "committed") return;
  const session = await database.openWrite();
  try {
    await recordCommit(session, database, record);
    await replayLog(file, session);
    await session.commit();
  } catch (error) {
    await session.rollback();
    // the lost transaction was not lost
    if ((await commitOutcome(database, record.id)) !== "committed") throw error;
  }
}
