/** A writing transaction of PostgreSQL. */
import type { RunOptions } from "../../engine/index.js";
import type { StructType } from "../../types/data-type.js";
import { DateValue, TimestampValue } from "../../types/value.js";
import type { DatabaseAddress } from "../address.js";
import type { Fitted, FittedRow } from "../fit-value.js";
import type { DatabaseWrite } from "../index.js";
import type { TableName } from "../table-name.js";
import type { TargetColumn } from "../target-column.js";
import { arrayText } from "./array-text.js";
import { copyIn } from "./copy-in.js";
import { PostgresSession } from "./connect.js";
import { describeTable } from "./describe.js";
import { postgresDialect } from "./dialect.js";
import { quoteIdentifier, quoteTable } from "./quote.js";

export async function openPostgresWrite(address: DatabaseAddress, { signal }: RunOptions): Promise<DatabaseWrite> {
  const session = await PostgresSession.open(address, signal);
  const abort = (): void => session.drop(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const end = async (sql: string): Promise<void> => {
    signal?.removeEventListener("abort", abort);
    // a connection that is gone has rolled back
    try {
      if (!session.broken) await session.run(sql);
    } finally {
      await session.close();
    }
  };
  await session.run("BEGIN");
  return {
    describe: (table) => describeTable(session, table),
    create: async (table, type) => {
      await session.run(createTable(table, type));
    },
    createLike: async (table, columns) => {
      const name = { name: "dynaframe_incoming" };
      await session.run(`DROP TABLE IF EXISTS pg_temp.${quoteIdentifier(name.name)}`); // of the table before
      await session.run(
        `CREATE TEMPORARY TABLE ${quoteTable(name)} ON COMMIT DROP AS SELECT ${columns.map(quoteIdentifier).join(", ")} FROM ${quoteTable(table)} WITH NO DATA`,
      );
      return name;
    },
    lock: async (table) => {
      await session.run(`LOCK TABLE ${quoteTable(table)} IN SHARE ROW EXCLUSIVE MODE`);
    },
    insert: (table, columns, rows) => copyIn(session, copySql(table, columns), copyLines(rows)),
    execute: async (sql) => (await session.run(sql)).count,
    firstRow: async (sql) => (await session.run(sql)).rows[0],
    commit: () => end("COMMIT"),
    rollback: () => end("ROLLBACK").catch(() => undefined),
  };
}

function createTable(table: TableName, type: StructType): string {
  const columns = type.fields.map((f) => `${quoteIdentifier(f.name)} ${postgresDialect.columnType(f.type) ?? "text"}`);
  return `CREATE TABLE ${quoteTable(table)} (${columns.join(", ")})`;
}

const copySql = (table: TableName, columns: readonly TargetColumn[]): string =>
  `COPY ${quoteTable(table)} (${columns.map((c) => quoteIdentifier(c.name)).join(", ")}) FROM STDIN (ENCODING 'UTF8')`;

async function* copyLines(rows: AsyncIterable<readonly FittedRow[]>): AsyncGenerator<string> {
  for await (const batch of rows) yield batch.map((row) => `${row.map(copyCell).join("\t")}\n`).join("");
}

function copyCell(value: Fitted): string {
  if (value === null) return "\\N";
  return cellText(value).replaceAll(/[\\\n\r\t]/g, (c) => ESCAPES[c] ?? c);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function cellText(value: unknown): string {
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return arrayText(value as unknown[], cellText);
  return value instanceof DateValue || value instanceof TimestampValue ? historical(value.toString()) : String(value);
}

/** Years before 1 the way PostgreSQL reads them: -0043-03-15 is 0044-03-15 BC. */
function historical(text: string): string {
  const [, year, rest] = /^(-\d{4,}|0000)(-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d+)?)?)$/.exec(text) ?? [];
  return year === undefined ? text : `${String(1 - Number(year)).padStart(4, "0")}${rest} BC`;
}
