/**
 * Callers without types may give anything. A wrong call is an error with a code, at the call or at the action, and
 * never takes the process down.
 */
import * as api from "../../src/index.js";
import {
  DynaframeError,
  getResolvedOptions,
  getTransforms,
  type DynamicFrame,
  type GlueContext,
} from "../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";

let context: TemporaryContext;
beforeAll(async () => {
  context = await temporaryContext({ engine: "reference" });
});
afterAll(() => context.close());

const JUNK: readonly unknown[] = [undefined, null, 5, NaN, true, [5], [null], [[]], {}, { a: 5 }, () => 1, new Date(0)];
type Call = (frame: DynamicFrame, junk: never) => DynamicFrame;
/** Each argument of each verb. `fine`: what of the junk says something after all. */
const CALLS: Readonly<Record<string, { readonly call: Call; readonly fine?: (junk: unknown) => boolean }>> = {
  "union: other": { call: (f, x) => f.union(x) },
  "join: other": { call: (f, x) => f.join("a", "a", x) },
  "join: paths1": { call: (f, x) => f.join(x, "a", f) },
  "join: paths2": { call: (f, x) => f.join("a", x, f) },
  "mergeDynamicFrame: stage": { call: (f, x) => f.mergeDynamicFrame(x, ["a"]) },
  "mergeDynamicFrame: primaryKeys": { call: (f, x) => f.mergeDynamicFrame(f, x) },
  "applyMapping: mappings": { call: (f, x) => f.applyMapping(x) },
  "dropFields: paths": { call: (f, x) => f.dropFields(x) },
  "selectFields: paths": { call: (f, x) => f.selectFields(x) },
  "renameField: oldName": { call: (f, x) => f.renameField(x, "b") },
  "renameField: newName": { call: (f, x) => f.renameField("a", x) },
  "splitFields: paths": { call: (f, x) => f.splitFields(x).select("rows1") },
  "splitRows: comparisons": { call: (f, x) => f.splitRows(x).select("frame1") },
  "splitRows: constant": {
    call: (f, x) => f.splitRows({ a: { ">": x } }).select("frame1"),
    fine: (x) => x === 5 || x === true || x instanceof Date,
  },
  "resolveChoice: options": { call: (f, x) => f.resolveChoice(x) },
  "resolveChoice: specs": { call: (f, x) => f.resolveChoice({ specs: x }) },
  "resolveChoice: choice": { call: (f, x) => f.resolveChoice({ choice: x }) },
  "map: f": { call: (f, x) => f.map(x), fine: (x) => typeof x === "function" },
  "filter: f": { call: (f, x) => f.filter(x), fine: (x) => typeof x === "function" },
  "mapPartitions: f": { call: (f, x) => f.mapPartitions(x) },
  "mapPartitionsWithIndex: f": { call: (f, x) => f.mapPartitionsWithIndex(x) },
  "withFrameSchema: schema": { call: (f, x) => f.withFrameSchema(x) },
  "unbox: path": { call: (f, x) => f.unbox(x, "json") },
  "unbox: format": { call: (f, x) => f.unbox("b", x) },
  "repartition: partitions": { call: (f, x) => f.repartition(x), fine: (x) => x === 5 },
  "toDF: options": {
    call: (f, x) => {
      f.toDF(x);
      return f;
    },
    fine: (x) => x === undefined,
  },
  "trailing options": {
    call: (f, x) => f.unnest(x),
    fine: (x) => x === undefined || (typeof x === "object" && x !== null && Object.keys(x).length === 0),
  },
};

test.each(Object.entries(CALLS))("%s", async (_, { call, fine }) => {
  for (const junk of JUNK) {
    const found = await (async () => {
      try {
        return (await call(context.glue.createDynamicFrame.fromRows([{ a: 1, b: "x" }]), junk as never).records())
          .length >= 0
          ? "taken"
          : "nothing";
      } catch (error) {
        return error;
      }
    })();
    const shown = [typeof junk, String(JSON.stringify(junk))];
    if (fine?.(junk) === true) expect([...shown, found]).toEqual([...shown, "taken"]);
    else expect([...shown, found instanceof DynaframeError ? "refused" : found]).toEqual([...shown, "refused"]);
  }
});

test.each([undefined, null, 5, {}, "frame"])("a sink takes frames only: %p", async (frame) => {
  const { glue, directory } = context;
  const calls = [
    () =>
      glue.writeDynamicFrame.fromOptions({
        frame: frame as never,
        connectionType: "file",
        connectionOptions: { path: `${directory}/out` },
        format: "json",
      }),
    () =>
      glue.writeDynamicFrame.fromOptions({
        frame: frame as never,
        connectionType: "sqlite",
        connectionOptions: { url: `${directory}/out.db`, dbtable: "t" },
      }),
    () =>
      glue.writeDynamicFrame.fromJdbcConf({
        frame: frame as never,
        catalogConnection: "c",
        connectionOptions: { dbtable: "t" },
      }),
    () => glue.writeDynamicFrame.fromCatalog({ frame: frame as never, database: "d", tableName: "t" }),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "BAD_ARGUMENT", name: "TypeError" });
});

