/** Computes column statistics in the background: STARTING → RUNNING → SUCCEEDED, FAILED or STOPPED. */
import { changeDefinition } from "../catalog/definitions/definition.js";
import { invalidInput } from "../catalog/catalog-errors.js";
import type { Entity, Table } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import type { OperationContext } from "./operation.js";
import { repeatedly } from "./register-schema.js";
import { isProcessGone, stoppable } from "./running-work.js";
import type { AnalyzeTable } from "./server-parts.js";
import { hasStatistics, runRef, stateRef, type StatisticsRun, type StatisticsState } from "./statistics-record.js";

export type StatisticsRequest = {
  readonly DatabaseName: string;
  readonly TableName: string;
  readonly ColumnNameList?: readonly string[];
  readonly Role: string;
  readonly SecurityConfiguration?: string;
};

/**
 * The id of the new run.
 * @throws EntityNotFoundException, ColumnStatisticsTaskRunningException, OperationNotSupportedException without a part
 * that computes.
 */
export async function startStatistics(context: OperationContext, request: StatisticsRequest): Promise<string> {
  const { catalog, analyzeTable } = context;
  if (analyzeTable === undefined)
    throw new DynaframeError("UNSUPPORTED", "This server cannot compute statistics", {
      name: "OperationNotSupportedException",
      path: request.TableName,
    });
  const table = await catalog.getTable(request.DatabaseName, request.TableName);
  const columns = columnsFor(table, request.ColumnNameList);
  const { DatabaseName, TableName, Role, SecurityConfiguration } = request;
  const now = context.now();
  const run: StatisticsRun = {
    ColumnStatisticsTaskRunId: context.newId(),
    DatabaseName: DatabaseName.toLowerCase(),
    TableName: TableName.toLowerCase(),
    ColumnNameList: columns,
    CatalogID: context.accountId,
    Role,
    SampleSize: 100,
    Status: "STARTING",
    CreationTime: now,
    LastUpdated: now,
    ...(SecurityConfiguration === undefined ? {} : { SecurityConfiguration }),
  };
  const state = stateRef(DatabaseName, TableName);
  await repeatedly(async () => {
    const before = (await catalog.getEntity(state)) as Entity<StatisticsState> | undefined;
    if (before?.doc.runId !== undefined && !isProcessGone(before.doc.pid ?? 0)) {
      throw new DynaframeError("INVALID_STATE", `Statistics of table ${TableName} are being computed`, {
        name: "ColumnStatisticsTaskRunningException",
        path: TableName,
      });
    }
    const doc: StatisticsState = { runId: run.ColumnStatisticsTaskRunId, pid: process.pid };
    await catalog.changeEntities([
      { ref: state, doc, ifVersion: before?.version ?? 0 },
      { ref: runRef(run.ColumnStatisticsTaskRunId), doc: run, ifVersion: 0 },
    ]);
  }, TableName);
  context.background.add(compute(context, analyzeTable, table, run));
  return run.ColumnStatisticsTaskRunId;
}

/** @throws ColumnStatisticsTaskNotRunningException, ColumnStatisticsTaskStoppingException, EntityNotFoundException. */
export async function stopStatistics({ catalog }: OperationContext, database: string, table: string): Promise<void> {
  await catalog.getTable(database, table);
  const refuse = (name: string, what: string): DynaframeError =>
    new DynaframeError("INVALID_STATE", `Statistics of table ${table} are ${what}`, { name, path: table });
  if ((await catalog.getEntity(stateRef(database, table))) === undefined)
    throw refuse("ColumnStatisticsTaskNotRunningException", "not being computed");
  await changeDefinition<StatisticsState>(catalog, stateRef(database, table), (doc) => {
    if (doc.runId === undefined) throw refuse("ColumnStatisticsTaskNotRunningException", "not being computed");
    if (doc.stopping === true) throw refuse("ColumnStatisticsTaskStoppingException", "being stopped");
    return { ...doc, stopping: true };
  });
}

function columnsFor(
  { StorageDescriptor, PartitionKeys = [] }: Table,
  wanted: readonly string[] | undefined,
): readonly string[] {
  const all = [...(StorageDescriptor?.Columns ?? []), ...PartitionKeys];
  if (wanted === undefined || wanted.length === 0) return all.filter(hasStatistics).map(({ Name }) => Name);
  const unknown = wanted.find(
    (name) => !all.some(({ Name, ...column }) => Name === name.toLowerCase() && hasStatistics({ Name, ...column })),
  );
  if (unknown !== undefined) {
    throw invalidInput(`The table has no column ${unknown} of a type that has statistics`, {
      path: unknown,
      expected: all
        .filter(hasStatistics)
        .map(({ Name }) => Name)
        .join(", "),
    });
  }
  return wanted.map((name) => name.toLowerCase());
}

async function compute(
  context: OperationContext,
  analyze: AnalyzeTable,
  { StorageDescriptor, PartitionKeys = [] }: Table,
  run: StatisticsRun,
): Promise<void> {
  const { catalog } = context;
  const { DatabaseName: database, TableName: table, ColumnStatisticsTaskRunId: id } = run;
  const save = (change: Partial<StatisticsRun>): Promise<void> =>
    catalog.changeEntities([{ ref: runRef(id), doc: { ...run, ...change, LastUpdated: context.now() } }]);
  try {
    const StartTime = context.now();
    await save({ Status: "RUNNING", StartTime });
    const { outcome, failure, stopped } = await stoppable<StatisticsState, Awaited<ReturnType<AnalyzeTable>>>(
      context,
      stateRef(database, table),
      (doc) => doc.runId === id && doc.stopping === true,
      (signal) => analyze({ database, table, columns: run.ColumnNameList, signal }),
    );
    const types = new Map(
      [...(StorageDescriptor?.Columns ?? []), ...PartitionKeys].map(({ Name, Type = "string" }) => [Name, Type]),
    );
    const statistics = (outcome ?? []).map(({ column, data }) => ({
      ref: { kind: "column-statistics", database, table, name: column },
      doc: {
        ColumnName: column,
        ColumnType: types.get(column) ?? "string",
        AnalyzedTime: context.now(),
        StatisticsData: data,
      },
    }));
    const message =
      outcome !== undefined || stopped
        ? {}
        : {
            ErrorMessage:
              failure instanceof DynaframeError
                ? failure.message
                : "The statistics could not be computed; see the server's log.",
          };
    const done: StatisticsRun = {
      ...run,
      StartTime,
      EndTime: context.now(),
      LastUpdated: context.now(),
      Status: outcome !== undefined ? "SUCCEEDED" : stopped ? "STOPPED" : "FAILED",
      ...message,
    };
    // the statistics, the run's end and the table's state are seen together
    await catalog.changeEntities([
      ...statistics,
      { ref: runRef(id), doc: done },
      { ref: stateRef(database, table), doc: {} satisfies StatisticsState },
    ]);
  } catch (error) {
    // of a table deleted meanwhile there are none; the run remains, and says so
    if (!(error instanceof DynaframeError)) throw error;
    await save({ Status: "FAILED", EndTime: context.now(), ErrorMessage: error.message }).catch(() => undefined);
  }
}
