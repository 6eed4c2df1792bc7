/** `glue.createDynamicFrame.*`: sources by catalog table, by path, from rows and from other tables. */
import type { FormatName, FormatOptions } from "../formats/index.js";
import { formatOf, isFormatName, formatNames } from "../formats/registry.js";
import { throughConnection } from "../storage/s3/address.js";
import { DynaframeError } from "../types/error.js";
import { DynamicFrame } from "./dynamic-frame.js";
import type { Environment } from "./environment.js";
import { checkTransformOptions } from "./check-transform-options.js";
import { requireFiles } from "./connection-type.js";
import { databaseFrame, isDatabaseSource, type FromDatabaseOptions } from "./database/database-frame.js";
import { DATABASE_TYPES } from "./database/database-options.js";
import { HASH_OPTIONS, type HashOptions } from "./database/database-table.js";
import { schemaOption } from "../formats/schema-option.js";
import { type CatalogArgs, catalogNode } from "./sources/catalog-node.js";
import type { ForeignTable } from "./sources/foreign-table.js";
import { filesNode } from "./sources/files.js";
import { rowsNode, type RecordSource, type RowsOptions } from "./sources/rows.js";
import type { SampleOptions } from "./sources/sample-files.js";
import { checkSourceOptions, sourceSelection, type FileSourceOptions } from "./sources/source-options.js";
import { isKafkaSource, type FromKafkaOptions } from "./stream/kafka/kafka-options.js";
import { kafkaFrame } from "./stream/kafka/kafka-source.js";
import { requireOptions, requireText } from "./require-text.js";
import { trailing } from "./trailing.js";
import type { TransformOptions } from "./verbs/verb.js";

/** What to read of a table of the catalog, and how. `database`, or `nameSpace`, and `tableName` are required. */
export type FromCatalogOptions = TransformOptions & {
  /** Database of the catalog. */
  readonly database?: string;
  /** Glue's other name for `database`; one of the two. */
  readonly nameSpace?: string;
  /** Table of the database. */
  readonly tableName: string;
  /** Spark SQL over the partition columns, evaluated on the catalog before anything is listed. */
  readonly pushDownPredicate?: string;
  /** Reads the table as it was at a version (3 or "v3"): its definition, and the files it had, as they were. */
  readonly asOfVersion?: string | number;
  /** As `asOfVersion`, for the version in force at a time: a Date, or a text such as 2024-01-31. */
  readonly asOfTime?: string | Date;
  /** Options of the files; a table's parameters of the same names hold where these do not say otherwise. */
  readonly additionalOptions?: FileSourceOptions
    & HashOptions & {
      /** GetPartitions grammar, evaluated by the catalog. */
      readonly catalogPartitionPredicate?: string;
      /** A file that the catalog knows and that is gone is passed over instead of an error. */
      readonly allowMissingFiles?: boolean;
    };
  /** Accepted; a context has one catalog. */
  readonly catalogId?: string;
  /** False: unknown option names are passed over, as Glue does. Default true. */
  readonly strictPaths?: boolean;
};

/** Which files to read, in which format. `path` or `paths` is required. */
export type FromOptionsOptions = TransformOptions & {
  /** `file`, or Glue's `s3`: the address says where the files are. */
  readonly connectionType: "file" | "s3";
  /** Where the files are, and which of them are read. */
  readonly connectionOptions: FileSourceOptions & {
    /** A file, a folder or a glob. */
    readonly path?: string;
    /** As `path`; one of the two. */
    readonly paths?: string | readonly string[];
    /** A connection of the catalog by which `s3://` paths are reached. */
    readonly connectionName?: string;
  };
  /** How the files are read; each format has its own `formatOptions`. */
  readonly format: FormatName;
  /** Options of the format, by Glue's names: docs/format-options.md. An unknown one is BAD_OPTION. */
  readonly formatOptions?: FormatOptions;
  /** Over the columns that `key=value` folders give, which are strings: `year == '2024'`. */
  readonly pushDownPredicate?: string;
  /** False: unknown option names are passed over, as Glue does. Default true. */
  readonly strictPaths?: boolean;
};

/** @internal what only samples pass */
export type Sampled = { readonly sample?: SampleOptions };

export type DynamicFrameReaders = {
  /** A catalog table. Its ledger spares the inference pass; new and changed files are scanned now. */
  readonly fromCatalog: (options: FromCatalogOptions) => DynamicFrame;
  /**
   * Files by path, or topics of Kafka, every record scanned for its types; or a table or query of a database, with its
   * exact types.
   */
  readonly fromOptions: (options: FromOptionsOptions | FromDatabaseOptions | FromKafkaOptions) => DynamicFrame;
  /** Plain objects, or anything that yields them; read once. */
  readonly fromRows: (rows: RecordSource, options?: RowsOptions) => DynamicFrame;
  /** A DataFrame of this context, an Arrow table, a Polars DataFrame, or plain objects. */
  readonly fromDF: (df: ForeignTable, name?: string) => DynamicFrame;
};

export function dynamicFrameReaders(environment: Environment): DynamicFrameReaders {
  return Object.freeze({
    fromCatalog: (options: FromCatalogOptions) => {
      requireOptions("fromCatalog", options);
      return fromCatalog(environment, options);
    },
    fromOptions: (options: FromOptionsOptions | FromDatabaseOptions | FromKafkaOptions) => {
      requireOptions("fromOptions", options);
      return isKafkaSource(options)
        ? kafkaFrame(environment, options)
        : isDatabaseSource(options)
          ? databaseFrame(environment, options)
          : fromOptions(environment, options);
    },
    fromRows: (rows: RecordSource, options: RowsOptions = {}) =>
      new DynamicFrame(environment, rowsNode(rows, options), options.name ?? "rows"),
    fromDF: (df: ForeignTable, name?: string) => DynamicFrame.fromDF(df, { environment }, name),
  });
}

