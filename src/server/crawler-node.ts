/** A crawler as a node of a workflow: one crawl, to its end. */
import { setTimeout as pause } from "node:timers/promises";
import { getDefinition } from "../catalog/definitions/definition.js";
import type { Catalog } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import { crawlPart } from "./crawl-part.js";
import { type CrawlerRecord, crawlerRef } from "./crawler-record.js";
import { startCrawl, stopCrawl } from "./crawler-run.js";

const POLL_MS = 50;

/**
 * The state that the crawl ended in: SUCCEEDED, FAILED or CANCELLED. A crawl of it that runs already is waited for first; crawling twice does no
 * harm. @throws EntityNotFoundException
 */
export async function runCrawlerNode(catalog: Catalog, name: string, newId: () => string, signal: AbortSignal): Promise<string> {
  const works: Promise<void>[] = [];
  for (;;) {
    try {
      await startCrawl({
        catalog, runCrawler: crawlPart(catalog.address), now: () => Date.now() / 1000, newId, signal, accountId: "", region: "", requestId: "", background: { add: (work) => { works.push(work); } },
      }, name);
      break;
    } catch (error) {
      if (!(error instanceof DynaframeError && error.code === "CRAWLER_RUNNING") || signal.aborted) throw error;
      await pause(POLL_MS);
    }
  }
  const stop = (): void => { void stopCrawl({ catalog, now: () => Date.now() / 1000, newId, signal, accountId: "", region: "", requestId: "", background: { add: () => undefined } }, name).catch(() => undefined); };
  signal.addEventListener("abort", stop, { once: true });
  await Promise.all(works);
  signal.removeEventListener("abort", stop);
  return (await getDefinition<CrawlerRecord>(catalog, crawlerRef(name))).doc.lastCrawl?.Status ?? "FAILED";
}
