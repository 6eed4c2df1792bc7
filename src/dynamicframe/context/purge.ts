/**
 * `glue.purgeTable` and `glue.purgeS3Path`: removes old files, and the partitions that are empty then. Source:
 * docs/sources.md#context.
 */
import type { Catalog, Partition, Table } from "../../catalog/index.js";
import { allPages } from "../../catalog/all-pages.js";
import { compilePushDownPredicate } from "../../catalog/push-down-predicate.js";
import { tableInputOf } from "../../catalog/table-input.js";
import type { RunOptions } from "../../engine/index.js";
import { HIVE_DEFAULT_PARTITION } from "../../storage/hive-path.js";
import type { FileRef, Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { partitionAddress, tableAddress } from "../sources/table-address.js";
import { purgeRules, type PurgeOptions, type PurgeRules } from "./purge-options.js";

/** What `glue.purgeTable` and `glue.purgeS3Path` removed, could not remove, and kept. */
export type PurgeReport = {
  /** Removed, or with `dryRun` what would be. */
  readonly purged: readonly string[];
  readonly bytes: number;
  readonly failed: readonly { readonly file: string; readonly code: string; readonly message: string }[];
  /** Files that stay: too new, of an excluded class, or hidden. */
  readonly kept: number;
  /** Values of the partitions that left the catalog, because no file is left in them. */
  readonly partitionsRemoved: readonly (readonly string[])[];
  readonly dryRun: boolean;
};

/**
 * Removes the files below `path` that are older than the retention period. What begins with a period, files and
 * folders, is never touched: it is no data, and a catalog may lie there. The catalog is not changed. A path without
 * files is no error.
 */
export async function purgePath(
  storage: Storage,
  path: string,
  options: PurgeOptions,
  now: number,
  run: RunOptions = {},
): Promise<PurgeReport> {
  const rules = purgeRules("purgeS3Path", options, now);
  if (rules.partitionPredicate !== "") {
    throw new DynaframeError("BAD_OPTION", "purgeS3Path: a path has no partition columns.", {
      path: "partitionPredicate",
      hint: "Use purgeTable, or give the folder of the partition as the path.",
    });
  }
  const listed = await listFiles(storage, path, rules, run);
  return finish(storage, await remove(storage, listed, rules, run), rules, []);
}

/**
 * The same for the files of a table or of some of its partitions; the catalog forgets the files and the partitions that
 * are empty then.
 */
export async function purgeTable(
  catalog: Catalog,
  storage: Storage,
  database: string,
  name: string,
  options: PurgeOptions,
  now: number,
  run: RunOptions = {},
): Promise<PurgeReport> {
  const rules = purgeRules("purgeTable", options, now);
  const table = await catalog.getTable(database, name);
  const places = await placesOf(catalog, table, rules);
  const outcomes: Outcome[] = [];
  const empty: Partition[] = [];
  for (const { folder, partition } of places) {
    const outcome = await remove(storage, await listFiles(storage, folder, rules, run), rules, run);
    outcomes.push(outcome);
    if (partition && outcome.dataKept === 0 && outcome.failed.length === 0) empty.push(partition);
  }
  const all = joined(outcomes);
  const partitions = empty.map((partition) => partition.Values);
  if (!rules.dryRun && (all.purged.length > 0 || partitions.length > 0)) {
    await catalog.applyTableChanges([
      {
        database,
        table: tableInputOf(table),
        deletePartitions: partitions,
        deleteLedgers: all.purged.map((f) => f.path),
      },
    ]);
  }
  return finish(storage, all, rules, partitions);
}

type Place = { readonly folder: string; readonly partition?: Partition };

async function placesOf(catalog: Catalog, table: Table, { partitionPredicate }: PurgeRules): Promise<readonly Place[]> {
  const location = table.StorageDescriptor?.Location;
  if (!location) {
    throw new DynaframeError("NO_LOCATION", `Table ${table.DatabaseName}.${table.Name} has no location.`, {
      path: `${table.DatabaseName}.${table.Name}`,
      hint: "Set StorageDescriptor.Location.",
    });
  }
  const keys = (table.PartitionKeys ?? []).map((key) => ({ name: key.Name, type: key.Type ?? "string" }));
  const matches = compilePushDownPredicate(partitionPredicate, keys);
  if (keys.length === 0) return [{ folder: tableAddress(table, location) }];
  const partitions = await allPages((page) => catalog.getPartitions(table.DatabaseName, table.Name, page));
  return partitions
    .filter(
      (partition) =>
        matches(partition.Values.map((value) => (value === HIVE_DEFAULT_PARTITION ? null : value))) === true,
    )
    .map((partition) => ({ folder: partitionAddress(table, partition, location), partition }));
}

type Listed = { readonly old: readonly FileRef[]; readonly kept: number; readonly dataKept: number };
type Outcome = {
  readonly purged: readonly FileRef[];
  readonly failed: PurgeReport["failed"];
  readonly kept: number;
  readonly dataKept: number;
};

const isDotted = (path: string, root: string): boolean =>
  path
    .slice(root.length)
    .split("/")
    .some((name) => name.startsWith("."));

async function listFiles(
  storage: Storage,
  folder: string,
  { before, excludeStorageClasses }: PurgeRules,
  run: RunOptions,
): Promise<Listed> {
  const root = storage.resolve(folder);
  const old: FileRef[] = [];
  let kept = 0;
  let dataKept = 0;
  try {
    for await (const file of storage.list(folder, run.signal ? { signal: run.signal } : {})) {
      const stays =
        file.modified >= before
        || (file.storageClass !== undefined && excludeStorageClasses.includes(file.storageClass));
      if (isDotted(file.path, root)) kept++;
      else if (stays) {
        kept++;
        dataKept++;
      } else old.push(file);
    }
  } catch (error) {
    if (!(error instanceof DynaframeError && error.code === "PATH_NOT_FOUND")) throw error;
  }
  return { old, kept, dataKept };
}

/** One that cannot be removed does not keep the others. */
async function remove(
  storage: Storage,
  { old, kept, dataKept }: Listed,
  { dryRun }: PurgeRules,
  run: RunOptions,
): Promise<Outcome> {
  if (dryRun) return { purged: old, failed: [], kept, dataKept };
  const purged: FileRef[] = [];
  const failed: { file: string; code: string; message: string }[] = [];
  for (const file of old) {
    run.signal?.throwIfAborted();
    try {
      await storage.remove(file.path);
      purged.push(file);
    } catch (error) {
      failed.push({
        file: file.path,
        code: error instanceof DynaframeError ? error.code : "IO_ERROR",
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return { purged, failed, kept, dataKept };
}

const joined = (outcomes: readonly Outcome[]): Outcome => ({
  purged: outcomes.flatMap((o) => o.purged),
  failed: outcomes.flatMap((o) => o.failed),
  kept: outcomes.reduce((sum, o) => sum + o.kept, 0),
  dataKept: outcomes.reduce((sum, o) => sum + o.dataKept, 0),
});

async function finish(
  storage: Storage,
  { purged, failed, kept }: Outcome,
  { manifestFilePath, dryRun }: PurgeRules,
  partitionsRemoved: PurgeReport["partitionsRemoved"],
): Promise<PurgeReport> {
  if (manifestFilePath !== undefined && !dryRun) {
    await writeManifest(
      storage,
      `${storage.resolve(manifestFilePath)}/Success.csv`,
      ["path", "size"],
      purged.map((f) => [f.path, String(f.size)]),
    );
    await writeManifest(
      storage,
      `${storage.resolve(manifestFilePath)}/Failed.csv`,
      ["path", "code", "message"],
      failed.map((f) => [f.file, f.code, f.message]),
    );
  }
  return {
    purged: purged.map((f) => f.path),
    bytes: purged.reduce((sum, f) => sum + f.size, 0),
    failed,
    kept,
    partitionsRemoved,
    dryRun,
  };
}

async function writeManifest(
  storage: Storage,
  path: string,
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const file = await storage.create(path);
  try {
    await file.write(
      new TextEncoder().encode([heading, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("")),
    );
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
