/**
 * DynamicFrame, DynamicFrameCollection and the transform classes (docs/sources.md#methods, docs/sources.md#transforms).
 */
import { camel, exported, method, type Entry, type Section } from "./entry.js";

type More = Omit<Entry, "glue" | "probe">;
const frame = (glue: string, more: More): Entry => ({
  glue,
  ours: camel(glue),
  probe: method("DynamicFrame", more.ours ?? camel(glue)),
  ...more,
});
const verb = (glue: string, more: More = {}): Entry => frame(glue, { ops: [camel(glue)], ...more });
const test = (file: string, word: string): readonly [string, string] => [`test/dynamicframe/${file}`, word];
const CLASSES = "transforms.test.ts";

export const frameSection: Section = {
  title: "DynamicFrame",
  entries: [
    {
      glue: "DynamicFrame(jdf, glue_ctx, name), name, glue_ctx",
      ours: "DynamicFrame.fromDF(df, glue, name), name",
      probe: { kind: "method", of: "DynamicFrame", name: "fromDF", isStatic: true },
      tests: [test("collection.test.ts", ".name")],
      differs: "frames are made by a context, by verbs and by fromDF",
    },
    {
      glue: "DynamicRecord",
      ours: "a plain object",
      probe: exported("typeTag"),
      tests: [test("lambda.test.ts", "typeTag")],
      differs:
        "a missing field reads as undefined, where Glue raises KeyError; typeTag(record, path) tells exact types",
      decision: "0047-functions-and-tags",
    },
    {
      glue: "fromDF",
      probe: { kind: "method", of: "DynamicFrame", name: "fromDF", isStatic: true },
      tests: [test("partitions.test.ts", "DynamicFrame.fromDF(")],
    },
    frame("toDF", { ops: ["toDF"] }),
    frame("schema", { tests: [test("unbox.test.ts", "schemaTree")] }),
    frame("printSchema", { ops: ["printSchema"] }),
    frame("show", { tests: [test("partitions.test.ts", ".show(")] }),
    frame("count", { ops: ["map", "filter"] }),
    frame("getNumPartitions", {
      tests: [test("partitions-written.test.ts", "getNumPartitions")],
      differs:
        "a source is one partition in embedded engines until repartition, coalesce or groupSize say otherwise; Spark runs the plan and counts those that hold rows",
    }),
    frame("repartition", { tests: [test("partitions-written.test.ts", "repartition(3)")] }),
    frame("coalesce", { tests: [test("partitions-written.test.ts", "coalesce(1)")] }),
    verb("map"),
    verb("filter"),
    frame("mapPartitions", {
      tests: [test("partitions.test.ts", "mapPartitions")],
      differs: "the function gets an async stream of envelopes",
    }),
    frame("mapPartitionsWithIndex", {
      tests: [test("partitions.test.ts", "mapPartitionsWithIndex")],
      differs: "the function gets an async stream of envelopes; embedded engines run one partition after the other",
    }),
    verb("apply_mapping"),
    verb("drop_fields"),
    verb("select_fields", { differs: "also takes nested paths, where Glue has top-level names only" }),
    verb("rename_field"),
    verb("split_fields"),
    verb("split_rows", { differs: "numbers compare by value and unrounded", decision: "0014-keys-by-value" }),
    verb("join", {
      differs: "which names get a period is decided by the schemas, not record by record; the second frame's do",
      decision: "0014-keys-by-value",
    }),
    verb("union"),
    frame("mergeDynamicFrame", { ops: ["mergeDynamicFrame"] }),
    verb("unnest", { decision: "0011-unnest-in-lists" }),
    verb("relationalize", {
      differs:
        "an unresolved choice gets a column for each type, where Glue collapses it; staging lies where the context keeps it",
      decision: "0010-relationalize-choices",
    }),
    verb("unbox"),
    verb("unnest_ddb_json", { decision: "0015-ddb-json" }),
    verb("simplify_ddb_json", { decision: "0015-ddb-json" }),
    frame("resolveChoice", {
      ops: ["resolveChoice"],
      differs: "project:T keeps values that are a T, of Glue's two descriptions of it",
      decision: "0012-project-counts",
    }),
    verb("spigot"),
    frame("write", {
      tests: [test("context/context.test.ts", ".write(")],
      differs: "gives a report that counts every record, where Glue gives a frame of errors",
      decision: "0002-frames-and-accounts",
    }),
    frame("errorsCount", { ops: ["map", "read"] }),
    frame("stageErrorsCount", { tests: [test(CLASSES, "stageErrorsCount")] }),
    frame("errorsAsDynamicFrame", {
      ops: ["read"],
      differs:
        "a malformed record's message says what is wrong and where, Glue's only \"error in jackson reader\"; the good line after a bad one is read",
    }),
    frame("assertErrorThreshold", { ops: ["assertErrorThreshold"] }),
    frame("with_frame_schema", { tests: [test("partitions.test.ts", "withFrameSchema")] }),
    frame("recomputeSchema", { tests: [test("partitions.test.ts", "recomputeSchema")] }),
    frame("withName", { tests: [test("context/context.test.ts", "withName")] }),
    { glue: "withTransformationContext", notApplicable: "Scala only; give transformationCtx to the step" },
    { glue: "getSchemaIfComputed, isSchemaComputed", notApplicable: "Scala only; the schema is known from the plan" },
    {
      glue: "dropField, selectField, dropNulls",
      notApplicable: "Scala only; dropFields, selectFields, dropNullFields",
    },
  ],
};

