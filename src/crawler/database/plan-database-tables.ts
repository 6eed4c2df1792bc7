/** The tables of databases that a crawl looks at, against what the catalog has of them. No rows are read. */
import { canonicalJson } from "../../catalog/canonical-json.js";
import type { Catalog, Table } from "../../catalog/index.js";
import type { SecretResolver } from "../../catalog/secret-resolver.js";
import { tableInputOf } from "../../catalog/table-input.js";
import { connectionAddress, getNamedConnection } from "../../database/catalog-address.js";
import type { DatabaseKind } from "../../database/index.js";
import type { ListedTable } from "../../database/listed-table.js";
import { openDatabase } from "../../database/open-database.js";
import { emptyLedger } from "../../shapes/merge-ledgers.js";
import { diffTypes } from "../../types/compat.js";
import type { FileProblem } from "../crawl-options.js";
import type { PlanAction, PlannedTable } from "../crawl-plan.js";
import type { EffectiveCrawlerConfig } from "../crawler-config.js";
import type { Reason } from "../group/reason.js";
import type { KnownTable } from "../known-tables.js";
import { problemOf } from "../list-includes.js";
import { contentsOf, type TableOutcome } from "../plan-table.js";
import { DEPRECATED_BY } from "../table-input.js";
import { nameTables } from "../table-name.js";
import { databaseLocation, type DatabaseTable, databaseTableInput } from "./database-table-input.js";
import { type JdbcTarget, type TablePattern, tablePattern } from "./jdbc-target.js";

export type DatabaseTables = {
  readonly outcomes: readonly TableOutcome[];
  readonly deletions: readonly string[];
  readonly problems: readonly FileProblem[];
};

export type DatabaseCrawl = {
  readonly database: string;
  readonly targets: readonly JdbcTarget[];
  readonly tablePrefix: string;
  readonly crawlerName: string;
  readonly settings: string;
  readonly config: EffectiveCrawlerConfig;
  readonly catalog: Catalog;
  readonly secrets: SecretResolver;
  readonly known: readonly KnownTable[];
  readonly signal?: AbortSignal;
};

/** A database that cannot be reached is a problem; its tables stay as they are, the others are planned. */
export async function planDatabaseTables(crawl: DatabaseCrawl): Promise<DatabaseTables> {
  const problems: FileProblem[] = [];
  const found = new Map<string, Found>();
  const seen: Seen[] = [];
  for (const target of crawl.targets) {
    crawl.signal?.throwIfAborted();
    try {
      const listed = await listTarget(target, crawl);
      seen.push(listed);
      for (const table of listed.tables) found.set(keyOf(target.connectionName, table.location), table);
    } catch (error) {
      problems.push(problemOf(`${target.connectionName}:${target.path}`, error));
    }
  }
  const existing = new Map(
    crawl.known.flatMap(({ table }) => {
      const key = knownKey(table);
      return key === undefined ? [] : [[key, table] as const];
    }),
  );
  const fresh = [...found].filter(([key]) => !existing.has(key));
  const names = nameTables(
    fresh.map(([key, { name }]) => ({ name, location: key })),
    crawl.tablePrefix,
    new Set(crawl.known.map(({ table }) => table.Name)),
  );
  const outcomes: TableOutcome[] = [];
  for (const [key, table] of found)
    outcomes.push(await planFound(existing.get(key), names.get(key) ?? table.name, table, crawl));
  const gone = [...existing].filter(([key, table]) => !found.has(key) && seen.some((one) => one.covers(table)));
  const goneOutcomes = gone.map(([, table]) => planGone(table, crawl));
  return {
    outcomes: [...outcomes, ...goneOutcomes],
    deletions: goneOutcomes.flatMap(({ planned }) => (planned.action === "delete" ? [planned.name] : [])),
    problems,
  };
}

type Found = {
  readonly target: JdbcTarget;
  readonly kind: DatabaseKind;
  readonly location: string;
  readonly name: string;
  readonly listed: ListedTable;
};
/** `covers`: the table would have been found if it were there. */
type Seen = { readonly tables: readonly Found[]; readonly covers: (table: Table) => boolean };

const keyOf = (connectionName: string, location: string): string => JSON.stringify([connectionName, location]);

function knownKey({ Parameters: parameters = {}, StorageDescriptor: storage }: Table): string | undefined {
  const { connectionName } = parameters;
  return connectionName === undefined || storage?.Location === undefined || parameters["typeOfData"] === "file"
    ? undefined
    : keyOf(connectionName, storage.Location);
}

async function listTarget(target: JdbcTarget, { catalog, secrets }: DatabaseCrawl): Promise<Seen> {
  const connection = await getNamedConnection(catalog, target.connectionName, secrets);
  const { kind } = connectionAddress(connection, undefined);
  const pattern = tablePattern(target, kind);
  const database = await openDatabase(connectionAddress(connection, kind, { database: pattern.database }));
  const tables = (await database.listTables())
    .filter(pattern.matches)
    .map((listed): Found => ({
      target,
      kind,
      listed,
      location: databaseLocation(pattern.database, listed),
      name: [pattern.database, ...(listed.schema === undefined ? [] : [listed.schema]), listed.name].join("_"),
    }));
  return {
    tables,
    covers: (table) =>
      table.Parameters?.["connectionName"] === target.connectionName
      && coveredBy(pattern, table.StorageDescriptor?.Location ?? ""),
  };
}

