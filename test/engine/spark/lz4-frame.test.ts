/**
 * LZ4 frames: some packed by the C library (pyarrow.Codec("lz4")), others made here sequence by sequence; and damage.
 */
import fc from "fast-check";
import { unpackLz4Frame } from "../../../src/engine/spark/lz4-frame.js";

test.each([
  ["nothing", "BCJNGGBAggAAAAA=", Buffer.from("")],
  ["a word", "BCJNGGBAggkAAIBkeW5hZnJhbWUAAAAA", Buffer.from("dynaframe")],
  ["a run", "BCJNGGBAgh4AAAAfYQEA/////////////////////////4JQYWFhYWEAAAAA", Buffer.from("a".repeat(5000))],
  [
    "sentences",
    "BCJNGGBAgmUAAADwEnRoZSBxdWljayBicm93biBmb3ggMCBqdW1wcyBvdmVyICEAkWxhenkgZG9nLg4ADC8AHzEvABsfMi8AGx8zLwAbHzQvABsfNS8AGx82LwAbD0kB////////////mFBkb2cuIAAAAAA=",
    Buffer.from(
      Array.from({ length: 60 }, (_, i) => `the quick brown fox ${i % 7} jumps over the lazy dog. `).join(""),
    ),
  ],
  [
    "more than one block",
    "BCJNGEBAwOECAAAbAAEAEgEBAPEIAgICAgIDAwMDBAQEBAUFBQUGBgYAAAAZAAEWAEIFBQYGEAAHDgAiAgIMAAMLAGEFBQYAAQEUAAMJAAIbAAEIAA8HAAQBKwAlAgMMAEMCAwQFEQAzAgMEBQASAQoAZwUGAQIEBQ4AIgMEEgBbAgMFAAEEAFECAwUAAiAAIwYBCwAPBwABAx8AARsABBAARAQGAQMDABMEAwCnAgQAAgUAAwUBAw4AIgYBFgACCAC1AQQGAgUBAwYCBQAFAAIUABEEEQAPBwACAxcAlAMGAgUBBQEEAA0AAg8AIgEEEwAPAgAEMQQABCQAkgUBBQIFAgYDBhMAJAUBDQADGAABCQAPBwADEQQsABEAHwBEBQIGAxQAMQAEARcABggAhwIGBAEGAwEFDgACAwAUAwMA9AIEAQYEAgYEAgAEAgAFAwAFAxAAAgoAAxEACgcAAxIAASQACwQAMQIABSAAsgMBBgUDAgAGBAMBEgAFDgAiBgQYAJICAAYFAwIBAAULADMEAgERAAQMACEEAxMADwcAAAMWAAErAAQJAEIFBAMCGwABFAABCwACDABHAwICAQ4AIgMCEADSAAYGBgUFBQUEBAQEAxcAIgICWQMvAQABAAsDJgAPgAP/////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////TlADBAUGAA0BAAAMjv8PgP//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////2FABAwUAAuACAAAMBwADCgABFAAEEABEBAYBAwMAEwQDAKcCBAACBQADBQEDDgAiBgEWAAIIALUBBAYCBQEDBgIFAAUAAhQAEQQRAA8HAAIDFwCUAwYCBQEFAQQADQACDwAiAQQTAA8CAAQxBAAEJACSBQEFAgUCBgMGEwAkBQENAAMYAAEJAA8HAAMRBCwAEQAfAEQFAgYDFAAxAAQBFwAGCACHAgYEAQYDAQUOAAIDABQDAwD0AgQBBgQCBgQCAAQCAAUDAAUDEAACCgADEQAKBwADEgABJAALBAAxAgAFIACyAwEGBQMCAAYEAwESAAUOACIGBBgAkgIABgUDAgEABQsAMwQCAREABAwAIQQDEwAPBwAAAxYAASsABAkAQgUEAwIbAAEUAAELAAIMAEcDAgIBDgAiAwIQANIABgYGBQUFBQQEBAQDFwAyAgIBAQAfAAEACwIlAPILAQICAgICAwMDAwQEBAQFBQUFBgYGAAAAAQEXAGIEBAUFBgYQAAcOACICAhoAAwsAYQUFBgABARQAAwkAAhsAAQgADwcABAErACUCAwwAQwIDBAURADMCAwQFABIBCgBnBQYBAgQFDgAiAwQSAFsCAwUAAQQAEQJTAyMGAWEDDwcABQMYAAEtAA+AA/////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////9JUAEEAAMGHQAAAAyO/wMQAA+A//////////////////8eUAMFBgECAAAAAA==",
    Buffer.from(Array.from({ length: 200_000 }, (_, i) => Math.floor((i * i) / 256) % 7)),
  ],
])("%s, packed by the C library", (_, packed, expected) => {
  expect(Buffer.from(unpackLz4Frame(Buffer.from(packed, "base64"))).equals(expected)).toBe(true);
  expect(Buffer.from(unpackLz4Frame(Buffer.from(packed, "base64"), expected.length)).equals(expected)).toBe(true);
});

