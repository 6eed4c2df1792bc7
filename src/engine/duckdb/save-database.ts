/** A database file of DuckDB with a view for each relation: for people who want SQL and nothing else. */
import type { Relation } from "../../plan/ir/relation.js";
import { DynaframeError } from "../../types/error.js";
import type { RunOptions, SavedTable, SavedView } from "../index.js";
import { compileRelation } from "./compile-relation.js";
import { CATALOG, macrosFor } from "./macros.js";
import { identifier, qualified, text } from "./quote.js";
import type { Sources } from "./sources.js";
import type { Channel, Workspace } from "./workspace.js";

/** Schema of the copies that views read; `~` keeps it apart from the names of databases. */
const COPIES = "~data";

/**
 * Writes the file, which must not exist; without one only says what each view would be. A plan whose SQL stands alone,
 * over Parquet files where they lie, becomes a view of just that; any other is computed now into a table, which the
 * view reads.
 */
export async function saveDatabase(
  workspace: Workspace,
  sources: Sources,
  file: string | undefined,
  tables: readonly SavedTable[],
  options: RunOptions,
): Promise<readonly SavedView[]> {
  if (file === undefined) return planned(workspace, sources, tables, options);
  return workspace.use(options, "write", async (channel) => {
    const catalog = `saved_${workspace.newTable().name}`;
    await channel.run(`ATTACH ${text(file)} AS ${identifier(catalog)}`);
    try {
      await channel.run(`USE ${identifier(catalog)}`);
      const views: SavedView[] = [];
      for (const table of tables) {
        await channel.run(`CREATE SCHEMA IF NOT EXISTS ${qualified(catalog, table.schema)}`);
        views.push(await save(channel, workspace, sources, catalog, table, options));
      }
      return views;
    } finally {
      await channel.connection.run("USE memory");
      await channel.connection.run(`DETACH ${identifier(catalog)}`);
    }
  });
}

async function planned(
  workspace: Workspace,
  sources: Sources,
  tables: readonly SavedTable[],
  options: RunOptions,
): Promise<readonly SavedView[]> {
  const views: SavedView[] = [];
  for (const { relation } of tables) {
    try {
      views.push({
        kind:
          readsFiles(relation, workspace)
          && standsAlone(compileRelation(relation, await sources.prepare(relation, options)))
            ? "files"
            : "copy",
      });
    } catch (error) {
      views.push({ kind: "failed", error: requireOwn(error) });
    }
  }
  return views;
}

async function save(
  channel: Channel,
  workspace: Workspace,
  sources: Sources,
  catalog: string,
  { schema, name, relation }: SavedTable,
  options: RunOptions,
): Promise<SavedView> {
  try {
    const sql = compileRelation(relation, await sources.prepare(relation, options));
    if (readsFiles(relation, workspace) && standsAlone(sql)) {
      await channel.run(`CREATE VIEW ${qualified(catalog, schema, name)} AS ${sql}`);
      return { kind: "files" };
    }
    const copy = `${schema}.${name}`;
    await channel.run(`CREATE SCHEMA IF NOT EXISTS ${qualified(catalog, COPIES)}`);
    await channel.run(`CREATE TABLE ${qualified(catalog, COPIES, copy)} AS ${sql}`);
    // without the name of the catalog, which is that of the file when it is opened
    await channel.run(`CREATE VIEW ${qualified(catalog, schema, name)} AS SELECT * FROM ${qualified(COPIES, copy)}`);
    return { kind: "copy" };
  } catch (error) {
    return { kind: "failed", error: requireOwn(error) };
  }
}

/** Parquet files that DuckDB opens where they lie, not copies in staging. */
const readsFiles = (relation: Relation, { environment }: Workspace): boolean =>
  relation.kind === "scan"
  && relation.format === "parquet"
  && relation.domain === undefined
  && relation.files.length > 0
  && relation.files.every(({ path }) => environment.storage.localPath(path) !== undefined);

/** Whether the text needs nothing of this session: none of its tables, none of its macros. */
const standsAlone = (sql: string): boolean => macrosFor(sql).size === 0 && !sql.includes(`${identifier(CATALOG)}.`);

/** A table that cannot be read is named in the result; a defect or an interruption is not. */
function requireOwn(error: unknown): DynaframeError {
  if (error instanceof DynaframeError && error.code !== "INTERRUPTED" && error.code !== "NO_SPACE") return error;
  throw error;
}
