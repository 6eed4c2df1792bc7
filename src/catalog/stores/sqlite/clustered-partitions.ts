/**
 * Step of the store's schema: partitions in one tree, ordered as they are listed, their documents in it. A walk then
 * reads what lies side by side, where before it looked each partition and each document up; a new partition touches one
 * page, not three.
 */
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { type SqlRow, textOf } from "./session.js";

const keyColumns = Array.from({ length: 8 }, (_, i) => `k${i}`);

// columns that a search compares come first: a long document goes on in pages that it does not read.
// slot: a number that spreads partitions over segments
const PARTITIONS = `
CREATE TABLE clustered (
  table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE, sort_key BLOB NOT NULL, misfits INTEGER NOT NULL, slot INTEGER NOT NULL,
  ${keyColumns.map((k) => `${k} TEXT`).join(", ")}, extra TEXT, created REAL NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (table_id, sort_key)
) WITHOUT ROWID;
INSERT INTO clustered (table_id, sort_key, misfits, slot, ${keyColumns.join(", ")}, extra, created, doc)
  SELECT p.table_id, p.sort_key, p.misfits, p.id, ${keyColumns.map((k) => `p.${k}`).join(", ")}, p.extra, p.created, x.doc
  FROM partitions p JOIN partition_docs x ON x.id = p.id ORDER BY p.table_id, p.sort_key;
`;

// few partitions own something: those that do have a number to be named by
const OWNERS = `
CREATE TABLE partition_owners (
  id INTEGER PRIMARY KEY AUTOINCREMENT, table_id INTEGER NOT NULL, sort_key BLOB NOT NULL, UNIQUE (table_id, sort_key),
  FOREIGN KEY (table_id, sort_key) REFERENCES clustered ON UPDATE CASCADE ON DELETE CASCADE
);
INSERT INTO partition_owners SELECT id, table_id, sort_key FROM partitions WHERE id IN (SELECT partition_id FROM entities);
CREATE TABLE owned (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, owner TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL,
  version INTEGER NOT NULL, created REAL NOT NULL, updated REAL NOT NULL, doc TEXT NOT NULL,
  database_id INTEGER REFERENCES databases ON DELETE CASCADE, table_id INTEGER REFERENCES tables ON DELETE CASCADE,
  partition_id INTEGER REFERENCES partition_owners ON DELETE CASCADE, UNIQUE (kind, owner, name, scope)
);
INSERT INTO owned SELECT id, kind, owner, scope, name, version, created, updated, doc, database_id, table_id, partition_id FROM entities;
DROP TABLE entities;
ALTER TABLE owned RENAME TO entities;
CREATE INDEX entities_newest ON entities (kind, owner, scope, id);
CREATE INDEX entities_database ON entities (database_id) WHERE database_id IS NOT NULL;
CREATE INDEX entities_table ON entities (table_id) WHERE table_id IS NOT NULL;
CREATE INDEX entities_partition ON entities (partition_id) WHERE partition_id IS NOT NULL;
`;

const EXCHANGE = `
DROP TABLE partition_docs;
DROP TABLE partitions;
ALTER TABLE clustered RENAME TO partitions;
CREATE INDEX partition_misfits ON partitions (table_id, misfits) WHERE misfits <> 0;
`;

/** Keeps the indexes that users asked for; those of single keys are made again when a search needs them. */
export function clusterPartitions(db: DatabaseSyncInstance): void {
  const declared = db
    .prepare("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name LIKE 'partition\\_index\\_%' ESCAPE '\\'")
    .all() as readonly SqlRow[];
  db.exec(PARTITIONS + OWNERS + EXCHANGE);
  for (const row of declared) db.exec(textOf(row, "sql"));
}
