/** `glue.writeDynamicFrame.*`: frames and whole collections to files and to catalog tables. */
import type { RunOptions } from "../../engine/index.js";
import { writtenCompression } from "../../formats/compression.js";
import type { FormatOptions } from "../../formats/index.js";
import { writeOptions } from "../../formats/write-options.js";
import { throughConnection } from "../../storage/s3/index.js";
import { isFormatName } from "../../formats/registry.js";
import { DynaframeError } from "../../types/error.js";
import { DynamicFrameCollection } from "../collection.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import type { FrameNode } from "../frame-node.js";
import { isDatabaseTable, locateTable } from "../database/database-table.js";
import { isDatabaseSink, writeInto, writeToDatabase, writeWithJdbcConf, type WriteDatabaseOptions, type WriteJdbcConfOptions } from "../database/write-database.js";
import { requireCatalog } from "../sources/catalog-table.js";
import { failuresOf } from "./failures.js";
import { registration, requireFittingTable, tableTarget, type CatalogTarget } from "./register.js";
import { checkSinkOptions, checkUpdateBehavior } from "./sink-options.js";
import { listExisting, writeFrame, type WriteMode, type WriteReport, type WriteTarget } from "./write-frame.js";
import { collectionReport, type CollectionReport } from "./write-report.js";

export type WriteOptions = RunOptions & {
  readonly frame: DynamicFrame | DynamicFrameCollection;
  /** `file`, or Glue's `s3`: the address says where the files go. */
  readonly connectionType: "file" | "s3";
  readonly connectionOptions: {
    /** Folder of the part files; for a collection the folder that gets one subfolder per frame. */
    readonly path: string;
    /** A connection of the catalog by which an `s3://` path is reached. */
    readonly connectionName?: string;
    readonly partitionKeys?: readonly string[];
    readonly compression?: string;
    /** Creates or extends the catalog table given by `setCatalogInfo`-like options below. */
    readonly enableUpdateCatalog?: boolean;
    readonly updateBehavior?: "UPDATE_IN_DATABASE" | "LOG";
    readonly catalogDatabase?: string;
    readonly catalogTableName?: string;
    /** Set by Glue for collections, whose frames go below their names here anyway. */
    readonly useFrameName?: boolean;
  };
  /** orc: on Spark. */
  readonly format: "parquet" | "json" | "csv" | "avro" | "glueparquet" | "orc";
  readonly formatOptions?: FormatOptions;
  /** Default append: part files get unique names. */
  readonly mode?: WriteMode;
  /** Key of a job's state. */
  readonly transformationCtx?: string;
};

export type WriteCatalogOptions = RunOptions & {
  readonly frame: DynamicFrame;
  readonly database: string;
  readonly tableName: string;
  readonly mode?: WriteMode;
  readonly transformationCtx?: string;
  readonly additionalOptions?: { readonly partitionKeys?: readonly string[]; readonly updateBehavior?: "UPDATE_IN_DATABASE" | "LOG" };
};

export type DynamicFrameWriters = {
  fromOptions(options: WriteOptions & { readonly frame: DynamicFrame }): Promise<WriteReport>;
  fromOptions(options: WriteOptions & { readonly frame: DynamicFrameCollection }): Promise<CollectionReport>;
  /** Into a table of a database, or several, in one transaction. */
  fromOptions(options: WriteDatabaseOptions & { readonly frame: DynamicFrame }): Promise<WriteReport>;
  fromOptions(options: WriteDatabaseOptions & { readonly frame: DynamicFrameCollection }): Promise<CollectionReport>;
  /** The same by the name of a connection of the catalog. */
  fromJdbcConf(options: WriteJdbcConfOptions & { readonly frame: DynamicFrame }): Promise<WriteReport>;
  fromJdbcConf(options: WriteJdbcConfOptions & { readonly frame: DynamicFrameCollection }): Promise<CollectionReport>;
  /** Into the location of a catalog table, which learns of the new files, partitions, columns and their ledger at once. */
  fromCatalog(options: WriteCatalogOptions): Promise<WriteReport>;
};

export function dynamicFrameWriters(environment: Environment): DynamicFrameWriters {
  return Object.freeze({
    fromJdbcConf: ((options: WriteJdbcConfOptions) => writeWithJdbcConf(environment, options)) as DynamicFrameWriters["fromJdbcConf"],
    fromOptions: (async (options: WriteOptions | WriteDatabaseOptions): Promise<WriteReport | CollectionReport> =>
      isDatabaseSink(options) ? writeToDatabase(environment, options) : options.frame instanceof DynamicFrameCollection ? writeCollection(environment, options.frame, options) : writeOne(environment, options.frame, options)) as DynamicFrameWriters["fromOptions"],
    fromCatalog: (options: WriteCatalogOptions) => writeToTable(environment, options),
  });
}

