/** One connection to a catalog file: cached statements, transactions, and rows of known column types. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import { DynaframeError } from "../../../types/error.js";
import { catalogError, isBusy } from "./sqlite-error.js";

export type SqlValue = string | number | null | Uint8Array;
export type SqlRow = { readonly [column: string]: unknown };

/** The account that tools expect when nothing else is said. */
const DEFAULT_ACCOUNT_ID = "123456789012";

/** How long a writer waits for its turn before CATALOG_BUSY. */
const WRITE_PATIENCE_MS = 30_000;

export class Session {
  private readonly statements = new Map<string, StatementSyncInstance>();
  private closed = false;
  private wrote = false;

  constructor(
    private readonly db: DatabaseSyncInstance,
    readonly file: string,
    readonly readOnly: boolean,
    private readonly clock: () => number,
    private readonly patienceMs: number = WRITE_PATIENCE_MS,
    /** The CatalogId of what the catalog gives out. */
    readonly accountId: string = DEFAULT_ACCOUNT_ID,
  ) {}

  /** Seconds since the epoch. */
  now(): number {
    return this.clock() / 1000;
  }

  rows(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
    return this.statement(sql).all(...values) as readonly SqlRow[];
  }

  row(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return this.statement(sql).get(...values) as SqlRow | undefined;
  }

  /** Number of rows changed. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.statement(sql).run(...values).changes;
  }

  /** Inserts one row; its rowid. */
  insert(sql: string, ...values: readonly SqlValue[]): number {
    return Number(this.statement(sql).run(...values).lastInsertRowid);
  }

  /** Runs `body` on one snapshot. */
  async read<T>(body: () => T): Promise<T> {
    return this.transact("BEGIN", body);
  }

  /** Runs a `body` of at most one statement, which is a snapshot by itself. */
  async readOnce<T>(body: () => T): Promise<T> {
    return this.transact(undefined, body);
  }

  /** Runs `body` alone among writers; all of it is durable when the promise resolves, nothing of it when it rejects. */
  async write<T>(body: () => T): Promise<T> {
    if (this.readOnly) {
      throw new DynaframeError("CATALOG_READ_ONLY", "the catalog is open for reading only", {
        file: this.file,
        hint: "check the permissions of the folder and of catalog.db, or open it without readOnly",
      });
    }
    this.wrote = true;
    return this.transact("BEGIN IMMEDIATE", body);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.statements.clear();
    // the driver frees statements only when they are collected, so SQLite cannot tidy up its log at the end; this does
    if (this.wrote)
      try {
        this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch {
        /* another process is reading; it will */
      }
    this.db.close();
  }

  private async transact<T>(begin: string | undefined, body: () => T): Promise<T> {
    const giveUpAt = process.uptime() + this.patienceMs / 1000; // `performance` would load ten modules of Node
    for (let attempt = 1; ; attempt += 1) {
      if (this.closed) throw new DynaframeError("CATALOG_CLOSED", "the catalog was closed", { file: this.file });
      try {
        return this.attempt(begin, body);
      } catch (error) {
        if (!isBusy(error) || process.uptime() >= giveUpAt) throw catalogError(error, this.file);
      }
      // jitter, so that writers that met once do not meet again
      await sleep(1 + Math.random() * Math.min(50, 4 * attempt));
    }
  }

  // no await between BEGIN and COMMIT: callers on the same connection cannot get in between
  private attempt<T>(begin: string | undefined, body: () => T): T {
    if (begin === undefined) return body();
    // prepared like any other statement: compiling them would cost as much as a small read
    this.run(begin);
    try {
      const result = body();
      this.run("COMMIT");
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      throw error;
    }
  }

  private statement(sql: string): StatementSyncInstance {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    // pushed-down filters differ in text; without a bound they would pile up
    if (this.statements.size >= 500) this.statements.clear();
    const statement = this.db.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}

export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new DynaframeError("CATALOG_CORRUPT", `column ${column} holds no text`);
  return value;
}

export function numberOf(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new DynaframeError("CATALOG_CORRUPT", `column ${column} holds no number`);
  return value;
}

export function bytesOf(row: SqlRow, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new DynaframeError("CATALOG_CORRUPT", `column ${column} holds no bytes`);
  return value;
}

/** A JSON document of the store; the type is the writer's promise. */
export function docOf<T>(row: SqlRow, column = "doc"): T {
  return JSON.parse(textOf(row, column)) as T;
}
