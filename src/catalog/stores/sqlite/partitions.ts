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
import { findPartitions } from "./partition-query.js";
import { UPDATE_KEY } from "./partition-rekey.js";
import { docOf, numberOf, type Session, type SqlRow } from "./session.js";
import { type TableRow, tableRow } from "./tables.js";

export function batchCreatePartition(
  session: Session,
  database: string,
  name: string,
  inputs: readonly PartitionInput[],
): readonly PartitionError[] {
  const table = tableRow(session, database, name);
  const indexed = indexes(session, table.id);
  const wrongs = inputs.map(
    (input) => countError(table, input.Values) ?? indexedValueError(table, indexed, input.Values),
  );
  const inserted = insertPartitions(
    session,
    table,
    inputs.filter((_, i) => wrongs[i] === undefined),
  ).values();
  return inputs.flatMap((input, i) => {
    const wrong = wrongs[i];
    if (wrong !== undefined) return [partitionError(input.Values, "InvalidInputException", wrong)];
    return inserted.next().value === true
      ? []
      : [partitionError(input.Values, "AlreadyExistsException", "Partition already exists.")];
  });
}

export function getPartition(session: Session, database: string, name: string, values: readonly string[]): Partition {
  const table = tableRow(session, database, name);
  const row = findPartition(session, table, values);
  if (row === undefined) throw missing(table, values);
  return partitionOf(session, table, docOf<PartitionInput>(row), numberOf(row, "created"));
}

/** `unindexed`: places of the keys whose index would have spared reading many partitions in vain. */
export type PartitionAnswer = { readonly page: Page<Partition>; readonly unindexed: readonly number[] };

export function getPartitions(
  session: Session,
  database: string,
  name: string,
  options: PartitionListing = {},
): PartitionAnswer {
  const { segment } = options;
  checkSegment(segment);
  const size = pageSize(options, 1000);
  const parsed = parsePartitionExpression(options.expression ?? "");
  const table = tableRow(session, database, name);
  const keys = (table.input.PartitionKeys ?? []).map((key) => ({ name: key.Name, type: key.Type ?? "string" }));
  const bound = parsed === undefined ? undefined : bindExpression(parsed, keys);
  const scope = [
    "partitions",
    table.database,
    table.name,
    options.expression ?? "",
    segment === undefined ? "" : `${segment.SegmentNumber}/${segment.TotalSegments}`,
  ];
  const from = readPageToken(scope, options.nextToken);
  const { docs, created, next, unindexed } = findPartitions(session, table.id, {
    expression: bound,
    from: from === undefined ? undefined : Buffer.from(from, "base64url"),
    size,
    segment,
  });
  const items = docs.map((doc, i) =>
    partitionOf(session, table, options.excludeColumnSchema === true ? withoutColumns(doc) : doc, created[i] ?? 0),
  );
  return {
    page:
      next === undefined ? { items } : { items, nextToken: pageToken(scope, Buffer.from(next).toString("base64url")) },
    unindexed,
  };
}

export function updatePartition(
  session: Session,
  database: string,
  name: string,
  values: readonly string[],
  input: PartitionInput,
): void {
  const table = tableRow(session, database, name);
  const before = partitionKey(session, table, values);
  const wrong = countError(table, input.Values) ?? indexedValueError(table, indexes(session, table.id), input.Values);
  if (wrong !== undefined) throw invalidInput(wrong);
  const key = partitionKeyRow(table.input.PartitionKeys ?? [], input.Values);
  if (Buffer.compare(before, key.sortKey) !== 0) {
    if (findPartition(session, table, input.Values) !== undefined)
      throw alreadyExists("Partition already exists.", { path: pathOf(table, input.Values) });
    session.run(UPDATE_KEY, key.sortKey, key.misfits, ...key.columns, table.id, before);
  }
  session.run(UPDATE_DOC, JSON.stringify(foldPartition(input)), table.id, key.sortKey);
}

