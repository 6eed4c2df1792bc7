import fc from "fast-check";
import type { JsonObject } from "../../conformance/case.js";
import { compareKeyedFrames } from "../../conformance/compare/key-bijection.js";
import { sameValue } from "../../conformance/compare/values.js";

type Tables = Readonly<Record<string, readonly JsonObject[]>>;
const compare = (
  actual: Tables,
  expected: Tables,
  groups: readonly (readonly (readonly [string, string])[])[],
  order: "ignore" | "exact" = "ignore",
) => compareKeyedFrames(new Map(Object.entries(actual)), new Map(Object.entries(expected)), groups, order);

const LINK = [
  [
    ["root", "w"],
    ["child", "id"],
  ],
] as const;

describe("key renaming", () => {
  const expected = {
    root: [
      { n: "a", w: 1 },
      { n: "b", w: 2 },
    ],
    child: [
      { id: 1, v: "x" },
      { id: 2, v: "y" },
      { id: 2, v: "z" },
    ],
  };

  it("accepts other keys that link the same rows", () => {
    const actual = {
      root: [
        { n: "b", w: 10 },
        { n: "a", w: 77 },
      ],
      child: [
        { id: 10, v: "z" },
        { id: 77, v: "x" },
        { id: 10, v: "y" },
      ],
    };
    expect(compare(actual, expected, LINK)).toBeUndefined();
  });

  it("accepts a permutation of the very same keys", () => {
    const actual = {
      root: [
        { n: "a", w: 2 },
        { n: "b", w: 1 },
      ],
      child: [
        { id: 2, v: "x" },
        { id: 1, v: "y" },
        { id: 1, v: "z" },
      ],
    };
    expect(compare(actual, expected, LINK)).toBeUndefined();
  });

  it("accepts keys of another type", () => {
    const actual = {
      root: [
        { n: "a", w: "k1" },
        { n: "b", w: "k2" },
      ],
      child: [
        { id: "k1", v: "x" },
        { id: "k2", v: "y" },
        { id: "k2", v: "z" },
      ],
    };
    expect(compare(actual, expected, LINK)).toBeUndefined();
  });

  it.each<[string, Tables]>([
    [
      "children under the wrong parent",
      {
        root: expected.root,
        child: [
          { id: 2, v: "x" },
          { id: 1, v: "y" },
          { id: 1, v: "z" },
        ],
      },
    ],
    [
      "one child moved",
      {
        root: expected.root,
        child: [
          { id: 1, v: "x" },
          { id: 1, v: "y" },
          { id: 2, v: "z" },
        ],
      },
    ],
    [
      "two keys made one",
      {
        root: [
          { n: "a", w: 1 },
          { n: "b", w: 1 },
        ],
        child: [
          { id: 1, v: "x" },
          { id: 1, v: "y" },
          { id: 1, v: "z" },
        ],
      },
    ],
    [
      "one key made two",
      {
        root: expected.root,
        child: [
          { id: 1, v: "x" },
          { id: 2, v: "y" },
          { id: 3, v: "z" },
        ],
      },
    ],
    [
      "a null key",
      {
        root: [
          { n: "a", w: null },
          { n: "b", w: 2 },
        ],
        child: [
          { id: null, v: "x" },
          { id: 2, v: "y" },
          { id: 2, v: "z" },
        ],
      },
    ],
    [
      "a missing row",
      {
        root: expected.root,
        child: [
          { id: 1, v: "x" },
          { id: 2, v: "y" },
        ],
      },
    ],
    ["an extra row", { root: expected.root, child: [...expected.child, { id: 2, v: "z" }] }],
    [
      "another value",
      {
        root: expected.root,
        child: [
          { id: 1, v: "x" },
          { id: 2, v: "y" },
          { id: 2, v: "!" },
        ],
      },
    ],
  ])("rejects %s", (_what, actual) => {
    expect(compare(actual, expected, LINK)).toBeDefined();
    expect(compare(expected, actual, LINK)).toBeDefined();
  });

  it("maps null to null and absent to null", () => {
    const withNull = {
      root: [
        { n: "a", w: null },
        { n: "b", w: 5 },
      ],
      child: [{ id: 5 }],
    };
    expect(compare({ root: [{ n: "a" }, { n: "b", w: 9 }], child: [{ id: 9 }] }, withNull, LINK)).toBeUndefined();
    expect(compare({ root: [{ n: "a", w: 9 }, { n: "b" }], child: [{ id: 9 }] }, withNull, LINK)).toBeDefined();
  });

  it("needs one renaming for all frames of a group", () => {
    // each child table alone could be renamed, both together cannot
    const groups = [
      [
        ["one", "id"],
        ["two", "id"],
      ],
    ] as const;
    expect(
      compare(
        {
          one: [
            { id: 1, v: "a" },
            { id: 2, v: "b" },
          ],
          two: [
            { id: 1, v: "a" },
            { id: 2, v: "b" },
          ],
        },
        {
          one: [
            { id: 1, v: "a" },
            { id: 2, v: "b" },
          ],
          two: [
            { id: 2, v: "a" },
            { id: 1, v: "b" },
          ],
        },
        groups,
      ),
    ).toBeDefined();
  });

  it("keeps groups apart: the same number in two groups is two keys", () => {
    const groups = [
      [
        ["root", "a"],
        ["ra", "id"],
      ],
      [
        ["root", "b"],
        ["rb", "id"],
      ],
    ] as const;
    const expectedTables = { root: [{ a: 1, b: 1 }], ra: [{ id: 1, v: "x" }], rb: [{ id: 1, v: "y" }] };
    expect(
      compare({ root: [{ a: 4, b: 9 }], ra: [{ id: 4, v: "x" }], rb: [{ id: 9, v: "y" }] }, expectedTables, groups),
    ).toBeUndefined();
    expect(
      compare({ root: [{ a: 4, b: 9 }], ra: [{ id: 9, v: "x" }], rb: [{ id: 4, v: "y" }] }, expectedTables, groups),
    ).toBeDefined();
  });

  it("compares rows in order when order counts", () => {
    const groups = [
      [
        ["t", "id"],
        ["u", "id"],
      ],
    ] as const;
    const first = { t: [{ id: 1 }, { id: 2 }], u: [{ id: 1 }, { id: 2 }] };
    expect(compare({ t: [{ id: 8 }, { id: 7 }], u: [{ id: 8 }, { id: 7 }] }, first, groups, "exact")).toBeUndefined();
    expect(compare({ t: [{ id: 8 }, { id: 7 }], u: [{ id: 7 }, { id: 8 }] }, first, groups, "exact")).toBeDefined();
    expect(compare({ t: [{ id: 8 }, { id: 7 }], u: [{ id: 7 }, { id: 8 }] }, first, groups)).toBeUndefined();
  });

  it("tells a cycle of six from two of three, which colouring alone cannot", () => {
    const edge = (pairs: readonly (readonly [number, number])[]): Tables => ({
      e: pairs.flatMap(([a, b]) => [
        { a, b },
        { a: b, b: a },
      ]),
    });
    const groups = [
      [
        ["e", "a"],
        ["e", "b"],
      ],
    ] as const;
    const hexagon = edge([
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
      [5, 6],
      [6, 1],
    ]);
    const triangles = edge([
      [1, 2],
      [2, 3],
      [3, 1],
      [4, 5],
      [5, 6],
      [6, 4],
    ]);
    expect(compare(hexagon, triangles, groups)).toBeDefined();
    expect(
      compare(
        edge([
          [3, 1],
          [1, 5],
          [5, 2],
          [2, 6],
          [6, 4],
          [4, 3],
        ]),
        hexagon,
        groups,
      ),
    ).toBeUndefined();
  });

  it("does not confuse large integers that lie close together", () => {
    const at = (t1: number, t2: number): Tables => ({
      root: [
        { t: t1, w: 1 },
        { t: t2, w: 2 },
      ],
      child: [
        { id: 1, v: "x" },
        { id: 2, v: "y" },
      ],
    });
    expect(compare(at(1700000000001, 1700000000002), at(1700000000001, 1700000000002), LINK)).toBeUndefined();
    expect(compare(at(1700000000001, 1700000000002), at(1700000000002, 1700000000001), LINK)).toBeDefined();
  });

  it("allows for the tolerance of fractions", () => {
    const at = (x: number): Tables => ({ root: [{ x, w: 1 }], child: [{ id: 1 }] });
    expect(compare(at(0.1 + 0.2), at(0.3), LINK)).toBeUndefined();
    expect(compare(at(3.0000000001), at(3), LINK)).toBeUndefined();
    expect(compare(at(0.31), at(0.3), LINK)).toBeDefined();
  });

  it("is quick on many rows that look the same", () => {
    const many = (shift: number): Tables => ({
      root: Array.from({ length: 300 }, (_, i) => ({ w: i + shift })),
      child: Array.from({ length: 600 }, (_, i) => ({ id: (i % 300) + shift, v: "same" })),
    });
    expect(compare(many(0), many(1000), LINK)).toBeUndefined();
  });
});

