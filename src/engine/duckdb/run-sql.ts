/** The user's SQL over views of plans. */
import type { Relation } from "../../plan/ir/relation.js";
import { field, struct, type DataType, type StructType } from "../../types/data-type.js";
import { duckdbType, parseDuckdbType } from "../../types/duckdb.js";
import { DynaframeError } from "../../types/error.js";
import { physicalNames } from "../../types/physical.js";
import { batchReader } from "../../types/record-batch.js";
import type { Row } from "../../types/value.js";
import type { RunOptions, SqlResult } from "../index.js";
import { compileRelation } from "./compile-relation.js";
import { identifier, qualified } from "./quote.js";
import { chunkReader } from "./read-values.js";
import type { Sources } from "./sources.js";
import type { Channel, Workspace } from "./workspace.js";

/**
 * Checks and types the query now; runs it when rows or the relation are asked for. Each run has a catalog of its own
 * for the views, so that queries at the same time may give one name to different plans. Errors have code SQL_FAILED.
 */
export async function runSql(
  workspace: Workspace,
  sources: Sources,
  sql: string,
  views: ReadonlyMap<string, Relation>,
  options: RunOptions,
): Promise<SqlResult> {
  const definitions = new Map<string, string>();
  for (const [name, relation] of views)
    definitions.set(name, compileRelation(relation, await sources.prepare(relation, options)));
  const { type, typed } = await workspace.use(options, "sql", async (channel) => {
    await requireOneQuery(channel, sql);
    // a view takes the text as it is, with its last semicolon and comments, and nothing but a query
    definitions.set(QUERY, sql);
    return inCatalog(workspace, channel, definitions, () => describe(channel));
  });
  const countRun = (): void => {
    for (const relation of views.values()) sources.countRun(relation);
  };
  return {
    type,
    rows: () =>
      workspace.pull<readonly Row[]>(options, "sql", async function* (channel) {
        countRun();
        const chunkOf = chunkReader(type, await workspace.api());
        const read = batchReader(type);
        const catalog = await openCatalog(workspace, channel, definitions);
        try {
          for await (const chunk of channel.stream(typed)) for (const batch of chunkOf(chunk)) yield read(batch);
        } finally {
          await closeCatalog(channel, catalog);
        }
      }),
    relation: () => {
      countRun();
      return workspace.use(options, "sql", (channel) =>
        inCatalog(workspace, channel, definitions, () => sources.store(typed, type, channel)),
      );
    },
  };
}

async function requireOneQuery(channel: Channel, text: string): Promise<void> {
  const statements = await channel.connection.extractStatements(text);
  if (statements.count === 1) return;
  throw new DynaframeError("SQL_FAILED", `Expected one query, found ${statements.count} statements.`, {
    hint: "Give one SELECT.",
  });
}

/** The view of the query itself, beside those that it reads. */
const QUERY = "~query";

/**
 * The type of the result, and the query with every column cast to exactly that type under its physical name. DuckDB
 * numbers equal names.
 */
async function describe(channel: Channel): Promise<{ readonly type: StructType; readonly typed: string }> {
  const found = await channel.run(`DESCRIBE SELECT * FROM ${identifier(QUERY)}`);
  const type = struct(found.map(([name, typeText]) => field(String(name), resultType(String(typeText)))));
  const names = physicalNames(type).map(identifier);
  const columns = type.fields.map(
    (f, i) => `CAST("~q".${names[i] ?? ""} AS ${duckdbType(f.type)}) AS ${names[i] ?? ""}`,
  );
  return { type, typed: `SELECT ${columns.join(", ")} FROM ${identifier(QUERY)} AS "~q"(${names.join(", ")})` };
}

/** Types of DuckDB that a frame does not have are read as text. */
function resultType(text: string): DataType {
  try {
    return parseDuckdbType(text);
  } catch {
    return { kind: "string" };
  }
}

async function inCatalog<T>(
  workspace: Workspace,
  channel: Channel,
  definitions: ReadonlyMap<string, string>,
  work: () => Promise<T>,
): Promise<T> {
  const catalog = await openCatalog(workspace, channel, definitions);
  try {
    return await work();
  } finally {
    await closeCatalog(channel, catalog);
  }
}

async function openCatalog(
  workspace: Workspace,
  channel: Channel,
  definitions: ReadonlyMap<string, string>,
): Promise<string> {
  const catalog = `views_${workspace.newTable().name}`;
  const schemaOf = (name: string): string => (name.includes(".") ? name.slice(0, name.indexOf(".")) : "main");
  const schemas = [...new Set([...definitions.keys()].map(schemaOf))].map(
    (schema) => `CREATE SCHEMA IF NOT EXISTS ${qualified(catalog, schema)}`,
  );
  await channel.run(
    [`ATTACH ':memory:' AS ${identifier(catalog)}`, `USE ${identifier(catalog)}`, ...schemas].join(";\n"),
  );
  for (const [name, sql] of definitions)
    await channel.run(`CREATE VIEW ${qualified(catalog, schemaOf(name), name.slice(name.indexOf(".") + 1))} AS ${sql}`);
  return catalog;
}

async function closeCatalog(channel: Channel, catalog: string): Promise<void> {
  try {
    await channel.connection.run("USE memory");
    await channel.connection.run(`DETACH ${identifier(catalog)}`);
  } catch {
    // the connection was interrupted or the session closed: the catalog holds views only and goes with the session
  }
}
