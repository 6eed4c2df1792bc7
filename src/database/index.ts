/**
 * The database port: reads the result of a query exactly, in parts, and writes rows in one transaction. One
 * implementation per folder. Errors: AUTHENTICATION_FAILED, CONNECTION_FAILED, CONNECTION_LOST, DATABASE_FAILED,
 * TABLE_NOT_FOUND, VALUE_NOT_HELD, OPTIONAL_DEPENDENCY; no message carries a secret.
 */
import type { RunOptions } from "../engine/index.js";
import type { DataType, StructType } from "../types/data-type.js";
import type { Row } from "../types/value.js";
import type { DatabaseKind } from "./address.js";
import type { FittedRow } from "./fit-value.js";
import type { ListedTable } from "./listed-table.js";
import type { ReadRequest } from "./source-query.js";
import type { TargetColumn } from "./target-column.js";
import type { TableName } from "./table-name.js";

export type { DatabaseAddress, DatabaseKind } from "./address.js";
export type { HashPartitions, ReadRequest } from "./source-query.js";
export type { TableName } from "./table-name.js";
export type { TargetColumn } from "./target-column.js";

/**
 * A query ready to be read. Its parts may be consumed side by side, each once; close it when done, whatever happened.
 */
export type DatabaseRead = {
  /** Exact: every value of every part fits it. */
  readonly type: StructType;
  readonly parts: readonly AsyncIterable<readonly Row[]>[];
  /** What a reader should know: columns read as text and why, snapshots. */
  readonly notes: readonly string[];
  /** Rows that each part has, where they were counted in the snapshot that is read. */
  readonly counted?: readonly number[];
  close(): Promise<void>;
};

/**
 * An open transaction. Nothing of it is visible before `commit`; `rollback` undoes all of it, tables made here
 * included.
 */
export type DatabaseWrite = {
  /** The columns of the table, undefined when there is none. */
  describe(table: TableName): Promise<readonly TargetColumn[] | undefined>;
  /** Makes the table. The types are exact. */
  create(table: TableName, type: StructType): Promise<void>;
  /** An empty temporary table with these columns of another; its name. */
  createLike(table: TableName, columns: readonly string[]): Promise<TableName>;
  /** Keeps other writers of the table away until the end. */
  lock(table: TableName): Promise<void>;
  /** Appends rows, whose cells `rowFitter` made for these columns; how many. */
  insert(
    table: TableName,
    columns: readonly TargetColumn[],
    rows: AsyncIterable<readonly FittedRow[]>,
  ): Promise<number>;
  /** Runs one statement; number of rows changed. */
  execute(sql: string): Promise<number>;
  /** The first row of a result as texts, undefined without one. */
  firstRow(sql: string): Promise<readonly (string | null)[] | undefined>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
};

/** How one database spells SQL. */
export type SqlDialect = {
  readonly identifier: (name: string) => string;
  readonly table: (name: TableName) => string;
  /** Equal, and NULL equals NULL. */
  readonly same: (left: string, right: string) => string;
  /** `UPDATE target … FROM source` for rows whose keys are the same. */
  readonly updateFrom: (target: string, source: string, keys: readonly string[], values: readonly string[]) => string;
  /** A text as a literal. */
  readonly text: (value: string) => string;
  /** Selects the names of a table's primary key, in its order. */
  readonly primaryKeyQuery: (table: TableName) => string;
  /** The type of a new column; undefined when the database has none for it. */
  readonly columnType: (type: DataType) => string | undefined;
};

export type Database = {
  readonly kind: DatabaseKind;
  /** For messages: kind, host, port and database; no secret. */
  readonly label: string;
  readonly dialect: SqlDialect;
  /** Connects and asks for the server's version. */
  test(): Promise<string>;
  /** Tables and views with their columns, keys and comments, by schema and name; no rows are read. */
  listTables(): Promise<readonly ListedTable[]>;
  openRead(request: ReadRequest, run?: RunOptions): Promise<DatabaseRead>;
  openWrite(run?: RunOptions): Promise<DatabaseWrite>;
};