it("agrees with trying every renaming", () => {
  const key = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null });
  const table = fc.record({
    root: fc.array(fc.record({ v: fc.constantFrom("a", "b"), w: key }), { maxLength: 4 }),
    child: fc.array(fc.record({ id: key, v: fc.constantFrom("a", "b") }), { maxLength: 4 }),
  });
  const permutations = [
    [1, 2, 3],
    [1, 3, 2],
    [2, 1, 3],
    [2, 3, 1],
    [3, 1, 2],
    [3, 2, 1],
  ];
  const sortKey = (r: JsonObject): string => JSON.stringify(Object.entries(r).sort());
  const brute = (a: Tables, e: Tables): boolean =>
    permutations.some((p) =>
      ["root", "child"].every((name) => {
        const column = name === "root" ? "w" : "id";
        const renamed = (a[name] ?? []).map((r) => ({
          ...r,
          [column]: r[column] === null ? null : (p[Number(r[column]) - 1] ?? null),
        }));
        return sameValue(
          renamed.sort((x, y) => (sortKey(x) < sortKey(y) ? -1 : 1)),
          [...(e[name] ?? [])].sort((x, y) => (sortKey(x) < sortKey(y) ? -1 : 1)),
        );
      }),
    );
  // half of the pairs are a renamed and shuffled copy, so that both answers occur
  fc.assert(
    fc.property(table, table, fc.boolean(), fc.constantFrom(...permutations), (a, other, copy, p) => {
      const renameTo = (k: number | null): number | null => (k === null ? null : (p[k - 1] ?? null));
      const e = copy
        ? {
            root: a.root.map((r) => ({ ...r, w: renameTo(r.w) })).reverse(),
            child: a.child.map((r) => ({ ...r, id: renameTo(r.id) })).reverse(),
          }
        : other;
      expect(compare(a as Tables, e as Tables, LINK) === undefined).toBe(brute(a as Tables, e as Tables));
    }),
    { numRuns: 500 },
  );
});
