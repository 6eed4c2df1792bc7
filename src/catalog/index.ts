/**
 * The catalog port: Glue's calls with Glue's shapes, and beside them what is ours: ledgers and schema history.
 * One implementation per store under `stores/`. Names fold to lower case on write and on look-up.
 * Errors: DynaframeError with Glue's exception name as `name` and `code` ENTITY_NOT_FOUND, ALREADY_EXISTS,
 * INVALID_INPUT, CONCURRENT_MODIFICATION, RESOURCE_NUMBER_LIMIT_EXCEEDED, CATALOG_BUSY.
 */
import type { SchemaChange } from "../shapes/change-evidence.js";
import type { FileLedger, Ledger } from "../shapes/ledger.js";
import type { StructType } from "../types/data-type.js";
import type { JobStateStore } from "./job-state.js";
import type { EntityStore } from "./entity.js";
import type {
  Connection,
  ConnectionInput,
  Database,
  DatabaseInput,
  Page,
  Partition,
  PartitionError,
  PartitionInput,
  Table,
  TableInput,
  TableVersion,
} from "./model.js";
import type {
  PartitionBatch,
  PartitionIndex,
  PartitionIndexDescriptor,
  PartitionListing,
  PartitionUpdate,
} from "./partition-requests.js";
import type { TableSearch } from "./search-tables.js";

export * from "./job-state.js";
export * from "./entity.js";
export * from "./model.js";
export * from "./partition-requests.js";
export type { TableSearch } from "./search-tables.js";

export type PageRequest = { readonly nextToken?: string; readonly maxResults?: number };

/** What one change of a table writes; all of it or nothing becomes visible. */
export type TableChange = {
  readonly database: string;
  readonly table: TableInput;
  /** Create when there is none; default true. */
  readonly createIfAbsent?: boolean;
  /** Fails with ConcurrentModificationException unless the table is at this version ("" = must not exist). */
  readonly ifVersion?: string;
  readonly putPartitions?: readonly PartitionInput[];
  readonly deletePartitions?: readonly (readonly string[])[];
  /** Ledgers of files read or rewritten; replace earlier ones of the same path. */
  readonly putLedgers?: readonly FileLedger[];
  readonly deleteLedgers?: readonly string[];
  /** The exact type after this change, for the schema history; written only when it differs from the last. */
  readonly schema?: StructType;
  /** Makes the database when there is none. */
  readonly createDatabase?: true;
  /** The table goes; what else the change says does not count. */
  readonly drop?: true;
  /** Made when the table has none. */
  readonly partitionIndex?: PartitionIndex;
};

export type SchemaHistoryEntry = { readonly versionId: string; readonly at: number; readonly schema: StructType };

/** Identity of a file whose ledger is stored. */
export type LedgerKey = {
  readonly file: string;
  readonly etag: string;
  readonly size: number;
  readonly records: number;
  readonly malformed: number;
};

/**
 * A file that a table had at a version; `gone`: it was deleted or rewritten since, so that its bytes are no longer
 * there.
 */
export type PastLedgerKey = LedgerKey & { readonly gone: boolean };

/** Entries up to a version, and the newest of them only. */
export type HistoryRange = { readonly upTo?: string; readonly newest?: number };

/** What a version changed of the exact type; of the first entry, the fields it began with. */
export type SchemaChangeEntry = {
  readonly versionId: string;
  readonly at: number;
  readonly changes: readonly SchemaChange[];
};

/** What a rotation of the key encrypted anew; `key` is the short name of the key they now have. */
export type KeyRotation = { readonly connections: number; readonly secrets: number; readonly key: string };

/**
 * A Data Catalog: Glue's objects and, beside them, ledgers and the history of schemas. Every store keeps the same
 * rules. A thing that is not there is ENTITY_NOT_FOUND, a name that is taken ALREADY_EXISTS, a version that is not the
 * present one CONCURRENT_MODIFICATION.
 * Lists come in pages: `nextToken` is absent on the last.
 * @see https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog.html
 */
export interface Catalog extends EntityStore {
  /** Address this catalog was opened with. */
  readonly address: string;

  createDatabase(input: DatabaseInput): Promise<void>;
  getDatabase(name: string): Promise<Database>;
  getDatabases(page?: PageRequest): Promise<Page<Database>>;
  updateDatabase(name: string, input: DatabaseInput): Promise<void>;
  /** Deletes its tables too. */
  deleteDatabase(name: string): Promise<void>;

