import type { CrawlReport } from "../crawl-report.js";

/** A crawl that was begun (CrawlerHistory of the Glue API). FAILED also when its process ended without a word. */
export type CrawlRecord = {
  readonly crawlId: string;
  readonly crawlerName: string;
  readonly database: string;
  readonly state: "RUNNING" | "COMPLETED" | "FAILED" | "STOPPED";
  /** Seconds since the epoch. */
  readonly startTime: number;
  readonly endTime?: number;
  readonly totals?: CrawlReport["totals"];
  /** Files that could not be crawled. */
  readonly problems?: number;
  /** Tables with what was done to each; unchanged ones are left out. */
  readonly tables?: readonly { readonly name: string; readonly action: string }[];
  /** Files taken over from a crawl that was killed. */
  readonly resumed?: number;
  readonly error?: { readonly code: string; readonly message: string };
};
