import { parseAction, resolveChoice, type ResolveChoiceArgs } from "../../../src/dynamicframe/verbs/resolve-choice.js";
import { structOf, array, STRING, LONG } from "../../../src/types/data-type.js";
import { nulled, outcome, relationOf } from "./lowered.js";

const specs = (...pairs: [string, string][]): ResolveChoiceArgs => ({
  specs: pairs.map(([path, action]) => ({ path, action: parseAction(action) })),
});
const resolve = (records: object[], args: ResolveChoiceArgs) => resolveChoice.lower([relationOf(records)], args);

const drifting = [{ k: 1, v: 12 }, { k: 2, v: "7" }, { k: 3, v: "x" }, { k: 4, v: 1.5 }, { k: 5 }];

describe("resolveChoice", () => {
  test("cast:T casts every arm by its own rule; failures are null and counted", async () => {
    const relation = resolve(drifting, specs(["v", "cast:int"]));
    expect(await outcome(relation)).toEqual({
      tree: "root\n|-- k: int\n|-- v: int",
      records: [{ k: 1, v: 12 }, { k: 2, v: 7 }, { k: 3 }, { k: 4, v: 1 }, { k: 5 }],
    });
    expect(await nulled(relation)).toEqual({ v: 1 });
  });

  test("project:T keeps only values that already are T, and counts the others", async () => {
    const relation = resolve(drifting, specs(["v", "project:string"]));
    expect((await outcome(relation)).records).toEqual([
      { k: 1 },
      { k: 2, v: "7" },
      { k: 3, v: "x" },
      { k: 4 },
      { k: 5 },
    ]);
    expect(await nulled(relation)).toEqual({ v: 2 });
  });

  test("make_cols makes a column per arm, make_struct a struct of arms; the null stays null", async () => {
    expect(await outcome(resolve(drifting, specs(["v", "make_cols"])))).toEqual({
      tree: "root\n|-- k: int\n|-- v_double: double\n|-- v_int: int\n|-- v_string: string",
      records: [
        { k: 1, v_int: 12 },
        { k: 2, v_string: "7" },
        { k: 3, v_string: "x" },
        { k: 4, v_double: 1.5 },
        { k: 5 },
      ],
    });
    expect((await outcome(resolve(drifting, specs(["v", "make_struct"])))).records).toEqual([
      { k: 1, v: { int: 12 } },
      { k: 2, v: { string: "7" } },
      { k: 3, v: { string: "x" } },
      { k: 4, v: { double: 1.5 } },
      { k: 5 },
    ]);
  });

  test("make_cols takes a key that ends with brackets for a name, and says so of elements", async () => {
    expect((await outcome(resolve([{ "v[]": 1 }, { "v[]": "x" }], specs(["`v[]`", "make_cols"])))).records).toEqual([
      { "v[]_int": 1 },
      { "v[]_string": "x" },
    ]);
    expect(() => resolve([{ v: [1, "x"] }], specs(["v[]", "make_cols"]))).toThrow(
      expect.objectContaining({ code: "BAD_ACTION", path: "v[]" }),
    );
  });

  test("[] reaches elements, lists in lists and structs in them; lengths and nulls are kept", async () => {
    const records = [{ m: [[{ p: 1 }, null], []] }, { m: [[{ p: "2" }]] }, { m: null }];
    expect((await outcome(resolve(records, specs(["m[][].p", "cast:double"])))).records).toEqual([
      { m: [[{ p: 1 }, null], []] },
      { m: [[{ p: 2 }]] },
      {},
    ]);
  });

  test("a path through a choice works on its struct arm and leaves the others alone", async () => {
    const records = [{ a: { z: 1 } }, { a: { z: "2" } }, { a: "plain" }];
    const { tree, records: out } = await outcome(resolve(records, specs(["a.z", "cast:string"])));
    expect(tree).toBe("root\n|-- a: choice\n|    |-- string\n|    |-- struct");
    expect(out).toEqual([{ a: { z: "1" } }, { a: { z: "2" } }, { a: "plain" }]);
  });

  test("one action for all choices, inner ones first", async () => {
    const records = [
      { a: 1, s: { b: [1, "x"] } },
      { a: "q", s: "flat" },
    ];
    expect(await outcome(resolve(records, { choice: parseAction("make_struct") }))).toEqual({
      tree: "root\n|-- a: struct\n|    |-- int: int\n|    |-- string: string\n|-- s: struct\n|    |-- string: string\n|    |-- struct: struct\n|    |    |-- b: array\n|    |    |    |-- element: struct\n|    |    |    |    |-- int: int\n|    |    |    |    |-- string: string",
      records: [
        { a: { int: 1 }, s: { struct: { b: [{ int: 1 }, { string: "x" }] } } },
        { a: { string: "q" }, s: { string: "flat" } },
      ],
    });
  });

  test("match_catalog casts each choice to its column, names folded", async () => {
    const records = [
      { Id: 1, L: [1] },
      { Id: "2", L: ["b"] },
    ];
    const catalog = structOf({ id: LONG, l: array(STRING) });
    expect(await outcome(resolve(records, { catalog }))).toEqual({
      tree: "root\n|-- Id: long\n|-- L: array\n|    |-- element: string",
      records: [
        { Id: 1, L: ["1"] },
        { Id: 2, L: ["b"] },
      ],
    });
  });

  test("make_cols over a name that is taken is refused", () => {
    expect(() => resolve([{ v: 1, v_int: 1 }, { v: "a" }], specs(["v", "make_cols"]))).toThrow(
      expect.objectContaining({ code: "NAME_CLASH" }),
    );
  });

  test("what is no action says so", () => {
    expect(() => parseAction("castto:int")).toThrow(expect.objectContaining({ code: "BAD_ACTION" }));
    expect(() => parseAction("cast")).toThrow(expect.objectContaining({ code: "BAD_ACTION" }));
  });
});
