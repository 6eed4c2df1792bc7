/**
 * Every verb × every option that Glue's interface names (docs/sources.md#methods, docs/sources.md#transforms). The
 * options that all verbs share are tried on each verb here; those of one verb stand in a table with the test that shows
 * them. A verb, or an argument of a transform class, that is in neither fails.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  DynamicFrame,
  getTransforms,
  type GlueContext,
  ResolveChoice,
  type TransformOptions,
} from "../../src/index.js";
import { bothEngines } from "./both-engines.js";

type Apply = (frame: DynamicFrame, other: DynamicFrame, options: TransformOptions) => DynamicFrame;
/** `strict`: the same with a path that is not there. `fails`: with errors of its own, one for each record. */
type Verb = { readonly apply: Apply; readonly strict?: Apply; readonly fails?: Apply };

const thrown = (): never => {
  throw new Error("no");
};
const VERBS: Readonly<Record<string, Verb>> = {
  applyMapping: {
    apply: (f, _, o) => f.applyMapping([["id", "int", "id", "long"]], o),
    strict: (f, _, o) => f.applyMapping([["idd", "int", "id", "long"]], o),
  },
  dropFields: { apply: (f, _, o) => f.dropFields("name", o), strict: (f, _, o) => f.dropFields("nam", o) },
  selectFields: { apply: (f, _, o) => f.selectFields("id", o), strict: (f, _, o) => f.selectFields("idd", o) },
  renameField: {
    apply: (f, _, o) => f.renameField("id", "key", o),
    strict: (f, _, o) => f.renameField("idd", "key", o),
  },
  resolveChoice: {
    apply: (f, _, o) => f.resolveChoice({ specs: [["id", "cast:long"]], ...o }),
    strict: (f, _, o) => f.resolveChoice({ specs: [["idd", "cast:long"]], ...o }),
  },
  unnest: { apply: (f, _, o) => f.unnest(o) },
  unnestDdbJson: { apply: (f, _, o) => f.unnestDdbJson(o) },
  simplifyDdbJson: { apply: (f, _, o) => f.simplifyDdbJson(o) },
  union: { apply: (f, other, o) => f.union(other, o) },
  join: {
    apply: (f, other, o) => f.join("id", "id", other, o),
    strict: (f, other, o) => f.join("idd", "id", other, o),
  },
  mergeDynamicFrame: {
    apply: (f, other, o) => f.mergeDynamicFrame(other, ["id"], o),
    strict: (f, other, o) => f.mergeDynamicFrame(other, ["idd"], o),
  },
  dropNullFields: { apply: (f, _, o) => f.dropNullFields(o) },
  splitFields: {
    apply: (f, _, o) => f.splitFields("id", "a", "b", o).select("a"),
    strict: (f, _, o) => f.splitFields("idd", "a", "b", o).select("a"),
  },
  splitRows: {
    apply: (f, _, o) => f.splitRows({ id: { ">": 0 } }, "a", "b", o).select("b"),
    strict: (f, _, o) => f.splitRows({ idd: { ">": 0 } }, "a", "b", o).select("b"),
  },
  filter: { apply: (f, _, o) => f.filter(() => true, o), fails: (f, _, o) => f.filter(thrown, o) },
  "filter (a text)": { apply: (f, _, o) => f.filter("id > 0", o), strict: (f, _, o) => f.filter("idd > 0", o) },
  map: { apply: (f, _, o) => f.map((r) => r, o), fails: (f, _, o) => f.map(thrown, o) },
  mapPartitions: {
    apply: (f, _, o) => f.mapPartitions((records) => records, o),
    fails: (f, _, o) =>
      f.mapPartitions(async function* (records) {
        for await (const { record } of records) yield { record, isError: true, errorMessage: "no" };
      }, o),
  },
  mapPartitionsWithIndex: { apply: (f, _, o) => f.mapPartitionsWithIndex((__, records) => records, o) },
  repartition: { apply: (f, _, o) => f.repartition(2, o) },
  coalesce: { apply: (f, _, o) => f.coalesce(1, false, o) },
  recomputeSchema: { apply: (f, _, o) => f.recomputeSchema(o) },
  spigot: { apply: (f, _, o) => f.spigot(join(folder, "spigot"), {}, o) },
  unbox: {
    apply: (f, _, o) => f.unbox("name", "json", {}, o),
    strict: (f, _, o) => f.unbox("nam", "json", {}, o),
    fails: (f, _, o) => f.unbox("bad", "json", {}, o),
  },
  relationalize: { apply: (f, _, o) => f.relationalize("root", undefined, o).select("root") },
};
/** What makes no step of its own, and so has none of the options. */
const NO_STEP = [
  "constructor",
  "persist",
  "unpersist",
  "isPersisted",
  "withFrameSchema",
  "withName",
  "emptyLike",
  "toDF",
  "write",
  "schema",
  "schemaTree",
  "printSchema",
  "getNumPartitions",
  "count",
  "stream",
  "records",
  "show",
  "errorsCount",
  "stageErrorsCount",
  "errorsAsDynamicFrame",
  "assertErrorThreshold",
  "drift",
  "explainChoice",
  "hazards",
  "explain",
  "explanation",
  "relation",
  "resolved",
];

