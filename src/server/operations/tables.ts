import { invalidInput } from "../../catalog/catalog-errors.js";
import type { Catalog, PartitionIndex, Table, TableInput } from "../../catalog/index.js";
import type { SearchFilter, TableSearch } from "../../catalog/search-tables.js";
import { batchErrors } from "../batch-errors.js";
import { operation, type OperationTable, refuseMembers } from "../operation.js";
import { answerPage, type Paged, pageOf } from "../paging.js";

type InDatabase = { readonly DatabaseName: string };
type NamedTable = InDatabase & { readonly Name: string };
type CreateTable = InDatabase & {
  readonly TableInput?: TableInput;
  readonly PartitionIndexes?: readonly PartitionIndex[];
};
type UpdateTable = InDatabase & {
  readonly TableInput?: TableInput;
  readonly SkipArchive?: boolean;
  readonly VersionId?: string;
};
type GetTables = InDatabase & Paged & { readonly Expression?: string; readonly AttributesToGet?: readonly string[] };
type SearchTables = Paged & {
  readonly SearchText?: string;
  readonly Filters?: readonly SearchFilter[];
  readonly SortCriteria?: readonly NonNullable<TableSearch["sort"]>[];
  readonly ResourceShareType?: string;
};

export const tableOperations = {
  CreateTable: operation(async (input: CreateTable, { catalog }) => {
    refuseMembers(input, "TransactionId", "OpenTableFormatInput");
    const table = requireInput(input.TableInput);
    await catalog.createTable(input.DatabaseName, table);
    await createIndexes(catalog, input.DatabaseName, table.Name, input.PartitionIndexes ?? []);
    return {};
  }),
  GetTable: operation(async (input: NamedTable, { catalog }) => {
    refuseMembers(input, "TransactionId", "QueryAsOfTime");
    return { Table: await catalog.getTable(input.DatabaseName, input.Name) };
  }),
  GetTables: operation(async (input: GetTables, { catalog }) => {
    refuseMembers(input, "TransactionId", "QueryAsOfTime");
    const page = await catalog.getTables(input.DatabaseName, {
      ...pageOf(input, 100),
      ...(input.Expression === undefined ? {} : { expression: input.Expression }),
    });
    return answerPage(
      "TableList",
      input.AttributesToGet?.length
        ? { ...page, items: page.items.map((table) => attributesOf(table, input.AttributesToGet ?? [])) }
        : page,
    );
  }),
  UpdateTable: operation(async (input: UpdateTable, { catalog }) => {
    refuseMembers(input, "TransactionId", "UpdateOpenTableFormatInput", "ViewUpdateAction", "Force");
    const { VersionId: versionId, SkipArchive: skipArchive } = input;
    await catalog.updateTable(input.DatabaseName, requireInput(input.TableInput), {
      ...(versionId === undefined ? {} : { versionId }),
      ...(skipArchive === undefined ? {} : { skipArchive }),
    });
    return {};
  }),
  DeleteTable: operation(async (input: NamedTable, { catalog }) => {
    refuseMembers(input, "TransactionId");
    await catalog.deleteTable(input.DatabaseName, input.Name);
    return {};
  }),
  BatchDeleteTable: operation(
    async (input: InDatabase & { readonly TablesToDelete: readonly string[] }, { catalog }) => {
      refuseMembers(input, "TransactionId");
      await catalog.getDatabase(input.DatabaseName);
      return batchErrors(
        input.TablesToDelete,
        (name) => catalog.deleteTable(input.DatabaseName, name),
        (TableName, ErrorDetail) => ({ TableName, ErrorDetail }),
      );
    },
  ),
  SearchTables: operation(async (input: SearchTables, { catalog }) => {
    if (input.ResourceShareType === "FOREIGN" || input.ResourceShareType === "FEDERATED") return { TableList: [] };
    const sort = input.SortCriteria?.[0];
    return answerPage(
      "TableList",
      await catalog.searchTables({
        ...pageOf(input),
        ...(input.SearchText === undefined ? {} : { text: input.SearchText }),
        ...(input.Filters === undefined ? {} : { filters: input.Filters }),
        ...(sort === undefined ? {} : { sort }),
      }),
    );
  }),
} satisfies OperationTable;

function requireInput(input: TableInput | undefined): TableInput {
  if (input === undefined) throw invalidInput("TableInput is required", { path: "TableInput" });
  return input;
}

// a table whose indexes cannot be made is not made
async function createIndexes(
  catalog: Catalog,
  database: string,
  table: string,
  indexes: readonly PartitionIndex[],
): Promise<void> {
  try {
    for (const index of indexes) await catalog.createPartitionIndex(database, table, index);
  } catch (error) {
    await catalog.deleteTable(database, table);
    throw error;
  }
}

function attributesOf(table: Table, attributes: readonly string[]): object {
  return {
    Name: table.Name,
    DatabaseName: table.DatabaseName,
    CatalogId: table.CatalogId,
    ...(attributes.includes("TABLE_TYPE") && table.TableType !== undefined ? { TableType: table.TableType } : {}),
  };
}

type InTable = InDatabase & { readonly TableName: string };

export const versionOperations = {
  GetTableVersion: operation(
    async ({ DatabaseName, TableName, VersionId }: InTable & { readonly VersionId?: string }, { catalog }) => {
      const version = VersionId ?? (await catalog.getTable(DatabaseName, TableName)).VersionId;
      return { TableVersion: await catalog.getTableVersion(DatabaseName, TableName, version) };
    },
  ),
  GetTableVersions: operation(async (input: InTable & Paged, { catalog }) =>
    answerPage(
      "TableVersions",
      await catalog.getTableVersions(input.DatabaseName, input.TableName, pageOf(input, 100)),
    ),
  ),
  DeleteTableVersion: operation(
    async ({ DatabaseName, TableName, VersionId }: InTable & { readonly VersionId: string }, { catalog }) => {
      await catalog.deleteTableVersion(DatabaseName, TableName, VersionId);
      return {};
    },
  ),
  BatchDeleteTableVersion: operation(
    async (
      { DatabaseName, TableName, VersionIds }: InTable & { readonly VersionIds: readonly string[] },
      { catalog },
    ) => {
      await catalog.getTable(DatabaseName, TableName);
      return batchErrors(
        VersionIds,
        (id) => catalog.deleteTableVersion(DatabaseName, TableName, id),
        (VersionId, ErrorDetail) => ({ TableName, VersionId, ErrorDetail }),
      );
    },
  ),
} satisfies OperationTable;
