import type { Catalog, SchemaChangeEntry, Table } from "../../catalog/index.js";
import { secondsOf, tableAsOf, versionIdOf } from "../../catalog/table-as-of.js";
import { pathAfter } from "../../shapes/change-evidence.js";
import { diffTypes } from "../../types/compat.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { compatibilityOf, type DriftChange, type DriftReport, type DriftStep } from "./drift-report.js";

/** A table, and since when; `from` or `against`, not both (BAD_ARGUMENT). */
export type DriftRequest = {
  /** Database of the catalog. */
  readonly database: string;
  /** Table of the database. */
  readonly tableName: string;
  /** Changes from this time on: a Date or a text such as 2024-01-01. */
  readonly from?: string | Date;
  /** Changes since this version, `3` or `v3`; not together with `from`. Default: all since the first. */
  readonly against?: string | number;
  /** The version compared; default: the present one. */
  readonly to?: string | number;
};

/** Two versions of a table: numbers, or texts such as `v3`. */
export type DiffRequest = {
  /** Database of the catalog. */
  readonly database: string;
  /** Table of the database. */
  readonly tableName: string;
  /** The version that is compared with. */
  readonly from: string | number;
  /** Default: the present version. */
  readonly to?: string | number;
};

/**
 * What changed of a table's exact type since a time or a version, and between any two versions. Told from the schema
 * history alone: no data is read.
 * @throws VERSION_NOT_FOUND, NO_LEDGER for a table that no crawl or write has typed, BAD_ARGUMENT for both `from` and
 * `against`.
 */
export async function tellDrift(catalog: Catalog, request: DriftRequest): Promise<DriftReport> {
  const { database, tableName } = request;
  const table = await catalog.getTable(database, tableName);
  const history = await catalog.getSchemaChanges(database, tableName);
  const first = history[0];
  if (first === undefined) throw noHistory(table);
  const end = await endOf(catalog, table, history, request.to);
  const start = await startOf(catalog, table, history, request);
  const from = history[start] ?? first;
  const to = history[end] ?? from;
  if (end < start)
    throw new DynaframeError("BAD_ARGUMENT", `version ${to.versionId} is before version ${from.versionId}`, {
      path: pathOf(table),
      hint: "Name the older version first.",
    });
  // an order of fields is no drift
  const steps: readonly DriftStep[] = history.slice(start + 1, end + 1).filter(({ changes: all }) => all.length > 0);
  const changes = await netChanges(catalog, table, from, to, steps);
  return {
    table: pathOf(table),
    ...(table.StorageDescriptor?.Location === undefined ? {} : { location: table.StorageDescriptor.Location }),
    from: mark(from),
    to: mark(to),
    steps,
    changes,
    compatibility: compatibilityOf(changes),
  };
}

/** `shop.orders@3..5` as a request of `tellDrift`: what version 5 changed against version 3. */
export const diffVersions = (catalog: Catalog, { database, tableName, from, to }: DiffRequest): Promise<DriftReport> =>
  tellDrift(catalog, { database, tableName, against: from, ...(to === undefined ? {} : { to }) });

const pathOf = (table: Table): string => `${table.DatabaseName}.${table.Name}`;
const mark = ({ versionId, at }: SchemaChangeEntry): { versionId: string; at: number } => ({ versionId, at });

/** Place of the entry in force at the end. */
async function endOf(
  catalog: Catalog,
  table: Table,
  history: readonly SchemaChangeEntry[],
  to: string | number | undefined,
): Promise<number> {
  return to === undefined ? history.length - 1 : entryAt(catalog, table, history, to);
}

/** Place of the entry in force before the range; the first one when the range begins before the table. */
async function startOf(
  catalog: Catalog,
  table: Table,
  history: readonly SchemaChangeEntry[],
  { from, against }: DriftRequest,
): Promise<number> {
  if (from !== undefined && against !== undefined)
    throw new DynaframeError("BAD_ARGUMENT", "from and against exclude each other", {
      path: pathOf(table),
      hint: "Give a time or a version.",
    });
  if (against !== undefined) return entryAt(catalog, table, history, against);
  if (from === undefined) return 0;
  const seconds = secondsOf(from);
  return Math.max(
    0,
    lastIndex(history, ({ at }) => at < seconds),
  );
}

