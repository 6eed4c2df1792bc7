/** Crawlers as the catalog keeps them, and what Glue lets them hold. */
import { checkCronExpression } from "../catalog/definitions/cron-expression.js";
import type { Entity } from "../catalog/index.js";
import { invalidInput } from "../catalog/catalog-errors.js";
import { type CrawlerConfigArgs, effectiveCrawlerConfig } from "../crawler/crawler-config.js";

type S3Target = { readonly Path?: string; readonly Exclusions?: readonly string[] };
type CatalogTarget = { readonly DatabaseName: string; readonly Tables: readonly string[] };
export type CrawlerTargets = { readonly S3Targets?: readonly S3Target[]; readonly CatalogTargets?: readonly CatalogTarget[]; readonly [kind: string]: unknown };

export type CrawlerSettings = {
  readonly Name: string; readonly Role: string; readonly Targets: CrawlerTargets; readonly DatabaseName?: string; readonly Description?: string;
  readonly Classifiers?: readonly string[]; readonly TablePrefix?: string; readonly Configuration?: string; readonly CrawlerSecurityConfiguration?: string;
  readonly SchemaChangePolicy?: { readonly UpdateBehavior?: string; readonly DeleteBehavior?: string };
  readonly RecrawlPolicy?: { readonly RecrawlBehavior?: string }; readonly LineageConfiguration?: object; readonly LakeFormationConfiguration?: object;
};

export type Crawl = {
  readonly CrawlId: string; readonly State: "RUNNING" | "COMPLETED" | "FAILED" | "STOPPED"; readonly StartTime: number; readonly EndTime?: number; readonly ErrorMessage?: string;
  readonly Summary?: string; readonly LogGroup: string; readonly LogStream: string; readonly MessagePrefix: string;
};

export type CrawlerRecord = {
  readonly settings: CrawlerSettings;
  readonly schedule?: { readonly ScheduleExpression: string; readonly State: "SCHEDULED" | "NOT_SCHEDULED" };
  readonly state: "READY" | "RUNNING" | "STOPPING";
  /** The crawl that runs, by a server's process. */
  readonly running?: { readonly crawlId: string; readonly startedAt: number; readonly pid: number };
  readonly lastCrawl?: { readonly Status: "SUCCEEDED" | "CANCELLED" | "FAILED"; readonly ErrorMessage?: string; readonly StartTime: number; readonly LogGroup: string; readonly LogStream: string; readonly MessagePrefix: string };
  readonly lastSeconds?: number;
  readonly totals: { readonly created: number; readonly updated: number; readonly deleted: number; readonly seconds: readonly number[] };
};

export const crawlerRef = (name: string) => ({ kind: "crawler", name });
export const LOG_GROUP = "/aws-glue/crawlers";

/** @throws InvalidInputException with the setting that Glue would refuse. */
export function checkCrawler(settings: CrawlerSettings, schedule: string | undefined): void {
  const { Targets: targets, SchemaChangePolicy: policy, RecrawlPolicy: recrawl, Configuration: configuration } = settings;
  if (Object.values(targets).every((list) => !Array.isArray(list) || list.length === 0)) throw invalidInput("A crawler needs at least one target", { path: "Targets" });
  effectiveCrawlerConfig({
    targets: {
      s3Targets: (targets.S3Targets ?? []).map(({ Path = "", Exclusions }) => ({ path: Path, ...(Exclusions === undefined ? {} : { exclusions: Exclusions }) })),
      catalogTargets: (targets.CatalogTargets ?? []).map(({ DatabaseName, Tables }) => ({ databaseName: DatabaseName, tables: Tables })),
    },
    ...(policy === undefined ? {} : { schemaChangePolicy: { ...(policy.UpdateBehavior === undefined ? {} : { updateBehavior: policy.UpdateBehavior }), ...(policy.DeleteBehavior === undefined ? {} : { deleteBehavior: policy.DeleteBehavior }) } }),
    ...(recrawl?.RecrawlBehavior === undefined ? {} : { recrawlPolicy: { recrawlBehavior: recrawl.RecrawlBehavior } }),
    ...(configuration === undefined ? {} : { configuration }),
  } as CrawlerConfigArgs);
  if (schedule !== undefined && schedule !== "") checkCronExpression(schedule);
}

/** A crawler as GetCrawler gives it. */
export function crawlerOf({ doc, created, updated, version }: Entity<CrawlerRecord>, now: number): object {
  const { settings, schedule, state, running, lastCrawl } = doc;
  return {
    Classifiers: [], RecrawlPolicy: { RecrawlBehavior: "CRAWL_EVERYTHING" }, SchemaChangePolicy: { UpdateBehavior: "UPDATE_IN_DATABASE", DeleteBehavior: "DEPRECATE_IN_DATABASE" },
    LineageConfiguration: { CrawlerLineageSettings: "DISABLE" }, ...settings, State: state, CrawlElapsedTime: running === undefined ? 0 : Math.round((now - running.startedAt) * 1000),
    CreationTime: created, LastUpdated: updated, Version: version, ...(schedule === undefined ? {} : { Schedule: schedule }), ...(lastCrawl === undefined ? {} : { LastCrawl: lastCrawl }),
  };
}