export function deletePartition(session: Session, database: string, name: string, values: readonly string[]): void {
  const table = tableRow(session, database, name);
  session.run(DELETE, table.id, partitionKey(session, table, values));
}

/** Creates or replaces; the time of creation stays. */
export function putPartition(session: Session, table: TableRow, input: PartitionInput): void {
  const wrong = countError(table, input.Values);
  if (wrong !== undefined) throw invalidInput(wrong, { path: pathOf(table, input.Values) });
  if (insertPartitions(session, table, [input])[0] === true) return;
  session.run(UPDATE_DOC, JSON.stringify(foldPartition(input)), table.id, sortKeyOf(table, input.Values));
}

/** A partition that is not there is no error. */
export function dropPartition(session: Session, table: TableRow, values: readonly string[]): void {
  if (countError(table, values) === undefined) session.run(DELETE, table.id, sortKeyOf(table, values));
}

const UPDATE_DOC = "UPDATE partitions SET doc = ? WHERE table_id = ? AND sort_key = ?";
const DELETE = "DELETE FROM partitions WHERE table_id = ? AND sort_key = ?";

const sortKeyOf = (table: TableRow, values: readonly string[]): Uint8Array =>
  partitionKeyRow(table.input.PartitionKeys ?? [], values).sortKey;

/** @throws InvalidInputException for another number of values than keys. */
function findPartition(session: Session, table: TableRow, values: readonly string[]): SqlRow | undefined {
  const wrong = countError(table, values);
  if (wrong !== undefined) throw invalidInput(wrong);
  return session.row(
    "SELECT created, doc FROM partitions WHERE table_id = ? AND sort_key = ?",
    table.id,
    sortKeyOf(table, values),
  );
}

/**
 * The key of a partition that is there.
 * @throws InvalidInputException for another number of values than keys, EntityNotFoundException.
 */
export function partitionKey(session: Session, table: TableRow, values: readonly string[]): Uint8Array {
  if (findPartition(session, table, values) === undefined) throw missing(table, values);
  return sortKeyOf(table, values);
}

function countError(table: TableRow, values: readonly string[]): string | undefined {
  const keys = table.input.PartitionKeys ?? [];
  if (keys.length === values.length && keys.length > 0) return undefined;
  return `The number of partition keys do not match the number of partition values: ${keys.length} keys, ${values.length} values`;
}

// with an index, Glue checks the values of its keys as they come
function indexedValueError(
  table: TableRow,
  indexed: readonly PartitionIndex[],
  values: readonly string[],
): string | undefined {
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
  if (Number.isInteger(total) && total >= 1 && total <= 10 && Number.isInteger(number) && number >= 0 && number < total)
    return;
  throw invalidInput("Segment numbers go from 0 to TotalSegments − 1, of 1 to 10 segments", {
    path: "Segment",
    found: `${number} of ${total}`,
  });
}

function withoutColumns(doc: PartitionInput): PartitionInput {
  if (doc.StorageDescriptor === undefined) return doc;
  const { Columns: _, ...storage } = doc.StorageDescriptor;
  return { ...doc, StorageDescriptor: storage };
}

const pathOf = (table: TableRow, values: readonly string[]): string =>
  `${table.database}.${table.name}[${values.join(", ")}]`;

const missing = (table: TableRow, values: readonly string[]): Error =>
  entityNotFound("Cannot find partition.", { path: pathOf(table, values), hint: "list the table's partitions" });

const partitionError = (values: readonly string[], code: string, message: string): PartitionError => ({
  PartitionValues: [...values],
  ErrorDetail: { ErrorCode: code, ErrorMessage: message },
});

const partitionOf = (session: Session, table: TableRow, doc: PartitionInput, created: number): Partition => ({
  ...doc,
  DatabaseName: table.database,
  TableName: table.name,
  CreationTime: created,
  CatalogId: session.accountId,
});
