/** Partitions in the SQLite store. Every function runs inside a transaction of the caller. */
import { HIVE_DEFAULT_PARTITION } from "../../../storage/hive-path.js";
import { alreadyExists, entityNotFound, invalidInput } from "../../catalog-errors.js";
import { bindExpression } from "../../expression/bind.js";
import { parsePartitionExpression } from "../../expression/parse.js";
import { keyFamily, misfitMessage, parseKeyValue } from "../../expression/key-type.js";
import { foldPartition } from "../../fold-names.js";
import type { Page, Partition, PartitionError, PartitionInput } from "../../model.js";
import type { PartitionIndex, PartitionListing, Segment } from "../../partition-requests.js";
import { pageSize, pageToken, readPageToken } from "../../page-token.js";
import { insertPartitions } from "./insert-partitions.js";
import { indexes } from "./partition-indexes.js";
import { partitionKeyRow } from "./partition-key.js";
import { findPartitions, sortKeyOf } from "./partition-query.js";
import { docOf, numberOf, type Session, type SqlRow } from "./session.js";
import { type TableRow, tableRow } from "./tables.js";

export function batchCreatePartition(session: Session, database: string, name: string, inputs: readonly PartitionInput[]): readonly PartitionError[] {
  const table = tableRow(session, database, name);
  const indexed = indexes(session, table.id);
  const wrongs = inputs.map((input) => countError(table, input.Values) ?? indexedValueError(table, indexed, input.Values));
  const inserted = insertPartitions(session, table, inputs.filter((_, i) => wrongs[i] === undefined)).values();
  return inputs.flatMap((input, i) => {
    const wrong = wrongs[i];
    if (wrong !== undefined) return [partitionError(input.Values, "InvalidInputException", wrong)];
    return inserted.next().value === true ? [] : [partitionError(input.Values, "AlreadyExistsException", "Partition already exists.")];
  });
}

export function getPartition(session: Session, database: string, name: string, values: readonly string[]): Partition {
  const table = tableRow(session, database, name);
  const id = partitionId(session, table, values);
  const row = session.row("SELECT p.created, x.doc FROM partitions p JOIN partition_docs x ON x.id = p.id WHERE p.id = ?", id);
  if (row === undefined) throw missing(table, values);
  return partitionOf(session, table, row);
}

export function getPartitions(
  session: Session, database: string, name: string, options: PartitionListing = {},
): Page<Partition> {
  const { segment } = options;
  checkSegment(segment);
  const size = pageSize(options, 1000);
  const parsed = parsePartitionExpression(options.expression ?? "");
  const table = tableRow(session, database, name);
  const keys = (table.input.PartitionKeys ?? []).map((key) => ({ name: key.Name, type: key.Type ?? "string" }));
  const bound = parsed === undefined ? undefined : bindExpression(parsed, keys);
  const scope = ["partitions", table.database, table.name, options.expression ?? "", segment === undefined ? "" : `${segment.SegmentNumber}/${segment.TotalSegments}`];
  const after = readPageToken(scope, options.nextToken);
  const rows = findPartitions(session, table.id, bound, after === undefined ? undefined : Buffer.from(after, "base64url"), size + 1, segment);
  const items = rows.slice(0, size).map((row) => partitionOf(session, table, row)).map((partition) => (options.excludeColumnSchema === true ? withoutColumns(partition) : partition));
  const last = rows.length > size ? rows[size - 1] : undefined;
  return last === undefined ? { items } : { items, nextToken: pageToken(scope, Buffer.from(sortKeyOf(session, last)).toString("base64url")) };
}

export function updatePartition(session: Session, database: string, name: string, values: readonly string[], input: PartitionInput): void {
  const table = tableRow(session, database, name);
  const id = partitionId(session, table, values);
  const wrong = countError(table, input.Values) ?? indexedValueError(table, indexes(session, table.id), input.Values);
  if (wrong !== undefined) throw invalidInput(wrong);
  const target = findPartition(session, table, input.Values);
  if (target !== undefined && target !== id) throw alreadyExists("Partition already exists.", { path: pathOf(table, input.Values) });
  const key = partitionKeyRow(table.input.PartitionKeys ?? [], input.Values);
  session.run(
    "UPDATE partitions SET sort_key = ?, misfits = ?, k0 = ?, k1 = ?, k2 = ?, k3 = ?, k4 = ?, k5 = ?, k6 = ?, k7 = ?, extra = ? WHERE id = ?",
    key.sortKey, key.misfits, ...key.columns, id);
  session.run("UPDATE partition_docs SET doc = ? WHERE id = ?", JSON.stringify(foldPartition(input)), id);
}

