/** Random ledgers for laws: few files, names and shapes, so that merging meets equal ones. */
import fc from "fast-check";
import { HAZARDS, TAGS } from "../../src/shapes/ledger.js";
import type { FileLedger, LedgerNode, Tag } from "../../src/shapes/ledger.js";

const count = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 40 }));

/** Ledgers whose places are all in their own file. */
export const fileLedger = (file: string): fc.Arbitrary<FileLedger> => {
  const place = fc.record({
    file: fc.constant(file),
    record: fc.nat({ max: 5000 }),
    offset: fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 45 })),
  });
  const stats = fc.record({ count, first: place });
  const tags = fc
    .uniqueArray(fc.tuple(fc.constantFrom<Tag>(...TAGS), stats), {
      selector: ([tag]) => tag,
      minLength: 1,
      maxLength: 4,
    })
    .map((entries): LedgerNode["tags"] => Object.fromEntries(entries));
  const { node } = fc.letrec<{ node: LedgerNode }>((tie) => ({
    node: fc
      .record({
        tags,
        fields: fc.oneof(
          { depthSize: "small", maxDepth: 3 },
          fc.constant([]),
          fc.uniqueArray(
            fc.record({
              name: fc.oneof(fc.constantFrom("a", "b", "", "A", "é\n`.", "\u{1f600}"), fc.string({ maxLength: 3 })),
              node: tie("node"),
            }),
            { selector: (f) => f.name, maxLength: 4 },
          ),
        ),
        values: fc.oneof(
          { depthSize: "small", maxDepth: 3 },
          fc.constant<LedgerNode>({ tags: {}, fields: [] }),
          tie("node"),
        ),
        element: fc.option(tie("node"), { nil: undefined, depthSize: "small", maxDepth: 3 }),
        lengths: fc.option(fc.record({ min: fc.nat({ max: 5 }), max: fc.integer({ min: 5, max: 1e6 }) }), {
          nil: undefined,
        }),
        decimal: fc.option(
          fc.nat({ max: 10 }).map((scale) => ({ precision: scale + 5, scale })),
          { nil: undefined },
        ),
        inexact: fc.option(fc.constant(true as const), { nil: undefined }),
        repeated: fc.option(fc.constant(true as const), { nil: undefined }),
      })
      .map(({ values, element, ...all }) => ({
        ...all,
        ...(all.tags.array || all.tags.map ? { element } : {}),
        ...(all.tags.array && all.tags.map ? { values } : {}),
      }))
      .map(
        (all) => Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)) as unknown as LedgerNode,
      ),
  }));
  const malformed = fc.record({
    file: fc.constant(file),
    offset: fc.nat(),
    end: fc.nat(),
    code: fc.constantFrom("INVALID_JSON", "TOO_DEEP"),
    reason: fc.string(),
    at: fc.nat(),
    text: fc.string({ unit: "grapheme" }),
  });
  const hazards = fc
    .uniqueArray(
      fc.tuple(fc.constantFrom(...HAZARDS), fc.record({ count, first: place, path: fc.constantFrom("a", "b.c") })),
      { selector: ([h]) => h },
    )
    .map((entries): FileLedger["hazards"] => Object.fromEntries(entries));
  const shapes = fc.uniqueArray(
    fc.record({
      hash: fc.constantFrom("00000000000000aa", "ffffffffffffffff", "0123456789abcdef", "not hex"),
      count,
      first: place,
    }),
    { selector: (s) => s.hash },
  );
  return fc.record({
    file: fc.constant(file),
    etag: fc.string(),
    size: fc.nat(),
    modified: fc.double({ min: 0, max: 2e12, noNaN: true }),
    format: fc.constantFrom("json", "csv"),
    bytes: fc.nat(),
    records: count,
    malformed: fc.nat(),
    malformedRecords: fc.uniqueArray(malformed, { selector: (m) => m.offset, maxLength: 3 }),
    root: node,
    hazards,
    shapes,
    otherShapes: fc.nat({ max: 10 }),
  });
};
