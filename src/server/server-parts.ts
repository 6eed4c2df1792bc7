/** Ports to parts of dynaframe that the composition root may give the server; without one its operations only keep state. */
import type { RunJob } from "../job/run/run-job.js";
export type ServerParts = {
  /** Runs a crawl to its end. */
  readonly runCrawler?: RunCrawler;
  /** Runs a job's script to its end; rejects with the reason when it fails. */
  readonly runJob?: RunJob;
  /** Connects with a connection's properties; rejects with the reason when that fails. */
  readonly testConnection?: (name: string, signal: AbortSignal) => Promise<void>;
};

export type CrawlRequest = {
  readonly name: string;
  readonly database: string;
  readonly includes: readonly { readonly path: string; readonly exclusions: readonly string[] }[];
  readonly tablePrefix?: string;
  readonly schemaChangePolicy?: { readonly updateBehavior?: string; readonly deleteBehavior?: string };
  readonly recrawlBehavior?: string;
  readonly configuration?: string;
  readonly signal: AbortSignal;
};

export type CrawlOutcome = { readonly tablesCreated: number; readonly tablesUpdated: number; readonly tablesDeleted: number };

export type RunCrawler = (request: CrawlRequest) => Promise<CrawlOutcome>;
