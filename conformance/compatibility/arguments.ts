/** Arguments of steps, readers and writers (docs/sources.md#methods and #context). */
import { camel, method, option, type Entry, type OptionCall, type OptionValues, type Section } from "./entry.js";

const VERBS = "test/dynamicframe/verb-options.test.ts";
const CALLS = "test/dynamicframe/call-options.test.ts";
const TRANSFORMS = "test/dynamicframe/transforms.test.ts";
const SOURCES = "test/dynamicframe/sources/source-options.test.ts";
const CONTEXT = "test/dynamicframe/context/context.test.ts";
const SPIGOT = "test/dynamicframe/spigot.test.ts";
const WITHOUT_EFFECT = "0181-options-without-effect";
const tests = (file: string, word: string): Pick<Entry, "tests"> => ({ tests: [[file, word]] });
const noEffect = (what: string, file: string, word: string): Partial<Entry> => ({
  differs: `accepted, no effect: ${what}`,
  decision: WITHOUT_EFFECT,
  ...tests(file, word),
});

export const stepSection: Section = {
  title: "Arguments of every step: transforms, readers, writers",
  entries: [
    option("step", "transformation_ctx", "ctx", tests(VERBS, "transformationCtx")),
    option("step", "info", "why", tests(VERBS, "info")),
    option("step", "stageThreshold", 1, tests(VERBS, "stageThreshold does not count")),
    option("step", "totalThreshold", 1, tests(VERBS, "fails past totalThreshold")),
    option("step", "strictPaths", false, {
      ...tests(VERBS, "strictPaths: false gives Glue's silence"),
      ownOption: "a path or option that is not known is an error; false passes it over, as Glue does",
    }),
  ],
};

/** Options of one verb, under the verb's name. */
const ofVerb = (call: OptionCall, glue: string, value: unknown, more: Partial<Entry>): Entry => {
  const entry = option(call, glue, value, more);
  return { ...entry, glue: `${call}: ${glue}`, ...(entry.ours === undefined ? {} : { ours: entry.ours }) };
};
const unbox = (
  format: "json" | "csv" | "avro",
  name: string,
  value: unknown,
  more: Partial<Entry> & { readonly beside?: OptionValues },
): Entry => ({
  ...option(`unbox ${format}`, name, value, more),
  glue: `unbox ${format}: ${name}`,
  ours: `unbox ${format}: ${name}`,
});
const UNBOXED: OptionValues = {
  separator: ";",
  escaper: "\\",
  skipFirst: true,
  withHeader: true,
  withSchema: '{"dataType":"struct","fields":[]}',
  quoteChar: -1,
  multiLine: true,
  encoding: "UTF-8",
  columns: ["a"],
};
/** Arguments that stand by their place. */
const placed = (name: string, args: string, more: Partial<Entry>): Entry => ({
  glue: `${name}(${args})`,
  probe: method("DynamicFrame", camel(name)),
  ...more,
});
const choice = (action: string, cases: readonly string[], more: Partial<Entry> = {}): Entry => ({
  glue: `resolveChoice: ${action}`,
  probe: method("DynamicFrame", "resolveChoice"),
  ops: ["resolveChoice"],
  tests: cases.map((word) => ["test/dynamicframe/verbs/resolve-choice.test.ts", word] as const),
  ...more,
});

