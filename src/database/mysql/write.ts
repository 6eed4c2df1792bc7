/** A writing transaction of MySQL or MariaDB. */
import type { RunOptions } from "../../engine/index.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import type { DatabaseAddress } from "../address.js";
import { shownValue, type Fitted, type FittedRow } from "../fit-value.js";
import type { DatabaseWrite } from "../index.js";
import { tableText, type TableName } from "../table-name.js";
import type { TargetColumn } from "../target-column.js";
import { MysqlSession } from "./connect.js";
import { describeTable, texts } from "./describe.js";
import { mysqlDialect } from "./dialect.js";
import { quoteIdentifier, quoteTable, quoteText } from "./quote.js";

/** Bytes of one INSERT, if the server takes that much. */
const STATEMENT = 1_000_000;

export async function openMysqlWrite(address: DatabaseAddress, { signal }: RunOptions): Promise<DatabaseWrite> {
  const session = await MysqlSession.open(address, signal);
  const abort = (): void => session.drop(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const end = async (sql: string): Promise<void> => {
    signal?.removeEventListener("abort", abort);
    try {
      if (!session.broken) await session.run(sql);
    } finally {
      await session.close();
    }
  };
  const made: TableName[] = [];
  const isMade = (table: TableName): boolean =>
    made.some(({ schema, name }) => schema === table.schema && name === table.name);
  await session.run("START TRANSACTION");
  return {
    // by a session of its own: MySQL keeps its dictionary in tables, of which a transaction sees what was there when it
    // first looked
    describe: (table) =>
      onItsOwn(address, async (own) => {
        if (!isMade(table)) await dropAbandoned(own, table);
        return describeTable(own, table);
      }),
    create: async (table, type) => {
      // held as long as this session lives, which tells others whether the table is still being filled
      await session.run(`SELECT GET_LOCK(${lockName(table)}, 0)`);
      // by a session of its own too, since it commits; rollback drops the table again
      await onItsOwn(address, (own) => own.run(createTable(table, type)));
      made.push(table);
    },
    createLike: async (table, columns) => {
      const name = { name: "dynaframe_incoming" };
      // of the table before; with TEMPORARY this does not commit
      await session.run(`DROP TEMPORARY TABLE IF EXISTS ${quoteTable(name)}`);
      await session.run(
        `CREATE TEMPORARY TABLE ${quoteTable(name)} ENGINE = InnoDB AS SELECT ${columns.map(quoteIdentifier).join(", ")} FROM ${quoteTable(table)} LIMIT 0`,
      );
      return name;
    },
    lock: async (table) => {
      await session.run(`SELECT COUNT(*) FROM ${quoteTable(table)} FOR UPDATE`);
    },
    insert: (table, columns, rows) => insertRows(session, table, columns, rows),
    execute: async (sql) => (await session.run(sql)).count,
    firstRow: async (sql) => texts(await session.run(sql))[0],
    commit: async () => {
      await end("COMMIT");
      for (const table of made) await onItsOwn(address, (own) => unmark(own, table)).catch(() => undefined);
    },
    rollback: async () => {
      await end("ROLLBACK").catch(() => undefined);
      for (const table of made) await dropIfEmpty(address, table).catch(() => undefined);
    },
  };
}

/** Work outside of the transaction. */
async function onItsOwn<T>(address: DatabaseAddress, work: (session: MysqlSession) => Promise<T>): Promise<T> {
  const session = await MysqlSession.open(address);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** One with rows was committed after all, or others use it by now; the lock waits for a commit that is on its way. */
const dropIfEmpty = (address: DatabaseAddress, table: TableName): Promise<void> =>
  onItsOwn(address, async (session) => {
    const { rows } = await session.run(`SELECT 1 FROM ${quoteTable(table)} LIMIT 1 LOCK IN SHARE MODE`);
    if (rows.length === 0) await session.run(`DROP TABLE IF EXISTS ${quoteTable(table)}`);
  });

/**
 * The comment of a table that was made for a write, until that is committed. A process that is killed leaves it behind,
 * without a row.
 */
const BEING_FILLED = "dynaframe: being filled";

/** At most 64 characters. */
const lockName = ({ schema, name }: TableName): string =>
  `CONCAT('dynaframe:', LEFT(SHA2(CONCAT(${schema === undefined ? "DATABASE()" : quoteText(schema)}, '.', ${quoteText(name)}), 256), 40))`;

/** Else it would count as there, and mode ignore would write nothing. */
async function dropAbandoned(own: MysqlSession, table: TableName): Promise<void> {
  const schema = table.schema === undefined ? "DATABASE()" : quoteText(table.schema);
  const marked = await own.run(
    `SELECT 1 FROM information_schema.tables WHERE table_schema = ${schema} AND table_name = ${quoteText(table.name)} AND table_comment = ${quoteText(BEING_FILLED)}`,
  );
  if (marked.rows.length === 0) return;
  const [[free] = []] = texts(await own.run(`SELECT GET_LOCK(${lockName(table)}, 2)`));
  if (free !== "1") return;
  await own.run(PATIENCE);
  const { rows } = await own.run(`SELECT 1 FROM ${quoteTable(table)} LIMIT 1`);
  if (rows.length === 0) await own.run(`DROP TABLE IF EXISTS ${quoteTable(table)}`);
}

async function unmark(own: MysqlSession, table: TableName): Promise<void> {
  await own.run(PATIENCE);
  await own.run(`ALTER TABLE ${quoteTable(table)} COMMENT = ''`);
}

/** Others who read the table may keep a change of it waiting for a day. */
const PATIENCE = "SET SESSION lock_wait_timeout = 5";

function createTable(table: TableName, type: StructType): string {
  const columns = type.fields.map(
    (f) => `${quoteIdentifier(f.name)} ${mysqlDialect.columnType(f.type) ?? "longtext"} NULL`,
  );
  return `CREATE TABLE ${quoteTable(table)} (${columns.join(", ")}) ENGINE = InnoDB COMMENT = ${quoteText(BEING_FILLED)}`;
}

async function insertRows(
  session: MysqlSession,
  table: TableName,
  columns: readonly TargetColumn[],
  rows: AsyncIterable<readonly FittedRow[]>,
): Promise<number> {
  const [[packet] = []] = texts(await session.run("SELECT @@max_allowed_packet"));
  const most = Number(packet) - 1024;
  const wanted = Math.min(STATEMENT, most);
  const head = `INSERT INTO ${quoteTable(table)} (${columns.map((c) => quoteIdentifier(c.name)).join(", ")}) VALUES `;
  let parts: string[] = [];
  let held: FittedRow[] = [];
  let bytes = head.length;
  let count = 0;
  const flush = async (): Promise<void> => {
    if (parts.length === 0) return;
    try {
      await session.run(head + parts.join(","));
    } catch (error) {
      throw withValue(error, columns, held, count - held.length);
    }
    parts = [];
    held = [];
    bytes = head.length;
  };
  for await (const batch of rows) {
    for (const row of batch) {
      const text = `(${row.map((value, i) => literal(value, columns[i])).join(",")})`;
      const size = Buffer.byteLength(text) + 1;
      if (size + head.length > most) throw tooLarge(table, count + 1, size, most);
      if (bytes + size > wanted) await flush();
      parts.push(text);
      held.push(row);
      bytes += size;
      count += 1;
    }
  }
  await flush();
  return count;
}

/** The server counts the rows of one statement, and tells no value. */
function withValue(
  error: unknown,
  columns: readonly TargetColumn[],
  rows: readonly FittedRow[],
  before: number,
): unknown {
  if (!(error instanceof DynaframeError) || error.code !== "VALUE_NOT_HELD") return error;
  const at = Number(/ at row (\d+)/.exec(error.message)?.[1]);
  const column = columns.findIndex(({ name }) => name === error.path);
  const row = rows[at - 1];
  if (row === undefined || column < 0) return error;
  const { path, hint, cause } = error;
  return new DynaframeError(error.code, error.message.replace(/ at row \d+/, ` at row ${before + at}`), {
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
    cause,
    found: shownValue(row[column] ?? null),
  });
}

function literal(value: Fitted, column: TargetColumn | undefined): string {
  if (value === null) return "NULL";
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString("hex")}'`;
  // a text in a BIT column would be taken for its bytes
  return column?.type.kind === "integer" ? String(value) : quoteText(String(value));
}

const tooLarge = (table: TableName, row: number, size: number, most: number): DynaframeError =>
  new DynaframeError(
    "VALUE_NOT_HELD",
    `Row ${row} for ${tableText(table)} has ${size} bytes, the server takes ${most} at once. Nothing was written.`,
    {
      path: tableText(table),
      expected: `at most ${most} bytes`,
      found: String(size),
      hint: "Raise max_allowed_packet of the server.",
    },
  );
