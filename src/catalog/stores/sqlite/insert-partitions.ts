/** Inserts partitions. Runs inside a transaction of the caller. */
import { foldPartition } from "../../fold-names.js";
import type { PartitionInput } from "../../model.js";
import { KEY_COLUMNS } from "./migrations.js";
import { type PartitionKeyRow, partitionKeyRows } from "./partition-key.js";
import { numberOf, type Session, type SqlValue } from "./session.js";
import { resultCode } from "./sqlite-error.js";
import type { TableRow } from "./tables.js";

/** Rows of one statement, which costs as much again as binding a few of them. */
const ROWS = 50;

/**
 * Of each, whether it was inserted; a partition that is there already, or twice among them, stays as it was. The inputs
 * have as many values as the table has keys.
 */
export function insertPartitions(
  session: Session,
  table: TableRow,
  inputs: readonly PartitionInput[],
): readonly boolean[] {
  const keys = table.input.PartitionKeys ?? [];
  const rowOf = partitionKeyRows(keys);
  const shared = [table.id, session.now()];
  const one = insertStatement(keys.length, 1);
  const inserted: boolean[] = [];
  const insertEach = (some: readonly PartitionInput[]): void => {
    for (const input of some)
      inserted.push(session.run(one, ...withValues([...shared], rowOf(input.Values), keys.length, input)) === 1);
  };
  let from = 0;
  for (const many = insertStatement(keys.length, ROWS); from + ROWS <= inputs.length; from += ROWS) {
    const some = inputs.slice(from, from + ROWS);
    const values: SqlValue[] = [...shared];
    for (const input of some) withValues(values, rowOf(input.Values), keys.length, input);
    const before = insertedBeforeConflict(session, many, values);
    for (let i = 0; i < before; i += 1) inserted.push(true);
    if (before < ROWS) insertEach(some.slice(before));
  }
  insertEach(inputs.slice(from));
  return inserted;
}

/** How many of the statement's rows were inserted before one that is there already. */
function insertedBeforeConflict(session: Session, statement: string, values: readonly SqlValue[]): number {
  try {
    return session.run(statement, ...values);
  } catch (error) {
    if (resultCode(error) !== SQLITE_CONSTRAINT) throw error;
    return numberOf(session.row("SELECT changes() AS n") ?? {}, "n");
  }
}

const SQLITE_CONSTRAINT = 19;

/** The values with those of one more row, as far as they are its own. */
function withValues(
  values: SqlValue[],
  key: PartitionKeyRow,
  keys: number,
  input: PartitionInput,
): readonly SqlValue[] {
  values.push(key.sortKey, key.misfits, key.slot, JSON.stringify(foldPartition(input)));
  for (let i = 0; i < columnsOf(keys); i += 1) values.push(key.columns[i] ?? null);
  return values;
}

/** Columns of keys that are written: k0 …, then `extra` where there are more keys than columns. */
const columnsOf = (keys: number): number => Math.min(keys, KEY_COLUMNS + 1);

/**
 * Of many rows, those before one that is there already are inserted (OR FAIL): what SQLite could have to undo it would
 * keep a copy of, page by page. Of one row, one that is there already is passed over.
 */
function insertStatement(keys: number, rows: number): string {
  const own = [
    "sort_key",
    "misfits",
    "slot",
    "doc",
    ...Array.from({ length: columnsOf(keys) }, (_, i) => (i === KEY_COLUMNS ? "extra" : `k${i}`)),
  ];
  // only what all rows share is numbered: SQLite looks a numbered parameter's name up by walking over all that have one
  const row = `(?1, ?2, ${own.map(() => "?").join(", ")})`;
  return (
    `INSERT ${rows === 1 ? "" : "OR FAIL "}INTO partitions (table_id, created, ${own.join(", ")}) VALUES ${Array.from({ length: rows }, () => row).join(", ")}`
    + (rows === 1 ? " ON CONFLICT (table_id, sort_key) DO NOTHING" : "")
  );
}
