import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, INT, LONG, STRING, structOf, typeToJson, type DynamicFrame } from "../../src/index.js";

let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-unbox-"));
  glue = await GlueContext.open({ catalog: folder, engine: "reference" });
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const rows = (records: object[]): DynamicFrame => glue.createDynamicFrame.fromRows(records);
const tree = async (frame: DynamicFrame): Promise<string> => (await frame.schemaTree()).trimEnd().slice("root\n".length);
const messages = async (frame: DynamicFrame): Promise<unknown[]> => (await frame.errorsAsDynamicFrame().records()).map((r) => (r["error"] as { msg: string }).msg);

describe("json", () => {
  test("in place, numbers typed as written, records of other shapes merged", async () => {
    const frame = rows([{ a: 1, j: '{"i":1,"d":1.0,"l":3000000000,"x":[1,"y"]}', z: true }, { a: 2, j: '{"i":"s"}', z: false }, { a: 3, j: null, z: true }]).unbox("j", "json");
    expect(await tree(frame)).toBe("|-- a: int\n|-- j: struct\n|    |-- i: choice\n|    |    |-- int\n|    |    |-- string\n|    |-- d: double\n|    |-- l: long\n|    |-- x: array\n|    |    |-- element: choice\n|    |    |    |-- int\n|    |    |    |-- string\n|-- z: boolean");
    expect(await frame.records()).toEqual([{ a: 1, j: { i: 1, d: 1, l: 3000000000, x: [1, "y"] }, z: true }, { a: 2, j: { i: "s" }, z: false }, { a: 3, j: null, z: true }]);
  });
  test("what cannot be parsed is an error record with the whole record and the info", async () => {
    const frame = rows([{ j: "{oops", k: 1 }, { j: "" }, { j: "[1]" }]).unbox("j", "json", {}, { info: "here" });
    expect(await frame.records()).toEqual([{ j: [1] }]);
    expect([await frame.errorsCount(), await frame.stageErrorsCount()]).toEqual([2, 2]);
    expect((await frame.errorsAsDynamicFrame().records())[0]).toMatchObject({ error: { callsite: { site: "unbox", info: "here" }, msg: expect.stringContaining("at character 1"), dynamicRecord: { j: "{oops", k: 1 } } });
  });
  test("nested paths, choices and binary", async () => {
    const frame = rows([{ s: { j: '{"a":1}', o: 1 } }, { s: { j: 5, o: 2 } }, { s: "t" }, { s: null }, {}, { s: { j: new TextEncoder().encode('{"a":2}'), o: 3 } }]).unbox("s.j", "json");
    expect(await frame.records()).toEqual([{ s: { j: { a: 1 }, o: 1 } }, { s: { j: 5, o: 2 } }, { s: "t" }, { s: null }, {}, { s: { j: { a: 2 }, o: 3 } }]);
    expect(await tree(frame)).toBe("|-- s: choice\n|    |-- string\n|    |-- struct");
  });
  test("nothing to parse leaves no text type behind", async () => {
    expect(await tree(rows([{ j: null, a: 1 }]).unbox("j", "json"))).toBe("|-- j: null\n|-- a: int");
    expect(await rows([]).unbox("j", "json").count()).toBe(0);
  });
  test("withSchema gives types; a misfit is an error record", async () => {
    const schema = structOf({ n: LONG, t: STRING });
    for (const withSchema of [schema, typeToJson(schema), JSON.stringify(typeToJson(schema))]) {
      const frame = rows([{ j: '{"n":1,"t":5,"extra":true}' }, { j: '{"n":"220"}' }, { j: '{"n":"x"}' }, { j: "{}" }]).unbox("j", "json", { withSchema });
      expect(await tree(frame)).toBe("|-- j: struct\n|    |-- n: long\n|    |-- t: string");
      expect(await frame.records()).toEqual([{ j: { n: 1, t: "5" } }, { j: { n: 220 } }, { j: {} }]);
      expect(await messages(frame)).toEqual([expect.stringContaining("j.n")]);
    }
  });
});

describe("csv", () => {
  test("names by place, by header, by schema", async () => {
    expect(await rows([{ c: "a|b" }]).unbox("c", "csv", { separator: "|" }).records()).toEqual([{ c: { col0: "a", col1: "b" } }]);
    expect(await rows([{ c: "x,y\n1,2" }]).unbox("c", "csv", { withHeader: true }).records()).toEqual([{ c: { x: "1", y: "2" } }]);
    expect(await rows([{ c: "7,z" }, { c: ",z" }]).unbox("c", "csv", { withSchema: structOf({ n: INT, t: STRING }) }).records()).toEqual([{ c: { n: 7, t: "z" } }, { c: { n: null, t: "z" } }]);
  });
  test("several rows, no row and too many cells are error records", async () => {
    const frame = rows([{ c: "1\n2" }, { c: "" }, { c: "1,2" }, { c: "3" }]).unbox("c", "csv", { withSchema: structOf({ n: INT }) });
    expect(await frame.records()).toEqual([{ c: { n: 3 } }]);
    expect(await messages(frame)).toEqual([expect.stringContaining("2 rows"), expect.stringContaining("0 rows"), expect.stringContaining("2 cells")]);
  });
});

test("wrong calls", async () => {
  const frame = rows([{ j: "{}" }]);
  expect(() => frame.unbox("j", "avro")).toThrow(expect.objectContaining({ code: "UNSUPPORTED_FORMAT" }));
  expect(() => frame.unbox("j", "csv", { seperator: ";" })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
  expect(() => frame.unbox("j", "json", { withSchema: "{" })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
  expect(() => frame.unbox("j[]", "json")).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  await expect(frame.unbox("k", "json").count()).rejects.toMatchObject({ code: "UNKNOWN_PATH" });
});
