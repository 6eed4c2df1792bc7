import { listChoices, missingCounts } from "../../src/shapes/ledger-drift.js";
import { ledgerType, typeOfNode } from "../../src/shapes/ledger-type.js";
import type { LedgerNode, Tag } from "../../src/shapes/ledger.js";
import { emptyLedger, mergeLedgers } from "../../src/shapes/merge-ledgers.js";
import {
  BOOLEAN,
  DOUBLE,
  INT,
  LONG,
  NULL,
  STRING,
  UNKNOWN,
  array,
  choice,
  decimal,
  field,
  map,
  struct,
  structOf,
} from "../../src/types/data-type.js";
import { makeFixture } from "./scan-fixture.js";
import type { Fixture } from "./scan-fixture.js";

let fixture: Fixture;
beforeAll(() => {
  fixture = makeFixture();
});
afterAll(() => fixture.remove());

const first = { file: "f", record: 0, offset: 0 };
const node = (tags: readonly Tag[], more: Partial<LedgerNode> = {}): LedgerNode => ({
  tags: Object.fromEntries(tags.map((tag) => [tag, { count: 1, first }])),
  fields: [],
  ...more,
});

test("the type of records is exact: choices, nulls, empty arrays, long integers", async () => {
  const ledger = await fixture.scanOne(
    [
      '{"id":1,"price":1.5,"n":null,"e":[],"s":{},"big":9223372036854775808,"m":null}',
      '{"id":"x","price":2,"n":null,"e":[],"arr":[1,"a",null,{"b":true}],"m":5}',
      '{"id":4294967296,"nested":[[],[null]],"too":1e999}',
    ].join("\n"),
  );
  expect(ledgerType(ledger)).toEqual(
    struct([
      field("id", choice([INT, LONG, STRING])),
      field("price", choice([DOUBLE, INT])),
      field("n", NULL),
      field("e", array(UNKNOWN)),
      field("s", struct()),
      field("big", decimal(38, 0)),
      field("m", INT),
      field("arr", array(choice([INT, STRING, structOf({ b: BOOLEAN })]))),
      field("nested", array(array(NULL))),
      field("too", STRING),
    ]),
  );
  expect(ledgerType(emptyLedger())).toEqual(struct());
});

test("declared types keep their parameters; a choice holds one member per name", () => {
  expect(typeOfNode(undefined)).toBe(UNKNOWN);
  expect(typeOfNode(node(["decimal"], { decimal: { precision: 10, scale: 2 } }))).toEqual(decimal(10, 2));
  expect(typeOfNode(node(["decimal", "bigint"], { decimal: { precision: 10, scale: 2 } }))).toEqual(STRING);
  expect(typeOfNode(node(["decimal"], { decimal: { precision: 50, scale: 20 } }))).toEqual(STRING);
  expect(typeOfNode(node(["map"], { element: node(["int"]) }))).toEqual(map(INT));
  expect(typeOfNode(node(["null", "map", "string"], { element: node(["int"]) }))).toEqual(choice([map(INT), STRING]));
});

test("choices are listed with counts, shares of values and first places; missing fields are known from their parents", async () => {
  const a = fixture.write("a.json", '{"p":1,"l":[{"q":1},{"q":"x"},{}]}\n{"p":2}\n');
  const b = fixture.write("b.json", '{"p":"three","x.y":1}\n{"p":null}\n{"x.y":true,"p":4}\n');
  const ledger = mergeLedgers(await fixture.scan([a, b]));
  expect(listChoices(ledger)).toEqual([
    {
      path: "p",
      arms: [
        { tag: "int", count: 3, percent: 75, first: { file: a.path, record: 0, offset: 5 } },
        { tag: "string", count: 1, percent: 25, first: { file: b.path, record: 0, offset: 5 } },
      ],
      nulls: 1,
      missing: 0,
    },
    {
      path: "l[].q",
      arms: [
        { tag: "int", count: 1, percent: 50, first: { file: a.path, record: 0, offset: 17 } },
        { tag: "string", count: 1, percent: 50, first: { file: a.path, record: 0, offset: 25 } },
      ],
      nulls: 0,
      missing: 1,
    },
    {
      path: "`x.y`",
      arms: [
        { tag: "boolean", count: 1, percent: 50, first: { file: b.path, record: 2, offset: 40 } },
        { tag: "int", count: 1, percent: 50, first: { file: b.path, record: 0, offset: 19 } },
      ].reverse(),
      nulls: 0,
      missing: 3,
    },
  ]);
  expect(missingCounts(ledger)).toEqual([
    { path: "p", parents: 5, missing: 0, nulls: 1 },
    { path: "l", parents: 5, missing: 4, nulls: 0 },
    { path: "l[].q", parents: 3, missing: 1, nulls: 0 },
    { path: "`x.y`", parents: 5, missing: 3, nulls: 0 },
  ]);
});
