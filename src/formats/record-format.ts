import type { RecordReader } from "../shapes/records/record-reader.js";
import type { FileRef } from "../storage/index.js";
import type { StructType } from "../types/data-type.js";
import type {
  Format,
  FormatName,
  FormatOptions,
  BatchesContext,
  ScanAndStageContext,
  ScanContext,
  StageContext,
  WantedFields,
} from "./index.js";

/** What a format needs to say whose reader yields records as values. */
export type RecordFormat = {
  readonly name: FormatName;
  readonly detect: Format["detect"];
  /** Checks the options, as `Format.checkOptions`. */
  readonly checkOptions: (options: FormatOptions) => void;
  /** The reader for checked options; heavy parts are loaded here. */
  readonly reader: (options: FormatOptions) => Promise<RecordReader>;
};

/** The format whose ledgers, batches and staged files all come from one reader. */
export function recordFormat({ name, detect, checkOptions, reader }: RecordFormat): Format {
  const open = (options: FormatOptions): Promise<RecordReader> => {
    checkOptions(options);
    return reader(options);
  };
  return Object.freeze({
    name,
    detect,
    checkOptions,
    async *scan(files: readonly FileRef[], options: FormatOptions, context: ScanContext) {
      const [read, { scanRecords }] = await Promise.all([open(options), import("../shapes/records/scan-records.js")]);
      yield* scanRecords(files, name, read, context);
    },
    async scanAndStage(
      files: readonly FileRef[],
      options: FormatOptions,
      wanted: WantedFields,
      context: ScanAndStageContext,
    ) {
      const [read, { scanAndStageRecords }] = await Promise.all([
        open(options),
        import("../shapes/records/scan-and-stage.js"),
      ]);
      const done = await scanAndStageRecords(files, name, read, wanted, context);
      if (done === undefined) return undefined;
      const { ledgers, staged } = done;
      return {
        ledgers,
        ...(staged && { staged: { type: staged.type, result: staged.result, discard: staged.discard } }),
      };
    },
    async *batches(files: readonly FileRef[], options: FormatOptions, type: StructType, context: BatchesContext) {
      const [read, { readRecords }] = await Promise.all([open(options), import("../shapes/records/stage-records.js")]);
      yield* readRecords(files, type, read, context);
    },
    async stage(
      files: readonly FileRef[],
      options: FormatOptions,
      type: StructType,
      layout: "nested" | "tables",
      context: StageContext,
    ) {
      const [read, { stageRecords }] = await Promise.all([open(options), import("../shapes/records/stage-records.js")]);
      return stageRecords(files, type, layout, read, context);
    },
  } satisfies Format);
}
