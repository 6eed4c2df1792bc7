/** Keeps the stored keys of partitions right when a table's partition keys change. */
import { invalidInput } from "../../catalog-errors.js";
import { keyFamily } from "../../expression/key-type.js";
import type { Column, PartitionInput } from "../../model.js";
import { partitionKeyRow } from "./partition-key.js";
import { docOf, numberOf, type Session } from "./session.js";

const BATCH = 1000;

/**
 * New names cost nothing, a new type rewrites the keys of every partition.
 * @throws InvalidInputException when the number of keys changes while there are partitions.
 */
export function rekeyPartitions(session: Session, table: number, before: readonly Column[], after: readonly Column[]): void {
  if (before.length === after.length && before.every((key, i) => sameFamily(key, after[i]))) return;
  if (session.row("SELECT 1 FROM partitions WHERE table_id = ? LIMIT 1", table) === undefined) return;
  if (before.length !== after.length) {
    throw invalidInput("The number of partition keys cannot change while the table has partitions", {
      expected: String(before.length), found: String(after.length), hint: "delete the partitions first, or recreate the table",
    });
  }
  let last = 0;
  for (;;) {
    const rows = session.rows(
      "SELECT p.id, x.doc FROM partitions p JOIN partition_docs x ON x.id = p.id WHERE p.table_id = ? AND p.id > ? ORDER BY p.id LIMIT ?", table, last, BATCH);
    for (const row of rows) {
      last = numberOf(row, "id");
      const key = partitionKeyRow(after, docOf<PartitionInput>(row).Values);
      session.run(
        "UPDATE partitions SET sort_key = ?, misfits = ?, k0 = ?, k1 = ?, k2 = ?, k3 = ?, k4 = ?, k5 = ?, k6 = ?, k7 = ?, extra = ? WHERE id = ?",
        key.sortKey, key.misfits, ...key.columns, last);
    }
    if (rows.length < BATCH) return;
  }
}

const sameFamily = (left: Column, right: Column | undefined): boolean =>
  right !== undefined && keyFamily(left.Type ?? "string") === keyFamily(right.Type ?? "string");
