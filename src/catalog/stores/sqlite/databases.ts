/** Databases in the SQLite store. Every function runs inside a transaction of the caller. */
import { nearestName } from "../../../types/nearest-name.js";
import { alreadyExists, entityNotFound } from "../../catalog-errors.js";
import { foldDatabase, foldName } from "../../fold-names.js";
import type { PageRequest } from "../../index.js";
import type { Database, DatabaseInput, Page } from "../../model.js";
import { pageSize, pageToken, readPageToken } from "../../page-token.js";
import { dropIndexes } from "./partition-indexes.js";
import { docOf, numberOf, type Session, type SqlRow, textOf } from "./session.js";

const SELECT = "SELECT d.id, d.name, d.created, x.doc FROM databases d JOIN database_docs x ON x.id = d.id";
// the document is parsed only where it may be a link
const LINKED =
  "SELECT d.id, CASE WHEN instr(x.doc, '\"TargetDatabase\":') > 0 THEN x.doc END AS doc FROM databases d JOIN database_docs x ON x.id = d.id WHERE d.name = ?";

/** Of so many names the nearest is told when one is not there: what only asks must not cost a walk over all. */
export const SUGGESTED_FROM = 1000;

export const hasDatabase = (session: Session, name: string): boolean =>
  session.row("SELECT 1 FROM databases WHERE name = ?", foldName(name)) !== undefined;

export function createDatabase(session: Session, input: DatabaseInput): void {
  const doc = foldDatabase(input);
  if (hasDatabase(session, doc.Name)) {
    throw alreadyExists(`Database ${doc.Name} already exists`, { path: doc.Name });
  }
  const id = session.insert("INSERT INTO databases (name, created) VALUES (?, ?)", doc.Name, session.now());
  session.run("INSERT INTO database_docs (id, doc) VALUES (?, ?)", id, JSON.stringify(doc));
}

export function getDatabase(session: Session, name: string): Database {
  return linkedDatabase(session, requireDatabase(session, name));
}

export function getDatabases(session: Session, page: PageRequest = {}): Page<Database> {
  const size = pageSize(page, 100);
  const after = readPageToken(["databases"], page.nextToken) ?? "";
  const rows = session.rows(`${SELECT} WHERE d.name > ? ORDER BY d.name LIMIT ?`, after, size + 1);
  const items = rows.slice(0, size).map((row) => linkedDatabase(session, row));
  const last = items.at(-1);
  return rows.length > size && last !== undefined
    ? { items, nextToken: pageToken(["databases"], last.Name) }
    : { items };
}

/** Through a resource link the target is changed, under its own name; the link itself is made anew to change it. */
export function updateDatabase(session: Session, name: string, input: DatabaseInput): void {
  const id = databaseId(session, name);
  const { TargetDatabase: target, ...own } = foldDatabase(input);
  if (id !== ownDatabaseId(session, name)) {
    const { Name } = docOf<DatabaseInput>(session.row("SELECT doc FROM database_docs WHERE id = ?", id) ?? {});
    session.run("UPDATE database_docs SET doc = ? WHERE id = ?", JSON.stringify({ ...own, Name }), id);
    return;
  }
  const doc = target === undefined ? own : { ...own, TargetDatabase: target };
  if (doc.Name !== foldName(name)) {
    if (session.row("SELECT 1 FROM databases WHERE name = ?", doc.Name) !== undefined)
      throw alreadyExists(`Database ${doc.Name} already exists`, { path: doc.Name });
    session.run("UPDATE databases SET name = ? WHERE id = ?", doc.Name, id);
  }
  session.run("UPDATE database_docs SET doc = ? WHERE id = ?", JSON.stringify(doc), id);
}

/** Its tables go with it, by the foreign keys. Of a resource link only the link goes. */
export function deleteDatabase(session: Session, name: string): void {
  const id = ownDatabaseId(session, name);
  dropIndexes(
    session,
    session.rows("SELECT id FROM tables WHERE database_id = ?", id).map((row) => numberOf(row, "id")),
  );
  session.run("DELETE FROM databases WHERE id = ?", id);
}

/**
 * The database that a name stands for: a resource link's is its target.
 * @throws EntityNotFoundException, for a target too.
 */
export function databaseId(session: Session, name: string): number {
  const row = session.row(LINKED, foldName(name));
  if (row === undefined) throw missing(session, name);
  if (row["doc"] === null) return numberOf(row, "id");
  const { TargetDatabase: target } = docOf<DatabaseInput>(row);
  if (target === undefined) return numberOf(row, "id");
  const found = targetRow(session, target);
  if (found === undefined) throw missing(session, target.DatabaseName ?? name);
  return numberOf(found, "id");
}

function ownDatabaseId(session: Session, name: string): number {
  const row = session.row(LINKED, foldName(name));
  if (row === undefined) throw missing(session, name);
  return numberOf(row, "id");
}

/** What a link leads to; undefined when it is not in this catalog, or is a link itself. */
function targetRow(
  session: Session,
  { CatalogId, DatabaseName = "" }: NonNullable<DatabaseInput["TargetDatabase"]>,
): SqlRow | undefined {
  if (CatalogId !== undefined && CatalogId !== session.accountId) return undefined;
  const row = session.row(`${SELECT} WHERE d.name = ?`, foldName(DatabaseName));
  return row === undefined || docOf<DatabaseInput>(row).TargetDatabase !== undefined ? undefined : row;
}

/** A resource link has its own name and the properties of its target; one that leads nowhere has its own. */
function linkedDatabase(session: Session, row: SqlRow): Database {
  const database = databaseOf(session, row);
  const target = database.TargetDatabase === undefined ? undefined : targetRow(session, database.TargetDatabase);
  if (target === undefined || database.TargetDatabase === undefined) return database;
  return {
    ...databaseOf(session, target),
    Name: database.Name,
    CreateTime: database.CreateTime,
    TargetDatabase: database.TargetDatabase,
  };
}

function requireDatabase(session: Session, name: string): SqlRow {
  const row = session.row(`${SELECT} WHERE d.name = ?`, foldName(name));
  if (row === undefined) throw missing(session, name);
  return row;
}

function missing(session: Session, name: string): Error {
  const names = session
    .rows("SELECT name FROM databases ORDER BY name LIMIT ?", SUGGESTED_FROM)
    .map((row) => textOf(row, "name"));
  const near = nearestName(foldName(name), names);
  return entityNotFound(`Database ${name} not found.`, {
    path: name,
    hint: near === undefined ? "create it first, or list the databases" : `Did you mean ${near}?`,
  });
}

const databaseOf = (session: Session, row: SqlRow): Database => ({
  ...docOf<DatabaseInput>(row),
  Name: textOf(row, "name"),
  CreateTime: numberOf(row, "created"),
  CatalogId: session.accountId,
});