/** Names, addresses and lists that a context takes. `{}` and `[]` may be lists of nothing. */
const OF_CONTEXTS: Readonly<Record<string, (glue: GlueContext, junk: never) => unknown>> = {
  "fromRows: rows": (glue, x) => glue.createDynamicFrame.fromRows(x).records(),
  "fromRows: schema": (glue, x) => glue.createDynamicFrame.fromRows([{ a: 1 }], { schema: x }).records(),
  "fromCatalog: options": (glue, x) => glue.createDynamicFrame.fromCatalog(x).records(),
  "fromCatalog: database": (glue, x) => glue.createDynamicFrame.fromCatalog({ database: x, tableName: "t" }).records(),
  "fromCatalog: tableName": (glue, x) => glue.createDynamicFrame.fromCatalog({ database: "d", tableName: x }).records(),
  "fromOptions: options": (glue, x) => glue.createDynamicFrame.fromOptions(x).records(),
  "fromOptions: paths": (glue, x) =>
    glue.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { paths: x }, format: "json" })
      .records(),
  "fromOptions: formatOptions": (glue, x) =>
    glue.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { path: "nowhere" }, format: "json", formatOptions: x })
      .records(),
  "write fromCatalog: tableName": (glue, x) =>
    glue.writeDynamicFrame.fromCatalog({
      frame: glue.createDynamicFrame.fromRows([{ a: 1 }]),
      database: "d",
      tableName: x,
    }),
  "write fromJdbcConf: catalogConnection": (glue, x) =>
    glue.writeDynamicFrame.fromJdbcConf({
      frame: glue.createDynamicFrame.fromRows([{ a: 1 }]),
      catalogConnection: x,
      connectionOptions: { dbtable: "t" },
    }),
  "spigot: path": (glue, x) =>
    glue.createDynamicFrame
      .fromRows([{ a: 1 }])
      .spigot(x)
      .count(),
  "match_catalog: database": (glue, x) =>
    glue.createDynamicFrame
      .fromRows([{ a: 1 }])
      .resolveChoice({ choice: "match_catalog", database: x, tableName: "t" })
      .count(),
  "purgeTable: database": (glue, x) => glue.purgeTable(x, "t", { dryRun: true }),
  "purgeS3Path: path": (glue, x) => glue.purgeS3Path(x, { dryRun: true }),
  "extractJdbcConf: name": (glue, x) => glue.extractJdbcConf(x),
  "getCatalogSchemaAsSparkSchema: database": (glue, x) => glue.getCatalogSchemaAsSparkSchema(x, "t"),
};
/** Nothing is given, which may be what the call has a default for. */
const DEFAULTS = ["fromRows: schema", "fromOptions: formatOptions"];

test.each(Object.entries(OF_CONTEXTS))("%s", async (name, call) => {
  for (const junk of JUNK) {
    if (junk === undefined && DEFAULTS.includes(name)) continue;
    const found = await (async () => {
      try {
        await call(context.glue, junk as never);
        return "taken";
      } catch (error) {
        return error;
      }
    })();
    const shown = [typeof junk, String(JSON.stringify(junk))];
    expect([...shown, found instanceof DynaframeError ? "refused" : found]).toEqual([...shown, "refused"]);
  }
});

