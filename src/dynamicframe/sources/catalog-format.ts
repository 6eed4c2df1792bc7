/** How a catalog table says its files are read: format, reader options, and which type the records have. */
import type { Table } from "../../catalog/index.js";
import { recordLayout, type RecordLayout } from "../../catalog/table-format.js";
import type { FormatName, FormatOptions } from "../../formats/index.js";
import { isFormatName } from "../../formats/registry.js";
import { ledgerType } from "../../shapes/ledger-type.js";
import type { Ledger } from "../../shapes/ledger.js";
import { STRING, choice, field, struct, type DataType, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { parseHiveType } from "../../types/hive.js";

export type CatalogFormat = {
  readonly format: FormatName;
  readonly options: FormatOptions;
  readonly recordType: (ledger: Ledger) => StructType;
};

/** Table parameter, ours: whether logical types are read; a table that does not say reads as Glue's default does. */
export const AVRO_VERSION = "dynaframe.avroVersion";

export function catalogFormat(table: Table): CatalogFormat {
  const classification = table.Parameters?.classification ?? table.StorageDescriptor?.Parameters?.classification;
  const layout = recordLayout(table) ?? knownLog(classification);
  if (layout) return layoutFormat(layout);
  switch (classification) {
    case "json":
      return { format: "json", options: jsonOptions(table), recordType: ledgerType };
    case "avro":
      return {
        format: "avro",
        options: { version: table.Parameters?.[AVRO_VERSION] ?? "1.7" },
        recordType: ledgerType,
      };
    case "csv":
      return { format: "csv", options: csvOptions(table), recordType: (ledger) => csvType(table, ledger) };
    case "xml":
      throw new DynaframeError(
        "UNSUPPORTED_FORMAT",
        `Table ${table.DatabaseName}.${table.Name} does not say which XML elements are records.`,
        {
          path: `${table.DatabaseName}.${table.Name}`,
          expected: "the table parameter rowTag",
          found: "none",
          hint: "Set the table parameter rowTag, or crawl with an XML classifier.",
        },
      );
    default:
      if (isFormatName(classification)) return { format: classification, options: {}, recordType: ledgerType };
      throw new DynaframeError(
        "UNSUPPORTED_FORMAT",
        `Table ${table.DatabaseName}.${table.Name} is classified ${classification ?? "not at all"}; this cannot be read yet.`,
        {
          path: `${table.DatabaseName}.${table.Name}`,
          expected: "json, csv, avro, parquet, xml with rowTag, or a log with grokPattern",
          found: classification ?? "no classification",
          hint: "Set the table parameter classification.",
        },
      );
  }
}

/** Logs that a classification names without a pattern. */
function knownLog(classification: string | undefined): RecordLayout | undefined {
  switch (classification) {
    case "apache":
      return { kind: "grok", pattern: "%{COMMONAPACHELOG}" };
    case "combined_apache":
      return { kind: "grok", pattern: "%{COMBINEDAPACHELOG}" };
    case "linux_kernel":
      return { kind: "grok", pattern: "%{LINUXKERNELLOG}" };
    default:
      return undefined;
  }
}

function layoutFormat(layout: RecordLayout): CatalogFormat {
  switch (layout.kind) {
    case "xml":
      return { format: "xml", options: { rowTag: layout.rowTag }, recordType: ledgerType };
    case "grok": {
      const { pattern, customPatterns } = layout;
      return {
        format: "grokLog",
        options: { logFormat: pattern, ...(customPatterns === undefined ? {} : { customPatterns }) },
        recordType: ledgerType,
      };
    }
  }
}

function jsonOptions(table: Table): FormatOptions {
  const jsonPath = table.Parameters?.jsonPath ?? table.StorageDescriptor?.Parameters?.jsonPath;
  return jsonPath ? { jsonPath } : {};
}

/** Columns by position, as Hive reads text; a header line is skipped, its names do not count. */
function csvOptions(table: Table): FormatOptions {
  const descriptor = table.StorageDescriptor;
  const serde = descriptor?.SerdeInfo?.Parameters ?? {};
  const parameters = { ...descriptor?.Parameters, ...table.Parameters };
  const skip = Number(parameters["skip.header.line.count"] ?? 0);
  const quote = serde.quoteChar ?? serde["quote.delim"];
  const escape = serde.escapeChar ?? serde["escape.delim"];
  return {
    separator: parameters.delimiter ?? serde["field.delim"] ?? serde.separatorChar ?? ",",
    ...(quote === undefined ? {} : { quoteChar: quote }),
    ...(escape === undefined ? {} : { escaper: escape }),
    columns: (descriptor?.Columns ?? []).map((c) => c.Name),
    skipFirst: skip > 0,
    inferTypes: true,
  };
}

/**
 * Each column has the catalog's type; values that do not parse as it stay strings and make a choice. Source:
 * docs/sources.md#formats.
 */
function csvType(table: Table, ledger: Ledger): StructType {
  return struct(
    (table.StorageDescriptor?.Columns ?? []).map((column) => {
      const declared = column.Type ? parseHiveType(column.Type) : STRING;
      const node = ledger.root.fields.find((f) => f.name === column.Name)?.node;
      const seen = node ? Object.keys(node.tags).filter((tag) => tag !== "null") : [];
      const misfit = seen.some((tag) => !fits(tag, declared));
      return field(column.Name, misfit ? choice([declared, STRING]) : declared);
    }),
  );
}

/** Whether every text that the scanner tagged so parses as the type. */
function fits(tag: string, declared: DataType): boolean {
  switch (declared.kind) {
    case "string":
    case "enum":
      return true;
    case "int":
    case "short":
    case "byte":
      return tag === "int";
    case "long":
      return tag === "int" || tag === "long";
    case "decimal":
      return tag === "int" || tag === "long" || tag === "bigint" || tag === "double";
    case "double":
    case "float":
      return tag === "int" || tag === "long" || tag === "bigint" || tag === "double";
    case "boolean":
      return tag === "boolean";
    case "date":
      return tag === "date";
    case "timestamp":
    case "timestampntz":
      return tag === "timestamp" || tag === "date";
    default:
      return false;
  }
}
