import type { SecretResolver } from "../catalog/secret-resolver.js";
import type { Catalog } from "../catalog/index.js";
import type { Format, Progress } from "../formats/index.js";
import type { ParquetRows } from "../formats/delta/read-checkpoint.js";
import type { Storage } from "../storage/index.js";
import type { Checkpoint, StrayFile } from "./checkpoint.js";
import type { CustomClassifier } from "./classify/classifiers.js";
import type { CrawlTarget } from "./crawl-target.js";
import type { JdbcTarget } from "./database/jdbc-target.js";
import type { EventQueue } from "./events/event-queue.js";
import type { CrawlerConfiguration, RecrawlBehavior, SchemaChangePolicy } from "./crawler-config.js";

/** What to crawl and how. Plain data: a plan carries it to `applyPlan`. */
export type CrawlOptions = {
  /** Where tables are made; the database is made if it is not there. */
  readonly database: string;
  /** Include paths: folders or files, alone or with settings of their own. Each is a table root of its own. */
  readonly includes: readonly (string | CrawlTarget)[];
  /** Databases, through connections of the catalog: their tables are described, no row of them is read. */
  readonly jdbcTargets?: readonly JdbcTarget[];
  /**
   * Tables of `database` whose files are crawled in place of include paths: they are brought up to date, no table is
   * made or deprecated. Alone, with schemaChangePolicy.deleteBehavior LOG (developer guide, "Catalog targets").
   */
  readonly catalogTables?: readonly string[];
  /** A connection of the catalog by which the include paths, all on `s3://`, are reached. */
  readonly connectionName?: string;
  /** Exclude patterns in Java's glob, relative to the include path. */
  readonly exclusions?: readonly string[];
  /** Put before the names of new tables. */
  readonly tablePrefix?: string;
  /** Written to tables as UPDATED_BY_CRAWLER; default `dynaframe`. */
  readonly crawlerName?: string;
  /** Custom classifiers, asked in this order before the built-in ones. */
  readonly classifiers?: readonly CustomClassifier[];
  /** What becomes of a table whose schema changed or whose files are gone. */
  readonly schemaChangePolicy?: SchemaChangePolicy;
  /** Which files are looked at again; default all. */
  readonly recrawlPolicy?: { readonly recrawlBehavior?: RecrawlBehavior };
  /** Grouping and table levels, as an object or as the JSON text of Glue. */
  readonly configuration?: CrawlerConfiguration | string;
  /**
   * For CRAWL_EVENT_MODE: ARNs of SQS queues, or paths of files of events (Glue's EventQueueArn); `events` of the call
   * comes first.
   */
  readonly eventQueues?: readonly string[];
  /**
   * The folder that counts as level 1 of `TableLevelConfiguration`, as a bucket does; default: the bucket on `s3://`,
   * else each include path itself.
   */
  readonly bucket?: string;
};

/** What a crawl works with. */
export type CrawlServices = {
  readonly catalog: Catalog;
  readonly storage: Storage;
  /** Formats by name; default: all that are built. */
  readonly formatOf?: (name: string) => Format;
  /** Threads at most; default 1. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Called with the bytes read from files, heads and scans alike. */
  readonly onBytesScanned?: (bytes: number) => void;
  /** What was scanned already, and where to keep what is; `crawl` opens one. */
  readonly checkpoint?: Checkpoint;
  /** Hears of the strays when there was anything to find out. */
  readonly onStrays?: (strays: readonly StrayFile[]) => void;
  /** Milliseconds after which a running crawl keeps what it has scanned; default 15,000. */
  readonly checkpointMs?: number;
  /** What CRAWL_EVENT_MODE reads. */
  readonly events?: EventQueue;
  /** Gives what SECRET_ID of a connection stands for; default: nothing, so that such a connection cannot be used. */
  readonly secrets?: SecretResolver;
  /** Reads checkpoints of Delta logs; without it, tables whose first commits were cleaned up are problems. */
  readonly parquetRows?: ParquetRows;
};

export const DEFAULT_CRAWLER = "dynaframe";

/** A file that could not be crawled; the others were. */
export type FileProblem = {
  readonly file: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
};
/**
 * NOT_SAMPLED: beyond the sample size of its folder. OLD_FOLDER: new or changed in a folder crawled before, under
 * CRAWL_NEW_FOLDERS_ONLY. NOT_A_TARGET: it would be a table of its own, and the crawl looks after tables of the catalog
 * only. STRAY: it does not belong to the table in whose folder it appeared.
 */
export type SkipReason =
  | "HIDDEN"
  | "EMPTY"
  | "EXCLUDED"
  | "UNKNOWN_CLASSIFICATION"
  | "UNREADABLE_FORMAT"
  | "NOT_SAMPLED"
  | "OLD_FOLDER"
  | "STRAY"
  | "NOT_IN_DELTA_LOG"
  | "NOT_IN_ICEBERG_SNAPSHOT"
  | "NOT_A_TARGET";
/** A file passed over by rule. */
export type SkippedFile = { readonly file: string; readonly why: SkipReason; readonly detail?: string };
