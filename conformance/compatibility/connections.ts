/**
 * Options of connections: files, databases, topics, and those that there are not (docs/sources.md#connections);
 * samples, purges, streams.
 */
import { member, method, option, type Entry, type OptionCall, type Section } from "./entry.js";

const SOURCES = "test/dynamicframe/sources/source-options.test.ts";
const CONTEXT = "test/dynamicframe/context/context.test.ts";
const CALLS = "test/dynamicframe/call-options.test.ts";
const PARTITIONS = "test/dynamicframe/partitions-written.test.ts";
const DATABASES = "test/database/contract.ts";
const DATABASE_OPTIONS = "test/database/sqlite-options.test.ts";
const KAFKA = "test/dynamicframe/stream/kafka.test.ts";
const KAFKA_OPTIONS = "test/dynamicframe/stream/kafka-options.test.ts";
const STREAM = "test/dynamicframe/stream/for-each-batch.test.ts";
const PURGE = "test/dynamicframe/context/purge.test.ts";
const OPTIONS = "0041-source-and-sink-options";
const WITHOUT_EFFECT = "0181-options-without-effect";

const tests = (file: string, word: string): Pick<Entry, "tests"> => ({ tests: [[file, word]] });
const noEffect = (what: string): Partial<Entry> => ({
  differs: `accepted, no effect: ${what}`,
  decision: WITHOUT_EFFECT,
});
const own = (ownOption: string): Partial<Entry> => ({ ownOption });

const source = (name: string, value: unknown, more: Partial<Entry> = {}): Entry =>
  option("file source", name, value, { ...tests(SOURCES, name), ...more });
const sink = (
  name: string,
  value: unknown,
  more: Partial<Entry> & { readonly beside?: { readonly [option: string]: unknown } } = {},
): Entry => option("file sink", name, value, { ...tests(CONTEXT, name), ...more });
const GROUPS = {
  differs: "takes effect with groupFiles and groupSize both, or above 50,000 files; else a source is one partition",
  decision: "0197-partitions",
  ...tests(PARTITIONS, "groupFiles and groupSize"),
};
const BANDS = {
  differs: "checked, no effect: a bookmark remembers each file and its version, so that late ones need no band",
  decision: WITHOUT_EFFECT,
};
const BOUNDS = {
  differs: "checked; takes effect in a job with bookmarks, elsewhere a warning",
  decision: OPTIONS,
  ...tests("test/job/bounds.test.ts", "boundedFiles"),
};
const CATALOG = { catalogDatabase: "probe", catalogTableName: "probe" };

export const fileSourceSection: Section = {
  title: "Options of files as sources",
  entries: [
    source("paths", ["."]),
    source("path", undefined, { ownOption: "one path; Glue has it for sinks only" }),
    source("connectionName", undefined, {
      ...tests("test/bad-input/connections.test.ts", "connectionName"),
      ownOption: "a connection of type S3: region, address, keys",
    }),
    source("exclusions", '["**.pdf"]'),
    source("recurse", true, { differs: "true by default", decision: OPTIONS }),
    source("compressionType", "gzip", { differs: "checked; each file's own bytes decide", decision: OPTIONS }),
    source("groupFiles", "inPartition", GROUPS),
    source("groupSize", "1048576", GROUPS),
    source("maxBand", 900000, BANDS),
    source("maxFilesInBand", 1000, BANDS),
    source("useS3ListImplementation", true, {
      differs: "checked, no effect: listings are read page by page always",
      decision: WITHOUT_EFFECT,
    }),
    source("isFailFast", true),
    source("excludeStorageClasses", ["GLACIER"]),
    source("boundedFiles", "10", BOUNDS),
    source("boundedSize", "1000", BOUNDS),
    {
      glue: "push_down_predicate",
      ours: "pushDownPredicate",
      probe: member("createDynamicFrame.fromCatalog"),
      ops: ["pushDownPredicate"],
    },
  ],
};

const table = (name: string, value: unknown, more: Partial<Entry>): Entry => ({
  ...option("table source", name, value, more),
  glue: `additional_options: ${name}`,
});
const SAME = tests(SOURCES, "fromCatalog");
const OF_DATABASES = tests("test/database/bookmark-keys.ts", "jobBookmarkKeys");
const FILE_OPTIONS: readonly (readonly [name: string, value: unknown])[] = [
  ["exclusions", '["**.pdf"]'],
  ["recurse", true],
  ["compressionType", "gzip"],
  ["groupFiles", "inPartition"],
  ["groupSize", "1048576"],
  ["maxBand", 900000],
  ["maxFilesInBand", 1000],
  ["useS3ListImplementation", true],
  ["isFailFast", true],
  ["excludeStorageClasses", ["GLACIER"]],
  ["boundedFiles", "10"],
  ["boundedSize", "1000"],
];