const { folder, engines } = bothEngines({ threads: 1 });

const ROWS = [
  { id: 1, name: "{}", bad: "{" },
  { id: 2, name: "{}", bad: "{" },
  { id: 3, name: "{}", bad: "{" },
];
const people = (glue: GlueContext): DynamicFrame => glue.createDynamicFrame.fromRows(ROWS);
/** Two of the records become errors. */
const failed = (glue: GlueContext): DynamicFrame =>
  people(glue).map((r) => (r["id"] === 1 ? r : thrown()), { transformationCtx: "earlier" });
/** Takes an action of the frame for each engine. */
async function onEach(action: (glue: GlueContext) => Promise<void>): Promise<void> {
  for (const glue of engines) await action(glue);
}

test("every method of a frame is a step in this table, or none", () => {
  const methods = Object.getOwnPropertyNames(DynamicFrame.prototype);
  expect(methods.filter((name) => !Object.hasOwn(VERBS, name) && !NO_STEP.includes(name))).toEqual([]);
  expect(
    [...Object.keys(VERBS).filter((name) => !name.includes(" ")), ...NO_STEP].filter(
      (name) => !methods.includes(name) && !NO_STEP.includes(name),
    ),
  ).toEqual([]);
});

describe.each(Object.entries(VERBS))("%s", (_, { apply, strict, fails }) => {
  test("fails past totalThreshold, counting the errors of earlier steps; 0 is no limit", () =>
    onEach(async (glue) => {
      await expect(apply(failed(glue), people(glue), { totalThreshold: 1 }).count()).rejects.toMatchObject({
        code: "ERROR_THRESHOLD_EXCEEDED",
      });
      for (const totalThreshold of [0, 2])
        expect(await apply(failed(glue), people(glue), { totalThreshold }).errorsCount()).toBe(2);
    }));
  test("stageThreshold does not count the errors of earlier steps", () =>
    onEach(async (glue) => {
      const frame = apply(failed(glue), people(glue), { stageThreshold: 1 });
      expect([await frame.errorsCount(), await frame.stageErrorsCount()]).toEqual([2, 0]);
      if (fails)
        await expect(fails(people(glue), people(glue), { stageThreshold: 2 }).count()).rejects.toMatchObject({
          code: "ERROR_THRESHOLD_EXCEEDED",
        });
    }));
  test("its errors carry transformationCtx and info; those of earlier steps keep theirs", () =>
    onEach(async (glue) => {
      const sites = async (frame: DynamicFrame): Promise<unknown> =>
        (await frame.errorsAsDynamicFrame().records()).map((r) => (r["error"] as { callsite: unknown }).callsite);
      const named = { transformationCtx: "mine", info: "why" };
      expect(await sites(apply(failed(glue), people(glue), named))).toEqual([
        { site: "earlier", info: "" },
        { site: "earlier", info: "" },
      ]);
      if (fails)
        expect(await sites(fails(people(glue), people(glue), named))).toEqual(
          ROWS.map(() => ({ site: "mine", info: "why" })),
        );
    }));
  test("names an option that it does not have, and a value of another kind", () => {
    const [glue] = engines;
    if (glue === undefined) throw new Error("no engine");
    expect(() => apply(people(glue), people(glue), { totalTreshold: 1 } as TransformOptions)).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", hint: "Did you mean totalThreshold?" }),
    );
    expect(() => apply(people(glue), people(glue), { stageThreshold: -1 })).toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }),
    );
  });
  if (strict)
    test("an unknown path is an error with the nearest name; strictPaths: false gives Glue's silence", () =>
      onEach(async (glue) => {
        await expect(strict(people(glue), people(glue), {}).count()).rejects.toMatchObject({ code: "UNKNOWN_PATH" });
        const silent = await strict(people(glue), people(glue), { strictPaths: false })
          .count()
          .catch((error: unknown) => (error as { code?: string }).code);
        expect(silent).not.toBe("UNKNOWN_PATH");
      }));
});

