/** Databases as sinks: `writeDynamicFrame.fromOptions`, `fromJdbcConf` and `fromCatalog`. */
import type { DatabaseAddress, TableName } from "../../database/index.js";
import { openDatabase } from "../../database/open-database.js";
import { parseTableName, tableText } from "../../database/table-name.js";
import { writeTable, writeTableIn, type TableMode } from "../../database/write-table.js";
import type { RunOptions } from "../../engine/index.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import type { FrameNode } from "../frame-node.js";
import { failuresOf } from "../write/failures.js";
import { skippedReport, writeReport, type WriteReport } from "../write/write-report.js";
import { checkSink, databaseKind, isDatabaseType, resolveAddress, type DatabaseConnectionType, type DatabaseSinkOptions } from "./database-options.js";

export type WriteDatabaseOptions = RunOptions & {
  readonly frame: DynamicFrame;
  readonly connectionType: DatabaseConnectionType;
  readonly connectionOptions: DatabaseSinkOptions;
  /**
   * Default append. `overwrite` replaces the rows and keeps the table, with its types, indexes and grants; `merge` replaces rows by
   * `mergeKeys` and adds the others. A table that is not there is made.
   */
  readonly mode?: TableMode;
};

export type WriteJdbcConfOptions = RunOptions & {
  readonly frame: DynamicFrame;
  /** Name of a connection of the catalog. */
  readonly catalogConnection: string;
  readonly connectionOptions: Omit<DatabaseSinkOptions, "url" | "connectionName">;
  readonly mode?: TableMode;
};

type DatabaseTarget = { readonly address: DatabaseAddress; readonly table: TableName; readonly mode: TableMode; readonly options: Partial<DatabaseSinkOptions> };

export const isDatabaseSink = (options: { readonly connectionType: string }): options is WriteDatabaseOptions => isDatabaseType(options.connectionType);

export async function writeToDatabase(environment: Environment, { frame, connectionType, connectionOptions, mode = "append", ...run }: WriteDatabaseOptions): Promise<WriteReport> {
  checkSink("writeDynamicFrame.fromOptions", connectionOptions);
  const address = await resolveAddress(environment.session, databaseKind(connectionType), connectionOptions);
  return writeInto(environment, frame.node, { address, table: parseTableName(connectionOptions.dbtable), mode, options: connectionOptions }, run);
}

export async function writeWithJdbcConf(environment: Environment, { frame, catalogConnection, connectionOptions, mode = "append", ...run }: WriteJdbcConfOptions): Promise<WriteReport> {
  checkSink("writeDynamicFrame.fromJdbcConf", connectionOptions);
  const address = await resolveAddress(environment.session, undefined, { ...connectionOptions, connectionName: catalogConnection });
  return writeInto(environment, frame.node, { address, table: parseTableName(connectionOptions.dbtable), mode, options: connectionOptions }, run);
}

export async function writeInto(environment: Environment, node: FrameNode, { address, table, mode, options }: DatabaseTarget, run: RunOptions): Promise<WriteReport> {
  const { session } = environment;
  const resolved = await environment.resolve(node, run);
  const engine = await session.engine();
  const { relation } = resolved;
  const write = { table, mode, mergeKeys: listOf(options.mergeKeys, ","), preactions: listOf(options.preactions), postactions: listOf(options.postactions) };
  const rows = () => engine.rows(relation, run);
  const scope = session.run();
  const { written, skipped } = scope
    ? await scope.writeDatabase(address, (database, transaction) => writeTableIn(transaction, database, write, relation.type, rows))
    : await writeTable(await openDatabase(address), write, relation.type, rows, run);
  if (skipped) return skippedReport();
  const nulled = Object.fromEntries(await engine.nulledCasts(relation, run));
  const report = writeReport(resolved, [], written, nulled, resolved.recordwise ? undefined : await engine.count(relation, run));
  scope?.keepWrite({ report, target: `${address.label} ${tableText(table)}`, files: [], removed: [], failures: () => failuresOf(resolved) });
  return report;
}

function listOf(value: string | readonly string[] | undefined, separator?: string): readonly string[] {
  if (typeof value !== "string") return value ?? [];
  return (separator === undefined ? [value] : value.split(separator)).map((item) => item.trim()).filter((item) => item !== "");
}