type Sequence = { readonly literals: Uint8Array; readonly distance: number; readonly match: number };

/** The block and what it stands for, by the letter of the format. */
function packed(
  sequences: readonly Sequence[],
  end: Uint8Array,
  before: readonly number[],
): { readonly block: number[]; readonly bytes: number[] } {
  const block: number[] = [];
  const bytes = [...before];
  const length = (value: number): number[] =>
    value < 15 ? [] : [...Array<number>(Math.floor((value - 15) / 255)).fill(255), (value - 15) % 255];
  const nibble = (value: number): number => Math.min(15, value);
  for (const { literals, distance, match } of sequences) {
    bytes.push(...literals);
    if (bytes.length === 0) continue;
    const back = 1 + (distance % Math.min(bytes.length, 65_535));
    block.push(
      (nibble(literals.length) << 4) | nibble(match),
      ...length(literals.length),
      ...literals,
      back & 255,
      back >> 8,
      ...length(match),
    );
    for (let i = 0; i < match + 4; i++) bytes.push(bytes[bytes.length - back] ?? 0);
  }
  block.push(nibble(end.length) << 4, ...length(end.length), ...end);
  bytes.push(...end);
  return { block, bytes: bytes.slice(before.length) };
}

const word = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24];
const sequence = fc.record({
  literals: fc.uint8Array({ maxLength: 40 }),
  distance: fc.nat(100_000),
  match: fc.oneof(fc.nat(20), fc.nat(700)),
});
const aBlock = fc.record({
  sequences: fc.array(sequence, { maxLength: 12 }),
  end: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  plain: fc.boolean(),
});

/** A frame of blocks that reach back into one another, with the optional parts that `parts` says. */
function frameOf(
  blocks: readonly { readonly sequences: readonly Sequence[]; readonly end: Uint8Array; readonly plain: boolean }[],
  parts: { readonly size: boolean; readonly checksums: boolean },
): { readonly frame: Uint8Array; readonly bytes: Uint8Array } {
  const bytes: number[] = [];
  const body: number[] = [];
  for (const { sequences, end, plain } of blocks) {
    const { block, bytes: own } = plain ? { block: [...end], bytes: [...end] } : packed(sequences, end, bytes);
    bytes.push(...own);
    body.push(
      ...word((block.length | (plain ? 0x80000000 : 0)) >>> 0),
      ...block,
      ...(parts.checksums ? [1, 2, 3, 4] : []),
    );
  }
  const header = [
    4,
    34,
    77,
    24,
    0x40 | (parts.checksums ? 0x14 : 0) | (parts.size ? 8 : 0),
    0x40,
    ...(parts.size ? [...word(bytes.length), 0, 0, 0, 0] : []),
    0,
  ];
  return {
    frame: Uint8Array.from([...header, ...body, 0, 0, 0, 0, ...(parts.checksums ? [9, 9, 9, 9] : [])]),
    bytes: Uint8Array.from(bytes),
  };
}

const anyFrame = fc
  .tuple(fc.array(aBlock, { maxLength: 4 }), fc.record({ size: fc.boolean(), checksums: fc.boolean() }))
  .map(([blocks, parts]) => frameOf(blocks, parts));

test("any blocks: literals, matches near and far, overlapping, across blocks, unpacked ones", () => {
  fc.assert(
    fc.property(anyFrame, ({ frame, bytes }) => {
      expect(Buffer.from(unpackLz4Frame(frame)).equals(bytes)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("what is cut off or changed is an error, or other bytes: never a crash or a read beyond the end", () => {
  fc.assert(
    fc.property(anyFrame, fc.nat(), fc.nat(255), fc.boolean(), ({ frame }, place, value, cut) => {
      const at = place % frame.length;
      const broken = cut ? frame.slice(0, at) : Uint8Array.from(frame, (byte, i) => (i === at ? value : byte));
      try {
        unpackLz4Frame(broken);
      } catch (error) {
        expect(error).toMatchObject({ code: "ENGINE_FAILED" });
      }
    }),
    { numRuns: 500 },
  );
});

test("a frame that does not hold what was promised is an error", () => {
  const { frame } = frameOf([{ sequences: [], end: Uint8Array.of(1, 2, 3), plain: false }], {
    size: false,
    checksums: false,
  });
  expect(() => unpackLz4Frame(frame, 4)).toThrow(expect.objectContaining({ code: "ENGINE_FAILED" }));
});
