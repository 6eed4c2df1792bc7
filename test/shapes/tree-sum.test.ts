/** Trees added up number by number come to what their nodes come to. */
import fc from "fast-check";
import { treeOf } from "../../src/shapes/flat-ledger.js";
import { COUNT, type FlatTree, rootOf } from "../../src/shapes/flat-tree.js";
import { mergeNodes } from "../../src/shapes/merge-ledgers.js";
import { createTreeSum } from "../../src/shapes/tree-sum.js";
import { makeFixture } from "./scan-fixture.js";

test("one tree for each skeleton, with all counts, the extremes of lengths and the earliest places", async () => {
  const fixture = makeFixture();
  const lines = [
    '{"a":1,"l":[[1,"x"],[]],"s":{"b":null}}\n{"a":"x","s":{"c":[{"d":1.5}],"b":true}}',
    '{"a":{},"l":[]}',
  ];
  const trees = (await Promise.all(lines.map((text) => fixture.scanOne(text)))).flatMap(
    (ledger) => treeOf(ledger) ?? [],
  );
  fixture.remove();
  expect(trees).toHaveLength(2);
  // the numbers of each file are drawn: counts of one and more, the others any
  const part = fc
    .constantFrom(...trees)
    .chain(({ skeleton }) =>
      fc.record({
        file: fc.constantFrom("/a", "/b"),
        skeleton: fc.constant(skeleton),
        numbers: fc
          .tuple(
            ...Array.from(skeleton.kinds, (kind) =>
              fc.integer({ min: kind === COUNT ? 1 : 0, max: 9 }).map((n) => (n === 9 ? 2 ** 33 : n)),
            ),
          )
          .map((all) => Float64Array.from(all)),
      }),
    );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts: readonly FlatTree[]) => {
      const sum = createTreeSum();
      for (const tree of parts) sum.add(tree);
      const sums = sum.sums();
      expect(sums).toHaveLength(new Set(parts.map(({ skeleton }) => skeleton)).size);
      expect(mergeNodes(sums.map(rootOf))).toEqual(mergeNodes(parts.map(rootOf)));
    }),
    { numRuns: 100 },
  );
});
