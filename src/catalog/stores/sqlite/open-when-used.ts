/**
 * The embedded catalog, whose SQLite is not loaded before something is asked of it where there is nothing in it yet.
 */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { DynaframeError } from "../../../types/error.js";
import type { Catalog, JobStateStore } from "../../index.js";
import { catalogFolder } from "../../catalog-folder.js";
import { catalogFile, isWritable, prepareFolder } from "./catalog-folder.js";
import type { SqliteCatalogOptions } from "./open-session.js";

/**
 * As `openSqliteCatalog`; but a new catalog, folder and empty file made, is only given its tables by its first
 * operation: a script that reads and writes files by their paths needs none. Address and folder are checked here, and a
 * catalog that has something in it is opened here.
 */
export async function openWhenUsed(
  address: string,
  options: Omit<SqliteCatalogOptions, "readOnly"> = {},
): Promise<Catalog> {
  const open = async (): Promise<Required<Catalog>> => (await import("./index.js")).openSqliteCatalog(address, options);
  const named = catalogFolder(address);
  if (named === undefined) return open(); // which refuses it
  const folder = resolve(named);
  const file = catalogFile(folder);
  if (!existsSync(file)) {
    if (options.create === false) return open();
    prepareFolder(folder, file);
  }
  return statSync(file).size === 0 && isWritable(folder) && isWritable(file)
    ? catalogOpenedBy(open, address, file)
    : open();
}

type Operation = (...args: never[]) => Promise<unknown>;
/** Every name of a type, which the compiler checks. */
type Names<T> = { readonly [name in keyof T]-?: true };

type CatalogOperations = Omit<Required<Catalog>, "address" | "jobState" | "close">;

const OPERATIONS: Names<CatalogOperations> = {
  createDatabase: true,
  getDatabase: true,
  getDatabases: true,
  updateDatabase: true,
  deleteDatabase: true,
  createTable: true,
  getTable: true,
  getTables: true,
  updateTable: true,
  deleteTable: true,
  getTableVersion: true,
  getTableVersions: true,
  deleteTableVersion: true,
  searchTables: true,
  batchCreatePartition: true,
  getPartition: true,
  batchGetPartition: true,
  getPartitions: true,
  updatePartition: true,
  batchUpdatePartition: true,
  deletePartition: true,
  batchDeletePartition: true,
  createPartitionIndex: true,
  getPartitionIndexes: true,
  deletePartitionIndex: true,
  createConnection: true,
  getConnection: true,
  getConnections: true,
  updateConnection: true,
  deleteConnection: true,
  applyTableChanges: true,
  getLedger: true,
  getLedgerKeys: true,
  getFileLedgers: true,
  getLedgerKeysAt: true,
  getSchemaHistory: true,
  getSchemaChanges: true,
  getEntity: true,
  listEntities: true,
  listEntityKinds: true,
  changeEntities: true,
  rotateKey: true,
};

const JOB_OPERATIONS: Names<JobStateStore> = {
  getBookmark: true,
  beginAttempt: true,
  knownInputs: true,
  inputsOfRuns: true,
  contextState: true,
  commitRun: true,
  openPublications: true,
  publicationDone: true,
  resetBookmark: true,
};

function catalogOpenedBy(openNow: () => Promise<Required<Catalog>>, address: string, file: string): Catalog {
  let opening: Promise<Required<Catalog>> | undefined;
  let closed = false;
  const open = async (): Promise<Required<Catalog>> => {
    if (closed && opening === undefined) throw new DynaframeError("CATALOG_CLOSED", "the catalog was closed", { file });
    opening ??= openNow().catch((error: unknown) => {
      opening = undefined; // another process may have been in the way: the next operation tries again
      throw error;
    });
    return opening;
  };
  return {
    address,
    ...eachOf<CatalogOperations>(OPERATIONS, open),
    jobState: Object.freeze(eachOf<JobStateStore>(JOB_OPERATIONS, async () => (await open()).jobState)),
    close: async () => {
      closed = true;
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}

/** Operations that are those of what `open` gives. */
function eachOf<T extends { readonly [name in keyof T]: Operation }>(names: Names<T>, open: () => Promise<T>): T {
  const operations = (Object.keys(names) as (keyof T)[]).map((name) => [
    name,
    async (...args: never[]) => (await open())[name](...args),
  ]);
  return Object.fromEntries(operations) as T;
}
