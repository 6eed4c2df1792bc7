/**
 * Step of the store's schema: partitions go with their table by a trigger, not by a foreign key. With a key SQLite
 * looks the table up for each partition and keeps a copy of each page that a statement of many rows changes
 * (docs/decisions/0182-partitions-in-statements-of-many.md).
 */
import type { DatabaseSyncInstance } from "@photostructure/sqlite";

const CLAUSE = " REFERENCES tables ON DELETE CASCADE";

/** Rewrites the table's text and none of its rows, as SQLite's page on ALTER TABLE tells for foreign keys. */
export function unbindPartitions(db: DatabaseSyncInstance): void {
  const { schema_version: version } = db.prepare("PRAGMA schema_version").get() as { schema_version: number };
  db.enableDefensive(false);
  db.exec("PRAGMA writable_schema = ON");
  db.prepare("UPDATE sqlite_schema SET sql = replace(sql, ?, '') WHERE type = 'table' AND name = 'partitions'").run(
    CLAUSE,
  );
  db.exec(`PRAGMA schema_version = ${version + 1}; PRAGMA writable_schema = RESET`);
  db.enableDefensive(true);
  db.exec(
    "CREATE TRIGGER partitions_of_table AFTER DELETE ON tables BEGIN DELETE FROM partitions WHERE table_id = old.id; END",
  );
}