const collection = (glue: string, ours: string, more: More): Entry => ({
  glue,
  ...(glue === ours ? {} : { ours }),
  probe: method("DynamicFrameCollection", ours),
  ...more,
});

export const collectionSection: Section = {
  title: "DynamicFrameCollection",
  entries: [
    {
      glue: "DynamicFrameCollection(list or dict)",
      ours: "DynamicFrameCollection.of",
      probe: { kind: "method", of: "DynamicFrameCollection", name: "of", isStatic: true },
      tests: [test(CLASSES, "DynamicFrameCollection.of")],
    },
    collection("keys", "keys", {
      ops: ["splitFields", "relationalize"],
      differs: "a promise: names may follow from the schema",
    }),
    collection("values", "values", { tests: [test("collection.test.ts", "values")], differs: "a promise" }),
    collection("len()", "size", { tests: [test("collection.test.ts", "size")], differs: "a promise" }),
    collection("select", "select", { tests: [test("collection.test.ts", "select")] }),
    collection("[key]", "get", { tests: [test("collection.test.ts", "NO_SUCH_FRAME")] }),
    collection("map", "map", { tests: [test("collection.test.ts", ".map(")] }),
    collection("flatmap", "flatmap", { tests: [test("collection.test.ts", "flatmap")] }),
  ],
};

const TRANSFORMS = [
  "ApplyMapping",
  "Coalesce",
  "DropFields",
  "DropNullFields",
  "ErrorsAsDynamicFrame",
  "Filter",
  "FlatMap",
  "Join",
  "Map",
  "MapToCollection",
  "Relationalize",
  "RenameField",
  "Repartition",
  "ResolveChoice",
  "SelectFields",
  "SelectFromCollection",
  "SplitFields",
  "SplitRows",
  "Spigot",
  "Unbox",
  "Union",
  "UnnestFrame",
];
const NOTES: { readonly [name: string]: string } = {
  Join: "takes transformationCtx, which Glue ignores",
  Union: "works, where Glue's fails with NameError",
  MapToCollection: "gives a promise",
  FlatMap: "gives a promise",
};

export const transformSection: Section = {
  title: "Transform classes: apply, name, describe, describeArgs, describeReturn, describeTransform, describeErrors",
  entries: [
    ...TRANSFORMS.map((name): Entry => ({
      glue: name,
      probe: { kind: "transform", name },
      tests: [test(CLASSES, name)],
      ...(NOTES[name] === undefined ? {} : { differs: NOTES[name], decision: "0040-transform-classes" }),
    })),
    {
      glue: "get_transform",
      ours: "getTransform",
      probe: exported("getTransform"),
      tests: [test(CLASSES, "getTransform(")],
    },
    {
      glue: "get_transforms",
      ours: "getTransforms",
      probe: exported("getTransforms"),
      tests: [test(CLASSES, "getTransforms(")],
    },
    {
      glue: "describe_transform",
      ours: "describeTransform",
      probe: exported("describeTransform"),
      tests: [test(CLASSES, "describeTransform(")],
    },
    {
      glue: "awsglue.dataframe_transforms.ApplyMapping",
      ours: "DynamicFrame.fromDF(df, glue).applyMapping(…).toDF()",
      probe: { kind: "method", of: "DynamicFrame", name: "fromDF", isStatic: true },
      tests: [test("partitions.test.ts", "DynamicFrame.fromDF(")],
      differs: "one step more: DataFrames have no verbs",
    },
    { glue: "FillMissingValues, FindMatches, FindIncrementalMatches", notApplicable: "models of the service" },
    {
      glue: "EvaluateDataQuality",
      notApplicable:
        "not in scripts; the server evaluates rulesets over tables of the catalog, by the API's data quality runs (decision 0144)",
    },
  ],
};
