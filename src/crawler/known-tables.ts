import { allPages } from "../catalog/all-pages.js";
import type { Catalog, LedgerKey, Partition, Table } from "../catalog/index.js";
import { emptyLedger } from "../shapes/merge-ledgers.js";
import { type RecordLayout, recordLayout } from "../catalog/table-format.js";
import type { Ledger } from "../shapes/ledger.js";
import type { FileRef, Storage } from "../storage/index.js";
import type { Classification } from "./classify/classification.js";
import type { Compression } from "../formats/head.js";
import { DATATYPES_PARAMETER } from "./catalog-columns.js";
import { isFormatName } from "../formats/registry.js";

/** A table that is in the catalog before the crawl. */
export type KnownTable = {
  readonly table: Table;
  /** Canonical; undefined for a table without a location, or one that this storage does not serve. */
  readonly location: string | undefined;
};

/** A file whose ledger is stored, and by which table. */
export type KnownFile = { readonly key: LedgerKey; readonly owner: KnownTable };

export type KnownDatabase = { readonly exists: boolean; readonly tables: readonly KnownTable[] };

/** All tables of the database; none when it does not exist. */
export async function knownTables(catalog: Catalog, storage: Storage, database: string): Promise<KnownDatabase> {
  try {
    await catalog.getDatabase(database);
  } catch (error) {
    if (error instanceof Error && error.name === "EntityNotFoundException") return { exists: false, tables: [] };
    throw error;
  }
  const tables = await allPages((page) => catalog.getTables(database, page));
  return { exists: true, tables: tables.map((table) => ({ table, location: locationOf(table, storage) })) };
}

function locationOf(table: Table, storage: Storage): string | undefined {
  // a table of a database
  if (table.Parameters?.["connectionName"] !== undefined && table.Parameters["typeOfData"] !== "file") return undefined;
  const location = table.StorageDescriptor?.Location;
  return location === undefined || location === "" || !storage.accepts(location)
    ? undefined
    : storage.resolve(location);
}

/** The stored ledgers of the tables, by file. */
export async function knownFiles(
  catalog: Catalog,
  tables: readonly KnownTable[],
): Promise<ReadonlyMap<string, KnownFile>> {
  const files = new Map<string, KnownFile>();
  for (const owner of tables) {
    for (const key of await catalog.getLedgerKeys(owner.table.DatabaseName, owner.table.Name))
      files.set(key.file, { key, owner });
  }
  return files;
}

/** Whether the stored ledger of a file is that of its present bytes. */
export function isUnchanged(ref: FileRef, known: ReadonlyMap<string, KnownFile>): boolean {
  const key = known.get(ref.path)?.key;
  return key !== undefined && key.etag === ref.etag && key.size === ref.size;
}

/** The merged ledger that the catalog has of a table. */
export async function storedLedger({ table }: KnownTable, catalog: Catalog): Promise<Ledger> {
  return (await catalog.getLedger(table.DatabaseName, table.Name)) ?? emptyLedger();
}

export async function allPartitions(catalog: Catalog, table: Table): Promise<readonly Partition[]> {
  if ((table.PartitionKeys ?? []).length === 0) return [];
  return allPages((page) => catalog.getPartitions(table.DatabaseName, table.Name, page));
}

/** True when the location is the include path or lies below it. */
export const isBelow = (location: string, root: string): boolean =>
  location === root || location.startsWith(root === "/" ? "/" : `${root}/`);

const COMPRESSIONS: readonly string[] = [
  "gzip",
  "zstd",
  "bzip2",
  "zip",
  "lz4",
  "snappy",
  "xz",
] satisfies readonly Compression[];

/**
 * The classification that a crawl gave the files of a table; undefined when the table does not say. Files are not
 * classified again.
 */
export function classificationOf(table: Table): Classification | undefined {
  const parameters = table.Parameters ?? {};
  const name = parameters["classification"];
  const given = parameters["compressionType"] ?? "none";
  const compression = COMPRESSIONS.includes(given) ? (given as Compression) : "none";
  const layout = recordLayout(table);
  if (layout) return { name: name ?? layout.kind, compression, decidedBy: "catalog", ...layoutOf(layout) };
  if (!isFormatName(name)) return undefined;
  const body = { name, format: name, compression, decidedBy: "catalog" };
  const datatypes =
    parameters[DATATYPES_PARAMETER] === undefined ? {} : { datatypes: parameters[DATATYPES_PARAMETER].split(",") };
  if (name === "json")
    return {
      ...body,
      ...datatypes,
      ...(parameters["jsonPath"] === undefined ? {} : { jsonPath: parameters["jsonPath"] }),
    };
  if (name !== "csv") return body;
  const columns = (table.StorageDescriptor?.Columns ?? []).map((column) => column.Name);
  const quote = table.StorageDescriptor?.SerdeInfo?.Parameters?.["quote.delim"];
  return {
    ...body,
    ...datatypes,
    csv: {
      delimiter: parameters["delimiter"] ?? ",",
      header: parameters["skip.header.line.count"] === "1",
      columns,
      generated: columns.every((column, i) => column === `col${i}`),
      ...(quote === undefined ? {} : { quoteSymbol: quote }),
    },
  };
}

function layoutOf(layout: RecordLayout): Pick<Classification, "format" | "xml" | "grok"> {
  switch (layout.kind) {
    case "xml":
      return { format: "xml", xml: { rowTag: layout.rowTag } };
    case "grok":
      return {
        format: "grokLog",
        grok: {
          pattern: layout.pattern,
          ...(layout.customPatterns === undefined ? {} : { customPatterns: layout.customPatterns }),
        },
      };
  }
}
