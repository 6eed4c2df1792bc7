/**
 * `createDynamicFrame.fromCatalog`: location, partitions, format and types of a table; its ledger spares the inference
 * pass.
 */
import type { Catalog, Partition, Table } from "../../catalog/index.js";
import { allPages } from "../../catalog/all-pages.js";
import { DELTA, EXCLUSIONS_ROOT, ICEBERG, TABLE_TYPE } from "../../catalog/table-format.js";
import { tableAsOf } from "../../catalog/table-as-of.js";
import { compilePushDownPredicate } from "../../catalog/push-down-predicate.js";
import type { RunOptions } from "../../engine/index.js";
import type { FormatName } from "../../formats/index.js";
import type { ScanFile } from "../../plan/ir/relation.js";
import type { FileLedger, Ledger } from "../../shapes/ledger.js";
import { mergeLedgers } from "../../shapes/merge-ledgers.js";
import { isDataFile } from "../../storage/data-file.js";
import { compileGlob } from "../../storage/java-glob.js";
import { HIVE_DEFAULT_PARTITION } from "../../storage/hive-path.js";
import type { FileRef } from "../../storage/index.js";
import { STRING, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { parseHiveType } from "../../types/hive.js";
import { isDatabaseTable, readDatabaseTable } from "../database/database-table.js";
import type { FrameSession, Resolved } from "../frame-node.js";
import { requireCatalog } from "../require-catalog.js";
import { filesAsOf } from "./as-of-files.js";
import type { CatalogArgs } from "./catalog-node.js";
import { catalogFormat } from "./catalog-format.js";
import type { TransformOptions } from "../verbs/verb.js";
import { engineFilesSource } from "./engine-files.js";
import { scanAll } from "./files.js";
import { sampleFiles } from "./sample-files.js";
import { inputsOfRun } from "./run-inputs.js";
import { scanSource } from "./scan-source.js";
import {
  checkSourceOptions,
  fileFilter,
  isSourceOption,
  sourceSelection,
  type SourceSelection,
} from "./source-options.js";
import { partitionAddress, tableAddress } from "./table-address.js";

/** What the frame of `catalogNode` reads. */
export async function resolveTable(
  args: CatalogArgs,
  transform: TransformOptions,
  session: FrameSession,
  run: RunOptions,
): Promise<Resolved> {
  const catalog = requireCatalog(session);
  const table =
    args.asOf === undefined
      ? await catalog.getTable(args.database, args.tableName)
      : await tableAsOf(catalog, args.database, args.tableName, args.asOf);
  if (isDatabaseTable(table)) return readDatabaseTable(session, table, args, transform.transformationCtx ?? "", run);
  const reading = readingOf(table, args);
  const now = await selectFiles(table, args, reading, catalog, session, run);
  const listed =
    args.asOf === undefined
      ? now
      : { ...now, ...(await filesAsOf(table, now, args.allowMissingFiles === true, catalog)) };
  const inputs = await inputsOfRun(
    session,
    { transformationCtx: transform.transformationCtx ?? "", bound: reading.bound },
    `${args.database}.${args.tableName}`,
    listed.files,
  );
  const selection = { ...listed, files: inputs.files };
  const { format, options, recordType: typeOfRecords } = catalogFormat(table);
  const keys = table.PartitionKeys ?? [];
  const common = {
    name: `${table.DatabaseName}.${table.Name}`,
    step: transform.transformationCtx || "fromCatalog",
    files: selection.files,
    session,
    partitionKeys: keys.map((k) => k.Name),
    partitionTypes: keys.map((k) => (k.Type ? parseHiveType(k.Type) : STRING)),
  };
  if (format === "orc")
    return engineFilesSource({ ...common, format, notes: [...selection.notes, ...inputs.notes], run });
  const known = await ledgersOf(table, selection, args, format, options, catalog, session, run);
  // an increment has the type of the whole table, so that every run's output has the same columns
  const whole =
    args.asOf === undefined && inputs.files.length < listed.files.length
      ? await catalog.getLedger(table.DatabaseName, table.Name)
      : undefined;
  const recordType = (ledger: Ledger): StructType => typeOfRecords(whole ? mergeLedgers([whole, ledger]) : ledger);
  return scanSource({
    ...common,
    format,
    options,
    info: transform.info ?? "",
    failFast: reading.isFailFast,
    grouping: reading.grouping,
    ledgers: known.ledgers,
    recordType,
    fileLedgers: known.fileLedgers,
    bytesScanned: known.bytesScanned,
    notes: [...selection.notes, ...inputs.notes, ...known.notes],
  });
}

/** The options of the call and, below them, the table's parameters of the same names. */
function readingOf(table: Table, { files = {} }: CatalogArgs): SourceSelection {
  const parameters = Object.fromEntries(
    Object.entries({ ...table.StorageDescriptor?.Parameters, ...table.Parameters }).filter(
      ([name]) => isSourceOption(name) && name !== "compressionType",
    ),
  );
  checkSourceOptions(`Table ${table.DatabaseName}.${table.Name}`, parameters, [], true);
  return sourceSelection(files, parameters);
}

type Selection = {
  readonly files: readonly ScanFile[];
  /** All data files there are, those that are not to be read too. */
  readonly present: ReadonlySet<string>;
  /** Folders that were listed; a known file below one of them and not listed has vanished. */
  readonly roots: readonly string[];
  /** True when every partition of the table was selected. */
  readonly whole: boolean;
  readonly notes: readonly string[];
};

async function selectFiles(
  table: Table,
  args: CatalogArgs,
  reading: SourceSelection,
  catalog: Catalog,
  session: FrameSession,
  run: RunOptions,
): Promise<Selection> {
  const given = table.StorageDescriptor?.Location;
  if (!given) {
    throw new DynaframeError("NO_LOCATION", `Table ${table.DatabaseName}.${table.Name} has no location.`, {
      path: `${table.DatabaseName}.${table.Name}`,
      hint: "Set StorageDescriptor.Location, or crawl the data.",
    });
  }
  const location = tableAddress(table, given);
  const keys = table.PartitionKeys ?? [];
  const patterns = exclusionsOf(table, location, session);
  const active = await activeFiles(table, location, session, run);
  const excluded = (path: string): boolean => patterns(path) || (active !== undefined && !active.has(path));
  if (keys.length === 0) {
    return narrowed(
      {
        files: await listData(location, undefined, excluded, session, run),
        roots: [session.storage.resolve(location)],
        whole: true,
        notes: [],
      },
      reading,
      args,
      session.storage.resolve(location),
    );
  }
  const { selected, total } = await selectPartitions(table, args, catalog);
  const files: ScanFile[] = [];
  const roots: string[] = [];
  for (const partition of selected) {
    const folder = partitionAddress(table, partition, given);
    roots.push(session.storage.resolve(folder));
    files.push(...(await listData(folder, partitionValues(partition), excluded, session, run)));
  }
  const notes = selected.length < total ? [`${selected.length} of ${total} partitions selected by predicate.`] : [];
  return narrowed(
    { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), roots, whole: selected.length === total, notes },
    reading,
    args,
    session.storage.resolve(location),
  );
}

