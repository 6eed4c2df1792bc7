/** `glue.writeDynamicFrame.*`: frames and whole collections to files and to catalog tables. */
import type { RunOptions } from "../../engine/index.js";
import type { FormatOptions } from "../../formats/index.js";
import type { DynamicFrameCollection } from "../collection.js";
import type { WriteDatabaseOptions, WriteJdbcConfOptions } from "../database/write-database.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import type { WriteMode, WriteReport } from "./write-frame.js";
import type { CollectionReport } from "./write-report.js";

/** Which frame goes where, in which format, and whether a catalog table learns of it. */
export type WriteOptions = RunOptions & {
  /** What is written; of a collection each frame goes into a folder of its name. */
  readonly frame: DynamicFrame | DynamicFrameCollection;
  /** `file`, or Glue's `s3`: the address says where the files go. */
  readonly connectionType: "file" | "s3";
  /** Where the files go, and which catalog table learns of them. */
  readonly connectionOptions: {
    /**
     * Folder of the part files; for a collection the folder that gets one subfolder per frame, named as the frame; `/`
     * and what no file system takes are `%xx`.
     */
    readonly path: string;
    /** A connection of the catalog by which an `s3://` path is reached. */
    readonly connectionName?: string;
    /** Top-level fields that become folders, `year=2024/`; default none. */
    readonly partitionKeys?: readonly string[];
    /** By the format: docs/format-options.md says which, and its default. */
    readonly compression?: string;
    /** Creates or extends the catalog table that the options below name. */
    readonly enableUpdateCatalog?: boolean;
    /** Whether the table takes on new columns (the default) or stays as it is. */
    readonly updateBehavior?: "UPDATE_IN_DATABASE" | "LOG";
    /** Database of the table. */
    readonly catalogDatabase?: string;
    /** The table; made if it is not there. */
    readonly catalogTableName?: string;
    /** Set by Glue for collections, whose frames go below their names here anyway. */
    readonly useFrameName?: boolean;
  };
  /** orc: on Spark. */
  readonly format: "parquet" | "json" | "csv" | "avro" | "glueparquet" | "orc";
  /** Options of the format, by Glue's names: docs/format-options.md. An unknown one is BAD_OPTION. */
  readonly formatOptions?: FormatOptions;
  /** Default append: part files get unique names. */
  readonly mode?: WriteMode;
  /** Key of a job's state. */
  readonly transformationCtx?: string;
  /** Accepted from Glue's `DynamicFrame.write`, no effect: every error is counted. */
  readonly accumulatorSize?: number;
};

/** Which frame goes into which table of the catalog. `mode` is append by default. */
export type WriteCatalogOptions = RunOptions & {
  /** What is written. */
  readonly frame: DynamicFrame;
  /** Database of the catalog. */
  readonly database: string;
  /** A table that is there, else ENTITY_NOT_FOUND. */
  readonly tableName: string;
  /** Default append: part files get unique names. */
  readonly mode?: WriteMode;
  /** Key of a job's state. */
  readonly transformationCtx?: string;
  /** `enableUpdateCatalog: false` leaves the catalog as it is, which is Glue's default and not ours. */
  readonly additionalOptions?: {
    readonly partitionKeys?: readonly string[];
    readonly enableUpdateCatalog?: boolean;
    readonly updateBehavior?: "UPDATE_IN_DATABASE" | "LOG";
  };
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
  /**
   * Into the location of a catalog table, which learns of the new files, partitions, columns and their ledger at once.
   */
  fromCatalog(options: WriteCatalogOptions): Promise<WriteReport>;
};

export function dynamicFrameWriters(environment: Environment): DynamicFrameWriters {
  const load = () => import("./write-request.js");
  return Object.freeze({
    fromJdbcConf: (async (options: WriteJdbcConfOptions) =>
      (await load()).writeByConnection(environment, options)) as DynamicFrameWriters["fromJdbcConf"],
    fromOptions: (async (options: WriteOptions | WriteDatabaseOptions) =>
      (await load()).writeByOptions(environment, options)) as DynamicFrameWriters["fromOptions"],
    fromCatalog: async (options: WriteCatalogOptions) => (await load()).writeToTable(environment, options),
  });
}
