/** Databases as sinks: `writeDynamicFrame.fromOptions`, `fromJdbcConf` and `fromCatalog`. */
import type { DatabaseAddress, TableName } from "../../database/index.js";
import { openDatabase } from "../../database/open-database.js";
import { parseTableName, tableText } from "../../database/table-name.js";
import { writeTables, writeTablesIn, type TableMode } from "../../database/write-table.js";
import type { RunOptions } from "../../engine/index.js";
import { DynaframeError } from "../../types/error.js";
import { DynamicFrameCollection } from "../collection.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import type { FrameNode, Resolved } from "../frame-node.js";
import { failuresOf } from "../write/failures.js";
import {
  collectionReport,
  skippedReport,
  writeReport,
  type CollectionReport,
  type WriteReport,
} from "../write/write-report.js";
import {
  checkSink,
  databaseKind,
  isDatabaseType,
  resolveAddress,
  type DatabaseConnectionType,
  type DatabaseSinkOptions,
} from "./database-options.js";
import { checkWriteMode } from "../write/sink-options.js";

/** A frame goes into `dbtable`; the frames of a collection go into tables of their names, all in one transaction. */
export type WriteDatabaseOptions = RunOptions & {
  /** What is written. A choice must be resolved first: UNRESOLVED_CHOICE. */
  readonly frame: DynamicFrame | DynamicFrameCollection;
  /** The database's name; `jdbc`: the url says which. */
  readonly connectionType: DatabaseConnectionType;
  /** The address, and the table of a frame (`dbtable`). */
  readonly connectionOptions: DatabaseSinkOptions;
  /**
   * Default append. `overwrite` replaces the rows and keeps the table, with its types, indexes and grants; `merge`
   * replaces rows by `mergeKeys` and adds the others. A table that is not there is made.
   */
  readonly mode?: TableMode;
};

/** As `WriteDatabaseOptions`, by the name of a connection of the catalog. */
export type WriteJdbcConfOptions = RunOptions & {
  /** What is written. */
  readonly frame: DynamicFrame | DynamicFrameCollection;
  /** Name of a connection of the catalog. */
  readonly catalogConnection: string;
  /** The table, and what is run around the rows. */
  readonly connectionOptions: Omit<DatabaseSinkOptions, "url" | "connectionName">;
  /** As in `WriteDatabaseOptions`. */
  readonly mode?: TableMode;
};

type DatabaseTarget = {
  readonly address: DatabaseAddress;
  readonly mode: TableMode;
  readonly options: Partial<DatabaseSinkOptions>;
};
type NamedTable = { readonly table: TableName; readonly node: FrameNode };

export const isDatabaseSink = (options: { readonly connectionType: string }): options is WriteDatabaseOptions =>
  isDatabaseType(options.connectionType);

export async function writeToDatabase(
  environment: Environment,
  { frame, connectionType, connectionOptions, mode = "append", ...run }: WriteDatabaseOptions,
): Promise<WriteReport | CollectionReport> {
  checkSink("writeDynamicFrame.fromOptions", connectionOptions);
  const address = await resolveAddress(environment.session, databaseKind(connectionType), connectionOptions);
  return writeEach(environment, frame, { address, mode, options: connectionOptions }, run);
}

export async function writeWithJdbcConf(
  environment: Environment,
  { frame, catalogConnection, connectionOptions, mode = "append", ...run }: WriteJdbcConfOptions,
): Promise<WriteReport | CollectionReport> {
  checkSink("writeDynamicFrame.fromJdbcConf", connectionOptions);
  const address = await resolveAddress(environment.session, undefined, {
    ...connectionOptions,
    connectionName: catalogConnection,
  });
  return writeEach(environment, frame, { address, mode, options: connectionOptions }, run);
}

async function writeEach(
  environment: Environment,
  frame: DynamicFrame | DynamicFrameCollection,
  target: DatabaseTarget,
  run: RunOptions,
): Promise<WriteReport | CollectionReport> {
  const { dbtable, schema } = target.options;
  if (!(frame instanceof DynamicFrameCollection)) {
    if (schema !== undefined)
      throw new DynaframeError("BAD_OPTION", "schema is for collections.", {
        path: "schema",
        expected: "dbtable",
        found: schema,
        hint: "Give dbtable: 'schema.table'.",
      });
    if (dbtable === undefined) {
      throw new DynaframeError("BAD_ARGUMENT", "connectionOptions names no dbtable.", {
        path: "dbtable",
        expected: "table or schema.table",
        hint: "Give dbtable: 'schema.table'.",
      });
    }
    return writeInto(environment, { table: parseTableName(dbtable), node: frame.node }, target, run);
  }
  if (dbtable !== undefined) {
    throw new DynaframeError("BAD_OPTION", "A collection has no dbtable: its tables have the names of its frames.", {
      path: "dbtable",
      expected: "schema, or nothing",
      found: dbtable,
      hint: "Leave dbtable away; give schema for another schema than the connection's.",
    });
  }
  const names = await frame.keys();
  const reports = await writeAll(
    environment,
    names.map((name) => ({ table: schema === undefined ? { name } : { schema, name }, node: frame.select(name).node })),
    target,
    run,
  );
  return collectionReport(Object.fromEntries(reports.map((report, i) => [names[i] ?? "", report])));
}

export async function writeInto(
  environment: Environment,
  table: NamedTable,
  target: DatabaseTarget,
  run: RunOptions,
): Promise<WriteReport> {
  const [report] = await writeAll(environment, [table], target, run);
  return report ?? skippedReport();
}

async function writeAll(
  environment: Environment,
  tables: readonly NamedTable[],
  { address, mode, options }: DatabaseTarget,
  run: RunOptions,
): Promise<readonly WriteReport[]> {
  checkWriteMode(mode, "database");
  const all: Resolved[] = [];
  for (const { node } of tables) all.push(await environment.resolve(node, run));
  const engine = await environment.session.engine();
  const mergeKeys = listOf(options.mergeKeys, ",");
  const writes = all.flatMap(({ relation }, i) =>
    tables[i]
      ? [{ table: tables[i].table, mode, mergeKeys, type: relation.type, rows: () => engine.rows(relation, run) }]
      : [],
  );
  const around = { preactions: listOf(options.preactions), postactions: listOf(options.postactions) };
  const scope = environment.session.run();
  const outcomes = scope
    ? await scope.writeDatabase(address, (database, transaction) =>
        writeTablesIn(transaction, database, writes, around),
      )
    : await writeTables(await openDatabase(address), writes, around, run);
  const reports: WriteReport[] = [];
  for (const [i, resolved] of all.entries()) {
    const { relation } = resolved;
    const { written = 0, skipped = true } = outcomes[i] ?? {};
    if (skipped) {
      reports.push(skippedReport());
      continue;
    }
    const nulled = Object.fromEntries(await engine.nulledCasts(relation, run));
    const report = writeReport(
      resolved,
      [],
      written,
      nulled,
      resolved.recordwise ? undefined : await engine.count(relation, run),
    );
    const table = tables[i]?.table;
    scope?.keepWrite({
      report,
      target: `${address.label} ${table === undefined ? "" : tableText(table)}`,
      files: [],
      removed: [],
      failures: () => failuresOf(resolved),
    });
    reports.push(report);
  }
  return reports;
}

function listOf(value: string | readonly string[] | undefined, separator?: string): readonly string[] {
  if (typeof value !== "string") return value ?? [];
  return (separator === undefined ? [value] : value.split(separator))
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
