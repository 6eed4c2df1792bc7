/**
 * The one composition root: wires engines, stores and storages by address. Everything heavy is loaded when it is first
 * used.
 */
import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { catalogFolder, folderBeside } from "./catalog/catalog-folder.js";
import { folderSecrets } from "./catalog/folder-secrets.js";
import { keyFiles } from "./catalog/key-files.js";
import { s3ConnectionSettings } from "./catalog/s3-connection.js";
import type { SecretResolver } from "./catalog/secret-resolver.js";
import { openWhenUsed } from "./catalog/stores/sqlite/open-when-used.js";
import type { Catalog } from "./catalog/index.js";
import { parquetRows } from "./dynamicframe/sources/parquet-rows.js";
import { DynamicFrameContext } from "./dynamicframe/glue-context.js";
import { duckdbEngine } from "./engine/duckdb/index.js";
import type { CrawlOptions, CrawlServices } from "./crawler/crawl-options.js";
import type { CrawlPlan } from "./crawler/crawl-plan.js";
import type { CrawlReport } from "./crawler/crawl-report.js";
import type { BlameReport, BlameRequest } from "./crawler/drift/blame-path.js";
import type { DriftReport } from "./crawler/drift/drift-report.js";
import type { DiffRequest, DriftRequest } from "./crawler/drift/tell-drift.js";
import type { NamedCrawlers } from "./crawler/named/named-crawlers.js";
import type { CrawlRecord } from "./crawler/history/crawl-record.js";
import type { Engine, RunOptions } from "./engine/index.js";
import { nearestName } from "./types/nearest-name.js";
import { fileStorage } from "./storage/file.js";
import { hidingFiles } from "./storage/hidden-files.js";
import type { Storage } from "./storage/index.js";
import { combineStorages } from "./storage/registry.js";
import { s3Storage, type S3Settings } from "./storage/s3/index.js";
import type { NamedBlueprints } from "./workflow/blueprint/named-blueprints.js";
import { DynaframeError } from "./types/error.js";
import { requireList, requireOptions, requireRun, requireText, requireTexts } from "./dynamicframe/require-text.js";

/** What `GlueContext.open` takes; all of it may be left out. An option that there is not is BAD_OPTION. */
export type OpenOptions = {
  /**
   * A folder (SQLite inside), `http://host:port` (a dynaframe server) or `aws:<region>` (the Glue service). Default:
   * `DYNAFRAME_CATALOG`, then `./.dynaframe`.
   */
  readonly catalog?: string;
  /** Default true: a folder without a catalog becomes one. False: it is CATALOG_NOT_FOUND, and nothing is made. */
  readonly createCatalog?: boolean;
  /**
   * `duckdb` (default), in this process; `sc://host:port`, a Spark Connect server; `spark-local`, a Spark server on
   * this machine that is started when needed and ends when idle; or `reference`, the slow oracle used by tests. A
   * cluster must see the staging folder (see `stagingPath`) and what is written.
   */
  readonly engine?: string;
  /**
   * e.g. "512MB": what the engine keeps in memory; the rest spills to staging. Default: `DYNAFRAME_MEMORY_LIMIT`, which
   * a job run sets.
   */
  readonly memoryLimit?: string;
  /** Engine threads and scan workers; default: `DYNAFRAME_THREADS`, then the cores, at most 8. */
  readonly threads?: number;
  /** Folder for intermediate files; default: `staging` in the catalog's folder. */
  readonly stagingPath?: string;
  /**
   * Default true, but false inside of forEachBatch, whose batches may lack it: a verb that names a path which no record
   * has fails with UNKNOWN_PATH. False: it passes it over, as Glue does. Each call may say otherwise.
   */
  readonly strictPaths?: boolean;
  /** Told once per thing worth knowing that is no error, with a stable code; default: a line on standard error. */
  readonly onWarning?: (code: string, message: string) => void;
  /**
   * How `s3://` is reached where no connection is named; default: as the AWS SDK finds it. `httpfs` is DuckDB's reader
   * of Parquet on S3: `auto` (used where the user has installed the extension), `off`, or the path of the extension's
   * file.
   */
  readonly s3?: S3Settings & { readonly httpfs?: string };
  /** Takes what `glue.getLogger()` logs; default: lines on standard error. */
  readonly onLog?: (level: "trace" | "debug" | "info" | "warn" | "error", message: string) => void;
  /** The job's arguments; transforms use `TempDir`. */
  readonly resolvedOptions?: { readonly [name: string]: unknown };
  /** The clock, in milliseconds since the epoch; default Date.now. */
  readonly now?: () => number;
  /** Gives what SECRET_ID of a connection stands for; default: the folder that `DYNAFRAME_SECRETS` names. */
  readonly secrets?: SecretResolver;
};

