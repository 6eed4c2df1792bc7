/** A crawler as a node of a workflow: one crawl, to its end. */
import { setTimeout as pause } from "node:timers/promises";
import { getDefinition } from "../catalog/definitions/definition.js";
import type { Catalog } from "../catalog/index.js";
import { type CrawlerRecord, crawlerRef } from "../crawler/named/crawler-record.js";
import { beginCrawl } from "../crawler/named/run-crawler.js";
import { DynaframeError } from "../types/error.js";
import type { RunCrawler } from "./server-parts.js";

const POLL_MS = 50;

/**
 * The state that the crawl ended in: SUCCEEDED, FAILED or CANCELLED. A crawl of it that runs already is waited for
 * first; crawling twice does no harm.
 * @throws EntityNotFoundException
 */
export async function runCrawlerNode(
  services: {
    readonly catalog: Catalog;
    readonly newId: () => string;
    readonly now: () => number;
    readonly crawl: RunCrawler;
    readonly signal: AbortSignal;
  },
  name: string,
): Promise<string> {
  const { catalog, signal } = services;
  for (;;) {
    try {
      const { finished } = await beginCrawl(services, name);
      await finished.catch(() => undefined); // the crawler's record says how it ended
      return (await getDefinition<CrawlerRecord>(catalog, crawlerRef(name))).doc.lastCrawl?.Status ?? "FAILED";
    } catch (error) {
      if (!(error instanceof DynaframeError && error.code === "CRAWLER_RUNNING") || signal.aborted) throw error;
      await pause(POLL_MS);
    }
  }
}
