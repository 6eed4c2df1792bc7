/** Inserts partitions, with as few calls of the driver as pay: one costs as much as a row. Runs inside a transaction of the caller. */
import { foldPartition } from "../../fold-names.js";
import type { PartitionInput } from "../../model.js";
import { KEY_COLUMNS } from "./migrations.js";
import { partitionKeyRows } from "./partition-key.js";
import { numberOf, type Session } from "./session.js";
import type { TableRow } from "./tables.js";

/** Rows of a statement; few sizes, so that few statements are compiled. */
const SIZES = [50, 10, 1];

/** Of each, whether it was inserted; a partition that is there already, or twice among them, stays as it was. The inputs have as many values as the table has keys. */
export function insertPartitions(session: Session, table: TableRow, inputs: readonly PartitionInput[]): readonly boolean[] {
  const first = nextId(session);
  const keys = table.input.PartitionKeys ?? [];
  const rowOf = partitionKeyRows(keys);
  const columns = Math.min(keys.length, KEY_COLUMNS) + (keys.length > KEY_COLUMNS ? 1 : 0);
  const now = session.now();
  const keyStatement = keysStatement(keys.length);
  // keys are scattered over their indexes: of a statement with many SQLite would copy each page that it touches
  const inserted = inputs.map((input, i) => {
    const { sortKey, misfits, columns: texts } = rowOf(input.Values);
    return session.run(keyStatement, first + i, table.id, sortKey, misfits, now, ...(columns > KEY_COLUMNS ? texts : texts.slice(0, columns))) === 1;
  });
  insertDocs(session, inputs.flatMap((input, i) => (inserted[i] === true ? [[first + i, JSON.stringify(foldPartition(input))] as const] : [])));
  return inserted;
}

// ids are given out here, not by SQLite, so that documents go in without asking for them
const nextId = (session: Session): number => numberOf(session.row("SELECT ifnull(max(id), 0) + 1 AS next FROM partitions") ?? {}, "next");

/** Key columns past the table's keys are null unless told. */
function keysStatement(keys: number): string {
  const names = ["id", "table_id", "sort_key", "misfits", "created", ...Array.from({ length: Math.min(keys, KEY_COLUMNS) }, (_, i) => `k${i}`), ...(keys > KEY_COLUMNS ? ["extra"] : [])];
  return `INSERT INTO partitions (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")}) ON CONFLICT (table_id, sort_key) DO NOTHING`;
}

function insertDocs(session: Session, docs: readonly (readonly [id: number, doc: string])[]): void {
  for (let at = 0; at < docs.length;) {
    const rows = SIZES.find((size) => size <= docs.length - at) ?? 1;
    session.run(`INSERT INTO partition_docs (id, doc) VALUES (?, ?)${", (?, ?)".repeat(rows - 1)}`, ...docs.slice(at, at + rows).flat());
    at += rows;
  }
}
