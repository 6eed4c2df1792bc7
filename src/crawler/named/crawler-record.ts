/**
 * Crawlers as the catalog keeps them (entities of kind `crawler`, their crawls of kind `crawl`), and what Glue lets
 * them hold.
 */
import { checkCronExpression } from "../../catalog/definitions/cron-expression.js";
import type { Entity } from "../../catalog/index.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import { type CrawlerConfigArgs, effectiveCrawlerConfig } from "../crawler-config.js";

type S3Target = {
  readonly Path?: string;
  readonly Exclusions?: readonly string[];
  readonly ConnectionName?: string;
  readonly SampleSize?: number;
  readonly EventQueueArn?: string;
};
type JdbcTargetSettings = {
  readonly ConnectionName?: string;
  readonly Path?: string;
  readonly Exclusions?: readonly string[];
  readonly EnableAdditionalMetadata?: readonly string[];
};
type CatalogTargetSettings = {
  readonly DatabaseName: string;
  readonly Tables: readonly string[];
  readonly EventQueueArn?: string;
};
type DeltaTarget = { readonly DeltaTables?: readonly string[]; readonly ConnectionName?: string };
type IcebergTarget = {
  readonly Paths?: readonly string[];
  readonly Exclusions?: readonly string[];
  readonly ConnectionName?: string;
};
/** Glue's CrawlerTargets; kinds that are not named here can be kept and not crawled. */
export type NamedCrawlerTargets = {
  readonly S3Targets?: readonly S3Target[];
  readonly JdbcTargets?: readonly JdbcTargetSettings[];
  readonly CatalogTargets?: readonly CatalogTargetSettings[];
  readonly DeltaTargets?: readonly DeltaTarget[];
  readonly IcebergTargets?: readonly IcebergTarget[];
  readonly [kind: string]: unknown;
};

/** What CreateCrawler takes, without schedule and tags. */
export type CrawlerSettings = {
  readonly Name: string;
  readonly Role?: string;
  readonly Targets: NamedCrawlerTargets;
  readonly DatabaseName?: string;
  readonly Description?: string;
  readonly Classifiers?: readonly string[];
  readonly TablePrefix?: string;
  readonly Configuration?: string;
  readonly CrawlerSecurityConfiguration?: string;
  readonly SchemaChangePolicy?: { readonly UpdateBehavior?: string; readonly DeleteBehavior?: string };
  readonly RecrawlPolicy?: { readonly RecrawlBehavior?: string };
  readonly LineageConfiguration?: object;
  readonly LakeFormationConfiguration?: object;
};

/** One crawl of a crawler (CrawlerHistory of the API). Times in seconds since the epoch. */
export type NamedCrawl = {
  readonly CrawlId: string;
  readonly State: "RUNNING" | "COMPLETED" | "FAILED" | "STOPPED";
  readonly StartTime: number;
  readonly EndTime?: number;
  readonly ErrorMessage?: string;
  /** JSON: what the crawl did. */
  readonly Summary?: string;
  readonly LogGroup: string;
  readonly LogStream: string;
  readonly MessagePrefix: string;
};

/** The process that crawls; two processes may have had the same id, not begun at the same time. */
export type CrawlingProcess = { readonly host: string; readonly pid: number; readonly since: number };

export type CrawlerRecord = {
  readonly settings: CrawlerSettings;
  /** The runner starts the crawler by it while SCHEDULED. */
  readonly schedule?: { readonly ScheduleExpression: string; readonly State: "SCHEDULED" | "NOT_SCHEDULED" };
  readonly state: "READY" | "RUNNING" | "STOPPING";
  readonly running?: { readonly crawlId: string; readonly startedAt: number; readonly by?: CrawlingProcess };
  readonly lastCrawl?: {
    readonly Status: "SUCCEEDED" | "CANCELLED" | "FAILED";
    readonly ErrorMessage?: string;
    readonly StartTime: number;
    readonly LogGroup: string;
    readonly LogStream: string;
    readonly MessagePrefix: string;
  };
  readonly lastSeconds?: number;
  readonly totals: {
    readonly created: number;
    readonly updated: number;
    readonly deleted: number;
    readonly seconds: readonly number[];
  };
};

