/**
 * `_dynaframe_commits`: a table in the target of a job, with a row for each commit, written in the transaction of its
 * rows. The row tells, afterwards and for sure, whether that transaction was committed; and one that was not can be
 * kept from ever being so.
 */
import { DynaframeError } from "../types/error.js";
import type { Database, DatabaseWrite } from "./index.js";

const TABLE = { name: "_dynaframe_commits" };

export type CommitRecord = {
  /** Of this attempt alone. */ readonly id: string;
  readonly job: string;
  readonly runId: string;
};

/**
 * Makes the table where it is missing, in a transaction of its own.
 * @throws DATABASE_FAILED, with the statement, where that is not allowed.
 */
export async function ensureCommitTable(database: Database): Promise<void> {
  if (await hasTable(database)) return;
  const sql = createStatement(database);
  try {
    await alone(database, (session) => session.execute(sql));
  } catch (cause) {
    if (await hasTable(database)) return; // another job was quicker
    throw new DynaframeError(
      "DATABASE_FAILED",
      `${database.label}: the table _dynaframe_commits, by which jobs know what they have committed, cannot be made.`,
      { path: TABLE.name, cause, hint: `Have it made once: ${sql}; the job's user needs SELECT and INSERT on it.` },
    );
  }
}

/**
 * Puts the row into the open transaction.
 * @throws DATABASE_FAILED when the commit was given up by whoever came after it.
 */
export async function recordCommit(session: DatabaseWrite, { dialect }: Database, record: CommitRecord): Promise<void> {
  await session.execute(insertStatement(dialect, record, "committed"));
}

/**
 * Whether the transaction of a commit was committed. Waits for one that is on its way, and gives up for good one that
 * is not there: it could not be committed any more.
 */
export async function settleCommit(database: Database, record: CommitRecord): Promise<boolean> {
  if (!(await hasTable(database))) return false;
  const found = await commitOutcome(database, record.id);
  if (found !== undefined) return found === "committed";
  try {
    // the row of an open transaction keeps this one waiting until it is there or gone
    await alone(database, (session) => session.execute(insertStatement(database.dialect, record, "given up")));
    return false;
  } catch (error) {
    const outcome = await commitOutcome(database, record.id);
    if (outcome === undefined) throw error;
    return outcome === "committed";
  }
}

/** What the record of a commit says; undefined when there is none. */
export function commitOutcome(database: Database, id: string): Promise<string | undefined> {
  const { dialect } = database;
  return alone(
    database,
    async (session) =>
      (await session.firstRow(`SELECT outcome FROM ${dialect.table(TABLE)} WHERE id = ${dialect.text(id)}`))?.[0]
      ?? undefined,
  );
}

const hasTable = (database: Database): Promise<boolean> =>
  alone(database, async (session) => (await session.describe(TABLE)) !== undefined);

function createStatement({ dialect, kind }: Database): string {
  const key = kind === "mysql" ? "varchar(64) COLLATE utf8mb4_bin" : "varchar(64)";
  return `CREATE TABLE ${dialect.table(TABLE)} (id ${key} NOT NULL PRIMARY KEY, job varchar(255) NOT NULL, run_id varchar(255) NOT NULL, outcome varchar(20) NOT NULL, at varchar(30) NOT NULL)${kind === "mysql" ? " ENGINE = InnoDB" : ""}`;
}

function insertStatement(
  { table, text }: Database["dialect"],
  { id, job, runId }: CommitRecord,
  outcome: "committed" | "given up",
): string {
  const values = [id, job, runId, outcome, new Date().toISOString()].map(text);
  return `INSERT INTO ${table(TABLE)} (id, job, run_id, outcome, at) VALUES (${values.join(", ")})`;
}

async function alone<T>(database: Database, body: (session: DatabaseWrite) => Promise<T>): Promise<T> {
  const session = await database.openWrite();
  try {
    const result = await body(session);
    await session.commit();
    return result;
  } catch (error) {
    await session.rollback();
    throw error;
  }
}
