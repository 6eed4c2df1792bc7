/** list → classify → scan → group → diff: what a crawl would do, without doing it. */
import { checkClassifiers } from "./classify/check-classifiers.js";
import { createHash } from "node:crypto";
import { canonicalJson } from "../catalog/canonical-json.js";
import { folderSecrets } from "../catalog/folder-secrets.js";
import type { FileLedger } from "../shapes/ledger.js";
import { emptyLedger, mergeLedgers } from "../shapes/merge-ledgers.js";
import type { FileRef } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";
import { type Classification, compatibilityKey } from "./classify/classification.js";
import { classifyFiles, type ClassifiedFile } from "./classify-files.js";
import { type CrawlOptions, type CrawlServices, DEFAULT_CRAWLER, type FileProblem, type SkippedFile } from "./crawl-options.js";
import type { CrawlPlan, PlannedTable } from "./crawl-plan.js";
import { effectiveCrawlerConfig, type EffectiveCrawlerConfig } from "./crawler-config.js";
import type { GroupFile } from "./group/folder-tree.js";
import { groupTables, type TableGroup } from "./group/group-tables.js";
import { allPartitions, classificationOf, isBelow, isUnchanged, type KnownFile, knownFiles, type KnownTable, knownTables } from "./known-tables.js";
import { loggedGroup, type LoggedTables, withoutStaleFiles } from "./logged-tables.js";
import { onlyKnown, withTableLocations } from "./catalog-targets.js";
import { type DatabaseTables, planDatabaseTables } from "./database/plan-database-tables.js";
import { type LedgerKeeper, ledgerKeeper } from "./compact-ledger.js";
import { type Considered, considerFiles } from "./consider-files.js";
import { resolveTargets } from "./crawl-target.js";
import { findStrays } from "./find-strays.js";
import type { Listing } from "./list-includes.js";
import { goneTables } from "./plan-gone.js";
import { unchangedTables } from "./plan-unchanged.js";
import { planTable, type TableBefore, type TableOutcome } from "./plan-table.js";
import { scanFiles } from "./scan-files.js";
import { DEPRECATED_BY, SETTINGS_PARAMETER, type TableFacts, type TableSettings } from "./table-input.js";
import { nameTables } from "./table-name.js";

/** Everything a crawl found out, from which tables are planned. */
export type Survey = {
  readonly options: CrawlOptions;
  readonly config: EffectiveCrawlerConfig;
  readonly settings: TableSettings;
  readonly services: CrawlServices;
  readonly listing: Listing;
  /** The files that count as there, by include path. */
  readonly includes: Considered["files"];
  readonly logged: LoggedTables;
  /** All tables of the database, and those of them whose location is in an include path. */
  readonly all: readonly KnownTable[];
  readonly inside: readonly KnownTable[];
  readonly known: ReadonlyMap<string, KnownFile>;
  readonly listed: ReadonlySet<string>;
  readonly keeper: LedgerKeeper;
  readonly files: ReadonlyMap<string, SurveyedFile>;
  readonly fresh: ReadonlySet<string>;
  readonly problems: readonly FileProblem[];
  readonly skipped: readonly SkippedFile[];
};
export type SurveyedFile = { readonly ref: FileRef; readonly classification: Classification; readonly ledger: FileLedger };

/**
 * Plans a crawl. Files whose path, etag and size the catalog knows are not read: their stored ledgers are used. The plan depends on the
 * files, the catalog and the options only, not on the order of the listing or the clock.
 * @throws INVALID_CRAWLER, BAD_GLOB, PATH_NOT_FOUND for a missing include path, TABLE_THRESHOLD_EXCEEDED.
 */
