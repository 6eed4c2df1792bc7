/** Inserts partitions. Runs inside a transaction of the caller. */
import { foldPartition } from "../../fold-names.js";
import type { PartitionInput } from "../../model.js";
import { KEY_COLUMNS } from "./migrations.js";
import { partitionKeyRows } from "./partition-key.js";
import type { Session } from "./session.js";
import type { TableRow } from "./tables.js";

/** Of each, whether it was inserted; a partition that is there already, or twice among them, stays as it was. The inputs have as many values as the table has keys. */
export function insertPartitions(session: Session, table: TableRow, inputs: readonly PartitionInput[]): readonly boolean[] {
  const keys = table.input.PartitionKeys ?? [];
  const rowOf = partitionKeyRows(keys);
  const columns = Math.min(keys.length, KEY_COLUMNS) + (keys.length > KEY_COLUMNS ? 1 : 0);
  const now = session.now();
  const statement = insertStatement(keys.length);
  // one statement a row: of a statement with many SQLite would copy each page that it touches
  return inputs.map((input) => {
    const { sortKey, misfits, columns: texts } = rowOf(input.Values);
    return session.run(statement, table.id, sortKey, misfits, slotOf(sortKey), now, JSON.stringify(foldPartition(input)), ...(columns > KEY_COLUMNS ? texts : texts.slice(0, columns))) === 1;
  });
}

/** Spreads partitions over segments; what of it two partitions share does not matter. */
function slotOf(sortKey: Uint8Array): number {
  let hash = 0;
  for (const byte of sortKey) hash = (hash * 31 + byte) % 9973;
  return hash;
}

/** Key columns past the table's keys are null unless told. */
function insertStatement(keys: number): string {
  const names = ["table_id", "sort_key", "misfits", "slot", "created", "doc", ...Array.from({ length: Math.min(keys, KEY_COLUMNS) }, (_, i) => `k${i}`), ...(keys > KEY_COLUMNS ? ["extra"] : [])];
  return `INSERT INTO partitions (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")}) ON CONFLICT (table_id, sort_key) DO NOTHING`;
}
