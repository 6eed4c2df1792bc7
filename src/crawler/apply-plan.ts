import type { Catalog, TableChange } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import { takeCrawlLease } from "./crawl-lease.js";
import { crawlFolder, leaseFolder } from "./crawl-folder.js";
import { type CrawlServices, DEFAULT_CRAWLER } from "./crawl-options.js";
import type { CrawlPlan, PlannedInclude } from "./crawl-plan.js";
import { type CrawlReport, reportOf } from "./crawl-report.js";
import { lookAt } from "./consider-files.js";
import { withHistory } from "./history/crawl-history.js";
import { eventQueueOf } from "./events/open-queue.js";
import { listIncludes } from "./list-includes.js";

/**
 * Does exactly what the plan says, in one transaction of the catalog. Refuses with PLAN_STALE, changing
 * nothing, when the files or the tables are no longer those the plan was made from.
 */
export async function applyPlan(plan: CrawlPlan, services: CrawlServices): Promise<CrawlReport> {
  const lease = await takeCrawlLease(leaseFolder(services), plan.options.database);
  try {
    return await withHistory(
      crawlFolder(services),
      { crawlerName: plan.options.crawlerName ?? DEFAULT_CRAWLER, database: plan.options.database.toLowerCase() },
      services.signal,
      async () => {
        await checkFiles(plan, services);
        await checkTables(plan, services.catalog);
        await writePlan(plan, services.catalog);
        await forgetEvents(plan, services);
        return { report: reportOf(plan, true), resumed: 0 };
      },
    );
  } finally {
    await lease.release();
  }
}

/** Messages go when what they said is in the catalog, so that a crash leaves them for the next crawl. */
export async function forgetEvents({ events, options }: CrawlPlan, services: CrawlServices): Promise<void> {
  if (events !== undefined && events.receipts.length > 0)
    await eventQueueOf(options, services)?.delete(events.receipts);
}

async function checkFiles(plan: CrawlPlan, services: CrawlServices): Promise<void> {
  const touched = plan.events?.touched;
  const { includes } =
    touched === undefined
      ? await listIncludes(plan.options, services)
      : (await lookAt(touched, plan.options, services, new Map())).listing;
  const before = new Map(plan.includes.map((include) => [include.root, include]));
  for (const { root, fingerprint, files, bytes } of includes) {
    const planned = before.get(root);
    if (planned?.fingerprint === fingerprint) continue;
    throw stale(
      root,
      `the files at ${root} have changed since the plan was made`,
      planned === undefined ? "not in the plan" : listingText(planned),
      listingText({ files: files.length, bytes, fingerprint }),
    );
  }
}

/** Rewritten files may be as many and as large as before. */
const listingText = ({ files, bytes, fingerprint }: Pick<PlannedInclude, "files" | "bytes" | "fingerprint">): string =>
  `${files} files, ${bytes} bytes (fingerprint ${fingerprint.slice(0, 8)})`;

async function checkTables(plan: CrawlPlan, catalog: Catalog): Promise<void> {
  for (const [name, version] of Object.entries(plan.tableVersions)) {
    const now = await versionNow(catalog, plan.options.database, name);
    if (now !== version)
      throw stale(
        name,
        `table ${plan.options.database}.${name} has changed since the plan was made`,
        versionText(version),
        versionText(now),
      );
  }
}

const versionText = (version: string): string => (version === "" ? "no such table" : `version ${version}`);

async function versionNow(catalog: Catalog, database: string, name: string): Promise<string> {
  try {
    return (await catalog.getTable(database, name)).VersionId;
  } catch (error) {
    if (error instanceof Error && error.name === "EntityNotFoundException") return "";
    throw error;
  }
}

/**
 * Writes the plan in one transaction of the catalog; a table changed by another at the last moment is PLAN_STALE, and
 * nothing was written.
 */
export async function writePlan(plan: CrawlPlan, catalog: Catalog): Promise<void> {
  const { database } = plan.options;
  const [first, ...rest] = [
    ...plan.changes.map((change) => withIndex(change, plan)),
    ...plan.deletions.map((name) => dropOf(name, plan)),
  ];
  if (first === undefined) {
    if (plan.createDatabase) await createDatabase(catalog, database);
    return;
  }
  try {
    await catalog.applyTableChanges([plan.createDatabase ? { ...first, createDatabase: true } : first, ...rest]);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ConcurrentModificationException") throw error;
    const at = error instanceof DynaframeError ? error : undefined;
    throw stale(
      at?.path ?? database,
      `a table of ${database} was changed while the plan was applied`,
      at?.expected ?? "",
      at?.found ?? "",
    );
  }
}

const dropOf = (name: string, { options: { database }, tableVersions }: CrawlPlan): TableChange => ({
  database,
  table: { Name: name },
  drop: true,
  ...(tableVersions[name] === undefined ? {} : { ifVersion: tableVersions[name] }),
});

const INDEX_NAME = "crawler_partition_index";
/** Keys of a table that an index can hold. */
const MOST_KEYS = 8;

/** CreatePartitionIndex: one index over all keys; a table that has one keeps it. */
function withIndex(change: TableChange, { config, tables }: CrawlPlan): TableChange {
  const table = config.createPartitionIndex ? tables.find(({ name }) => name === change.table.Name) : undefined;
  if (
    table === undefined
    || table.partitionKeys.length === 0
    || (table.action !== "create" && table.action !== "update")
  )
    return change;
  return { ...change, partitionIndex: { IndexName: INDEX_NAME, Keys: table.partitionKeys.slice(0, MOST_KEYS) } };
}

async function createDatabase(catalog: Catalog, name: string): Promise<void> {
  try {
    await catalog.createDatabase({ Name: name });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "AlreadyExistsException") throw error; // made by another meanwhile
  }
}

const stale = (path: string, message: string, expected: string, found: string): DynaframeError =>
  new DynaframeError("PLAN_STALE", message, {
    path,
    expected,
    found,
    hint: "Make a new plan and look at it before applying.",
  });
