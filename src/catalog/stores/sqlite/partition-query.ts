/** Finds partitions by an expression: picks the index that leaves the fewest rows, by probing, and lets SQL filter the rest. */
import { invalidState } from "../../catalog-errors.js";
import type { BoundExpression } from "../../expression/ast.js";
import { keysOf } from "../../expression/bind.js";
import { type KeyFamily, misfitMessage } from "../../expression/key-type.js";
import type { PartitionInput } from "../../model.js";
import type { Segment } from "../../partition-requests.js";
import { INDEXED_KEYS } from "./migrations.js";
import { partitionFilter } from "./partition-filter.js";
import { indexes, sqlIndexName, type StoredIndex } from "./partition-indexes.js";
import { sortComponent, VALUE_TAG } from "./partition-key.js";
import { type KeyRange, rangesOf } from "./partition-range.js";
import { bytesOf, docOf, numberOf, type Session, type SqlRow, type SqlValue } from "./session.js";

/** Rows beyond which probing an index stops: sorting that many costs less than a page of documents. */
const PROBE_LIMIT = 2000;

type Access = {
  readonly index: string;
  /** Conditions on the index's own key; "1" for none. */
  readonly where: string;
  readonly values: readonly SqlValue[];
  /** Bounds of sort_key, the lower one inclusive. */
  readonly low?: Uint8Array;
  readonly high?: Uint8Array;
  /** Gives rows in order of sort_key. */
  readonly sorted: boolean;
};

export type PartitionQuery = { readonly sql: string; readonly values: readonly SqlValue[] };

/** The rows of one page in order of `sort_key`, and one more when there are further ones. */
export function findPartitions(
  session: Session, table: number, expression: BoundExpression | undefined, after: Uint8Array | undefined, limit: number, segment?: Segment,
): readonly SqlRow[] {
  if (expression !== undefined) refuseMisfits(session, table, expression);
  const query = partitionQuery(session, table, expression, after, limit, segment);
  return session.rows(query.sql, ...query.values);
}

/** Where the page after a row goes on. Asked for one row a page: bytes are dear to get from SQLite. */
export const sortKeyOf = (session: Session, row: SqlRow): Uint8Array => bytesOf(session.row("SELECT sort_key FROM partitions WHERE id = ?", numberOf(row, "id")) ?? {}, "sort_key");

/** The statement behind a page; its plan is what EXPLAIN QUERY PLAN shows. */
export function partitionQuery(
  session: Session, table: number, expression: BoundExpression | undefined, after: Uint8Array | undefined, limit: number, segment?: Segment,
): PartitionQuery {
  const access = expression === undefined ? WHOLE : chooseAccess(session, table, expression);
  const filter = expression === undefined ? { sql: "1", values: [] } : partitionFilter(expression);
  const bounds = sortBounds(access, after);
  const part = segment === undefined ? { sql: "1", values: [] } : { sql: "p.id % ? = ?", values: [segment.TotalSegments, segment.SegmentNumber] };
  const sql = `SELECT p.id, p.created, x.doc FROM partitions p INDEXED BY ${access.index} JOIN partition_docs x ON x.id = p.id
    WHERE p.table_id = ? AND ${access.where} AND ${bounds.sql} AND ${filter.sql} AND ${part.sql} ORDER BY p.sort_key LIMIT ?`;
  return { sql, values: [table, ...access.values, ...bounds.values, ...filter.values, ...part.values, limit] };
}

// one lower bound only: of two SQLite would seek to either, and could walk over all that lies between them
function sortBounds(access: Access, after: Uint8Array | undefined): PartitionQuery {
  const resumed = after !== undefined && (access.low === undefined || Buffer.compare(after, access.low) >= 0);
  const low = (resumed ? after : access.low) ?? new Uint8Array(0);
  const [above, below] = [resumed ? "p.sort_key > ?" : "p.sort_key >= ?", access.high === undefined ? [] : [access.high]];
  return { sql: below.length === 0 ? above : `${above} AND p.sort_key < ?`, values: [low, ...below] };
}

const WHOLE: Access = { index: "partition_sort_key", where: "1", values: [], sorted: true };