  createTable(database: string, input: TableInput): Promise<void>;
  getTable(database: string, name: string): Promise<Table>;
  /** `expression`: a regular expression on names as in GetTables. */
  getTables(database: string, options?: PageRequest & { readonly expression?: string }): Promise<Page<Table>>;
  /** A new version only when something changed. `versionId`: optimistic lock. `skipArchive`: keep no old version. */
  updateTable(
    database: string,
    input: TableInput,
    options?: { readonly versionId?: string; readonly skipArchive?: boolean },
  ): Promise<void>;
  deleteTable(database: string, name: string): Promise<void>;
  getTableVersion(database: string, name: string, versionId: string): Promise<TableVersion>;
  /** Newest first. */
  getTableVersions(database: string, name: string, page?: PageRequest): Promise<Page<TableVersion>>;
  deleteTableVersion(database: string, name: string, versionId: string): Promise<void>;
  /** Tables of every database by text, filters and order, as SearchTables. */
  searchTables(search: TableSearch): Promise<Page<Table>>;

  batchCreatePartition(
    database: string,
    table: string,
    inputs: readonly PartitionInput[],
  ): Promise<readonly PartitionError[]>;
  getPartition(database: string, table: string, values: readonly string[]): Promise<Partition>;
  batchGetPartition(database: string, table: string, values: readonly (readonly string[])[]): Promise<PartitionBatch>;
  getPartitions(database: string, table: string, options?: PartitionListing): Promise<Page<Partition>>;
  updatePartition(database: string, table: string, values: readonly string[], input: PartitionInput): Promise<void>;
  batchUpdatePartition(
    database: string,
    table: string,
    updates: readonly PartitionUpdate[],
  ): Promise<readonly PartitionError[]>;
  deletePartition(database: string, table: string, values: readonly string[]): Promise<void>;
  batchDeletePartition(
    database: string,
    table: string,
    values: readonly (readonly string[])[],
  ): Promise<readonly PartitionError[]>;
  /**
   * At most 3 a table, over keys of type string or integer. FAILED with its reasons when partitions there do not fit.
   */
  createPartitionIndex(database: string, table: string, index: PartitionIndex): Promise<void>;
  getPartitionIndexes(database: string, table: string): Promise<readonly PartitionIndexDescriptor[]>;
  deletePartitionIndex(database: string, table: string, name: string): Promise<void>;

  createConnection(input: ConnectionInput): Promise<void>;
  /** `hidePassword` true leaves the secret properties out. */
  getConnection(name: string, options?: { readonly hidePassword?: boolean }): Promise<Connection>;
  getConnections(options?: PageRequest & { readonly hidePassword?: boolean }): Promise<Page<Connection>>;
  updateConnection(name: string, input: ConnectionInput): Promise<void>;
  deleteConnection(name: string): Promise<void>;

  /** Several tables changed in one transaction. */
  applyTableChanges(changes: readonly TableChange[]): Promise<void>;
  /** Merged ledger of a table, or undefined when none was stored. */
  getLedger(database: string, table: string): Promise<Ledger | undefined>;
  /** Which files the ledger knows; cheap. */
  getLedgerKeys(database: string, table: string): Promise<readonly LedgerKey[]>;
  getFileLedgers(database: string, table: string, files: readonly string[]): Promise<readonly FileLedger[]>;
  /** The files that the table had at a version, those that went since among them. */
  getLedgerKeysAt(database: string, table: string, versionId: string): Promise<readonly PastLedgerKey[]>;
  /** Newest first. */
  getSchemaHistory(database: string, table: string, range?: HistoryRange): Promise<readonly SchemaHistoryEntry[]>;
  /** Oldest first; reads no schema, so that long histories of wide tables are told quickly. */
  getSchemaChanges(database: string, table: string): Promise<readonly SchemaChangeEntry[]>;

  /** Bookmarks and commits of jobs; absent where a store cannot keep them in one transaction with its tables. */
  readonly jobState?: JobStateStore;

  /** Encrypts every secret anew with another key, all or none; absent where secrets are kept elsewhere. */
  rotateKey?(): Promise<KeyRotation>;

  close(): Promise<void>;
}
