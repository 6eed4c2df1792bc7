import fc from "fast-check";
import { MAX_KEPT_MALFORMED, MAX_KEPT_SHAPES } from "../../src/shapes/ledger.js";
import type { Ledger, MalformedRecord, ShapeStats } from "../../src/shapes/ledger.js";
import { comparePlaces, firstPlace } from "../../src/shapes/first-place.js";
import { emptyLedger, mergeLedgers } from "../../src/shapes/merge-ledgers.js";
import { topShapes } from "../../src/shapes/shape-sum.js";
import { fileLedger } from "./ledger-arbitrary.js";
import { makeFixture } from "./scan-fixture.js";

// fields without any place have no order of their own but their names
const three = fc.tuple(fileLedger("a"), fileLedger("b"), fileLedger("c"));

test("merging is associative and commutative, and the empty ledger is neutral", () => {
  fc.assert(
    fc.property(three, ([a, b, c]) => {
      const all = mergeLedgers([a, b, c]);
      expect(mergeLedgers([mergeLedgers([a, b]), c])).toEqual(all);
      expect(mergeLedgers([a, mergeLedgers([b, c])])).toEqual(all);
      expect(mergeLedgers([c, a, b])).toEqual(all);
      expect(mergeLedgers([emptyLedger(), all, emptyLedger()])).toEqual(all);
    }),
  );
});

test("counts add up, and the first place is the earliest of all", () => {
  fc.assert(
    fc.property(three, (ledgers) => {
      const merged = mergeLedgers(ledgers);
      expect(merged.files).toBe(3);
      expect(merged.records).toBe(ledgers.reduce((sum, l) => sum + l.records, 0));
      const shapesIn = (l: Pick<Ledger, "shapes" | "otherShapes">): number =>
        l.otherShapes + l.shapes.reduce((sum, s) => sum + s.count, 0);
      expect(shapesIn(merged)).toBe(ledgers.reduce((sum, l) => sum + shapesIn(l), 0));
      for (const tag of ["int", "string", "null"] as const) {
        const parts = ledgers.flatMap((l) => l.root.tags[tag] ?? []);
        expect(merged.root.tags[tag]?.count ?? 0).toBe(parts.reduce((sum, s) => sum + s.count, 0));
        for (const { first } of parts)
          expect(comparePlaces(merged.root.tags[tag]?.first, first)).toBeLessThanOrEqual(0);
      }
      const places = merged.root.fields.map(({ node }) => firstPlace(node));
      places.slice(1).forEach((place, i) => expect(comparePlaces(places[i], place)).toBeLessThanOrEqual(0));
    }),
  );
});

test("the merge of two files' ledgers is the ledger of the files, for any split of the records", async () => {
  const fixture = makeFixture();
  const records = [
    { a: 1, b: [1, 2] },
    { a: "x", c: null },
    { b: [], a: 2.5 },
    { c: { d: true } },
    { a: 1, b: [1] },
  ].map((r) => `${JSON.stringify(r)}\n`);
  for (let cut = 0; cut <= records.length; cut++) {
    const [left, right] = await fixture.scan([
      fixture.write(`l${cut}`, records.slice(0, cut).join("")),
      fixture.write(`r${cut}`, records.slice(cut).join("")),
    ]);
    const whole = await fixture.scanOne(records.join(""));
    const counts = (l: Pick<Ledger, "root" | "shapes" | "records">): unknown =>
      JSON.parse(
        JSON.stringify(
          { r: l.root, s: l.shapes.map((s) => [s.hash, s.count]).sort(), n: l.records },
          (key, v: unknown) => (key === "first" ? undefined : v),
        ),
      );
    expect(counts(mergeLedgers([left!, right!]))).toEqual(counts(whole));
  }
  fixture.remove();
});

test("past the limits the sums stay exact and the most frequent shapes are kept", () => {
  const first = { file: "f", record: 0, offset: 0 };
  const shapes: ShapeStats[] = Array.from({ length: MAX_KEPT_SHAPES + 50 }, (_, i) => ({
    hash: i.toString(16).padStart(16, "0"),
    count: i + 1,
    first: { ...first, record: i },
  }));
  const { kept, rest } = topShapes(shapes, MAX_KEPT_SHAPES);
  expect(kept).toHaveLength(MAX_KEPT_SHAPES);
  expect(rest).toBe((50 * 51) / 2);
  expect(kept.reduce((sum, s) => sum + s.count, rest)).toBe(shapes.reduce((sum, s) => sum + s.count, 0));
  const bad = (file: string): MalformedRecord[] =>
    Array.from({ length: 800 }, (_, i) => ({
      file,
      offset: i,
      end: i + 1,
      code: "INVALID_JSON",
      reason: "r",
      at: 0,
      text: "",
    }));
  const empty = emptyLedger();
  const merged = mergeLedgers([
    { ...empty, malformed: 800, malformedRecords: bad("b") },
    { ...empty, malformed: 800, malformedRecords: bad("a") },
  ]);
  expect(merged.malformed).toBe(1600);
  expect(merged.malformedRecords).toHaveLength(MAX_KEPT_MALFORMED);
  expect(merged.malformedRecords.filter(({ file }) => file === "a")).toHaveLength(800);
});
