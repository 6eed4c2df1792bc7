/** Crawlers by name: `glue.crawlers()`. */
import { allDefinitions, getDefinition } from "../../catalog/definitions/definition.js";
import type { EntityStore } from "../../catalog/entity.js";
import type { CrawlOptions } from "../crawl-options.js";
import type { CrawlReport } from "../crawl-report.js";
import {
  createCrawler,
  deleteCrawler,
  startSchedule,
  stopSchedule,
  updateCrawler,
  updateSchedule,
} from "./crawler-definitions.js";
import {
  crawlerMetrics,
  crawlerOf,
  type CrawlerRecord,
  crawlerRef,
  type CrawlerSettings,
  type NamedCrawl,
} from "./crawler-record.js";
import { beginCrawl, crawlsOf, stopCrawl } from "./run-crawler.js";

/** A crawler as GetCrawler gives it. */
export type NamedCrawler = CrawlerSettings & {
  readonly State: CrawlerRecord["state"];
  readonly CrawlElapsedTime: number;
  readonly CreationTime: number;
  readonly LastUpdated: number;
  readonly Version: number;
  readonly Schedule?: CrawlerRecord["schedule"];
  readonly LastCrawl?: CrawlerRecord["lastCrawl"];
};
/** As GetCrawlerMetrics gives them. Times in seconds. */
export type CrawlerMetrics = {
  readonly CrawlerName: string;
  readonly StillEstimating: boolean;
  readonly TimeLeftSeconds: number;
  readonly LastRuntimeSeconds: number;
  readonly MedianRuntimeSeconds: number;
  readonly TablesCreated: number;
  readonly TablesUpdated: number;
  readonly TablesDeleted: number;
};

/**
 * Crawlers that the catalog keeps, in the API's spelling, so that one made here can be started through the server and
 * the other way round. Every call on a crawler that is not there is ENTITY_NOT_FOUND; settings that Glue would refuse
 * are INVALID_INPUT or INVALID_CRAWLER.
 */
export type NamedCrawlers = {
  create(settings: CrawlerSettings, schedule?: string): Promise<void>;
  get(name: string): Promise<NamedCrawler>;
  list(): Promise<readonly NamedCrawler[]>;
  /** Settings that are not named stay. CRAWLER_RUNNING while it runs. */
  update(changes: Partial<CrawlerSettings> & Pick<CrawlerSettings, "Name">, schedule?: string): Promise<void>;
  /** Its tables stay. */
  delete(name: string): Promise<void>;
  /** Crawls, and gives the report. CRAWLER_RUNNING while it runs already, here or elsewhere. */
  start(name: string, signal?: AbortSignal): Promise<CrawlReport>;
  /** Tells the crawl, wherever it runs, to stop; the catalog is then as before it. */
  stop(name: string): Promise<void>;
  /** `cron(…)`; an empty text takes it away, `start` and `stop` keep it. */
  schedule(name: string, change: "start" | "stop" | { readonly expression: string }): Promise<void>;
  /** Newest first. */
  history(name: string): Promise<readonly NamedCrawl[]>;
  metrics(name?: string): Promise<readonly CrawlerMetrics[]>;
};

export type NamedCrawlersServices = {
  readonly catalog: EntityStore;
  readonly crawl: (options: CrawlOptions, signal: AbortSignal) => Promise<CrawlReport>;
  /** Seconds since the epoch. */
  readonly now: () => number;
  readonly newId: () => string;
};

export function namedCrawlers({ catalog, crawl, now, newId }: NamedCrawlersServices): NamedCrawlers {
  const all = () => allDefinitions<CrawlerRecord>(catalog, { kind: "crawler" });
  const one = (name: string) => getDefinition<CrawlerRecord>(catalog, crawlerRef(name));
  return Object.freeze({
    create: (settings, schedule) => createCrawler(catalog, settings, schedule),
    get: async (name) => crawlerOf(await one(name), now()) as NamedCrawler,
    list: async () => (await all()).map((entity) => crawlerOf(entity, now()) as NamedCrawler),
    update: (changes, schedule) => updateCrawler(catalog, changes, schedule),
    delete: (name) => deleteCrawler(catalog, name),
    start: async (name, signal = new AbortController().signal) => {
      let report: CrawlReport | undefined;
      const { finished } = await beginCrawl(
        { catalog, now, newId, signal, crawl: async (options, stop) => (report = await crawl(options, stop)) },
        name,
      );
      await finished;
      if (report === undefined) throw new Error("unreachable: a crawl that finished has a report");
      return report;
    },
    stop: (name) => stopCrawl(catalog, name),
    schedule: async (name, change) => {
      if (change === "start") return startSchedule(catalog, name);
      return change === "stop" ? stopSchedule(catalog, name) : updateSchedule(catalog, name, change.expression);
    },
    history: async (name) => {
      await one(name);
      return crawlsOf(catalog, name);
    },
    metrics: async (name) =>
      (name === undefined ? await all() : [await one(name)]).map((entity) => crawlerMetrics(entity) as CrawlerMetrics),
  } satisfies NamedCrawlers);
}
