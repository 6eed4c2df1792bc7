/**
 * The short way: when no file came, went or changed since the last crawl with the same settings, nothing is read, not
 * even ledgers.
 */
import type { SkippedFile } from "./crawl-options.js";
import type { PlannedTable } from "./crawl-plan.js";
import { allPartitions, isUnchanged, type KnownFile, type KnownTable, storedLedger } from "./known-tables.js";
import type { Survey } from "./survey-files.js";
import { contentsOf } from "./plan-table.js";
import { DEPRECATED_BY, SETTINGS_PARAMETER } from "./table-input.js";

type Known = Pick<Survey, "services" | "listing" | "includes" | "inside" | "known" | "settings">;

export type Unchanged = { readonly tables: readonly PlannedTable[]; readonly strays: readonly SkippedFile[] };

/** The tables as they are, with the strays of the last crawl, or undefined when there is anything to find out. */
export async function unchangedTables(world: Known): Promise<Unchanged | undefined> {
  const { listing, includes, inside, known, settings, services } = world;
  const refs = includes.flatMap(({ files }) => files);
  const told = inside.every(
    ({ table: { Parameters } }) =>
      Parameters?.[SETTINGS_PARAMETER] === settings.settings && Parameters[DEPRECATED_BY] === undefined,
  );
  const strays: SkippedFile[] = [];
  for (const ref of refs) {
    if (isUnchanged(ref, known)) continue;
    const detail = known.has(ref.path) ? undefined : services.checkpoint?.strayDetail(ref);
    if (detail === undefined) return undefined;
    strays.push({ file: ref.path, why: "STRAY", detail });
  }
  if (!told || listing.problems.length > 0 || refs.length - strays.length !== known.size) return undefined;
  const files = filesByOwner(known);
  const tables: PlannedTable[] = [];
  for (const owner of inside) {
    const kept = await keptTable(owner, files.get(owner) ?? [], world);
    if (kept === undefined) return undefined;
    tables.push(kept);
  }
  return { tables, strays };
}

function filesByOwner(known: ReadonlyMap<string, KnownFile>): ReadonlyMap<KnownTable, readonly string[]> {
  const files = new Map<KnownTable, string[]>();
  for (const { key, owner } of known.values()) {
    const list = files.get(owner);
    if (list === undefined) files.set(owner, [key.file]);
    else list.push(key.file);
  }
  return files;
}

async function keptTable(
  owner: KnownTable,
  files: readonly string[],
  { services }: Known,
): Promise<PlannedTable | undefined> {
  const { table, location } = owner;
  const partitionKeys = (table.PartitionKeys ?? []).map((column) => column.Name);
  const partitions = await allPartitions(services.catalog, table);
  const folders = new Set(files.map((file) => file.slice(0, file.lastIndexOf("/"))));
  const places = new Set(partitions.map(({ StorageDescriptor }) => StorageDescriptor?.Location ?? ""));
  const same =
    partitionKeys.length === 0 || (folders.size === places.size && [...folders].every((folder) => places.has(folder)));
  if (files.length === 0 || location === undefined || !same) return undefined;
  return {
    name: table.Name,
    location,
    action: "keep",
    classification: table.Parameters?.["classification"] ?? "UNKNOWN",
    reasons: [{ code: "UNCHANGED", message: "no file was added, changed or deleted" }],
    contents: contentsOf(await storedLedger(owner, services.catalog)),
    files: { new: 0, changed: 0, unchanged: files.length, vanished: 0 },
    columns: table.StorageDescriptor?.Columns ?? [],
    partitionKeys,
    partitions: { total: partitions.length, put: 0, deleted: 0 },
    typeChanges: [],
  };
}
