import type { FileProblem, SkippedFile } from "./crawl-options.js";
import type { CrawlPlan, PlannedTable } from "./crawl-plan.js";

/** What a crawl found and did. Plain data. */
export type CrawlReport = {
  readonly database: string;
  /** False for a report of a plan that was not applied. */
  readonly applied: boolean;
  readonly tables: readonly PlannedTable[];
  readonly totals: {
    readonly files: number;
    readonly bytes: number;
    readonly records: number;
    readonly malformed: number;
    /** Files read in this crawl; the others were known. */
    readonly scanned: number;
    readonly created: number;
    readonly updated: number;
    readonly kept: number;
    readonly deprecated: number;
    readonly deleted: number;
    readonly logged: number;
  };
  readonly skipped: readonly SkippedFile[];
  /** Files that could not be crawled; the others were. */
  readonly problems: readonly FileProblem[];
};

export function reportOf(plan: CrawlPlan, applied: boolean): CrawlReport {
  const living = plan.tables.filter(({ action }) => action !== "delete");
  const sum = (value: (table: PlannedTable) => number, tables = living): number =>
    tables.reduce((total, table) => total + value(table), 0);
  const count = (action: PlannedTable["action"]): number =>
    plan.tables.filter((table) => table.action === action).length;
  return {
    database: plan.options.database,
    applied,
    tables: plan.tables,
    totals: {
      files: sum(({ contents }) => contents.files),
      bytes: sum(({ contents }) => contents.bytes),
      records: sum(({ contents }) => contents.records),
      malformed: sum(({ contents }) => contents.malformed),
      scanned: sum(({ files }) => files.new + files.changed),
      created: count("create"),
      updated: count("update"),
      kept: count("keep"),
      deprecated: count("deprecate"),
      deleted: count("delete"),
      logged: count("log"),
    },
    skipped: plan.skipped,
    problems: plan.problems,
  };
}
