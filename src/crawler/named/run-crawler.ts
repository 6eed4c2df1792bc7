/**
 * Runs a crawler: READY → RUNNING (→ STOPPING) → READY around a real crawl. The change to RUNNING is the lease: the
 * catalog lets one process make it. A crawler whose process ended without a word can be started again.
 */
import { allDefinitions, changeDefinition } from "../../catalog/definitions/definition.js";
import type { EntityStore } from "../../catalog/entity.js";
import { processLives } from "../../storage/lease.js";
import { thisHost } from "../../storage/this-host.js";
import { DynaframeError } from "../../types/error.js";
import type { CrawlOptions } from "../crawl-options.js";
import type { CrawlReport } from "../crawl-report.js";
import { type CrawlerRecord, crawlerRef, type CrawlingProcess, LOG_GROUP, type NamedCrawl } from "./crawler-record.js";
import { namedCrawlOptions } from "./named-crawl-options.js";

/** What a crawl of a crawler did. */
export type CrawlOutcome = Pick<CrawlReport, "totals" | "problems">;

export type RunnerServices = {
  readonly catalog: EntityStore;
  readonly crawl: (options: CrawlOptions, signal: AbortSignal) => Promise<CrawlOutcome>;
  /** Seconds since the epoch. */
  readonly now: () => number;
  readonly newId: () => string;
  /** Ends the crawl. */
  readonly signal: AbortSignal;
  /** How often a running crawl looks whether it was told to stop, in milliseconds; default 100. */
  readonly pollMs?: number;
};

/** A crawl that has begun; `finished` rejects as the crawl does, once the crawler is READY again. */
export type BegunCrawl = { readonly crawlId: string; readonly finished: Promise<CrawlOutcome> };

/** Resolves once the crawler is RUNNING. @throws CrawlerRunningException, EntityNotFoundException. */
export async function beginCrawl(services: RunnerServices, name: string): Promise<BegunCrawl> {
  const { catalog, now } = services;
  const crawlId = services.newId();
  const record = await changeDefinition<CrawlerRecord>(catalog, crawlerRef(name), (doc) => {
    if (doc.state !== "READY" && lives(doc.running?.by)) {
      throw new DynaframeError("CRAWLER_RUNNING", `Crawler with name ${name} has already started`, {
        name: "CrawlerRunningException",
        path: name,
        hint: "Wait until it has finished, or stop it.",
      });
    }
    return { ...doc, state: "RUNNING", running: { crawlId, startedAt: now(), by: thisProcess() } };
  });
  const crawl: NamedCrawl = {
    CrawlId: crawlId,
    State: "RUNNING",
    StartTime: now(),
    LogGroup: LOG_GROUP,
    LogStream: name,
    MessagePrefix: crawlId,
  };
  await catalog.changeEntities([{ ref: crawlRef(name, crawlId), doc: crawl }]);
  return { crawlId, finished: run(services, record, crawl) };
}

/**
 * Tells a running crawl to stop; of a crawler whose process is gone, that it is READY.
 * @throws CrawlerNotRunningException, CrawlerStoppingException.
 */
export async function stopCrawl(catalog: EntityStore, name: string): Promise<void> {
  await changeDefinition<CrawlerRecord>(catalog, crawlerRef(name), ({ running, ...doc }) => {
    if (doc.state === "READY")
      throw new DynaframeError("INVALID_STATE", `Crawler with name ${name} is not running`, {
        name: "CrawlerNotRunningException",
        path: name,
      });
    if (!lives(running?.by)) return { ...doc, state: "READY" };
    if (doc.state === "STOPPING")
      throw new DynaframeError("INVALID_STATE", `Crawler with name ${name} is stopping`, {
        name: "CrawlerStoppingException",
        path: name,
      });
    return { ...doc, ...(running === undefined ? {} : { running }), state: "STOPPING" };
  });
}

/** The crawls of a crawler, newest first. One whose process ended without a word is FAILED. */
export async function crawlsOf(catalog: EntityStore, name: string): Promise<readonly NamedCrawl[]> {
  const record = (await catalog.getEntity(crawlerRef(name)))?.doc as CrawlerRecord | undefined;
  const all = await allDefinitions<NamedCrawl>(catalog, { kind: "crawl", scope: name });
  const dead = (crawl: NamedCrawl): boolean =>
    crawl.State === "RUNNING" && !(record?.running?.crawlId === crawl.CrawlId && lives(record.running.by));
  return all
    .map(({ doc }) => (dead(doc) ? { ...doc, State: "FAILED" as const, ErrorMessage: PROCESS_ENDED } : doc))
    .sort((a, b) => b.StartTime - a.StartTime || (a.CrawlId < b.CrawlId ? 1 : -1));
}

