import fc from "fast-check";
import { ledgerKeeper } from "../../src/crawler/compact-ledger.js";
import { mergeLedgers } from "../../src/shapes/merge-ledgers.js";
import { field, INT, STRING, struct } from "../../src/types/data-type.js";
import { fileLedger } from "../shapes/ledger-arbitrary.js";

const fileLedgers = fc.tuple(fileLedger("/a"), fileLedger("/b"), fileLedger("/c"));

test("packed ledgers read the same, merge the same, and survive JSON as the objects do", () => {
  fc.assert(fc.property(fileLedgers, (ledgers) => {
    const { keep } = ledgerKeeper(0);
    const kept = ledgers.map(keep);
    expect(kept.map((ledger) => ({ ...ledger }))).toEqual(ledgers);
    expect(mergeLedgers(kept)).toEqual(mergeLedgers(ledgers));
    expect(JSON.parse(JSON.stringify(kept))).toEqual(JSON.parse(JSON.stringify(ledgers)));
  }), { numRuns: 50 });
});

test("the first ones stay objects; equal types are one object", () => {
  fc.assert(fc.property(fileLedgers, (ledgers) => {
    const { keep } = ledgerKeeper(1);
    const kept = ledgers.map(keep);
    expect(kept[0]).toBe(ledgers[0]);
    for (const [i, ledger] of kept.entries()) if (i > 0) expect(ledger).not.toBe(ledgers[i]);
  }), { numRuns: 10 });
  const { share } = ledgerKeeper();
  const type = struct([field("a", INT)]);
  expect(share(type)).toBe(type);
  expect(share(struct([field("a", INT)]))).toBe(type);
  expect(share(struct([field("a", STRING)]))).not.toBe(type);
});