/** The files that the options leave. What they leave out has not vanished. */
function narrowed(
  all: Omit<Selection, "present">,
  reading: SourceSelection,
  args: CatalogArgs,
  location: string,
): Selection {
  const passes = fileFilter({ ...reading, recurse: true }, location);
  const folders = new Set(all.roots);
  const wanted = all.files.filter(
    (file) => passes(file) && (reading.recurse || folders.has(file.path.slice(0, file.path.lastIndexOf("/")))),
  );
  const files = args.sample ? sampleFiles(wanted, args.sample) : wanted;
  const excluded = all.files.length - wanted.length;
  return {
    ...all,
    files,
    present: new Set(all.files.map((f) => f.path)),
    notes: excluded > 0 ? [...all.notes, `${excluded} files excluded by the options.`] : all.notes,
  };
}

const partitionValues = (partition: Partition): readonly (string | null)[] =>
  partition.Values.map((v) => (v === HIVE_DEFAULT_PARTITION ? null : v));

async function selectPartitions(
  table: Table,
  args: CatalogArgs,
  catalog: Catalog,
): Promise<{ selected: readonly Partition[]; total: number }> {
  const all = await allPartitions(catalog, table, undefined);
  const listed = args.catalogPartitionPredicate
    ? await allPartitions(catalog, table, args.catalogPartitionPredicate)
    : all;
  if (!args.pushDownPredicate) return { selected: listed, total: all.length };
  const keys = (table.PartitionKeys ?? []).map((k) => ({ name: k.Name, type: k.Type ?? "string" }));
  const matches = compilePushDownPredicate(args.pushDownPredicate, keys);
  return { selected: listed.filter((p) => matches(partitionValues(p)) === true), total: all.length };
}

const allPartitions = (catalog: Catalog, table: Table, expression: string | undefined): Promise<readonly Partition[]> =>
  allPages((page) =>
    catalog.getPartitions(table.DatabaseName, table.Name, {
      ...page,
      ...(expression === undefined ? {} : { expression }),
    }),
  );

