/** Starts crawlers in the background of the server. */
import { beginCrawl } from "../crawler/named/run-crawler.js";
import { DynaframeError } from "../types/error.js";
import type { OperationContext } from "./operation.js";

/**
 * Resolves once the crawler is RUNNING.
 * @throws CrawlerRunningException, OperationNotSupportedException without a part that crawls.
 */
export async function startCrawl(
  { catalog, now, newId, signal, runCrawler, background }: OperationContext,
  name: string,
): Promise<void> {
  if (runCrawler === undefined)
    throw new DynaframeError("UNSUPPORTED", "This server cannot crawl", {
      name: "OperationNotSupportedException",
      path: name,
    });
  const { finished } = await beginCrawl({ catalog, now, newId, signal, crawl: runCrawler }, name);
  background.add(
    finished.then(
      () => undefined,
      () => undefined,
    ),
  ); // the crawler's record says how it ended
}
