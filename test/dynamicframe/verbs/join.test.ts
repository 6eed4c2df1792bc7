import { join } from "../../../src/dynamicframe/verbs/join.js";
import { mergeDynamicFrame } from "../../../src/dynamicframe/verbs/merge-dynamic-frame.js";
import { DateValue, Decimal } from "../../../src/types/value.js";
import { nulled, outcome, relationOf } from "./lowered.js";

const joined = (left: object[], right: object[], paths1: string[], paths2 = paths1) =>
  join.lower([relationOf(left), relationOf(right)], { paths1, paths2 });
const rows = async (...args: Parameters<typeof joined>) => (await outcome(joined(...args))).records;

describe("join", () => {
  test("keeps both keys and marks what clashes with a leading period", async () => {
    const result = await outcome(
      joined(
        [
          { id: 1, n: "a" },
          { id: 2, n: "b" },
        ],
        [
          { id: 2, n: "z", ".n": true },
          { id: 3, n: "y", ".n": false },
        ],
        ["id"],
      ),
    );
    expect(result.tree).toBe("root\n|-- id: int\n|-- n: string\n|-- .id: int\n|-- ..n: string\n|-- .n: boolean");
    expect(result.records).toEqual([{ id: 2, n: "b", ".id": 2, "..n": "z", ".n": true }]);
  });

  test("every pair of equal keys is a row", async () => {
    expect(
      await rows(
        [
          { k: 1, a: 1 },
          { k: 1, a: 2 },
        ],
        [
          { j: 1, b: 1 },
          { j: 1, b: 2 },
          { j: 2, b: 3 },
        ],
        ["k"],
        ["j"],
      ),
    ).toHaveLength(4);
  });

  test("nested keys, names with dots, several keys", async () => {
    expect(
      await rows(
        [
          { o: { id: 1 }, "x.y": "p" },
          { o: { id: 1 }, "x.y": "q" },
          { o: null, "x.y": "p" },
        ],
        [{ i: 1, t: "q" }],
        ["o.id", "`x.y`"],
        ["i", "t"],
      ),
    ).toEqual([{ o: { id: 1 }, "x.y": "q", i: 1, t: "q" }]);
  });

  test("null and missing match nothing, not even each other", async () => {
    expect(await rows([{ k: null, a: 1 }, { a: 2 }, { k: 3 }], [{ k: null, b: 1 }, { b: 2 }, { k: 4 }], ["k"])).toEqual(
      [],
    );
    expect(await rows([{ k: null }], [{ k: 1 }], ["k"])).toEqual([]);
  });

  test("numbers match by value across int, long, double and decimal, and no further", async () => {
    const numbers = [1, 2.5, 9007199254740993n, 9007199254740992, 0.1, new Decimal(10n, 2), new Decimal(250n, 2)];
    const pairs = async (left: unknown[], right: unknown[]) =>
      (
        (await rows(
          left.map((k, i) => ({ k, l: i })),
          right.map((j, i) => ({ j, r: i })),
          ["k"],
          ["j"],
        )) as { l: number; r: number }[]
      )
        .map(({ l, r }) => [l, r])
        .sort();
    expect(await pairs([1], [1n])).toEqual([[0, 0]]);
    expect(await pairs([1], [1.5, 2n])).toEqual([]);
    expect(await pairs([2, 3], [2.5, 3])).toEqual([[1, 1]]);
    // a long that no double holds equals no double, though it would when rounded
    expect(await pairs([9007199254740993n], [0.5, 9007199254740992])).toEqual([]);
    expect(await pairs(numbers, numbers)).toEqual([
      [0, 0],
      [1, 1],
      [1, 6],
      [2, 2],
      [3, 3],
      [4, 4],
      [4, 5],
      [5, 4],
      [5, 5],
      [6, 1],
      [6, 6],
    ]);
  });

  test("a choice matches arm by arm: 1 is not '1'", async () => {
    expect(
      await rows(
        [{ k: 1 }, { k: "1" }, { k: true }, { k: [1] }, { k: null }],
        [{ j: "1" }, { j: 1.0 }, { j: false }, { j: new DateValue(1) }, { j: [1] }],
        ["k"],
        ["j"],
      ),
    ).toEqual([
      { k: 1, j: 1 },
      { k: "1", j: "1" },
    ]);
  });

  test("the casts of keys are not counted as losses", async () => {
    expect(await nulled(joined([{ k: 1 }, { k: "x" }], [{ k: 1.5 }, { k: 5e300 }], ["k"]))).toEqual({});
  });

  test("wrong keys are named", () => {
    const code = (c: string) => expect.objectContaining({ code: c });
    expect(() => joined([{ a: 1 }], [{ b: 1 }], ["a"], [])).toThrow(code("BAD_ARGUMENT"));
    expect(() => joined([{ a: { x: 1 } }], [{ a: { x: 1 } }], ["a"])).toThrow(code("BAD_ARGUMENT"));
    expect(joined([], [{ b: 1 }], ["a"], ["b"]).type.fields.map((f) => f.name)).toEqual(["b"]);
  });
});

describe("mergeDynamicFrame", () => {
  const merged = async (source: object[], stage: object[], primaryKeys: string[]) =>
    outcome(mergeDynamicFrame.lower([relationOf(source), relationOf(stage)], { primaryKeys }));

  test("replaces whole records, inserts, keeps duplicates of both sides, merges schemas", async () => {
    const result = await merged(
      [
        { id: 1, a: "old", b: 1 },
        { id: 2, a: "kept", b: 2 },
        { id: 2, a: "kept too", b: 2 },
      ],
      [
        { id: 1n, a: "new" },
        { id: 1n, a: "new too" },
        { id: 9n, c: true },
      ],
      ["id"],
    );
    expect(result.records).toEqual([
      { id: 2, a: "kept", b: 2 },
      { id: 2, a: "kept too", b: 2 },
      { id: 1, a: "new" },
      { id: 1, a: "new too" },
      { id: 9, c: true },
    ]);
    expect(result.tree).toBe(
      "root\n|-- id: choice\n|    |-- int\n|    |-- long\n|-- a: string\n|-- b: int\n|-- c: boolean",
    );
  });

  test("a key with a null replaces nothing and is not replaced", async () => {
    expect(
      (
        await merged(
          [
            { k: null, j: 1, s: 1 },
            { k: 2, j: null, s: 2 },
            { k: 3, j: 3, s: 3 },
          ],
          [
            { k: null, j: 1, s: 10 },
            { k: 2, j: null, s: 20 },
            { k: 3, j: 3, s: 30 },
          ],
          ["k", "j"],
        )
      ).records,
    ).toEqual([
      { j: 1, s: 1 },
      { k: 2, s: 2 },
      { j: 1, s: 10 },
      { k: 2, s: 20 },
      { k: 3, j: 3, s: 30 },
    ]);
  });
});