test("preservesPartitioning and the options of a merge are taken and change nothing; a value of another kind is refused", () =>
  onEach(async (glue) => {
    for (const preservesPartitioning of [true, false]) {
      expect(
        await people(glue)
          .map((r) => r, { preservesPartitioning })
          .count(),
      ).toBe(3);
      expect(
        await people(glue)
          .mapPartitions((records) => records, { preservesPartitioning })
          .count(),
      ).toBe(3);
      expect(
        await people(glue)
          .mapPartitionsWithIndex((_, records) => records, { preservesPartitioning })
          .count(),
      ).toBe(3);
    }
    expect(() => people(glue).map((r) => r, { preservesPartitioning: "yes" as never })).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", path: "preservesPartitioning" }),
    );
    expect(
      await people(glue).mergeDynamicFrame(people(glue), ["id"], { options: {}, transformationCtx: "merged" }).count(),
    ).toBe(3);
  }));

test("match_catalog takes the types of a table, by database, tableName and the one catalog's id", () =>
  onEach(async (glue) => {
    await glue.catalog.createDatabase({ Name: "kept" });
    await glue.catalog.createTable("kept", {
      Name: "t",
      StorageDescriptor: { Columns: [{ Name: "v", Type: "double" }] },
    });
    const frame = ResolveChoice.apply({
      frame: glue.createDynamicFrame.fromRows([{ v: 1 }, { v: "2.5" }]),
      choice: "match_catalog",
      database: "kept",
      tableName: "t",
      catalogId: "123456789012",
    });
    expect((await frame.records()).map((r) => r["v"]).sort()).toEqual([1, 2.5]);
    const called = glue.createDynamicFrame
      .fromRows([{ v: 1 }, { v: "2.5" }])
      .resolveChoice({ choice: "MATCH_CATALOG", database: "kept", tableName: "t", catalogId: "123456789012" });
    expect(await called.schemaTree()).toBe("root\n|-- v: double\n");
  }));

