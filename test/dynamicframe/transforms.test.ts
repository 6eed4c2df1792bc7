/**
 * Transform classes: Glue's order of arguments and its defaults, by position and by name; what they say of themselves.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as dynaframe from "../../src/index.js";
import {
  ApplyMapping,
  Coalesce,
  DropFields,
  DropNullFields,
  DynamicFrameCollection,
  ErrorsAsDynamicFrame,
  Filter,
  FlatMap,
  GlueContext,
  Join,
  Map as MapTransform,
  MapToCollection,
  Relationalize,
  RenameField,
  Repartition,
  ResolveChoice,
  SelectFields,
  SelectFromCollection,
  SimplifyDdbJson,
  Spigot,
  SplitFields,
  SplitRows,
  Unbox,
  Union,
  UnnestDdbJson,
  UnnestFrame,
  describeTransform,
  getTransform,
  getTransforms,
  type DynamicFrame,
} from "../../src/index.js";

describe.each(["duckdb", "reference"])("on %s", (engine) => {
  let folder: string;
  let glue: GlueContext;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynaframe-transforms-"));
    glue = await GlueContext.open({ catalog: join(folder, "catalog"), engine, threads: 1 });
  });
  afterAll(async () => {
    await glue.close();
    await rm(folder, { recursive: true, force: true });
  });
  const rows = (records: object[], name = "rows"): DynamicFrame => glue.createDynamicFrame.fromRows(records, { name });
  const people = (): DynamicFrame =>
    rows(
      [
        { id: 1, name: "Ada", tags: ["x", "y"], gone: null, at: { city: "London" } },
        { id: 2, name: "Bo", tags: ["z"], gone: null, at: { city: "Oslo" } },
      ],
      "people",
    );

  test("fields", async () => {
    expect(await ApplyMapping.apply(people(), [["ID", "int", "key", "string"]]).records()).toEqual([
      { key: "1" },
      { key: "2" },
    ]);
    const cased = [
      ["ID", "int", "key", "string"],
      ["id", "int", "id", "int"],
    ];
    await expect(ApplyMapping.apply(people(), cased, true).schemaTree()).rejects.toMatchObject({
      code: "UNKNOWN_PATH",
    });
    expect(
      await ApplyMapping.apply({
        frame: people(),
        mappings: [["at.city", "string", "city", "string"]],
        transformationCtx: "m",
      }).records(),
    ).toEqual([{ city: "London" }, { city: "Oslo" }]);
    expect(await DropFields.apply(people(), ["tags", "gone", "at"]).records()).toEqual([
      { id: 1, name: "Ada" },
      { id: 2, name: "Bo" },
    ]);
    expect((await DropNullFields.apply(people()).schema()).fields.map((f) => f.name)).toEqual([
      "id",
      "name",
      "tags",
      "at",
    ]);
    expect(await SelectFields.apply(RenameField.apply(people(), "id", "key"), "key").records()).toEqual([
      { key: 1 },
      { key: 2 },
    ]);
    expect((await UnnestFrame.apply(people()).schema()).fields.map((f) => f.name)).toContain("at.city");
    const mixed = rows([{ v: 1 }, { v: "2" }]);
    expect(await ResolveChoice.apply(mixed, [["v", "cast:int"]]).records()).toEqual([{ v: 1 }, { v: 2 }]);
    expect(await ResolveChoice.apply({ frame: mixed, choice: "make_cols" }).schemaTree()).toBe(
      "root\n|-- v_int: int\n|-- v_string: string\n",
    );
    expect(() => ResolveChoice.apply(mixed)).toThrow("both missing");
  });

  test("split frames have Glue's default names", async () => {
    expect(await SplitFields.apply(people(), ["id"]).keys()).toEqual(["people1", "people2"]);
    expect(await SplitFields.apply(rows([{ a: 1, b: 2 }], ""), ["a"]).keys()).toEqual(["frame1", "frame2"]);
    expect(await SplitFields.apply(people(), ["id"], "one").keys()).toEqual(["one", "people2"]);
    const split = SplitRows.apply(people(), { id: { ">": 1 } });
    expect(await split.keys()).toEqual(["frame1", "frame2"]);
    expect(await SelectFromCollection.apply(split, "frame1").count()).toBe(1);
    expect(await SelectFromCollection.apply(split, "none").count()).toBe(0);
  });

  test("records", async () => {
    expect(await MapTransform.apply(people(), (r) => ({ n: r["id"] })).records()).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await Filter.apply({ frame: people(), f: (r) => r["id"] === 2 }).count()).toBe(1);
    // frame2 before the keys, where the method takes it last
    expect(
      await Join.apply(people(), rows([{ who: 2, city: "Bergen" }]), ["id"], ["who"])
        .selectFields(["id", "who", "city"])
        .records(),
    ).toEqual([{ id: 2, who: 2, city: "Bergen" }]);
    expect(await Union.apply(people(), people()).count()).toBe(4);
    expect(await Repartition.apply(people(), 2).count()).toBe(2);
    expect(await Coalesce.apply(people(), 1, true).count()).toBe(2);
    expect(
      await Unbox.apply({ frame: rows([{ j: "1|2" }]), path: "j", format: "csv", separator: "|" }).records(),
    ).toEqual([{ j: { col0: "1", col1: "2" } }]);
    expect(await Unbox.apply(rows([{ j: '{"a":1}' }]), "j", "json").records()).toEqual([{ j: { a: 1 } }]);
    const ddb = rows([{ Item: { a: { S: "x" }, m: { M: { n: { N: "1" } } } } }]);
    expect(await SimplifyDdbJson.apply(ddb).records()).toEqual([{ a: "x", m: { n: "1" } }]);
    expect(await UnnestDdbJson.apply(ddb).records()).toEqual([{ a: "x", "m.n": "1" }]);
    const failed = MapTransform.apply(
      people(),
      () => {
        throw new Error("no");
      },
      false,
      "step",
      "here",
    );
    expect(await ErrorsAsDynamicFrame.apply(failed).records()).toMatchObject([
      { error: { callsite: { site: "step", info: "here" }, msg: "no" } },
      {},
    ]);
    const sampled = Spigot.apply(people(), join(folder, "spigot"), { topk: 1 });
    expect(await sampled.count()).toBe(2);
    expect(await readdir(join(folder, "spigot"))).toHaveLength(1);
  });

  test("collections", async () => {
    const both = DynamicFrameCollection.of({ a: people(), b: rows([{ id: 9, tags: [] }], "b") });
    const mapped = await MapToCollection.apply(both, (frame, ctx) => frame.map((r) => ({ id: r["id"], ctx })), "c");
    expect(await mapped.select("b").records()).toEqual([{ id: 9, ctx: "c:b" }]);
    const flat = await FlatMap.apply(both, SelectFields, "frame", "f", { paths: ["id"] });
    // under the names of the results
    expect(await flat.keys()).toEqual(["people", "b"]);
    expect(await flat.select("people").records()).toEqual([{ id: 1 }, { id: 2 }]);
    const named = await FlatMap.apply({ dfc: both, BaseTransform: SplitFields, frameName: "frame", paths: ["id"] });
    expect(await named.keys()).toEqual(["people1", "people2", "b1", "b2"]);
    await expect(
      FlatMap.apply({ dfc: both, BaseTransform: SelectFields, frameName: "fraem", paths: ["id"] }),
    ).rejects.toMatchObject({ code: "BAD_ARGUMENT", hint: "Did you mean frame?" });
  });

  test("relationalize needs a staging path or a TempDir", async () => {
    expect(() => Relationalize.apply(people())).toThrow(
      expect.objectContaining({ name: "RuntimeError", code: "BAD_ARGUMENT" }),
    );
    expect(await Relationalize.apply(people(), "s3://any/", "p").keys()).toEqual(["p", "p_tags"]);
    glue.setResolvedOptions({ TempDir: "s3://temp/" });
    expect(await Relationalize.apply({ frame: people() }).keys()).toEqual(["roottable", "roottable_tags"]);
    glue.setResolvedOptions({});
  });

  test("thresholds and context are passed on", async () => {
    const failing = (options: object): Promise<number> =>
      MapTransform.apply({ frame: people(), f: () => undefined, transformationCtx: "strict", ...options }).count();
    await expect(failing({ stageThreshold: 1 })).rejects.toMatchObject({
      code: "ERROR_THRESHOLD_EXCEEDED",
      message: expect.stringContaining("strict: 2 error records"),
    });
    expect(await failing({ stageThreshold: 2, totalThreshold: 0 })).toBe(0);
    const earlier = people().map((r) => {
      if (r["id"] === 1) throw new Error("one");
      return r;
    });
    await expect(SelectFields.apply(earlier, "id", "", "", 0, 0).count()).resolves.toBe(1);
    const total = MapTransform.apply(earlier, () => undefined, false, "", "", 1, 1);
    await expect(total.count()).rejects.toMatchObject({ code: "ERROR_THRESHOLD_EXCEEDED", expected: "at most 1" });
  });

  test("errors of the last step are its own, also when two steps have one name", async () => {
    const first = people().map((r) => {
      if (r["id"] === 1) throw new Error("one");
      return r;
    });
    expect([await first.stageErrorsCount(), await first.errorsCount()]).toEqual([1, 1]);
    const second = first.map((r) => r);
    expect([await second.stageErrorsCount(), await second.errorsCount()]).toEqual([0, 1]);
    expect(await first.map(() => undefined).stageErrorsCount()).toBe(1);
    expect(await first.union(first).stageErrorsCount()).toBe(0);
  });
});

const NAMES = [
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
  "SimplifyDdbJson",
  "SplitFields",
  "SplitRows",
  "Spigot",
  "Unbox",
  "Union",
  "UnnestDdbJson",
  "UnnestFrame",
];

describe("descriptions", () => {
  test("every transform is found in any case and exported under its name", () => {
    expect(
      getTransforms()
        .map((t) => t.name())
        .sort(),
    ).toEqual([...NAMES].sort());
    for (const name of NAMES) {
      expect(getTransform(name.toUpperCase())).toBe((dynaframe as unknown as Record<string, unknown>)[name]);
    }
    expect(getTransform("FindMatches")).toBeUndefined();
    expect(describeTransform("FindMatches")).toBe("{}");
  });

  test("a description has Glue's form", () => {
    expect(JSON.parse(describeTransform("splitrows"))).toEqual({
      transform: {
        name: "SplitRows",
        args: SplitRows.describeArgs(),
        returns: SplitRows.describeReturn(),
        description: SplitRows.describeTransform(),
        raises: SplitRows.describeErrors(),
        location: "internal",
      },
    });
    for (const transform of getTransforms()) {
      for (const arg of transform.describeArgs()) {
        expect(arg).toEqual({
          name: expect.stringMatching(/^\w+$/),
          type: expect.any(String),
          description: expect.stringMatching(/\.$/),
          optional: expect.any(Boolean),
          defaultValue: arg.optional ? arg.defaultValue : null,
        });
      }
      expect(transform.describeTransform()).toMatch(/\.$/);
      expect(Object.keys(transform.describe().transform)).toEqual([
        "name",
        "args",
        "returns",
        "description",
        "raises",
        "location",
      ]);
    }
    // keys in the order of Python's sort_keys
    expect(describeTransform("Join").indexOf('"args"')).toBeLessThan(
      describeTransform("Join").indexOf('"description"'),
    );
  });

  test("wrong calls are named", () => {
    const call = DropFields.apply as (...args: unknown[]) => unknown;
    expect(() => call()).toThrow(
      expect.objectContaining({
        code: "BAD_ARGUMENT",
        path: "frame",
        expected: "DropFields.apply(frame, paths, transformationCtx?, info?, stageThreshold?, totalThreshold?)",
      }),
    );
    expect(() => call({ frame: 1, path: "a" })).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", hint: "Did you mean paths?" }),
    );
    expect(() => call(1, 2, 3, 4, 5, 6, 7)).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringContaining("takes 6 arguments") }),
    );
  });
});
