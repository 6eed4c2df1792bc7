/** The catalog port over one SQLite file. Every call is one transaction; every input is checked before it begins. */
import { dirname } from "node:path";
import type { FileLedger, Ledger } from "../../../shapes/ledger.js";
import { DynaframeError } from "../../../types/error.js";
import type {
  Catalog,
  HistoryRange,
  JobStateStore,
  KeyRotation,
  LedgerKey,
  PageRequest,
  PastLedgerKey,
  SchemaChangeEntry,
  SchemaHistoryEntry,
  TableChange,
} from "../../index.js";
import type { Entity, EntityChange, EntityGroup, EntityListing, EntityOwner, EntityRef } from "../../entity.js";
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
} from "../../model.js";
import type {
  PartitionBatch,
  PartitionIndex,
  PartitionIndexDescriptor,
  PartitionListing,
  PartitionUpdate,
} from "../../partition-requests.js";
import { searchTables, type TableSearch } from "../../search-tables.js";
import { type InputCheck, inputCheck } from "../../validate-input.js";
import * as connections from "./connections.js";
import * as databases from "./databases.js";
import * as entities from "./entities.js";
import { loadKeys } from "./key-file.js";
import { createKeyIndexes } from "./key-indexes.js";
import { rotateKey } from "./rotate-key.js";
import * as jobState from "./job-state.js";
import * as ledgers from "./ledgers.js";
import * as batches from "./partition-batches.js";
import * as indexes from "./partition-indexes.js";
import * as partitions from "./partitions.js";
import { schemaChanges, schemaHistory } from "./schema-history.js";
import type { Session } from "./session.js";
import { applyTableChange } from "./table-changes.js";
import * as versions from "./table-versions.js";
import * as tables from "./tables.js";

type VersionOptions = { readonly versionId?: string; readonly skipArchive?: boolean };
type TableRequest = PageRequest & { readonly expression?: string };

export class SqliteCatalog implements Catalog {
  private readonly check: InputCheck = inputCheck();

  constructor(
    readonly address: string,
    private readonly session: Session,
  ) {}

  async createDatabase(input: DatabaseInput): Promise<void> {
    await this.check("database", input);
    await this.session.write(() => databases.createDatabase(this.session, input));
  }

  async getDatabase(name: string): Promise<Database> {
    return this.session.read(() => databases.getDatabase(this.session, name));
  }

  async getDatabases(page?: PageRequest): Promise<Page<Database>> {
    return this.session.read(() => databases.getDatabases(this.session, page));
  }

  async updateDatabase(name: string, input: DatabaseInput): Promise<void> {
    await this.check("database", input);
    await this.session.write(() => databases.updateDatabase(this.session, name, input));
  }

  async deleteDatabase(name: string): Promise<void> {
    await this.session.write(() => databases.deleteDatabase(this.session, name));
  }

  async createTable(database: string, input: TableInput): Promise<void> {
    await this.check("table", input);
    await this.session.write(() => tables.createTable(this.session, database, input));
  }

  async getTable(database: string, name: string): Promise<Table> {
    return (
      (await this.session.readOnce(() => tables.plainTable(this.session, database, name)))
      ?? this.session.read(() => tables.getTable(this.session, database, name))
    );
  }

  async getTables(database: string, options?: TableRequest): Promise<Page<Table>> {
    return this.session.read(() => tables.getTables(this.session, database, options));
  }

  async updateTable(database: string, input: TableInput, options?: VersionOptions): Promise<void> {
    await this.check("table", input);
    await this.session.write(() => tables.updateTable(this.session, database, input, options));
  }

  async deleteTable(database: string, name: string): Promise<void> {
    await this.session.write(() => tables.deleteTable(this.session, database, name));
  }

  async getTableVersion(database: string, name: string, versionId: string): Promise<TableVersion> {
    return this.session.read(() => versions.getTableVersion(this.session, database, name, versionId));
  }

  async getTableVersions(database: string, name: string, page?: PageRequest): Promise<Page<TableVersion>> {
    return this.session.read(() => versions.getTableVersions(this.session, database, name, page));
  }

  async deleteTableVersion(database: string, name: string, versionId: string): Promise<void> {
    await this.session.write(() => versions.deleteTableVersion(this.session, database, name, versionId));
  }

