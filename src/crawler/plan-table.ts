/** What happens to one table: create, update, log or keep, with the change of the catalog. */
import { canonicalJson } from "../catalog/canonical-json.js";
import type { Column, Partition, PartitionInput, Table, TableChange } from "../catalog/index.js";
import { tableInputOf } from "../catalog/table-input.js";
import { ledgerType } from "../shapes/ledger-type.js";
import { listChoices } from "../shapes/ledger-drift.js";
import type { FileLedger, Ledger } from "../shapes/ledger.js";
import { diffTypes, type TypeChange } from "../types/compat.js";
import type { StructType } from "../types/data-type.js";
import { catalogColumns } from "./catalog-columns.js";
import type { PlanAction, PlannedTable, TableContents } from "./crawl-plan.js";
import type { EffectiveCrawlerConfig } from "./crawler-config.js";
import type { Reason } from "./group/reason.js";
import { mergeColumns } from "./merge-columns.js";
import {
  type BuiltTable,
  buildTable,
  DEPRECATED_BY,
  SETTINGS_PARAMETER,
  type TableFacts,
  type TableSettings,
} from "./table-input.js";

const MALFORMED_SHOWN = 20;

/** What the catalog knows of a table before the crawl. */
export type TableBefore = {
  readonly table: Table;
  readonly partitions: readonly Partition[];
  /** The exact type at the last crawl. */
  readonly schema: StructType | undefined;
};

export type TableTask = {
  readonly database: string;
  readonly name: string;
  readonly facts: TableFacts;
  readonly before: TableBefore | undefined;
  readonly putLedgers: readonly FileLedger[];
  readonly deleteLedgers: readonly string[];
  /** True of a place that could not be read: what the catalog has of it stays. */
  readonly unseen: (path: string) => boolean;
  readonly files: PlannedTable["files"];
  readonly config: EffectiveCrawlerConfig;
  readonly settings: TableSettings;
};

export type TableOutcome = { readonly planned: PlannedTable; readonly change: TableChange | undefined };

export function planTable(task: TableTask): TableOutcome {
  const { before, facts, config, settings } = task;
  if (before === undefined)
    return outcome(task, "create", buildTable(task.name, facts, settings), [
      { code: "NEW_TABLE", message: `there is no table for ${facts.group.location} yet` },
    ]);
  const untouched =
    task.putLedgers.length === 0
    && task.deleteLedgers.length === 0
    && samePlaces(before, facts)
    && before.table.Parameters?.[SETTINGS_PARAMETER] === settings.settings
    && before.table.Parameters[DEPRECATED_BY] === undefined;
  if (untouched)
    return outcome(task, "keep", undefined, [{ code: "UNCHANGED", message: "no file was added, changed or deleted" }]);
  const changed = config.mergeNewColumns ? changedAttributes(before, facts) : [];
  if (changed.length > 0) return attributesChanged(task, before, changed);
  const columns = config.mergeNewColumns ? withNewColumns(before.table, facts) : undefined;
  const built = buildTable(task.name, facts, settings, columns);
  if (config.updateBehavior === "LOG") return outcome(task, "log", built, [logReason(before, built)]);
  return outcome(task, "update", built, [updateReason(task, before)]);
}

/** The partitions that must be written and those that are gone. */
function partitionChanges(
  { before, unseen }: TableTask,
  built: BuiltTable,
): { put: readonly PartitionInput[]; gone: readonly (readonly string[])[] } {
  const known = new Map((before?.partitions ?? []).map((partition) => [JSON.stringify(partition.Values), partition]));
  const put = built.partitions.filter((input) => !isSame(known.get(JSON.stringify(input.Values)), input));
  const kept = new Set(built.partitions.map(({ Values }) => JSON.stringify(Values)));
  const gone = [...known].filter(
    ([key, { StorageDescriptor }]) => !kept.has(key) && !unseen(StorageDescriptor?.Location ?? ""),
  );
  return { put, gone: gone.map(([, { Values }]) => Values) };
}

const isSame = (known: Partition | undefined, input: PartitionInput): boolean =>
  known !== undefined
  && canonicalJson([known.StorageDescriptor, known.Parameters])
    === canonicalJson([input.StorageDescriptor, input.Parameters]);

function samePlaces({ table, partitions }: TableBefore, { group }: TableFacts): boolean {
  const keys = (table.PartitionKeys ?? []).map((column) => column.Name);
  const places = (
    list: readonly { readonly values: readonly string[]; readonly folder: string | undefined }[],
  ): string =>
    JSON.stringify(
      list
        .map(({ values, folder }) => [values, folder])
        .map((entry) => JSON.stringify(entry))
        .sort(),
    );
  return (
    JSON.stringify(keys) === JSON.stringify(group.partitionKeys)
    && places(partitions.map((p) => ({ values: p.Values, folder: p.StorageDescriptor?.Location })))
      === places(group.partitions)
  );
}

/** MergeNewColumns: what is there stays as it is, what is new comes after it. */
const withNewColumns = (table: Table, { ledger, group, classification }: TableFacts): readonly Column[] =>
  mergeColumns(
    table.StorageDescriptor?.Columns ?? [],
    catalogColumns(ledger, group.partitionKeys, classification).columns,
  );

