/** Runs a crawler: the state machine READY → RUNNING (→ STOPPING) → READY around a real crawl. */
import { changeDefinition } from "../catalog/definitions/definition.js";
import { DynaframeError } from "../types/error.js";
import { type Crawl, type CrawlerRecord, type CrawlerSettings, crawlerRef, LOG_GROUP } from "./crawler-record.js";
import type { OperationContext } from "./operation.js";
import { isProcessGone, stoppable } from "./running-work.js";
import type { CrawlOutcome, RunCrawler } from "./server-parts.js";

const glueError = (name: string, code: string, message: string, path: string): DynaframeError => new DynaframeError(code, message, { name, path });

/** Starts in the background; resolves once the crawler is RUNNING. @throws CrawlerRunningException, OperationNotSupportedException without a part that crawls. */
export async function startCrawl(context: OperationContext, name: string): Promise<void> {
  const { catalog, runCrawler } = context;
  if (runCrawler === undefined) throw glueError("OperationNotSupportedException", "UNSUPPORTED", "This server cannot crawl", name);
  const crawlId = context.newId();
  const record = await changeDefinition<CrawlerRecord>(catalog, crawlerRef(name), (doc) => {
    if (doc.state !== "READY" && !isStale(doc)) throw glueError("CrawlerRunningException", "CRAWLER_RUNNING", `Crawler with name ${name} has already started`, name);
    return { ...doc, state: "RUNNING", running: { crawlId, startedAt: context.now(), pid: process.pid } };
  });
  const logs = { LogGroup: LOG_GROUP, LogStream: name, MessagePrefix: crawlId };
  const crawl: Crawl = { CrawlId: crawlId, State: "RUNNING", StartTime: context.now(), ...logs };
  await catalog.changeEntities([{ ref: crawlRef(name, crawlId), doc: crawl }]);
  context.background.add(run(context, runCrawler, record.settings, crawl));
}

/** @throws CrawlerNotRunningException, CrawlerStoppingException. */
export async function stopCrawl({ catalog }: OperationContext, name: string): Promise<void> {
  await changeDefinition<CrawlerRecord>(catalog, crawlerRef(name), (doc) => {
    if (doc.state === "READY") throw glueError("CrawlerNotRunningException", "INVALID_STATE", `Crawler with name ${name} is not running`, name);
    if (doc.state === "STOPPING") throw glueError("CrawlerStoppingException", "INVALID_STATE", `Crawler with name ${name} is stopping`, name);
    return { ...doc, state: "STOPPING" };
  });
}

const crawlRef = (crawler: string, crawlId: string) => ({ kind: "crawl", scope: crawler, name: crawlId });

/** A crawl whose process is gone will not end by itself. */
const isStale = ({ running }: CrawlerRecord): boolean => running === undefined || isProcessGone(running.pid);

async function run(context: OperationContext, runCrawler: RunCrawler, settings: CrawlerSettings, crawl: Crawl): Promise<void> {
  const { catalog } = context;
  const { Name: name } = settings;
  const { outcome, failure, stopped } = await stoppable<CrawlerRecord, CrawlOutcome>(context, crawlerRef(name), (doc) => doc.state === "STOPPING", async (signal) => runCrawler({ ...requestOf(settings), signal }));
  const end = context.now();
  const state = outcome !== undefined ? "COMPLETED" : stopped ? "STOPPED" : "FAILED";
  const message = failure === undefined || state === "STOPPED" ? {} : { ErrorMessage: failure instanceof DynaframeError ? failure.message : "The crawl failed; see the server's log." };
  const done: Crawl = { ...crawl, State: state, EndTime: end, ...message, ...(outcome === undefined ? {} : { Summary: JSON.stringify(outcome) }) };
  try {
    await catalog.changeEntities([{ ref: crawlRef(name, crawl.CrawlId), doc: done }]);
    await changeDefinition<CrawlerRecord>(catalog, crawlerRef(name), ({ running: _, ...doc }) => ({
      ...doc, state: "READY", lastSeconds: end - crawl.StartTime,
      lastCrawl: {
        Status: state === "COMPLETED" ? "SUCCEEDED" : state === "STOPPED" ? "CANCELLED" : "FAILED", StartTime: crawl.StartTime, LogGroup: crawl.LogGroup, LogStream: crawl.LogStream, MessagePrefix: crawl.MessagePrefix, ...message,
      },
      totals: {
        created: doc.totals.created + (outcome?.tablesCreated ?? 0), updated: doc.totals.updated + (outcome?.tablesUpdated ?? 0), deleted: doc.totals.deleted + (outcome?.tablesDeleted ?? 0),
        seconds: [...doc.totals.seconds, end - crawl.StartTime].slice(-100),
      },
    }));
  } catch (error) {
    // a crawler deleted meanwhile keeps no record of its last crawl
    if (!(error instanceof DynaframeError)) throw error;
  }
}

function requestOf({ Name, DatabaseName, Targets, TablePrefix, SchemaChangePolicy: policy, RecrawlPolicy: recrawl, Configuration }: CrawlerSettings) {
  const unsupported = Object.entries(Targets).find(([kind, list]) => kind !== "S3Targets" && Array.isArray(list) && list.length > 0);
  if (unsupported !== undefined) throw glueError("OperationNotSupportedException", "UNSUPPORTED", `Targets of kind ${unsupported[0]} cannot be crawled`, Name);
  return {
    name: Name, database: DatabaseName ?? "default", includes: (Targets.S3Targets ?? []).map(({ Path = "", Exclusions = [] }) => ({ path: Path, exclusions: Exclusions })),
    ...(TablePrefix === undefined ? {} : { tablePrefix: TablePrefix }), ...(Configuration === undefined ? {} : { configuration: Configuration }),
    ...(policy === undefined ? {} : { schemaChangePolicy: { ...(policy.UpdateBehavior === undefined ? {} : { updateBehavior: policy.UpdateBehavior }), ...(policy.DeleteBehavior === undefined ? {} : { deleteBehavior: policy.DeleteBehavior }) } }),
    ...(recrawl?.RecrawlBehavior === undefined ? {} : { recrawlBehavior: recrawl.RecrawlBehavior }),
  };
}
