/** Glue folds names to lower case on write, for Hive's sake: databases, tables, columns and partition keys. */
import type { Column, DatabaseInput, PartitionInput, StorageDescriptor, TableInput } from "./model.js";

export const foldName = (name: string): string => name.toLowerCase();

export const foldDatabase = (input: DatabaseInput): DatabaseInput => ({ ...input, Name: foldName(input.Name) });

export function foldTable(input: TableInput): TableInput {
  return {
    ...input,
    Name: foldName(input.Name),
    ...(input.StorageDescriptor === undefined ? {} : { StorageDescriptor: foldStorage(input.StorageDescriptor) }),
    ...(input.PartitionKeys === undefined ? {} : { PartitionKeys: input.PartitionKeys.map(foldColumn) }),
  };
}

export function foldPartition(input: PartitionInput): PartitionInput {
  const { StorageDescriptor: storage } = input;
  if (storage === undefined) return input;
  const folded = foldStorage(storage);
  return folded === storage ? input : { ...input, StorageDescriptor: folded };
}

function foldStorage(storage: StorageDescriptor): StorageDescriptor {
  if (storage.Columns === undefined && storage.BucketColumns === undefined && storage.SortColumns === undefined)
    return storage;
  return {
    ...storage,
    ...(storage.Columns === undefined ? {} : { Columns: storage.Columns.map(foldColumn) }),
    ...(storage.BucketColumns === undefined ? {} : { BucketColumns: storage.BucketColumns.map(foldName) }),
    ...(storage.SortColumns === undefined
      ? {}
      : { SortColumns: storage.SortColumns.map((s) => ({ ...s, Column: foldName(s.Column) })) }),
  };
}

const foldColumn = (column: Column): Column => ({ ...column, Name: foldName(column.Name) });
