import { join } from "node:path";
import { forgetEvents, writePlan } from "./apply-plan.js";
import { openCheckpoint, type StrayFile } from "./checkpoint.js";
import { crawlFolder, leaseFolder } from "./crawl-folder.js";
import { takeCrawlLease } from "./crawl-lease.js";
import { type CrawlOptions, type CrawlServices, DEFAULT_CRAWLER } from "./crawl-options.js";
import { type CrawlReport, reportOf } from "./crawl-report.js";
import { withHistory } from "./history/crawl-history.js";
import { planCrawl, readingSettings } from "./plan-crawl.js";

/**
 * Crawls: plans and applies under one lease. A second crawl of the same database at the same time is CRAWLER_RUNNING; a
 * table changed by another meanwhile is PLAN_STALE, and nothing was written. After a kill, the next crawl with the same
 * settings takes over what was scanned of files that have not changed.
 */
export async function crawl(options: CrawlOptions, services: CrawlServices): Promise<CrawlReport> {
  const lease = await takeCrawlLease(leaseFolder(services), options.database);
  try {
    const folder = crawlFolder(services);
    const database = options.database.toLowerCase();
    const checkpoint = openCheckpoint(
      join(folder, `${database.replaceAll(/[^a-z0-9_.-]/g, "_")}.checkpoint`),
      readingSettings(options),
      services.checkpointMs,
    );
    return await withHistory(
      folder,
      { crawlerName: options.crawlerName ?? DEFAULT_CRAWLER, database },
      services.signal,
      async () => {
        let strays: readonly StrayFile[] | undefined;
        const plan = await planCrawl(options, {
          ...services,
          checkpoint,
          onStrays: (found) => {
            strays = found;
          },
        });
        services.signal?.throwIfAborted();
        await writePlan(plan, services.catalog);
        if (strays !== undefined || !plan.skipped.some(({ why }) => why === "STRAY")) checkpoint.finish(strays ?? []);
        await forgetEvents(plan, services);
        return { report: reportOf(plan, true), resumed: checkpoint.resumed() };
      },
    );
  } finally {
    await lease.release();
  }
}