test.each(getTransforms().map((transform) => transform.name()))(
  "%s.apply of what are no frames names the argument",
  (name) => {
    const { apply, describeArgs } =
      (
        api as unknown as Readonly<
          Record<
            string,
            {
              readonly apply: (...args: unknown[]) => unknown;
              readonly describeArgs: () => readonly { readonly name: string }[];
            }
          >
        >
      )[name] ?? {};
    const [first] = describeArgs?.() ?? [];
    for (const junk of [null, 5, "frame", [], () => 1])
      expect(() => apply?.(junk)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT", path: first?.name }));
  },
);

test.each([
  [5, ["a"]],
  [null, ["a"]],
  [["s", 5], ["a"]],
  [["s"], "a"],
  [["s"], [5]],
])("getResolvedOptions(%j, %j)", (argv, names) => {
  expect(() => getResolvedOptions(argv as never, names as never)).toThrow(
    expect.objectContaining({ code: "BAD_JOB_ARGUMENT" }),
  );
});

const rowsOf = (glue: GlueContext): DynamicFrame => glue.createDynamicFrame.fromRows([{ a: 1, b: "x" }]);
const writeTo = (glue: GlueContext, directory: string, options: object): Promise<unknown> =>
  glue.writeDynamicFrame.fromOptions({
    frame: rowsOf(glue),
    connectionType: "file",
    connectionOptions: { path: `${directory}/never` },
    format: "json",
    ...options,
  });
/** What is no object, where options are; with undefined, where the call cannot be without. */
const NO_OPTIONS: Readonly<Record<string, (x: never, glue: GlueContext, directory: string) => unknown>> = {
  "GlueContext.open": (x) => api.GlueContext.open(x),
  "open: catalog": (x) => api.GlueContext.open({ catalog: x }),
  "open: engine": (x) => api.GlueContext.open({ engine: x }),
  "open: stagingPath": (x) => api.GlueContext.open({ stagingPath: x }),
  "Job.init: glue": (x) => api.Job.init(x, "j"),
  "Job.init: name": (x, glue) => api.Job.init(glue, x),
  "Job.init: args": (x, glue) => api.Job.init(glue, "j", x),
  count: (x, glue) => rowsOf(glue).count(x),
  schema: (x, glue) => rowsOf(glue).schema(x),
  records: (x, glue) => rowsOf(glue).records(x),
  drift: (x, glue) => rowsOf(glue).drift(x),
  explain: (x, glue) => rowsOf(glue).explain(x),
  "a signal": (x, glue) => rowsOf(glue).count({ signal: x }),
  "toDF: rows": (x, glue) => rowsOf(glue).toDF().rows(x),
  "fromDF: glue": (x) => api.DynamicFrame.fromDF([{ a: 1 }], x),
  "unbox: formatOptions": (x, glue) => rowsOf(glue).unbox("b", "json", x),
  "spigot: options": (x, glue) => rowsOf(glue).spigot("p", x),
  "write: connectionOptions": (x, glue, directory) => writeTo(glue, directory, { connectionOptions: x }),
  "read: connectionOptions": (x, glue) =>
    glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: x, format: "json" }).count(),
  "fromCatalog: additionalOptions": (x, glue) =>
    glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "t", additionalOptions: x }).count(),
  "write fromCatalog: additionalOptions": (x, glue) =>
    glue.writeDynamicFrame.fromCatalog({ frame: rowsOf(glue), database: "d", tableName: "t", additionalOptions: x }),
  crawl: (x, glue) => glue.crawl(x),
  "crawl: database": (x, glue) => glue.crawl({ database: x, includes: ["."] }),
  "crawl: includes": (x, glue) => glue.crawl({ database: "d", includes: x }),
  "crawl: an include": (x, glue) => glue.crawl({ database: "d", includes: [[x]] as never }),
  "crawl: run": (x, glue) => glue.crawl({ database: "d", includes: ["."] }, x),
  planCrawl: (x, glue) => glue.planCrawl(x),
  applyPlan: (x, glue) => glue.applyPlan(x),
  drift_: (x, glue) => glue.drift(x),
  diff: (x, glue) => glue.diff(x),
  blame: (x, glue) => glue.blame(x),
  crawls: (x, glue) => glue.crawls(x),
  blueprints: (x, glue) => glue.blueprints(x),
  forEachBatch: (x, glue) => glue.forEachBatch(x),
  sql: (x, glue) => glue.sql(x),
  dropTempView: (x, glue) => glue.dropTempView(x),
  sampleFromCatalog: (x, glue) => glue.createSampleDynamicFrameFromCatalog(x),
  sampleFromOptions: (x, glue) => glue.createSampleDynamicFrameFromOptions(x),
  getSource: (x, glue) => glue.getSource("file", x),
  getSink: (x, glue) => glue.getSink("file", x),
  testConnection: (x, glue) => glue.testConnection(x),
  defineWorkflow: (x) => api.defineWorkflow(x),
  "defineWorkflow: nodes": (x) => api.defineWorkflow({ name: "w", nodes: x }),
  defineBlueprint: (x) => api.defineBlueprint(x),
  "purgeTable: options": (x, glue) => glue.purgeTable("d", "t", x),
  "purgeS3Path: options": (x, glue) => glue.purgeS3Path("p", x),
  "attach: options": (x, glue, directory) => glue.attach(`${directory}/f`, x),
};

test.each(Object.entries(NO_OPTIONS))("%s: null and a number are refused by code, with a hint", async (_, call) => {
  for (const junk of [null, 5]) {
    const found = await Promise.resolve()
      .then(() => call(junk as never, context.glue, context.directory))
      .then(
        () => "taken",
        (error: unknown) => error,
      );
    expect([junk, found instanceof DynaframeError ? typeof found.hint : found]).toEqual([junk, "string"]);
  }
});
