/** Files to tables: groups them, names the groups, and plans what becomes of each. */
import type { FileLedger } from "../shapes/ledger.js";
import { emptyLedger, mergeLedgers } from "../shapes/merge-ledgers.js";
import { DynaframeError } from "../types/error.js";
import { type Classification, compatibilityKey } from "./classify/classification.js";
import type { LedgerKeeper } from "./compact-ledger.js";
import type { CrawlServices, SkippedFile } from "./crawl-options.js";
import { resolveTargets } from "./crawl-target.js";
import { findStrays } from "./find-strays.js";
import type { GroupFile } from "./group/folder-tree.js";
import { groupTables, type TableGroup } from "./group/group-tables.js";
import { allPartitions, isBelow, type KnownTable } from "./known-tables.js";
import { loggedGroup } from "./logged-tables.js";
import { planTable, type TableBefore, type TableOutcome } from "./plan-table.js";
import type { Survey, SurveyedFile } from "./survey-files.js";
import { DEPRECATED_BY, SETTINGS_PARAMETER, type TableFacts, type TableSettings } from "./table-input.js";
import { nameTables } from "./table-name.js";

/**
 * A plan for each table that the files make, and the files that belong to none.
 * @throws TABLE_THRESHOLD_EXCEEDED.
 */
export async function planTables(
  survey: Survey,
): Promise<{ readonly outcomes: readonly TableOutcome[]; readonly strays: readonly SkippedFile[] }> {
  const pinned = pinnedLocations(survey);
  const strays = findStrays(survey, pinned);
  const apart = new Set(strays.map(({ file }) => file));
  const groups = survey.includes.flatMap(({ root, files }) => {
    const own = files.flatMap(({ path }) => (apart.has(path) ? [] : groupFile(survey.files.get(path), survey.keeper)));
    const tables = [...survey.logged].map(([folder, table]) => ({
      folder,
      table,
      files: own.filter(({ path }) => isBelow(path, folder)),
    }));
    const inLogged = new Set(tables.flatMap(({ files: all }) => all.map(({ path }) => path)));
    const others = inLogged.size === 0 ? own : own.filter(({ path }) => !inLogged.has(path));
    const groups = [
      ...tables.flatMap(({ folder, table, files: all }) => (all.length === 0 ? [] : [loggedGroup(folder, table, all)])),
      ...groupTables(root, others, groupOptions(survey, root, pinned)),
    ];
    return groups.map((group) => ({ ...group, include: root }));
  });
  const most = survey.config.tableThreshold;
  if (most !== undefined && groups.length > most) {
    throw new DynaframeError(
      "TABLE_THRESHOLD_EXCEEDED",
      `The number of tables detected by crawler: ${groups.length} is greater than the table threshold value provided: ${most}.`,
      {
        path: "configuration.CrawlerOutput.Tables.TableThreshold",
        expected: `at most ${most}`,
        found: String(groups.length),
        hint: "Nothing was changed. A dry run without the threshold shows the tables and why they are apart.",
      },
    );
  }
  const names = namesOf(groups, survey);
  const outcomes: TableOutcome[] = [];
  for (const group of groups) outcomes.push(await planGroup(group, names.get(group.location) ?? group.name, survey));
  return { outcomes, strays };
}

/** Locations of the tables that an earlier crawl with the same settings made. */
const pinnedLocations = ({ inside, settings }: Survey): ReadonlySet<string> =>
  new Set(
    inside
      .filter(
        ({ table: { Parameters } }) =>
          Parameters?.[SETTINGS_PARAMETER] === settings.settings && Parameters[DEPRECATED_BY] === undefined,
      )
      .flatMap(({ location }) => location ?? []),
  );

function groupFile(file: SurveyedFile | undefined, { typeOf }: LedgerKeeper): readonly GroupFile[] {
  if (file === undefined) return [];
  const { ref, classification, ledger } = file;
  return [
    {
      path: ref.path,
      compatibility: compatibilityKey(classification),
      schema: typeOf(ledger),
      generatedNames: classification.csv?.generated === true,
    },
  ];
}

function groupOptions({ config, options, services }: Survey, root: string, pinned: ReadonlySet<string>) {
  const bucket =
    options.bucket === undefined ? (/^s3:\/\/[^/]+/.exec(root)?.[0] ?? root) : services.storage.resolve(options.bucket);
  const rootLevel = isBelow(root, bucket) ? root.slice(bucket.length).split("/").length : 1;
  return {
    combineCompatible: config.tableGroupingPolicy === "CombineCompatibleSchemas",
    rootLevel,
    pinned,
    ...(config.tableLevel === undefined ? {} : { tableLevel: config.tableLevel }),
  };
}

/** A table that is there for a location keeps its name; the names of all other tables are taken. */
function namesOf(groups: readonly TableGroup[], { all, options }: Survey): ReadonlyMap<string, string> {
  const existing = new Map(
    all.flatMap(({ table, location }) => (location === undefined ? [] : [[location, table.Name] as const])),
  );
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
    database: survey.options.database,
    name,
    config: survey.config,
    settings: settingsAt(group, survey),
    facts: {
      group,
      classification: tableClassification(
        paths.flatMap((path) => files.get(path)?.classification ?? []),
        first.classification,
      ),
      ...mergedFacts(group, ledgers, files),
    },
    before: owner === undefined ? undefined : await beforeOf(owner, survey.services),
    putLedgers: put,
    deleteLedgers: gone,
    unseen,
    files: {
      new: put.filter(({ file }) => !known.has(file)).length,
      changed: put.filter(({ file }) => known.has(file) && fresh.has(file)).length,
      unchanged: ledgers.length - put.length,
      vanished: gone.filter((file) => !listed.has(file)).length,
    },
  });
}

/** Ledgers are merged once: of a partitioned table, those of its partitions. */
function mergedFacts(
  { partitions }: TableGroup,
  ledgers: readonly FileLedger[],
  files: Survey["files"],
): Pick<TableFacts, "ledger" | "ledgerOf"> {
  const places = new Map(
    partitions.map((place) => [
      place.folder,
      mergeLedgers(place.files.flatMap(({ path }) => files.get(path)?.ledger ?? [])),
    ]),
  );
  return {
    ledger: mergeLedgers(places.size > 0 ? [...places.values()] : ledgers),
    ledgerOf: (folder) => places.get(folder) ?? emptyLedger(),
  };
}

/** Exclude patterns are those of the include path. */
function settingsAt({ include }: TableGroup, { settings, options, services }: Survey): TableSettings {
  const target = resolveTargets(options, services.storage).find(({ root }) => root === include);
  return { ...settings, exclusions: target?.exclusions ?? settings.exclusions };
}

/**
 * The CSV file with the most columns names them; a header anywhere is a header of the table. Types asked for are those
 * of files that they were asked of.
 */
function tableClassification(all: readonly Classification[], first: Classification): Classification {
  const datatypes = all.find((one) => one.datatypes !== undefined)?.datatypes;
  const widest = all.reduce(
    (best, next) =>
      (next.csv?.columns.length ?? 0) > (best.csv?.columns.length ?? 0)
      || (best.csv?.generated === true && next.csv?.generated === false)
        ? next
        : best,
    first,
  );
  return datatypes === undefined ? widest : { ...widest, datatypes };
}

async function beforeOf({ table }: KnownTable, { catalog }: CrawlServices): Promise<TableBefore> {
  const [last] = await catalog.getSchemaHistory(table.DatabaseName, table.Name, { newest: 1 });
  return { table, partitions: await allPartitions(catalog, table), schema: last?.schema };
}
