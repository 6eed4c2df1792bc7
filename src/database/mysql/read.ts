/** Reads a query of MySQL or MariaDB: one connection with a consistent snapshot of its own per part. */
import type { RunOptions } from "../../engine/index.js";
import { BYTE, decimal, field, STRING, struct, type DataType, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { setField, type Row } from "../../types/value.js";
import type { DatabaseAddress } from "../address.js";
import { nextBatchSize } from "../batch-size.js";
import type { DatabaseRead } from "../index.js";
import { requireDistinct } from "../result-columns.js";
import { changeCount, mayChange, refuseUnstable, stableCounts } from "../partition-check.js";
import { partConditions, type HashPartitions, type ReadRequest } from "../source-query.js";
import { cellReader, isBit, isFloat, planColumn, type ColumnPlan } from "./column-type.js";
import { MysqlSession, type ByteRow, type ResultField } from "./connect.js";
import { texts } from "./describe.js";
import { quoteIdentifier, quoteTable } from "./quote.js";

const SNAPSHOT = [
  "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
  "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
];

export async function openMysqlRead(
  address: DatabaseAddress,
  request: ReadRequest,
  run: RunOptions,
): Promise<DatabaseRead> {
  const { source, partitions } = request;
  if (partitions !== undefined) refuseUnstable(partitions);
  const open: MysqlSession[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(open.map((s) => s.close()));
  };
  const session = async (): Promise<MysqlSession> => {
    const opened = await MysqlSession.open(address, run.signal);
    open.push(opened);
    for (const sql of SNAPSHOT) await opened.run(sql);
    return opened;
  };
  try {
    const first = await session();
    const from = source.kind === "table" ? quoteTable(source.table) : `(${source.sql}\n) AS \`source\``;
    const { fields } = await first.run(`SELECT * FROM ${from} LIMIT 0`);
    requireDistinct(fields.map((f) => f.name));
    const { type, notes } = await settleTypes(first, fields.map(planColumn), from);
    if (partitions !== undefined && mayChange(request)) await requireStable(first, from, partitions);
    const queries = partQueries(from, fields, partitions);
    while (open.length < queries.length) await session();
    const parse = rowReader(type, fields);
    return {
      type,
      close,
      parts: queries.map((sql, i) => readPart(open[i] ?? first, sql, parse, run)),
      notes:
        queries.length === 1
          ? notes
          : [
              ...notes,
              `${queries.length} connections, each with a snapshot of its own: rows that change while they are read may be seen twice or not at all.`,
            ],
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function partQueries(
  from: string,
  fields: readonly ResultField[],
  partitions: HashPartitions | undefined,
): readonly string[] {
  const columns = fields.map((f) =>
    isFloat(f) ? `(${quoteIdentifier(f.name)} * 1e0) AS ${quoteIdentifier(f.name)}` : quoteIdentifier(f.name),
  );
  const all = `SELECT ${columns.join(", ")} FROM ${from}`;
  if (partitions === undefined || partitions.count === 1) return [all];
  return partConditions(partNumber(partitions), partitions.count).map((condition) => `${all} WHERE ${condition}`);
}

function partNumber({ by, text, count }: HashPartitions): string {
  const number = by === "field" ? `CRC32(${quoteIdentifier(text)})` : `(${text})`;
  return `MOD(MOD(${number}, ${count}) + ${count}, ${count})`;
}

/** Each part has a snapshot of its own, so that its rows need not be those that are counted here. */
async function requireStable(session: MysqlSession, from: string, partitions: HashPartitions): Promise<void> {
  const sql = changeCount(partNumber(partitions), from, "NOT (a <=> b)");
  await stableCounts(partitions, async () => texts(await session.run(sql)));
}

/** Answers what declarations leave open, by one aggregate query in the snapshot. */
async function settleTypes(
  session: MysqlSession,
  plans: readonly ColumnPlan[],
  from: string,
): Promise<{ readonly type: StructType; readonly notes: readonly string[] }> {
  const open = plans.filter((plan) => plan.question !== undefined);
  const [row = []] =
    open.length === 0 ? [] : (await session.run(`SELECT ${open.map(questionOf).join(", ")} FROM ${from}`)).rows;
  const notes: string[] = [];
  const type = struct(
    plans.map((plan) =>
      field(plan.name, settled(plan, Number(row[open.indexOf(plan)]?.toString("latin1") ?? 0), notes)),
    ),
  );
  return { type, notes };
}

function questionOf({ name, question }: ColumnPlan): string {
  const column = quoteIdentifier(name);
  switch (question) {
    case "boolean":
      return `SUM(${column} NOT IN (0, 1))`;
    // leading zeros of a fraction count as one digit before the point
    case "digits":
      return `MAX(CHAR_LENGTH(TRUNCATE(ABS(${column}), 0)))`;
    default:
      return `SUM(YEAR(${column}) = 0 OR MONTH(${column}) = 0 OR DAYOFMONTH(${column}) = 0)`;
  }
}

function settled({ name, question, type }: ColumnPlan, answer: number, notes: string[]): DataType {
  const asText = (why: string): DataType => {
    notes.push(`Column ${name} is read as text: ${why}.`);
    return STRING;
  };
  switch (question) {
    case "boolean":
      return answer === 0 ? type : BYTE;
    case "digits": {
      const scale = type.kind === "decimal" ? type.scale : 0;
      return answer + scale <= 38
        ? decimal(Math.max(1, answer) + scale, scale)
        : asText(`its numbers have up to ${answer + scale} digits, decimal holds 38`);
    }
    case "real":
      return answer === 0 ? type : asText(`${answer} values are no dates, such as 0000-00-00`);
    default:
      return type;
  }
}

function rowReader(type: StructType, fields: readonly ResultField[]): (bytes: ByteRow) => Row {
  const cells = type.fields.map((f, i) => {
    const source = fields[i];
    return { name: f.name, read: cellReader(f.type, source !== undefined && isBit(source)) };
  });
  return (bytes) => {
    const row = {};
    cells.forEach(({ name, read }, i) => {
      const cell = bytes[i];
      setField(row, name, cell === null || cell === undefined ? null : (read(cell) ?? unreadable(name, cell)));
    });
    return row;
  };
}

function unreadable(column: string, cell: Buffer): never {
  const found = cell.toString("utf8").slice(0, 60);
  throw new DynaframeError(
    "VALUE_NOT_HELD",
    `Column ${column}: ${JSON.stringify(found)} cannot be read in the column's type.`,
    { path: column, found, hint: "Read it as text: select cast(column as char) in a query." },
  );
}

async function* readPart(
  session: MysqlSession,
  sql: string,
  parse: (bytes: ByteRow) => Row,
  { signal }: RunOptions,
): AsyncGenerator<readonly Row[]> {
  const abort = (): void => session.drop(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    let size = nextBatchSize();
    let batch: ByteRow[] = [];
    for await (const row of session.stream(sql, 500)) {
      batch.push(row);
      if (batch.length < size) continue;
      size = nextBatchSize(batch);
      yield batch.map(parse);
      batch = [];
    }
    if (batch.length > 0) yield batch.map(parse);
  } catch (error) {
    throw signal?.aborted
      ? new DynaframeError("INTERRUPTED", "the work was interrupted", { cause: signal.reason })
      : error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
