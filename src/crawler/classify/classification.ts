import type { Compression } from "../../formats/head.js";
import type { FormatName, FormatOptions } from "../../formats/index.js";

/** How a CSV file is laid out, as the catalog will say it. */
export type CsvLayout = {
  readonly delimiter: string;
  /** True when the first row names the columns. */
  readonly header: boolean;
  /** Column names in the data's spelling; `col0`, `col1`, … when there are none. */
  readonly columns: readonly string[];
  /** True when the names were made up. */
  readonly generated: boolean;
  readonly quoteSymbol?: string;
};

/** What a file is, and how it will be read. */
export type Classification = {
  /** The table parameter `classification`: json, csv, parquet, …, or UNKNOWN. */
  readonly name: string;
  /** Absent: recognised, yet not readable here. */
  readonly format?: FormatName;
  readonly compression: Compression;
  /** Which classifier decided: `builtin:json`, `custom:csv[0]`; `none`. */
  readonly decidedBy: string;
  readonly csv?: CsvLayout;
  readonly jsonPath?: string;
  /** Types that texts may have when they are asked for (CSV and JSON), in upper case. */
  readonly datatypes?: readonly string[];
  readonly xml?: { readonly rowTag: string };
  readonly grok?: GrokLayout;
};

/** The log format of a custom classifier, as the catalog will say it. */
export type GrokLayout = { readonly pattern: string; readonly customPatterns?: string };

export const UNKNOWN_CLASSIFICATION = "UNKNOWN";

/** Reader options with which the file is scanned; the same that a catalog table made from it will give. */
export function scanOptions(classification: Classification): FormatOptions {
  switch (classification.format) {
    case "json":
      return {
        ...(classification.jsonPath === undefined ? {} : { jsonPath: classification.jsonPath }),
        ...(classification.datatypes === undefined ? {} : { textTypes: true }),
      };
    case "csv": {
      const csv = classification.csv;
      if (csv === undefined) return {};
      return {
        separator: csv.delimiter,
        skipFirst: csv.header,
        inferTypes: true,
        columns: csv.columns.map((name) => name.toLowerCase()),
        ...(csv.quoteSymbol === undefined ? {} : { quoteChar: csv.quoteSymbol }),
        ...(classification.datatypes?.includes("DECIMAL") === true ? { textTypes: true } : {}),
      };
    }
    case "xml":
      return { ...classification.xml };
    case "grokLog": {
      const { pattern, customPatterns } = classification.grok ?? {};
      return {
        ...(pattern === undefined ? {} : { logFormat: pattern }),
        ...(customPatterns === undefined ? {} : { customPatterns }),
      };
    }
    default:
      return {};
  }
}

/**
 * Files may share a table only when these agree: format, compression, delimiter, JSON path, row tag, log format (Glue's
 * "same format, same compression").
 */
export function compatibilityKey({ name, compression, csv, jsonPath, xml, grok }: Classification): string {
  const layout = xml ?? grok;
  return JSON.stringify([
    name,
    compression,
    csv?.delimiter ?? null,
    csv?.quoteSymbol ?? null,
    jsonPath ?? null,
    ...(layout === undefined ? [] : [layout]),
  ]);
}
