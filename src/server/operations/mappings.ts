import type { Column, Table } from "../../catalog/index.js";
import { operation, type OperationTable, refuseMembers } from "../operation.js";

type Entry = { readonly DatabaseName: string; readonly TableName: string };

export const mappingOperations = {
  /** Columns of the source onto columns of the sink of the same name, or onto new ones of the same type. */
  GetMapping: operation(async (input: { readonly Source: Entry; readonly Sinks?: readonly Entry[] }, { catalog }) => {
    refuseMembers(input, "Location");
    const source = await catalog.getTable(input.Source.DatabaseName, input.Source.TableName);
    const sinks = await Promise.all(
      (input.Sinks ?? []).map(({ DatabaseName, TableName }) => catalog.getTable(DatabaseName, TableName)),
    );
    const targets =
      sinks.length === 0
        ? [{ name: source.Name, columns: undefined }]
        : sinks.map((sink) => ({
            name: sink.Name,
            columns: new Map(columnsOf(sink).map((column) => [column.Name, column])),
          }));
    return {
      Mapping: targets.flatMap(({ name, columns }) =>
        columnsOf(source).flatMap((column) => {
          const target = columns === undefined ? column : columns.get(column.Name);
          // what the sink has no column for is not mapped
          return target === undefined ? [] : [entry(source.Name, column, name, target)];
        }),
      ),
    };
  }),
} satisfies OperationTable;

const columnsOf = ({ StorageDescriptor, PartitionKeys = [] }: Table): readonly Column[] => [
  ...(StorageDescriptor?.Columns ?? []),
  ...PartitionKeys,
];

const entry = (SourceTable: string, source: Column, TargetTable: string, target: Column): object => ({
  SourceTable,
  SourcePath: source.Name,
  SourceType: source.Type ?? "string",
  TargetTable,
  TargetPath: target.Name,
  TargetType: target.Type ?? "string",
});
