/** Reading and deleting archived versions of a table. Every function runs inside a transaction of the caller. */
import { entityNotFound, invalidInput } from "../../catalog-errors.js";
import { foldName } from "../../fold-names.js";
import type { PageRequest } from "../../index.js";
import type { Page, TableVersion } from "../../model.js";
import { pageSize, pageToken, readPageToken } from "../../page-token.js";
import type { Session, SqlRow } from "./session.js";
import { tableOf, tableRow } from "./tables.js";

const SELECT = `SELECT t.name, v.version, t.created, v.updated, d.name AS database, x.doc
  FROM table_versions v JOIN tables t ON t.id = v.table_id JOIN databases d ON d.id = t.database_id
  JOIN table_version_docs x ON x.id = v.id`;

export function getTableVersion(session: Session, database: string, name: string, versionId: string): TableVersion {
  const table = tableRow(session, database, name);
  const row = session.row(`${SELECT} WHERE v.table_id = ? AND v.version = ?`, table.id, versionNumber(versionId));
  if (row === undefined) throw missing(database, name, versionId);
  return versionOf(session, row);
}

export function getTableVersions(
  session: Session,
  database: string,
  name: string,
  page: PageRequest = {},
): Page<TableVersion> {
  const table = tableRow(session, database, name);
  const size = pageSize(page, 100);
  const scope = ["versions", table.database, table.name];
  const after = Number(readPageToken(scope, page.nextToken) ?? Number.MAX_SAFE_INTEGER);
  const rows = session.rows(
    `${SELECT} WHERE v.table_id = ? AND v.version < ? ORDER BY v.version DESC LIMIT ?`,
    table.id,
    after,
    size + 1,
  );
  const items = rows.slice(0, size).map((row) => versionOf(session, row));
  const last = items.at(-1);
  return rows.length > size && last !== undefined ? { items, nextToken: pageToken(scope, last.VersionId) } : { items };
}

/** The version a table is at cannot be deleted. */
export function deleteTableVersion(session: Session, database: string, name: string, versionId: string): void {
  const table = tableRow(session, database, name);
  if (versionNumber(versionId) === table.version) {
    throw invalidInput(`Version ${versionId} is the current version of ${table.database}.${table.name}`, {
      path: `${table.database}.${table.name}`,
      hint: "delete the table, or update it first",
    });
  }
  const deleted = session.run(
    "DELETE FROM table_versions WHERE table_id = ? AND version = ?",
    table.id,
    versionNumber(versionId),
  );
  if (deleted === 0) throw missing(database, name, versionId);
}

/** Versions are whole numbers; any other text names none. */
export const versionNumber = (versionId: string): number => (/^\d{1,15}$/.test(versionId) ? Number(versionId) : -1);

const missing = (database: string, name: string, versionId: string): Error =>
  entityNotFound(`Version ${versionId} of table ${name} not found.`, {
    path: `${foldName(database)}.${foldName(name)}`,
    hint: "list the table's versions",
  });

function versionOf(session: Session, row: SqlRow): TableVersion {
  const table = tableOf(session, row);
  return { Table: table, VersionId: table.VersionId };
}
