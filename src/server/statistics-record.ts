/** Runs that compute column statistics, and what each table keeps of the one under way. */
import type { Column } from "../catalog/index.js";

export type StatisticsRun = {
  readonly ColumnStatisticsTaskRunId: string;
  readonly DatabaseName: string;
  readonly TableName: string;
  readonly ColumnNameList: readonly string[];
  readonly CatalogID: string;
  readonly Role: string;
  readonly SecurityConfiguration?: string;
  readonly SampleSize: 100;
  readonly Status: "STARTING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "STOPPED";
  readonly CreationTime: number;
  readonly LastUpdated: number;
  readonly StartTime?: number;
  readonly EndTime?: number;
  readonly ErrorMessage?: string;
};

/** Hangs on the table. */
export type StatisticsState = { readonly runId?: string; readonly pid?: number; readonly stopping?: boolean };

export const runRef = (id: string) => ({ kind: "column-statistics-run", name: id });
export const stateRef = (database: string, table: string) => ({
  kind: "column-statistics-state",
  database,
  table,
  name: "state",
});

/** Statistics of one column, as Glue's ColumnStatistics has them. */
export type StatisticsData = { readonly Type: string; readonly [data: string]: unknown };

/** Types that have statistics in Glue: no structs, arrays and maps. */
export const hasStatistics = ({ Type = "string" }: Column): boolean => !/^(struct|array|map|uniontype)\b/i.test(Type);
