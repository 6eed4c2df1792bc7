/** The options of CSV, for reading and for writing, checked and with Glue's defaults. */
import type { CsvOptions } from "../shapes/scan-csv.js";
import { DynaframeError } from "../types/error.js";
import { badValue, booleanOption, checkOptions, type OptionTable } from "./check-options.js";
import { charsetOption } from "./charset-option.js";
import type { FormatOptions } from "./index.js";
import { schemaOption } from "./schema-option.js";

const READ: OptionTable = {
  separator: "any",
  escaper: "any",
  quoteChar: "any",
  multiLine: "boolean",
  withHeader: "boolean",
  skipFirst: "boolean",
  withSchema: "any",
  optimizePerformance: "boolean",
  encoding: "string",
  // of writers; scripts pass one set of options to both
  writeHeader: "boolean",
  strictCheckForQuoting: "boolean",
  // ours: names of the columns by position, and types told from the text, as for a catalog table; scans only: the
  // digits of numbers
  columns: "any",
  inferTypes: "boolean",
  textTypes: "boolean",
};

/**
 * How files are read. `quoteChar: -1` turns quoting off, `escaper` "none" (the default) escaping. `withSchema` also
 * names the columns where no header and no `columns` does.
 * @throws BAD_OPTION naming the option.
 */
export function csvOptions(options: FormatOptions): CsvOptions {
  checkOptions("csv", options, READ);
  const dialect = dialectOf(options);
  const withHeader = booleanOption(options, "withHeader", false);
  const charset = charsetOption("csv", options);
  const schema = schemaOption(options);
  const names = columnsOf(options) ?? (withHeader ? undefined : schema?.fields.map(({ name }) => name));
  return {
    ...dialect,
    multiLine: booleanOption(options, "multiLine", false),
    withHeader,
    skipFirst: booleanOption(options, "skipFirst", false),
    ...(names === undefined ? {} : { names }),
    ...(charset === "utf-8" ? {} : { charset }),
    inferTypes: booleanOption(options, "inferTypes", false),
    ...(booleanOption(options, "textTypes", false) ? { textTypes: true } : {}),
  };
}

/** How files are written; `compression` is the sink's own and was checked with it. */
export type CsvWriteOptions = {
  readonly separator: string;
  /** -1: no quotes. */
  readonly quoteChar: string | -1;
  /** Undefined: none. */
  readonly escaper?: string;
  readonly writeHeader: boolean;
};

const WRITTEN: OptionTable = {
  separator: "any",
  escaper: "any",
  quoteChar: "any",
  writeHeader: "boolean",
  strictCheckForQuoting: "boolean",
  compression: "string",
};

/**
 * `strictCheckForQuoting` is accepted and changes nothing: quotes are written only where they are needed, always.
 * @throws BAD_OPTION naming the option.
 */
export function csvWriteOptions(options: FormatOptions): CsvWriteOptions {
  checkOptions("csv", options, WRITTEN);
  const { escaper, ...rest } = dialectOf(options);
  return {
    ...rest,
    ...(escaper === undefined || escaper === rest.quoteChar ? {} : { escaper }),
    writeHeader: booleanOption(options, "writeHeader", true),
  };
}

function dialectOf(options: FormatOptions): {
  readonly separator: string;
  readonly quoteChar: string | -1;
  readonly escaper?: string;
} {
  const separator = charOrOff(options, "separator", ",");
  if (separator === -1) throw badValue("csv", "separator", "one ASCII character", options["separator"]);
  const quoteChar = charOrOff(options, "quoteChar", '"');
  const escaper = options["escaper"] === "none" ? -1 : charOrOff(options, "escaper", -1);
  for (const [option, value] of [
    ["quoteChar", quoteChar],
    ["escaper", escaper],
  ] as const) {
    if (value === separator) throw clash(option, separator);
  }
  return { separator, quoteChar, ...(escaper === -1 ? {} : { escaper }) };
}

function charOrOff(options: FormatOptions, option: string, otherwise: string | -1): string | -1 {
  const value = options[option];
  if (value === undefined) return otherwise;
  if (value === -1 || value === "-1" || value === null) return -1;
  if (typeof value === "string" && value.length === 1 && value < "\u0080" && value !== "\n" && value !== "\r")
    return value;
  throw badValue(
    "csv",
    option,
    `one ASCII character that ends no line${option === "separator" ? "" : ", or -1 for none"}`,
    value,
  );
}

const clash = (option: string, separator: string): DynaframeError =>
  new DynaframeError(
    "BAD_OPTION",
    `option ${option} of format csv is the separator too: ${JSON.stringify(separator)}`,
    { path: option, expected: "another character", found: separator, hint: "Every mark needs a character of its own." },
  );

function columnsOf(options: FormatOptions): readonly string[] | undefined {
  const value = options["columns"];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value as readonly string[];
  throw badValue("csv", "columns", "a list of names", value);
}