const OPEN_OPTIONS: { readonly [name in keyof OpenOptions]-?: true } = {
  catalog: true,
  createCatalog: true,
  engine: true,
  memoryLimit: true,
  threads: true,
  stagingPath: true,
  strictPaths: true,
  onWarning: true,
  s3: true,
  onLog: true,
  resolvedOptions: true,
  now: true,
  secrets: true,
};

/** @throws BAD_OPTION with the nearest name for one that there is not, as calls of sources and sinks do */
function checkOpenOptions(options: OpenOptions): void {
  const known = Object.keys(OPEN_OPTIONS);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  throw new DynaframeError("BAD_OPTION", `GlueContext.open has no option ${unknown}.`, {
    path: unknown,
    found: unknown,
    expected: known.join(", "),
    hint: near === undefined ? `Its options are ${known.join(", ")}.` : `Did you mean ${near}?`,
  });
}

/** @throws BAD_ARGUMENT where there is no database to crawl into, or no list of what to crawl */
function requireCrawl(call: string, options: CrawlOptions): void {
  requireTexts(call, options, "database");
  requireList(call, "includes", options.includes);
}

/** `events`: what CRAWL_EVENT_MODE reads. */
export type CrawlRunOptions = RunOptions & Pick<CrawlServices, "events">;

/**
 * A catalog, an engine and the frames made with them. Nothing is read or started before it is needed; `close()` frees
 * all of it.
 * @see https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
 * @example
 * await using glue = await GlueContext.open({ catalog: "./.dynaframe" });
 * await glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "orders" }).printSchema();
 */
export class GlueContext extends DynamicFrameContext {
  /**
   * Opens a context; close it, or use `await using`.
   * @throws BAD_OPTION, UNSUPPORTED_ENGINE; CATALOG_NOT_FOUND with `createCatalog: false`
   */
  static async open(options: OpenOptions = {}): Promise<GlueContext> {
    requireOptions("GlueContext.open", options);
    checkOpenOptions(options);
    for (const name of ["catalog", "engine", "memoryLimit", "stagingPath"] as const)
      if (options[name] !== undefined) requireText("GlueContext.open", name, options[name]);
    const address = options.catalog ?? process.env.DYNAFRAME_CATALOG ?? "./.dynaframe";
    const engine = await engineOf(options.engine ?? "duckdb"); // first: one that there is not makes no catalog
    const catalog = await openCatalog(address, { create: options.createCatalog ?? true });
    const { secrets = defaultSecrets() } = options;
    const memoryLimit = options.memoryLimit ?? process.env.DYNAFRAME_MEMORY_LIMIT;
    return new GlueContext({
      catalog,
      secrets,
      storage: storageOf(catalog, secrets, options.s3),
      engine,
      stagingRoot: resolve(options.stagingPath ?? join(folderBeside(address), "staging")),
      threads: options.threads ?? (Number(process.env.DYNAFRAME_THREADS) || Math.min(8, availableParallelism())),
      ...(options.s3?.httpfs === undefined ? {} : { httpfs: options.s3.httpfs }),
      ...(memoryLimit === undefined ? {} : { memoryLimit }),
      ...(options.strictPaths === undefined ? {} : { strictPaths: options.strictPaths }),
      ...(options.onWarning ? { onWarning: options.onWarning } : {}),
      ...(options.onLog ? { onLog: options.onLog } : {}),
      ...(options.resolvedOptions ? { resolvedOptions: options.resolvedOptions } : {}),
      ...(options.now ? { now: options.now } : {}),
    });
  }

