/** Reads a query of PostgreSQL: one exported snapshot, one connection and cursor per part. */
import type { RunOptions } from "../../engine/index.js";
import { DynaframeError } from "../../types/error.js";
import type { StructType } from "../../types/data-type.js";
import type { Row } from "../../types/value.js";
import type { DatabaseAddress } from "../address.js";
import type { DatabaseRead } from "../index.js";
import { nextBatchSize } from "../batch-size.js";
import { requireDistinct } from "../result-columns.js";
import { mayChange, partitionCounts, refuseUnstable, stableCounts } from "../partition-check.js";
import { partConditions, type HashPartitions, type ReadRequest } from "../source-query.js";
import { loadTypes, planColumn } from "./column-type.js";
import { PostgresSession, type TextResult } from "./connect.js";
import { rowParser } from "./parse-value.js";
import { quoteIdentifier, quoteTable, quoteText } from "./quote.js";
import { settleTypes } from "./settle-types.js";

export async function openPostgresRead(
  address: DatabaseAddress,
  request: ReadRequest,
  run: RunOptions,
): Promise<DatabaseRead> {
  const { source, partitions } = request;
  if (partitions !== undefined) refuseUnstable(partitions);
  const first = await PostgresSession.open(address, run.signal);
  const open = [first];
  const close = async (): Promise<void> => {
    await Promise.all(open.map((s) => s.close()));
  };
  try {
    await first.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // a query may end in a comment
    const from = source.kind === "table" ? quoteTable(source.table) : `(${source.sql}\n) AS "source"`;
    const { fields } = await first.run(`SELECT * FROM ${from} LIMIT 0`);
    requireDistinct(fields.map((f) => f.name));
    const types = await loadTypes(first, fields);
    const { type, notes } = await settleTypes(
      first,
      fields.map((f) => planColumn(f, types)),
      from,
    );
    const counted =
      partitions !== undefined && mayChange(request) ? await countParts(first, from, partitions) : undefined;
    const queries = partQueries(from, partitions);
    if (queries.length > 1) await joinSnapshot(first, queries.length - 1, open, address, run);
    const parts = queries.map((sql, i) => readPart(open[i] ?? first, sql, type, run));
    return { type, notes, close, parts, ...(counted === undefined ? {} : { counted }) };
  } catch (error) {
    await close();
    throw error;
  }
}

function partQueries(from: string, partitions: HashPartitions | undefined): readonly string[] {
  const all = `SELECT * FROM ${from}`;
  if (partitions === undefined || partitions.count === 1) return [all];
  return partConditions(partNumber(partitions), partitions.count).map((condition) => `${all} WHERE ${condition}`);
}

function partNumber({ by, text, count }: HashPartitions): string {
  const number = by === "field" ? `hashtext((${quoteIdentifier(text)})::text)::bigint` : `(${text})`;
  return `(${number} % ${count} + ${count}) % ${count}`;
}

/** In the snapshot that all parts see. */
function countParts(session: PostgresSession, from: string, partitions: HashPartitions): Promise<readonly number[]> {
  const sql = partitionCounts(partNumber(partitions), partitions.count, from, "a IS DISTINCT FROM b");
  return stableCounts(partitions, async () => (await session.run(sql)).rows);
}

/** Opens `more` sessions that see what the first one sees. */
async function joinSnapshot(
  first: PostgresSession,
  more: number,
  open: PostgresSession[],
  address: DatabaseAddress,
  run: RunOptions,
): Promise<void> {
  const snapshot = (await first.run("SELECT pg_export_snapshot()")).rows[0]?.[0] ?? "";
  for (let i = 0; i < more; i++) {
    const session = await PostgresSession.open(address, run.signal);
    open.push(session);
    await session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await session.run(`SET TRANSACTION SNAPSHOT ${quoteText(snapshot)}`);
  }
}

async function* readPart(
  session: PostgresSession,
  sql: string,
  type: StructType,
  { signal }: RunOptions,
): AsyncGenerator<readonly Row[]> {
  const abort = (): void => session.drop(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await session.run(`DECLARE part NO SCROLL CURSOR FOR ${sql}`);
    const parse = rowParser(type);
    let size = nextBatchSize();
    let coming = fetch(session, size);
    for (;;) {
      const { rows } = await coming;
      if (rows.length < size) {
        yield rows.map(parse);
        return;
      }
      size = nextBatchSize(rows);
      // the server works on the next batch while this one is used
      coming = fetch(session, size);
      yield rows.map(parse);
    }
  } catch (error) {
    throw signal?.aborted
      ? new DynaframeError("INTERRUPTED", "the work was interrupted", { cause: signal.reason })
      : error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function fetch(session: PostgresSession, size: number): Promise<TextResult> {
  const answer = session.run(`FETCH FORWARD ${size} FROM part`);
  // it is awaited later; until then a failure is not an unhandled one
  answer.catch(() => undefined);
  return answer;
}
