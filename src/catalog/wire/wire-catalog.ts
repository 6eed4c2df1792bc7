/**
 * The catalog port over the Glue API's wire shapes; a store gives the way there. Inputs are checked here, before they
 * travel.
 */
import type { FileLedger, Ledger } from "../../shapes/ledger.js";
import { DynaframeError } from "../../types/error.js";
import type { Entity, EntityChange, EntityGroup, EntityListing, EntityOwner, EntityRef } from "../entity.js";
import type {
  Catalog,
  HistoryRange,
  JobStateStore,
  LedgerKey,
  PastLedgerKey,
  PageRequest,
  SchemaChangeEntry,
  SchemaHistoryEntry,
  TableChange,
} from "../index.js";
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
} from "../model.js";
import type {
  PartitionBatch,
  PartitionIndex,
  PartitionIndexDescriptor,
  PartitionListing,
  PartitionUpdate,
} from "../partition-requests.js";
import { pageSize } from "../page-token.js";
import type { TableSearch } from "../search-tables.js";
import { type InputCheck, inputCheck } from "../validate-input.js";
import { wireJobState } from "./job-state-wire.js";
import { nearestNames } from "./nearest-names.js";
import type { OwnOperation, OwnOperations } from "./own-operations.js";

/** A way to a Glue endpoint. Rejects with the errors that the catalog port promises. */
export type Wire = {
  /** The answer of a Glue operation, its times as seconds. */
  readonly call: <Output>(operation: string, input: object) => Promise<Output>;
  /** Only dynaframe's own server has these. */
  readonly callOwn?: <N extends OwnOperation>(
    operation: N,
    input: OwnOperations[N]["input"],
  ) => Promise<OwnOperations[N]["output"]>;
  readonly close: () => Promise<void>;
};

type Paged<Member extends string, T> = { readonly [M in Member]?: readonly T[] } & { readonly NextToken?: string };

/** Most of what one request may carry, by the service model. */
const MOST = { create: 100, get: 1000, update: 100, delete: 25 } as const;

export class WireCatalog implements Catalog {
  private readonly check: InputCheck = inputCheck();

  private readonly withHint = nearestNames({
    databases: (page) => this.getDatabases(page),
    tables: (database, page) => this.getTables(database, page),
  });

  readonly jobState?: JobStateStore;

  constructor(
    readonly address: string,
    private readonly wire: Wire,
  ) {
    // only dynaframe's own server keeps bookmarks with its tables
    if (wire.callOwn !== undefined) this.jobState = wireJobState(wire.callOwn);
  }

  async createDatabase(input: DatabaseInput): Promise<void> {
    await this.check("database", input);
    await this.wire.call("CreateDatabase", { DatabaseInput: input });
  }

  async getDatabase(name: string): Promise<Database> {
    return (
      await this.wire.call<{ Database: Database }>("GetDatabase", { Name: name }).catch(async (error: unknown) => {
        throw await this.withHint(error, name);
      })
    ).Database;
  }

  async getDatabases(page?: PageRequest): Promise<Page<Database>> {
    return this.page("GetDatabases", "DatabaseList", {}, page, 100);
  }

  async updateDatabase(name: string, input: DatabaseInput): Promise<void> {
    await this.check("database", input);
    await this.wire.call("UpdateDatabase", { Name: name, DatabaseInput: input });
  }

  async deleteDatabase(name: string): Promise<void> {
    await this.wire.call("DeleteDatabase", { Name: name });
  }

  async createTable(database: string, input: TableInput): Promise<void> {
    await this.check("table", input);
    await this.wire.call("CreateTable", { DatabaseName: database, TableInput: input });
  }

  async getTable(database: string, name: string): Promise<Table> {
    return (
      await this.wire
        .call<{ Table: Table }>("GetTable", { DatabaseName: database, Name: name })
        .catch(async (error: unknown) => {
          throw await this.withHint(error, database, name);
        })
    ).Table;
  }

  async getTables(
    database: string,
    options: PageRequest & { readonly expression?: string } = {},
  ): Promise<Page<Table>> {
    return this.page(
      "GetTables",
      "TableList",
      { DatabaseName: database, ...given({ Expression: options.expression }) },
      options,
      100,
    );
  }

  async updateTable(
    database: string,
    input: TableInput,
    options: { readonly versionId?: string; readonly skipArchive?: boolean } = {},
  ): Promise<void> {
    await this.check("table", input);
    await this.wire.call("UpdateTable", {
      DatabaseName: database,
      TableInput: input,
      ...given({ VersionId: options.versionId, SkipArchive: options.skipArchive }),
    });
  }

  async deleteTable(database: string, name: string): Promise<void> {
    await this.wire.call("DeleteTable", { DatabaseName: database, Name: name });
  }

  async getTableVersion(database: string, name: string, versionId: string): Promise<TableVersion> {
    return (
      await this.wire.call<{ TableVersion: TableVersion }>("GetTableVersion", {
        DatabaseName: database,
        TableName: name,
        VersionId: versionId,
      })
    ).TableVersion;
  }

