import { DynaframeError } from "../../types/error.js";
import { alreadyExists, invalidInput } from "../../catalog/catalog-errors.js";
import type { PartitionError, PartitionIndex, PartitionInput, Segment } from "../../catalog/index.js";
import { operation, type OperationTable, refuseMembers } from "../operation.js";
import { answerPage, type Paged, pageOf } from "../paging.js";

type InTable = { readonly DatabaseName: string; readonly TableName: string };
type Values = { readonly PartitionValues: readonly string[] };
type GetPartitions = InTable
  & Paged & { readonly Expression?: string; readonly Segment?: Segment; readonly ExcludeColumnSchema?: boolean };
type BatchUpdate = InTable & {
  readonly Entries: readonly {
    readonly PartitionValueList: readonly string[];
    readonly PartitionInput: PartitionInput;
  }[];
};

export const partitionOperations = {
  CreatePartition: operation(
    async (
      { DatabaseName, TableName, PartitionInput: input }: InTable & { readonly PartitionInput: PartitionInput },
      { catalog },
    ) => {
      const [error] = await catalog.batchCreatePartition(DatabaseName, TableName, [requireValues(input)]);
      if (error !== undefined) throw thrown(error);
      return {};
    },
  ),
  BatchCreatePartition: operation(
    async (input: InTable & { readonly PartitionInputList: readonly PartitionInput[] }, { catalog }) =>
      errorsOf(
        await catalog.batchCreatePartition(
          input.DatabaseName,
          input.TableName,
          input.PartitionInputList.map(requireValues),
        ),
      ),
  ),
  GetPartition: operation(async ({ DatabaseName, TableName, PartitionValues }: InTable & Values, { catalog }) => ({
    Partition: await catalog.getPartition(DatabaseName, TableName, PartitionValues),
  })),
  BatchGetPartition: operation(
    async (
      {
        DatabaseName,
        TableName,
        PartitionsToGet,
      }: InTable & { readonly PartitionsToGet: readonly { readonly Values: readonly string[] }[] },
      { catalog },
    ) => {
      const { partitions, unprocessed } = await catalog.batchGetPartition(
        DatabaseName,
        TableName,
        PartitionsToGet.map(({ Values }) => Values),
      );
      return { Partitions: partitions, UnprocessedKeys: unprocessed.map((Values) => ({ Values })) };
    },
  ),
  GetPartitions: operation(async (input: GetPartitions, { catalog }) => {
    refuseMembers(input, "TransactionId", "QueryAsOfTime");
    const { Expression, Segment, ExcludeColumnSchema } = input;
    return answerPage(
      "Partitions",
      await catalog.getPartitions(input.DatabaseName, input.TableName, {
        ...pageOf(input),
        ...(Expression === undefined ? {} : { expression: Expression }),
        ...(Segment === undefined ? {} : { segment: Segment }),
        ...(ExcludeColumnSchema === undefined ? {} : { excludeColumnSchema: ExcludeColumnSchema }),
      }),
    );
  }),
  UpdatePartition: operation(
    async (
      input: InTable & { readonly PartitionValueList: readonly string[]; readonly PartitionInput: PartitionInput },
      { catalog },
    ) => {
      // without Values the partition keeps its own
      const next = { ...input.PartitionInput, Values: input.PartitionInput.Values ?? input.PartitionValueList };
      await catalog.updatePartition(input.DatabaseName, input.TableName, input.PartitionValueList, next);
      return {};
    },
  ),
  BatchUpdatePartition: operation(async (input: BatchUpdate, { catalog }) => {
    const updates = input.Entries.map(({ PartitionValueList: values, PartitionInput: next }) => ({
      values,
      input: { ...next, Values: next.Values ?? values },
    }));
    const errors = await catalog.batchUpdatePartition(input.DatabaseName, input.TableName, updates);
    return errors.length === 0
      ? {}
      : {
          Errors: errors.map(({ PartitionValues, ErrorDetail }) => ({
            PartitionValueList: PartitionValues,
            ErrorDetail,
          })),
        };
  }),
  DeletePartition: operation(async ({ DatabaseName, TableName, PartitionValues }: InTable & Values, { catalog }) => {
    await catalog.deletePartition(DatabaseName, TableName, PartitionValues);
    return {};
  }),
  BatchDeletePartition: operation(
    async (
      {
        DatabaseName,
        TableName,
        PartitionsToDelete,
      }: InTable & { readonly PartitionsToDelete: readonly { readonly Values: readonly string[] }[] },
      { catalog },
    ) =>
      errorsOf(
        await catalog.batchDeletePartition(
          DatabaseName,
          TableName,
          PartitionsToDelete.map(({ Values }) => Values),
        ),
      ),
  ),
  CreatePartitionIndex: operation(
    async (
      { DatabaseName, TableName, PartitionIndex: index }: InTable & { readonly PartitionIndex: PartitionIndex },
      { catalog },
    ) => {
      await catalog.createPartitionIndex(DatabaseName, TableName, index);
      return {};
    },
  ),
  GetPartitionIndexes: operation(async ({ DatabaseName, TableName }: InTable, { catalog }) => ({
    PartitionIndexDescriptorList: await catalog.getPartitionIndexes(DatabaseName, TableName),
  })),
  DeletePartitionIndex: operation(
    async ({ DatabaseName, TableName, IndexName }: InTable & { readonly IndexName: string }, { catalog }) => {
      await catalog.deletePartitionIndex(DatabaseName, TableName, IndexName);
      return {};
    },
  ),
} satisfies OperationTable;

/** The service model lets Values out of a PartitionInput because an update may; a new partition needs them. */
function requireValues(input: PartitionInput): PartitionInput {
  if (!Array.isArray(input.Values))
    throw invalidInput("PartitionInput.Values is required", { path: "PartitionInput.Values" });
  return input;
}

const errorsOf = (errors: readonly PartitionError[]): object => (errors.length === 0 ? {} : { Errors: errors });

function thrown({ ErrorDetail: { ErrorCode, ErrorMessage }, PartitionValues }: PartitionError): Error {
  const path = PartitionValues.join("/");
  switch (ErrorCode) {
    case "AlreadyExistsException":
      return alreadyExists(ErrorMessage, { path });
    case "InvalidInputException":
      return invalidInput(ErrorMessage, { path });
    default:
      return new DynaframeError("INVALID_INPUT", ErrorMessage, { name: ErrorCode, path });
  }
}