async function writeOne(environment: Environment, frame: DynamicFrame, options: WriteOptions, table?: string): Promise<WriteReport> {
  const { connectionOptions, mode = "append" } = options;
  checkSinkOptions(connectionOptions);
  const path = throughConnection(connectionOptions.path, connectionOptions.connectionName);
  const target: WriteTarget = {
    path: table === undefined ? path : `${path.replace(/\/+$/, "")}/${table}`,
    ...formatOf(options), partitionKeys: connectionOptions.partitionKeys ?? [], mode,
    ...compressionOf(options),
  };
  const to = catalogOf(options, table);
  if (to) await requireFittingTable(environment, target, to);
  const report = await writeFrame(environment, frame.node, target, options);
  await settle(environment, frame.node, target, report, to, options);
  return report;
}

/** Tells the catalog of a write: now, or in a job with its commit, as which it becomes visible. */
async function settle(environment: Environment, node: FrameNode, target: WriteTarget, report: WriteReport, to: CatalogTarget | undefined, run: RunOptions): Promise<void> {
  if (report.skipped) return;
  const { session } = environment;
  const scope = session.run();
  if (!scope) {
    if (to) await requireCatalog(session).applyTableChanges([await registration(environment, node, target, report, to, run)]);
    return;
  }
  const removed = target.mode === "overwrite" ? (await listExisting(session.storage, target.path)).map(({ path }) => path) : [];
  scope.keepWrite({
    report, removed, target: session.storage.resolve(target.path), failures: async () => failuresOf(await environment.resolve(node, run)), files: report.files.flatMap(({ staged, path }) => (staged === undefined ? [] : [{ staged, final: path }])),
    ...(to ? { change: (before) => registration(environment, node, target, report, to, run, before) } : {}),
  });
}

function formatOf({ format, formatOptions = {} }: WriteOptions): Pick<WriteTarget, "format" | "formatOptions"> {
  const written = format === "glueparquet" ? "parquet" : format;
  if (!isFormatName(written)) throw new DynaframeError("UNSUPPORTED_FORMAT", `Format ${String(written)} is not written.`, { expected: "parquet, glueparquet, json, csv, avro or orc", found: String(written), hint: "Give format, e.g. 'parquet'." });
  return { format: written, formatOptions: writeOptions(written, formatOptions) };
}

/** The codec: of the connection options, or of the format's where those have one (Glue's glueparquet). */
function compressionOf({ connectionOptions, format, formatOptions = {} }: WriteOptions): Pick<WriteTarget, "compression"> {
  const given = connectionOptions.compression ?? formatOptions["compression"] ?? formatOptions["codec"];
  return given === undefined ? {} : { compression: writtenCompression(format === "glueparquet" ? "parquet" : format, given) };
}

function catalogOf({ connectionOptions }: WriteOptions, table: string | undefined): CatalogTarget | undefined {
  if (!connectionOptions.enableUpdateCatalog) return undefined;
  const { catalogDatabase, catalogTableName, updateBehavior = "UPDATE_IN_DATABASE" } = connectionOptions;
  if (!catalogDatabase || !(catalogTableName ?? table)) {
    throw new DynaframeError("BAD_ARGUMENT", "enableUpdateCatalog needs catalogDatabase and catalogTableName.", { hint: "Name the table that the written files belong to." });
  }
  return { database: catalogDatabase, tableName: table ?? catalogTableName ?? "", updateBehavior };
}

async function writeCollection(environment: Environment, collection: DynamicFrameCollection, options: WriteOptions): Promise<CollectionReport> {
  const tables: Record<string, WriteReport> = {};
  for (const name of await collection.keys()) tables[name] = await writeOne(environment, collection.select(name), options, name);
  return collectionReport(tables);
}

async function writeToTable(environment: Environment, options: WriteCatalogOptions): Promise<WriteReport> {
  const { frame, database, tableName, mode = "append", additionalOptions = {} } = options;
  checkUpdateBehavior(additionalOptions.updateBehavior);
  const table = await requireCatalog(environment.session).getTable(database, tableName);
  if (isDatabaseTable(table)) {
    const { address, table: name } = await locateTable(environment.session, table);
    return writeInto(environment, { table: name, node: frame.node }, { address, mode, options: {} }, options);
  }
  const target = tableTarget(table, mode, additionalOptions.partitionKeys);
  const report = await writeFrame(environment, frame.node, target, options);
  const catalogTarget = { database, tableName, updateBehavior: additionalOptions.updateBehavior ?? "UPDATE_IN_DATABASE" as const };
  await settle(environment, frame.node, target, report, catalogTarget, options);
  return report;
}