const PROCESS_ENDED = "The process ended before the crawl did; the catalog is as it was before it.";

const crawlRef = (crawler: string, crawlId: string) => ({ kind: "crawl", scope: crawler, name: crawlId });

const thisProcess = (): CrawlingProcess => ({
  host: thisHost(),
  pid: process.pid,
  since: Math.floor(performance.timeOrigin),
});

/** Of a process on another machine nobody here knows more than that it began. */
function lives(by: CrawlingProcess | undefined): boolean {
  if (by === undefined) return false;
  const own = thisProcess();
  if (by.host !== own.host) return true;
  return by.pid === own.pid ? by.since === own.since : processLives(by.pid);
}

const POLL_MS = 100;

async function run(services: RunnerServices, { settings }: CrawlerRecord, crawl: NamedCrawl): Promise<CrawlOutcome> {
  const { catalog, signal, pollMs = POLL_MS } = services;
  const stop = new AbortController();
  const abort = (): void => {
    stop.abort();
  };
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const watch = setInterval(() => {
    void catalog.getEntity(crawlerRef(settings.Name)).then(
      (entity) => {
        if ((entity?.doc as CrawlerRecord | undefined)?.state === "STOPPING") abort();
      },
      () => undefined,
    );
  }, pollMs);
  try {
    const outcome = await services.crawl(await namedCrawlOptions(catalog, settings), stop.signal);
    const [problem] = outcome.problems;
    await finish(
      services,
      settings.Name,
      crawl,
      problem === undefined
        ? { state: "COMPLETED", outcome }
        : {
            state: "FAILED",
            outcome,
            message: `${outcome.problems.length} files could not be crawled, the first ${problem.file}: ${problem.message}`,
          },
    );
    return outcome;
  } catch (error) {
    const message =
      error instanceof DynaframeError ? error.message : "The crawl failed; see the log of the process that ran it.";
    await finish(
      services,
      settings.Name,
      crawl,
      stop.signal.aborted ? { state: "STOPPED" } : { state: "FAILED", message },
    );
    if (!stop.signal.aborted || signal.aborted) throw error;
    throw new DynaframeError("CRAWL_STOPPED", `The crawl of ${settings.Name} was stopped.`, {
      path: settings.Name,
      cause: error,
      hint: "The catalog is as it was before it. Start the crawler again.",
    });
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", abort);
  }
}

type End = {
  readonly state: "COMPLETED" | "FAILED" | "STOPPED";
  readonly outcome?: CrawlOutcome;
  readonly message?: string;
};

const STATUS = { COMPLETED: "SUCCEEDED", STOPPED: "CANCELLED", FAILED: "FAILED" } as const;
/** Durations kept, for the median. */
const KEPT_DURATIONS = 100;

async function finish(
  { catalog, now }: RunnerServices,
  name: string,
  crawl: NamedCrawl,
  { state, outcome, message }: End,
): Promise<void> {
  const end = now();
  const { created = 0, updated = 0, deleted = 0, deprecated = 0 } = outcome?.totals ?? {};
  const summary = { tablesCreated: created, tablesUpdated: updated, tablesDeleted: deleted + deprecated };
  const told = message === undefined ? {} : { ErrorMessage: message };
  const done: NamedCrawl = {
    ...crawl,
    State: state,
    EndTime: end,
    ...told,
    ...(outcome === undefined ? {} : { Summary: JSON.stringify({ ...summary, ...outcome.totals }) }),
  };
  await catalog.changeEntities([{ ref: crawlRef(name, crawl.CrawlId), doc: done }]);
  try {
    await changeDefinition<CrawlerRecord>(catalog, crawlerRef(name), (doc) => {
      if (doc.running?.crawlId !== crawl.CrawlId) return doc; // another crawl took it over
      const { running: _, ...rest } = doc;
      const { totals } = doc;
      return {
        ...rest,
        state: "READY",
        lastSeconds: end - crawl.StartTime,
        lastCrawl: {
          Status: STATUS[state],
          StartTime: crawl.StartTime,
          LogGroup: crawl.LogGroup,
          LogStream: crawl.LogStream,
          MessagePrefix: crawl.MessagePrefix,
          ...told,
        },
        totals: {
          created: totals.created + summary.tablesCreated,
          updated: totals.updated + summary.tablesUpdated,
          deleted: totals.deleted + summary.tablesDeleted,
          seconds: [...totals.seconds, end - crawl.StartTime].slice(-KEPT_DURATIONS),
        },
      };
    });
  } catch (error) {
    // a crawler deleted meanwhile keeps no record of its last crawl
    if (!(error instanceof DynaframeError) || error.code !== "ENTITY_NOT_FOUND") throw error;
  }
}
