/**
 * Finds partitions by an expression: picks the index that leaves the fewest rows, by probing, and lets SQL filter the
 * rest.
 */
import { invalidState } from "../../catalog-errors.js";
import type { BoundExpression } from "../../expression/ast.js";
import { keysOf } from "../../expression/bind.js";
import { type KeyFamily, misfitMessage } from "../../expression/key-type.js";
import type { PartitionInput } from "../../model.js";
import type { Segment } from "../../partition-requests.js";
import { INDEXED_KEYS } from "./migrations.js";
import { indexedKeys, keyIndexName } from "./key-indexes.js";
import { partitionFilter } from "./partition-filter.js";
import { indexes, sqlIndexName, type StoredIndex } from "./partition-indexes.js";
import { sortComponent, VALUE_TAG } from "./partition-key.js";
import { type KeyRange, rangesOf } from "./partition-range.js";
import { bytesOf, docOf, numberOf, type Session, type SqlValue, textOf } from "./session.js";

/** Rows beyond which probing an index stops: sorting that many costs less than a page of documents. */
const PROBE_LIMIT = 2000;

/** Rows that a page may read in vain before an index of a key pays. */
const SCAN_LIMIT = 5000;

type Access = {
  /** How SQLite is told the tree to search. */
  readonly by: string;
  /** Conditions on the index's own key; "1" for none. */
  readonly where: string;
  readonly values: readonly SqlValue[];
  /** Bounds of sort_key, the lower one inclusive. */
  readonly low?: Uint8Array;
  readonly high?: Uint8Array;
  /** Gives rows in order of sort_key. */
  readonly sorted: boolean;
};

type PartitionQuery = { readonly sql: string; readonly values: readonly SqlValue[] };

/** What a page is of. `from`: the first key it may have. */
export type PartitionSearch = {
  readonly expression: BoundExpression | undefined;
  readonly from?: Uint8Array | undefined;
  readonly size: number;
  readonly segment?: Segment | undefined;
};

/** Partitions in order of their keys, each with its time of creation. */
export type FoundPartitions = {
  readonly docs: readonly PartitionInput[];
  readonly created: readonly number[];
  /** Where the page after this one begins. */
  readonly next?: Uint8Array;
  /** Places of the keys whose index would have spared reading many partitions in vain. */
  readonly unindexed: readonly number[];
};

export function findPartitions(session: Session, table: number, search: PartitionSearch): FoundPartitions {
  if (search.expression !== undefined) refuseMisfits(session, table, search.expression);
  const { sql, values, unindexed } = partitionQuery(session, table, search);
  const row = session.row(pageOf(sql), ...values) ?? {};
  const count = numberOf(row, "n");
  if (count === 0) return { docs: [], created: [], unindexed };
  const [docs, created] = [
    JSON.parse(`[${textOf(row, "docs")}]`) as PartitionInput[],
    JSON.parse(`[${textOf(row, "created")}]`) as number[],
  ];
  return count > search.size
    ? { docs: docs.slice(0, search.size), created, next: bytesOf(row, "last"), unindexed }
    : { docs, created, unindexed };
}

// a page comes as one text, and is parsed as one: a row of its own costs more than the document in it. SQLite
// concatenates in the order of the rows it is given
const pageOf = (sql: string): string =>
  `SELECT count(*) AS n, group_concat(doc, ',') AS docs, group_concat(created, ',') AS created, max(sort_key) AS last FROM (${sql})`;

/**
 * The statement that gives the rows of a page, and one more when there are further ones; its plan is what EXPLAIN QUERY
 * PLAN shows.
 */
export function partitionQuery(
  session: Session,
  table: number,
  { expression, from, size, segment }: PartitionSearch,
): PartitionQuery & { readonly unindexed: readonly number[] } {
  const { access, unindexed } =
    expression === undefined ? { access: WHOLE, unindexed: [] } : chooseAccess(session, table, expression);
  const filter = expression === undefined ? { sql: "1", values: [] } : partitionFilter(expression);
  const bounds = sortBounds(access, from);
  const part =
    segment === undefined
      ? { sql: "1", values: [] }
      : { sql: "p.slot % ? = ?", values: [segment.TotalSegments, segment.SegmentNumber] };
  const sql = `SELECT p.created, p.sort_key, p.doc FROM partitions p ${access.by}
    WHERE p.table_id = ? AND ${access.where} AND ${bounds.sql} AND ${filter.sql} AND ${part.sql} ORDER BY p.sort_key LIMIT ?`;
  return {
    sql,
    values: [table, ...access.values, ...bounds.values, ...filter.values, ...part.values, size + 1],
    unindexed,
  };
}

// one lower bound only: of two SQLite would seek to either, and could walk over all that lies between them
function sortBounds(access: Access, from: Uint8Array | undefined): PartitionQuery {
  const resumed = from !== undefined && (access.low === undefined || Buffer.compare(from, access.low) > 0);
  const low = (resumed ? from : access.low) ?? new Uint8Array(0);
  return access.high === undefined
    ? { sql: "p.sort_key >= ?", values: [low] }
    : { sql: "p.sort_key >= ? AND p.sort_key < ?", values: [low, access.high] };
}

// the tree of the partitions themselves is in order of their keys
const CLUSTERED = "NOT INDEXED";
const WHOLE: Access = { by: CLUSTERED, where: "1", values: [], sorted: true };

