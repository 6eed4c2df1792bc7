/** Keeps the stored keys of partitions right when a table's partition keys change. */
import { invalidInput } from "../../catalog-errors.js";
import { keyFamily } from "../../expression/key-type.js";
import type { Column, PartitionInput } from "../../model.js";
import { partitionKeyRow } from "./partition-key.js";
import { bytesOf, docOf, type Session } from "./session.js";

const BATCH = 1000;

/** Above every first byte of a key, which is text in UTF-8. */
const ASIDE = Buffer.from([0xff]);

/** Writes the key columns of one partition: those of a `PartitionKeyRow`, then the table and the key that it had. */
export const UPDATE_KEY = `UPDATE partitions SET sort_key = ?, misfits = ?, k0 = ?, k1 = ?, k2 = ?, k3 = ?, k4 = ?, k5 = ?, k6 = ?, k7 = ?, extra = ?
  WHERE table_id = ? AND sort_key = ?`;

/**
 * New names cost nothing, a new type rewrites the keys of every partition.
 * @throws InvalidInputException when the number of keys changes while there are partitions.
 */
export function rekeyPartitions(
  session: Session,
  table: number,
  before: readonly Column[],
  after: readonly Column[],
): void {
  if (before.length === after.length && before.every((key, i) => sameFamily(key, after[i]))) return;
  if (session.row("SELECT 1 FROM partitions WHERE table_id = ? LIMIT 1", table) === undefined) return;
  if (before.length !== after.length) {
    throw invalidInput("The number of partition keys cannot change while the table has partitions", {
      expected: String(before.length),
      found: String(after.length),
      hint: "delete the partitions first, or recreate the table",
    });
  }
  // new keys begin with a byte that no other does: they lie behind all that are still to be read, and meet none of them
  let last: Uint8Array = new Uint8Array(0);
  for (;;) {
    const rows = session.rows(
      "SELECT sort_key, doc FROM partitions WHERE table_id = ? AND sort_key > ? AND sort_key < ? ORDER BY sort_key LIMIT ?",
      table,
      last,
      ASIDE,
      BATCH,
    );
    for (const row of rows) {
      last = bytesOf(row, "sort_key");
      const key = partitionKeyRow(after, docOf<PartitionInput>(row).Values);
      session.run(UPDATE_KEY, Buffer.concat([ASIDE, key.sortKey]), key.misfits, ...key.columns, table, last);
    }
    if (rows.length < BATCH) break;
  }
  session.run(
    "UPDATE partitions SET sort_key = substr(sort_key, 2) WHERE table_id = ? AND sort_key >= ?",
    table,
    ASIDE,
  );
}

const sameFamily = (left: Column, right: Column | undefined): boolean =>
  right !== undefined && keyFamily(left.Type ?? "string") === keyFamily(right.Type ?? "string");
