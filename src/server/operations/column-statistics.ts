import { entityNotFound, invalidInput } from "../../catalog/catalog-errors.js";
import type { Catalog, EntityOwner } from "../../catalog/index.js";
import { operation, type OperationTable } from "../operation.js";

type Statistics = {
  readonly ColumnName: string;
  readonly ColumnType: string;
  readonly StatisticsData: { readonly Type: string; readonly [data: string]: unknown };
};
type InTable = { readonly DatabaseName: string; readonly TableName: string };
type InPartition = InTable & { readonly PartitionValues: readonly string[] };
type Put = { readonly ColumnStatisticsList: readonly Statistics[] };
type Names = { readonly ColumnNames: readonly string[] };

export const columnStatisticsOperations = {
  UpdateColumnStatisticsForTable: operation(async (input: InTable & Put, { catalog }) =>
    put(catalog, tableOwner(input), await columnsOf(catalog, input), input),
  ),
  GetColumnStatisticsForTable: operation(async (input: InTable & Names, { catalog }) => {
    await catalog.getTable(input.DatabaseName, input.TableName);
    return got(catalog, tableOwner(input), input.ColumnNames);
  }),
  DeleteColumnStatisticsForTable: operation(async (input: InTable & { readonly ColumnName: string }, { catalog }) =>
    remove(catalog, tableOwner(input), input.ColumnName),
  ),
  UpdateColumnStatisticsForPartition: operation(async (input: InPartition & Put, { catalog }) => {
    const { StorageDescriptor } = await catalog.getPartition(
      input.DatabaseName,
      input.TableName,
      input.PartitionValues,
    );
    // a partition without columns of its own has its table's
    const columns =
      StorageDescriptor?.Columns === undefined
        ? await columnsOf(catalog, input)
        : new Set(StorageDescriptor.Columns.map(({ Name }) => Name));
    return put(catalog, partitionOwner(input), columns, input);
  }),
  GetColumnStatisticsForPartition: operation(async (input: InPartition & Names, { catalog }) =>
    got(catalog, partitionOwner(input), input.ColumnNames),
  ),
  DeleteColumnStatisticsForPartition: operation(
    async (input: InPartition & { readonly ColumnName: string }, { catalog }) =>
      remove(catalog, partitionOwner(input), input.ColumnName),
  ),
} satisfies OperationTable;

// statistics hang on their table or partition, and go with it
const tableOwner = ({ DatabaseName, TableName }: InTable): EntityOwner => ({
  database: DatabaseName,
  table: TableName,
});
const partitionOwner = (input: InPartition): EntityOwner => ({
  ...tableOwner(input),
  partition: input.PartitionValues,
});
const ref = (owner: EntityOwner, column: string) => ({
  ...owner,
  kind: "column-statistics",
  name: column.toLowerCase(),
});

async function columnsOf(catalog: Catalog, { DatabaseName, TableName }: InTable): Promise<ReadonlySet<string>> {
  const { StorageDescriptor } = await catalog.getTable(DatabaseName, TableName);
  return new Set((StorageDescriptor?.Columns ?? []).map(({ Name }) => Name));
}

async function put(
  catalog: Catalog,
  owner: EntityOwner,
  columns: ReadonlySet<string>,
  { ColumnStatisticsList }: Put,
): Promise<object> {
  const wrong = (statistics: Statistics): string | undefined => {
    const { Type } = statistics.StatisticsData;
    const member = `${Type.charAt(0)}${Type.slice(1).toLowerCase()}ColumnStatisticsData`;
    if (!columns.has(statistics.ColumnName.toLowerCase())) return `Column ${statistics.ColumnName} does not exist.`;
    if (statistics.StatisticsData[member] === undefined) return `StatisticsData of type ${Type} needs ${member}.`;
    return undefined;
  };
  const errors = ColumnStatisticsList.flatMap((statistics) => {
    const message = wrong(statistics);
    return message === undefined
      ? []
      : [{ ColumnStatistics: statistics, Error: { ErrorCode: "InvalidInputException", ErrorMessage: message } }];
  });
  const good = ColumnStatisticsList.filter((statistics) => wrong(statistics) === undefined);
  await catalog.changeEntities(good.map((doc) => ({ ref: ref(owner, doc.ColumnName), doc })));
  return errors.length === 0 ? {} : { Errors: errors };
}

async function got(catalog: Catalog, owner: EntityOwner, names: readonly string[]): Promise<object> {
  if (new Set(names).size < names.length)
    throw invalidInput("ColumnNames must name each column once", { path: "ColumnNames" });
  const all = await Promise.all(
    names.map(async (name) => ({ name, entity: await catalog.getEntity(ref(owner, name)) })),
  );
  const errors = all
    .filter(({ entity }) => entity === undefined)
    .map(({ name }) => ({
      ColumnName: name,
      Error: { ErrorCode: "EntityNotFoundException", ErrorMessage: `Statistics of column ${name} not found.` },
    }));
  return {
    ColumnStatisticsList: all.flatMap(({ entity }) => (entity === undefined ? [] : [entity.doc])),
    ...(errors.length === 0 ? {} : { Errors: errors }),
  };
}

async function remove(catalog: Catalog, owner: EntityOwner, column: string): Promise<object> {
  const entity = await catalog.getEntity(ref(owner, column));
  if (entity === undefined) throw entityNotFound(`Statistics of column ${column} not found.`, { path: column });
  await catalog.changeEntities([{ ref: ref(owner, column) }]);
  return {};
}
