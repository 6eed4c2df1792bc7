/** The public API of dynaframe: what is named here is stable, nothing else is. */
export { GlueContext, type CrawlRunOptions, type OpenOptions } from "./open.js";
export type { S3Settings } from "./storage/s3/settings.js";
export { DynamicFrame } from "./dynamicframe/dynamic-frame.js";
export type { ApplyMappingOptions, MergeOptions, Paths } from "./dynamicframe/frame-verbs.js";
export type { SchemaSource } from "./dynamicframe/schema-source.js";
export type { Envelope, IndexedPartitionFunction, PartitionFunction } from "./dynamicframe/partition-pass.js";
export type { SpigotOptions } from "./dynamicframe/spigot-node.js";
export { DynamicFrameCollection, type FrameFunction } from "./dynamicframe/collection.js";
export { DataFrame } from "./dynamicframe/data-frame.js";
export type { FromCatalogOptions, FromOptionsOptions } from "./dynamicframe/readers.js";
export type { FromDatabaseOptions } from "./dynamicframe/database/database-frame.js";
export type {
  DatabaseConnectionOptions,
  DatabaseConnectionType,
  DatabaseSinkOptions,
  DatabaseSourceOptions,
} from "./dynamicframe/database/database-options.js";
export type { WriteDatabaseOptions, WriteJdbcConfOptions } from "./dynamicframe/database/write-database.js";
export type { JdbcConf } from "./database/catalog-address.js";
export type { FileSourceOptions } from "./dynamicframe/sources/source-options.js";
export type { SampleOptions } from "./dynamicframe/sources/sample-files.js";
export type { SampleFromCatalogOptions, SampleFromOptionsOptions } from "./dynamicframe/context/sample-frames.js";
export type {
  BatchFunction,
  BatchInfo,
  ForEachBatchRequest,
  StreamingQuery,
  StreamReport,
} from "./dynamicframe/stream/for-each-batch.js";
export type { ForEachBatchOptions } from "./dynamicframe/stream/stream-options.js";
export type { FromKafkaOptions, KafkaSourceOptions } from "./dynamicframe/stream/kafka/kafka-options.js";
export type { FromStreamOptions, RecordStream, StreamRecord } from "./dynamicframe/stream/record-stream.js";
export type { DataFrameReaders, DataFrameWriters } from "./dynamicframe/context/data-frames.js";
export type { DatabaseGetSourceOptions, DataSource, SourceOptions } from "./dynamicframe/context/data-source.js";
export type { CatalogInfo, DatabaseGetSinkOptions, DataSink, SinkOptions } from "./dynamicframe/context/data-sink.js";
export type { AttachedTable, AttachOptions, AttachReport } from "./dynamicframe/context/attach.js";
export type { Logger } from "./dynamicframe/context/logger.js";
export type { PurgeOptions } from "./dynamicframe/context/purge-options.js";
export type { PurgeReport } from "./dynamicframe/context/purge.js";
export {
  ApplyMapping,
  DropFields,
  DropNullFields,
  RenameField,
  ResolveChoice,
  SelectFields,
  SplitFields,
  UnnestFrame,
} from "./dynamicframe/transforms/field-transforms.js";
export {
  Coalesce,
  ErrorsAsDynamicFrame,
  Filter,
  Join,
  Map,
  Repartition,
  SimplifyDdbJson,
  Spigot,
  SplitRows,
  Unbox,
  Union,
  UnnestDdbJson,
} from "./dynamicframe/transforms/record-transforms.js";
export {
  FlatMap,
  MapToCollection,
  Relationalize,
  SelectFromCollection,
  type BaseTransform,
} from "./dynamicframe/transforms/collection-transforms.js";
export {
  describeTransform,
  getTransform,
  getTransforms,
  type AnyTransform,
} from "./dynamicframe/transforms/registry.js";
export type {
  ArgumentDescription,
  ErrorDescription,
  GlueTransform,
  ReturnDescription,
  TransformDescription,
} from "./dynamicframe/transforms/transform.js";
export type { RecordSource, RowsOptions } from "./dynamicframe/sources/rows.js";
export { defineUdf } from "./dynamicframe/udf/define-udf.js";
export type { UdfOptions } from "./dynamicframe/udf/define-udf.js";
export { typeTag } from "./dynamicframe/type-tag.js";
export type { LambdaOptions, MapOptions } from "./dynamicframe/lambda-node.js";
export type { PartitionOptions } from "./dynamicframe/partition-node.js";
export type { FilterFunction, MapFunction } from "./dynamicframe/lambda-pass.js";
export type { PlainRecord } from "./dynamicframe/batch-records.js";
export type { ResolveChoiceOptions } from "./dynamicframe/resolve-choice-node.js";
export type { Comparisons } from "./dynamicframe/verbs/split-rows.js";
export type {
  ChoiceExplanation,
  ExplainChoiceOptions,
  ExplainedAction,
  ExplainedArm,
} from "./dynamicframe/explain-choice/explain-choice.js";
export type {
  ExplainedSource,
  ExplainedStep,
  ExplainOptions,
  Explanation,
} from "./dynamicframe/explain/explanation.js";
export type { Stage } from "./engine/stages.js";
export type { ArmFate } from "./dynamicframe/explain-choice/predict-action.js";
export type { ArmPlaces } from "./dynamicframe/explain-choice/arm-places.js";
export type { ResolveOption } from "./dynamicframe/to-df.js";
export type { TransformOptions } from "./dynamicframe/verbs/verb.js";
export type { WriteCatalogOptions, WriteOptions } from "./dynamicframe/write/writers.js";
export type { CollectionReport } from "./dynamicframe/write/write-report.js";
export type { WriteMode, WriteReport } from "./dynamicframe/write/write-frame.js";
export type { Counters } from "./dynamicframe/glue-context.js";