function chooseAccess(
  session: Session,
  table: number,
  expression: BoundExpression,
): { readonly access: Access; readonly unindexed: readonly number[] } {
  const ranges = rangesOf(expression);
  const leading = leadingAccess(ranges);
  const indexed = indexedKeys(session);
  const composite = indexes(session, table).flatMap((index) => indexAccess(table, index, ranges));
  const single = ranges.filter((range) => indexed.has(range.key.index)).map(keyAccess);
  const candidates = [...(leading === undefined ? [] : [leading.access]), ...single, ...composite];
  const probed = candidates
    .map((access) => ({ access, rows: probe(session, table, access, PROBE_LIMIT) }))
    .sort((a, b) => a.rows - b.rows);
  const [best] = probed;
  if (best !== undefined && best.rows < PROBE_LIMIT) return { access: best.access, unindexed: [] };
  // too many rows to sort for one page: only an access that already is in order helps
  const access = candidates.find((candidate) => candidate.sorted) ?? WHOLE;
  const unindexed = ranges
    .map((range) => range.key.index)
    .filter((key) => INDEXED_KEYS.includes(key) && !indexed.has(key) && key >= (leading?.keys ?? 0));
  return {
    access,
    unindexed: unindexed.length > 0 && probe(session, table, access, SCAN_LIMIT) === SCAN_LIMIT ? unindexed : [],
  };
}

function probe(session: Session, table: number, access: Access, limit: number): number {
  const bounds = access.low === undefined ? { sql: "1", values: [] } : sortBounds(access, undefined);
  const row = session.row(
    `SELECT count(*) AS n FROM (SELECT 1 FROM partitions p ${access.by} WHERE p.table_id = ? AND ${access.where} AND ${bounds.sql} LIMIT ${limit})`,
    table,
    ...access.values,
    ...bounds.values,
  );
  return row === undefined ? limit : numberOf(row, "n");
}

// sort_key begins with the first keys' values, so equal first keys, then a range of the next, are one range of it.
// `keys`: how many it is a range of
function leadingAccess(ranges: readonly KeyRange[]): { readonly access: Access; readonly keys: number } | undefined {
  let prefix: Uint8Array = new Uint8Array(0);
  for (let index = 0; ; index += 1) {
    const own = ranges.find((r) => r.key.index === index);
    if (own?.equal !== undefined) {
      prefix = Buffer.concat([prefix, sortComponent(own.equal), END]);
      continue;
    }
    if (own === undefined && index === 0) return undefined;
    const [low, high] =
      own === undefined ? [prefix, Buffer.concat([prefix.subarray(0, -1), PAST_END])] : boundsOf(prefix, own);
    return {
      access: { by: CLUSTERED, sorted: true, where: "1", values: [], low, high },
      keys: own === undefined ? index : index + 1,
    };
  }
}

function boundsOf(prefix: Uint8Array, range: KeyRange): readonly [Uint8Array, Uint8Array] {
  const low = range.low === undefined ? FIRST_VALUE : sortComponent(range.low);
  const high = range.high === undefined ? PAST_VALUES : Buffer.concat([sortComponent(range.high), PAST_END]);
  return [Buffer.concat([prefix, low]), Buffer.concat([prefix, high])];
}

const END = Buffer.from([0]);
const PAST_END = Buffer.from([1]);
const FIRST_VALUE = Buffer.from([VALUE_TAG]);
const PAST_VALUES = Buffer.from([VALUE_TAG + 1]);

function keyAccess(range: KeyRange): Access {
  const { index } = range.key;
  const by = `INDEXED BY ${keyIndexName(index)}`;
  if (range.equal !== undefined) return { by, where: `p.k${index} = ?`, values: [range.equal], sorted: true };
  const bounds = [
    range.low === undefined ? [] : [`p.k${index} >= ?`],
    range.high === undefined ? [] : [`p.k${index} <= ?`],
  ].flat();
  const values = [range.low, range.high].filter((bound) => bound !== undefined);
  return { by, where: bounds.join(" AND "), values, sorted: false };
}

/** A PartitionIndex of the table: equal values of its first keys, then at most one range. */
function indexAccess(table: number, { id, positions }: StoredIndex, ranges: readonly KeyRange[]): readonly Access[] {
  // the table's number stands in the text: SQLite uses a partial index only where it can see that the condition holds
  const terms: string[] = [`p.table_id = ${table}`];
  const values: SqlValue[] = [];
  for (const position of positions) {
    const range = ranges.find((r) => r.key.index === position);
    if (range === undefined) break;
    if (range.equal !== undefined) {
      terms.push(`p.k${position} = ?`);
      values.push(range.equal);
      continue;
    }
    for (const [op, bound] of [
      [">=", range.low],
      ["<=", range.high],
    ] as const)
      if (bound !== undefined) {
        terms.push(`p.k${position} ${op} ?`);
        values.push(bound);
      }
    break;
  }
  if (values.length === 0) return [];
  return [{ by: `INDEXED BY ${sqlIndexName(id)}`, where: terms.join(" AND "), values, sorted: false }];
}

function refuseMisfits(session: Session, table: number, expression: BoundExpression): void {
  const keys = keysOf(expression);
  const bits = keys.map((key) => 2 ** key.index).reduce((sum, bit) => sum + bit, 0);
  const row = session.row(
    "SELECT misfits, doc FROM partitions INDEXED BY partition_misfits WHERE table_id = ? AND misfits <> 0 AND (misfits & ?) <> 0 LIMIT 1",
    table,
    bits,
  );
  if (row === undefined) return;
  const misfits = BigInt(numberOf(row, "misfits"));
  const key = keys.find((k) => (misfits >> BigInt(k.index)) & 1n);
  const text = docOf<PartitionInput>(row).Values[key?.index ?? 0] ?? "";
  throw misfit(key?.family ?? "string", text);
}

const misfit = (family: KeyFamily, text: string): Error =>
  invalidState(misfitMessage(family, text), { found: text, hint: "change the key's type, or delete the partition" });