/** Of the basic attributes (classification, compression, delimiter) those that are no longer what the table says. */
function changedAttributes(
  { table: { Parameters: said = {} } }: TableBefore,
  { classification }: TableFacts,
): readonly string[] {
  const now = {
    classification: classification.name,
    compressionType: classification.compression,
    delimiter: classification.csv?.delimiter,
  };
  return Object.entries(now).flatMap(([name, value]) =>
    said[name] === undefined || value === undefined || said[name] === value ? [] : [`${name} ${said[name]} → ${value}`],
  );
}

function attributesChanged(task: TableTask, { table }: TableBefore, changed: readonly string[]): TableOutcome {
  const reason: Reason = {
    code: "ATTRIBUTES_CHANGED",
    message: `${changed.join(", ")}: with MergeNewColumns the table is deprecated, not changed`,
  };
  const input = {
    ...tableInputOf(table),
    Parameters: { ...table.Parameters, [DEPRECATED_BY]: task.settings.crawlerName },
  };
  const planned = describe(task, "deprecate", { table: input, partitions: [], reasons: [] }, [reason]);
  return { planned, change: { database: task.database, table: input, ifVersion: table.VersionId } };
}

function outcome(
  task: TableTask,
  action: PlanAction,
  built: BuiltTable | undefined,
  reasons: readonly Reason[],
): TableOutcome {
  const { before } = task;
  if (built === undefined) return { planned: describe(task, action, undefined, reasons), change: undefined };
  const { put, gone } = partitionChanges(task, built);
  const written =
    action === "log"
      ? put.filter(
          (input) =>
            !(before?.partitions ?? []).some(({ Values }) => JSON.stringify(Values) === JSON.stringify(input.Values)),
        )
      : put;
  const rekeyed =
    before !== undefined
    && action !== "log"
    && JSON.stringify((before.table.PartitionKeys ?? []).map(({ Name }) => Name))
      !== JSON.stringify(task.facts.group.partitionKeys);
  const deleted = rekeyed || (action !== "log" && task.config.deleteBehavior !== "LOG") ? gone : [];
  const table = action === "log" && before !== undefined ? tableInputOf(before.table) : built.table;
  const change: TableChange = {
    database: task.database,
    table,
    ifVersion: before?.table.VersionId ?? "",
    ...(written.length === 0 ? {} : { putPartitions: written }),
    ...(deleted.length === 0 ? {} : { deletePartitions: deleted }),
    ...(task.putLedgers.length === 0 ? {} : { putLedgers: task.putLedgers }),
    ...(task.deleteLedgers.length === 0 ? {} : { deleteLedgers: task.deleteLedgers }),
    ...(action === "log" ? {} : { schema: ledgerType(task.facts.ledger) }),
  };
  return {
    planned: describe(task, action, { ...built, table }, reasons, { put: written.length, deleted: deleted.length }),
    change,
  };
}

function describe(
  task: TableTask,
  action: PlanAction,
  built: BuiltTable | undefined,
  reasons: readonly Reason[],
  partitions = { put: 0, deleted: 0 },
): PlannedTable {
  const { facts, before } = task;
  const { group, classification, ledger } = facts;
  return {
    name: task.name,
    location: group.location,
    action,
    classification: classification.name,
    reasons: [...group.reasons, ...(built?.reasons ?? []), ...reasons],
    contents: contentsOf(ledger),
    files: task.files,
    columns: built?.table.StorageDescriptor?.Columns ?? before?.table.StorageDescriptor?.Columns ?? [],
    ...(before === undefined ? {} : { columnsBefore: before.table.StorageDescriptor?.Columns ?? [] }),
    partitionKeys: group.partitionKeys,
    partitions: { total: group.partitions.length, ...partitions },
    typeChanges: typeChanges(before, ledger),
  };
}

export function contentsOf(ledger: Ledger): TableContents {
  return {
    files: ledger.files,
    bytes: ledger.size,
    records: ledger.records,
    malformed: ledger.malformed,
    malformedRecords: ledger.malformedRecords.slice(0, MALFORMED_SHOWN),
    choices: listChoices(ledger),
    hazards: ledger.hazards,
  };
}

const typeChanges = (before: TableBefore | undefined, ledger: Ledger): readonly TypeChange[] =>
  before?.schema === undefined ? [] : diffTypes(before.schema, ledgerType(ledger));

function updateReason({ putLedgers, deleteLedgers, facts }: TableTask, before: TableBefore): Reason {
  if (before.table.Parameters?.[DEPRECATED_BY] !== undefined)
    return { code: "BACK_AGAIN", message: "the table was deprecated, and its data is there" };
  if (putLedgers.length + deleteLedgers.length > 0)
    return {
      code: "FILES_CHANGED",
      message: `${putLedgers.length} files are new or changed, ${deleteLedgers.length} are gone`,
    };
  if (!samePlaces(before, facts))
    return { code: "PARTITIONS_CHANGED", message: "the folders give other partitions than the table has" };
  return { code: "SETTINGS_CHANGED", message: "the crawler's settings are not those of the last crawl" };
}

function logReason(before: TableBefore, built: BuiltTable): Reason {
  const changed =
    canonicalJson(before.table.StorageDescriptor?.Columns) !== canonicalJson(built.table.StorageDescriptor?.Columns);
  return changed
    ? {
        code: "LOGGED_ONLY",
        message: "the columns changed; UpdateBehavior LOG leaves the table as it is",
        evidence: { columns: built.table.StorageDescriptor?.Columns },
      }
    : {
        code: "LOGGED_ONLY",
        message: "UpdateBehavior LOG leaves the table as it is; new partitions and the ledger are kept",
      };
}