function chooseAccess(session: Session, table: number, expression: BoundExpression): Access {
  const ranges = rangesOf(expression);
  const leading = leadingAccess(ranges);
  const composite = indexes(session, table).flatMap((index) => indexAccess(table, index, ranges));
  const candidates = [leading, ...ranges.flatMap(keyAccess), ...composite].filter((a) => a !== undefined);
  const probed = candidates.map((access) => ({ access, rows: probe(session, table, access) })).sort((a, b) => a.rows - b.rows);
  const [best] = probed;
  if (best !== undefined && best.rows < PROBE_LIMIT) return best.access;
  // too many rows to sort for one page: only an access that already is in order helps
  return candidates.find((access) => access.sorted) ?? WHOLE;
}

function probe(session: Session, table: number, access: Access): number {
  const bounds = access.low === undefined ? { sql: "1", values: [] } : sortBounds(access, undefined);
  const row = session.row(
    `SELECT count(*) AS n FROM (SELECT 1 FROM partitions p INDEXED BY ${access.index} WHERE p.table_id = ? AND ${access.where} AND ${bounds.sql} LIMIT ${PROBE_LIMIT})`,
    table, ...access.values, ...bounds.values);
  return row === undefined ? PROBE_LIMIT : numberOf(row, "n");
}

// sort_key begins with the first keys' values, so equal first keys, then a range of the next, are one range of it
function leadingAccess(ranges: readonly KeyRange[]): Access | undefined {
  let prefix: Uint8Array = new Uint8Array(0);
  for (let index = 0; ; index += 1) {
    const own = ranges.find((r) => r.key.index === index);
    if (own?.equal !== undefined) { prefix = Buffer.concat([prefix, sortComponent(own.equal), END]); continue; }
    if (own === undefined && index === 0) return undefined;
    const [low, high] = own === undefined ? [prefix, Buffer.concat([prefix.subarray(0, -1), PAST_END])] : boundsOf(prefix, own);
    return { index: "partition_sort_key", sorted: true, where: "1", values: [], low, high };
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

function keyAccess(range: KeyRange): readonly Access[] {
  const { index } = range.key;
  if (!INDEXED_KEYS.includes(index)) return [];
  const name = `partition_key_${index}`;
  if (range.equal !== undefined) return [{ index: name, where: `p.k${index} = ?`, values: [range.equal], sorted: true }];
  const bounds = [range.low === undefined ? [] : [`p.k${index} >= ?`], range.high === undefined ? [] : [`p.k${index} <= ?`]].flat();
  const values = [range.low, range.high].filter((bound) => bound !== undefined);
  return [{ index: name, where: bounds.join(" AND "), values, sorted: false }];
}

/** A PartitionIndex of the table: equal values of its first keys, then at most one range. */
function indexAccess(table: number, { id, positions }: StoredIndex, ranges: readonly KeyRange[]): readonly Access[] {
  // the table's number stands in the text: SQLite uses a partial index only where it can see that the condition holds
  const terms: string[] = [`p.table_id = ${table}`];
  const values: SqlValue[] = [];
  for (const position of positions) {
    const range = ranges.find((r) => r.key.index === position);
    if (range === undefined) break;
    if (range.equal !== undefined) { terms.push(`p.k${position} = ?`); values.push(range.equal); continue; }
    for (const [op, bound] of [[">=", range.low], ["<=", range.high]] as const) if (bound !== undefined) { terms.push(`p.k${position} ${op} ?`); values.push(bound); }
    break;
  }
  if (values.length === 0) return [];
  return [{ index: sqlIndexName(id), where: terms.join(" AND "), values, sorted: false }];
}

function refuseMisfits(session: Session, table: number, expression: BoundExpression): void {
  const keys = keysOf(expression);
  const bits = keys.map((key) => 2 ** key.index).reduce((sum, bit) => sum + bit, 0);
  const row = session.row(
    `SELECT p.misfits, x.doc FROM partitions p INDEXED BY partition_misfits JOIN partition_docs x ON x.id = p.id
     WHERE p.table_id = ? AND p.misfits <> 0 AND (p.misfits & ?) <> 0 LIMIT 1`, table, bits);
  if (row === undefined) return;
  const misfits = BigInt(numberOf(row, "misfits"));
  const key = keys.find((k) => (misfits >> BigInt(k.index)) & 1n);
  const text = docOf<PartitionInput>(row).Values[key?.index ?? 0] ?? "";
  throw misfit(key?.family ?? "string", text);
}

const misfit = (family: KeyFamily, text: string): Error =>
  invalidState(misfitMessage(family, text), { found: text, hint: "change the key's type, or delete the partition" });

