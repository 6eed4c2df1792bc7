/**
 * What engines that filter by themselves ask for. There are no filters here: everyone who may sign may see every column
 * and row.
 */
import type { Catalog, Partition, Segment, Table } from "../../catalog/index.js";
import { operation, type OperationTable, refuseMembers } from "../operation.js";
import { answerPage, type Paged, pageOf } from "../paging.js";

type InTable = { readonly DatabaseName: string; readonly TableName: string };
type Listing = InTable & Paged & { readonly Expression?: string; readonly Segment?: Segment };

export const unfilteredOperations = {
  GetUnfilteredTableMetadata: operation(
    async (input: { readonly DatabaseName: string; readonly Name: string }, { catalog }) => {
      refuseMembers(input, "ParentResourceArn", "RootResourceArn", "SupportedDialect");
      const table = await catalog.getTable(input.DatabaseName, input.Name);
      return {
        Table: table,
        AuthorizedColumns: columnsOf(table),
        IsRegisteredWithLakeFormation: false,
        CellFilters: [],
      };
    },
  ),
  GetUnfilteredPartitionMetadata: operation(
    async (
      { DatabaseName, TableName, PartitionValues }: InTable & { readonly PartitionValues: readonly string[] },
      { catalog },
    ) => {
      const authorized = await authorizedColumns(catalog, DatabaseName, TableName);
      return unfiltered(await catalog.getPartition(DatabaseName, TableName, PartitionValues), authorized);
    },
  ),
  GetUnfilteredPartitionsMetadata: operation(async (input: Listing, { catalog }) => {
    const authorized = await authorizedColumns(catalog, input.DatabaseName, input.TableName);
    const { Expression, Segment } = input;
    const page = await catalog.getPartitions(input.DatabaseName, input.TableName, {
      ...pageOf(input),
      ...(Expression === undefined ? {} : { expression: Expression }),
      ...(Segment === undefined ? {} : { segment: Segment }),
    });
    return answerPage("UnfilteredPartitions", {
      ...page,
      items: page.items.map((partition) => unfiltered(partition, authorized)),
    });
  }),
} satisfies OperationTable;

const columnsOf = ({ StorageDescriptor, PartitionKeys = [] }: Table): readonly string[] =>
  [...(StorageDescriptor?.Columns ?? []), ...PartitionKeys].map(({ Name }) => Name);

const authorizedColumns = async (catalog: Catalog, database: string, table: string): Promise<readonly string[]> =>
  columnsOf(await catalog.getTable(database, table));

const unfiltered = (partition: Partition, AuthorizedColumns: readonly string[]): object => ({
  Partition: partition,
  AuthorizedColumns,
  IsRegisteredWithLakeFormation: false,
});
