import { changeDefinition, createDefinition, deleteDefinition, getDefinition, hasDefinition } from "../../catalog/definitions/definition.js";
import { checkCronExpression } from "../../catalog/definitions/cron-expression.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import { DynaframeError } from "../../types/error.js";
import { checkCrawler, type Crawl, type CrawlerRecord, crawlerOf, crawlerRef, type CrawlerSettings } from "../crawler-record.js";
import { startCrawl, stopCrawl } from "../crawler-run.js";
import { batchGot, listed, listedNames } from "../definition-operations.js";
import { type OperationContext, operation, type OperationTable, refuseMembers } from "../operation.js";
import { type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";

type CreateCrawler = CrawlerSettings & { readonly Schedule?: string; readonly Tags?: Tags; readonly CatalogId?: string };
type Named = { readonly Name: string };
type ByCrawler = { readonly CrawlerName: string };

export const crawlerOperations = {
  CreateCrawler: operation(async ({ Schedule, Tags, CatalogId: _, ...settings }: CreateCrawler, context) => {
    checkCrawler(settings, Schedule);
    await requireClassifiers(context, settings.Classifiers);
    const record: CrawlerRecord = { settings, state: "READY", totals: { created: 0, updated: 0, deleted: 0, seconds: [] }, ...scheduleOf(Schedule) };
    await createDefinition(context.catalog, crawlerRef(settings.Name), record);
    await putTags(context, arnOf(context, "crawler", settings.Name), Tags);
    return {};
  }),
  GetCrawler: operation(async ({ Name }: Named, { catalog, now }) => ({ Crawler: crawlerOf(await getDefinition<CrawlerRecord>(catalog, crawlerRef(Name)), now()) })),
  GetCrawlers: operation(async (input: Paged, context) => listed<CrawlerRecord>(context, "crawler", input, "Crawlers", (entity) => crawlerOf(entity, context.now()))),
  BatchGetCrawlers: operation(async ({ CrawlerNames }: { CrawlerNames: readonly string[] }, context) =>
    batchGot<CrawlerRecord>(context, "crawler", CrawlerNames, "Crawlers", "CrawlersNotFound", (entity) => crawlerOf(entity, context.now()))),
  ListCrawlers: operation(async (input: Paged & { Tags?: Tags }, context) => listedNames(context, "crawler", "crawler", input, "CrawlerNames")),
  UpdateCrawler: operation(async ({ Schedule, CatalogId: _, ...changes }: Partial<CreateCrawler> & Named, context) => {
    await requireClassifiers(context, changes.Classifiers);
    await changeDefinition<CrawlerRecord>(context.catalog, crawlerRef(changes.Name), (doc) => {
      requireIdle(doc, changes.Name);
      const settings = { ...doc.settings, ...changes };
      checkCrawler(settings, Schedule);
      return { ...doc, settings, ...scheduleOf(Schedule) };
    });
    return {};
  }),
  DeleteCrawler: operation(async ({ Name }: Named, context) => {
    requireIdle((await getDefinition<CrawlerRecord>(context.catalog, crawlerRef(Name))).doc, Name);
    await deleteDefinition(context.catalog, crawlerRef(Name));
    await dropTags(context, arnOf(context, "crawler", Name));
    return {};
  }),
  StartCrawler: operation(async (input: Named, context) => {
    await startCrawl(context, input.Name);
    return {};
  }),
  StopCrawler: operation(async ({ Name }: Named, context) => {
    await stopCrawl(context, Name);
    return {};
  }),
  UpdateCrawlerSchedule: operation(async ({ CrawlerName, Schedule = "" }: ByCrawler & { Schedule?: string }, { catalog }) => {
    if (Schedule !== "") checkCronExpression(Schedule);
    await changeDefinition<CrawlerRecord>(catalog, crawlerRef(CrawlerName), ({ schedule: _, ...doc }) => ({ ...doc, ...scheduleOf(Schedule) }));
    return {};
  }),
  StartCrawlerSchedule: operation(async ({ CrawlerName }: ByCrawler, { catalog }) => {
    await changeDefinition<CrawlerRecord>(catalog, crawlerRef(CrawlerName), (doc) => {
      if (doc.schedule === undefined) throw glueError("NoScheduleException", `Crawler ${CrawlerName} has no schedule`, CrawlerName);
      if (doc.schedule.State === "SCHEDULED") throw glueError("SchedulerRunningException", `The schedule of crawler ${CrawlerName} is already running`, CrawlerName);
      return { ...doc, schedule: { ...doc.schedule, State: "SCHEDULED" } };
    });
    return {};
  }),
  StopCrawlerSchedule: operation(async ({ CrawlerName }: ByCrawler, { catalog }) => {
    await changeDefinition<CrawlerRecord>(catalog, crawlerRef(CrawlerName), (doc) => {
      if (doc.schedule?.State !== "SCHEDULED") throw glueError("SchedulerNotRunningException", `The schedule of crawler ${CrawlerName} is not running`, CrawlerName);
      return { ...doc, schedule: { ...doc.schedule, State: "NOT_SCHEDULED" } };
    });
    return {};
  }),
  GetCrawlerMetrics: operation(async (input: Paged & { CrawlerNameList?: readonly string[] }, context) => {
    if (!input.CrawlerNameList?.length) return listed<CrawlerRecord>(context, "crawler", input, "CrawlerMetricsList", ({ name, doc }) => metricsOf(name, doc));
    const all = await Promise.all(input.CrawlerNameList.map((name) => getDefinition<CrawlerRecord>(context.catalog, crawlerRef(name))));
    return { CrawlerMetricsList: all.map(({ name, doc }) => metricsOf(name, doc)) };
  }),
  ListCrawls: operation(async (input: ByCrawler & Paged, { catalog }) => {
    refuseMembers(input, "Filters");
    await getDefinition(catalog, crawlerRef(input.CrawlerName));
    const { items, nextToken } = await catalog.listEntities({ kind: "crawl", scope: input.CrawlerName }, { ...pageOf(input), newestFirst: true });
    return { Crawls: items.map(({ doc }) => doc as Crawl), ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
  }),
} satisfies OperationTable;

const scheduleOf = (expression: string | undefined): Pick<CrawlerRecord, "schedule"> =>
  (expression === undefined || expression === "" ? {} : { schedule: { ScheduleExpression: expression, State: "SCHEDULED" } });

function requireIdle({ state }: CrawlerRecord, name: string): void {
  if (state !== "READY") throw new DynaframeError("CRAWLER_RUNNING", `Crawler with name ${name} is ${state.toLowerCase()}`, { name: "CrawlerRunningException", path: name });
}

async function requireClassifiers({ catalog }: OperationContext, names: readonly string[] = []): Promise<void> {
  for (const name of names) if (!await hasDefinition(catalog, { kind: "classifier", name })) throw invalidInput(`There is no classifier ${name}`, { path: "Classifiers", found: name });
}

function metricsOf(name: string, { totals, state, lastSeconds = 0 }: CrawlerRecord): object {
  const sorted = [...totals.seconds].sort((a, b) => a - b);
  return {
    CrawlerName: name, TimeLeftSeconds: 0, StillEstimating: state === "RUNNING", LastRuntimeSeconds: lastSeconds, MedianRuntimeSeconds: sorted[Math.floor(sorted.length / 2)] ?? 0,
    TablesCreated: totals.created, TablesUpdated: totals.updated, TablesDeleted: totals.deleted,
  };
}

const glueError = (name: string, message: string, path: string): DynaframeError => new DynaframeError("INVALID_STATE", message, { name, path });
