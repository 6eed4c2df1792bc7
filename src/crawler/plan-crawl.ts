/** list → classify → scan → group → diff: what a crawl would do, without doing it. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../catalog/canonical-json.js";
import { foldName } from "../catalog/fold-names.js";
import { folderSecrets } from "../catalog/folder-secrets.js";
import { onlyKnown, withTableLocations } from "./catalog-targets.js";
import { checkClassifiers } from "./classify/check-classifiers.js";
import { considerFiles } from "./consider-files.js";
import { type CrawlOptions, type CrawlServices, DEFAULT_CRAWLER } from "./crawl-options.js";
import type { CrawlPlan, PlannedTable } from "./crawl-plan.js";
import { effectiveCrawlerConfig, type EffectiveCrawlerConfig } from "./crawler-config.js";
import { type DatabaseTables, planDatabaseTables } from "./database/plan-database-tables.js";
import { isBelow, knownFiles, type KnownTable, knownTables } from "./known-tables.js";
import { withoutStaleFiles } from "./logged-tables.js";
import { goneTables } from "./plan-gone.js";
import { planTables } from "./plan-tables.js";
import { unchangedTables } from "./plan-unchanged.js";
import { surveyFiles, type World } from "./survey-files.js";
import type { TableSettings } from "./table-input.js";
import { withoutUnreadable } from "./unreadable-tables.js";

/**
 * Plans a crawl. Files whose path, etag and size the catalog knows are not read: their stored ledgers are used. The
 * plan depends on the files, the catalog and the options only, not on the order of the listing or the clock.
 * @throws INVALID_CRAWLER, BAD_GLOB, PATH_NOT_FOUND for a missing include path, TABLE_THRESHOLD_EXCEEDED.
 */
export async function planCrawl(told: CrawlOptions, services: CrawlServices): Promise<CrawlPlan> {
  const config = configOf(told);
  checkClassifiers(told.classifiers ?? []);
  const database = await knownTables(services.catalog, services.storage, told.database);
  const options = withTableLocations(told, database.tables);
  const below = (roots: readonly string[]): readonly KnownTable[] =>
    targetsOf(options, database.tables).filter(
      ({ location }) => location !== undefined && roots.some((root) => isBelow(location, root)),
    );
  const considered = await considerFiles(options, config, services, (roots) =>
    knownFiles(services.catalog, below(roots)),
  );
  const { listing, files: includes, events, logged } = await withoutStaleFiles(considered, services);
  const inside = below(includes.map(({ root }) => root));
  const known = await knownFiles(services.catalog, inside);
  const world: World = {
    options,
    config,
    settings: settingsOf(told, config),
    services,
    listing,
    includes,
    logged,
    all: database.tables,
    inside,
    known,
  };
  const plan = { createDatabase: !database.exists, ...(events === undefined ? {} : { events }) };
  const databases = await databaseTables(world);
  const same = await unchangedTables(world);
  const files =
    same === undefined
      ? await planFiles(world)
      : {
          planned: same.tables,
          changes: [],
          deletions: [],
          skipped: [...listing.skipped, ...same.strays],
          problems: [],
        };
  return {
    ...planHead(world, [...files.planned, ...databases.outcomes.map(({ planned }) => planned)]),
    ...plan,
    changes: [...files.changes, ...databases.outcomes.flatMap(({ change }) => change ?? [])],
    deletions: [...files.deletions, ...databases.deletions],
    skipped: files.skipped,
    problems: [...files.problems, ...databases.problems],
  };
}

type FilePlan = Pick<CrawlPlan, "changes" | "deletions" | "skipped" | "problems"> & {
  readonly planned: readonly PlannedTable[];
};

