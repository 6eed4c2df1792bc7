/** A crawl as data: what would change, why, and everything needed to do exactly that. JSON-serialisable. */
import type { Column, TableChange } from "../catalog/index.js";
import type { Hazard, HazardStats, MalformedRecord } from "../shapes/ledger.js";
import type { ChoiceReport } from "../shapes/ledger-drift.js";
import type { TypeChange } from "../types/compat.js";
import type { CrawlOptions, FileProblem, SkippedFile } from "./crawl-options.js";
import type { EffectiveCrawlerConfig } from "./crawler-config.js";
import type { Reason } from "./group/reason.js";

export type PlanAction = "create" | "update" | "keep" | "deprecate" | "delete" | "log";

/** What a table holds, read from its ledger. */
export type TableContents = {
  readonly files: number;
  readonly bytes: number;
  readonly records: number;
  readonly malformed: number;
  /** The first ones, at most 20. */
  readonly malformedRecords: readonly MalformedRecord[];
  readonly choices: readonly ChoiceReport[];
  readonly hazards: { readonly [H in Hazard]?: HazardStats };
};

/** A table of a plan: what happens to it, and the reasons. */
export type PlannedTable = {
  readonly name: string;
  readonly location: string;
  readonly action: PlanAction;
  readonly classification: string;
  /** Why, in the order in which it was decided; the last says why the catalog does or does not change. */
  readonly reasons: readonly Reason[];
  readonly contents: TableContents;
  readonly files: {
    readonly new: number;
    readonly changed: number;
    readonly unchanged: number;
    readonly vanished: number;
  };
  readonly columns: readonly Column[];
  /** Absent for a table that is new. */
  readonly columnsBefore?: readonly Column[];
  readonly partitionKeys: readonly string[];
  readonly partitions: { readonly total: number; readonly put: number; readonly deleted: number };
  /** Changes of the exact type since the last crawl. */
  readonly typeChanges: readonly TypeChange[];
};

/** An include path as it was listed; the fingerprint changes with any name, etag or size of its files. */
export type PlannedInclude = {
  readonly root: string;
  readonly files: number;
  readonly bytes: number;
  readonly fingerprint: string;
};

/** What a crawl would change, and why; made by `glue.planCrawl`, kept as JSON, carried out by `glue.applyPlan`. */
export type CrawlPlan = {
  readonly version: 1;
  /** Settings the plan was made with; `applyPlan` checks the world against them. */
  readonly options: CrawlOptions;
  readonly config: EffectiveCrawlerConfig;
  readonly createDatabase: boolean;
  readonly includes: readonly PlannedInclude[];
  readonly tables: readonly PlannedTable[];
  /** Versions the plan was made from; "" = no such table. */
  readonly tableVersions: { readonly [table: string]: string };
  readonly changes: readonly TableChange[];
  /** Tables to delete (DELETE_FROM_DATABASE). */
  readonly deletions: readonly string[];
  readonly skipped: readonly SkippedFile[];
  readonly problems: readonly FileProblem[];
  /** CRAWL_EVENT_MODE only. */
  readonly events?: CrawlEvents;
};

/**
 * `receipts`: messages to delete once the plan is applied. `touched`: the files they named; absent in a first crawl,
 * which lists all.
 */
export type CrawlEvents = { readonly receipts: readonly string[]; readonly touched?: readonly string[] };
