/** Tables and partitions as Glue's crawlers write them. */
import { createHash } from "node:crypto";
import type { Column, Parameters, PartitionInput, StorageDescriptor, TableInput } from "../catalog/index.js";
import { EXCLUSIONS_ROOT, TABLE_TYPE, tableFormat } from "../catalog/table-format.js";
import { ledgerType } from "../shapes/ledger-type.js";
import type { Ledger } from "../shapes/ledger.js";
import { typeToJson } from "../types/json.js";
import { catalogColumns, DATATYPES_PARAMETER } from "./catalog-columns.js";
import type { Classification } from "./classify/classification.js";
import type { TableGroup } from "./group/group-tables.js";
import type { Reason } from "./group/reason.js";
import { counterExamples } from "./text-types.js";
import { projectionHint, typeDisagreements } from "./partition-facts.js";

/** Ours: what the crawl was told, so that a crawl told the same over the same files has nothing to do. */
export const SETTINGS_PARAMETER = "dynaframe.crawl";
/**
 * Ours: a hash of the exact type. Two exact types may give the same columns; with it, each change of type is a version
 * of the table.
 */
const TYPE_PARAMETER = "dynaframe.type";
export const UPDATED_BY = "UPDATED_BY_CRAWLER";
export const DEPRECATED_BY = "DEPRECATED_BY_CRAWLER";

export type TableFacts = {
  readonly group: TableGroup;
  readonly classification: Classification;
  readonly ledger: Ledger;
  /** Of a partition, by its folder. */
  readonly ledgerOf: (folder: string) => Ledger;
};
export type TableSettings = {
  readonly crawlerName: string;
  readonly exclusions: readonly string[];
  /** Hash of the settings. */
  readonly settings: string;
  readonly inheritFromTable: boolean;
};

export type BuiltTable = {
  readonly table: TableInput;
  readonly partitions: readonly PartitionInput[];
  readonly reasons: readonly Reason[];
};

/** The table and its partitions. `columns` replaces the columns found (MergeNewColumns). */
export function buildTable(
  name: string,
  facts: TableFacts,
  settings: TableSettings,
  columns?: readonly Column[],
): BuiltTable {
  const { group, classification, ledger } = facts;
  const found = catalogColumns(ledger, group.partitionKeys, classification);
  const used = columns ?? found.columns;
  const parameters = { ...statistics(ledger), ...formatParameters(classification) };
  const table: TableInput = {
    Name: name,
    TableType: "EXTERNAL_TABLE",
    PartitionKeys: group.partitionKeys.map((key) => ({ Name: key, Type: "string" })),
    Parameters: {
      ...parameters,
      ...(group.logged === undefined ? {} : { [TABLE_TYPE]: group.logged.tableType, ...group.logged.parameters }),
      CrawlerSchemaSerializerVersion: "1.0",
      CrawlerSchemaDeserializerVersion: "1.0",
      [UPDATED_BY]: settings.crawlerName,
      [SETTINGS_PARAMETER]: settings.settings,
      [TYPE_PARAMETER]: typeHash(ledger),
      ...(settings.exclusions.length === 0
        ? {}
        : { exclusions: JSON.stringify(settings.exclusions), [EXCLUSIONS_ROOT]: group.include ?? group.location }),
    },
    StorageDescriptor: descriptor(group.location, used, classification, parameters),
  };
  const places = group.partitions.map((place) => ({ place, ledger: facts.ledgerOf(place.folder) }));
  const types = places.map(({ place, ledger: own }) => ({ values: place.values, type: ledgerType(own) }));
  return {
    table,
    partitions: places.map(({ place, ledger: own }) => partition(place, own, facts, settings, used)),
    reasons: [
      ...found.reasons,
      ...counterExamples(ledger, classification),
      ...typeDisagreements(types),
      ...projectionHint(group),
    ],
  };
}

const typeHash = (ledger: Ledger): string =>
  createHash("sha256")
    .update(JSON.stringify(typeToJson(ledgerType(ledger))))
    .digest("hex")
    .slice(0, 16);

function partition(
  place: TableGroup["partitions"][number],
  ledger: Ledger,
  { classification, group }: TableFacts,
  settings: TableSettings,
  tableColumns: readonly Column[],
): PartitionInput {
  const own = settings.inheritFromTable
    ? tableColumns
    : catalogColumns(ledger, group.partitionKeys, classification).columns;
  const parameters = { ...statistics(ledger), ...formatParameters(classification) };
  return {
    Values: place.values,
    Parameters: parameters,
    StorageDescriptor: descriptor(place.folder, own, classification, parameters),
  };
}

function descriptor(
  location: string,
  columns: readonly Column[],
  classification: Classification,
  parameters: Parameters,
): StorageDescriptor {
  return {
    Columns: columns,
    Location: location,
    ...tableFormat(classification.grok ? "grokLog" : classification.name, serdeParameters(classification, columns)),
    Compressed: classification.compression !== "none",
    NumberOfBuckets: -1,
    BucketColumns: [],
    SortColumns: [],
    StoredAsSubDirectories: false,
    Parameters: parameters,
  };
}

/**
 * Characters of a parameter's value, as in Glue. `paths` only repeats the columns, so of a very wide table it is left
 * out.
 */
const MAX_PARAMETER = 512_000;

function serdeParameters({ name, csv, xml, grok }: Classification, columns: readonly Column[]): Parameters {
  if (name === "json") {
    const paths = columns
      .map((column) => column.Name)
      .sort()
      .join(",");
    return paths.length <= MAX_PARAMETER ? { paths } : {};
  }
  if (xml) return { rowTag: xml.rowTag };
  if (grok)
    return {
      "input.format": grok.pattern,
      ...(grok.customPatterns === undefined ? {} : { "input.grokCustomPatterns": grok.customPatterns }),
    };
  if (csv === undefined) return {};
  return { "field.delim": csv.delimiter, ...(csv.quoteSymbol === undefined ? {} : { "quote.delim": csv.quoteSymbol }) };
}

function formatParameters({ name, compression, csv, jsonPath, datatypes, xml, grok }: Classification): Parameters {
  return {
    classification: name,
    compressionType: compression,
    typeOfData: "file",
    ...(jsonPath === undefined ? {} : { jsonPath }),
    ...(datatypes === undefined ? {} : { [DATATYPES_PARAMETER]: datatypes.join(",") }),
    ...xml,
    ...(grok === undefined
      ? {}
      : {
          grokPattern: grok.pattern,
          ...(grok.customPatterns === undefined ? {} : { grokCustomPatterns: grok.customPatterns }),
        }),
    ...(csv === undefined
      ? {}
      : {
          delimiter: csv.delimiter,
          columnsOrdered: "true",
          areColumnsQuoted: "false",
          ...(csv.header ? { "skip.header.line.count": "1" } : {}),
        }),
  };
}

function statistics(ledger: Ledger): Parameters {
  return {
    recordCount: String(ledger.records),
    objectCount: String(ledger.files),
    sizeKey: String(ledger.size),
    averageRecordSize: String(ledger.records === 0 ? 0 : Math.round(ledger.bytes / ledger.records)),
  };
}
