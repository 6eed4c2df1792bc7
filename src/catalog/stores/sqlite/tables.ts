/** Tables and their versions in the SQLite store. Every function runs inside a transaction of the caller. */
import { nearestName } from "../../../types/nearest-name.js";
import { canonicalJson } from "../../canonical-json.js";
import { alreadyExists, concurrentModification, entityNotFound } from "../../catalog-errors.js";
import { foldName, foldTable } from "../../fold-names.js";
import type { PageRequest } from "../../index.js";
import type { Page, Table, TableInput } from "../../model.js";
import { namePattern } from "../../name-pattern.js";
import { pageSize, pageToken, readPageToken } from "../../page-token.js";
import { databaseId, SUGGESTED_FROM } from "./databases.js";
import { checkIndexedKeys, dropIndexes } from "./partition-indexes.js";
import { rekeyPartitions } from "./partition-rekey.js";
import { docOf, numberOf, type Session, type SqlRow, textOf } from "./session.js";

/** A table as it stands. */
export type TableRow = {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  readonly version: number;
  readonly input: TableInput;
  /** The resource link that led here. */
  readonly link?: string;
};

const SELECT = `SELECT t.id, t.name, t.version, t.created, v.updated, d.name AS database, x.doc
  FROM tables t JOIN databases d ON d.id = t.database_id
  JOIN table_versions v ON v.table_id = t.id AND v.version = t.version JOIN table_version_docs x ON x.id = v.id`;

/** A table of a database that is no link. */
const PLAIN = `${SELECT} JOIN database_docs y ON y.id = d.id WHERE d.name = ? AND t.name = ? AND instr(y.doc, '"TargetDatabase":') = 0`;

export type TableUpdate = { readonly versionId?: string; readonly skipArchive?: boolean };

export function createTable(session: Session, database: string, input: TableInput): void {
  const owner = databaseId(session, database);
  const doc = foldTable(input);
  if (session.row("SELECT 1 FROM tables WHERE database_id = ? AND name = ?", owner, doc.Name) !== undefined) {
    throw alreadyExists("Table already exists.", { path: `${foldName(database)}.${doc.Name}` });
  }
  const id = session.insert(
    "INSERT INTO tables (database_id, name, version, created) VALUES (?, ?, 0, ?)",
    owner,
    doc.Name,
    session.now(),
  );
  addVersion(session, id, 0, doc);
}

export function getTable(session: Session, database: string, name: string): Table {
  return linkedTable(session, requireRow(session, database, name));
}

/** The table by one statement; undefined where more are needed: for links, and to say what is missing. */
export function plainTable(session: Session, database: string, name: string): Table | undefined {
  const row = session.row(PLAIN, foldName(database), foldName(name));
  const table = row === undefined ? undefined : tableOf(session, row);
  return table?.TargetTable === undefined ? table : undefined;
}

export function getTables(
  session: Session,
  database: string,
  options: PageRequest & { readonly expression?: string } = {},
): Page<Table> {
  const owner = databaseId(session, database);
  const size = pageSize(options, 100);
  const scope = ["tables", foldName(database), options.expression ?? ""];
  const matches =
    options.expression === undefined || options.expression === "" ? undefined : namePattern(options.expression);
  const after = readPageToken(scope, options.nextToken) ?? "";
  const names = session
    .rows("SELECT name FROM tables WHERE database_id = ? AND name > ? ORDER BY name", owner, after)
    .map((row) => textOf(row, "name"));
  const wanted = matches === undefined ? names : names.filter(matches);
  const items = wanted.slice(0, size).map((name) => getTable(session, database, name));
  const last = items.at(-1);
  return wanted.length > size && last !== undefined ? { items, nextToken: pageToken(scope, last.Name) } : { items };
}

/** Writes a new version only when the table changed; true when it did. */
export function updateTable(session: Session, database: string, input: TableInput, options: TableUpdate = {}): boolean {
  const folded = foldTable(input);
  const table = tableRow(session, database, folded.Name);
  requireVersion(table, options.versionId);
  const doc = table.link === undefined ? folded : ofTarget(folded, table);
  if (canonicalJson(doc) === canonicalJson(table.input)) return false;
  checkIndexedKeys(session, table, doc);
  rekeyPartitions(session, table.id, table.input.PartitionKeys ?? [], doc.PartitionKeys ?? []);
  if (options.skipArchive === true)
    session.run("DELETE FROM table_versions WHERE table_id = ? AND version = ?", table.id, table.version);
  session.run("UPDATE tables SET version = ? WHERE id = ?", table.version + 1, table.id);
  addVersion(session, table.id, table.version + 1, doc);
  return true;
}

/** Its partitions, versions, ledgers and schema history go with it. Of a resource link only the link goes. */
export function deleteTable(session: Session, database: string, name: string): void {
  const id = numberOf(requireRow(session, database, name), "id");
  dropIndexes(session, [id]);
  session.run("DELETE FROM tables WHERE id = ?", id);
}

