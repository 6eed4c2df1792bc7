/** Histograms added up row by row or shape by shape come to what counting in a map comes to. */
import fc from "fast-check";
import { comparePlaces } from "../../src/shapes/first-place.js";
import { type FlatShapes, hashText, shapesOf, topRows } from "../../src/shapes/flat-shapes.js";
import type { ShapeStats } from "../../src/shapes/ledger.js";
import { createShapeSum, topShapes } from "../../src/shapes/shape-sum.js";

type Row = readonly [high: number, low: number, count: number, record: number, offset: number];
const flat = (file: string, rows: readonly Row[]): FlatShapes => ({ file, rows: Float64Array.from(rows.flat()) });

/** Few hashes, so that they meet; their low halves fall into one slot of the table, and into its last. */
const half = fc.constantFrom(0, 1, 511, 512, 0x7fffffff, 0x80000000, 0xffffffff);
const row: fc.Arbitrary<Row> = fc.tuple(
  half,
  half,
  fc.integer({ min: 1, max: 2 ** 40 }),
  fc.nat(5),
  fc.integer({ min: 0, max: 2 ** 40 }),
);
const histograms = fc.array(
  fc.record({
    file: fc.constantFrom("/a", "/b", "/c"),
    rows: fc.array(row, { maxLength: 20 }),
    shift: fc.constantFrom(0, 0, 3),
    asRows: fc.boolean(),
  }),
  { maxLength: 8 },
);

function counted(shapes: readonly (ShapeStats & { readonly shift: number })[]): ShapeStats[] {
  const sums = new Map<string, ShapeStats>();
  for (const { hash, count, first, shift } of shapes) {
    const held = sums.get(hash);
    const place = { ...first, record: first.record + shift };
    sums.set(hash, {
      hash,
      count: count + (held?.count ?? 0),
      first: comparePlaces(place, held?.first) < 0 ? place : (held?.first ?? place),
    });
  }
  return [...sums.values()].sort(
    (a, b) => b.count - a.count || comparePlaces(a.first, b.first) || (a.hash < b.hash ? -1 : 1),
  );
}

test("rows and shapes of any files, in any order", () => {
  fc.assert(
    fc.property(histograms, fc.integer({ min: 0, max: 12 }), (all, limit) => {
      const sum = createShapeSum();
      for (const { file, rows, shift, asRows } of all) {
        if (asRows) sum.addRows(flat(file, rows), shift);
        else for (const shape of shapesOf(flat(file, rows))) sum.add(shape, shift);
      }
      const expected = counted(
        all.flatMap(({ file, rows, shift }) => shapesOf(flat(file, rows)).map((shape) => ({ ...shape, shift }))),
      );
      const { kept, rest } = sum.top(limit);
      expect(kept).toEqual(expected.slice(0, limit));
      expect(rest).toBe(expected.slice(limit).reduce((total, { count }) => total + count, 0));
      expect(sum.top(limit)).toEqual({ kept, rest });
    }),
    { numRuns: 300 },
  );
});

test("hashes that are not of 64 bits, as those of ledgers made by hand, are counted by their text", () => {
  const shape = (hash: string, record: number): ShapeStats => ({
    hash,
    count: 2,
    first: { file: "/f", record, offset: 0 },
  });
  expect(
    topShapes(
      [shape("b", 4), shape("a", 1), shape("b", 0), shape("0000000000000000", 2), shape("00000000000000zz", 3)],
      3,
    ),
  ).toEqual({ kept: [{ ...shape("b", 0), count: 4 }, shape("a", 1), shape("0000000000000000", 2)], rest: 2 });
});

test("rows wait until they are many, so that what they hold is little", () => {
  const sum = createShapeSum();
  const rows = Array.from({ length: 1000 }, (_, i): Row => [i, i, 1, i, i]);
  sum.addRows(flat("/empty", []), 0);
  for (let file = 0; file < 30; file++) sum.addRows(flat(`/${file}`, rows), 0);
  expect(sum.allWait()).toBe(true);
  for (let file = 30; file < 40; file++) sum.addRows(flat(`/${file}`, rows), 0);
  expect(sum.allWait()).toBe(false);
  expect(sum.top(2)).toEqual({
    kept: [0, 1].map((i) => ({ hash: hashText(i, i), count: 40, first: { file: "/0", record: i, offset: i } })),
    rest: 998 * 40,
  });
});

test("the first rows, and what the others count", () => {
  const shapes = flat("/f", [
    [1, 2, 7, 0, 0],
    [3, 4, 5, 1, 9],
    [0xffffffff, 0, 2, 2, 20],
  ]);
  const { kept, rest } = topRows(shapes, 1);
  expect(shapesOf(kept)).toEqual([{ hash: "0000000100000002", count: 7, first: { file: "/f", record: 0, offset: 0 } }]);
  expect(rest).toBe(7);
  expect(topRows(shapes, 3)).toEqual({ kept: shapes, rest: 0 });
});
