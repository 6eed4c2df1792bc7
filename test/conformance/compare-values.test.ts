import fc from "fast-check";
import { compareRecords, matchAll, sameNumber, sameValue, valueText } from "../../conformance/compare/values.js";
import type { Json } from "../../conformance/case.js";

describe("values", () => {
  it.each<[Json, Json, boolean]>([
    [{ a: null }, {}, true],
    [{ a: { b: null } }, { a: {} }, true],
    [{ a: {} }, {}, false],
    [{ a: [] }, {}, false],
    [[null], [], false],
    [[{ x: 1, y: null }], [{ x: 1 }], true],
    [1, "1", false],
    [true, 1, false],
    [0, null, false],
    ["", null, false],
    [{ constructor: 1 }, {}, false],
    [{ a: [1, 2] }, { a: [2, 1] }, false],
    [{ b: 1, a: 2 }, { a: 2, b: 1 }, true],
  ])("%j and %j: %s", (a, b, equal) => {
    expect(sameValue(a, b)).toBe(equal);
    expect(sameValue(b, a)).toBe(equal);
  });

  it("compares fractions with tolerance and integers without", () => {
    expect(sameNumber(0.1 + 0.2, 0.3)).toBe(true);
    expect(sameNumber(1, 1.0000000001)).toBe(true);
    expect(sameNumber(1, 1.00000001)).toBe(false);
    expect(sameNumber(9007199254740990, 9007199254740991)).toBe(false);
    expect(sameNumber(1700000000001, 1700000000002)).toBe(false);
    expect(sameNumber(0, 1e-300)).toBe(false);
  });
});

describe("records", () => {
  it("is a multiset when order is ignored", () => {
    expect(compareRecords([{ a: 1 }, { a: 2 }], [{ a: 2 }, { a: 1 }], "ignore")).toBeUndefined();
    expect(compareRecords([{ a: 1 }, { a: 1 }], [{ a: 1 }], "ignore")).toMatch(/1 unexpected/);
    expect(compareRecords([{ a: 1 }], [{ a: 1 }, { a: 1 }], "ignore")).toMatch(/1 of 2 records missing/);
    expect(compareRecords([{ a: 1 }, { a: 2 }], [{ a: 2 }, { a: 1 }], "exact")).toMatch(/record 0/);
    expect(compareRecords([], [{}], "exact")).toMatch(/record 0/);
  });

  it("matches records whose members are absent on one side and null on the other", () => {
    expect(compareRecords([{ a: 1, b: null }, { b: 2 }], [{ b: 2, a: null }, { a: 1 }], "ignore")).toBeUndefined();
  });

  it("finds the matching where a greedy choice would miss it", () => {
    const e = 0.6e-9;
    // 1 fits both, 1 - e fits only the lower one
    expect(compareRecords([{ x: 1 }, { x: 1 - 1.5 * e }], [{ x: 1 - e }, { x: 1 + e }], "ignore")).toBeUndefined();
  });

  it("accepts every permutation and rejects every change of one value", () => {
    const record = fc.dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom("x", "y"), fc.constant(null)),
    );
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 8 }),
        fc.nat(),
        fc.func(fc.integer()),
        (records, at, order) => {
          const shuffled = records
            .map((r, i) => ({ r, k: order(i) }))
            .sort((x, y) => x.k - y.k)
            .map(({ r }) => r);
          expect(compareRecords(shuffled, records, "ignore")).toBeUndefined();
          const changed = records.map((r, i) => (i === at % records.length ? { ...r, a: "changed" } : r));
          expect(compareRecords(changed, records, "ignore")).toBeDefined();
        },
      ),
    );
  });
});

it("valueText agrees with sameValue on integers", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
      const integers = (v: unknown): boolean => typeof v !== "number" || Number.isSafeInteger(v);
      fc.pre(JSON.stringify([a, b], (_k, v: unknown) => (integers(v) ? v : "f")) === JSON.stringify([a, b]));
      expect(valueText(a as Json, String) === valueText(b as Json, String)).toBe(sameValue(a as Json, b as Json));
    }),
  );
});

it("matchAll is a largest matching, whatever the order", () => {
  const edges = fc.array(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(edges, (grid) => {
      const ids = [0, 1, 2, 3, 4];
      const { missing } = matchAll(ids, ids, (a, e) => grid[e]?.[a] === true);
      const best = (e: number, used: ReadonlySet<number>): number =>
        e === 5
          ? 0
          : Math.max(
              best(e + 1, used),
              ...ids
                .filter((a) => grid[e]?.[a] === true && !used.has(a))
                .map((a) => 1 + best(e + 1, new Set(used).add(a))),
            );
      expect(5 - missing.length).toBe(best(0, new Set()));
    }),
  );
});
