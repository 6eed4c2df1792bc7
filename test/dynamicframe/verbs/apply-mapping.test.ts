import { applyMapping, parseMappings, type Mappings } from "../../../src/dynamicframe/verbs/apply-mapping.js";
import { nulled, outcome, relationOf } from "./lowered.js";

const map = (records: object[], mappings: Mappings, caseSensitive = false) =>
  applyMapping.lower([relationOf(records)], { mappings: parseMappings(mappings), caseSensitive });

describe("applyMapping", () => {
  test("projects in mapping order, nests dotted targets, un-nests dotted sources", async () => {
    const relation = map(
      [{ a: { b: 1 }, c: "x", d: true }],
      [
        ["c", "string", "out.c", "string"],
        ["a.b", "int", "n", "long"],
        ["d", "boolean", "out.d", "boolean"],
      ],
    );
    expect(await outcome(relation)).toEqual({
      tree: "root\n|-- out: struct\n|    |-- c: string\n|    |-- d: boolean\n|-- n: long",
      records: [{ out: { c: "x", d: true }, n: 1 }],
    });
  });

  test("the source type is a filter: of a choice it takes the arm, of another type nothing, and counts no cast", async () => {
    const relation = map(
      [{ v: 1 }, { v: "7" }, { v: 2.5 }],
      [
        ["v", "string", "s", "int"],
        ["v", "double", "d", "string"],
        ["v", "boolean", "b", "boolean"],
      ],
    );
    expect((await outcome(relation)).records).toEqual([{}, { s: 7 }, { d: "2.5" }]);
    expect(await nulled(relation)).toEqual({});
  });

  test("a cast that fails is null and counted", async () => {
    const relation = map([{ v: "1" }, { v: "one" }], [["v", "string", "v", "int"]]);
    expect((await outcome(relation)).records).toEqual([{ v: 1 }, {}]);
    expect(await nulled(relation)).toEqual({ v: 1 });
  });

  test("names match in any case unless asked, the exact one first", async () => {
    const records = [{ Id: 1, id: 2 }];
    expect(
      (
        await outcome(
          map(records, [
            ["id", "int", "x", "int"],
            ["ID", "int", "y", "int"],
          ]),
        )
      ).records,
    ).toEqual([{ x: 2, y: 1 }]);
    expect((await outcome(map(records, [["ID", "int", "y", "int"]], true))).records).toEqual([{}]);
  });

  test("Glue's ValueError for other arities", () => {
    expect(() => parseMappings([["a"]])).toThrow("Mapping tuple must be of length 2, 3, or 4Got tuple of length 1");
    expect(() => parseMappings([["a", "b", "c", "d", "e"]])).toThrow("Got tuple of length 5");
  });

  test("one tuple may stand by itself", async () => {
    expect((await outcome(map([{ id: 1 }], ["id", "int", "k", "long"]))).records).toEqual([{ k: 1 }]);
    expect(parseMappings(["id", "k"])).toEqual([{ source: "id", target: "k" }]);
  });

  test.each([
    ["id", "mappings", "string"],
    [null, "mappings", "null"],
    [undefined, "mappings", "undefined"],
    [{ id: "k" }, "mappings", "object"],
    [[["id", "k"], "ab"], "mappings[1]", "string"],
    [[["id", 3]], "mappings[0]", "a list with something that is no text"],
    [[null], "mappings[0]", "null"],
  ])("Glue's TypeError for what is no tuple: %j", (given, path, found) => {
    expect(() => parseMappings(given as unknown as Mappings)).toThrow(
      expect.objectContaining({ name: "TypeError", code: "BAD_MAPPING", path, found }),
    );
  });

  test("tuples of two and three, whole lists, decimal targets", async () => {
    const relation = map(
      [{ a: 1, l: [1, "x"], p: "1.235" }],
      [
        ["a", "b"],
        ["l", "list", "array"],
        ["p", "string", "p", "decimal(5,2)"],
      ],
    );
    const { records } = await outcome(relation);
    expect(records.map((r) => JSON.parse(JSON.stringify(r)))).toEqual([{ b: 1, list: [1, "x"], p: "1.24" }]);
  });

  test("two mappings to one target, and mappings under arrays, are refused", () => {
    expect(() =>
      map(
        [{ a: 1 }],
        [
          ["a", "int", "x", "int"],
          ["a", "int", "x", "string"],
        ],
      ),
    ).toThrow(expect.objectContaining({ code: "NAME_CLASH" }));
    expect(() => map([{ a: [{ b: 1 }] }], [["a[].b", "int", "x", "int"]])).toThrow(
      expect.objectContaining({ code: "BAD_MAPPING" }),
    );
  });
});
