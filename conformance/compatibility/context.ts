/** GlueContext, its readers and writers, sources and sinks, and their options (docs/sources.md#context). */
import { camel, member, method, type Entry, type Section } from "./entry.js";

const CONTEXT = "test/dynamicframe/context/context.test.ts";
const SOURCES = "test/dynamicframe/sources/source-options.test.ts";
const PURGE = "test/dynamicframe/context/purge.test.ts";
const OPTIONS = "0041-source-and-sink-options";

type More = Omit<Entry, "glue">;
const context = (glue: string, more: More = {}): Entry => ({
  glue,
  ours: camel(glue),
  probe: method("GlueContext", more.ours ?? camel(glue)),
  tests: [[CONTEXT, more.ours ?? camel(glue)]],
  ...more,
});

export const contextSection: Section = {
  title: "GlueContext",
  entries: [
    {
      glue: "create_dynamic_frame.from_catalog",
      ours: "createDynamicFrame.fromCatalog",
      probe: member("createDynamicFrame.fromCatalog"),
      ops: ["readCatalog"],
      tests: [[SOURCES, "nameSpace"]],
      differs: "options in one object; unknown option names are errors",
      decision: OPTIONS,
    },
    {
      glue: "create_dynamic_frame.from_options",
      ours: "createDynamicFrame.fromOptions",
      probe: member("createDynamicFrame.fromOptions"),
      ops: ["read"],
      differs: "options in one object; unknown option names are errors",
      decision: OPTIONS,
    },
    {
      glue: "create_dynamic_frame.from_rdd",
      ours: "createDynamicFrame.fromRows",
      probe: member("createDynamicFrame.fromRows"),
      ops: ["printSchema"],
      differs: "takes arrays and anything that yields records, also asynchronously; there are no RDDs",
    },
    {
      glue: "create_data_frame.from_catalog, from_options",
      ours: "createDataFrame.fromCatalog, fromOptions",
      probe: member("createDataFrame.fromOptions"),
      tests: [[CONTEXT, "createDataFrame"]],
      differs: "streams are read by forEachBatch only",
      decision: "0095-continuous-processing",
    },
    context("create_sample_dynamic_frame_from_catalog", { tests: [[SOURCES, "createSampleDynamicFrameFromCatalog"]] }),
    context("create_sample_dynamic_frame_from_options", { tests: [[SOURCES, "createSampleDynamicFrameFromOptions"]] }),
    {
      glue: "write_dynamic_frame.from_options",
      ours: "writeDynamicFrame.fromOptions",
      probe: member("writeDynamicFrame.fromOptions"),
      tests: [[CONTEXT, "writeDynamicFrame.fromOptions"]],
      differs: "gives a report that counts every record",
      decision: "0002-frames-and-accounts",
    },
    {
      glue: "write_dynamic_frame.from_catalog",
      ours: "writeDynamicFrame.fromCatalog",
      probe: member("writeDynamicFrame.fromCatalog"),
      tests: [[CONTEXT, "fromCatalog"]],
      differs: "gives a report that counts every record",
      decision: "0002-frames-and-accounts",
    },
    {
      glue: "write_dynamic_frame.from_jdbc_conf",
      ours: "writeDynamicFrame.fromJdbcConf",
      probe: member("writeDynamicFrame.fromJdbcConf"),
      tests: [["test/database", "fromJdbcConf"]],
    },
    {
      glue: "a collection as frame, useFrameName",
      ours: "frame",
      probe: member("writeDynamicFrame.fromOptions"),
      tests: [
        ["test/database/contract.ts", "DynamicFrameCollection.of"],
        [CONTEXT, "DynamicFrameCollection.of"],
      ],
      decision: "0124-collections-into-databases",
    },
    {
      glue: "write_data_frame",
      ours: "writeDataFrame.fromOptions, fromCatalog",
      probe: member("writeDataFrame.fromOptions"),
      tests: [[CONTEXT, "writeDataFrame"]],
      differs: "batch writes only",
    },
    {
      glue: "getSource(type, format, transformation_ctx, push_down_predicate, **options)",
      ours: "getSource(type, options)",
      probe: method("GlueContext", "getSource"),
      tests: [[CONTEXT, "getSource and getSink of a database"]],
      differs: "options in one object",
    },
    {
      glue: "getSink(type, format, transformation_ctx, **options)",
      ours: "getSink(type, options)",
      probe: method("GlueContext", "getSink"),
      tests: [[CONTEXT, "getSource and getSink of a database"]],
      differs: "options in one object",
    },
    context("extract_jdbc_conf", { tests: [["test/cli/connections.test.ts", "extractJdbcConf"]] }),
    context("purge_table", {
      tests: [[PURGE, "purgeTable"]],
      differs: "has a dry run; names that begin with a period stay",
      decision: "0042-purge",
    }),
    context("purge_s3_path", {
      ours: "purgeS3Path",
      tests: [[PURGE, "purgeS3Path"]],
      differs: "also for local paths; has a dry run; names that begin with a period stay",
      decision: "0042-purge",
    }),
    context("transition_table", { differs: "always UNSUPPORTED: storage classes are S3's", decision: "0042-purge" }),
    context("transition_s3_path", {
      ours: "transitionS3Path",
      differs: "always UNSUPPORTED: storage classes are S3's",
      decision: "0042-purge",
    }),
    context("add_ingestion_time_columns"),
    context("get_logger"),
    context("get_catalog_schema_as_spark_schema", { differs: "gives the type of a frame" }),
    {
      glue: "minPartitions, targetPartitions",
      notApplicable: "the number of a cluster's tasks; repartition and coalesce say how many files are written",
    },
    { glue: "spark_session", notApplicable: "there is no Spark session; glue.sql() runs SQL over the catalog" },
    context("forEachBatch", {
      tests: [["test/dynamicframe/stream/for-each-batch.test.ts", "forEachBatch"]],
      differs:
        "over folders, Kafka and streams of records (Kinesis by a client of the user's); the batch's files are part of its commit",
      decision: "0095-continuous-processing",
    }),
    {
      glue: "getSampleStreamingDynamicFrame: windowSize, pollingTimeInMs, recordPollingLimit",
      notApplicable: "a batch of forEachBatch is at hand",
    },
    {
      glue: "start_transaction, commit_transaction, cancel_transaction",
      notApplicable: "governed tables of Lake Formation",
    },
    { glue: "awsglue.functions", notApplicable: "functions of Spark columns; use map, or SQL" },
  ],
};

const part = (of: "source" | "sink", glue: string, more: More = {}): Entry => ({
  glue,
  probe: member(glue, of),
  tests: [[CONTEXT, glue]],
  ...more,
});

export const sourceSinkSection: Section = {
  title: "DataSource and DataSink",
  entries: [
    part("source", "setFormat"),
    part("source", "getFrame"),
    part("source", "getSampleFrame"),
    part("source", "getDataFrame"),
    part("sink", "setFormat"),
    part("sink", "setCatalogInfo"),
    part("sink", "setAccumulableSize", { differs: "changes nothing: reports count every record", decision: OPTIONS }),
    part("sink", "writeFrame", { differs: "gives a report, where Glue gives a frame of errors" }),
    part("sink", "write", { differs: "gives a report, where Glue gives a frame of errors" }),
    part("sink", "writeDataFrame"),
  ],
};