export async function planCrawl(told: CrawlOptions, services: CrawlServices): Promise<CrawlPlan> {
  const config = configOf(told);
  checkClassifiers(told.classifiers ?? []);
  const database = await knownTables(services.catalog, services.storage, told.database);
  const options = withTableLocations(told, database.tables);
  const below = (roots: readonly string[]): readonly KnownTable[] => targetsOf(options, database.tables).filter(({ location }) => location !== undefined && roots.some((root) => isBelow(location, root)));
  const considered = await considerFiles(options, config, services, (roots) => knownFiles(services.catalog, below(roots)));
  const { listing, files: includes, events, logged } = await withoutStaleFiles(considered, services);
  const inside = below(includes.map(({ root }) => root));
  const known = await knownFiles(services.catalog, inside);
  const world: World = { options, config, settings: settingsOf(told, config), services, listing, includes, logged, all: database.tables, inside, known };
  const plan = { createDatabase: !database.exists, ...(events === undefined ? {} : { events }) };
  const databases = await databaseTables(world);
  const same = await unchangedTables(world);
  const files = same === undefined ? await planFiles(world) : { planned: same.tables, changes: [], deletions: [], skipped: [...listing.skipped, ...same.strays], problems: [] };
  return {
    ...planHead(world, [...files.planned, ...databases.outcomes.map(({ planned }) => planned)]), ...plan,
    changes: [...files.changes, ...databases.outcomes.flatMap(({ change }) => change ?? [])], deletions: [...files.deletions, ...databases.deletions],
    skipped: files.skipped, problems: [...files.problems, ...databases.problems],
  };
}

type FilePlan = Pick<CrawlPlan, "changes" | "deletions" | "skipped" | "problems"> & { readonly planned: readonly PlannedTable[] };

async function planFiles(world: World): Promise<FilePlan> {
  const { services } = world;
  const survey = await surveyFiles(world);
  const found = await planTables(survey);
  services.onStrays?.(found.strays.flatMap(({ file, detail = "" }) => { const scanned = survey.files.get(file); return scanned === undefined ? [] : [{ ...scanned, detail }]; }));
  const { outcomes, passed } = survey.config.createsNewTables ? { outcomes: found.outcomes, passed: [] } : onlyKnown(found.outcomes);
  const gone = await goneTables(survey, outcomes.map(({ planned }) => planned.location));
  const all = [...outcomes, ...gone.outcomes];
  return {
    planned: all.map(({ planned }) => planned), changes: all.flatMap(({ change }) => change ?? []), deletions: gone.deletions,
    skipped: [...survey.skipped, ...found.strays, ...passed], problems: survey.problems,
  };
}

/** The tables that the crawl looks after. */
const targetsOf = ({ catalogTables }: CrawlOptions, tables: readonly KnownTable[]): readonly KnownTable[] =>
  (catalogTables === undefined ? tables : tables.filter(({ table }) => catalogTables.some((name) => name.toLowerCase() === table.Name)));

function databaseTables({ options, config, settings, services, all }: World): Promise<DatabaseTables> {
  return planDatabaseTables({
    database: options.database, targets: options.jdbcTargets ?? [], tablePrefix: options.tablePrefix ?? "", crawlerName: settings.crawlerName, settings: settings.settings, config,
    catalog: services.catalog, secrets: services.secrets ?? folderSecrets(undefined), known: all, ...(services.signal === undefined ? {} : { signal: services.signal }),
  });
}

function planHead({ options, config, listing, all }: World, planned: readonly PlannedTable[]): Pick<CrawlPlan, "version" | "options" | "config" | "includes" | "tables" | "tableVersions"> {
  const tables = [...planned].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return {
    version: 1, options, config, tables,
    includes: listing.includes.map(({ root, files, bytes, fingerprint }) => ({ root, files: files.length, bytes, fingerprint })),
    tableVersions: Object.fromEntries(tables.map(({ name }) => [name, versionOf(all, name)])),
  };
}

function configOf(options: CrawlOptions): EffectiveCrawlerConfig {
  const { schemaChangePolicy, recrawlPolicy, configuration, catalogTables, database } = options;
  return effectiveCrawlerConfig({
    ...(catalogTables === undefined ? {} : { targets: { catalogTargets: [{ databaseName: database, tables: catalogTables }] } }),
    ...(schemaChangePolicy === undefined ? {} : { schemaChangePolicy }), ...(recrawlPolicy === undefined ? {} : { recrawlPolicy }), ...(configuration === undefined ? {} : { configuration }),
  });
}