  /**
   * Crawls files into tables of the catalog, in one transaction. A second crawl of the database at the same time is
   * CRAWLER_RUNNING.
   */
  async crawl(options: CrawlOptions, run: CrawlRunOptions = {}): Promise<CrawlReport> {
    requireCrawl("crawl", options);
    const { crawl } = await import("./crawler/crawl.js");
    return crawl(options, this.#crawlServices(run));
  }

  /** What a crawl would do, as plain data that `applyPlan` takes later; changes nothing. */
  async planCrawl(options: CrawlOptions, run: CrawlRunOptions = {}): Promise<CrawlPlan> {
    requireCrawl("planCrawl", options);
    const { planCrawl } = await import("./crawler/plan-crawl.js");
    return planCrawl(options, this.#crawlServices(run));
  }

  /** Does exactly what the plan says; PLAN_STALE when files or tables have changed since. */
  async applyPlan(plan: CrawlPlan, run: CrawlRunOptions = {}): Promise<CrawlReport> {
    requireTexts("applyPlan: plan.options", plan === null || plan === undefined ? plan : plan.options, "database");
    const { applyPlan } = await import("./crawler/apply-plan.js");
    return applyPlan(plan, this.#crawlServices(run));
  }

  /** The crawls there were, newest first; of one database, or all. */
  async crawls(database?: string): Promise<readonly CrawlRecord[]> {
    if (database !== undefined) requireText("crawls", "database", database);
    const { listCrawls } = await import("./crawler/history/crawl-history.js");
    const { crawlFolder } = await import("./crawler/crawl-folder.js");
    return listCrawls(crawlFolder({ catalog: this.catalog }), database);
  }

  /** Crawlers that the catalog keeps by name: definitions, runs, schedules, history. */
  async crawlers(run: Omit<CrawlRunOptions, "signal"> = {}): Promise<NamedCrawlers> {
    const { namedCrawlers } = await import("./crawler/named/named-crawlers.js");
    return namedCrawlers({
      catalog: this.catalog,
      now: () => Date.now() / 1000,
      newId: () => randomUUID(),
      crawl: (options, signal) => this.crawl(options, { ...run, signal }),
    });
  }

  /**
   * Layouts of workflows that the catalog keeps by name. `packageEntry`: the file of this package, for code that finds
   * it in no node_modules of its own.
   */
  async blueprints(options: { readonly packageEntry?: string } = {}): Promise<NamedBlueprints> {
    requireOptions("blueprints", options);
    const { packageEntry } = options;
    const [{ namedBlueprints }, { layoutProcess }] = await Promise.all([
      import("./workflow/blueprint/named-blueprints.js"),
      import("./workflow/blueprint/layout-process.js"),
    ]);
    return namedBlueprints({
      catalog: this.catalog,
      storage: this.environment.session.storage,
      call: layoutProcess(packageEntry),
      now: () => Date.now() / 1000,
      newId: () => randomUUID().replaceAll("-", ""),
    });
  }

  /** What changed of a table's exact type since a version or a time, whom it breaks, and which data brought it. */
  async drift(request: DriftRequest): Promise<DriftReport> {
    requireTexts("drift", request, "database", "tableName");
    const { tellDrift } = await import("./crawler/drift/tell-drift.js");
    return tellDrift(this.catalog, request);
  }

  /** What one version of a table changed against another; `to` defaults to the present one. */
  async diff(request: DiffRequest): Promise<DriftReport> {
    requireTexts("diff", request, "database", "tableName");
    const { diffVersions } = await import("./crawler/drift/tell-drift.js");
    return diffVersions(this.catalog, request);
  }

  /** Which versions and which data made a path what it is. */
  async blame(request: BlameRequest): Promise<BlameReport> {
    requireTexts("blame", request, "database", "tableName");
    const { blamePath } = await import("./crawler/drift/blame-path.js");
    return blamePath(this.catalog, request);
  }

  #crawlServices(given: CrawlRunOptions): CrawlServices {
    requireRun("crawl", given);
    const { events, ...run } = given;
    const { session } = this.environment;
    return {
      ...session.scanContext(run),
      catalog: this.catalog,
      secrets: session.secrets,
      parquetRows: parquetRows(session, run),
      ...(events === undefined ? {} : { events }),
    };
  }
}

/** S3's part loads the SDK when a bucket is first touched. */
export function storageOf(catalog: Catalog, secrets: SecretResolver, s3: S3Settings = {}): Storage {
  const folder = catalogFolder(catalog.address);
  return combineStorages([
    folder === undefined ? fileStorage() : hidingFiles(fileStorage(), () => keyFiles(folder)),
    s3Storage((connection) => (connection === undefined ? s3 : s3ConnectionSettings(catalog, connection, secrets))),
  ]);
}

/** What SECRET_ID stands for where nobody says how to look it up. */
export const defaultSecrets = (): SecretResolver => folderSecrets(process.env.DYNAFRAME_SECRETS);

export type CatalogOptions = {
  /** Milliseconds since the epoch; default Date.now. */
  readonly clock?: () => number;
  /** The account that the catalog's objects name; default 123456789012. */
  readonly accountId?: string;
  /** False: a folder without a catalog is CATALOG_NOT_FOUND. */
  readonly create?: boolean;
};

/** The catalog at an address. @throws UNSUPPORTED_CATALOG, and as the store does. */
export async function openCatalog(address: string, options: CatalogOptions = {}): Promise<Catalog> {
  if (/^https?:/i.test(address)) return (await import("./catalog/stores/http/index.js")).openHttpCatalog(address);
  if (/^aws:/i.test(address)) return (await import("./catalog/stores/aws/index.js")).openAwsCatalog(address);
  return openWhenUsed(address, options);
}

async function engineOf(name: string): Promise<Engine> {
  switch (name) {
    case "duckdb":
      return duckdbEngine;
    case "reference":
      return (await import("./engine/reference/index.js")).referenceEngine;
    case "spark-local":
      return (await import("./engine/spark/index.js")).sparkLocalEngine;
    default:
      if (name.startsWith("sc://")) return (await import("./engine/spark/index.js")).sparkEngine(name);
      throw new DynaframeError("UNSUPPORTED_ENGINE", `There is no engine ${name}.`, {
        expected: "duckdb, spark-local or sc://host:port",
        found: name,
        hint: "duckdb runs in this process; spark-local starts Apache Spark on this machine; sc://host:port connects to a Spark Connect server.",
      });
  }
}
