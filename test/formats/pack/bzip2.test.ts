/** Our bzip2 against another's reading: the package seek-bzip, which checks all sums. */
import * as fc from "fast-check";
import bunzip from "seek-bzip";
import { burrowsWheeler } from "../../../src/formats/pack/burrows-wheeler.js";
import { Bzip2Packer } from "../../../src/formats/pack/bzip2-packer.js";
import { huffmanLengths } from "../../../src/formats/pack/huffman-lengths.js";
import { suffixArray } from "../../../src/formats/pack/suffix-array.js";

function packed(...pieces: readonly Uint8Array[]): Buffer {
  const packer = new Bzip2Packer();
  return Buffer.concat([...pieces.map((piece) => packer.add(piece)), packer.end()]);
}
const unpacked = (bytes: Buffer): Buffer => Buffer.from(bunzip.decode(bytes, undefined, false));

test.each([
  ["nothing", ""],
  ["one byte", "a"],
  ["two", "ab"],
  ["banana", "banana"],
  ["one word over and over", "abc".repeat(700)],
  ["one byte over and over", "a".repeat(2000)],
  ["a block and a half of one byte", "a".repeat(50_000_000)],
  ["a block and a half of two", "ab".repeat(700_000)],
  ...[3, 4, 5, 254, 255, 256, 258, 259, 260, 510, 511].map((n): [string, string] => [
    `a run of ${n}`,
    `${"x".repeat(n)}y`,
  ]),
])("%s", (_name, text) => {
  expect(unpacked(packed(Buffer.from(text))).equals(Buffer.from(text))).toBe(true);
});

test("runs that cross the end of a block, wherever it falls", () => {
  const noise = Buffer.from(Array.from({ length: 899_985 }, (_, i) => (i * i * 31 + i) % 251));
  for (let free = 0; free < 8; free += 2) {
    const text = Buffer.concat([noise.subarray(0, 899_976 + free), Buffer.alloc(300, 7), noise.subarray(0, 1000)]);
    expect(unpacked(packed(text)).equals(text)).toBe(true);
  }
});

test("any bytes, in any pieces", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc
      .array(fc.constantFrom("a", "b", "aab", "xxxx", "\u0000", "0123456789", "\n"), { maxLength: 800 })
      .map((parts) => Buffer.from(parts.join(""))),
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 4 }), (pieces) => {
      expect(unpacked(packed(...pieces)).equals(Buffer.concat(pieces))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("lines of JSON become a tenth of their size", () => {
  const lines = Buffer.from(
    Array.from(
      { length: 20_000 },
      (_, i) => `{"id":${i},"name":"customer ${(i * 7919) % 1000}","paid":${i % 3 === 0}}\n`,
    ).join(""),
  );
  const bytes = packed(lines);
  expect(unpacked(bytes).equals(lines)).toBe(true);
  expect(bytes.length).toBeLessThan(lines.length / 10);
});

test("rotations and suffixes have the order that sorting them gives", () => {
  const text = fc
    .oneof(fc.array(fc.nat(2), { minLength: 1, maxLength: 40 }), fc.array(fc.nat(255), { minLength: 1, maxLength: 60 }))
    .map((symbols) => Uint8Array.from(symbols));
  fc.assert(
    fc.property(text, (block) => {
      const suffixes = Array.from(block.keys()).sort((a, b) => Buffer.compare(block.subarray(a), block.subarray(b)));
      expect([...suffixArray(block, 255)]).toEqual(suffixes);
      const rotations = Array.from(block.keys(), (i) => Buffer.concat([block.subarray(i), block.subarray(0, i)])).sort(
        (a, b) => Buffer.compare(a, b),
      );
      const { last, origin } = burrowsWheeler(block);
      expect([...last]).toEqual(rotations.map((rotation) => rotation.at(-1)));
      expect(rotations[origin]?.equals(block)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("codes are whole, and none is longer than it may be", () => {
  const fibonacci = Uint32Array.from(
    { length: 40 },
    (() => {
      let a = 1;
      let b = 1;
      return () => {
        [a, b] = [b, a + b];
        return a;
      };
    })(),
  );
  for (const frequencies of [
    fibonacci,
    Uint32Array.from([0, 0]),
    Uint32Array.from({ length: 258 }, (_, i) => i),
    new Uint32Array(258),
  ]) {
    const lengths = huffmanLengths(frequencies, 17);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(17);
    expect(lengths.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1);
  }
  // the best code of these frequencies, by Huffman's own example
  expect([...huffmanLengths(Uint32Array.from([5, 9, 12, 13, 16, 45]), 17)]).toEqual([4, 4, 3, 3, 3, 1]);
});
