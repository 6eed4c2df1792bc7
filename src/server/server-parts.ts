import type { Catalog, ConnectionInput } from "../catalog/index.js";
import type { RunnerServices } from "../crawler/named/run-crawler.js";
import type { SessionHost } from "../devendpoint/session-host.js";
import type { RunJob } from "../job/run/run-job.js";
import type { BlueprintServices } from "../workflow/blueprint/blueprints.js";
import type { EvaluateRules } from "./quality/quality-part.js";
import type { StatisticsData } from "./statistics-record.js";

/**
 * Ports to parts of dynaframe that the composition root may give the server; without one its operations only keep
 * state.
 */
export type ServerParts = {
  /** Runs a crawl to its end. */
  readonly runCrawler?: RunCrawler;
  /** Runs a job's script to its end; rejects with the reason when it fails. */
  readonly runJob?: RunJob;
  /** Connects with a connection's properties, its secrets among them; rejects with the reason when that fails. */
  readonly testConnection?: (connection: ConnectionInput) => Promise<void>;
  /** Starts the process of a development endpoint and waits until it is ready; the record tells how it went. */
  readonly startEndpoint?: (catalog: Catalog, name: string) => Promise<unknown>;
  /** The code of endpoints that it makes may read the catalog's key file. */
  readonly isKeyGiven?: boolean;
  /** Computes statistics of a table's columns. */
  readonly analyzeTable?: AnalyzeTable;
  /** Evaluates rules of data quality. */
  readonly evaluateRules?: EvaluateRules;
  /** Reads blueprints, and calls their code. */
  readonly blueprints?: {
    readonly storage: (catalog: Catalog) => BlueprintServices["storage"];
    readonly call: BlueprintServices["call"];
  };
  /** Runs interactive sessions. */
  readonly sessions?: SessionHost;
};

export type AnalyzeTable = (request: {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly signal: AbortSignal;
}) => Promise<readonly { readonly column: string; readonly data: StatisticsData }[]>;

/** Crawls as told; what it did. */
export type RunCrawler = RunnerServices["crawl"];