  async getTableVersions(database: string, name: string, page?: PageRequest): Promise<Page<TableVersion>> {
    return this.page("GetTableVersions", "TableVersions", { DatabaseName: database, TableName: name }, page, 100);
  }

  async deleteTableVersion(database: string, name: string, versionId: string): Promise<void> {
    await this.wire.call("DeleteTableVersion", { DatabaseName: database, TableName: name, VersionId: versionId });
  }

  async searchTables({ text, filters, sort, ...page }: TableSearch): Promise<Page<Table>> {
    return this.page(
      "SearchTables",
      "TableList",
      given({ SearchText: text, Filters: filters, SortCriteria: sort === undefined ? undefined : [sort] }),
      page,
    );
  }

  async batchCreatePartition(
    database: string,
    table: string,
    inputs: readonly PartitionInput[],
  ): Promise<readonly PartitionError[]> {
    for (const input of inputs) await this.check("partition", input);
    return this.batch(
      "BatchCreatePartition",
      database,
      table,
      chunks(inputs, MOST.create).map((PartitionInputList) => ({ PartitionInputList })),
    );
  }

  async getPartition(database: string, table: string, values: readonly string[]): Promise<Partition> {
    await this.check("partition", { Values: values });
    return (
      await this.wire.call<{ Partition: Partition }>("GetPartition", {
        DatabaseName: database,
        TableName: table,
        PartitionValues: values,
      })
    ).Partition;
  }

  async batchGetPartition(
    database: string,
    table: string,
    values: readonly (readonly string[])[],
  ): Promise<PartitionBatch> {
    const answers: {
      readonly Partitions?: readonly Partition[];
      readonly UnprocessedKeys?: readonly { readonly Values: readonly string[] }[];
    }[] = [];
    for (const part of chunks(values, MOST.get))
      answers.push(
        await this.wire.call("BatchGetPartition", {
          DatabaseName: database,
          TableName: table,
          PartitionsToGet: part.map((Values) => ({ Values })),
        }),
      );
    return {
      partitions: answers.flatMap((a) => a.Partitions ?? []),
      unprocessed: answers.flatMap((a) => a.UnprocessedKeys ?? []).map(({ Values }) => Values),
    };
  }

  async getPartitions(database: string, table: string, options: PartitionListing = {}): Promise<Page<Partition>> {
    const { expression: Expression, segment: Segment, excludeColumnSchema: ExcludeColumnSchema } = options;
    return this.page(
      "GetPartitions",
      "Partitions",
      { DatabaseName: database, TableName: table, ...given({ Expression, Segment, ExcludeColumnSchema }) },
      options,
    );
  }

  async updatePartition(
    database: string,
    table: string,
    values: readonly string[],
    input: PartitionInput,
  ): Promise<void> {
    await this.check("partition", input);
    await this.wire.call("UpdatePartition", {
      DatabaseName: database,
      TableName: table,
      PartitionValueList: values,
      PartitionInput: input,
    });
  }

  async batchUpdatePartition(
    database: string,
    table: string,
    updates: readonly PartitionUpdate[],
  ): Promise<readonly PartitionError[]> {
    const entries = updates.map(({ values, input }) => ({ PartitionValueList: values, PartitionInput: input }));
    return this.batch(
      "BatchUpdatePartition",
      database,
      table,
      chunks(entries, MOST.update).map((Entries) => ({ Entries })),
    );
  }

  async deletePartition(database: string, table: string, values: readonly string[]): Promise<void> {
    await this.wire.call("DeletePartition", { DatabaseName: database, TableName: table, PartitionValues: values });
  }

  async batchDeletePartition(
    database: string,
    table: string,
    values: readonly (readonly string[])[],
  ): Promise<readonly PartitionError[]> {
    return this.batch(
      "BatchDeletePartition",
      database,
      table,
      chunks(
        values.map((Values) => ({ Values })),
        MOST.delete,
      ).map((PartitionsToDelete) => ({ PartitionsToDelete })),
    );
  }

  async createPartitionIndex(database: string, table: string, index: PartitionIndex): Promise<void> {
    await this.wire.call("CreatePartitionIndex", { DatabaseName: database, TableName: table, PartitionIndex: index });
  }

  async getPartitionIndexes(database: string, table: string): Promise<readonly PartitionIndexDescriptor[]> {
    const { PartitionIndexDescriptorList: list } = await this.wire.call<{
      PartitionIndexDescriptorList?: readonly PartitionIndexDescriptor[];
    }>("GetPartitionIndexes", { DatabaseName: database, TableName: table });
    return list ?? [];
  }

  async deletePartitionIndex(database: string, table: string, name: string): Promise<void> {
    await this.wire.call("DeletePartitionIndex", { DatabaseName: database, TableName: table, IndexName: name });
  }

  async createConnection(input: ConnectionInput): Promise<void> {
    await this.check("connection", input);
    await this.wire.call("CreateConnection", { ConnectionInput: input });
  }

