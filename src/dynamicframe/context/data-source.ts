import type { FormatName, FormatOptions } from "../../formats/index.js";
import { DynaframeError } from "../../types/error.js";
import type { DataFrame } from "../data-frame.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { FromDatabaseOptions } from "../database/database-frame.js";
import {
  isDatabaseType,
  type DatabaseConnectionType,
  type DatabaseSourceOptions,
} from "../database/database-options.js";
import type { DynamicFrameReaders, FromOptionsOptions } from "../readers.js";
import type { SampleOptions } from "../sources/sample-files.js";
import type { SampleFromOptionsOptions } from "./sample-frames.js";

/** Connection options of the type, and beside them what Glue's `getSource` takes. */
export type SourceOptions = FromOptionsOptions["connectionOptions"]
  & Pick<FromOptionsOptions, "pushDownPredicate" | "transformationCtx" | "strictPaths"> & {
    /** The format, in place of `setFormat`. */
    readonly format?: FormatName;
  };
/** The same for a database, which has no format. */
export type DatabaseGetSourceOptions = DatabaseSourceOptions & Pick<FromOptionsOptions, "transformationCtx">;

/** `glue.getSource(…)`: a source that is told its format before it gives frames. Source: docs/sources.md#context. */
export class DataSource {
  #format: FormatName | undefined;
  #formatOptions: FormatOptions = {};

  /** @internal made by `getSource` */
  constructor(
    private readonly readers: DynamicFrameReaders & {
      readonly sample: (options: SampleFromOptionsOptions) => DynamicFrame;
    },
    private readonly connectionType: FromOptionsOptions["connectionType"] | DatabaseConnectionType,
    private readonly options: SourceOptions | DatabaseGetSourceOptions,
  ) {
    this.#format = (options as SourceOptions).format;
  }

  /** `source.setFormat("csv", { withHeader: true })` */
  setFormat(format: FormatName, options: FormatOptions = {}): void {
    this.#format = format;
    this.#formatOptions = options;
  }

  /** The frame of the files. @throws BAD_ARGUMENT without a format, or a path */
  getFrame(): DynamicFrame {
    return this.readers.fromOptions(this.#request());
  }

  /** The first `num` records of a few files. @throws as `getFrame`, BAD_ARGUMENT for a number that is none */
  getSampleFrame(num: number, sampleOptions: SampleOptions = {}): DynamicFrame {
    return this.readers.sample({ ...this.#request(), num, sampleOptions });
  }

  /** As `getFrame().toDF()`. @throws BAD_ARGUMENT without a format, or a path */
  getDataFrame(): DataFrame {
    return this.getFrame().toDF();
  }

  #request(): FromOptionsOptions | FromDatabaseOptions {
    const { connectionType } = this;
    if (isDatabaseType(connectionType)) {
      const { transformationCtx, ...connectionOptions } = this.options as DatabaseGetSourceOptions;
      return { connectionType, connectionOptions, ...(transformationCtx === undefined ? {} : { transformationCtx }) };
    }
    const {
      format: _,
      pushDownPredicate,
      transformationCtx,
      strictPaths,
      ...connectionOptions
    } = this.options as SourceOptions;
    if (this.#format === undefined)
      throw new DynaframeError("BAD_ARGUMENT", "getSource: the source has no format.", {
        path: "format",
        hint: "Call setFormat('json') first.",
      });
    return {
      connectionType,
      connectionOptions,
      format: this.#format,
      formatOptions: this.#formatOptions,
      ...(pushDownPredicate === undefined ? {} : { pushDownPredicate }),
      ...(transformationCtx === undefined ? {} : { transformationCtx }),
      ...(strictPaths === undefined ? {} : { strictPaths }),
    };
  }
}
