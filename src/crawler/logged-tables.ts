/**
 * Delta and Iceberg tables among the files of a crawl: only the files that their metadata name count, and each is one
 * table.
 */
import { DELTA, ICEBERG } from "../catalog/table-format.js";
import { DELTA_LOG, readDeltaSnapshot } from "../formats/delta/delta-snapshot.js";
import { ICEBERG_METADATA, readIcebergSnapshot } from "../formats/iceberg/iceberg-snapshot.js";
import type { Considered } from "./consider-files.js";
import type { CrawlServices, FileProblem, SkippedFile, SkipReason } from "./crawl-options.js";
import type { GroupFile } from "./group/folder-tree.js";
import { lastName } from "./group/folder-tree.js";
import type { TableGroup } from "./group/group-tables.js";
import type { Reason } from "./group/reason.js";
import { isBelow } from "./known-tables.js";
import { problemOf } from "./list-includes.js";

/** What the metadata of a table say. */
export type LoggedTable = {
  readonly tableType: typeof DELTA | typeof ICEBERG;
  /** Files by address, with the values of their partition columns. */
  readonly files: ReadonlyMap<string, { readonly [column: string]: string | null }>;
  readonly partitionColumns: readonly string[];
  /** Of the catalog table. */
  readonly parameters: { readonly [name: string]: string };
  readonly reason: Reason;
};
/** By folder. */
export type LoggedTables = ReadonlyMap<string, LoggedTable>;
export type WithLogged = Considered & { readonly logged: LoggedTables };

/**
 * Files of such a table that its metadata do not name are passed over; a table whose metadata cannot be read is a
 * problem, and none of its files count.
 */
export async function withoutStaleFiles(considered: Considered, services: CrawlServices): Promise<WithLogged> {
  const roots = tableRoots(considered);
  if (roots.size === 0) return { ...considered, logged: new Map() };
  const logged = new Map<string, LoggedTable>();
  const problems: FileProblem[] = [];
  for (const [root, tableType] of roots) {
    try {
      logged.set(root, tableType === DELTA ? await deltaTable(root, services) : await icebergTable(root, services));
    } catch (error) {
      problems.push(problemOf(root, error));
    }
  }
  const byLength = [...roots.keys()].sort((a, b) => b.length - a.length);
  const skipped: SkippedFile[] = [];
  const counts = (path: string): boolean => {
    const root = byLength.find((other) => isBelow(path, other));
    if (root === undefined || logged.get(root)?.files.has(path) === true) return true;
    const why: SkipReason = roots.get(root) === DELTA ? "NOT_IN_DELTA_LOG" : "NOT_IN_ICEBERG_SNAPSHOT";
    skipped.push({ file: path, why });
    return false;
  };
  const files = considered.files.map(({ root, files: all }) => ({
    root,
    files: all.filter(({ path }) => counts(path)),
  }));
  const { listing } = considered;
  return {
    ...considered,
    logged,
    files,
    listing: { ...listing, skipped: [...listing.skipped, ...skipped], problems: [...listing.problems, ...problems] },
  };
}

/** Folders with a log of Delta, whose files are hidden and so listed as skipped, or with metadata of Iceberg. */
function tableRoots({ listing, files }: Considered): ReadonlyMap<string, LoggedTable["tableType"]> {
  const mark = `/${DELTA_LOG}/`;
  const roots = new Map<string, LoggedTable["tableType"]>();
  for (const { files: all } of files)
    for (const { path } of all) {
      const root = ICEBERG_METADATA.exec(path)?.[1];
      if (root !== undefined) roots.set(root, ICEBERG);
    }
  for (const { file } of listing.skipped)
    if (file.includes(mark) && /\.(json|parquet)$/.test(file)) roots.set(file.slice(0, file.indexOf(mark)), DELTA);
  return roots;
}

async function deltaTable(root: string, { storage, parquetRows }: CrawlServices): Promise<LoggedTable> {
  const { version, files, partitionColumns } = await readDeltaSnapshot(storage, root, parquetRows);
  return {
    tableType: DELTA,
    files,
    partitionColumns,
    parameters: { "spark.sql.sources.provider": "delta" },
    reason: {
      code: "DELTA_LOG",
      message: `a Delta table at version ${version}: its log names ${files.size} files`,
      evidence: { version, files: files.size },
    },
  };
}

/** Partitions of Iceberg are hidden: their columns are in the files. */
async function icebergTable(root: string, { storage }: CrawlServices): Promise<LoggedTable> {
  const { version, files, metadataLocation } = await readIcebergSnapshot(storage, root);
  return {
    tableType: ICEBERG,
    files: new Map([...files].map((file) => [file, {}])),
    partitionColumns: [],
    parameters: { metadata_location: metadataLocation },
    reason: {
      code: "ICEBERG_METADATA",
      message: `an Iceberg table, its metadata of number ${version}: the current snapshot names ${files.size} files`,
      evidence: { version, files: files.size },
    },
  };
}

/** One table, with the partitions that the log gives. */
export function loggedGroup(
  root: string,
  { tableType, files: named, partitionColumns, parameters, reason }: LoggedTable,
  files: readonly GroupFile[],
): TableGroup {
  const keys = partitionColumns.map((name) => name.toLowerCase());
  const places = new Map<
    string,
    { readonly values: readonly string[]; readonly folder: string; readonly files: GroupFile[] }
  >();
  if (keys.length > 0) {
    for (const file of files) {
      const own = named.get(file.path) ?? {};
      const values = partitionColumns.map((name) => own[name] ?? "__HIVE_DEFAULT_PARTITION__");
      const folder = file.path.slice(0, file.path.lastIndexOf("/"));
      const place = places.get(JSON.stringify(values)) ?? { values, folder, files: [] };
      places.set(JSON.stringify(values), place);
      place.files.push(file);
    }
  }
  return {
    location: root,
    name: lastName(root),
    files,
    partitionKeys: keys,
    partitions: [...places.values()],
    logged: { tableType, parameters },
    reasons: [reason],
  };
}
