/**
 * Indexes of single partition keys after the first. A new partition would touch a page of each, so that one is made
 * only when a search needs it (docs/decisions/0145-clustered-partitions.md); from then on it is kept. Every function
 * runs inside a transaction of the caller.
 */
import { INDEXED_KEYS } from "./migrations.js";
import type { Session } from "./session.js";

export const keyIndexName = (key: number): string => `partition_key_${key}`;

export function indexedKeys(session: Session): ReadonlySet<number> {
  const names = new Set(
    session
      .rows("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'partitions'")
      .map((row) => row["name"]),
  );
  return new Set(INDEXED_KEYS.filter((key) => names.has(keyIndexName(key))));
}

export function createKeyIndexes(session: Session, keys: readonly number[]): void {
  for (const key of keys)
    session.run(
      `CREATE INDEX IF NOT EXISTS ${keyIndexName(key)} ON partitions (table_id, k${key}, sort_key) WHERE k${key} IS NOT NULL`,
    );
}
