/**
 * The tables of the SQLite store and how an older catalog becomes a newer one. Append only: a released step never
 * changes.
 */
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { DynaframeError } from "../../../types/error.js";
import { clusterPartitions } from "./clustered-partitions.js";
import { JOB_TABLES } from "./job-tables.js";
import { unbindPartitions } from "./unbind-partitions.js";

/** Columns k0 … k7 hold the first partition keys in comparable form; further keys share the JSON list `extra`. */
export const KEY_COLUMNS = 8;

/** Keys after the first that can have an index of their own; the first leads `sort_key`. */
export const INDEXED_KEYS: readonly number[] = [1, 2, 3, 4, 5];

const keyColumns = Array.from({ length: KEY_COLUMNS }, (_, i) => `k${i} TEXT`).join(", ");
const keyIndexes = INDEXED_KEYS.map(
  (i) => `CREATE INDEX partition_key_${i} ON partitions (table_id, k${i}, sort_key) WHERE k${i} IS NOT NULL;`,
).join("\n");

// keys and documents live apart, so that a walk over keys does not read the documents
const FIRST = `
CREATE TABLE databases (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created REAL NOT NULL);
CREATE TABLE database_docs (id INTEGER PRIMARY KEY REFERENCES databases ON DELETE CASCADE, doc TEXT NOT NULL);
CREATE TABLE tables (
  id INTEGER PRIMARY KEY, database_id INTEGER NOT NULL REFERENCES databases ON DELETE CASCADE,
  name TEXT NOT NULL, version INTEGER NOT NULL, created REAL NOT NULL, UNIQUE (database_id, name)
);
CREATE TABLE table_versions (
  id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  version INTEGER NOT NULL, updated REAL NOT NULL, UNIQUE (table_id, version)
);
CREATE TABLE table_version_docs (id INTEGER PRIMARY KEY REFERENCES table_versions ON DELETE CASCADE, doc TEXT NOT NULL);
CREATE TABLE partitions (
  id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  sort_key BLOB NOT NULL, misfits INTEGER NOT NULL, ${keyColumns}, extra TEXT, created REAL NOT NULL
);
CREATE UNIQUE INDEX partition_sort_key ON partitions (table_id, sort_key);
CREATE INDEX partition_misfits ON partitions (table_id, misfits) WHERE misfits <> 0;
${keyIndexes}
CREATE TABLE partition_docs (id INTEGER PRIMARY KEY REFERENCES partitions ON DELETE CASCADE, doc TEXT NOT NULL);
CREATE TABLE connections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created REAL NOT NULL, updated REAL NOT NULL, doc TEXT NOT NULL);
CREATE TABLE ledger_files (
  id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  file TEXT NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL, records INTEGER NOT NULL, malformed INTEGER NOT NULL, UNIQUE (table_id, file)
);
CREATE TABLE ledger_blobs (id INTEGER PRIMARY KEY REFERENCES ledger_files ON DELETE CASCADE, blob BLOB NOT NULL);
CREATE TABLE ledger_merged (table_id INTEGER PRIMARY KEY REFERENCES tables ON DELETE CASCADE, blob BLOB NOT NULL);
CREATE TABLE ledger_paths (table_id INTEGER PRIMARY KEY REFERENCES tables ON DELETE CASCADE, blob BLOB NOT NULL);
CREATE TABLE schema_history (
  id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  version INTEGER NOT NULL, at REAL NOT NULL, schema TEXT NOT NULL
);
CREATE INDEX schema_history_table ON schema_history (table_id, id);
`;

