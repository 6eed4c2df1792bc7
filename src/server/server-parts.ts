import type { ConnectionInput } from "../catalog/index.js";
import type { StatisticsData } from "./statistics-record.js";

/** Ports to parts of dynaframe that the composition root may give the server; without one its operations only keep state. */
export type ServerParts = {
  /** Runs a crawl to its end. */
  readonly runCrawler?: RunCrawler;
  /** Runs a job's script to its end; rejects with the reason when it fails. */
  readonly runJob?: RunJob;
  /** Connects with a connection's properties, its secrets among them; rejects with the reason when that fails. */
  readonly testConnection?: (connection: ConnectionInput) => Promise<void>;
  /** Computes statistics of a table's columns. */
  readonly analyzeTable?: AnalyzeTable;
};

export type AnalyzeTable = (request: { readonly database: string; readonly table: string; readonly columns: readonly string[]; readonly signal: AbortSignal }) => Promise<readonly { readonly column: string; readonly data: StatisticsData }[]>;

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
