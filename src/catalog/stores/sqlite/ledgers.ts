/** Ledgers: one blob per file and one merged blob per table. Every function runs inside a transaction of the caller. */
import { decodeFileLedger, decodeLedger, encodeFileLedger, encodeLedger } from "../../../shapes/ledger-blob.js";
import type { FileLedger, Ledger } from "../../../shapes/ledger.js";
import { mergeLedgers } from "../../../shapes/merge-ledgers.js";
import { createPathDictionary, type PathDictionary } from "../../../shapes/path-dictionary.js";
import type { LedgerKey, PastLedgerKey } from "../../index.js";
import { bytesOf, numberOf, type Session, type SqlRow, textOf } from "./session.js";
import type { TableRow } from "./tables.js";

/**
 * Puts and deletes ledgers and keeps the merged one current: a file that goes, or is rewritten, is taken out exactly.
 */
export function changeLedgers(
  session: Session,
  table: TableRow,
  put: readonly FileLedger[],
  gone: readonly string[],
): void {
  if (put.length === 0 && gone.length === 0) return;
  const paths = pathsOf(session, table);
  const before = readMerged(session, table, paths);
  const isEmpty = (): boolean =>
    session.row("SELECT 1 FROM ledger_files WHERE table_id = ? LIMIT 1", table.id) === undefined;
  let removed = 0;
  if (!isEmpty())
    for (const file of [...gone, ...put.map((ledger) => ledger.file)]) removed += retire(session, table, file);
  const alone = before === undefined && isEmpty();
  const known = paths.size;
  for (const ledger of put) insertLedger(session, table, ledger, encodeFileLedger(ledger, paths));
  if (isEmpty()) return forgetAll(session, table);
  // counts could be subtracted, first places could not: what stays is merged anew
  const merged = alone
    ? mergeLedgers(put)
    : removed > 0 || before === undefined
      ? mergeLedgers(allLedgers(session, table, paths))
      : mergeLedgers([before, ...put]);
  upsert(session, "ledger_merged", table, encodeLedger(merged, paths));
  if (paths.size > known) upsert(session, "ledger_paths", table, paths.toBytes());
}

export function mergedLedger(session: Session, table: TableRow): Ledger | undefined {
  return readMerged(session, table, pathsOf(session, table));
}

/** In order of path; reads no blob. */
export function ledgerKeys(session: Session, table: TableRow): readonly LedgerKey[] {
  return session.rows(`SELECT ${KEY} FROM ledger_files WHERE table_id = ? ORDER BY file`, table.id).map(keyOf);
}

/** The files that the table had when it was at a version, those that went since then among them; in order of path. */
export function ledgerKeysAt(session: Session, table: TableRow, version: number): readonly PastLedgerKey[] {
  return session
    .rows(
      `SELECT ${KEY}, 0 AS gone FROM ledger_files WHERE table_id = ? AND since <= ?
     UNION ALL SELECT ${KEY}, 1 AS gone FROM ledger_gone WHERE table_id = ? AND since <= ? AND until > ? ORDER BY file`,
      table.id,
      version,
      table.id,
      version,
      version,
    )
    .map((row) => ({ ...keyOf(row), gone: numberOf(row, "gone") === 1 }));
}

const KEY = "file, etag, size, records, malformed";
const keyOf = (row: SqlRow): LedgerKey => ({
  file: textOf(row, "file"),
  etag: textOf(row, "etag"),
  size: numberOf(row, "size"),
  records: numberOf(row, "records"),
  malformed: numberOf(row, "malformed"),
});

/** In the order asked for; files that are not known are left out. */
export function fileLedgers(session: Session, table: TableRow, files: readonly string[]): readonly FileLedger[] {
  const paths = pathsOf(session, table);
  return files.flatMap((file) =>
    session
      .rows(
        "SELECT b.blob FROM ledger_files f JOIN ledger_blobs b ON b.id = f.id WHERE f.table_id = ? AND f.file = ?",
        table.id,
        file,
      )
      .map((row) => decodeFileLedger(bytesOf(row, "blob"), paths)),
  );
}

/** Takes a file's ledger out and remembers that it was there. Number of rows taken out. */
function retire(session: Session, table: TableRow, file: string): number {
  session.run(
    `INSERT INTO ledger_gone (table_id, ${KEY}, since, until) SELECT table_id, ${KEY}, since, ? FROM ledger_files WHERE table_id = ? AND file = ? AND since < ?`,
    table.version,
    table.id,
    file,
    table.version,
  );
  return session.run("DELETE FROM ledger_files WHERE table_id = ? AND file = ?", table.id, file);
}

function allLedgers(session: Session, table: TableRow, paths: PathDictionary): readonly FileLedger[] {
  return session
    .rows(
      "SELECT b.blob FROM ledger_files f JOIN ledger_blobs b ON b.id = f.id WHERE f.table_id = ? ORDER BY f.file",
      table.id,
    )
    .map((row) => decodeFileLedger(bytesOf(row, "blob"), paths));
}

function readMerged(session: Session, table: TableRow, paths: PathDictionary): Ledger | undefined {
  const row = session.row("SELECT blob FROM ledger_merged WHERE table_id = ?", table.id);
  return row === undefined ? undefined : decodeLedger(bytesOf(row, "blob"), paths);
}

// blobs name paths by their number in the table's dictionary, which only grows
function pathsOf(session: Session, table: TableRow): PathDictionary {
  const row = session.row("SELECT blob FROM ledger_paths WHERE table_id = ?", table.id);
  return createPathDictionary(row === undefined ? undefined : bytesOf(row, "blob"));
}

function insertLedger(session: Session, table: TableRow, ledger: FileLedger, blob: Uint8Array): void {
  const id = session.insert(
    "INSERT INTO ledger_files (table_id, file, etag, size, records, malformed, since) VALUES (?, ?, ?, ?, ?, ?, ?)",
    table.id,
    ledger.file,
    ledger.etag,
    ledger.size,
    ledger.records,
    ledger.malformed,
    table.version,
  );
  session.run("INSERT INTO ledger_blobs (id, blob) VALUES (?, ?)", id, blob);
}

function upsert(session: Session, store: "ledger_merged" | "ledger_paths", table: TableRow, blob: Uint8Array): void {
  session.run(
    `INSERT INTO ${store} (table_id, blob) VALUES (?, ?) ON CONFLICT (table_id) DO UPDATE SET blob = excluded.blob`,
    table.id,
    blob,
  );
}

function forgetAll(session: Session, table: TableRow): void {
  session.run("DELETE FROM ledger_merged WHERE table_id = ?", table.id);
  session.run("DELETE FROM ledger_paths WHERE table_id = ?", table.id);
}