export type { Catalog } from "./catalog/index.js";
export type * from "./catalog/model.js";
export { compilePushDownPredicate } from "./catalog/push-down-predicate.js";
export { evaluatePartitions } from "./catalog/partition-expression.js";
export { usesPartitionIndex } from "./catalog/partition-index-plan.js";

export type { CrawlOptions, FileProblem, SkippedFile } from "./crawler/crawl-options.js";
export type { CrawlTarget } from "./crawler/crawl-target.js";
export type { JdbcTarget } from "./crawler/database/jdbc-target.js";
export type { EventQueue, QueueMessage } from "./crawler/events/event-queue.js";
export { fileQueue } from "./crawler/events/file-queue.js";
export { sqsQueue, type SqsSettings } from "./crawler/events/sqs-queue.js";
export type { CrawlPlan, PlannedTable } from "./crawler/crawl-plan.js";
export type { CrawlRecord } from "./crawler/history/crawl-record.js";
export type { CrawlerSettings, NamedCrawl, NamedCrawlerTargets } from "./crawler/named/crawler-record.js";
export type { CrawlerMetrics, NamedCrawler, NamedCrawlers } from "./crawler/named/named-crawlers.js";
export type { CrawlReport } from "./crawler/crawl-report.js";
export type { BlamedType, BlameReport, BlameRequest } from "./crawler/drift/blame-path.js";
export { driftPage } from "./crawler/drift/drift-page.js";
export type { Compatibility, DriftChange, DriftReport, DriftStep, DriftVersion } from "./crawler/drift/drift-report.js";
export type { DiffRequest, DriftRequest } from "./crawler/drift/tell-drift.js";
export { effectiveCrawlerConfig } from "./crawler/checked-crawler-config.js";
export type { CrawlerConfigArgs, EffectiveCrawlerConfig } from "./crawler/crawler-config.js";
export { pickClassification } from "./crawler/classify/pick-classification.js";
export { globMatches } from "./storage/java-glob.js";
export { tableName } from "./crawler/table-name.js";

export type { Ledger, FileLedger, MalformedRecord, Hazard, Place } from "./shapes/ledger.js";
export { listChoices, type ChoiceReport } from "./shapes/ledger-drift.js";
export { ledgerType } from "./shapes/ledger-type.js";

export { Job, type BookmarkOption, type CommitReport, type JobInitOptions } from "./job/job.js";
export { getResolvedOptions, type ResolvedOptions } from "./job/resolved-options.js";
export { effectiveArguments, type JobArguments } from "./job/effective-arguments.js";
export * from "./workflow/index.js";

export * from "./types/data-type.js";
export { DynaframeError } from "./types/error.js";
export { ArmValue, DateValue, Decimal, TimestampValue } from "./types/value.js";
export { mergeDataTypes } from "./types/merge.js";
export { typeFromJson, typeToJson } from "./types/json.js";
export { schemaTree } from "./types/print.js";
export { hiveType, parseHiveType } from "./types/hive.js";
export { typescriptType } from "./types/typescript.js";
export type { ChangeEvidence, SchemaChange } from "./shapes/change-evidence.js";
export { diffTypes, type TypeChange } from "./types/compat.js";
