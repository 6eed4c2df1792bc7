/** Opens `catalog.db` in a folder: created on first use, brought to the newest schema, safe among many processes. */
import { existsSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { DynaframeError } from "../../../types/error.js";
import { catalogFile, isWritable, prepareFolder, requireFile } from "./catalog-folder.js";
import { MIGRATIONS, migrate, requireKnown, schemaVersion } from "./migrations.js";
import { Session } from "./session.js";
import { catalogError, resultCode } from "./sqlite-error.js";

export type SqliteCatalogOptions = {
  /** Milliseconds since the epoch; default Date.now. */
  readonly clock?: () => number;
  /** Nothing is created or written; writes fail with CATALOG_READ_ONLY. */
  readonly readOnly?: boolean;
  /** Default true; false: a folder without a catalog is CATALOG_NOT_FOUND. */
  readonly create?: boolean;
  /** How long a write waits for other writers before CATALOG_BUSY; default 30,000. */
  readonly busyTimeoutMs?: number;
  /** The CatalogId of its objects; default 123456789012. */
  readonly accountId?: string;
};

/** Versions before this one can corrupt a WAL database that several processes write at once. */
const MIN_SQLITE: readonly number[] = [3, 51, 3];

/**
 * A catalog that this user cannot write opens read-only.
 * @throws CATALOG_NOT_A_FOLDER, CATALOG_NOT_FOUND (nothing there, and none may be made), CATALOG_READ_ONLY (none there
 * and none can be made), CATALOG_CORRUPT, CATALOG_NOT_OURS, CATALOG_TOO_NEW, CATALOG_TOO_OLD (read-only),
 * SQLITE_TOO_OLD, CATALOG_BUSY.
 */
export function openSession(folder: string, options: SqliteCatalogOptions = {}): Session {
  const file = catalogFile(folder);
  // a catalog that this user cannot write can still be read; a write then says why it cannot be done
  const readOnly = options.readOnly === true || (existsSync(file) && !(isWritable(folder) && isWritable(file)));
  if (readOnly || options.create === false) requireFile(folder, file);
  else prepareFolder(folder, file);
  try {
    const db = readOnly ? openForReading(file) : openForWriting(file);
    return new Session(db, file, readOnly, options.clock ?? Date.now, options.busyTimeoutMs, options.accountId);
  } catch (error) {
    throw catalogError(error, file);
  }
}

function openForWriting(file: string): DatabaseSyncInstance {
  // without the timeout a process that opens while another recovers the WAL fails at once
  return guarded(new DatabaseSync(file, { timeout: 10_000 }), (db) => {
    if (pragma(db, "journal_mode") !== "wal" && pragma(db, "journal_mode = WAL") !== "wal") {
      throw new DynaframeError(
        "CATALOG_UNREACHABLE",
        "the catalog's file system does not support write-ahead logging",
        { file, hint: "keep the catalog on a local disk" },
      );
    }
    // partitions come in batches that touch many pages of each index: the rarer the log is folded in, the fewer are
    // written twice
    db.exec(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864",
    );
    migrate(db);
    // from here on waiting is done between attempts, where it does not block the process
    db.exec("PRAGMA busy_timeout = 50");
  });
}

function openForReading(file: string): DatabaseSyncInstance {
  try {
    return guarded(new DatabaseSync(file, { timeout: 10_000, readOnly: true }), checkReadable);
  } catch (error) {
    // a WAL database in a folder that cannot be written: SQLite may not make its index there; sound as long as no log
    // is pending
    const refused = [8, 14].includes(resultCode(error) ?? 0);
    if (!refused || (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw error;
    const url = pathToFileURL(file);
    url.searchParams.set("immutable", "1");
    return guarded(new DatabaseSync(url, { readOnly: true }), checkReadable);
  }
}

function checkReadable(db: DatabaseSyncInstance): void {
  const version = schemaVersion(db);
  requireKnown(version);
  if (version < MIGRATIONS.length) {
    throw new DynaframeError("CATALOG_TOO_OLD", "the catalog must be brought to a newer schema first", {
      hint: "open it once without readOnly",
    });
  }
}

function guarded(db: DatabaseSyncInstance, prepare: (db: DatabaseSyncInstance) => void): DatabaseSyncInstance {
  try {
    requireSqlite(db);
    db.exec(
      "PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000",
    );
    prepare(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function requireSqlite(db: DatabaseSyncInstance): void {
  const { version } = db.prepare("SELECT sqlite_version() AS version").get() as { version: string };
  const found = version.split(".").map(Number);
  const difference = MIN_SQLITE.map((part, i) => (found[i] ?? 0) - part).find((d) => d !== 0) ?? 0;
  if (difference < 0) {
    throw new DynaframeError("SQLITE_TOO_OLD", `SQLite ${version} can corrupt a catalog that several processes write`, {
      expected: `at least ${MIN_SQLITE.join(".")}`,
      found: version,
      hint: "reinstall @photostructure/sqlite",
    });
  }
}

function pragma(db: DatabaseSyncInstance, text: string): unknown {
  const row = db.prepare(`PRAGMA ${text}`).get() as Record<string, unknown> | undefined;
  return row === undefined ? undefined : Object.values(row)[0];
}
