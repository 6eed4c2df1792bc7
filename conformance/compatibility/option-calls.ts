/** How each call is made that takes options: with the ones given and whatever it needs beside them. */
import { join } from "node:path";
import { DynamicFrameCollection, type DynamicFrame, type GlueContext } from "../api.js";
import type { OptionCall, OptionValues } from "./entry.js";

/**
 * What the calls are made on: an open context, a folder with `data` in it that is empty, a database `probe`, and a
 * number that is new each time.
 */
export type Ground = { readonly glue: GlueContext; readonly folder: string; readonly next: () => number };
type Call = (ground: Ground, options: OptionValues) => unknown;

const frameOf = ({ glue }: Ground): DynamicFrame => glue.createDynamicFrame.fromRows([{ id: 1, p: "a" }]);
const out = ({ folder, next }: Ground): string => join(folder, `out-${next()}`);
const data = ({ folder }: Ground): string => join(folder, "data");
const sqlite = ({ folder }: Ground): OptionValues => ({ url: `jdbc:sqlite:${join(folder, "probe.db")}` });
// options are tried as a script in JavaScript gives them
const any = (options: OptionValues): never => options as never;

const reads =
  (format: string): Call =>
  (ground, formatOptions) =>
    ground.glue.createDynamicFrame.fromOptions(
      any({ connectionType: "file", connectionOptions: { path: data(ground) }, format, formatOptions }),
    );
const writes =
  (format: string): Call =>
  (ground, formatOptions) =>
    ground.glue.writeDynamicFrame.fromOptions(
      any({
        frame: frameOf(ground),
        connectionType: "file",
        connectionOptions: { path: out(ground) },
        format,
        formatOptions,
      }),
    );
const tableOptions: Call = ({ glue }, additionalOptions) =>
  glue.createDynamicFrame.fromCatalog({ database: "probe", tableName: "t", additionalOptions: any(additionalOptions) });