/**
 * What the calls take beside the options that every step has. `redshiftTmpDir` is passed over: nothing is staged there.
 */
const CATALOG_CALL = [
  "database",
  "nameSpace",
  "tableName",
  "pushDownPredicate",
  "asOfVersion",
  "asOfTime",
  "additionalOptions",
  "catalogId",
  "redshiftTmpDir",
];
const OPTIONS_CALL = ["connectionType", "connectionOptions", "format", "formatOptions", "pushDownPredicate"];

export function fromCatalog(
  environment: Environment,
  { sample, ...options }: FromCatalogOptions & Sampled,
): DynamicFrame {
  const { tableName, pushDownPredicate, additionalOptions = {}, strictPaths = true } = options;
  const database = databaseOf(options);
  if (strictPaths) checkTransformOptions("fromCatalog", options, CATALOG_CALL);
  requireText("fromCatalog", "database", database);
  requireText("fromCatalog", "tableName", tableName);
  checkSourceOptions(
    "fromCatalog",
    additionalOptions,
    ["catalogPartitionPredicate", "allowMissingFiles", ...HASH_OPTIONS],
    strictPaths,
  );
  const {
    catalogPartitionPredicate,
    allowMissingFiles,
    hashfield,
    hashexpression,
    hashpartitions,
    jobBookmarkKeys,
    jobBookmarkKeysSortOrder,
    ...files
  } = additionalOptions;
  const node = catalogNode(
    {
      database,
      tableName,
      ...(Object.keys(files).length === 0 ? {} : { files }),
      ...(pushDownPredicate ? { pushDownPredicate } : {}),
      ...(catalogPartitionPredicate ? { catalogPartitionPredicate } : {}),
      ...(hashfield === undefined ? {} : { hashfield }),
      ...(hashexpression === undefined ? {} : { hashexpression }),
      ...(hashpartitions === undefined ? {} : { hashpartitions }),
      ...(jobBookmarkKeys === undefined ? {} : { jobBookmarkKeys }),
      ...(jobBookmarkKeysSortOrder === undefined ? {} : { jobBookmarkKeysSortOrder }),
      ...(allowMissingFiles === undefined ? {} : { allowMissingFiles }),
      ...(sample ? { sample } : {}),
      ...asOf(options),
    },
    trailing(options),
  );
  return new DynamicFrame(environment, node, tableName);
}

const asOf = ({ asOfVersion: version, asOfTime: time }: FromCatalogOptions): Pick<CatalogArgs, "asOf"> =>
  version === undefined && time === undefined
    ? {}
    : { asOf: { ...(version === undefined ? {} : { version }), ...(time === undefined ? {} : { time }) } };

/** Glue: one of the two names, not both. */
function databaseOf({ database, nameSpace }: FromCatalogOptions): string {
  const given = database ?? nameSpace;
  if (given !== undefined && (database === undefined || nameSpace === undefined)) return given;
  throw new DynaframeError(
    "BAD_ARGUMENT",
    given === undefined
      ? "fromCatalog: no database is given."
      : "fromCatalog: database and nameSpace are both given, choose one.",
    { path: "database", expected: "database", hint: "Give database; nameSpace is its older name." },
  );
}

export function fromOptions(
  environment: Environment,
  { sample, ...options }: FromOptionsOptions & Sampled,
): DynamicFrame {
  const {
    connectionType,
    connectionOptions = {},
    format,
    formatOptions = {},
    pushDownPredicate,
    strictPaths = true,
  } = options;
  if (strictPaths) checkTransformOptions("fromOptions", options, OPTIONS_CALL);
  requireFiles("fromOptions", connectionType, [...DATABASE_TYPES, "kafka"]);
  if (!isFormatName(format)) {
    throw new DynaframeError("UNSUPPORTED_FORMAT", `fromOptions: format ${String(format)} is not known.`, {
      expected: formatNames().join(", "),
      found: String(format),
      hint: "Give format, e.g. 'json'.",
    });
  }
  checkSourceOptions("fromOptions", connectionOptions, ["path", "paths", "connectionName"], strictPaths);
  const paths = pathsOf(connectionOptions);
  for (const path of paths) requireText("fromOptions", "paths", path);
  if (paths.length === 0) {
    throw new DynaframeError("BAD_ARGUMENT", "fromOptions: connectionOptions has no path.", {
      expected: "path or paths",
      hint: "Give connectionOptions: { paths: ['./data'] }.",
    });
  }
  formatOf(format).checkOptions(formatOptions);
  schemaOption(formatOptions);
  const node = filesNode(
    {
      paths: paths.map((path) => throughConnection(path, connectionOptions.connectionName)),
      format,
      formatOptions,
      selection: sourceSelection(connectionOptions),
      ...(pushDownPredicate ? { pushDownPredicate } : {}),
      ...(sample ? { sample } : {}),
    },
    trailing(options),
  );
  return new DynamicFrame(environment, node, frameName(paths));
}

function pathsOf({
  path,
  paths,
}: {
  readonly path?: string;
  readonly paths?: string | readonly string[];
}): readonly string[] {
  if (paths !== undefined) return Array.isArray(paths) ? (paths as readonly string[]) : [paths as string];
  return path === undefined ? [] : [path];
}

/** Glue: the common prefix of the paths without `:`, `/` and `.`. */
function frameName(paths: readonly string[]): string {
  const prefix = paths.reduce((a, b) => {
    let i = 0;
    while (i < a.length && a[i] === b[i]) i++;
    return a.slice(0, i);
  });
  return prefix.replaceAll(/[:/.]/g, "") || "frame";
}
