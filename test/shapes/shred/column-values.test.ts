/** Texts are decoded many at a time: each must be what it is alone. */
import { decoderOf } from "../../../src/shapes/shred/column-values.js";
import { STRING } from "../../../src/types/data-type.js";

const decoded = (texts: readonly string[]): unknown => {
  const parts = texts.map((text) => {
    const bytes = Buffer.from(text, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  const all = Buffer.concat([Buffer.alloc(8), ...parts]); // not at the start of its memory
  const memory = Buffer.from(new Uint8Array(all).buffer);
  return decoderOf(STRING)({ memory, start: 8, end: all.length, count: texts.length });
};
const LENGTHS = [0, 1, 12, 13, 14, 20, 505, 511, 512, 513, 700, 3000];

test.each([
  ["ASCII alone", "ab cdefghi"],
  ["texts with more than ASCII among them", "aé山😀"],
])("%s, short and longer than what is decoded at once", (_, letters) => {
  const chars = [...letters];
  const text = (seed: number, length: number): string =>
    Array.from({ length }, (_unused, i) =>
      seed % 3 === 0 ? chars[(seed + i) % chars.length] : String.fromCharCode(97 + ((seed + i) % 26)),
    ).join("");
  const texts = Array.from({ length: 600 }, (_unused, i) => text(i, LENGTHS[(i * 7 + (i >> 4)) % LENGTHS.length] ?? 0));
  expect(decoded(texts)).toEqual(texts);
  expect(decoded(texts.map((t) => [...t].slice(0, 24).join("")))).toEqual(
    texts.map((t) => [...t].slice(0, 24).join("")),
  );
  expect(decoded([])).toEqual([]);
});
