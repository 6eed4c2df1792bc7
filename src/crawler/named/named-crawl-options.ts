/** What a crawler's definition tells a crawl. */
import type { EntityStore } from "../../catalog/entity.js";
import { throughConnection } from "../../storage/s3/address.js";
import { DynaframeError } from "../../types/error.js";
import type { CrawlOptions } from "../crawl-options.js";
import type { CrawlTarget } from "../crawl-target.js";
import type { SchemaChangePolicy } from "../crawler-config.js";
import { namedClassifiers } from "./classifier-record.js";
import type { CrawlerSettings, NamedCrawlerTargets } from "./crawler-record.js";

const CRAWLED: readonly string[] = [
  "S3Targets",
  "JdbcTargets",
  "CatalogTargets",
  "DeltaTargets",
  "IcebergTargets",
] satisfies readonly (keyof NamedCrawlerTargets)[];

/**
 * @throws OperationNotSupportedException for targets that are no files or databases here, EntityNotFoundException for a
 * classifier that is gone.
 */
export async function namedCrawlOptions(store: EntityStore, settings: CrawlerSettings): Promise<CrawlOptions> {
  const {
    Name,
    DatabaseName,
    Targets: targets,
    TablePrefix,
    SchemaChangePolicy: policy,
    RecrawlPolicy: recrawl,
    Configuration,
    Classifiers = [],
  } = settings;
  const other = Object.entries(targets).find(
    ([kind, list]) => !CRAWLED.includes(kind) && Array.isArray(list) && list.length > 0,
  );
  if (other !== undefined) {
    throw new DynaframeError("UNSUPPORTED", `Targets of kind ${other[0]} cannot be crawled`, {
      name: "OperationNotSupportedException",
      path: Name,
      expected: CRAWLED.join(", "),
      found: other[0],
    });
  }
  const databases = new Set((targets.CatalogTargets ?? []).map((target) => target.DatabaseName));
  if (databases.size > 1) {
    throw new DynaframeError("UNSUPPORTED", "Catalog targets of several databases cannot be crawled by one crawler", {
      name: "OperationNotSupportedException",
      path: Name,
      expected: "one database",
      found: [...databases].join(", "),
      hint: "Make a crawler for each.",
    });
  }
  const [catalogDatabase] = databases;
  const classifiers = await namedClassifiers(store, Classifiers);
  return {
    crawlerName: Name,
    database: catalogDatabase ?? DatabaseName ?? "default",
    includes: includesOf(targets),
    ...jdbcTargetsOf(targets),
    ...catalogTablesOf(targets),
    ...(classifiers.length === 0 ? {} : { classifiers }),
    ...(TablePrefix === undefined ? {} : { tablePrefix: TablePrefix }),
    ...(Configuration === undefined ? {} : { configuration: Configuration }),
    ...eventQueuesOf(targets),
    ...(policy === undefined ? {} : { schemaChangePolicy: policyOf(policy) }),
    ...(recrawl?.RecrawlBehavior === undefined
      ? {}
      : { recrawlPolicy: { recrawlBehavior: recrawl.RecrawlBehavior } as NonNullable<CrawlOptions["recrawlPolicy"]> }),
  };
}

// `checkCrawler` has vouched for the values
const policyOf = ({
  UpdateBehavior,
  DeleteBehavior,
}: NonNullable<CrawlerSettings["SchemaChangePolicy"]>): SchemaChangePolicy =>
  ({
    ...(UpdateBehavior === undefined ? {} : { updateBehavior: UpdateBehavior }),
    ...(DeleteBehavior === undefined ? {} : { deleteBehavior: DeleteBehavior }),
  }) as SchemaChangePolicy;

function eventQueuesOf({
  S3Targets = [],
  CatalogTargets = [],
}: NamedCrawlerTargets): Pick<CrawlOptions, "eventQueues"> {
  const queues = new Set([...S3Targets, ...CatalogTargets].flatMap(({ EventQueueArn }) => EventQueueArn ?? []));
  return queues.size === 0 ? {} : { eventQueues: [...queues] };
}

const jdbcTargetsOf = ({ JdbcTargets = [] }: NamedCrawlerTargets): Pick<CrawlOptions, "jdbcTargets"> =>
  JdbcTargets.length === 0
    ? {}
    : {
        jdbcTargets: JdbcTargets.map(({ ConnectionName = "", Path = "", Exclusions = [] }) => ({
          connectionName: ConnectionName,
          path: Path,
          ...(Exclusions.length === 0 ? {} : { exclusions: Exclusions }),
        })),
      };

const catalogTablesOf = ({ CatalogTargets = [] }: NamedCrawlerTargets): Pick<CrawlOptions, "catalogTables"> =>
  CatalogTargets.length === 0 ? {} : { catalogTables: CatalogTargets.flatMap(({ Tables }) => Tables) };

/** Tables of Delta and Iceberg are found by their logs, wherever an include path leads. */
function includesOf({
  S3Targets = [],
  DeltaTargets = [],
  IcebergTargets = [],
}: NamedCrawlerTargets): readonly CrawlTarget[] {
  const target = (
    path: string,
    connection: string | undefined,
    exclusions: readonly string[] = [],
    sampleSize?: number,
  ): CrawlTarget => ({
    path: throughConnection(path, connection),
    ...(exclusions.length === 0 ? {} : { exclusions }),
    ...(sampleSize === undefined ? {} : { sampleSize }),
  });
  return [
    ...S3Targets.map(({ Path = "", ConnectionName, Exclusions, SampleSize }) =>
      target(Path, ConnectionName, Exclusions, SampleSize),
    ),
    ...DeltaTargets.flatMap(({ DeltaTables = [], ConnectionName }) =>
      DeltaTables.map((path) => target(path, ConnectionName)),
    ),
    ...IcebergTargets.flatMap(({ Paths = [], ConnectionName, Exclusions }) =>
      Paths.map((path) => target(path, ConnectionName, Exclusions)),
    ),
  ];
}