/** Of a Delta or Iceberg table only what its metadata name, as they are now; undefined for other tables. */
async function activeFiles(
  table: Table,
  location: string,
  session: FrameSession,
  run: RunOptions,
): Promise<Pick<ReadonlySet<string>, "has"> | undefined> {
  const root = (): string => session.storage.resolve(location);
  switch (table.Parameters?.[TABLE_TYPE]) {
    case DELTA: {
      const { readDeltaSnapshot } = await import("../../formats/delta/delta-snapshot.js");
      const { parquetRows } = await import("./parquet-rows.js");
      return (await readDeltaSnapshot(session.storage, root(), parquetRows(session, run))).files;
    }
    case ICEBERG: {
      const { readIcebergSnapshot } = await import("../../formats/iceberg/iceberg-snapshot.js");
      const { metadata_location: named, UPDATED_BY_CRAWLER: crawled } = table.Parameters;
      // a crawl noted what was newest then; clients of Iceberg commit by changing the parameter
      return (await readIcebergSnapshot(session.storage, root(), crawled === undefined ? named : undefined)).files;
    }
    default:
      return undefined;
  }
}

/** The crawler's exclude patterns hold for readers too. */
function exclusionsOf(table: Table, location: string, session: FrameSession): (path: string) => boolean {
  const patterns = table.Parameters?.exclusions;
  if (!patterns) return () => false;
  const tests = (JSON.parse(patterns) as string[]).map(compileGlob);
  const root = session.storage.resolve(tableAddress(table, table.Parameters?.[EXCLUSIONS_ROOT] ?? location));
  return (path) => path.startsWith(`${root}/`) && tests.some((matches) => matches(path.slice(root.length + 1)));
}

async function listData(
  folder: string,
  partition: readonly (string | null)[] | undefined,
  excluded: (path: string) => boolean,
  session: FrameSession,
  run: RunOptions,
): Promise<ScanFile[]> {
  const files: ScanFile[] = [];
  const root = session.storage.resolve(folder);
  for await (const file of session.storage.list(folder, run.signal ? { signal: run.signal } : {})) {
    if (isDataFile(file, root) && !excluded(file.path)) files.push(partition ? { ...file, partition } : file);
  }
  return files;
}

type Known = {
  readonly ledgers: readonly (FileLedger | Ledger)[];
  readonly fileLedgers: () => Promise<readonly FileLedger[]>;
  readonly bytesScanned: number;
  readonly notes: readonly string[];
};

/** Stored ledgers of unchanged files, scans of the rest. Nothing is read stale in silence. */
async function ledgersOf(
  table: Table,
  selection: Selection,
  args: CatalogArgs,
  format: FormatName,
  options: object,
  catalog: Catalog,
  session: FrameSession,
  run: RunOptions,
): Promise<Known> {
  const keys = new Map((await catalog.getLedgerKeys(table.DatabaseName, table.Name)).map((k) => [k.file, k]));
  const unseen: FileRef[] = [];
  const seen: string[] = [];
  for (const file of selection.files) {
    const key = keys.get(file.path);
    if (key && key.etag === file.etag && key.size === file.size) seen.push(file.path);
    else unseen.push(file);
  }
  const vanished = [...keys.keys()].filter(
    (file) =>
      !selection.present.has(file) && selection.roots.some((root) => file.startsWith(`${root}/`) || file === root),
  );
  if (vanished.length > 0 && !args.allowMissingFiles) throw missing(table, vanished);
  const notes = notesOn(unseen.length, vanished);
  if (unseen.length === 0 && vanished.length === 0 && selection.whole && seen.length === keys.size) {
    const merged = await catalog.getLedger(table.DatabaseName, table.Name);
    if (merged)
      return {
        ledgers: [merged],
        fileLedgers: () => catalog.getFileLedgers(table.DatabaseName, table.Name, seen),
        bytesScanned: 0,
        notes,
      };
  }
  const stored = await catalog.getFileLedgers(table.DatabaseName, table.Name, seen);
  const scanned = await scanAll(format, unseen, { ...options }, session, run);
  return {
    ledgers: [...stored, ...scanned],
    fileLedgers: async () => [...stored, ...scanned],
    bytesScanned: unseen.reduce((sum, f) => sum + f.size, 0),
    notes,
  };
}

function notesOn(unseen: number, vanished: readonly string[]): string[] {
  return [
    ...(unseen > 0
      ? [
          `${unseen} files are new or changed since the catalog saw them and were scanned now; crawl again to keep the result.`,
        ]
      : []),
    ...(vanished.length > 0
      ? [`${vanished.length} files that the catalog knows are gone, the first ${vanished[0]}.`]
      : []),
  ];
}

function missing(table: Table, vanished: readonly string[]): DynaframeError {
  return new DynaframeError(
    "SOURCE_VANISHED",
    `${vanished.length} of the files that ${table.DatabaseName}.${table.Name} was crawled from are gone.`,
    {
      path: `${table.DatabaseName}.${table.Name}`,
      ...(vanished[0] === undefined ? {} : { file: vanished[0] }),
      hint: "Crawl again to take them out of the table, or read with allowMissingFiles: true.",
    },
  );
}
