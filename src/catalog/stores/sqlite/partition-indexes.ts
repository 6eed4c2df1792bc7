/**
 * Partition indexes: each is an index of SQLite over the table's rows. Every function runs inside a transaction of the
 * caller.
 */
import { alreadyExists, entityNotFound, invalidInput, limitExceeded } from "../../catalog-errors.js";
import { foldName } from "../../fold-names.js";
import type { Column, PartitionInput, TableInput } from "../../model.js";
import type { PartitionIndex, PartitionIndexDescriptor } from "../../partition-requests.js";
import { KEY_COLUMNS } from "./migrations.js";
import { docOf, numberOf, type Session, textOf } from "./session.js";

/** An index that serves queries. `positions`: places of its keys among the table's. */
export type StoredIndex = PartitionIndex & { readonly id: number; readonly positions: readonly number[] };

type IndexedTable = {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  readonly input: TableInput;
};
type IndexError = NonNullable<PartitionIndexDescriptor["BackfillErrors"]>[number];

const MAX_INDEXES = 3;
/** Failed partitions that Glue keeps. */
const MAX_FAILURES = 10;
const KEY_TYPES: ReadonlySet<string> = new Set(["string", "int", "bigint", "long", "tinyint", "smallint"]);

export const sqlIndexName = (id: number): string => `partition_index_${id}`;

export function createPartitionIndex(session: Session, table: IndexedTable, index: PartitionIndex): void {
  const path = `${table.database}.${table.name}`;
  const known = session
    .rows("SELECT name FROM partition_indexes WHERE table_id = ?", table.id)
    .map((row) => textOf(row, "name"));
  if (known.includes(index.IndexName)) throw alreadyExists(`Index ${index.IndexName} already exists`, { path });
  if (known.length >= MAX_INDEXES)
    throw limitExceeded(`A table has at most ${MAX_INDEXES} partition indexes`, { path, hint: "delete one first" });
  const keys = index.Keys.map(foldName);
  const positions = keyPositions(table.input.PartitionKeys ?? [], keys, path);
  const failures = misfits(session, table.id, positions);
  const id = session.insert(
    "INSERT INTO partition_indexes (table_id, name, keys, status, errors) VALUES (?, ?, ?, ?, ?)",
    table.id,
    index.IndexName,
    JSON.stringify(keys),
    failures.length > 0 ? "FAILED" : "ACTIVE",
    failures.length > 0 ? JSON.stringify(failures) : null,
  );
  if (failures.length > 0) return;
  session.run(
    `CREATE INDEX ${sqlIndexName(id)} ON partitions (${positions.map((i) => `k${i}`).join(", ")}, sort_key) WHERE table_id = ${table.id}`,
  );
}

export function partitionIndexes(session: Session, table: IndexedTable): readonly PartitionIndexDescriptor[] {
  const keys = table.input.PartitionKeys ?? [];
  return session
    .rows("SELECT name, keys, status, errors FROM partition_indexes WHERE table_id = ? ORDER BY name", table.id)
    .map((row) => ({
      IndexName: textOf(row, "name"),
      IndexStatus: textOf(row, "status") as PartitionIndexDescriptor["IndexStatus"],
      Keys: docOf<string[]>(row, "keys").map((name) => ({
        Name: name,
        Type: keys.find((key) => key.Name === name)?.Type ?? "string",
      })),
      ...(row["errors"] === null ? {} : { BackfillErrors: docOf<readonly IndexError[]>(row, "errors") }),
    }));
}

export function deletePartitionIndex(session: Session, table: IndexedTable, name: string): void {
  const row = session.row("SELECT id FROM partition_indexes WHERE table_id = ? AND name = ?", table.id, name);
  if (row === undefined)
    throw entityNotFound(`Index ${name} not found.`, {
      path: `${table.database}.${table.name}`,
      hint: "list the table's partition indexes",
    });
  drop(session, numberOf(row, "id"));
}

/** The active indexes of a table. */
export function indexes(session: Session, table: number): readonly StoredIndex[] {
  const rows = session.rows(
    "SELECT id, name, keys FROM partition_indexes WHERE table_id = ? AND status = 'ACTIVE'",
    table,
  );
  if (rows.length === 0) return [];
  const input = docOf<TableInput>(
    session.row(
      "SELECT x.doc FROM tables t JOIN table_versions v ON v.table_id = t.id AND v.version = t.version JOIN table_version_docs x ON x.id = v.id WHERE t.id = ?",
      table,
    ) ?? {},
  );
  return rows.map((row) => {
    const keys = docOf<string[]>(row, "keys");
    return {
      id: numberOf(row, "id"),
      IndexName: textOf(row, "name"),
      Keys: keys,
      positions: keys.map((name) => (input.PartitionKeys ?? []).findIndex((key) => key.Name === name)),
    };
  });
}

/** Takes the indexes of tables that are about to go out of the file. */
export function dropIndexes(session: Session, tables: readonly number[]): void {
  for (const table of tables)
    for (const row of session.rows("SELECT id FROM partition_indexes WHERE table_id = ?", table))
      drop(session, numberOf(row, "id"));
}

/**
 * Keys that an index names cannot be renamed, retyped or reordered (Glue developer guide, "Working with partition
 * indexes").
 */
export function checkIndexedKeys(session: Session, table: IndexedTable, after: TableInput): void {
  const indexed = new Set(indexes(session, table.id).flatMap((index) => index.Keys));
  for (const [i, key] of (table.input.PartitionKeys ?? []).entries()) {
    const now = after.PartitionKeys?.[i];
    if (!indexed.has(key.Name) || (now?.Name === key.Name && now.Type === key.Type)) continue;
    throw invalidInput(`Partition key ${key.Name} is part of a partition index and cannot change`, {
      path: `${table.database}.${table.name}`,
      hint: "delete the index first",
    });
  }
}

function drop(session: Session, id: number): void {
  session.run(`DROP INDEX IF EXISTS ${sqlIndexName(id)}`);
  session.run("DELETE FROM partition_indexes WHERE id = ?", id);
}

function keyPositions(columns: readonly Column[], keys: readonly string[], path: string): readonly number[] {
  if (keys.length === 0 || new Set(keys).size < keys.length)
    throw invalidInput("A partition index names each of its keys once", { path });
  return keys.map((name) => {
    const position = columns.findIndex((column) => column.Name === name);
    const type = columns[position]?.Type ?? "string";
    if (position < 0) throw invalidInput(`${name} is not a partition key of the table`, { path, found: name });
    if (!KEY_TYPES.has(type.toLowerCase()))
      throw invalidInput(`A partition index cannot hold ${name}: its type is ${type}`, {
        path,
        expected: [...KEY_TYPES].join(", "),
        found: type,
      });
    if (position >= KEY_COLUMNS)
      throw invalidInput(
        `A partition index cannot hold ${name}: only the first ${KEY_COLUMNS} partition keys can be indexed`,
        { path },
      );
    return position;
  });
}

function misfits(session: Session, table: number, positions: readonly number[]): readonly IndexError[] {
  const bits = positions.map((position) => 2 ** position).reduce((sum, bit) => sum + bit, 0);
  const rows = session.rows(
    `SELECT doc FROM partitions INDEXED BY partition_misfits WHERE table_id = ? AND misfits <> 0 AND (misfits & ?) <> 0 LIMIT ${MAX_FAILURES}`,
    table,
    bits,
  );
  if (rows.length === 0) return [];
  return [
    {
      Code: "INVALID_PARTITION_TYPE_DATA_ERROR",
      Partitions: rows.map((row) => ({ Values: docOf<PartitionInput>(row).Values })),
    },
  ];
}