async function planFiles(world: World): Promise<FilePlan> {
  const { services } = world;
  const surveyed = await surveyFiles(world);
  const tables = await planTables(surveyed);
  const survey = withoutUnreadable(surveyed, tables.outcomes);
  const found = survey === surveyed ? tables : await planTables(survey);
  services.onStrays?.(
    found.strays.flatMap(({ file, detail = "" }) => {
      const scanned = survey.files.get(file);
      return scanned === undefined ? [] : [{ ...scanned, detail }];
    }),
  );
  const { outcomes, passed } = survey.config.createsNewTables
    ? { outcomes: found.outcomes, passed: [] }
    : onlyKnown(found.outcomes);
  const gone = await goneTables(
    survey,
    outcomes.map(({ planned }) => planned.location),
  );
  const all = [...outcomes, ...gone.outcomes];
  return {
    planned: all.map(({ planned }) => planned),
    changes: all.flatMap(({ change }) => change ?? []),
    deletions: gone.deletions,
    skipped: [...survey.skipped, ...found.strays, ...passed],
    problems: survey.problems,
  };
}

/** The tables that the crawl looks after. */
const targetsOf = ({ catalogTables }: CrawlOptions, tables: readonly KnownTable[]): readonly KnownTable[] =>
  catalogTables === undefined
    ? tables
    : tables.filter(({ table }) => catalogTables.some((name) => name.toLowerCase() === table.Name));

function databaseTables({ options, config, settings, services, all }: World): Promise<DatabaseTables> {
  return planDatabaseTables({
    database: options.database,
    targets: options.jdbcTargets ?? [],
    tablePrefix: options.tablePrefix ?? "",
    crawlerName: settings.crawlerName,
    settings: settings.settings,
    config,
    catalog: services.catalog,
    secrets: services.secrets ?? folderSecrets(undefined),
    known: all,
    ...(services.signal === undefined ? {} : { signal: services.signal }),
  });
}

function planHead(
  { options, config, listing, all }: World,
  planned: readonly PlannedTable[],
): Pick<CrawlPlan, "version" | "options" | "config" | "includes" | "tables" | "tableVersions"> {
  const tables = [...planned].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return {
    version: 1,
    options: { ...options, database: foldName(options.database) },
    config,
    tables,
    includes: listing.includes.map(({ root, files, bytes, fingerprint }) => ({
      root,
      files: files.length,
      bytes,
      fingerprint,
    })),
    tableVersions: Object.fromEntries(tables.map(({ name }) => [name, versionOf(all, name)])),
  };
}

function configOf(options: CrawlOptions): EffectiveCrawlerConfig {
  const { schemaChangePolicy, recrawlPolicy, configuration, catalogTables, database } = options;
  return effectiveCrawlerConfig({
    ...(catalogTables === undefined
      ? {}
      : { targets: { catalogTargets: [{ databaseName: database, tables: catalogTables }] } }),
    ...(schemaChangePolicy === undefined ? {} : { schemaChangePolicy }),
    ...(recrawlPolicy === undefined ? {} : { recrawlPolicy }),
    ...(configuration === undefined ? {} : { configuration }),
  });
}

const versionOf = (tables: readonly KnownTable[], name: string): string =>
  tables.find(({ table }) => table.Name === name)?.table.VersionId ?? "";

function settingsOf(options: CrawlOptions, config: EffectiveCrawlerConfig): TableSettings {
  const exclusions = options.exclusions ?? [];
  const told = canonicalJson([
    config,
    options.includes,
    exclusions,
    options.classifiers ?? [],
    options.bucket ?? "",
    ...(options.jdbcTargets === undefined ? [] : [options.jdbcTargets]),
    ...(options.catalogTables === undefined ? [] : [options.catalogTables.map((name) => name.toLowerCase())]),
  ]);
  return {
    crawlerName: options.crawlerName ?? DEFAULT_CRAWLER,
    exclusions,
    inheritFromTable: config.inheritFromTable,
    settings: createHash("sha256").update(told).digest("hex").slice(0, 16),
  };
}

/** A hash of what decides how the files of a crawl are read. */
export const readingSettings = ({ classifiers = [] }: CrawlOptions): string =>
  createHash("sha256").update(canonicalJson(classifiers)).digest("hex").slice(0, 16);
