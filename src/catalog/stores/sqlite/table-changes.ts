/**
 * Applies changes of tables with their partitions, ledgers and schema history. Runs inside a transaction of the caller.
 */
import type { FileLedger } from "../../../shapes/ledger.js";
import { mergeLedgers } from "../../../shapes/merge-ledgers.js";
import { concurrentModification, entityNotFound } from "../../catalog-errors.js";
import { foldName } from "../../fold-names.js";
import type { TableChange } from "../../index.js";
import { changeLedgers, mergedLedger } from "./ledgers.js";
import { createDatabase, hasDatabase } from "./databases.js";
import { createPartitionIndex, indexes } from "./partition-indexes.js";
import { dropPartition, putPartition } from "./partitions.js";
import { isNewSchema, recordSchema } from "./schema-history.js";
import type { Session } from "./session.js";
import { createTable, deleteTable, findTable, requireVersion, type TableRow, tableRow, updateTable } from "./tables.js";

export function applyTableChange(session: Session, change: TableChange): void {
  if (change.createDatabase === true && !hasDatabase(session, change.database))
    createDatabase(session, { Name: change.database });
  const before = findTable(session, change.database, change.table.Name);
  checkVersion(change, before);
  if (change.drop === true) {
    if (before !== undefined) deleteTable(session, change.database, change.table.Name);
    return;
  }
  // before the table: its partition keys can only be replaced once the old partitions are gone
  if (before !== undefined) for (const values of change.deletePartitions ?? []) dropPartition(session, before, values);
  if (before !== undefined) updateTable(session, change.database, change.table);
  else if (change.createIfAbsent !== false) createTable(session, change.database, change.table);
  else
    throw entityNotFound(`Table ${change.table.Name} not found.`, {
      path: pathOf(change),
      hint: "create it first, or let the change create it",
    });
  const table = tableRow(session, change.database, change.table.Name);
  for (const input of change.putPartitions ?? []) putPartition(session, table, input);
  writeLedgers(session, table, change);
  if (change.partitionIndex !== undefined && indexes(session, table.id).length === 0)
    createPartitionIndex(session, table, change.partitionIndex);
}

/** The ledgers, and when the exact type changed an entry of the schema history with what the ledgers say of it. */
function writeLedgers(
  session: Session,
  table: TableRow,
  { schema, putLedgers = [], deleteLedgers = [] }: TableChange,
): void {
  const put = lastOfEach(putLedgers);
  if (schema === undefined || !isNewSchema(session, table, schema))
    return changeLedgers(session, table, put, deleteLedgers);
  const before = mergedLedger(session, table);
  changeLedgers(session, table, put, deleteLedgers);
  const after = mergedLedger(session, table);
  recordSchema(session, table, schema, {
    before,
    fresh: before === undefined && after !== undefined ? after : mergeLedgers(put),
    after,
  });
}

function checkVersion(change: TableChange, before: TableRow | undefined): void {
  if (change.ifVersion === undefined) return;
  if (before !== undefined && change.ifVersion !== "") return requireVersion(before, change.ifVersion);
  if (before === undefined && change.ifVersion === "") return;
  throw concurrentModification("Update table failed due to concurrent modifications.", {
    path: pathOf(change),
    expected: change.ifVersion === "" ? "no such table" : `version ${change.ifVersion}`,
    found: before === undefined ? "no such table" : `version ${before.version}`,
    hint: "get the table again and repeat the change on it",
  });
}

// of two ledgers of one file in a change the later one counts
const lastOfEach = (all: readonly FileLedger[]): readonly FileLedger[] => [
  ...new Map(all.map((ledger) => [ledger.file, ledger])).values(),
];

const pathOf = (change: TableChange): string => `${foldName(change.database)}.${foldName(change.table.Name)}`;
