import { getDefinition } from "../../catalog/definitions/definition.js";
import {
  createCrawler,
  deleteCrawler,
  startSchedule,
  stopSchedule,
  updateCrawler,
  updateSchedule,
} from "../../crawler/named/crawler-definitions.js";
import { type CrawlFilter, matchesFilters } from "../../crawler/named/crawl-filters.js";
import {
  crawlerMetrics,
  crawlerOf,
  type CrawlerRecord,
  crawlerRef,
  type CrawlerSettings,
} from "../../crawler/named/crawler-record.js";
import { crawlsOf, stopCrawl } from "../../crawler/named/run-crawler.js";
import { startCrawl } from "../crawler-run.js";
import { batchGot, listed, listedNames } from "../definition-operations.js";
import { operation, type OperationTable } from "../operation.js";
import { paged } from "../page-of-list.js";
import { type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";

type CreateCrawler = CrawlerSettings & {
  readonly Schedule?: string;
  readonly Tags?: Tags;
  readonly CatalogId?: string;
};
type Named = { readonly Name: string };
type ByCrawler = { readonly CrawlerName: string };

export const crawlerOperations = {
  CreateCrawler: operation(async ({ Schedule, Tags, CatalogId: _, ...settings }: CreateCrawler, context) => {
    await createCrawler(context.catalog, settings, Schedule);
    await putTags(context, arnOf(context, "crawler", settings.Name), Tags);
    return {};
  }),
  GetCrawler: operation(async ({ Name }: Named, { catalog, now }) => ({
    Crawler: crawlerOf(await getDefinition<CrawlerRecord>(catalog, crawlerRef(Name)), now()),
  })),
  GetCrawlers: operation(async (input: Paged, context) =>
    listed<CrawlerRecord>(context, "crawler", input, "Crawlers", (entity) => crawlerOf(entity, context.now())),
  ),
  BatchGetCrawlers: operation(async ({ CrawlerNames }: { CrawlerNames: readonly string[] }, context) =>
    batchGot<CrawlerRecord>(context, "crawler", CrawlerNames, "Crawlers", "CrawlersNotFound", (entity) =>
      crawlerOf(entity, context.now()),
    ),
  ),
  ListCrawlers: operation(async (input: Paged & { Tags?: Tags }, context) =>
    listedNames(context, "crawler", "crawler", input, "CrawlerNames"),
  ),
  UpdateCrawler: operation(
    async ({ Schedule, CatalogId: _, ...changes }: Partial<CreateCrawler> & Named, { catalog }) => {
      await updateCrawler(catalog, changes, Schedule);
      return {};
    },
  ),
  DeleteCrawler: operation(async ({ Name }: Named, context) => {
    await deleteCrawler(context.catalog, Name);
    await dropTags(context, arnOf(context, "crawler", Name));
    return {};
  }),
  StartCrawler: operation(async (input: Named, context) => {
    await startCrawl(context, input.Name);
    return {};
  }),
  StopCrawler: operation(async ({ Name }: Named, { catalog }) => {
    await stopCrawl(catalog, Name);
    return {};
  }),
  UpdateCrawlerSchedule: operation(
    async ({ CrawlerName, Schedule = "" }: ByCrawler & { Schedule?: string }, { catalog }) => {
      await updateSchedule(catalog, CrawlerName, Schedule);
      return {};
    },
  ),
  StartCrawlerSchedule: operation(async ({ CrawlerName }: ByCrawler, { catalog }) => {
    await startSchedule(catalog, CrawlerName);
    return {};
  }),
  StopCrawlerSchedule: operation(async ({ CrawlerName }: ByCrawler, { catalog }) => {
    await stopSchedule(catalog, CrawlerName);
    return {};
  }),
  GetCrawlerMetrics: operation(async (input: Paged & { CrawlerNameList?: readonly string[] }, context) => {
    if (!input.CrawlerNameList?.length)
      return listed<CrawlerRecord>(context, "crawler", input, "CrawlerMetricsList", crawlerMetrics);
    const all = await Promise.all(
      input.CrawlerNameList.map((name) => getDefinition<CrawlerRecord>(context.catalog, crawlerRef(name))),
    );
    return { CrawlerMetricsList: all.map(crawlerMetrics) };
  }),
  ListCrawls: operation(async (input: ByCrawler & Paged & { Filters?: readonly CrawlFilter[] }, { catalog }) => {
    await getDefinition(catalog, crawlerRef(input.CrawlerName));
    const { Filters: filters = [] } = input;
    const crawls = (await crawlsOf(catalog, input.CrawlerName)).filter((crawl) => matchesFilters(crawl, filters));
    return paged("Crawls", crawls, pageOf(input), ["crawls", input.CrawlerName, JSON.stringify(filters)]);
  }),
} satisfies OperationTable;
