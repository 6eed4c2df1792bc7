/** Writing registers: the table of a write learns its columns, partitions and ledger in one change, with no crawl. */
import type { Catalog, Column, PartitionInput, Table, TableChange, TableInput } from "../../catalog/index.js";
import { tableFormat } from "../../catalog/table-format.js";
import { tableInputOf } from "../../catalog/table-input.js";
import type { RunOptions } from "../../engine/index.js";
import { csvWriteOptions } from "../../formats/csv-options.js";
import type { FormatOptions } from "../../formats/index.js";
import { ledgerType } from "../../shapes/ledger-type.js";
import type { FileLedger, Ledger } from "../../shapes/ledger.js";
import { mergeLedgers } from "../../shapes/merge-ledgers.js";
import { movedLedger } from "../../shapes/move-ledger.js";
import { HIVE_DEFAULT_PARTITION } from "../../storage/hive-path.js";
import { fieldOf, struct, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { hiveType } from "../../types/hive.js";
import type { Environment } from "../environment.js";
import type { FrameNode, FrameSession } from "../frame-node.js";
import { AVRO_VERSION, catalogFormat } from "../sources/catalog-format.js";
import { requireCatalog } from "../require-catalog.js";
import { scanAll } from "../sources/files.js";
import { tableAddress } from "../sources/table-address.js";
import type { WriteMode, WriteReport, WriteTarget } from "./write-frame.js";

export type CatalogTarget = {
  readonly database: string;
  readonly tableName: string;
  /**
   * LOG: the table's columns stay as they are, and new partitions are added only if the frame's columns are among them.
   */
  readonly updateBehavior: "UPDATE_IN_DATABASE" | "LOG";
};

/** Where and how a catalog table is written. */
export function tableTarget(table: Table, mode: WriteMode, partitionKeys: readonly string[] | undefined): WriteTarget {
  const keys = (table.PartitionKeys ?? []).map((k) => k.Name);
  if (partitionKeys) requireTablesKeys(table, partitionKeys);
  const location = table.StorageDescriptor?.Location;
  if (!location)
    throw new DynaframeError("NO_LOCATION", `Table ${table.DatabaseName}.${table.Name} has no location.`, {
      hint: "Set StorageDescriptor.Location.",
    });
  const { format, options } = catalogFormat(table);
  if (format !== "json" && format !== "csv" && format !== "parquet" && format !== "avro") {
    throw new DynaframeError(
      "UNSUPPORTED_FORMAT",
      `Table ${table.DatabaseName}.${table.Name} is ${format}, which cannot be written.`,
      { expected: "json, csv, parquet or avro", found: format, hint: "Write to a table of another format." },
    );
  }
  const { separator, quoteChar, escaper, skipFirst } = options;
  const formatOptions =
    format === "avro"
      ? { version: options["version"] }
      : format === "csv"
        ? { ...csvWriteOptions({ separator, quoteChar, escaper, writeHeader: skipFirst === true }) }
        : {};
  return { path: tableAddress(table, location), format, formatOptions, partitionKeys: partitionKeys ?? keys, mode };
}

/** Glue: partition keys of a table's files are those of the table, in its order. */
function requireTablesKeys(table: Table, partitionKeys: readonly string[]): void {
  const keys = (table.PartitionKeys ?? []).map((k) => k.Name);
  if (partitionKeys.length === keys.length && partitionKeys.every((key, i) => key.toLowerCase() === keys[i])) return;
  throw new DynaframeError(
    "BAD_PARTITION_KEY",
    `partitionKeys must be those of the table ${table.DatabaseName}.${table.Name}, in its order: ${keys.join(", ") || "none"}.`,
    {
      expected: keys.join(", "),
      found: partitionKeys.join(", "),
      hint: "Give the table's partition keys, or another table.",
    },
  );
}

/** Called before anything is written, so that no files are left which the table cannot have. */
export async function requireFittingTable(
  environment: Environment,
  target: WriteTarget,
  to: CatalogTarget,
): Promise<void> {
  const { session } = environment;
  const catalog = requireCatalog(session);
  await catalog.getDatabase(to.database);
  const table = await tableOrNone(catalog, to);
  if (!table) return;
  requireTablesKeys(table, target.partitionKeys);
  const location = table.StorageDescriptor?.Location;
  if (
    location === undefined
    || target.partitionKeys.length > 0
    || session.storage.resolve(location) === session.storage.resolve(target.path)
  )
    return;
  throw new DynaframeError(
    "BAD_ARGUMENT",
    `The files of ${table.DatabaseName}.${table.Name} lie in ${location}; it would not see files in ${target.path}.`,
    {
      path: "path",
      expected: location,
      found: target.path,
      hint: "Write to the table's location, or register another table.",
    },
  );
}

/** What the table of a write learns. `before`: changes that will be made first, in the same commit. */
export async function registration(
  environment: Environment,
  node: FrameNode,
  target: WriteTarget,
  report: WriteReport,
  to: CatalogTarget,
  run: RunOptions,
  before: readonly TableChange[] = [],
): Promise<TableChange> {
  const { session } = environment;
  const catalog = requireCatalog(session);
  const earlier = before.filter(
    ({ database, table }) =>
      database.toLowerCase() === to.database.toLowerCase() && table.Name.toLowerCase() === to.tableName.toLowerCase(),
  );
  const { relation } = await environment.resolve(node, run);
  const written = struct(relation.type.fields.filter((f) => !target.partitionKeys.includes(f.name)));
  const existing = tableAfter(await tableOrNone(catalog, to), earlier);
  const { writeHeader, ...dialect } = target.formatOptions;
  const readOptions =
    target.format === "avro"
      ? { version: target.formatOptions["version"] }
      : target.format === "csv"
        ? { ...dialect, withHeader: writeHeader !== false, inferTypes: true }
        : {};
  const ledgers = await ledgersOf(target, report, readOptions, session, run);
  const columns = columnsAfter(existing, written, to);
  const stale = await replacedFiles(catalog, to, existing, target, report);
  const kept = target.mode === "overwrite" ? [] : await ledgersBefore(catalog, to, existing, earlier);
  const accepts = acceptsPartitions(existing, written, to);
  const change: TableChange = {
    database: to.database,
    table: {
      ...(existing ? tableInputOf(existing) : newTable(target, to.tableName)),
      ...withColumns(existing, columns, target, to.tableName, session.storage.resolve(target.path)),
      PartitionKeys: partitionColumns(existing, relation.type, target),
    },
    putPartitions: accepts ? partitionsOf(report, columns, target, session.storage.resolve(target.path)) : [],
    // files of partitions that the catalog does not get are no files of the table
    putLedgers: accepts ? ledgers : [],
    deleteLedgers: stale,
    schema: ledgerType(mergeLedgers([...kept, ...(accepts ? ledgers : [])])),
  };
  return change;
}

/** Files that wait for a commit are scanned where they lie, and known by the place they will have. */
async function ledgersOf(
  target: WriteTarget,
  report: WriteReport,
  options: FormatOptions,
  session: FrameSession,
  run: RunOptions,
): Promise<readonly FileLedger[]> {
  if (report.files.length === 0) return [];
  const ledgers = await scanAll(
    target.format,
    report.files.map((file) => (file.staged === undefined ? file : { ...file, path: file.staged })),
    options,
    session,
    run,
  );
  return ledgers.map((ledger, i) =>
    report.files[i]?.staged === undefined ? ledger : movedLedger(ledger, report.files[i].path),
  );
}

/** The table as it will be once the earlier changes of the same commit are made. */
function tableAfter(table: Table | undefined, earlier: readonly TableChange[]): Table | undefined {
  return earlier.reduce<Table | undefined>(
    (now, change) => ({
      DatabaseName: change.database,
      CreateTime: 0,
      UpdateTime: 0,
      CatalogId: "",
      VersionId: "",
      ...now,
      ...change.table,
    }),
    table,
  );
}

async function ledgersBefore(
  catalog: Catalog,
  to: CatalogTarget,
  existing: Table | undefined,
  earlier: readonly TableChange[],
): Promise<readonly (Ledger | FileLedger)[]> {
  const stored =
    existing && (existing.VersionId !== "" ? await catalog.getLedger(to.database, to.tableName) : undefined);
  return [...(stored ? [stored] : []), ...earlier.flatMap((change) => change.putLedgers ?? [])];
}

async function tableOrNone(catalog: Catalog, { database, tableName }: CatalogTarget): Promise<Table | undefined> {
  try {
    return await catalog.getTable(database, tableName);
  } catch (error) {
    if (error instanceof Error && error.name === "EntityNotFoundException") return undefined;
    throw error;
  }
}

const newTable = (target: WriteTarget, name: string): TableInput => ({
  Name: name,
  TableType: "EXTERNAL_TABLE",
  Parameters: {
    classification: target.format,
    typeOfData: "file",
    ...(target.format === "avro" ? { [AVRO_VERSION]: String(target.formatOptions["version"]) } : {}),
    ...(target.compression ? { compressionType: target.compression } : {}),
  },
});

function withColumns(
  existing: Table | undefined,
  columns: readonly Column[],
  target: WriteTarget,
  name: string,
  location: string,
): Pick<TableInput, "Name" | "StorageDescriptor"> {
  if (existing) return { Name: existing.Name, StorageDescriptor: { ...existing.StorageDescriptor, Columns: columns } };
  const { separator = ",", quoteChar = '"', escaper } = target.formatOptions;
  const serde =
    target.format !== "csv"
      ? {}
      : {
          "field.delim": String(separator),
          ...(quoteChar === '"' ? {} : { "quote.delim": String(quoteChar) }),
          ...(escaper === undefined ? {} : { "escape.delim": String(escaper) }),
        };
  const parameters =
    target.format === "csv" && target.formatOptions.writeHeader !== false ? { "skip.header.line.count": "1" } : {};
  return {
    Name: name,
    StorageDescriptor: {
      Columns: columns,
      Location: location,
      ...tableFormat(target.format, serde),
      Compressed: false,
      StoredAsSubDirectories: false,
      Parameters: { classification: target.format, ...parameters },
    },
  };
}

/** Columns of the table and, unless LOG, those of the frame: new ones appended, changed ones retyped. */
function columnsAfter(existing: Table | undefined, written: StructType, to: CatalogTarget): readonly Column[] {
  const fresh = new Map(
    written.fields.map((f) => [
      f.name.toLowerCase(),
      { Name: f.name.toLowerCase(), Type: hiveType(f.type, { lowerCase: true }) },
    ]),
  );
  const current = existing?.StorageDescriptor?.Columns ?? [];
  if (existing && to.updateBehavior === "LOG") return current;
  const names = new Set(current.map((c) => c.Name));
  return [
    ...current.map((c) => ({ ...c, ...fresh.get(c.Name) })),
    ...[...fresh.values()].filter((c) => !names.has(c.Name)),
  ];
}

function partitionColumns(existing: Table | undefined, type: StructType, target: WriteTarget): readonly Column[] {
  if (existing?.PartitionKeys) return existing.PartitionKeys;
  return target.partitionKeys.map((name) => {
    const found = fieldOf(type, name);
    return { Name: name.toLowerCase(), Type: found ? hiveType(found.type) : "string" };
  });
}

function acceptsPartitions(existing: Table | undefined, written: StructType, to: CatalogTarget): boolean {
  if (!existing || to.updateBehavior !== "LOG" || (existing.PartitionKeys ?? []).length === 0) return true;
  const names = new Set((existing.StorageDescriptor?.Columns ?? []).map((c) => c.Name));
  return written.fields.every((f) => names.has(f.name.toLowerCase()));
}

function partitionsOf(
  report: WriteReport,
  columns: readonly Column[],
  target: WriteTarget,
  location: string,
): readonly PartitionInput[] {
  if (target.partitionKeys.length === 0) return [];
  const byFolder = new Map(report.files.map((f) => [f.folder, f.partition]));
  return [...byFolder].map(([folder, values]) => ({
    Values: values.map((v) => v ?? HIVE_DEFAULT_PARTITION),
    StorageDescriptor: {
      Columns: columns,
      Location: `${location}/${folder}`,
      ...tableFormat(target.format),
      Parameters: { classification: target.format },
    },
  }));
}

/** After an overwrite the ledgers of all earlier files go. */
async function replacedFiles(
  catalog: Catalog,
  to: CatalogTarget,
  existing: Table | undefined,
  target: WriteTarget,
  report: WriteReport,
): Promise<readonly string[]> {
  if (!existing || target.mode !== "overwrite") return [];
  const written = new Set(report.files.map((f) => f.path));
  if (existing.VersionId === "") return [];
  return (await catalog.getLedgerKeys(to.database, to.tableName))
    .map((k) => k.file)
    .filter((file) => !written.has(file));
}