export const tableSourceSection: Section = {
  title: "Options of catalog tables as sources",
  entries: [
    table("catalogPartitionPredicate", "p = 1", {
      ops: ["getPartitions"],
      ...tests(SOURCES, "catalogPartitionPredicate"),
    }),
    ...FILE_OPTIONS.map(([name, value]) =>
      table(name, value, { ...SAME, differs: "as of files; parameters of the table of these names hold below them" }),
    ),
    table("allowMissingFiles", true, {
      ...tests("test", "allowMissingFiles"),
      ...own("a file that the catalog knows and that is gone is passed over"),
    }),
    table("hashfield", "id", tests(DATABASES, "hashfield")),
    table("hashexpression", "id", tests(DATABASES, "hashexpression")),
    table("hashpartitions", 3, tests(DATABASES, "hashpartitions")),
    table("jobBookmarkKeys", ["id"], OF_DATABASES),
    table("jobBookmarkKeysSortOrder", "asc", tests("test/database/bookmark-keys.ts", "jobBookmarkKeysSortOrder")),
  ],
};

const tableSink = (name: string, value: unknown, more: Partial<Entry> = {}): Entry => ({
  ...option("table sink", name, value, { ...tests(CALLS, name), ...more }),
  glue: `write from_catalog, additional_options: ${name}`,
});

export const sinkSection: Section = {
  title: "Options of files and catalog tables as sinks",
  entries: [
    sink("path", undefined),
    sink("partitionKeys", ["p"]),
    sink("compression", "gzip"),
    sink("enableUpdateCatalog", true, { beside: CATALOG, differs: "also keeps the table's ledger", decision: OPTIONS }),
    sink("updateBehavior", "LOG", { decision: OPTIONS }),
    sink("catalogDatabase", "probe", own("as setCatalogInfo")),
    sink("catalogTableName", "probe", own("as setCatalogInfo")),
    sink("useFrameName", true, {
      ...tests(DATABASES, "useFrameName"),
      differs: "accepted: frames of a collection go below their names always",
    }),
    sink("connectionName", undefined, { ...tests("test", "connectionName"), ...own("a connection of type S3") }),
    tableSink("partitionKeys", ["p"]),
    tableSink("enableUpdateCatalog", true, { differs: "true by default", decision: OPTIONS }),
    tableSink("updateBehavior", "UPDATE_IN_DATABASE"),
  ],
};

const from = (name: string, value: unknown, more: Partial<Entry> = {}): Entry =>
  option("database source", name, value, { ...tests(DATABASES, name), ...more });
const into = (name: string, value: unknown, more: Partial<Entry> = {}): Entry => ({
  ...option("database sink", name, value, { ...tests(DATABASES, name), ...more }),
  glue: `${name} (writing)`,
});
/** Those by which a database is reached, of sources and sinks alike. */
const reached = (make: typeof from): Entry[] => [
  make("url", undefined),
  make("user", "probe"),
  make("password", "probe"),
  make("connectionName", undefined),
  make("useConnectionProperties", "true"),
  make("redshiftTmpDir", "s3://tmp/", { ...noEffect("nothing is staged"), ...tests(CALLS, "redshiftTmpDir") }),
  make("customJdbcDriverS3Path", "s3://jars/driver.jar", {
    ...noEffect("drivers are built in"),
    ...tests(CALLS, "customJdbcDriverS3Path"),
  }),
  make("customJdbcDriverClassName", "org.example.Driver", {
    ...noEffect("drivers are built in"),
    ...tests(CALLS, "customJdbcDriverClassName"),
  }),
  make("database", undefined, own("another database of the same server")),
  make("connectTimeout", 1000, { ...tests(DATABASE_OPTIONS, "connectTimeout"), ...own("milliseconds to connect") }),
  make("readTimeout", 1000, {
    ...tests("test/database/broken-world.ts", "readTimeout"),
    ...own("milliseconds of one answer"),
  }),
];

export const databaseSection: Section = {
  title: "Options of JDBC: PostgreSQL, MySQL, MariaDB, SQLite",
  entries: [
    ...reached(from),
    from("dbtable", "t"),
    from("query", "SELECT 1 AS one"),
    from("hashfield", "id"),
    from("hashexpression", "id"),
    from("hashpartitions", 7),
    from("jobBookmarkKeys", ["id"], tests("test/database/bookmark-keys.ts", "jobBookmarkKeys")),
    from("jobBookmarkKeysSortOrder", "asc", tests("test/database/bookmark-keys.ts", "jobBookmarkKeysSortOrder")),
    from("sampleQuery", "SELECT 1 AS one"),
    from("enablePartitioningForSampleQuery", true, tests(DATABASE_OPTIONS, "enablePartitioningForSampleQuery")),
    ...reached(into),
    into("dbtable", "written"),
    into("useFrameName", true, { differs: "accepted: tables of a collection have the names of its frames" }),
    into("preactions", "SELECT 1"),
    into("postactions", "SELECT 1"),
    into("bulkSize", 100, {
      differs: "checked, no effect: batches are sized by bytes",
      ...tests(DATABASE_OPTIONS, "bulkSize"),
    }),
    into("batchsize", 100, { ...tests(DATABASE_OPTIONS, "batchsize"), ...own("Spark's name of bulkSize") }),
    into("schema", undefined, { ...tests(DATABASES, "schema:"), ...own("the schema of a collection's tables") }),
    into("mergeKeys", ["id"], own("by which records replace rows, with mode merge")),
  ],
};

