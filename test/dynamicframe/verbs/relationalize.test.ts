import { relationalize } from "../../../src/dynamicframe/verbs/relationalize.js";
import { outcome, relationOf } from "./lowered.js";

async function tables(records: object[]): Promise<Record<string, readonly unknown[]>> {
  const result: Record<string, readonly unknown[]> = {};
  for (const [name, relation] of relationalize(relationOf(records), "root", "t"))
    result[name] = (await outcome(relation)).records;
  return result;
}

describe("relationalize", () => {
  test("lists become child tables with id and index; structs flatten; null lists have no key, empty ones no rows", async () => {
    expect(await tables([{ a: { b: 1 }, l: ["x", null, "y"] }, { l: [] }, { a: { b: 2 } }])).toEqual({
      root: [{ "a.b": 1, l: 1 }, { l: 2 }, { "a.b": 2 }],
      root_l: [
        { id: 1, index: 0, "l.val": "x" },
        { id: 1, index: 1 },
        { id: 1, index: 2, "l.val": "y" },
      ],
    });
  });

  test("nested lists chain their keys; names extend the path with .val", async () => {
    expect(
      await tables([{ p: [{ w: [{ s: ["a"] }, { s: [] }] }] }, { p: [{ w: [] }, { w: [{ s: ["b", "c"] }] }] }]),
    ).toEqual({
      root: [{ p: 1 }, { p: 2 }],
      root_p: [
        { id: 1, index: 0, "p.val.w": 1 },
        { id: 2, index: 0, "p.val.w": 2 },
        { id: 2, index: 1, "p.val.w": 3 },
      ],
      "root_p.val.w": [
        { id: 1, index: 0, "p.val.w.val.s": 1 },
        { id: 1, index: 1, "p.val.w.val.s": 2 },
        { id: 3, index: 0, "p.val.w.val.s": 3 },
      ],
      "root_p.val.w.val.s": [
        { id: 1, index: 0, "p.val.w.val.s.val": "a" },
        { id: 3, index: 0, "p.val.w.val.s.val": "b" },
        { id: 3, index: 1, "p.val.w.val.s.val": "c" },
      ],
    });
  });

  test("lists of lists", async () => {
    expect(await tables([{ m: [[1, 2], null, [3]] }])).toEqual({
      root: [{ m: 1 }],
      root_m: [
        { id: 1, index: 0, "m.val": 1 },
        { id: 1, index: 1 },
        { id: 1, index: 2, "m.val": 3 },
      ],
      "root_m.val": [
        { id: 1, index: 0, "m.val.val": 1 },
        { id: 1, index: 1, "m.val.val": 2 },
        { id: 3, index: 0, "m.val.val": 3 },
      ],
    });
  });

  test("an unresolved choice becomes a column per arm; a list arm gets its table", async () => {
    expect(await tables([{ t: "one" }, { t: ["two", 3] }, { t: { u: true } }])).toEqual({
      root: [{ t_string: "one" }, { t_array: 2 }, { "t_struct.u": true }],
      root_t_array: [
        { id: 2, index: 0, "t_array.val_string": "two" },
        { id: 2, index: 1, "t_array.val_int": 3 },
      ],
    });
  });

  test("a field called id inside a list does not clash with the key", async () => {
    expect((await tables([{ c: [{ id: 623 }] }])).root_c).toEqual([{ id: 1, index: 0, "c.val.id": 623 }]);
  });
});
