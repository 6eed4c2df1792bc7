import fc from "fast-check";
import { ledgerKeeper } from "../../src/crawler/compact-ledger.js";
import { decodeFileLedger, encodeFileLedger } from "../../src/shapes/ledger-blob.js";
import { ledgerType } from "../../src/shapes/ledger-type.js";
import type { FileLedger } from "../../src/shapes/ledger.js";
import { createPathDictionary } from "../../src/shapes/path-dictionary.js";
import { mergeLedgers } from "../../src/shapes/merge-ledgers.js";
import { array, field, INT, STRING, struct } from "../../src/types/data-type.js";
import { fieldsByName } from "../../src/types/fields-by-name.js";
import { fileLedger } from "../shapes/ledger-arbitrary.js";
import { makeFixture } from "../shapes/scan-fixture.js";

const fileLedgers = fc.tuple(fileLedger("/a"), fileLedger("/b"), fileLedger("/c"));

test("packed ledgers read the same, merge the same, and survive JSON as the objects do", () => {
  fc.assert(
    fc.property(fileLedgers, (ledgers) => {
      const { keep } = ledgerKeeper(0);
      const kept = ledgers.map(keep);
      expect(kept.map((ledger) => ({ ...ledger }))).toEqual(ledgers);
      expect(mergeLedgers(kept)).toEqual(mergeLedgers(ledgers));
      expect(JSON.parse(JSON.stringify(kept))).toEqual(JSON.parse(JSON.stringify(ledgers)));
    }),
    { numRuns: 50 },
  );
});

test("the first ones stay objects; equal types are one object", () => {
  fc.assert(
    fc.property(fileLedgers, (ledgers) => {
      const { keep } = ledgerKeeper(1);
      const kept = ledgers.map(keep);
      expect(kept[0]).toBe(ledgers[0]);
      for (const [i, ledger] of kept.entries()) if (i > 0) expect(ledger).not.toBe(ledgers[i]);
    }),
    { numRuns: 10 },
  );
  const { typeOf } = ledgerKeeper();
  const ledger = (type: "int" | "string"): FileLedger => ({
    ...EMPTY,
    root: {
      tags: {},
      fields: [
        {
          name: "a",
          node: { tags: { [type]: { count: 1, first: { file: "/f", record: 0, offset: 0 } } }, fields: [] },
        },
      ],
    },
  });
  expect(typeOf(ledger("int"))).toEqual(struct([field("a", INT)]));
  expect(typeOf(ledger("int"))).toBe(typeOf(ledger("int")));
  expect(typeOf(ledger("string"))).toEqual(struct([field("a", STRING)]));
});

test("of ledgers read from blobs, which are numbers on skeletons, kept ones read and merge as the nodes do, and have their types", () => {
  fc.assert(
    fc.property(fileLedgers, (ledgers) => {
      const dictionary = createPathDictionary();
      const read = ledgers.map((ledger) => decodeFileLedger(encodeFileLedger(ledger, dictionary), dictionary));
      const { keep, typeOf } = ledgerKeeper();
      const kept = read.map(keep);
      expect(kept.map((ledger) => ({ ...ledger }))).toEqual(ledgers);
      expect(mergeLedgers(kept)).toEqual(mergeLedgers(ledgers));
      expect(kept.map(typeOf)).toEqual(ledgers.map((ledger) => fieldsByName(ledgerType(ledger))));
    }),
    { numRuns: 100 },
  );
});

test("files of the same fields have one type, whichever scanner met them in which order", async () => {
  const fixture = makeFixture();
  const refs = ['{"a":1,"in":[{"x":1,"y":"s"}]}', '{"in":[{"y":"s","x":2}],"a":2}'].map((text, i) =>
    fixture.write(`${i}.json`, text),
  );
  const together = await fixture.scan(refs);
  const apart = [...(await fixture.scan(refs.slice(0, 1))), ...(await fixture.scan(refs.slice(1)))];
  fixture.remove();
  const { keep, typeOf } = ledgerKeeper();
  expect(new Set([...together, ...apart].map((ledger) => typeOf(keep(ledger))))).toEqual(
    new Set([struct([field("a", INT), field("in", array(struct([field("x", INT), field("y", STRING)])))])]),
  );
  expect(ledgerType(together[1]!).fields.map(({ name }) => name)).toEqual(["in", "a"]);
});

const EMPTY = {
  file: "/f",
  etag: "",
  size: 0,
  modified: 0,
  format: "json",
  bytes: 0,
  records: 0,
  malformed: 0,
  malformedRecords: [],
  hazards: {},
  shapes: [],
  otherShapes: 0,
} as const;
