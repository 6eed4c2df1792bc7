/** Delta tables among the files of a crawl: only the files that their logs name count, and each is one table. */
import { DELTA_LOG, type DeltaSnapshot, readDeltaSnapshot } from "../formats/delta/delta-snapshot.js";
import type { Considered } from "./consider-files.js";
import type { CrawlServices, FileProblem, SkippedFile } from "./crawl-options.js";
import type { GroupFile } from "./group/folder-tree.js";
import { lastName } from "./group/folder-tree.js";
import type { TableGroup } from "./group/group-tables.js";
import { isBelow } from "./known-tables.js";
import { problemOf } from "./list-includes.js";

export type DeltaTables = ReadonlyMap<string, DeltaSnapshot>;
export type WithDelta = Considered & { readonly delta: DeltaTables };

/** Files of a Delta table that its log does not name are passed over; a table whose log cannot be read is a problem, and none of its files count. */
export async function withoutStaleDelta(considered: Considered, services: CrawlServices): Promise<WithDelta> {
  const roots = deltaRoots(considered.listing.skipped);
  if (roots.length === 0) return { ...considered, delta: new Map() };
  const delta = new Map<string, DeltaSnapshot>();
  const problems: FileProblem[] = [];
  for (const root of roots) {
    try {
      delta.set(root, await readDeltaSnapshot(services.storage, root, services.parquetRows));
    } catch (error) {
      problems.push(problemOf(root, error));
    }
  }
  const skipped: SkippedFile[] = [];
  const counts = (path: string): boolean => {
    const root = roots.find((other) => isBelow(path, other));
    if (root === undefined || delta.get(root)?.files.has(path) === true) return true;
    skipped.push({ file: path, why: "NOT_IN_DELTA_LOG" });
    return false;
  };
  const files = considered.files.map(({ root, files: all }) => ({ root, files: all.filter(({ path }) => counts(path)) }));
  const { listing } = considered;
  return { ...considered, delta, files, listing: { ...listing, skipped: [...listing.skipped, ...skipped], problems: [...listing.problems, ...problems] } };
}

/** Folders with a log; hidden files are listed as skipped. Longest first. */
function deltaRoots(skipped: readonly SkippedFile[]): readonly string[] {
  const mark = `/${DELTA_LOG}/`;
  const roots = skipped.flatMap(({ file }) => (file.includes(mark) && /\.(json|parquet)$/.test(file) ? [file.slice(0, file.indexOf(mark))] : []));
  return [...new Set(roots)].sort((a, b) => b.length - a.length);
}

/** One table, with the partitions that the log gives. */
export function deltaGroup(root: string, { version, files: named, partitionColumns }: DeltaSnapshot, files: readonly GroupFile[]): TableGroup {
  const keys = partitionColumns.map((name) => name.toLowerCase());
  const places = new Map<string, { readonly values: readonly string[]; readonly folder: string; readonly files: GroupFile[] }>();
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
    location: root, name: lastName(root), files, partitionKeys: keys, partitions: [...places.values()], delta: true,
    reasons: [{ code: "DELTA_LOG", message: `a Delta table at version ${version}: its log names ${named.size} files`, evidence: { version, files: named.size } }],
  };
}
