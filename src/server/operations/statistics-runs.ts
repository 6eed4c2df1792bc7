import { entityNotFound } from "../../catalog/catalog-errors.js";
import { getDefinition } from "../../catalog/definitions/definition.js";
import { DynaframeError } from "../../types/error.js";
import { allDefinitions } from "../../catalog/definitions/definition.js";
import { listed } from "../definition-operations.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { paged } from "../page-of-list.js";
import { type Paged, pageOf } from "../paging.js";
import { runRef, type StatisticsRun } from "../statistics-record.js";
import { startStatistics, type StatisticsRequest, stopStatistics } from "../statistics-run.js";

type InTable = { readonly DatabaseName: string; readonly TableName: string; readonly CatalogID?: string };

export const statisticsRunOperations = {
  StartColumnStatisticsTaskRun: operation(
    async (input: StatisticsRequest & InTable & { readonly SampleSize?: number }, context) => {
      requireOwn(context, input);
      if (input.SampleSize !== undefined && input.SampleSize !== 100) {
        throw new DynaframeError("UNSUPPORTED", "Statistics are computed of all rows, not of a sample", {
          name: "OperationNotSupportedException",
          path: "SampleSize",
          expected: "100",
          hint: "leave SampleSize out",
        });
      }
      return { ColumnStatisticsTaskRunId: await startStatistics(context, input) };
    },
  ),
  GetColumnStatisticsTaskRun: operation(
    async ({ ColumnStatisticsTaskRunId: id }: { readonly ColumnStatisticsTaskRunId: string }, { catalog }) => ({
      ColumnStatisticsTaskRun: (await getDefinition<StatisticsRun>(catalog, runRef(id))).doc,
    }),
  ),
  GetColumnStatisticsTaskRuns: operation(async (input: InTable & Paged, context) => {
    requireOwn(context, input);
    const [database, table] = [input.DatabaseName.toLowerCase(), input.TableName.toLowerCase()];
    const runs = (await allDefinitions<StatisticsRun>(context.catalog, { kind: "column-statistics-run" }))
      .map(({ doc }) => doc)
      .filter((run) => run.DatabaseName === database && run.TableName === table)
      .sort((a, b) => b.CreationTime - a.CreationTime);
    return paged("ColumnStatisticsTaskRuns", runs, pageOf(input), ["statistics-runs", database, table]);
  }),
  ListColumnStatisticsTaskRuns: operation(async (input: Paged, context) =>
    listed(context, "column-statistics-run", input, "ColumnStatisticsTaskRunIds", ({ name }) => name),
  ),
  StopColumnStatisticsTaskRun: operation(async (input: InTable, context) => {
    requireOwn(context, input);
    await stopStatistics(context, input.DatabaseName, input.TableName);
    return {};
  }),
} satisfies OperationTable;

function requireOwn({ accountId }: OperationContext, { CatalogID: id }: InTable): void {
  if (id !== undefined && id !== accountId)
    throw entityNotFound(`Catalog ${id} not found.`, { path: "CatalogID", expected: accountId });
}
