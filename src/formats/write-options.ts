/** The options of sinks by format, checked before anything is written. */
import { avroVersion } from "./avro/avro-version.js";
import { badValue, checkOptions, type OptionTable } from "./check-options.js";
import { csvWriteOptions } from "./csv-options.js";
import type { FormatOptions } from "./index.js";

const WRITTEN_FORMATS = ["json", "csv", "parquet", "avro", "orc"] as const;
export type WrittenFormat = (typeof WRITTEN_FORMATS)[number];
/** XML and logs are read only, as in Glue. */
export const isWrittenFormat = (name: unknown): name is WrittenFormat =>
  WRITTEN_FORMATS.some((known) => known === name);

const PARQUET: OptionTable = {
  compression: "string",
  blockSize: "any",
  pageSize: "any",
  useGlueParquetWriter: "boolean",
};

/**
 * The options in one form: numbers as numbers, defaults filled in. JSON is always lines and takes none but
 * `compression`. For Parquet `blockSize` (bytes of a row group before encoding, Glue's 134217728) is kept as well as
 * the engine can, `pageSize` is checked and the engine's own, and `useGlueParquetWriter` changes nothing: every file
 * has its own schema here.
 * @throws BAD_OPTION naming the option.
 */
export function writeOptions(format: WrittenFormat, options: FormatOptions): FormatOptions {
  switch (format) {
    case "csv":
      return { ...csvWriteOptions(options) };
    case "json": {
      checkOptions("json", options, { compression: "string" });
      return {};
    }
    case "orc": {
      checkOptions("orc", options, { compression: "string" });
      return {};
    }
    case "avro": {
      checkOptions("avro", options, { version: "any", compression: "string", codec: "string" });
      return { version: avroVersion(options) };
    }
    case "parquet": {
      checkOptions("parquet", options, PARQUET);
      sizeOption(options, "pageSize");
      const blockSize = sizeOption(options, "blockSize");
      return blockSize === undefined ? {} : { blockSize };
    }
  }
}

/** A number of bytes, perhaps as text. */
function sizeOption(options: FormatOptions, option: string): number | undefined {
  const value = options[option];
  if (value === undefined) return undefined;
  const bytes = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 1024) return bytes;
  throw badValue("parquet", option, "a number of bytes, at least 1024", value);
}