export const verbArgumentSection: Section = {
  title: "Arguments of single verbs",
  entries: [
    placed("apply_mapping", "mappings of 2, 3 or 4 texts, or one of them", {
      ops: ["applyMapping"],
      tests: [["test/dynamicframe/verbs/apply-mapping.test.ts", "Mapping tuple must be of length"]],
      differs: "a tuple of 3 is source, target, target type",
      decision: "0203-taken-or-refused",
    }),
    ofVerb(
      "applyMapping",
      "case_sensitive",
      true,
      tests("test/dynamicframe/verbs/apply-mapping.test.ts", "caseSensitive"),
    ),
    ofVerb("resolveChoice", "specs", [["id", "cast:long"]], { ops: ["resolveChoice"] }),
    ofVerb("resolveChoice", "choice", "make_cols", { ops: ["resolveChoice"] }),
    ofVerb("resolveChoice", "database", "probe", { ...tests(VERBS, "match_catalog takes the types") }),
    ofVerb("resolveChoice", "table_name", "t", { ...tests(VERBS, "match_catalog takes the types") }),
    ofVerb(
      "resolveChoice",
      "catalog_id",
      "123456789012",
      noEffect("a context has one catalog", VERBS, "match_catalog takes the types"),
    ),
    choice("cast:T", ["cast:"]),
    choice("project:T", ["project:"], {
      differs: "keeps values that are a T, of Glue's two descriptions of it",
      decision: "0012-project-counts",
    }),
    choice("make_cols", ["make_cols"]),
    choice("make_struct", ["make_struct"]),
    choice("match_catalog", [], tests(VERBS, "match_catalog")),
    ofVerb(
      "map",
      "preservesPartitioning",
      true,
      noEffect("records stay in their partition", VERBS, "preservesPartitioning"),
    ),
    ofVerb("map", "concurrency", 4, {
      ...tests("test/dynamicframe/lambda.test.ts", "concurrency"),
      ownOption: "records of which an async function may be at work at once",
    }),
    ofVerb("filter", "concurrency", 4, {
      ...tests("test/dynamicframe/lambda.test.ts", "concurrency"),
      ownOption: "as for map",
    }),
    ofVerb(
      "mapPartitions",
      "preservesPartitioning",
      true,
      noEffect("records stay in their partition", VERBS, "preservesPartitioning"),
    ),
    ofVerb(
      "mapPartitionsWithIndex",
      "preservesPartitioning",
      true,
      noEffect("records stay in their partition", VERBS, "preservesPartitioning"),
    ),
    ofVerb(
      "mergeDynamicFrame",
      "options",
      {},
      noEffect("Glue names nothing that goes into it", VERBS, "options of a merge"),
    ),
    placed("relationalize", "root_table_name, staging_path, options", {
      ...tests(TRANSFORMS, "Relationalize.apply("),
      ops: ["relationalize"],
      differs: "staging lies where the context keeps it; options are accepted by the class",
      decision: "0010-relationalize-choices",
    }),
    placed("split_fields", "paths, name1, name2", { ops: ["splitFields"] }),
    placed("split_rows", "comparison_dict, name1, name2", { ops: ["splitRows"] }),
    placed("join", "paths1, paths2, frame2", { ops: ["join"] }),
    placed("coalesce", "numPartitions, shuffle", tests("test/dynamicframe/partitions-written.test.ts", "coalesce(")),
    placed("repartition", "numPartitions", tests("test/dynamicframe/partitions-written.test.ts", "repartition(")),
    placed("show", "num_rows", tests("test/dynamicframe/partitions.test.ts", ".show(")),
    ofVerb("spigot", "topk", 1, { ops: ["spigot"], ...tests(SPIGOT, "topk") }),
    ofVerb("spigot", "prob", 0.5, tests(SPIGOT, "prob")),
    ofVerb("spigot", "seed", 1, { ...tests(SPIGOT, "seed"), ownOption: "makes the choice repeatable" }),
    placed("unbox", "path, format: json, csv, avro", {
      ops: ["unbox"],
      ...tests("test/dynamicframe/unbox.test.ts", '"avro"'),
      differs: "other formats are refused by name; a value that cannot be parsed makes an error record",
    }),
    ...["separator", "escaper", "skipFirst", "withHeader", "withSchema"].map((name) =>
      unbox("csv", name, UNBOXED[name], { ops: ["unbox"], ...tests("test/conformance/coverage.test.ts", name) }),
    ),
    ...["quoteChar", "multiLine", "encoding", "columns"].map((name) =>
      unbox("csv", name, UNBOXED[name], {
        ...tests("test/dynamicframe/unbox.test.ts", name),
        ownOption: "as of the reader",
      }),
    ),
    ...["optimizePerformance", "strictCheckForQuoting", "writeHeader", "textTypes"].map((name) =>
      unbox("csv", name, true, { ...tests("test/dynamicframe/unbox.test.ts", name), ownOption: "accepted, no effect" }),
    ),
    unbox("csv", "inferTypes", true, { notApplicable: "refused: withSchema gives types" }),
    unbox("json", "withSchema", UNBOXED["withSchema"], {
      ops: ["unbox"],
      ...tests("test/dynamicframe/unbox.test.ts", "withSchema"),
    }),
    unbox("json", "encoding", "UTF-8", {
      ...tests("test/dynamicframe/unbox.test.ts", "encoding"),
      ownOption: "of binary values",
    }),
    ...["multiLine", "optimizePerformance", "textTypes"].map((name) =>
      unbox("json", name, true, {
        ...tests("test/dynamicframe/unbox.test.ts", name),
        ownOption: "accepted, no effect",
      }),
    ),
    unbox("json", "jsonPath", "$.a", { notApplicable: "refused: a text is one value" }),
    unbox("avro", "version", "1.8", {
      ...tests("test/dynamicframe/unbox.test.ts", "version"),
      beside: { avroSchema: '"int"' },
    }),
    unbox("avro", "withSchema", UNBOXED["withSchema"], {
      ...tests("test/dynamicframe/unbox.test.ts", "withSchema"),
      beside: { avroSchema: '"int"' },
    }),
    unbox("avro", "avroSchema", '"int"', {
      ...tests("test/dynamicframe/unbox.test.ts", "avroSchema"),
      ownOption: "reads bare values in binary encoding",
    }),
    { glue: "toDF: KeepAsStruct, Project", probe: method("DynamicFrame", "toDF"), ops: ["toDF"] },
  ],
};