const kafka = (name: string, value: unknown, more: Partial<Entry> = {}): Entry =>
  option("kafka source", name, value, { ...tests(KAFKA, name), ...more });

export const kafkaSection: Section = {
  title: "Options of Kafka",
  entries: [
    kafka("bootstrap.servers", "b:9092", tests(KAFKA_OPTIONS, "bootstrap")),
    kafka("connectionName", "kept", tests(KAFKA_OPTIONS, "connectionName")),
    kafka("security.protocol", "SSL", tests(KAFKA_OPTIONS, "security.protocol")),
    kafka("topicName", "t"),
    kafka("assign", '{"t":[0]}', tests(KAFKA_OPTIONS, "assign")),
    kafka("subscribePattern", "t.*"),
    kafka("classification", "json"),
    kafka("delimiter", ";"),
    kafka("startingOffsets", "earliest", {
      differs: "latest by default in forEachBatch, as in Glue; earliest when read once",
      decision: "0186-topics-of-kafka",
    }),
    kafka("startingTimestamp", "2024-01-01T00:00:00Z"),
    kafka("endingOffsets", "latest"),
    kafka("maxOffsetsPerTrigger", 1000),
    kafka("numRetries", 3),
    kafka("retryIntervalMs", 10, tests(KAFKA_OPTIONS, "retryIntervalMs")),
    kafka("pollTimeoutMs", 1000, tests(KAFKA_OPTIONS, "pollTimeoutMs")),
    kafka("minPartitions", 2, {
      differs: "accepted, no effect: a batch is read by one consumer",
      ...tests(KAFKA_OPTIONS, "minPartitions"),
    }),
    kafka("inferSchema", true, {
      differs: "accepted, no effect: types are always inferred",
      ...tests(KAFKA_OPTIONS, "inferSchema"),
    }),
    kafka("bootstrapServers", "b:9092", {
      ...tests(KAFKA_OPTIONS, "bootstrapServers"),
      ...own("as bootstrap.servers"),
    }),
    { glue: "includeHeaders, addRecordTimestamp", notApplicable: "refused by name: they would add columns" },
  ],
};

export const otherConnectionSection: Section = {
  title: "Connection types that there are not",
  entries: [
    {
      glue: "dynamodb: dynamodb.input.tableName, dynamodb.output.tableName, dynamodb.throughput.read.percent, dynamodb.splits, dynamodb.export",
      notApplicable: "an export of the table is files, which unnestDdbJson and simplifyDdbJson read",
    },
    {
      glue: "mongodb, documentdb: uri, database, collection, partitioner",
      notApplicable: "give what their clients read to createDynamicFrame.fromRows",
    },
    {
      glue: "kinesis: streamARN, startingPosition",
      notApplicable: "createDataFrame.fromOptions with connectionType stream, over the client of the user",
    },
    { glue: "redshift", notApplicable: "UNLOAD to files, COPY from files" },
    {
      glue: "oracle, sqlserver, opensearch",
      notApplicable: "give what their clients read to createDynamicFrame.fromRows",
    },
    {
      glue: "custom.jdbc, custom.spark, custom.athena, marketplace.jdbc, marketplace.spark, marketplace.athena",
      notApplicable: "connectors of the JVM",
    },
    { glue: "parquet, orc as connection types", notApplicable: "s3 with format parquet or orc" },
  ],
};

const sample = (name: string, value: unknown): Entry => option("sample", name, value, tests(SOURCES, name));
const purge = (name: string, value: unknown, more: Partial<Entry> = {}): Entry =>
  option("purge", name, value, { ...tests(PURGE, name), ...more });
const batch = (name: string, value: unknown, more: Partial<Entry> = {}): Entry =>
  option("forEachBatch" satisfies OptionCall, name, value, { ...tests(STREAM, name), ...more });

export const contextOptionSection: Section = {
  title: "Options of samples, purges and forEachBatch",
  entries: [
    { glue: "num", probe: method("GlueContext", "createSampleDynamicFrameFromOptions"), ...tests(SOURCES, "num:") },
    sample("maxSamplePartitions", 1),
    sample("maxSampleFilesPerPartition", 1),
    purge("retentionPeriod", 168),
    purge("partitionPredicate", "p = 'a'"),
    purge("excludeStorageClasses", []),
    purge("manifestFilePath", ""),
    purge("dryRun", true, own("says what would go")),
    { glue: "transition: accountId, roleArn", notApplicable: "storage classes are S3's" },
    batch("windowSize", "1 second"),
    batch("checkpointLocation", undefined),
    batch("batchMaxRetries", 3),
    batch("persistDataFrame", "false", tests(STREAM, "persistDataFrame")),
    batch("storageLevel", "MEMORY_AND_DISK", {
      differs: "accepted, no effect: what does not fit in memory is on disk",
    }),
    batch("availableNow", true, own("ends when nothing is new")),
    batch("waitForPaths", false, own("waits for a folder that is not there yet")),
  ],
};