const versionOf = (tables: readonly KnownTable[], name: string): string => tables.find(({ table }) => table.Name === name)?.table.VersionId ?? "";

type World = Pick<Survey, "options" | "config" | "settings" | "services" | "listing" | "includes" | "logged" | "all" | "inside" | "known">;

/** Ledgers of all files: stored ones of unchanged files, scans of the others. */
async function surveyFiles(before: World): Promise<Survey> {
  const { listing, includes, known, options, services } = before;
  const refs = includes.flatMap(({ files }) => files);
  const unchanged = refs.filter((ref) => isUnchanged(ref, known));
  const keeper = ledgerKeeper();
  const stored = await storedFiles(unchanged, before, keeper);
  const resumed = refs.flatMap((ref) => (stored.has(ref.path) ? [] : services.checkpoint?.find(ref) ?? []));
  const done = new Set([...stored.keys(), ...resumed.map(({ ref }) => ref.path)]);
  const classified = await classifyFiles(refs.filter((ref) => !done.has(ref.path)), options, services, resumed);
  const readable = classified.files.filter(({ classification }) => classification.format !== undefined);
  const scanned = await scanFiles(readable, services, keeper.keep);
  const fresh = [...resumed, ...readable.flatMap(({ ref, classification }) => {
    const ledger = scanned.ledgers.get(ref.path);
    return ledger === undefined ? [] : [{ ref, classification, ledger }];
  })];
  const byPath = (file: SurveyedFile): readonly [string, SurveyedFile] => [file.ref.path, file];
  return {
    ...before, keeper, listed: new Set(refs.map(({ path }) => path)),
    files: new Map([...stored.values(), ...fresh].map(byPath)), fresh: new Set(fresh.map(({ ref }) => ref.path)),
    problems: [...listing.problems, ...classified.problems, ...scanned.problems],
    skipped: [...listing.skipped, ...unreadable(classified.files)],
  };
}

/** Ledgers of the catalog are asked for in parts, so that not all of a large table are there as objects at once. */
const LEDGERS_AT_ONCE = 1000;

async function storedFiles(refs: readonly FileRef[], { known, services }: World, { keep }: LedgerKeeper): Promise<ReadonlyMap<string, SurveyedFile>> {
  const byOwner = new Map<KnownTable, Map<string, FileRef>>();
  for (const ref of refs) {
    const owner = known.get(ref.path)?.owner;
    if (owner !== undefined) byOwner.set(owner, (byOwner.get(owner) ?? new Map<string, FileRef>()).set(ref.path, ref));
  }
  const files = new Map<string, SurveyedFile>();
  for (const [{ table }, wanted] of byOwner) {
    const classification = classificationOf(table);
    if (classification === undefined) continue;
    const paths = [...wanted.keys()];
    for (let from = 0; from < paths.length; from += LEDGERS_AT_ONCE) {
      for (const ledger of await services.catalog.getFileLedgers(table.DatabaseName, table.Name, paths.slice(from, from + LEDGERS_AT_ONCE))) {
        const ref = wanted.get(ledger.file);
        if (ref !== undefined) files.set(ref.path, { ref, classification, ledger: keep(ledger) });
      }
    }
  }
  return files;
}

function unreadable(files: readonly ClassifiedFile[]): readonly SkippedFile[] {
  return files.filter(({ classification }) => classification.format === undefined).map(({ ref, classification: { name, compression } }) =>
    name === "UNKNOWN" && compression === "none" ? { file: ref.path, why: "UNKNOWN_CLASSIFICATION" as const }
      : { file: ref.path, why: "UNREADABLE_FORMAT" as const, detail: compression === "none" ? name : `${name}, ${compression}` });
}

