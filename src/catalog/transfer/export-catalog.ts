/** Everything that a catalog holds but secrets and bookmarks, as lines. */
import { DynaframeError } from "../../types/error.js";
import { allPages } from "../all-pages.js";
import { hideSecrets } from "../connection-secrets.js";
import type { EntityOwner } from "../entity.js";
import type { Catalog, Database, Partition, Table } from "../index.js";
import type { ConnectionInput, PartitionInput } from "../model.js";
import { tableInputOf } from "../table-input.js";
import { TRANSFER_FORMAT, type TransferLine } from "./transfer-line.js";

const LEDGERS_PER_LINE = 50;
const ENTITIES_PER_LINE = 500;
/** What says only that something runs now. */
const TRANSIENT: readonly string[] = ["column-statistics-state"];

/**
 * Reads page by page: what changes while it does so is in the export as it was when its page was read. A catalog
 * without what is dynaframe's own (`aws:`) gives databases, tables, partitions, indexes and connections.
 */
export async function* exportCatalog(catalog: Catalog): AsyncGenerator<TransferLine> {
  let lines = 1;
  yield { kind: "catalog", format: TRANSFER_FORMAT };
  for await (const line of contents(catalog)) {
    lines += 1;
    yield line;
  }
  yield { kind: "end", lines };
}

async function* contents(catalog: Catalog): AsyncGenerator<TransferLine> {
  for (const database of await allPages((page) => catalog.getDatabases(page))) {
    yield { kind: "database", input: databaseInput(database) };
    // what a link leads to is exported where it is
    if (database.TargetDatabase !== undefined) continue;
    yield* entities(catalog, { database: database.Name });
    for (const table of await allPages((page) => catalog.getTables(database.Name, page)))
      yield* tableLines(catalog, table);
  }
  for (const connection of await allPages((page) => catalog.getConnections({ ...page, hidePassword: true }))) {
    const { CreationTime: _, LastUpdatedTime: _1, LastUpdatedBy: _2, ...input } = hideSecrets(connection);
    yield { kind: "connection", input: input satisfies ConnectionInput };
  }
  yield* entities(catalog, {});
}

async function* tableLines(catalog: Catalog, table: Table): AsyncGenerator<TransferLine> {
  const { DatabaseName: database, Name: name, TargetTable: target } = table;
  if (target !== undefined) {
    yield {
      kind: "table",
      database,
      versions: [{ version: "0", input: { Name: name, TargetTable: target } }],
      schemas: [],
    };
    return;
  }
  const versions = (await allPages((page) => catalog.getTableVersions(database, name, page)))
    .map(({ Table: version, VersionId }) => ({ version: VersionId, input: tableInputOf(version) }))
    .reverse();
  const schemas = await ownOrNothing(() => catalog.getSchemaHistory(database, name), []);
  yield {
    kind: "table",
    database,
    versions,
    schemas: schemas.map(({ versionId, schema }) => ({ version: versionId, schema })).reverse(),
  };
  yield* partitionLines(catalog, database, name);
  for (const { IndexName, Keys } of await catalog.getPartitionIndexes(database, name))
    yield { kind: "index", database, table: name, index: { IndexName, Keys: Keys.map((key) => key.Name) } };
  yield* entities(catalog, { database, table: name });
  const files = (await ownOrNothing(() => catalog.getLedgerKeys(database, name), [])).map(({ file }) => file);
  for (let i = 0; i < files.length; i += LEDGERS_PER_LINE) {
    yield {
      kind: "ledgers",
      database,
      table: name,
      ledgers: await catalog.getFileLedgers(database, name, files.slice(i, i + LEDGERS_PER_LINE)),
    };
  }
}

async function* partitionLines(catalog: Catalog, database: string, table: string): AsyncGenerator<TransferLine> {
  let nextToken: string | undefined;
  do {
    const page = await catalog.getPartitions(database, table, {
      maxResults: 1000,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    if (page.items.length > 0) yield { kind: "partitions", database, table, inputs: page.items.map(partitionInput) };
    for (const { Values } of page.items) yield* entities(catalog, { database, table, partition: Values });
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

async function* entities(catalog: Catalog, owner: EntityOwner): AsyncGenerator<TransferLine> {
  for (const kind of await ownOrNothing(() => catalog.listEntityKinds(owner), [])) {
    if (TRANSIENT.includes(kind)) continue;
    const group = { ...owner, kind };
    // oldest first, so that what lists the newest first goes on doing so where it is imported
    const all = (await allPages((page) => catalog.listEntities(group, { ...page, newestFirst: true })))
      .reverse()
      .map(({ name, scope, doc }) => ({ name, scope, doc }));
    for (let i = 0; i < all.length; i += ENTITIES_PER_LINE)
      yield { kind: "entities", group, entities: all.slice(i, i + ENTITIES_PER_LINE) };
  }
}

/** `nothing` where the catalog keeps none of what is dynaframe's own. */
async function ownOrNothing<T>(ask: () => Promise<T>, nothing: T): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DynaframeError && error.code === "UNSUPPORTED_CATALOG") return nothing;
    throw error;
  }
}

function databaseInput({ CreateTime: _, CatalogId: _1, ...input }: Database) {
  return input.TargetDatabase === undefined ? input : { Name: input.Name, TargetDatabase: input.TargetDatabase };
}

function partitionInput({
  DatabaseName: _,
  TableName: _1,
  CreationTime: _2,
  CatalogId: _3,
  ...input
}: Partition): PartitionInput {
  return input;
}