/**
 * The table that a name stands for: a resource link's is its target.
 * @throws EntityNotFoundException for the database or the table, also a link's.
 */
export function tableRow(session: Session, database: string, name: string): TableRow {
  const table = rowOf(requireRow(session, database, name));
  const { TargetTable: target } = table.input;
  if (target === undefined) return table;
  const found = targetRow(session, target);
  if (found === undefined) throw missing(session, target.DatabaseName ?? database, target.Name ?? name);
  return { ...rowOf(found), link: `${table.database}.${table.name}` };
}

const rowOf = (row: SqlRow): TableRow => ({
  id: numberOf(row, "id"),
  database: textOf(row, "database"),
  name: textOf(row, "name"),
  version: numberOf(row, "version"),
  input: docOf<TableInput>(row),
});

/** The table, or undefined; EntityNotFoundException for the database only. */
export function findTable(session: Session, database: string, name: string): TableRow | undefined {
  const owner = databaseId(session, database);
  const found = session.row("SELECT 1 FROM tables WHERE database_id = ? AND name = ?", owner, foldName(name));
  return found === undefined ? undefined : tableRow(session, database, name);
}

/** Optimistic lock: undefined holds always. */
export function requireVersion(table: TableRow, versionId: string | undefined): void {
  if (versionId === undefined || versionId === String(table.version)) return;
  throw concurrentModification(`Update table failed due to concurrent modifications.`, {
    path: `${table.database}.${table.name}`,
    expected: `version ${versionId}`,
    found: `version ${table.version}`,
    hint: "get the table again and repeat the change on it",
  });
}

export const tableOf = (session: Session, row: SqlRow): Table => ({
  ...docOf<TableInput>(row),
  DatabaseName: textOf(row, "database"),
  CreateTime: numberOf(row, "created"),
  UpdateTime: numberOf(row, "updated"),
  IsRegisteredWithLakeFormation: false,
  CatalogId: session.accountId,
  VersionId: String(numberOf(row, "version")),
});

function requireRow(session: Session, database: string, name: string): SqlRow {
  const [inDatabase, table] = [foldName(database), foldName(name)];
  // one look-up for what nearly every call names; links and what is missing are told apart after it
  const row =
    session.row(PLAIN, inDatabase, table)
    ?? session.row(`${SELECT} WHERE t.database_id = ? AND t.name = ?`, databaseId(session, database), table);
  if (row === undefined) throw missing(session, database, name);
  return row;
}

function missing(session: Session, inDatabase: string, name: string): Error {
  const [database, table] = [foldName(inDatabase), foldName(name)];
  const names = session.rows(
    "SELECT t.name FROM tables t JOIN databases d ON d.id = t.database_id WHERE d.name = ? ORDER BY t.name LIMIT ?",
    database,
    SUGGESTED_FROM,
  );
  const near = nearestName(
    table,
    names.map((row) => textOf(row, "name")),
  );
  return entityNotFound(`Table ${name} not found.`, {
    path: `${database}.${table}`,
    hint: near === undefined ? "check the name, or list the tables" : `Did you mean ${database}.${near}?`,
  });
}

/** What a link leads to; undefined when it is not in this catalog, or is a link itself. */
function targetRow(
  session: Session,
  { CatalogId, DatabaseName = "", Name = "" }: NonNullable<TableInput["TargetTable"]>,
): SqlRow | undefined {
  if (CatalogId !== undefined && CatalogId !== session.accountId) return undefined;
  const row = session.row(`${SELECT} WHERE d.name = ? AND t.name = ?`, foldName(DatabaseName), foldName(Name));
  return row === undefined || docOf<TableInput>(row).TargetTable !== undefined ? undefined : row;
}

/**
 * A resource link has its own name and the properties and version of its target; one that leads nowhere has its own.
 */
function linkedTable(session: Session, row: SqlRow): Table {
  const table = tableOf(session, row);
  const target = table.TargetTable === undefined ? undefined : targetRow(session, table.TargetTable);
  if (target === undefined || table.TargetTable === undefined) return table;
  return {
    ...tableOf(session, target),
    Name: table.Name,
    DatabaseName: table.DatabaseName,
    CreateTime: table.CreateTime,
    TargetTable: table.TargetTable,
  };
}

// what was read through a link names the link and its target; the target itself is no link
function ofTarget({ TargetTable: _, ...input }: TableInput, { name }: TableRow): TableInput {
  return { ...input, Name: name };
}

function addVersion(session: Session, table: number, version: number, doc: TableInput): void {
  const id = session.insert(
    "INSERT INTO table_versions (table_id, version, updated) VALUES (?, ?, ?)",
    table,
    version,
    session.now(),
  );
  session.run("INSERT INTO table_version_docs (id, doc) VALUES (?, ?)", id, JSON.stringify(doc));
}
