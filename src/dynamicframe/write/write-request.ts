/**
 * What `writeDynamicFrame` does, loaded with the first write: to files, to catalog tables, and for each frame of a
 * collection.
 */
import type { RunOptions } from "../../engine/index.js";
import { writtenCompression } from "../../formats/compression.js";
import { isWrittenFormat, writeOptions } from "../../formats/write-options.js";
import type { TableChange } from "../../catalog/index.js";
import { throughConnection } from "../../storage/s3/address.js";
import { DynaframeError } from "../../types/error.js";
import { DynamicFrameCollection } from "../collection.js";
import { checkTransformOptions } from "../check-transform-options.js";
import { isDatabaseTable, locateTable } from "../database/database-table.js";
import { requireFiles } from "../connection-type.js";
import { DATABASE_TYPES } from "../database/database-options.js";
import {
  isDatabaseSink,
  writeInto,
  writeToDatabase,
  writeWithJdbcConf,
  type WriteDatabaseOptions,
  type WriteJdbcConfOptions,
} from "../database/write-database.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import { requireOptions, requireText } from "../require-text.js";
import { requireCatalog } from "../require-catalog.js";
import { nodeOf } from "../frame-verbs.js";
import { failuresOf } from "./failures.js";
import { registration, requireFittingTable, tableTarget, type CatalogTarget } from "./register.js";
import { checkSinkOptions, checkTableOptions, checkWriteMode } from "./sink-options.js";
import { listExisting, writeFrames, type FrameWrite, type WriteReport, type WriteTarget } from "./write-frame.js";
import { tableFolder } from "./table-folder.js";
import { collectionReport, skippedReport, type CollectionReport } from "./write-report.js";
import type { WriteCatalogOptions, WriteOptions } from "./writers.js";

const RUN = ["mode", "signal", "onProgress"];
const SINK_CALL = [
  "frame",
  "connectionType",
  "connectionOptions",
  "format",
  "formatOptions",
  "accumulatorSize",
  ...RUN,
];
const JDBC_CALL = ["frame", "catalogConnection", "connectionOptions", "redshiftTmpDir", ...RUN];
const TABLE_CALL = ["frame", "database", "tableName", "additionalOptions", "catalogId", "redshiftTmpDir", ...RUN];

export async function writeByOptions(
  environment: Environment,
  options: WriteOptions | WriteDatabaseOptions,
): Promise<WriteReport | CollectionReport> {
  checkTransformOptions("writeDynamicFrame.fromOptions", options, SINK_CALL);
  requireWritable("writeDynamicFrame.fromOptions", options.frame);
  if (isDatabaseSink(options)) return writeToDatabase(environment, options);
  if (options.frame instanceof DynamicFrameCollection) return writeCollection(environment, options.frame, options);
  const [report] = await writeAll(environment, [wanted(options.frame, options)], options);
  return report ?? skippedReport();
}

export async function writeByConnection(
  environment: Environment,
  options: WriteJdbcConfOptions,
): Promise<WriteReport | CollectionReport> {
  checkTransformOptions("writeDynamicFrame.fromJdbcConf", options, JDBC_CALL);
  requireWritable("writeDynamicFrame.fromJdbcConf", options.frame);
  requireText("writeDynamicFrame.fromJdbcConf", "catalogConnection", options.catalogConnection);
  return writeWithJdbcConf(environment, options);
}

function requireWritable(call: string, frame: DynamicFrame | DynamicFrameCollection): void {
  if (!(frame instanceof DynamicFrameCollection)) nodeOf(call, frame);
}

/** A frame, where it goes, and the table that hears of it. */
type Wanted = FrameWrite & { readonly to: CatalogTarget | undefined };

function wanted({ node }: DynamicFrame, options: WriteOptions, table?: string): Wanted {
  const { connectionType, connectionOptions, mode = "append" } = options;
  requireFiles("writeDynamicFrame.fromOptions", connectionType, DATABASE_TYPES);
  checkSinkOptions(connectionOptions);
  checkWriteMode(mode, "files");
  const path = throughConnection(connectionOptions.path, connectionOptions.connectionName);
  const target: WriteTarget = {
    path: table === undefined ? path : `${path.replace(/\/+$/, "")}/${tableFolder(table)}`,
    ...formatOf(options),
    partitionKeys: connectionOptions.partitionKeys ?? [],
    mode,
    ...compressionOf(options),
  };
  return { node, target, to: catalogOf(options, table) };
}

/** Writes all of them and tells the catalog once, or nothing of either is to be seen. */
async function writeAll(
  environment: Environment,
  writes: readonly Wanted[],
  run: RunOptions,
): Promise<readonly WriteReport[]> {
  for (const { target, to } of writes) if (to) await requireFittingTable(environment, target, to);
  const reports = await writeFrames(environment, writes, run);
  await settle(
    environment,
    writes.flatMap((write, i) => reports.slice(i, i + 1).map((report) => ({ ...write, report }))),
    run,
  );
  return reports;
}