  async searchTables(search: TableSearch): Promise<Page<Table>> {
    return searchTables(this, search);
  }

  async batchCreatePartition(
    database: string,
    table: string,
    inputs: readonly PartitionInput[],
  ): Promise<readonly PartitionError[]> {
    await this.check("partition", ...inputs);
    return this.session.write(() => partitions.batchCreatePartition(this.session, database, table, inputs));
  }

  async getPartition(database: string, table: string, values: readonly string[]): Promise<Partition> {
    await this.check("partition", { Values: values });
    return this.session.read(() => partitions.getPartition(this.session, database, table, values));
  }

  async batchGetPartition(
    database: string,
    table: string,
    values: readonly (readonly string[])[],
  ): Promise<PartitionBatch> {
    await this.check("partition", ...values.map((each) => ({ Values: each })));
    return this.session.read(() => batches.batchGetPartition(this.session, database, table, values));
  }

  async getPartitions(database: string, table: string, options?: PartitionListing): Promise<Page<Partition>> {
    const { page, unindexed } = await this.session.read(() =>
      partitions.getPartitions(this.session, database, table, options),
    );
    // the page is an answer already: where no index can be made now, the next search tries again
    if (unindexed.length > 0 && !this.session.readOnly)
      await this.session
        .write(() => {
          createKeyIndexes(this.session, unindexed);
        })
        .catch(() => undefined);
    return page;
  }

  async updatePartition(
    database: string,
    table: string,
    values: readonly string[],
    input: PartitionInput,
  ): Promise<void> {
    await this.check("partition", { Values: values }, input);
    await this.session.write(() => partitions.updatePartition(this.session, database, table, values, input));
  }

  async batchUpdatePartition(
    database: string,
    table: string,
    updates: readonly PartitionUpdate[],
  ): Promise<readonly PartitionError[]> {
    await this.check("partition", ...updates.flatMap(({ values, input }) => [{ Values: values }, input]));
    return this.session.write(() => batches.batchUpdatePartition(this.session, database, table, updates));
  }

  async deletePartition(database: string, table: string, values: readonly string[]): Promise<void> {
    await this.check("partition", { Values: values });
    await this.session.write(() => partitions.deletePartition(this.session, database, table, values));
  }

  async batchDeletePartition(
    database: string,
    table: string,
    values: readonly (readonly string[])[],
  ): Promise<readonly PartitionError[]> {
    await this.check("partition", ...values.map((each) => ({ Values: each })));
    return this.session.write(() => batches.batchDeletePartition(this.session, database, table, values));
  }

  async createPartitionIndex(database: string, table: string, index: PartitionIndex): Promise<void> {
    await this.session.write(() =>
      indexes.createPartitionIndex(this.session, tables.tableRow(this.session, database, table), index),
    );
  }

  async getPartitionIndexes(database: string, table: string): Promise<readonly PartitionIndexDescriptor[]> {
    return this.session.read(() =>
      indexes.partitionIndexes(this.session, tables.tableRow(this.session, database, table)),
    );
  }

  async deletePartitionIndex(database: string, table: string, name: string): Promise<void> {
    await this.session.write(() =>
      indexes.deletePartitionIndex(this.session, tables.tableRow(this.session, database, table), name),
    );
  }

  async createConnection(input: ConnectionInput): Promise<void> {
    await this.check("connection", input);
    await this.session.write(() => connections.createConnection(this.session, this.key, input));
  }

  async getConnection(name: string, options?: { readonly hidePassword?: boolean }): Promise<Connection> {
    return this.opened(() => connections.getConnection(this.session, this.key, name, options?.hidePassword === true));
  }

  async getConnections(options?: PageRequest & { readonly hidePassword?: boolean }): Promise<Page<Connection>> {
    return this.opened(() => connections.getConnections(this.session, this.key, options ?? {}));
  }

  async updateConnection(name: string, input: ConnectionInput): Promise<void> {
    await this.check("connection", input);
    await this.session.write(() => connections.updateConnection(this.session, this.key, name, input));
  }

  async deleteConnection(name: string): Promise<void> {
    await this.session.write(() => connections.deleteConnection(this.session, name));
  }

  async applyTableChanges(changes: readonly TableChange[]): Promise<void> {
    await this.checkChanges(changes);
    await this.session.write(() => {
      for (const change of changes) applyTableChange(this.session, change);
    });
  }

