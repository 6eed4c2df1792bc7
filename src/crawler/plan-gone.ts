/** Tables whose data is no longer where it was: deprecated, deleted or only reported, by policy. */
import type { Column, Table, TableChange } from "../catalog/index.js";
import { tableInputOf } from "../catalog/table-input.js";
import type { PlanAction, PlannedTable } from "./crawl-plan.js";
import type { Reason } from "./group/reason.js";
import { isBelow, type KnownTable, storedLedger } from "./known-tables.js";
import type { Survey } from "./survey-files.js";
import { contentsOf, type TableOutcome } from "./plan-table.js";
import { DEPRECATED_BY } from "./table-input.js";

export type GoneTables = { readonly outcomes: readonly TableOutcome[]; readonly deletions: readonly string[] };

/**
 * Tables in the include paths that no group of files gave; those that are deprecated already, or that a problem hides,
 * stay.
 */
export async function goneTables(survey: Survey, found: readonly string[]): Promise<GoneTables> {
  const locations = new Set(found);
  const outcomes: TableOutcome[] = [];
  const deletions: string[] = [];
  for (const known of survey.inside) {
    if (known.location === undefined || locations.has(known.location)) continue;
    const action = actionFor(known, known.location, survey);
    const outcome = await describeGone(known, known.location, action, survey);
    outcomes.push(outcome);
    if (action.action === "delete") deletions.push(known.table.Name);
  }
  return { outcomes, deletions };
}

type Decision = { readonly action: PlanAction; readonly reason: Reason };

function actionFor({ table }: KnownTable, location: string, { config, problems, listed, files }: Survey): Decision {
  const hidden = problems.find(({ file }) => isBelow(file, location) || isBelow(location, file));
  if (hidden !== undefined)
    return {
      action: "keep",
      reason: {
        code: "NOT_SEEN",
        message: `${hidden.file} could not be read, so it is not known whether the data is gone`,
      },
    };
  if (table.Parameters?.[DEPRECATED_BY] !== undefined && config.deleteBehavior === "DEPRECATE_IN_DATABASE") {
    return { action: "keep", reason: { code: "DEPRECATED_BEFORE", message: "the table is deprecated already" } };
  }
  const regrouped = [...files.keys()].some((file) => isBelow(file, location));
  const readable = [...listed].some((file) => isBelow(file, location));
  const reason = regrouped
    ? { code: "REGROUPED", message: `the files at ${location} belong to other tables now` }
    : readable
      ? { code: "NO_READABLE_FILES", message: `no file at ${location} can be read any more` }
      : { code: "DATA_GONE", message: `there are no files at ${location} any more` };
  switch (config.deleteBehavior) {
    case "DEPRECATE_IN_DATABASE":
      return { action: "deprecate", reason };
    case "DELETE_FROM_DATABASE":
      return { action: "delete", reason };
    case "LOG":
      return { action: "log", reason };
  }
}

async function describeGone(
  known: KnownTable,
  location: string,
  { action, reason }: Decision,
  survey: Survey,
): Promise<TableOutcome> {
  const { table } = known;
  const stored = [...survey.known.values()].filter(({ owner }) => owner === known).map(({ key }) => key.file);
  const columns: readonly Column[] = table.StorageDescriptor?.Columns ?? [];
  const partitionKeys = (table.PartitionKeys ?? []).map((column) => column.Name);
  const planned: PlannedTable = {
    name: table.Name,
    location,
    action,
    classification: table.Parameters?.["classification"] ?? "UNKNOWN",
    reasons: [reason],
    contents: contentsOf(await storedLedger(known, survey.services.catalog)),
    files: { new: 0, changed: 0, unchanged: 0, vanished: action === "keep" ? 0 : stored.length },
    columns,
    partitionKeys,
    partitions: { total: 0, put: 0, deleted: 0 },
    typeChanges: [],
  };
  return { planned, change: changeFor(table, action, stored, survey) };
}

/** The ledger always tells the truth about the files, whatever the policy says of the table. */
function changeFor(
  table: Table,
  action: PlanAction,
  stored: readonly string[],
  { options, settings }: Survey,
): TableChange | undefined {
  const ledgers = stored.length === 0 ? {} : { deleteLedgers: stored };
  const base = { database: options.database, ifVersion: table.VersionId };
  if (action === "deprecate")
    return {
      ...base,
      table: { ...tableInputOf(table), Parameters: { ...table.Parameters, [DEPRECATED_BY]: settings.crawlerName } },
      ...ledgers,
    };
  if (action === "log" && stored.length > 0) return { ...base, table: tableInputOf(table), ...ledgers };
  return undefined;
}