async function entryAt(
  catalog: Catalog,
  table: Table,
  history: readonly SchemaChangeEntry[],
  version: string | number,
): Promise<number> {
  const id = versionIdOf(version);
  const at = lastIndex(history, ({ versionId }) => Number(versionId) <= Number(id));
  if (at >= 0 && history[at]?.versionId === id) return at;
  // a version without a change of type is one all the same
  await tableAsOf(catalog, table.DatabaseName, table.Name, { version });
  if (at >= 0) return at;
  throw new DynaframeError("VERSION_NOT_FOUND", `the data of ${pathOf(table)} was not known yet at version ${id}`, {
    path: pathOf(table),
    found: id,
    expected: `version ${history[0]?.versionId ?? ""} or later`,
  });
}

function lastIndex(history: readonly SchemaChangeEntry[], holds: (entry: SchemaChangeEntry) => boolean): number {
  for (let i = history.length - 1; i >= 0; i--) {
    const entry = history[i];
    if (entry !== undefined && holds(entry)) return i;
  }
  return -1;
}

async function netChanges(
  catalog: Catalog,
  table: Table,
  from: SchemaChangeEntry,
  to: SchemaChangeEntry,
  steps: readonly DriftStep[],
): Promise<readonly DriftChange[]> {
  const [only] = steps;
  if (only === undefined) return [];
  if (steps.length === 1) return only.changes.map((change) => ({ ...change, ...mark(only) }));
  const [before, after] = [await schemaAt(catalog, table, from), await schemaAt(catalog, table, to)];
  const brought = changesByPath(steps);
  return diffTypes(before, after).map((change) => {
    const cause = causeOf(change.path, brought) ?? { versionId: to.versionId, at: to.at };
    const { versionId, at } = cause;
    const evidence = "rule" in cause ? cause.evidence : undefined;
    return { ...change, ...(evidence === undefined ? {} : { evidence }), versionId, at };
  });
}

async function schemaAt(
  catalog: Catalog,
  { DatabaseName, Name }: Table,
  { versionId }: SchemaChangeEntry,
): Promise<StructType> {
  const [entry] = await catalog.getSchemaHistory(DatabaseName, Name, { upTo: versionId, newest: 1 });
  if (entry !== undefined) return entry.schema;
  throw new DynaframeError(
    "VERSION_NOT_FOUND",
    `the schema of ${DatabaseName}.${Name} at version ${versionId} is gone`,
    { path: `${DatabaseName}.${Name}`, found: versionId },
  );
}

/** The last change of each path, and of what is above it: a field may come with the struct that holds it. */
function changesByPath(steps: readonly DriftStep[]): ReadonlyMap<string, DriftChange> {
  const found = new Map<string, DriftChange>();
  for (const { changes, versionId, at } of steps)
    for (const change of changes) found.set(pathAfter(change), { ...change, versionId, at });
  return found;
}

function causeOf(path: string, brought: ReadonlyMap<string, DriftChange>): DriftChange | undefined {
  for (let at = path; ; at = parentOf(at)) {
    const change = brought.get(at);
    if (change !== undefined) return change;
    if (at === "") return undefined;
  }
}

/** The path without its last field, `[]` or `{arm}`. A dot inside a quoted name only asks for more looks. */
function parentOf(path: string): string {
  if (path.endsWith("[]")) return path.slice(0, -2);
  if (path.endsWith("}")) return path.slice(0, path.lastIndexOf("{"));
  return path.slice(0, Math.max(0, path.lastIndexOf("."), path.lastIndexOf("]") + 1, path.lastIndexOf("}") + 1));
}

export const noHistory = (table: Table): DynaframeError =>
  new DynaframeError("NO_LEDGER", `nothing is known about the data of ${pathOf(table)}`, {
    path: pathOf(table),
    hint: `crawl it: dynaframe crawl ${table.StorageDescriptor?.Location ?? "FOLDER"} --database ${table.DatabaseName}`,
  });
