/** `glue.createDynamicFrame.*`: sources by catalog table, by path, from rows and from other tables. */
import { checkCompressionType } from "../formats/compression.js";
import type { FormatName, FormatOptions } from "../formats/index.js";
import { formatOf, isFormatName, formatNames } from "../formats/registry.js";
import { throughConnection } from "../storage/s3/index.js";
import { DynaframeError } from "../types/error.js";
import { DynamicFrame } from "./dynamic-frame.js";
import type { Environment } from "./environment.js";
import { databaseFrame, isDatabaseSource, type FromDatabaseOptions } from "./database/database-frame.js";
import type { HashOptions } from "./database/database-table.js";
import { catalogNode } from "./sources/catalog-table.js";
import { fromDF, type ForeignTable } from "./sources/foreign-table.js";
import { filesNode } from "./sources/files.js";
import { rowsNode, type RecordSource, type RowsOptions } from "./sources/rows.js";
import { requestedType } from "./with-schema.js";

export type FromCatalogOptions = {
  readonly database: string;
  readonly tableName: string;
  readonly pushDownPredicate?: string;
  readonly transformationCtx?: string;
  readonly additionalOptions?: { readonly catalogPartitionPredicate?: string; readonly allowMissingFiles?: boolean } & HashOptions;
};

export type FromOptionsOptions = {
  /** `file`, or Glue's `s3`: the address says where the files are. */
  readonly connectionType: "file" | "s3";
  readonly connectionOptions: {
    readonly path?: string;
    readonly paths?: readonly string[];
    readonly recurse?: boolean;
    /** A connection of the catalog by which `s3://` paths are reached. */
    readonly connectionName?: string;
    /** gzip, bzip2, zstd, snappy or none; only checked, since each file's content tells. */
    readonly compressionType?: string;
  };
  readonly format: FormatName;
  readonly formatOptions?: FormatOptions;
  readonly transformationCtx?: string;
};

export type DynamicFrameReaders = {
  /** A catalog table. Its ledger spares the inference pass; new and changed files are scanned now. */
  readonly fromCatalog: (options: FromCatalogOptions) => DynamicFrame;
  /** Files by path, every record scanned for its types; or a table or query of a database, with its exact types. */
  readonly fromOptions: (options: FromOptionsOptions | FromDatabaseOptions) => DynamicFrame;
  /** Plain objects, or anything that yields them; read once. */
  readonly fromRows: (rows: RecordSource, options?: RowsOptions) => DynamicFrame;
  /** A DataFrame of this context, an Arrow table, a Polars DataFrame, or plain objects. */
  readonly fromDF: (df: ForeignTable, name?: string) => DynamicFrame;
};

export function dynamicFrameReaders(environment: Environment): DynamicFrameReaders {
  return Object.freeze({
    fromCatalog: ({ database, tableName, pushDownPredicate, transformationCtx = "", additionalOptions = {} }: FromCatalogOptions) =>
      new DynamicFrame(environment, catalogNode({
        database, tableName, transformationCtx, ...additionalOptions, ...(pushDownPredicate ? { pushDownPredicate } : {}),
      }), tableName),
    fromOptions: (options: FromOptionsOptions | FromDatabaseOptions) =>
      (isDatabaseSource(options) ? databaseFrame(environment, options) : fromOptions(environment, options)),
    fromRows: (rows: RecordSource, options: RowsOptions = {}) => new DynamicFrame(environment, rowsNode(rows, options), options.name ?? "rows"),
    fromDF: (df: ForeignTable, name = "frame") => fromDF(environment, df, name),
  });
}

function fromOptions(environment: Environment, options: FromOptionsOptions): DynamicFrame {
  const { connectionType, connectionOptions, format, formatOptions = {}, transformationCtx = "" } = options;
  if (connectionType !== "file" && connectionType !== "s3") {
    throw new DynaframeError("UNSUPPORTED_CONNECTION", `fromOptions: connectionType ${String(connectionType)} is not built yet.`, { expected: "file, s3", found: String(connectionType), hint: "Use connectionType: 'file' or 's3' with a path." });
  }
  if (!isFormatName(format)) {
    throw new DynaframeError("UNSUPPORTED_FORMAT", `fromOptions: format ${String(format)} is not known.`, { expected: formatNames().join(", "), found: String(format), hint: "Give format, e.g. 'json'." });
  }
  const paths = connectionOptions.paths ?? (connectionOptions.path === undefined ? [] : [connectionOptions.path]);
  if (paths.length === 0) throw new DynaframeError("BAD_ARGUMENT", "fromOptions: connectionOptions has no path.", { expected: "path or paths", hint: "Give connectionOptions: { paths: ['./data'] }." });
  if (connectionOptions.compressionType !== undefined) checkCompressionType(connectionOptions.compressionType);
  formatOf(format).checkOptions(formatOptions);
  requestedType(format, formatOptions);
  const node = filesNode({ paths: paths.map((path) => throughConnection(path, connectionOptions.connectionName)), format, formatOptions, recurse: connectionOptions.recurse ?? true, transformationCtx });
  return new DynamicFrame(environment, node, frameName(paths));
}

/** Glue: the common prefix of the paths without `:`, `/` and `.`. */
function frameName(paths: readonly string[]): string {
  const prefix = paths.reduce((a, b) => { let i = 0; while (i < a.length && a[i] === b[i]) i++; return a.slice(0, i); });
  return prefix.replaceAll(/[:/.]/g, "") || "frame";
}
