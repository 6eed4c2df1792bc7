/**
 * Making, changing and deleting crawlers, and switching their schedules: what the command and the server have in
 * common.
 */
import {
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
  hasDefinition,
} from "../../catalog/definitions/definition.js";
import { checkCronExpression } from "../../catalog/definitions/cron-expression.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import type { EntityStore } from "../../catalog/entity.js";
import { DynaframeError } from "../../types/error.js";
import { checkCrawler, type CrawlerRecord, crawlerRef, type CrawlerSettings } from "./crawler-record.js";

/** @throws InvalidInputException, AlreadyExistsException. */
export async function createCrawler(store: EntityStore, settings: CrawlerSettings, schedule?: string): Promise<void> {
  const record = newCrawler(settings, schedule);
  await requireClassifiers(store, settings.Classifiers);
  await createDefinition(store, crawlerRef(settings.Name), record);
}

/** One that has not crawled yet. @throws InvalidInputException. */
export function newCrawler(settings: CrawlerSettings, schedule?: string): CrawlerRecord {
  checkCrawler(settings, schedule);
  return {
    settings,
    state: "READY",
    totals: { created: 0, updated: 0, deleted: 0, seconds: [] },
    ...scheduleOf(schedule),
  };
}

/**
 * Settings that are not named stay.
 * @throws EntityNotFoundException, CrawlerRunningException, InvalidInputException.
 */
export async function updateCrawler(
  store: EntityStore,
  changes: Partial<CrawlerSettings> & Pick<CrawlerSettings, "Name">,
  schedule?: string,
): Promise<void> {
  await requireClassifiers(store, changes.Classifiers);
  await changeDefinition<CrawlerRecord>(store, crawlerRef(changes.Name), (doc) => {
    requireIdle(doc, changes.Name);
    const settings = { ...doc.settings, ...changes };
    checkCrawler(settings, schedule);
    requireSamePaths(doc.settings, settings);
    return { ...doc, settings, ...scheduleOf(schedule) };
  });
}

/** @throws EntityNotFoundException, CrawlerRunningException. Its tables and the record of its crawls stay. */
export async function deleteCrawler(store: EntityStore, name: string): Promise<void> {
  requireIdle((await getDefinition<CrawlerRecord>(store, crawlerRef(name))).doc, name);
  await deleteDefinition(store, crawlerRef(name));
}

/** An empty text takes the schedule away. */
export async function updateSchedule(store: EntityStore, name: string, schedule: string): Promise<void> {
  if (schedule !== "") checkCronExpression(schedule);
  await changeDefinition<CrawlerRecord>(store, crawlerRef(name), ({ schedule: _, ...doc }) => ({
    ...doc,
    ...scheduleOf(schedule),
  }));
}

/** @throws NoScheduleException, SchedulerRunningException. */
export async function startSchedule(store: EntityStore, name: string): Promise<void> {
  await changeDefinition<CrawlerRecord>(store, crawlerRef(name), (doc) => {
    if (doc.schedule === undefined) throw stateError("NoScheduleException", `Crawler ${name} has no schedule`, name);
    if (doc.schedule.State === "SCHEDULED")
      throw stateError("SchedulerRunningException", `The schedule of crawler ${name} is already running`, name);
    return { ...doc, schedule: { ...doc.schedule, State: "SCHEDULED" } };
  });
}

/** @throws SchedulerNotRunningException. */
export async function stopSchedule(store: EntityStore, name: string): Promise<void> {
  await changeDefinition<CrawlerRecord>(store, crawlerRef(name), (doc) => {
    if (doc.schedule?.State !== "SCHEDULED")
      throw stateError("SchedulerNotRunningException", `The schedule of crawler ${name} is not running`, name);
    return { ...doc, schedule: { ...doc.schedule, State: "NOT_SCHEDULED" } };
  });
}

const scheduleOf = (expression: string | undefined): Pick<CrawlerRecord, "schedule"> =>
  expression === undefined || expression === ""
    ? {}
    : { schedule: { ScheduleExpression: expression, State: "SCHEDULED" } };

function requireIdle({ state }: CrawlerRecord, name: string): void {
  if (state !== "READY")
    throw new DynaframeError("CRAWLER_RUNNING", `Crawler with name ${name} is ${state.toLowerCase()}`, {
      name: "CrawlerRunningException",
      path: name,
    });
}

/** Folders crawled before are passed over: those of another path never were (developer guide, "Incremental crawls"). */
function requireSamePaths(before: CrawlerSettings, after: CrawlerSettings): void {
  const paths = ({ Targets }: CrawlerSettings): string =>
    JSON.stringify((Targets.S3Targets ?? []).map(({ Path = "" }) => Path).sort());
  const incremental = ({ RecrawlPolicy }: CrawlerSettings): boolean =>
    RecrawlPolicy?.RecrawlBehavior === "CRAWL_NEW_FOLDERS_ONLY";
  if (incremental(before) && incremental(after) && paths(before) !== paths(after)) {
    throw invalidInput("The S3 targets of a crawler that crawls new folders only cannot be changed", {
      path: "Targets",
      expected: paths(before),
      found: paths(after),
      hint: "Make another crawler, or crawl everything once.",
    });
  }
}

async function requireClassifiers(store: EntityStore, names: readonly string[] = []): Promise<void> {
  for (const name of names)
    if (!(await hasDefinition(store, { kind: "classifier", name })))
      throw invalidInput(`There is no classifier ${name}`, { path: "Classifiers", found: name });
}

const stateError = (name: string, message: string, path: string): DynaframeError =>
  new DynaframeError("INVALID_STATE", message, { name, path });