/** The location's parts as `databaseLocation` wrote them. */
function coveredBy({ database, matches }: TablePattern, location: string): boolean {
  const parts = [...location.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
  const name = parts.at(-1) ?? "";
  return parts[0] === database && matches(parts.length > 2 ? { schema: parts[1] ?? "", name } : { name });
}

async function planFound(
  before: Table | undefined,
  name: string,
  { target, kind, location, listed }: Found,
  crawl: DatabaseCrawl,
): Promise<TableOutcome> {
  const built = databaseTableInput(before?.Name ?? name, location, kind, listed, {
    connectionName: target.connectionName,
    crawlerName: crawl.crawlerName,
    settings: crawl.settings,
  });
  if (before === undefined)
    return outcome(crawl, "create", built, undefined, [
      { code: "NEW_TABLE", message: `there is no table for ${location} yet` },
    ]);
  const [last] = await crawl.catalog.getSchemaHistory(before.DatabaseName, before.Name, { newest: 1 });
  const same =
    canonicalJson(comparable(tableInputOf(before))) === canonicalJson(comparable(built.table))
    && before.Parameters?.[DEPRECATED_BY] === undefined;
  if (same)
    return outcome(
      crawl,
      "keep",
      built,
      before,
      [{ code: "UNCHANGED", message: "its columns, key and comments are as they were" }],
      last?.schema,
    );
  if (crawl.config.updateBehavior === "LOG")
    return outcome(
      crawl,
      "log",
      built,
      before,
      [
        {
          code: "LOGGED_ONLY",
          message: "the table of the database changed; UpdateBehavior LOG leaves the catalog as it is",
        },
      ],
      last?.schema,
    );
  return outcome(
    crawl,
    "update",
    built,
    before,
    [{ code: "DATABASE_TABLE_CHANGED", message: "its columns, key, comments or the crawler's settings changed" }],
    last?.schema,
  );
}

const comparable = ({ Parameters, StorageDescriptor, Description = "" }: DatabaseTable["table"]): unknown => [
  Parameters,
  StorageDescriptor?.Columns,
  Description,
];

function outcome(
  { database }: DatabaseCrawl,
  action: PlanAction,
  built: DatabaseTable,
  before: Table | undefined,
  reasons: readonly Reason[],
  schema?: DatabaseTable["schema"],
): TableOutcome {
  const { table } = built;
  const columns = table.StorageDescriptor?.Columns ?? [];
  return {
    planned: {
      ...nothingRead(
        table.Name,
        table.StorageDescriptor?.Location ?? "",
        action,
        table.Parameters?.["classification"] ?? "",
      ),
      reasons: [...built.reasons, ...reasons],
      columns,
      ...(before === undefined ? {} : { columnsBefore: before.StorageDescriptor?.Columns ?? [] }),
      typeChanges: schema === undefined ? [] : diffTypes(schema, built.schema),
    },
    change:
      action === "create" || action === "update"
        ? { database, table, ifVersion: before?.VersionId ?? "", schema: built.schema }
        : undefined,
  };
}

function planGone(table: Table, { config, crawlerName, database }: DatabaseCrawl): TableOutcome {
  const base = (action: PlanAction, reason: Reason): PlannedTable => ({
    ...nothingRead(
      table.Name,
      table.StorageDescriptor?.Location ?? "",
      action,
      table.Parameters?.["classification"] ?? "",
    ),
    reasons: [reason],
    columns: table.StorageDescriptor?.Columns ?? [],
  });
  const reason: Reason = { code: "DATA_GONE", message: "the database has no such table any more" };
  if (table.Parameters?.[DEPRECATED_BY] !== undefined && config.deleteBehavior === "DEPRECATE_IN_DATABASE") {
    return {
      planned: base("keep", { code: "DEPRECATED_BEFORE", message: "the table is deprecated already" }),
      change: undefined,
    };
  }
  switch (config.deleteBehavior) {
    case "LOG":
      return { planned: base("log", reason), change: undefined };
    case "DELETE_FROM_DATABASE":
      return { planned: base("delete", reason), change: undefined };
    case "DEPRECATE_IN_DATABASE":
      return {
        planned: base("deprecate", reason),
        change: {
          database,
          table: { ...tableInputOf(table), Parameters: { ...table.Parameters, [DEPRECATED_BY]: crawlerName } },
          ifVersion: table.VersionId,
        },
      };
  }
}

const nothingRead = (
  name: string,
  location: string,
  action: PlanAction,
  classification: string,
): Omit<PlannedTable, "reasons"> => ({
  name,
  location,
  action,
  classification,
  contents: contentsOf(emptyLedger()),
  files: { new: 0, changed: 0, unchanged: 0, vanished: 0 },
  columns: [],
  partitionKeys: [],
  partitions: { total: 0, put: 0, deleted: 0 },
  typeChanges: [],
});
