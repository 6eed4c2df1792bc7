/**
 * Optimizers of Iceberg tables: their configuration is kept; a run that is due fails at once and says so, since nothing
 * here rewrites Iceberg tables (decision 0146).
 */
import { invalidInput } from "../../catalog/catalog-errors.js";
import {
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
} from "../../catalog/definitions/definition.js";
import { ICEBERG, TABLE_TYPE } from "../../catalog/table-format.js";
import { DynaframeError } from "../../types/error.js";
import type { ErrorDetail } from "../batch-errors.js";
import { operation, type OperationContext, type OperationTable } from "../operation.js";
import { paged } from "../page-of-list.js";
import { type Paged, pageOf } from "../paging.js";

type OptimizerType = "compaction" | "retention" | "orphan_file_deletion";
type Configuration = { readonly roleArn?: string; readonly enabled?: boolean; readonly [member: string]: unknown };
type Place = {
  readonly CatalogId: string;
  readonly DatabaseName: string;
  readonly TableName: string;
  readonly Type: OptimizerType;
};
type Entry = {
  readonly catalogId?: string;
  readonly databaseName?: string;
  readonly tableName?: string;
  readonly type?: OptimizerType;
};
type Run = {
  readonly eventType: "failed";
  readonly startTimestamp: number;
  readonly endTimestamp: number;
  readonly error: string;
};
/** `runs`: newest first. */
type Optimizer = { readonly configuration: Configuration; readonly runs: readonly Run[] };

const MOST_RUNS = 100;

/** The member that configures each type, and what does its work elsewhere. */
const TYPES: { readonly [type in OptimizerType]: { readonly member: string; readonly procedure: string } } = {
  compaction: { member: "compactionConfiguration", procedure: "rewrite_data_files" },
  retention: { member: "retentionConfiguration", procedure: "expire_snapshots" },
  orphan_file_deletion: { member: "orphanFileDeletionConfiguration", procedure: "remove_orphan_files" },
};

const refOf = (database: string, table: string, type: OptimizerType) => ({
  kind: "table-optimizer",
  database,
  table,
  name: type,
});

export const tableOptimizerOperations = {
  CreateTableOptimizer: operation(
    async (
      {
        TableOptimizerConfiguration: configuration,
        ...place
      }: Place & { readonly TableOptimizerConfiguration: Configuration },
      context,
    ) => {
      checkConfiguration(place.Type, configuration);
      const { Parameters } = await context.catalog.getTable(place.DatabaseName, place.TableName);
      if (Parameters?.[TABLE_TYPE]?.toUpperCase() !== ICEBERG) {
        throw invalidInput("Optimizers are of Iceberg tables", {
          path: place.TableName,
          expected: `${TABLE_TYPE} ${ICEBERG}`,
          found: Parameters?.[TABLE_TYPE] ?? "none",
        });
      }
      await createDefinition(context.catalog, refOf(place.DatabaseName, place.TableName, place.Type), {
        configuration,
        runs: runsDue(context, place.Type, configuration),
      } satisfies Optimizer);
      return {};
    },
  ),
  GetTableOptimizer: operation(async ({ CatalogId, DatabaseName, TableName, Type }: Place, context) => ({
    CatalogId,
    DatabaseName,
    TableName,
    TableOptimizer: await described(context, DatabaseName, TableName, Type),
  })),
  BatchGetTableOptimizer: operation(async ({ Entries }: { readonly Entries: readonly Entry[] }, context) => {
    const [found, failures]: [object[], object[]] = [[], []];
    for (const entry of Entries) {
      try {
        found.push({
          catalogId: context.accountId,
          databaseName: entry.databaseName,
          tableName: entry.tableName,
          tableOptimizer: await describedEntry(context, entry),
        });
      } catch (error) {
        if (!(error instanceof DynaframeError) || error.name === "DynaframeError") throw error;
        failures.push({
          ...entry,
          error: { ErrorCode: error.name, ErrorMessage: error.message } satisfies ErrorDetail,
        });
      }
    }
    return { TableOptimizers: found, Failures: failures };
  }),
  UpdateTableOptimizer: operation(
    async (
      {
        TableOptimizerConfiguration: configuration,
        ...place
      }: Place & { readonly TableOptimizerConfiguration: Configuration },
      context,
    ) => {
      checkConfiguration(place.Type, configuration);
      const due = runsDue(context, place.Type, configuration);
      await changeDefinition<Optimizer>(
        context.catalog,
        refOf(place.DatabaseName, place.TableName, place.Type),
        ({ runs }) => ({ configuration, runs: [...due, ...runs].slice(0, MOST_RUNS) }),
      );
      return {};
    },
  ),
  DeleteTableOptimizer: operation(async ({ DatabaseName, TableName, Type }: Place, { catalog }) => {
    await deleteDefinition(catalog, refOf(DatabaseName, TableName, Type));
    return {};
  }),
  ListTableOptimizerRuns: operation(async (input: Place & Paged, { catalog }) => {
    const { CatalogId, DatabaseName, TableName, Type } = input;
    const {
      doc: { runs },
    } = await getDefinition<Optimizer>(catalog, refOf(DatabaseName, TableName, Type));
    return {
      CatalogId,
      DatabaseName,
      TableName,
      ...paged("TableOptimizerRuns", runs, pageOf(input), ["optimizer-runs", DatabaseName, TableName, Type]),
    };
  }),
} satisfies OperationTable;

async function described(
  { catalog }: OperationContext,
  database: string,
  table: string,
  type: OptimizerType,
): Promise<object> {
  const {
    doc: {
      configuration,
      runs: [lastRun],
    },
  } = await getDefinition<Optimizer>(catalog, refOf(database, table, type));
  return { type, configuration, ...(lastRun === undefined ? {} : { lastRun }), configurationSource: "table" };
}

function describedEntry(
  context: OperationContext,
  { catalogId, databaseName, tableName, type }: Entry,
): Promise<object> {
  if (databaseName === undefined || tableName === undefined || type === undefined)
    throw invalidInput("An entry names a database, a table and a type", { path: "Entries" });
  if (catalogId !== undefined && catalogId !== context.accountId) {
    throw new DynaframeError("ENTITY_NOT_FOUND", `Catalog ${catalogId} not found.`, {
      name: "EntityNotFoundException",
      path: catalogId,
    });
  }
  return described(context, databaseName, tableName, type);
}

/** An optimizer is on or off, and has no settings of another type. @throws InvalidInputException */
function checkConfiguration(type: OptimizerType, configuration: Configuration): void {
  if (configuration.enabled === undefined)
    throw invalidInput("The configuration does not say whether the optimizer is enabled", {
      path: "TableOptimizerConfiguration.enabled",
    });
  const { member: own } = TYPES[type];
  const other = Object.values(TYPES).find(({ member }) => member !== own && configuration[member] !== undefined);
  if (other !== undefined)
    throw invalidInput(`${other.member} is of another type of optimizer`, {
      path: `TableOptimizerConfiguration.${other.member}`,
      expected: own,
      found: other.member,
    });
}

/** An enabled optimizer would run: that it does not is told where its runs are. */
function runsDue({ now }: OperationContext, type: OptimizerType, { enabled }: Configuration): readonly Run[] {
  if (enabled !== true) return [];
  const at = now();
  return [
    {
      eventType: "failed",
      startTimestamp: at,
      endTimestamp: at,
      error: `dynaframe keeps the configuration of ${type} and does not run it: call ${TYPES[type].procedure} of an engine that writes Iceberg tables, such as Spark's`,
    },
  ];
}
