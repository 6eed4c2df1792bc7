/** A writing transaction of SQLite. */
import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { RunOptions } from "../../engine/index.js";
import { DynaframeError } from "../../types/error.js";
import type { DatabaseAddress } from "../address.js";
import type { Fitted, FittedRow } from "../fit-value.js";
import type { DatabaseWrite } from "../index.js";
import type { TableName } from "../table-name.js";
import type { TargetColumn } from "../target-column.js";
import { describeTable } from "./describe.js";
import { sqliteDialect } from "./dialect.js";
import { sqliteFailure } from "./failure.js";
import { openFile } from "./open-file.js";
import { quoteIdentifier, quoteTable } from "./quote.js";

export async function openSqliteWrite(address: DatabaseAddress, { signal }: RunOptions): Promise<DatabaseWrite> {
  const file = resolve(address.database);
  const existed = existsSync(file);
  const db = await openFile(address, "write");
  const attempt = async <T>(body: () => T | Promise<T>): Promise<T> => {
    if (signal?.aborted) throw new DynaframeError("INTERRUPTED", "the work was interrupted", { cause: signal.reason });
    try {
      return await body();
    } catch (error) {
      throw sqliteFailure(error, address);
    }
  };
  const undo = (): void => {
    if (db.isTransaction) db.exec("ROLLBACK");
    db.close();
    // a file without anything in it, made for this write
    if (!existed) rmSync(file, { force: true });
  };
  try {
    db.exec("BEGIN IMMEDIATE");
  } catch (error) {
    undo();
    throw sqliteFailure(error, address);
  }
  return {
    describe: (table) => attempt(() => describeTable(db, table)),
    create: (table, type) =>
      attempt(() =>
        db.exec(
          `CREATE TABLE ${quoteTable(table)} (${type.fields.map((f) => `${quoteIdentifier(f.name)} ${sqliteDialect.columnType(f.type) ?? ""}`).join(", ")})`,
        ),
      ),
    createLike: (table, columns) =>
      attempt(() => {
        const name = { schema: "temp", name: "dynaframe_incoming" };
        db.exec("DROP TABLE IF EXISTS temp.dynaframe_incoming");
        // declared like the original, not like a query's columns, which have lost their declarations
        const known = new Map(
          (describeTable(db, table) ?? []).map((c) => [c.name, c.type.kind === "any" ? "" : c.declared]),
        );
        db.exec(
          `CREATE TABLE ${quoteTable(name)} (${columns.map((c) => `${quoteIdentifier(c)} ${known.get(c) ?? ""}`).join(", ")})`,
        );
        return name;
      }),
    // the transaction is the only writer of the file
    lock: async () => undefined,
    insert: (table, columns, rows) => attempt(() => insertRows(db, table, columns, rows, signal)),
    execute: (sql) => attempt(() => execute(db, sql)),
    firstRow: (sql) =>
      attempt(() => {
        const statement = db.prepare(sql);
        statement.setReturnArrays(true);
        const row = statement.get() as unknown[] | undefined;
        return row?.map((cell) => (cell === null ? null : String(cell)));
      }),
    commit: () =>
      attempt(() => {
        db.exec("COMMIT");
        db.close();
      }),
    rollback: async () => {
      if (db.isOpen) undo();
    },
  };
}

function execute(db: DatabaseSyncInstance, sql: string): number {
  const changes = (): number => Number((db.prepare("SELECT total_changes() AS n").get() as { n: number }).n);
  const before = changes();
  db.exec(sql);
  return changes() - before;
}

async function insertRows(
  db: DatabaseSyncInstance,
  table: TableName,
  columns: readonly TargetColumn[],
  rows: AsyncIterable<readonly FittedRow[]>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const names = columns.map((c) => quoteIdentifier(c.name));
  const values = columns.map(({ type }) => (type.kind === "text" ? "CAST(? AS TEXT)" : "?"));
  const statement = db.prepare(`INSERT INTO ${quoteTable(table)} (${names.join(", ")}) VALUES (${values.join(", ")})`);
  const bind = columns.map(binder);
  let count = 0;
  for await (const batch of rows) {
    // a trigger, or a constraint that says so, may leave rows out
    for (const row of batch) count += Number(statement.run(...row.map((cell, i) => bind[i]?.(cell) ?? null)).changes);
    await breathe();
    if (signal?.aborted) throw new DynaframeError("INTERRUPTED", "the work was interrupted", { cause: signal.reason });
  }
  return count;
}

type Bound = null | string | number | bigint | Uint8Array;

/** The cell in the storage class of its column. */
function binder({ type }: TargetColumn): (cell: Fitted) => Bound {
  return (cell) => {
    if (cell === null || typeof cell === "bigint" || cell instanceof Uint8Array) return cell;
    if (typeof cell === "boolean") return cell ? 1n : 0n;
    switch (type.kind) {
      case "integer":
        return BigInt(String(cell));
      // the driver takes doubles close to 0 for it; their text does not suffer, and the column makes numbers of texts
      case "float":
      case "number":
        return Math.abs(Number(cell)) < Number.EPSILON ? String(cell) : Number(cell);
      // and it ends texts at U+0000
      case "text":
        return String(cell).includes("\0") ? Buffer.from(String(cell)) : String(cell);
      default:
        return String(cell);
    }
  };
}