  async getLedger(database: string, table: string): Promise<Ledger | undefined> {
    return this.session.read(() => ledgers.mergedLedger(this.session, tables.tableRow(this.session, database, table)));
  }

  async getLedgerKeys(database: string, table: string): Promise<readonly LedgerKey[]> {
    return this.session.read(() => ledgers.ledgerKeys(this.session, tables.tableRow(this.session, database, table)));
  }

  async getFileLedgers(database: string, table: string, files: readonly string[]): Promise<readonly FileLedger[]> {
    return this.session.read(() =>
      ledgers.fileLedgers(this.session, tables.tableRow(this.session, database, table), files),
    );
  }

  async getLedgerKeysAt(database: string, table: string, versionId: string): Promise<readonly PastLedgerKey[]> {
    return this.session.read(() =>
      ledgers.ledgerKeysAt(
        this.session,
        tables.tableRow(this.session, database, table),
        versions.versionNumber(versionId),
      ),
    );
  }

  async getSchemaHistory(
    database: string,
    table: string,
    range?: HistoryRange,
  ): Promise<readonly SchemaHistoryEntry[]> {
    return this.session.read(() => schemaHistory(this.session, tables.tableRow(this.session, database, table), range));
  }

  async getSchemaChanges(database: string, table: string): Promise<readonly SchemaChangeEntry[]> {
    return this.session.read(() => schemaChanges(this.session, tables.tableRow(this.session, database, table)));
  }

  readonly jobState: JobStateStore = Object.freeze({
    getBookmark: (job: string) => this.session.read(() => jobState.getBookmark(this.session, job)),
    beginAttempt: (job: string) => this.session.write(() => jobState.beginAttempt(this.session, job)),
    knownInputs: (job, ctx, files) => this.session.read(() => jobState.knownInputs(this.session, job, ctx, files)),
    inputsOfRuns: (job, ctx, from, to) =>
      this.session.read(() => jobState.inputsOfRuns(this.session, job, ctx, from, to)),
    contextState: (job, ctx) => this.session.read(() => jobState.contextState(this.session, job, ctx)),
    commitRun: async (commit) => {
      await this.checkChanges(commit.changes);
      return this.session.write(() => jobState.commitRun(this.session, commit));
    },
    openPublications: () => this.session.read(() => jobState.openPublications(this.session)),
    publicationDone: (runId) => this.session.write(() => jobState.publicationDone(this.session, runId)),
    resetBookmark: (job, runId) => this.session.write(() => jobState.resetBookmark(this.session, job, runId)),
  } satisfies JobStateStore);

  async getEntity(ref: EntityRef): Promise<Entity | undefined> {
    return this.session.read(() => entities.getEntity(this.session, ref));
  }

  async listEntities(group: EntityGroup, listing?: EntityListing): Promise<Page<Entity>> {
    return this.session.read(() => entities.listEntities(this.session, group, listing));
  }

  async listEntityKinds(owner: EntityOwner): Promise<readonly string[]> {
    return this.session.read(() => entities.listEntityKinds(this.session, owner));
  }

  async changeEntities(changes: readonly EntityChange[]): Promise<void> {
    await this.session.write(() => {
      for (const change of changes) entities.changeEntity(this.session, change);
    });
  }

  async rotateKey(): Promise<KeyRotation> {
    return rotateKey(this.session, process.env["DYNAFRAME_KEY"]);
  }

  async close(): Promise<void> {
    this.session.close();
  }

  // a key that was rotated between the snapshot and the look at the key file fits the next snapshot
  private async opened<T>(body: () => T): Promise<T> {
    try {
      return await this.session.read(body);
    } catch (error) {
      if (!(error instanceof DynaframeError) || error.code !== "SECRET_KEY_MISMATCH") throw error;
      return this.session.read(body);
    }
  }

  private async checkChanges(changes: readonly TableChange[]): Promise<void> {
    for (const change of changes) {
      await this.check("table", change.table);
      await this.check("partition", ...(change.putPartitions ?? []));
    }
  }

  // read at each need, so that a rotated environment or restored file counts without a restart
  private readonly key: connections.KeySource = (create) =>
    loadKeys(dirname(this.session.file), create, process.env["DYNAFRAME_KEY"]);
}
