/**
 * The databases that one run writes into: one open transaction each, until the run commits or ends. The first decides
 * whether the run has committed; what the others do is logged too, so that it can be done again after that
 * (docs/decisions/0160).
 */
import { join, resolve } from "node:path";
import { type CommitRecord, ensureCommitTable, recordCommit } from "../../database/commit-record.js";
import type { Database, DatabaseAddress, DatabaseWrite } from "../../database/index.js";
import { openDatabase } from "../../database/open-database.js";
import { DynaframeError } from "../../types/error.js";
import { RedoLog } from "./redo-log.js";

type OpenTransaction = {
  readonly address: DatabaseAddress;
  readonly database: Database;
  readonly session: DatabaseWrite;
  /** The same for what is written, which is logged but in the first. */
  readonly writes: DatabaseWrite;
  readonly redo: RedoLog | undefined;
  /** The write before; each waits for it. */
  last: Promise<unknown>;
  /** Why nothing of the transaction can be committed any more. */
  lost?: unknown;
};

/**
 * Statements by which MySQL and MariaDB commit what is open (MariaDB, "SQL statements that cause an implicit commit").
 */
const COMMITS_BY_ITSELF =
  /^\s*(?:\/\*.*?\*\/\s*)*(?:create(?!\s+temporary)|alter|drop(?!\s+temporary)|rename|truncate|grant|revoke|lock|unlock|begin|start|commit|rollback(?!\s+to)|set\s+autocommit|analyze|optimize|repair|flush)\b/is;

/** A database of a run, in the order in which they commit. */
export type RunDatabase = {
  readonly address: DatabaseAddress;
  /** The log of what it did; none for the first. */ readonly redo?: string;
};

export class RunDatabases {
  readonly #open = new Map<string, Promise<OpenTransaction>>();
  #opened = 0;
  /** `folder` gives a new folder of the run's own. */
  constructor(private readonly folder: () => Promise<string>) {}

  async write<T>(
    address: DatabaseAddress,
    body: (database: Database, session: DatabaseWrite) => Promise<T>,
  ): Promise<T> {
    const open = await this.#transaction(address);
    const mine = open.last.then(() => undo(open, body));
    open.last = mine.catch(() => undefined);
    return mine;
  }

  get isUsed(): boolean {
    return this.#open.size > 0;
  }

  /** Those with a transaction, as they are committed: the first decides. Nothing is written after this. */
  async prepare(): Promise<readonly RunDatabase[]> {
    const open = await this.#all();
    for (const { redo } of open) await redo?.close();
    return open.map(({ address, redo }) => (redo === undefined ? { address } : { address, redo: redo.file }));
  }

  /**
   * Commits all of them, each with its record.
   * @throws what the first that fails says; it and those after it are rolled back.
   */
  async commit(record: CommitRecord): Promise<void> {
    const open = [...(await this.#all())];
    this.#open.clear();
    try {
      for (const { database, session, lost, redo } of open) {
        if (lost !== undefined) throw lost;
        await recordCommit(session, database, record);
        // what a later database would refuse at its commit it is to refuse before the first has committed
        if (redo !== undefined && database.kind === "postgresql")
          await session.execute("SET CONSTRAINTS ALL IMMEDIATE");
      }
      for (let next = open[0]; next !== undefined; next = open[0]) {
        await next.session.commit();
        open.shift();
      }
    } finally {
      for (const { session } of open) await session.rollback();
    }
  }

  /** Undoes all of them. */
  async rollback(): Promise<void> {
    const open = await this.#all();
    this.#open.clear();
    for (const { session, redo } of open) {
      await session.rollback();
      await redo?.close();
    }
  }

  async #all(): Promise<readonly OpenTransaction[]> {
    const settled = await Promise.allSettled(this.#open.values());
    const all = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    await Promise.all(all.map(({ last }) => last));
    return all;
  }

  #transaction(address: DatabaseAddress): Promise<OpenTransaction> {
    const key = identityOf(address);
    const open = this.#open.get(key) ?? this.#begin(address, this.#open.size > 0);
    this.#open.set(key, open);
    // one that could not be opened is tried again by the next write
    open.catch(() => {
      if (this.#open.get(key) === open) this.#open.delete(key);
    });
    return open;
  }

  async #begin(address: DatabaseAddress, isLogged: boolean): Promise<OpenTransaction> {
    const database = await openDatabase(address);
    await ensureCommitTable(database);
    const session = await database.openWrite();
    const safe = database.kind === "mysql" ? withoutCommits(session) : session;
    const redo = isLogged ? await RedoLog.create(join(await this.folder(), `redo-${++this.#opened}.jsonl`)) : undefined;
    return { address, database, session, writes: redo?.of(safe) ?? safe, redo, last: Promise.resolve() };
  }
}

/** Runs one write so that, when it fails, those before it stay as they are. */
async function undo<T>(
  open: OpenTransaction,
  body: (database: Database, session: DatabaseWrite) => Promise<T>,
): Promise<T> {
  const { database, session, writes, redo } = open;
  if (open.lost !== undefined) throw open.lost;
  const mark = await redo?.mark();
  await session.execute("SAVEPOINT dynaframe_write");
  try {
    return await body(database, writes);
  } catch (error) {
    // a connection that is gone, or a deadlock, has undone everything: then the run cannot commit
    await session.execute("ROLLBACK TO SAVEPOINT dynaframe_write").catch(() => {
      open.lost = error;
    });
    if (mark !== undefined) await redo?.cut(mark);
    throw error;
  }
}

const withoutCommits = (session: DatabaseWrite): DatabaseWrite => ({
  ...session,
  execute: (sql) => {
    if (!COMMITS_BY_ITSELF.test(sql)) return session.execute(sql);
    throw new DynaframeError(
      "UNSUPPORTED",
      `MySQL and MariaDB commit by themselves with the statement ${JSON.stringify(sql.trim().split(/\s+/, 2).join(" "))} …: a job could not undo what it wrote before.`,
      { path: "preactions", hint: "Run it outside of the job; DELETE FROM replaces TRUNCATE." },
    );
  },
});

/** One transaction for each server, database and user. */
const identityOf = ({ kind, host, port, database, user }: DatabaseAddress): string =>
  JSON.stringify([kind, host, port, kind === "sqlite" ? resolve(database) : database, user ?? null]);