function settingsOf(options: CrawlOptions, config: EffectiveCrawlerConfig): TableSettings {
  const exclusions = options.exclusions ?? [];
  const told = canonicalJson([config, options.includes, exclusions, options.classifiers ?? [], options.bucket ?? "", ...(options.jdbcTargets === undefined ? [] : [options.jdbcTargets]), ...(options.catalogTables === undefined ? [] : [options.catalogTables.map((name) => name.toLowerCase())])]);
  return {
    crawlerName: options.crawlerName ?? DEFAULT_CRAWLER, exclusions, inheritFromTable: config.inheritFromTable,
    settings: createHash("sha256").update(told).digest("hex").slice(0, 16),
  };
}

/** A hash of what decides how the files of a crawl are read. */
export const readingSettings = ({ classifiers = [] }: CrawlOptions): string => createHash("sha256").update(canonicalJson(classifiers)).digest("hex").slice(0, 16);

async function planTables(survey: Survey): Promise<{ readonly outcomes: readonly TableOutcome[]; readonly strays: readonly SkippedFile[] }> {
  const pinned = pinnedLocations(survey);
  const strays = findStrays(survey, pinned);
  const apart = new Set(strays.map(({ file }) => file));
  const groups = survey.includes.flatMap(({ root, files }) => {
    const own = files.flatMap(({ path }) => (apart.has(path) ? [] : groupFile(survey.files.get(path), survey.keeper)));
    const tables = [...survey.logged].map(([folder, table]) => ({ folder, table, files: own.filter(({ path }) => isBelow(path, folder)) }));
    const inLogged = new Set(tables.flatMap(({ files: all }) => all.map(({ path }) => path)));
    const others = inLogged.size === 0 ? own : own.filter(({ path }) => !inLogged.has(path));
    const groups = [...tables.flatMap(({ folder, table, files: all }) => (all.length === 0 ? [] : [loggedGroup(folder, table, all)])), ...groupTables(root, others, groupOptions(survey, root, pinned))];
    return groups.map((group) => ({ ...group, include: root }));
  });
  const most = survey.config.tableThreshold;
  if (most !== undefined && groups.length > most) {
    throw new DynaframeError("TABLE_THRESHOLD_EXCEEDED", `The number of tables detected by crawler: ${groups.length} is greater than the table threshold value provided: ${most}.`, {
      path: "configuration.CrawlerOutput.Tables.TableThreshold", expected: `at most ${most}`, found: String(groups.length), hint: "Nothing was changed. A dry run without the threshold shows the tables and why they are apart.",
    });
  }
  const names = namesOf(groups, survey);
  const outcomes: TableOutcome[] = [];
  for (const group of groups) outcomes.push(await planGroup(group, names.get(group.location) ?? group.name, survey));
  return { outcomes, strays };
}

/** Locations of the tables that an earlier crawl with the same settings made. */
const pinnedLocations = ({ inside, settings }: Survey): ReadonlySet<string> => new Set(inside
  .filter(({ table: { Parameters } }) => Parameters?.[SETTINGS_PARAMETER] === settings.settings && Parameters[DEPRECATED_BY] === undefined)
  .flatMap(({ location }) => location ?? []));

function groupFile(file: SurveyedFile | undefined, { typeOf }: LedgerKeeper): readonly GroupFile[] {
  if (file === undefined) return [];
  const { ref, classification, ledger } = file;
  return [{ path: ref.path, compatibility: compatibilityKey(classification), schema: typeOf(ledger), generatedNames: classification.csv?.generated === true }];
}

function groupOptions({ config, options, services }: Survey, root: string, pinned: ReadonlySet<string>) {
  const bucket = options.bucket === undefined ? (/^s3:\/\/[^/]+/.exec(root)?.[0] ?? root) : services.storage.resolve(options.bucket);
  const rootLevel = isBelow(root, bucket) ? root.slice(bucket.length).split("/").length : 1;
  return { combineCompatible: config.tableGroupingPolicy === "CombineCompatibleSchemas", rootLevel, pinned, ...(config.tableLevel === undefined ? {} : { tableLevel: config.tableLevel }) };
}