/** Tells the catalog of writes: now, or in a job with its commit, as which they become visible. */
async function settle(
  environment: Environment,
  writes: readonly (Wanted & { readonly report: WriteReport })[],
  run: RunOptions,
): Promise<void> {
  const { session } = environment;
  const scope = session.run();
  const done = writes.filter(({ report }) => !report.skipped);
  if (!scope) {
    const changes: TableChange[] = [];
    for (const { node, target, report, to } of done)
      if (to) changes.push(await registration(environment, node, target, report, to, run, [...changes]));
    if (changes.length > 0) await requireCatalog(session).applyTableChanges(changes);
    return;
  }
  for (const { node, target, report, to } of done) {
    const removed =
      target.mode === "overwrite" ? (await listExisting(session.storage, target.path)).map(({ path }) => path) : [];
    scope.keepWrite({
      report,
      removed,
      target: session.storage.resolve(target.path),
      failures: async () => failuresOf(await environment.resolve(node, run)),
      files: report.files.flatMap(({ staged, path }) => (staged === undefined ? [] : [{ staged, final: path }])),
      ...(to ? { change: (before) => registration(environment, node, target, report, to, run, before) } : {}),
    });
  }
}

function formatOf({ format, formatOptions = {} }: WriteOptions): Pick<WriteTarget, "format" | "formatOptions"> {
  const written = format === "glueparquet" ? "parquet" : format;
  if (!isWrittenFormat(written)) {
    throw new DynaframeError("UNSUPPORTED_FORMAT", `Format ${String(written)} is not written.`, {
      expected: "parquet, glueparquet, json, csv, avro or orc",
      found: String(written),
      hint: "Give format, e.g. 'parquet'.",
    });
  }
  return { format: written, formatOptions: writeOptions(written, formatOptions) };
}

/** The codec: of the connection options, or of the format's where those have one (Glue's glueparquet). */
function compressionOf({
  connectionOptions,
  format,
  formatOptions = {},
}: WriteOptions): Pick<WriteTarget, "compression"> {
  const given = connectionOptions.compression ?? formatOptions["compression"] ?? formatOptions["codec"];
  return given === undefined
    ? {}
    : { compression: writtenCompression(format === "glueparquet" ? "parquet" : format, given) };
}

function catalogOf({ connectionOptions }: WriteOptions, table: string | undefined): CatalogTarget | undefined {
  if (!connectionOptions.enableUpdateCatalog) return undefined;
  const { catalogDatabase, catalogTableName, updateBehavior = "UPDATE_IN_DATABASE" } = connectionOptions;
  if (!catalogDatabase || !(catalogTableName ?? table)) {
    throw new DynaframeError("BAD_ARGUMENT", "enableUpdateCatalog needs catalogDatabase and catalogTableName.", {
      hint: "Name the table that the written files belong to.",
    });
  }
  return { database: catalogDatabase, tableName: table ?? catalogTableName ?? "", updateBehavior };
}

async function writeCollection(
  environment: Environment,
  collection: DynamicFrameCollection,
  options: WriteOptions,
): Promise<CollectionReport> {
  const names = await collection.keys();
  const reports = await writeAll(
    environment,
    names.map((name) => wanted(collection.select(name), options, name)),
    options,
  );
  return collectionReport(
    Object.fromEntries(names.flatMap((name, i) => reports.slice(i, i + 1).map((report) => [name, report]))),
  );
}

export async function writeToTable(environment: Environment, options: WriteCatalogOptions): Promise<WriteReport> {
  checkTransformOptions("writeDynamicFrame.fromCatalog", options, TABLE_CALL);
  const { frame, database, tableName, mode = "append", additionalOptions = {} } = options;
  requireOptions("write fromCatalog: additionalOptions", additionalOptions);
  checkTableOptions(additionalOptions);
  nodeOf("writeDynamicFrame.fromCatalog", frame);
  requireText("writeDynamicFrame.fromCatalog", "database", database);
  requireText("writeDynamicFrame.fromCatalog", "tableName", tableName);
  const table = await requireCatalog(environment.session).getTable(database, tableName);
  if (isDatabaseTable(table)) {
    const { address, table: name } = await locateTable(environment.session, table);
    return writeInto(environment, { table: name, node: frame.node }, { address, mode, options: {} }, options);
  }
  checkWriteMode(mode, "files");
  const write = { node: frame.node, target: tableTarget(table, mode, additionalOptions.partitionKeys) };
  const [report = skippedReport()] = await writeFrames(environment, [write], options);
  const to = {
    database,
    tableName,
    updateBehavior: additionalOptions.updateBehavior ?? ("UPDATE_IN_DATABASE" as const),
  };
  await settle(
    environment,
    [{ ...write, report, to: additionalOptions.enableUpdateCatalog === false ? undefined : to }],
    options,
  );
  return report;
}
