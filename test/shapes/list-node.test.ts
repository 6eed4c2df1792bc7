import { listChoices } from "../../src/shapes/ledger-drift.js";
import { ledgerType } from "../../src/shapes/ledger-type.js";
import type { LedgerNode, Place, Tag } from "../../src/shapes/ledger.js";
import { listNode } from "../../src/shapes/list-node.js";
import { mergeNodes } from "../../src/shapes/merge-ledgers.js";
import { INT, STRING, array, choice, structOf } from "../../src/types/data-type.js";

const at = (record: number): Place => ({ file: "f", record, offset: record * 10 });
const tags = (entries: { readonly [T in Tag]?: readonly [count: number, record: number] }): LedgerNode["tags"] =>
  Object.fromEntries(Object.entries(entries).map(([tag, [count, record]]) => [tag, { count, first: at(record) }]));
const record = (node: LedgerNode): { readonly root: LedgerNode } => ({
  root: { tags: tags({ struct: [9, 0] }), fields: [{ name: "a", node }] },
});

const repeated: LedgerNode = {
  tags: tags({ int: [4, 0], array: [2, 3], null: [1, 5] }),
  fields: [],
  element: { tags: tags({ string: [5, 3] }), fields: [] },
  lengths: { min: 2, max: 3 },
  repeated: true,
};

test("single values beside lists of repeated fields are lists of one", () => {
  expect(ledgerType(record(repeated))).toEqual(structOf({ a: array(choice([INT, STRING])) }));
  expect(listNode(repeated)).toEqual({
    tags: tags({ array: [6, 0], null: [1, 5] }),
    fields: [],
    element: { tags: tags({ int: [4, 0], string: [5, 3] }), fields: [] },
    lengths: { min: 1, max: 3 },
  });
  expect(
    listChoices(record(repeated)).map(({ path, arms }) => [path, arms.map(({ tag, count }) => [tag, count])]),
  ).toEqual([
    [
      "a[]",
      [
        ["string", 5],
        ["int", 4],
      ],
    ],
  ]);
});

test("lists that the data has as such keep their choice", () => {
  const { repeated: _, ...plain } = repeated;
  expect(ledgerType(record(plain))).toEqual(structOf({ a: choice([INT, array(STRING)]) }));
  expect(listNode(plain)).toBe(plain);
});

test("one file repeats a field, another does not: the merge is a list", () => {
  const single: LedgerNode = {
    tags: tags({ struct: [1, 0] }),
    fields: [{ name: "x", node: { tags: tags({ int: [1, 0] }), fields: [] } }],
  };
  const many: LedgerNode = {
    tags: tags({ array: [1, 1] }),
    fields: [],
    element: {
      tags: tags({ struct: [2, 1] }),
      fields: [{ name: "y", node: { tags: tags({ string: [2, 1] }), fields: [] } }],
    },
    repeated: true,
  };
  for (const nodes of [
    [single, many],
    [many, single],
  ]) {
    expect(ledgerType(record(mergeNodes(nodes)))).toEqual(structOf({ a: array(structOf({ x: INT, y: STRING })) }));
  }
});
