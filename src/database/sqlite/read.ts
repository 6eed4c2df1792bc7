/** Reads a query of SQLite in one read transaction. */
import { setImmediate as breathe } from "node:timers/promises";
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import type { RunOptions } from "../../engine/index.js";
import { field, struct, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { setField, type Row } from "../../types/value.js";
import type { DatabaseAddress } from "../address.js";
import { nextBatchSize } from "../batch-size.js";
import type { DatabaseRead } from "../index.js";
import { requireDistinct } from "../result-columns.js";
import type { ReadRequest } from "../source-query.js";
import { cellValue, columnType, isOf, type Cell, type CellCensus } from "./cell-type.js";
import { declaredType, type DeclaredType } from "./declared-type.js";
import { sqliteFailure } from "./failure.js";
import { openFile } from "./open-file.js";
import { quoteIdentifier, quoteTable } from "./quote.js";

export async function openSqliteRead(
  address: DatabaseAddress,
  { source, partitions }: ReadRequest,
  run: RunOptions,
): Promise<DatabaseRead> {
  const db = await openFile(address, "read");
  const cursor: Cursor = { rows: undefined, statement: undefined, closed: false };
  const close = (): void => {
    if (cursor.closed) return;
    cursor.closed = true;
    // statements live until they are collected: one that is not at its end would keep the file locked
    cursor.rows?.return?.();
    if (db.isTransaction) db.exec("COMMIT");
    db.close();
    cursor.statement = undefined;
  };
  try {
    db.exec("BEGIN");
    const from = source.kind === "table" ? quoteTable(source.table) : `(${source.sql}\n)`;
    // the names as the query has them: a table of it would tell equal ones apart
    const columns = db.prepare(source.kind === "table" ? `SELECT * FROM ${from}` : source.sql).columns();
    requireDistinct(columns.map((c) => c.name));
    const declared = columns.map((c) => ({ name: c.name, ...declaredType(c.type) }));
    const census = takeCensus(db, declared, from);
    const type = struct(declared.map((c, i) => field(c.name, columnType(c, census[i] ?? EMPTY))));
    const notes = declared.flatMap(({ name, meant }, i) => {
      const { strangers } = census[i] ?? EMPTY;
      return meant === undefined || strangers === 0
        ? []
        : [
            `Column ${name} is declared for ${meant.kind}, which ${strangers} of its cells are not; it has the types of its cells.`,
          ];
    });
    const cut = declared.map((_, i) => i).filter((i) => (census[i]?.cutTexts ?? 0) > 0);
    const sql = partQuery(
      from,
      cut.map((i) => declared[i]?.name ?? ""),
    );
    return {
      type,
      parts: [readRows(db, sql, { type, cut }, address, cursor, run)],
      notes:
        partitions === undefined
          ? notes
          : [...notes, "SQLite is read by one connection; hash partitions make no difference."],
      close: async () => {
        close();
      },
    };
  } catch (error) {
    close();
    throw sqliteFailure(error, address);
  }
}

/**
 * The driver crashes the process when a cursor of a closed file is touched, by `return` too, and when the statement of
 * a running cursor is collected: the cursor does not hold it.
 */
type Cursor = {
  rows: IterableIterator<Cell[]> | undefined;
  statement: StatementSyncInstance | undefined;
  closed: boolean;
};
type DeclaredColumn = DeclaredType & { readonly name: string };

const EMPTY: CellCensus = { integers: 0, least: 0n, most: 0n, reals: 0, texts: 0, blobs: 0, strangers: 0, cutTexts: 0 };
const NUMBERS = 8;
/** Columns asked about in one query; SQLite gives at most 2000 results. */
const AT_ONCE = 250;

function takeCensus(db: DatabaseSyncInstance, columns: readonly DeclaredColumn[], from: string): readonly CellCensus[] {
  const census: CellCensus[] = [];
  for (let at = 0; at < columns.length; at += AT_ONCE) {
    const some = columns.slice(at, at + AT_ONCE);
    some.forEach(({ meant }, i) => {
      if (meant !== undefined)
        db.function(
          `dynaframe_is_stranger_${at + i}`,
          { useBigIntArguments: true, deterministic: true },
          (cell: Cell) => (cell === null || isOf(cell, meant) ? 0 : 1),
        );
    });
    const [row = []] = arrays(
      db.prepare(`SELECT ${some.map((c, i) => questions(c, at + i)).join(", ")} FROM ${from}`),
    ).all() as (bigint | null)[][];
    for (let i = 0; i < some.length; i++) {
      const answers = row.slice(i * NUMBERS, (i + 1) * NUMBERS).map((n) => n ?? 0n);
      const [integers = 0n, least = 0n, most = 0n, reals = 0n, texts = 0n, blobs = 0n, strangers = 0n, cutTexts = 0n] =
        answers;
      const counts = {
        integers: Number(integers),
        reals: Number(reals),
        texts: Number(texts),
        blobs: Number(blobs),
        strangers: Number(strangers),
      };
      census.push({ ...counts, least, most, cutTexts: Number(cutTexts) });
    }
  }
  return census;
}

function questions({ name, meant }: DeclaredColumn, index: number): string {
  const column = quoteIdentifier(name);
  const kind = `typeof(${column})`;
  const integer = `CASE WHEN ${kind} = 'integer' THEN ${column} END`;
  const count = (of: string): string => `sum(${kind} = '${of}')`;
  const strangers = meant === undefined ? "0" : `sum(dynaframe_is_stranger_${index}(${column}))`;
  const bounds = [`min(${integer})`, `max(${integer})`];
  return [
    count("integer"),
    ...bounds,
    count("real"),
    count("text"),
    count("blob"),
    strangers,
    `sum(${isCut(column)})`,
  ].join(", ");
}

/** The driver ends texts at U+0000; their bytes it gives whole. */
const isCut = (column: string): string => `typeof(${column}) = 'text' AND instr(CAST(${column} AS BLOB), X'00') > 0`;

/** Every column, and behind them the bytes of the texts that the driver would cut, of each column that has such. */
function partQuery(from: string, names: readonly string[]): string {
  const bytes = names
    .map(quoteIdentifier)
    .map((column) => `, CASE WHEN ${isCut(column)} THEN CAST(${column} AS BLOB) END`);
  return `SELECT *${bytes.join("")} FROM ${from}`;
}

function arrays(statement: StatementSyncInstance): StatementSyncInstance {
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement;
}

type RowShape = {
  readonly type: StructType;
  /** Columns whose whole texts come behind the others, as bytes. */
  readonly cut: readonly number[];
};

async function* readRows(
  db: DatabaseSyncInstance,
  sql: string,
  { type, cut }: RowShape,
  address: DatabaseAddress,
  cursor: Cursor,
  { signal }: RunOptions,
): AsyncGenerator<readonly Row[]> {
  let size = nextBatchSize();
  let batch: Cell[][] = [];
  const toRow = (cells: Cell[]): Row => {
    const row = {};
    cut.forEach((at, i) => {
      const bytes = cells[type.fields.length + i];
      if (bytes instanceof Uint8Array) cells[at] = Buffer.from(bytes).toString("utf8");
    });
    type.fields.forEach((f, i) => {
      setField(row, f.name, cellValue(cells[i] ?? null, f.type));
    });
    return row;
  };
  try {
    if (cursor.closed) return;
    cursor.statement = arrays(db.prepare(sql));
    cursor.rows = cursor.statement.iterate() as IterableIterator<Cell[]>;
    for (let next = cursor.rows.next(); next.done !== true; next = cursor.rows.next()) {
      batch.push(next.value);
      if (batch.length < size) continue;
      size = nextBatchSize(batch);
      yield batch.map(toRow);
      batch = [];
      // the driver does not wait for anything: let others have their turn
      await breathe();
      if (signal?.aborted)
        throw new DynaframeError("INTERRUPTED", "the work was interrupted", { cause: signal.reason });
      if (cursor.closed) return;
    }
    if (batch.length > 0) yield batch.map(toRow);
  } catch (error) {
    throw sqliteFailure(error, address);
  }
}