export const OPTION_CALLS: { readonly [call in OptionCall]: Call } = {
  step: (ground, options) => frameOf(ground).unnest(options),
  applyMapping: (ground, options) => frameOf(ground).applyMapping([["id", "int", "id", "long"]], options),
  resolveChoice: (ground, options) =>
    frameOf(ground).resolveChoice(
      Object.hasOwn(options, "choice") ? options : { specs: [["id", "cast:long"]], ...options },
    ),
  map: (ground, options) => frameOf(ground).map((record) => record, options),
  filter: (ground, options) => frameOf(ground).filter(() => true, options),
  mapPartitions: (ground, options) => frameOf(ground).mapPartitions((records) => records, options),
  mapPartitionsWithIndex: (ground, options) => frameOf(ground).mapPartitionsWithIndex((_, records) => records, options),
  mergeDynamicFrame: (ground, options) => frameOf(ground).mergeDynamicFrame(frameOf(ground), ["id"], options),
  spigot: (ground, options) => frameOf(ground).spigot(out(ground), options),
  "unbox json": (ground, options) => frameOf(ground).unbox("p", "json", options),
  "unbox csv": (ground, options) => frameOf(ground).unbox("p", "csv", options),
  "unbox avro": (ground, options) => frameOf(ground).unbox("p", "avro", options),
  fromCatalog: ({ glue }, options) =>
    glue.createDynamicFrame.fromCatalog(
      any({ ...(Object.hasOwn(options, "nameSpace") ? {} : { database: "probe" }), tableName: "t", ...options }),
    ),
  fromOptions: (ground, options) =>
    ground.glue.createDynamicFrame.fromOptions(
      any({ connectionType: "file", connectionOptions: { path: data(ground) }, format: "json", ...options }),
    ),
  fromRows: ({ glue }, options) => glue.createDynamicFrame.fromRows([{ id: 1 }], options),
  "writer fromOptions": (ground, options) =>
    ground.glue.writeDynamicFrame.fromOptions(
      any({
        frame: frameOf(ground),
        connectionType: "file",
        connectionOptions: { path: out(ground) },
        format: "json",
        ...options,
      }),
    ),
  "writer fromCatalog": async (ground, options) => {
    await ground.glue.writeDynamicFrame.fromCatalog(
      any({ frame: frameOf(ground), database: "probe", tableName: "written", ...options }),
    );
  },
  "writer fromJdbcConf": (ground, options) =>
    ground.glue.writeDynamicFrame.fromJdbcConf(
      any({
        frame: frameOf(ground),
        catalogConnection: "kept",
        connectionOptions: { dbtable: `t${ground.next()}` },
        ...options,
      }),
    ),
  "file source": (ground, options) =>
    ground.glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: any({ ...(Object.hasOwn(options, "paths") ? {} : { path: data(ground) }), ...options }),
      format: "json",
    }),
  "file sink": (ground, options) =>
    ground.glue.writeDynamicFrame.fromOptions({
      frame: frameOf(ground),
      connectionType: "file",
      connectionOptions: any({ path: out(ground), ...options }),
      format: "json",
    }),
  "table source": tableOptions,
  "table sink": async (ground, additionalOptions) => {
    await ground.glue.writeDynamicFrame.fromCatalog({
      frame: frameOf(ground),
      database: "probe",
      tableName: "written",
      additionalOptions: any(additionalOptions),
    });
  },
  "database source": (ground, options) =>
    ground.glue.createDynamicFrame.fromOptions({
      connectionType: "sqlite",
      connectionOptions: any({
        ...sqlite(ground),
        ...(Object.hasOwn(options, "query") ? {} : { dbtable: "t" }),
        ...options,
      }),
    }),
  "database sink": (ground, options) =>
    Object.hasOwn(options, "schema") || Object.hasOwn(options, "useFrameName")
      ? ground.glue.writeDynamicFrame.fromOptions({
          frame: DynamicFrameCollection.of({ [`c${ground.next()}`]: frameOf(ground) }),
          connectionType: "sqlite",
          connectionOptions: any({ ...sqlite(ground), ...options }),
        })
      : ground.glue.writeDynamicFrame.fromOptions({
          frame: frameOf(ground),
          connectionType: "sqlite",
          connectionOptions: any({ ...sqlite(ground), dbtable: `t${ground.next()}`, ...options }),
          mode: Object.hasOwn(options, "mergeKeys") ? "merge" : "append",
        }),
  "kafka source": ({ glue }, options) =>
    glue.createDynamicFrame.fromOptions({
      connectionType: "kafka",
      connectionOptions: {
        ...(Object.hasOwn(options, "assign") || Object.hasOwn(options, "subscribePattern") ? {} : { topicName: "t" }),
        ...options,
      },
    }),
  sample: (ground, sampleOptions) =>
    ground.glue.createSampleDynamicFrameFromOptions({
      connectionType: "file",
      connectionOptions: { path: data(ground) },
      format: "json",
      num: 1,
      sampleOptions: any(sampleOptions),
    }),
  purge: (ground, options) =>
    Object.hasOwn(options, "partitionPredicate")
      ? ground.glue.purgeTable("probe", "written", { dryRun: true, ...options })
      : ground.glue.purgeS3Path(data(ground), { dryRun: true, ...options }),
  forEachBatch: (ground, options) =>
    ground.glue.forEachBatch({
      frame: ground.glue.createDataFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: data(ground) },
        format: "json",
      }),
      batchFunction: () => undefined,
      options: { windowSize: "1 second", checkpointLocation: out(ground), availableNow: true, ...options },
    }),
  "read csv": reads("csv"),
  "read json": reads("json"),
  "read xml": reads("xml"),
  "read avro": reads("avro"),
  "read parquet": reads("parquet"),
  "read grokLog": reads("grokLog"),
  "write csv": writes("csv"),
  "write json": writes("json"),
  "write parquet": writes("parquet"),
  "write glueparquet": writes("glueparquet"),
  "write avro": writes("avro"),
};
