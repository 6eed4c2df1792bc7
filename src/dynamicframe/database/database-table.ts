/** Catalog tables that stand for tables of databases, as JDBC crawls make them. */
import type { Table } from "../../catalog/index.js";
import type { DatabaseAddress, TableName } from "../../database/index.js";
import { parseTableName } from "../../database/table-name.js";
import type { RunOptions } from "../../engine/index.js";
import { DynaframeError } from "../../types/error.js";
import type { FrameSession, Resolved } from "../frame-node.js";
import { readRequest, resolveAddress, type DatabaseSourceOptions } from "./database-options.js";
import { readDatabase } from "./database-node.js";

const CLASSIFICATIONS = ["postgresql", "mysql", "mariadb", "sqlite"];

const parametersOf = (table: Table): Readonly<Record<string, string>> => ({
  ...table.StorageDescriptor?.Parameters,
  ...table.Parameters,
});

export const isDatabaseTable = (table: Table): boolean =>
  CLASSIFICATIONS.includes(parametersOf(table)["classification"] ?? "");

export type NamedTable = { readonly address: DatabaseAddress; readonly dbtable: string; readonly table: TableName };

/**
 * Where the rows are: the parameter `connectionName`, and `dbtable`, else the location: `database.schema.table`, of
 * MySQL and SQLite `database.table`, as Glue's crawlers write it.
 */
export async function locateTable(session: FrameSession, table: Table): Promise<NamedTable> {
  const parameters = parametersOf(table);
  const path = `${table.DatabaseName}.${table.Name}`;
  const { connectionName, dbtable: named, classification } = parameters;
  if (connectionName === undefined) {
    throw new DynaframeError(
      "NO_LOCATION",
      `Table ${path} is classified ${classification ?? ""} and names no connection.`,
      { path, expected: "parameter connectionName", hint: "Set the table parameter connectionName." },
    );
  }
  const parts = (table.StorageDescriptor?.Location ?? "").split(".");
  const dbtable = named ?? (parts.length > 1 ? parts.slice(1).join(".") : "");
  if (dbtable === "") {
    throw new DynaframeError("NO_LOCATION", `Table ${path} does not say which table of ${connectionName} it is.`, {
      path,
      expected: "parameter dbtable, or location database.schema.table",
      hint: "Set the table parameter dbtable.",
    });
  }
  const database = named === undefined ? parts[0] : undefined;
  const kind = classification === "mariadb" ? "mysql" : (classification as "postgresql" | "mysql" | "sqlite");
  const address = await resolveAddress(session, kind, {
    connectionName,
    ...(database === undefined ? {} : { database }),
  });
  return { address, dbtable, table: parseTableName(dbtable) };
}

/**
 * Options of fromCatalog that say how a database is read in parallel; else the table's parameters of these names do.
 */
/** How a table is read in parts, and in increments. */
export const HASH_OPTIONS = [
  "hashfield",
  "hashexpression",
  "hashpartitions",
  "jobBookmarkKeys",
  "jobBookmarkKeysSortOrder",
] as const;
export type HashOptions = Pick<DatabaseSourceOptions, (typeof HASH_OPTIONS)[number]>;

export async function readDatabaseTable(
  session: FrameSession,
  table: Table,
  options: HashOptions,
  ctx: string,
  run: RunOptions,
): Promise<Resolved> {
  const { address, dbtable } = await locateTable(session, table);
  const from =
    options.hashfield === undefined && options.hashexpression === undefined
      ? (parametersOf(table) as HashOptions)
      : options;
  const { hashfield, hashexpression } = from;
  const hashpartitions = options.hashpartitions ?? parametersOf(table)["hashpartitions"];
  const request = readRequest("fromCatalog", {
    dbtable,
    ...(hashfield === undefined ? {} : { hashfield }),
    ...(hashexpression === undefined ? {} : { hashexpression }),
    ...(hashpartitions === undefined ? {} : { hashpartitions }),
  });
  return readDatabase(
    session,
    address,
    request,
    `${table.DatabaseName}.${table.Name}`,
    { options: { ...parametersOf(table), ...options } as HashOptions, ctx },
    run,
  );
}
