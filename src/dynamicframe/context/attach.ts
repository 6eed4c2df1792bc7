/** `glue.attach`: the catalog as a database file of the engine, for people who want SQL. Decision 0043. */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { allPages } from "../../catalog/all-pages.js";
import type { RunOptions, SavedTable } from "../../engine/index.js";
import { DynaframeError } from "../../types/error.js";
import type { Environment } from "../environment.js";
import { errorTotal, type Resolved } from "../frame-node.js";
import { requireCatalog } from "../require-catalog.js";
import { catalogNode } from "../sources/catalog-node.js";
import { requireOptions } from "../require-text.js";

/** Which tables get a view, and whether a file that is there gives way. */
export type AttachOptions = {
  /** Databases of the catalog; default all. */
  readonly databases?: readonly string[];
  /** Replaces a file that is there; default false. */
  readonly overwrite?: boolean;
  /** Says what each view would read, and writes nothing. */
  readonly dryRun?: boolean;
};

/** A table of the catalog, and how its view reads it. */
export type AttachedTable = {
  readonly database: string;
  readonly table: string;
  /**
   * `files`: the view reads the Parquet files where they lie. `copy`: it reads a table in the database file. `failed`:
   * there is no view.
   */
  readonly kind: "files" | "copy" | "failed";
  readonly files: number;
  /** Good records, and malformed ones, which no view has. */
  readonly records: number;
  readonly errors: number;
  readonly error?: DynaframeError;
};
/** What `glue.attach` wrote, table by table. */
export type AttachReport = {
  readonly file: string;
  readonly tables: readonly AttachedTable[];
  readonly dryRun: boolean;
};

/**
 * Writes a database file with a schema for each database and a view for each table. A choice is a struct with a field
 * for each of its types. A table that cannot be read is `failed` in the report, with its error; the others are there.
 * The file appears whole or not at all.
 */
export async function attach(
  environment: Environment,
  file: string,
  options: AttachOptions,
  run: RunOptions,
): Promise<AttachReport> {
  const { session } = environment;
  requireOptions("attach", options);
  const { overwrite = false, dryRun = false } = options;
  const engine = await session.engine();
  if (engine.saveDatabase === undefined)
    throw new DynaframeError("UNSUPPORTED", "This engine has no database files.", {
      hint: "Open the context with engine: 'duckdb'.",
    });
  const path = localPath(environment, file);
  if (!dryRun && !overwrite && (await session.storage.stat(path))) throw exists(path);
  const tables = await readableTables(environment, options, run);
  const saved: SavedTable[] = tables.flatMap(({ database, table, resolved }) =>
    resolved ? [{ schema: database, name: table, relation: resolved.relation }] : [],
  );
  const temporary = dryRun ? undefined : join(dirname(path), `.${randomUUID()}.dynaframe-attach`);
  try {
    const views = [...(await engine.saveDatabase(temporary, saved, run))];
    if (temporary !== undefined) await session.storage.publish(temporary, path, { ifAbsent: !overwrite });
    return {
      file: path,
      dryRun,
      tables: tables.map((found) => report(found, found.resolved ? views.shift() : undefined)),
    };
  } finally {
    if (temporary !== undefined) for (const name of [temporary, `${temporary}.wal`]) await rm(name, { force: true });
  }
}

type Found = {
  readonly database: string;
  readonly table: string;
  readonly resolved?: Resolved;
  readonly error?: DynaframeError;
};

async function readableTables(
  environment: Environment,
  { databases }: AttachOptions,
  run: RunOptions,
): Promise<readonly Found[]> {
  const catalog = requireCatalog(environment.session);
  const names = databases ?? (await allPages((page) => catalog.getDatabases(page))).map((database) => database.Name);
  const found: Found[] = [];
  for (const name of names) {
    const { Name: database } = await catalog.getDatabase(name);
    for (const { Name: table } of await allPages((page) => catalog.getTables(database, page)))
      found.push(await resolved(environment, database, table, run));
  }
  return found;
}

async function resolved(environment: Environment, database: string, table: string, run: RunOptions): Promise<Found> {
  try {
    return { database, table, resolved: await environment.resolve(catalogNode({ database, tableName: table }), run) };
  } catch (error) {
    if (error instanceof DynaframeError && error.code !== "INTERRUPTED") return { database, table, error };
    throw error;
  }
}

function report(
  { database, table, resolved: read, error }: Found,
  view: { readonly kind: AttachedTable["kind"]; readonly error?: DynaframeError } | undefined,
): AttachedTable {
  if (!read || !view)
    return { database, table, kind: "failed", files: 0, records: 0, errors: 0, ...(error ? { error } : {}) };
  const errors = errorTotal(read);
  return {
    database,
    table,
    kind: view.kind,
    files: read.sources.reduce((sum, s) => sum + s.files, 0),
    records: read.sources.reduce((sum, s) => sum + s.records, 0) - errors,
    errors,
    ...(view.error ? { error: view.error } : {}),
  };
}

function localPath({ session }: Environment, file: string): string {
  const path = session.storage.localPath(file);
  if (path !== undefined) return path;
  throw new DynaframeError("BAD_ARGUMENT", `A database file is written to a local disk, not to ${file}.`, {
    file,
    hint: "Write it locally and copy it.",
  });
}

const exists = (file: string): DynaframeError =>
  new DynaframeError("TARGET_EXISTS", `${file} is there already.`, {
    file,
    hint: "Choose another name, or overwrite it.",
  });