export function deletePartition(session: Session, database: string, name: string, values: readonly string[]): void {
  const table = tableRow(session, database, name);
  session.run("DELETE FROM partitions WHERE id = ?", partitionId(session, table, values));
}

/** Creates or replaces; the time of creation stays. */
export function putPartition(session: Session, table: TableRow, input: PartitionInput): void {
  const wrong = countError(table, input.Values);
  if (wrong !== undefined) throw invalidInput(wrong, { path: pathOf(table, input.Values) });
  const id = findPartition(session, table, input.Values);
  if (id === undefined) insertPartitions(session, table, [input]);
  else session.run("UPDATE partition_docs SET doc = ? WHERE id = ?", JSON.stringify(foldPartition(input)), id);
}

/** A partition that is not there is no error. */
export function dropPartition(session: Session, table: TableRow, values: readonly string[]): void {
  const id = countError(table, values) === undefined ? findPartition(session, table, values) : undefined;
  if (id !== undefined) session.run("DELETE FROM partitions WHERE id = ?", id);
}

function findPartition(session: Session, table: TableRow, values: readonly string[]): number | undefined {
  const { sortKey } = partitionKeyRow(table.input.PartitionKeys ?? [], values);
  const row = session.row("SELECT id FROM partitions WHERE table_id = ? AND sort_key = ?", table.id, sortKey);
  return row === undefined ? undefined : numberOf(row, "id");
}

/** @throws InvalidInputException for another number of values than keys, EntityNotFoundException. */
export function partitionId(session: Session, table: TableRow, values: readonly string[]): number {
  const wrong = countError(table, values);
  if (wrong !== undefined) throw invalidInput(wrong);
  const id = findPartition(session, table, values);
  if (id === undefined) throw missing(table, values);
  return id;
}

function countError(table: TableRow, values: readonly string[]): string | undefined {
  const keys = table.input.PartitionKeys ?? [];
  if (keys.length === values.length && keys.length > 0) return undefined;
  return `The number of partition keys do not match the number of partition values: ${keys.length} keys, ${values.length} values`;
}

// with an index, Glue checks the values of its keys as they come
function indexedValueError(table: TableRow, indexed: readonly PartitionIndex[], values: readonly string[]): string | undefined {
  if (indexed.length === 0) return undefined;
  const names = new Set(indexed.flatMap((index) => index.Keys));
  for (const [i, key] of (table.input.PartitionKeys ?? []).entries()) {
    const value = values[i] ?? "";
    if (!names.has(key.Name) || value === HIVE_DEFAULT_PARTITION) continue;
    const family = keyFamily(key.Type ?? "string") ?? "string";
    if (parseKeyValue(family, value) === undefined) return misfitMessage(family, value);
  }
  return undefined;
}

function checkSegment(segment: Segment | undefined): void {
  if (segment === undefined) return;
  const { SegmentNumber: number, TotalSegments: total } = segment;
  if (Number.isInteger(total) && total >= 1 && total <= 10 && Number.isInteger(number) && number >= 0 && number < total) return;
  throw invalidInput("Segment numbers go from 0 to TotalSegments − 1, of 1 to 10 segments", { path: "Segment", found: `${number} of ${total}` });
}

function withoutColumns(partition: Partition): Partition {
  if (partition.StorageDescriptor === undefined) return partition;
  const { Columns: _, ...storage } = partition.StorageDescriptor;
  return { ...partition, StorageDescriptor: storage };
}

const pathOf = (table: TableRow, values: readonly string[]): string => `${table.database}.${table.name}[${values.join(", ")}]`;

const missing = (table: TableRow, values: readonly string[]): Error =>
  entityNotFound("Cannot find partition.", { path: pathOf(table, values), hint: "list the table's partitions" });

const partitionError = (values: readonly string[], code: string, message: string): PartitionError =>
  ({ PartitionValues: [...values], ErrorDetail: { ErrorCode: code, ErrorMessage: message } });

const partitionOf = (session: Session, table: TableRow, row: SqlRow): Partition => ({
  ...docOf<PartitionInput>(row), DatabaseName: table.database, TableName: table.name, CreationTime: numberOf(row, "created"), CatalogId: session.accountId,
});
