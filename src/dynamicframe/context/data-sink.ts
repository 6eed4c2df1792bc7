import type { FormatOptions } from "../../formats/index.js";
import type { RunOptions } from "../../engine/index.js";
import { DynaframeError } from "../../types/error.js";
import { DynamicFrameCollection } from "../collection.js";
import { isDatabaseType, type DatabaseConnectionType, type DatabaseSinkOptions } from "../database/database-options.js";
import type { WriteDatabaseOptions } from "../database/write-database.js";
import type { DataFrame } from "../data-frame.js";
import { DynamicFrame } from "../dynamic-frame.js";
import type { WriteMode, WriteReport } from "../write/write-frame.js";
import type { CollectionReport } from "../write/write-report.js";
import type { DynamicFrameWriters, WriteOptions } from "../write/writers.js";

export type SinkFormat = WriteOptions["format"];
/** Connection options of the type, and beside them what Glue's `getSink` takes. */
export type SinkOptions = WriteOptions["connectionOptions"] & {
  /** The format, in place of `setFormat`. */
  readonly format?: SinkFormat;
  /** Default append. */
  readonly mode?: WriteMode;
  /** Key of a job's state. */
  readonly transformationCtx?: string;
};
/** The same for a database, which has no format. */
export type DatabaseGetSinkOptions = DatabaseSinkOptions
  & Pick<WriteDatabaseOptions, "mode"> & {
    /** Key of a job's state. */
    readonly transformationCtx?: string;
  };
/** The catalog table that a sink creates or updates. */
export type CatalogInfo = {
  readonly catalogDatabase: string;
  readonly catalogTableName: string;
  readonly catalogId?: string;
};

/**
 * `glue.getSink(…)`: a sink that is told its format and its catalog table before it takes frames. Source:
 * docs/sources.md#context.
 */
export class DataSink {
  #format: SinkFormat | undefined;
  #formatOptions: FormatOptions = {};
  #catalog: CatalogInfo | undefined;

  /** @internal made by `getSink` */
  constructor(
    private readonly writers: DynamicFrameWriters,
    private readonly connectionType: WriteOptions["connectionType"] | DatabaseConnectionType,
    private readonly options: SinkOptions | DatabaseGetSinkOptions,
  ) {
    this.#format = (options as SinkOptions).format;
  }

  /** `sink.setFormat("parquet")`; `glueparquet` is parquet. */
  setFormat(format: SinkFormat, options: FormatOptions = {}): void {
    this.#format = format;
    this.#formatOptions = options;
  }

  /** The table that a write with `enableUpdateCatalog` creates or extends. */
  setCatalogInfo(info: CatalogInfo): void {
    this.#catalog = info;
  }

  /** Taken for Glue's sake: reports here always count every record. BAD_ARGUMENT for what is no size. */
  setAccumulableSize(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new DynaframeError("BAD_ARGUMENT", `setAccumulableSize: ${size} is no size.`, {
        expected: "a whole number from 0",
        found: String(size),
      });
  }

  /**
   * Writes one frame; `info` is taken for Glue's sake.
   * @throws BAD_ARGUMENT for what is no frame, or without a format
   */
  writeFrame(frame: DynamicFrame, _info = "", run: RunOptions = {}): Promise<WriteReport> {
    if (!(frame instanceof DynamicFrame)) throw notWritable(frame);
    const request = this.#request();
    return isOfDatabase(request)
      ? this.writers.fromOptions({ ...request, ...run, frame })
      : this.writers.fromOptions({ ...request, ...run, frame });
  }

  /**
   * Writes a frame, or every frame of a collection into a folder of its name.
   * @throws BAD_ARGUMENT for neither, or without a format
   */
  write(frame: DynamicFrame, info?: string, run?: RunOptions): Promise<WriteReport>;
  write(frame: DynamicFrameCollection, info?: string, run?: RunOptions): Promise<CollectionReport>;
  write(
    frame: DynamicFrame | DynamicFrameCollection,
    info = "",
    run: RunOptions = {},
  ): Promise<WriteReport | CollectionReport> {
    if (!(frame instanceof DynamicFrameCollection)) return this.writeFrame(frame, info, run);
    const request = this.#request();
    return isOfDatabase(request)
      ? this.writers.fromOptions({ ...request, ...run, frame })
      : this.writers.fromOptions({ ...request, ...run, frame });
  }

  /** Writes a DataFrame. @throws BAD_ARGUMENT without a format */
  writeDataFrame(df: DataFrame, run: RunOptions = {}): Promise<WriteReport> {
    return this.writeFrame(new DynamicFrame(df.environment, df.node, "dataframe"), "", run);
  }

  #request(): Omit<WriteOptions, "frame"> | Omit<WriteDatabaseOptions, "frame"> {
    const { connectionType } = this;
    if (isDatabaseType(connectionType)) {
      const { mode, transformationCtx: _, ...connectionOptions } = this.options as DatabaseGetSinkOptions;
      return { connectionType, connectionOptions, ...(mode === undefined ? {} : { mode }) };
    }
    const { format: _, mode, transformationCtx: _ctx, ...connectionOptions } = this.options as SinkOptions;
    if (this.#format === undefined)
      throw new DynaframeError("BAD_ARGUMENT", "getSink: the sink has no format.", {
        path: "format",
        hint: "Call setFormat('parquet') first.",
      });
    const { catalogDatabase, catalogTableName } = this.#catalog ?? {};
    return {
      connectionType,
      format: this.#format,
      formatOptions: this.#formatOptions,
      ...(mode === undefined ? {} : { mode }),
      connectionOptions: {
        ...connectionOptions,
        ...(catalogDatabase === undefined ? {} : { catalogDatabase }),
        ...(catalogTableName === undefined ? {} : { catalogTableName }),
      },
    };
  }
}

const isOfDatabase = (
  request: Omit<WriteOptions, "frame"> | Omit<WriteDatabaseOptions, "frame">,
): request is Omit<WriteDatabaseOptions, "frame"> => isDatabaseType(request.connectionType);

const notWritable = (found: unknown): DynaframeError =>
  new DynaframeError("BAD_ARGUMENT", "The sink takes a DynamicFrame or a DynamicFrameCollection.", {
    name: "TypeError",
    expected: "DynamicFrame or DynamicFrameCollection",
    found: typeof found,
    hint: "Make one with DynamicFrame.fromDF, or use writeDataFrame.",
  });