export const crawlerRef = (name: string) => ({ kind: "crawler", name });
export const LOG_GROUP = "/aws-glue/crawlers";

/** @throws InvalidInputException with the setting that Glue would refuse. */
export function checkCrawler(settings: CrawlerSettings, schedule: string | undefined): void {
  const {
    Targets: targets,
    SchemaChangePolicy: policy,
    RecrawlPolicy: recrawl,
    Configuration: configuration,
  } = settings;
  if (Object.values(targets).every((list) => !Array.isArray(list) || list.length === 0))
    throw invalidInput("A crawler needs at least one target", { path: "Targets" });
  effectiveCrawlerConfig({
    targets: {
      s3Targets: (targets.S3Targets ?? []).map(({ Path = "", Exclusions }) => ({
        path: Path,
        ...(Exclusions === undefined ? {} : { exclusions: Exclusions }),
      })),
      catalogTargets: (targets.CatalogTargets ?? []).map(({ DatabaseName, Tables }) => ({
        databaseName: DatabaseName,
        tables: Tables,
      })),
    },
    ...(policy === undefined
      ? {}
      : {
          schemaChangePolicy: {
            ...(policy.UpdateBehavior === undefined ? {} : { updateBehavior: policy.UpdateBehavior }),
            ...(policy.DeleteBehavior === undefined ? {} : { deleteBehavior: policy.DeleteBehavior }),
          },
        }),
    ...(recrawl?.RecrawlBehavior === undefined ? {} : { recrawlPolicy: { recrawlBehavior: recrawl.RecrawlBehavior } }),
    ...(configuration === undefined ? {} : { configuration }),
  } as CrawlerConfigArgs);
  const beside = Object.entries(targets).find(
    ([kind, list]) => kind !== "CatalogTargets" && Array.isArray(list) && list.length > 0,
  );
  if ((targets.CatalogTargets ?? []).length > 0 && beside !== undefined)
    throw invalidInput("Catalog targets stand alone", { path: `Targets.${beside[0]}` });
  if (schedule !== undefined && schedule !== "") checkCronExpression(schedule);
}

/** A crawler as GetCrawler gives it. */
export function crawlerOf({ doc, created, updated, version }: Entity<CrawlerRecord>, now: number): object {
  const { settings, schedule, state, running, lastCrawl } = doc;
  return {
    Classifiers: [],
    RecrawlPolicy: { RecrawlBehavior: "CRAWL_EVERYTHING" },
    SchemaChangePolicy: { UpdateBehavior: "UPDATE_IN_DATABASE", DeleteBehavior: "DEPRECATE_IN_DATABASE" },
    LineageConfiguration: { CrawlerLineageSettings: "DISABLE" },
    ...settings,
    State: state,
    CrawlElapsedTime: running === undefined ? 0 : Math.round((now - running.startedAt) * 1000),
    CreationTime: created,
    LastUpdated: updated,
    Version: version,
    ...(schedule === undefined ? {} : { Schedule: schedule }),
    ...(lastCrawl === undefined ? {} : { LastCrawl: lastCrawl }),
  };
}

/** A crawler as GetCrawlerMetrics gives it. */
export function crawlerMetrics({ name, doc: { totals, state, lastSeconds = 0 } }: Entity<CrawlerRecord>): object {
  const sorted = [...totals.seconds].sort((a, b) => a - b);
  return {
    CrawlerName: name,
    TimeLeftSeconds: 0,
    StillEstimating: state === "RUNNING",
    LastRuntimeSeconds: lastSeconds,
    MedianRuntimeSeconds: sorted[Math.floor(sorted.length / 2)] ?? 0,
    TablesCreated: totals.created,
    TablesUpdated: totals.updated,
    TablesDeleted: totals.deleted,
  };
}
