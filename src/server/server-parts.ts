import type { RunnerServices } from "../crawler/named/run-crawler.js";

/** Ports to parts of dynaframe that the composition root may give the server; without one its operations only keep state. */
export type ServerParts = {
  /** Runs a crawl to its end. */
  readonly runCrawler?: RunCrawler;
  /** Runs a job's script to its end; rejects with the reason when it fails. */
  readonly runJob?: RunJob;
  /** Connects with a connection's properties; rejects with the reason when that fails. */
  readonly testConnection?: (name: string, signal: AbortSignal) => Promise<void>;
};

/** Crawls as told; what it did. */
export type RunCrawler = RunnerServices["crawl"];

export type JobRequest = {
  readonly jobName: string;
  readonly runId: string;
  /** 0 for the first, counting retries. */
  readonly attempt: number;
  readonly settings: object;
  readonly arguments: { readonly [name: string]: string };
  readonly signal: AbortSignal;
};

export type RunJob = (request: JobRequest) => Promise<void>;