/** Arguments of the transform classes that are no common option: the test file that shows each, and what in it does. */
const TRANSFORMS = "transforms.test.ts";
const HERE = "verb-options.test.ts";
const ARGUMENTS: Readonly<Record<string, Readonly<Record<string, readonly [file: string, shows: string]>>>> = {
  ApplyMapping: {
    mappings: [TRANSFORMS, "ApplyMapping.apply("],
    caseSensitive: ["verbs/apply-mapping.test.ts", "caseSensitive"],
  },
  Coalesce: { numPartitions: [TRANSFORMS, "Coalesce.apply("], shuffle: [TRANSFORMS, "Coalesce.apply("] },
  DropFields: { paths: [TRANSFORMS, "DropFields.apply("] },
  DropNullFields: {},
  ErrorsAsDynamicFrame: {},
  SimplifyDdbJson: {},
  UnnestDdbJson: {},
  UnnestFrame: {},
  Filter: { f: [TRANSFORMS, "Filter.apply("] },
  FlatMap: {
    dfc: [TRANSFORMS, "FlatMap.apply("],
    BaseTransform: [TRANSFORMS, "FlatMap.apply("],
    frameName: [TRANSFORMS, "FlatMap.apply("],
    baseKwargs: [TRANSFORMS, "FlatMap.apply("],
  },
  Join: {
    frame1: [TRANSFORMS, "Join.apply("],
    frame2: [TRANSFORMS, "Join.apply("],
    keys1: [TRANSFORMS, "Join.apply("],
    keys2: [TRANSFORMS, "Join.apply("],
  },
  Map: { f: [TRANSFORMS, "MapTransform.apply("], preservesPartitioning: [TRANSFORMS, "undefined, false, "] },
  MapToCollection: { dfc: [TRANSFORMS, "MapToCollection.apply("], callable: [TRANSFORMS, "MapToCollection.apply("] },
  Relationalize: {
    stagingPath: [TRANSFORMS, "relationalize needs a staging path or a TempDir"],
    name: [TRANSFORMS, "Relationalize.apply("],
    options: [TRANSFORMS, "Relationalize.apply("],
  },
  RenameField: { oldName: [TRANSFORMS, "RenameField.apply("], newName: [TRANSFORMS, "RenameField.apply("] },
  Repartition: { numPartitions: [TRANSFORMS, "Repartition.apply("] },
  ResolveChoice: {
    specs: [TRANSFORMS, "ResolveChoice.apply("],
    choice: ["verbs/resolve-choice.test.ts", "choice:"],
    database: [HERE, "ResolveChoice.apply({"],
    tableName: [HERE, "ResolveChoice.apply({"],
    catalogId: [HERE, "ResolveChoice.apply({"],
  },
  SelectFields: { paths: [TRANSFORMS, "SelectFields.apply("] },
  SelectFromCollection: {
    dfc: [TRANSFORMS, "SelectFromCollection.apply("],
    key: [TRANSFORMS, "SelectFromCollection.apply("],
  },
  Spigot: { path: [TRANSFORMS, "Spigot.apply("], options: [TRANSFORMS, "Spigot.apply("] },
  SplitFields: {
    paths: [TRANSFORMS, "SplitFields.apply("],
    name1: [TRANSFORMS, "SplitFields.apply("],
    name2: [TRANSFORMS, "SplitFields.apply("],
  },
  SplitRows: {
    comparisonDict: [TRANSFORMS, "SplitRows.apply("],
    name1: [TRANSFORMS, "SplitRows.apply("],
    name2: [TRANSFORMS, "SplitRows.apply("],
  },
  Unbox: {
    path: ["unbox.test.ts", ".unbox("],
    format: ["unbox.test.ts", '"avro"'],
    options: ["unbox.test.ts", "withSchema"],
  },
  Union: { frame1: [TRANSFORMS, "Union.apply("], frame2: [TRANSFORMS, "Union.apply("] },
};
const COMMON = ["frame", "transformationCtx", "info", "stageThreshold", "totalThreshold"];

test("every argument of a transform class has a test that shows it", () => {
  const named = getTransforms()
    .flatMap((transform) => transform.describeArgs().map(({ name }) => ({ transform: transform.name(), name })))
    .filter(({ name }) => !COMMON.includes(name));
  const shown = named.map(({ transform, name }) => {
    const place = ARGUMENTS[transform]?.[name];
    return {
      transform,
      name,
      shown: place !== undefined && readFileSync(join(__dirname, place[0]), "utf8").includes(place[1]),
    };
  });
  expect(shown.filter((argument) => !argument.shown)).toEqual([]);
  expect(
    Object.entries(ARGUMENTS).flatMap(([transform, args]) =>
      Object.keys(args)
        .filter((name) => !named.some((n) => n.transform === transform && n.name === name))
        .map((name) => `${transform}.${name}`),
    ),
  ).toEqual([]);
});
