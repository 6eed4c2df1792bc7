import { forgetEvents, leaseFolder, writePlan } from "./apply-plan.js";
import { takeCrawlLease } from "./crawl-lease.js";
import type { CrawlOptions, CrawlServices } from "./crawl-options.js";
import { type CrawlReport, reportOf } from "./crawl-report.js";
import { planCrawl } from "./plan-crawl.js";

/**
 * Crawls: plans and applies under one lease. A second crawl of the same database at the same time is CRAWLER_RUNNING; a table changed
 * by another meanwhile is PLAN_STALE, and nothing was written.
 */
export async function crawl(options: CrawlOptions, services: CrawlServices): Promise<CrawlReport> {
  const lease = await takeCrawlLease(leaseFolder(services), options.database);
  try {
    const plan = await planCrawl(options, services);
    services.signal?.throwIfAborted();
    await writePlan(plan, services.catalog);
    await forgetEvents(plan, services);
    return reportOf(plan, true);
  } finally {
    await lease.release();
  }
}