/** A table that is there for a location keeps its name; the names of all other tables are taken. */
function namesOf(groups: readonly TableGroup[], { all, options }: Survey): ReadonlyMap<string, string> {
  const existing = new Map(all.flatMap(({ table, location }) => (location === undefined ? [] : [[location, table.Name] as const])));
  const taken = new Set(all.map(({ table }) => table.Name));
  const unnamed = groups.filter(({ location }) => !existing.has(location));
  return new Map([...existing, ...nameTables(unnamed, options.tablePrefix ?? "", taken)]);
}

async function planGroup(group: TableGroup, name: string, survey: Survey): Promise<TableOutcome> {
  const { known, fresh, files, listed, problems } = survey;
  const owner = survey.inside.find(({ table }) => table.Name === name);
  const paths = group.files.map(({ path }) => path);
  const own = new Set(paths);
  const unseen = (path: string): boolean => problems.some(({ file }) => isBelow(path, file));
  const mine = [...known.values()].filter((file) => file.owner === owner).map(({ key }) => key.file);
  const ledgers = paths.flatMap((path) => files.get(path)?.ledger ?? []);
  const put = ledgers.filter(({ file }) => fresh.has(file) || known.get(file)?.owner !== owner);
  const gone = mine.filter((file) => !own.has(file) && !unseen(file));
  const first = files.get(paths[0] ?? "");
  if (first === undefined) throw new Error(`unreachable: table ${name} has no files`);
  return planTable({
    database: survey.options.database, name, config: survey.config, settings: settingsAt(group, survey),
    facts: { group, classification: tableClassification(paths.flatMap((path) => files.get(path)?.classification ?? []), first.classification), ...mergedFacts(group, ledgers, files) },
    before: owner === undefined ? undefined : await beforeOf(owner, survey.services), putLedgers: put, deleteLedgers: gone, unseen,
    files: {
      new: put.filter(({ file }) => !known.has(file)).length, changed: put.filter(({ file }) => known.has(file) && fresh.has(file)).length,
      unchanged: ledgers.length - put.length, vanished: gone.filter((file) => !listed.has(file)).length,
    },
  });
}

/** Ledgers are merged once: of a partitioned table, those of its partitions. */
function mergedFacts({ partitions }: TableGroup, ledgers: readonly FileLedger[], files: Survey["files"]): Pick<TableFacts, "ledger" | "ledgerOf"> {
  const places = new Map(partitions.map((place) => [place.folder, mergeLedgers(place.files.flatMap(({ path }) => files.get(path)?.ledger ?? []))]));
  return { ledger: mergeLedgers(places.size > 0 ? [...places.values()] : ledgers), ledgerOf: (folder) => places.get(folder) ?? emptyLedger() };
}

/** Exclude patterns are those of the include path. */
function settingsAt({ include }: TableGroup, { settings, options, services }: Survey): TableSettings {
  const target = resolveTargets(options, services.storage).find(({ root }) => root === include);
  return { ...settings, exclusions: target?.exclusions ?? settings.exclusions };
}

/** The CSV file with the most columns names them; a header anywhere is a header of the table. Types asked for are those of files that they were asked of. */
function tableClassification(all: readonly Classification[], first: Classification): Classification {
  const datatypes = all.find((one) => one.datatypes !== undefined)?.datatypes;
  const widest = all.reduce((best, next) => ((next.csv?.columns.length ?? 0) > (best.csv?.columns.length ?? 0) || (best.csv?.generated === true && next.csv?.generated === false) ? next : best), first);
  return datatypes === undefined ? widest : { ...widest, datatypes };
}

async function beforeOf({ table }: KnownTable, { catalog }: CrawlServices): Promise<TableBefore> {
  const [last] = await catalog.getSchemaHistory(table.DatabaseName, table.Name, { newest: 1 });
  return { table, partitions: await allPartitions(catalog, table), schema: last?.schema };
}
