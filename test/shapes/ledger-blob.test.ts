import fc from "fast-check";
import { decodeFileLedger, decodeLedger, encodeFileLedger, encodeLedger } from "../../src/shapes/ledger-blob.js";
import { mergeLedgers } from "../../src/shapes/merge-ledgers.js";
import { createPathDictionary } from "../../src/shapes/path-dictionary.js";
import { fileLedger } from "./ledger-arbitrary.js";
import { treeOf, withTree } from "../../src/shapes/flat-ledger.js";
import type { FileLedger } from "../../src/shapes/ledger.js";
import { makeFixture } from "./scan-fixture.js";

test("a blob gives back the ledger, also with the dictionary stored and grown since", () => {
  fc.assert(
    fc.property(fileLedger("s3://bucket/a b.json"), fileLedger("x"), (one, two) => {
      const dictionary = createPathDictionary();
      const blob = encodeFileLedger(one, dictionary);
      const stored = createPathDictionary(dictionary.toBytes());
      expect(decodeFileLedger(blob, stored)).toEqual(one);
      const other = encodeFileLedger(two, stored);
      expect(decodeFileLedger(blob, stored)).toEqual(one);
      expect(decodeFileLedger(other, createPathDictionary(stored.toBytes()))).toEqual(two);
      const merged = mergeLedgers([one, two]);
      expect(decodeLedger(encodeLedger(merged, stored), stored)).toEqual(merged);
    }),
  );
});

test("of many ledgers on one skeleton the numbers are written, which a dictionary stored with it reads", () => {
  fc.assert(
    fc.property(fc.array(fileLedger("/a"), { minLength: 1, maxLength: 3 }), (ledgers) => {
      const first = createPathDictionary();
      // trees, where the ledger can be one
      const flat = ledgers.map((ledger) => decodeFileLedger(encodeFileLedger(ledger, first), first));
      const dictionary = createPathDictionary();
      const blobs = [...flat, ...flat, ...flat].map((ledger) => encodeFileLedger(ledger, dictionary));
      const stored = createPathDictionary(dictionary.toBytes());
      expect(stored.size).toBe(dictionary.size);
      for (const [i, blob] of blobs.entries())
        expect({ ...decodeFileLedger(blob, stored) }).toEqual(ledgers[i % ledgers.length]);
      for (const [i, ledger] of flat.entries())
        if (treeOf(ledger) !== undefined)
          expect(blobs.slice(2 * flat.length + i).some((blob) => blob[0] === 6)).toBe(true);
      const grown = createPathDictionary(stored.toBytes());
      expect({ ...decodeFileLedger(encodeFileLedger(flat[0]!, grown), grown) }).toEqual(ledgers[0]);
    }),
  );
});

test("skeletons beyond the dictionary's room are written in full", () => {
  const dictionary = createPathDictionary();
  const place = { file: "/f", record: 0, offset: 0 };
  const ledger = (i: number): FileLedger =>
    withTree(
      {
        file: "/f",
        etag: "",
        size: 0,
        modified: 0,
        format: "json",
        bytes: 0,
        records: 1,
        malformed: 0,
        malformedRecords: [],
        hazards: {},
        shapes: [],
        otherShapes: 0,
      },
      {
        file: "/f",
        skeleton: {
          codes: Int32Array.of(32 << 7, 1, 0, 32 << 2, 0),
          names: [`k${i}`],
          kinds: Uint8Array.of(0, 1, 2, 0, 1, 2),
        },
        numbers: Uint16Array.of(1, 0, 0, 1, 0, 0),
      },
    );
  for (let round = 0; round < 2; round++) for (let i = 0; i < 600; i++) encodeFileLedger(ledger(i), dictionary);
  for (const i of [0, 599]) {
    const blob = encodeFileLedger(ledger(i), dictionary);
    expect(blob[0] === 6).toBe(i === 0);
    expect(decodeFileLedger(blob, createPathDictionary(dictionary.toBytes())).root.fields).toEqual([
      { name: `k${i}`, node: { tags: { int: { count: 1, first: place } }, fields: [] } },
    ]);
  }
});

test("a dictionary that lacks the paths is refused, not misread", () => {
  fc.assert(
    fc.property(fileLedger("f"), (ledger) => {
      fc.pre(ledger.root.fields.length > 0);
      const blob = encodeFileLedger(ledger, createPathDictionary());
      expect(() => decodeFileLedger(blob, createPathDictionary())).toThrow(/dictionary/);
    }),
  );
});

test("the ledger of a file of 50 paths takes less than 800 bytes, so that 100,000 files stay below 80 MB", async () => {
  const fixture = makeFixture();
  const record = (i: number): string =>
    JSON.stringify(
      Object.fromEntries(
        Array.from({ length: 10 }, (_, k) => [
          `field_${k}`,
          {
            id: i * 7919,
            name: `n${i}`,
            price: i % 3 ? i / 7 : `${i}`,
            tags: i % 5 ? ["a", "b"].slice(0, i % 3) : null,
          },
        ]),
      ),
    );
  const [ledger] = await fixture.scan([
    fixture.write("f.json", Array.from({ length: 400 }, (_, i) => `${record(i)}\n`).join("")),
  ]);
  const dictionary = createPathDictionary();
  encodeFileLedger(ledger!, dictionary);
  expect(dictionary.size).toBeGreaterThan(50);
  const again = encodeFileLedger(ledger!, dictionary);
  expect(again.length).toBeLessThan(800);
  fixture.remove();
});