/** Arguments of one call, under its name. */
const of = (call: OptionCall, title: string, glue: string, value: unknown, more: Partial<Entry>): Entry => ({
  ...option(call, glue, value, more),
  glue: `${title}: ${glue}`,
});
const reader =
  (call: "fromCatalog" | "fromOptions", title: string) =>
  (glue: string, value: unknown, more: Partial<Entry> = tests(SOURCES, camel(glue))): Entry =>
    of(call, title, glue, value, more);
const catalog = reader("fromCatalog", "from_catalog");
const files = reader("fromOptions", "from_options");
const rows = (glue: string, value: unknown, more: Partial<Entry>): Entry =>
  of("fromRows", "from_rdd", glue, value, more);
const writer =
  (call: "writer fromOptions" | "writer fromCatalog" | "writer fromJdbcConf", title: string) =>
  (glue: string, value: unknown, more: Partial<Entry> = tests(CONTEXT, camel(glue))): Entry =>
    of(call, title, glue, value, more);
const sink = writer("writer fromOptions", "write from_options");
const table = writer("writer fromCatalog", "write from_catalog");
const jdbc = writer("writer fromJdbcConf", "write from_jdbc_conf");
const present = (
  title: string,
  call: OptionCall,
  names: readonly (readonly [glue: string, value: unknown])[],
  shown: Partial<Entry>,
): Entry[] => names.map(([glue, value]) => of(call, title, glue, value, shown));
const RUN: readonly (readonly [name: string, value: unknown, what: string])[] = [
  ["mode", "append", "append, overwrite, error, ignore; merge into databases"],
  ["signal", new AbortController().signal, "ends the action"],
  ["onProgress", () => undefined, "is told of the action's progress"],
];
const own = (title: string, call: OptionCall): Entry[] =>
  RUN.map(([name, value, ownOption]) => of(call, title, name, value, { ...tests("test", name), ownOption }));

export const callSection: Section = {
  title: "Arguments of readers and writers",
  entries: [
    catalog("database", "probe"),
    catalog("name_space", "probe", tests(SOURCES, "nameSpace")),
    catalog("table_name", "t"),
    catalog("redshift_tmp_dir", "s3://tmp/", noEffect("nothing is staged", CALLS, "redshiftTmpDir")),
    catalog("push_down_predicate", ""),
    catalog("additional_options", {}),
    catalog("catalog_id", "123456789012", noEffect("a context has one catalog", CALLS, "catalogId")),
    catalog("asOfVersion", 1, { ...tests("test", "asOfVersion"), ownOption: "the table as it was at a version" }),
    catalog("asOfTime", new Date(), { ...tests("test", "asOfTime"), ownOption: "the same for a time" }),
    files("connection_type", "s3"),
    files("connection_options", { path: "." }),
    files("format", "json"),
    files("format_options", {}, tests("test/formats/options/read-options.test.ts", "formatOptions")),
    files("push_down_predicate", ""),
    rows("name", "n", tests("test/dynamicframe/collection.test.ts", "{ name }")),
    rows("schema", { dataType: "struct", fields: [] }, tests(CALLS, "fromRows takes a schema")),
    rows("sampleRatio", 0.5, noEffect("every record is looked at", CALLS, "sampleRatio")),
    ...present(
      "write from_options",
      "writer fromOptions",
      [
        ["connection_type", "s3"],
        ["format", "json"],
        ["format_options", {}],
      ],
      tests("test/formats/options/write-options.test.ts", "formatOptions"),
    ),
    { ...sink("frame", undefined, tests(CONTEXT, "frame")) },
    { ...sink("connection_options", undefined, tests(CALLS, "calls without connectionOptions")) },
    sink("accumulator_size", 1, noEffect("every error is counted", CALLS, "accumulatorSize")),
    ...own("write from_options", "writer fromOptions"),
    ...present(
      "write from_catalog",
      "writer fromCatalog",
      [
        ["database", "probe"],
        ["table_name", "written"],
        ["additional_options", {}],
      ],
      tests(CALLS, "writeDynamicFrame.fromCatalog"),
    ),
    { ...table("frame", undefined, tests(CALLS, "frame")) },
    table("redshift_tmp_dir", "s3://tmp/", noEffect("nothing is staged", CALLS, "redshiftTmpDir")),
    table("catalog_id", "123456789012", noEffect("a context has one catalog", CALLS, "catalogId")),
    ...own("write from_catalog", "writer fromCatalog"),
    ...present(
      "write from_jdbc_conf",
      "writer fromJdbcConf",
      [["catalog_connection", "kept"]],
      tests("test/database/contract.ts", "fromJdbcConf"),
    ),
    { ...jdbc("frame", undefined, tests("test/database/contract.ts", "fromJdbcConf")) },
    { ...jdbc("connection_options", undefined, tests("test/database/contract.ts", "fromJdbcConf")) },
    jdbc("redshift_tmp_dir", "s3://tmp/", noEffect("nothing is staged", CALLS, "redshiftTmpDir")),
    ...own("write from_jdbc_conf", "writer fromJdbcConf"),
  ],
};
