import fc from "fast-check";
import { decodeFileLedger, decodeLedger, encodeFileLedger, encodeLedger } from "../../src/shapes/ledger-blob.js";
import { mergeLedgers } from "../../src/shapes/merge-ledgers.js";
import { createPathDictionary } from "../../src/shapes/path-dictionary.js";
import { fileLedger } from "./ledger-arbitrary.js";
import { makeFixture } from "./scan-fixture.js";

test("a blob gives back the ledger, also with the dictionary stored and grown since", () => {
  fc.assert(fc.property(fileLedger("s3://bucket/a b.json"), fileLedger("x"), (one, two) => {
    const dictionary = createPathDictionary();
    const blob = encodeFileLedger(one, dictionary);
    const stored = createPathDictionary(dictionary.toBytes());
    expect(decodeFileLedger(blob, stored)).toEqual(one);
    const other = encodeFileLedger(two, stored);
    expect(decodeFileLedger(blob, stored)).toEqual(one);
    expect(decodeFileLedger(other, createPathDictionary(stored.toBytes()))).toEqual(two);
    const merged = mergeLedgers([one, two]);
    expect(decodeLedger(encodeLedger(merged, stored), stored)).toEqual(merged);
  }));
});

test("a dictionary that lacks the paths is refused, not misread", () => {
  fc.assert(fc.property(fileLedger("f"), (ledger) => {
    fc.pre(ledger.root.fields.length > 0);
    const blob = encodeFileLedger(ledger, createPathDictionary());
    expect(() => decodeFileLedger(blob, createPathDictionary())).toThrow(/dictionary/);
  }));
});

test("the ledger of a file of 50 paths takes less than 800 bytes, so that 100,000 files stay below 80 MB", async () => {
  const fixture = makeFixture();
  const record = (i: number): string => JSON.stringify(Object.fromEntries(Array.from({ length: 10 }, (_, k) => [`field_${k}`,
    { id: i * 7919, name: `n${i}`, price: i % 3 ? i / 7 : `${i}`, tags: i % 5 ? ["a", "b"].slice(0, i % 3) : null }])));
  const [ledger] = await fixture.scan([fixture.write("f.json", Array.from({ length: 400 }, (_, i) => `${record(i)}\n`).join(""))]);
  const dictionary = createPathDictionary();
  encodeFileLedger(ledger!, dictionary);
  expect(dictionary.size).toBeGreaterThan(50);
  const again = encodeFileLedger(ledger!, dictionary);
  expect(again.length).toBeLessThan(800);
  fixture.remove();
});