const ENTITIES = `
CREATE TABLE entities (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, owner TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL,
  version INTEGER NOT NULL, created REAL NOT NULL, updated REAL NOT NULL, doc TEXT NOT NULL,
  database_id INTEGER REFERENCES databases ON DELETE CASCADE, table_id INTEGER REFERENCES tables ON DELETE CASCADE,
  partition_id INTEGER REFERENCES partitions ON DELETE CASCADE, UNIQUE (kind, owner, name, scope)
);
CREATE INDEX entities_newest ON entities (kind, owner, scope, id);
CREATE INDEX entities_database ON entities (database_id) WHERE database_id IS NOT NULL;
CREATE INDEX entities_table ON entities (table_id) WHERE table_id IS NOT NULL;
CREATE INDEX entities_partition ON entities (partition_id) WHERE partition_id IS NOT NULL;
CREATE TABLE partition_indexes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  name TEXT NOT NULL, keys TEXT NOT NULL, status TEXT NOT NULL, errors TEXT, UNIQUE (table_id, name)
);
`;

// what changed is kept beside each schema, and schemas as differences, so that long histories of wide tables stay small
// and quick to tell; a file's ledger knows since which version it is, and those that went until which, so that a table
// can be read as it was
const SCHEMA_CHANGES = `
ALTER TABLE schema_history ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE schema_history ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
ALTER TABLE schema_history ADD COLUMN tail INTEGER NOT NULL DEFAULT 0;
ALTER TABLE schema_history ADD COLUMN changes TEXT;
CREATE INDEX schema_history_whole ON schema_history (table_id, id) WHERE step = 0;
ALTER TABLE ledger_files ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
CREATE TABLE ledger_gone (
  id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  file TEXT NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL, records INTEGER NOT NULL, malformed INTEGER NOT NULL,
  since INTEGER NOT NULL, until INTEGER NOT NULL
);
CREATE INDEX ledger_gone_table ON ledger_gone (table_id, since, until);
`;

/** Statements, or what works out its statements from what is there. */
export type Migration = string | ((db: DatabaseSyncInstance) => void);

/** Step i takes a catalog from version i to i + 1. */
export const MIGRATIONS: readonly Migration[] = [
  FIRST,
  JOB_TABLES,
  ENTITIES,
  SCHEMA_CHANGES,
  clusterPartitions,
  unbindPartitions,
];

/** Marks the file as ours, so that another program's database is not taken for a catalog. "dynf" */
const APPLICATION_ID = 0x64796e66;

/** The version a file is at; 0 for a new one. */
export function schemaVersion(db: DatabaseSyncInstance): number {
  const tables = db.prepare("SELECT count(*) AS n, sum(name = 'schema_version') AS ours FROM sqlite_schema").get() as {
    n: number;
    ours: number | null;
  };
  if (tables.n === 0) return 0;
  if (!tables.ours) {
    throw new DynaframeError("CATALOG_NOT_OURS", "catalog.db is a SQLite database of another program", {
      hint: "choose another folder",
    });
  }
  const row = db.prepare("SELECT version FROM schema_version").get() as { version: number } | undefined;
  return row?.version ?? 0;
}

/**
 * Brings a file to the newest version, all steps or none.
 * @throws CATALOG_TOO_NEW when a newer dynaframe wrote it; CATALOG_NOT_OURS.
 */
export function migrate(db: DatabaseSyncInstance, migrations: readonly Migration[] = MIGRATIONS): void {
  requireKnown(schemaVersion(db), migrations.length);
  if (schemaVersion(db) === migrations.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    // another process may have been first
    const from = schemaVersion(db);
    requireKnown(from, migrations.length);
    if (from === 0)
      db.exec(
        `PRAGMA application_id = ${APPLICATION_ID}; CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (0);`,
      );
    for (const step of migrations.slice(from)) {
      if (typeof step === "string") db.exec(step);
      else step(db);
    }
    db.prepare("UPDATE schema_version SET version = ?").run(migrations.length);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** A read-only opener cannot migrate: the file must be at a known version already. */
export function requireKnown(version: number, newest: number = MIGRATIONS.length): void {
  if (version <= newest) return;
  throw new DynaframeError(
    "CATALOG_TOO_NEW",
    `the catalog has schema version ${version}; this dynaframe knows versions up to ${newest}`,
    {
      expected: `at most ${newest}`,
      found: String(version),
      hint: "update dynaframe, or open the catalog with the version that wrote it",
    },
  );
}