  async getConnection(name: string, options: { readonly hidePassword?: boolean } = {}): Promise<Connection> {
    return (
      await this.wire.call<{ Connection: Connection }>("GetConnection", {
        Name: name,
        ...given({ HidePassword: options.hidePassword }),
      })
    ).Connection;
  }

  async getConnections(options: PageRequest & { readonly hidePassword?: boolean } = {}): Promise<Page<Connection>> {
    return this.page("GetConnections", "ConnectionList", given({ HidePassword: options.hidePassword }), options);
  }

  async updateConnection(name: string, input: ConnectionInput): Promise<void> {
    await this.check("connection", input);
    await this.wire.call("UpdateConnection", { Name: name, ConnectionInput: input });
  }

  async deleteConnection(name: string): Promise<void> {
    await this.wire.call("DeleteConnection", { ConnectionName: name });
  }

  async applyTableChanges(changes: readonly TableChange[]): Promise<void> {
    for (const change of changes) {
      await this.check("table", change.table);
      for (const input of change.putPartitions ?? []) await this.check("partition", input);
    }
    await this.own("ApplyTableChanges", { Changes: changes });
  }

  async getLedger(database: string, table: string): Promise<Ledger | undefined> {
    return (await this.own("GetLedger", { DatabaseName: database, TableName: table })).Ledger;
  }

  async getLedgerKeys(database: string, table: string): Promise<readonly LedgerKey[]> {
    return (await this.own("GetLedgerKeys", { DatabaseName: database, TableName: table })).Keys;
  }

  async getFileLedgers(database: string, table: string, files: readonly string[]): Promise<readonly FileLedger[]> {
    return (await this.own("GetFileLedgers", { DatabaseName: database, TableName: table, Files: files })).Ledgers;
  }

  async getLedgerKeysAt(database: string, table: string, versionId: string): Promise<readonly PastLedgerKey[]> {
    return (await this.own("GetLedgerKeysAt", { DatabaseName: database, TableName: table, VersionId: versionId })).Keys;
  }

  async getSchemaHistory(
    database: string,
    table: string,
    range?: HistoryRange,
  ): Promise<readonly SchemaHistoryEntry[]> {
    return (
      await this.own("GetSchemaHistory", { DatabaseName: database, TableName: table, ...given({ Range: range }) })
    ).History;
  }

  async getSchemaChanges(database: string, table: string): Promise<readonly SchemaChangeEntry[]> {
    return (await this.own("GetSchemaChanges", { DatabaseName: database, TableName: table })).Changes;
  }

  async getEntity(ref: EntityRef): Promise<Entity | undefined> {
    return (await this.own("GetEntity", { Ref: ref })).Entity;
  }

  async listEntities(group: EntityGroup, listing?: EntityListing): Promise<Page<Entity>> {
    return (await this.own("ListEntities", { Group: group, ...(listing === undefined ? {} : { Listing: listing }) }))
      .Page;
  }

  async listEntityKinds(owner: EntityOwner): Promise<readonly string[]> {
    return (await this.own("ListEntityKinds", { Owner: owner })).Kinds;
  }

  async changeEntities(changes: readonly EntityChange[]): Promise<void> {
    await this.own("ChangeEntities", { Changes: changes });
  }

  async close(): Promise<void> {
    await this.wire.close();
  }

  private async own<N extends OwnOperation>(
    operation: N,
    input: OwnOperations[N]["input"],
  ): Promise<OwnOperations[N]["output"]> {
    if (this.wire.callOwn !== undefined) return this.wire.callOwn(operation, input);
    throw new DynaframeError(
      "UNSUPPORTED_CATALOG",
      `The catalog ${this.address} keeps no ledgers, schema history or definitions of dynaframe's (${operation})`,
      { path: operation, hint: "use a catalog in a folder, or a dynaframe server's" },
    );
  }

  private async page<T, Member extends string>(
    operation: string,
    member: Member,
    input: object,
    page: PageRequest = {},
    most = 1000,
  ): Promise<Page<T>> {
    const size = page.maxResults === undefined ? undefined : Math.min(pageSize(page, most), most);
    const answer = await this.wire.call<Paged<Member, T>>(operation, {
      ...input,
      ...given({ MaxResults: size, NextToken: page.nextToken }),
    });
    return { items: answer[member] ?? [], ...given({ nextToken: answer.NextToken }) };
  }

  private async batch(
    operation: string,
    DatabaseName: string,
    TableName: string,
    requests: readonly object[],
  ): Promise<readonly PartitionError[]> {
    const errors: PartitionError[] = [];
    for (const request of requests) {
      const { Errors = [] } = await this.wire.call<{
        Errors?: readonly (PartitionError & { readonly PartitionValueList?: readonly string[] })[];
      }>(operation, { DatabaseName, TableName, ...request });
      errors.push(
        ...Errors.map(({ PartitionValues, PartitionValueList, ErrorDetail }) => ({
          PartitionValues: PartitionValueList ?? PartitionValues,
          ErrorDetail,
        })),
      );
    }
    return errors;
  }
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without its undefined members. */
const given = <T extends object>(members: T): Given<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>;

const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
