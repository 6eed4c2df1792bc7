/** bzip2 and snappy against files that other writers made (packed/make.py), whole, cut and damaged. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import zlib from "node:zlib";
import * as fc from "fast-check";
import { compress as snappyBlock } from "snappyjs";
import { compressionOf, openSource } from "../../src/shapes/byte-source.js";
import { fill } from "../../src/shapes/unpack/byte-stream.js";
import { xxhash32 } from "../../src/shapes/unpack/xxhash32.js";
import { xxhash64 } from "../../src/shapes/unpack/xxhash64.js";
import { unsnappyBlock } from "../../src/shapes/unpack/snappy-block.js";

const packed = (name: string): Buffer => readFileSync(join(__dirname, "packed", name));

type Unpacked = { readonly bytes: Buffer; readonly code: string | undefined; readonly compression: string };

async function unpack(file: Uint8Array, keep = true): Promise<Unpacked & { readonly length: number }> {
  const raw = {
    readAt: (into: Uint8Array, position: number) => {
      const part = file.subarray(position, position + Math.min(into.length, 7777));
      into.set(part);
      return part.length;
    },
    close: () => undefined,
  };
  const { source, encoding } = await openSource(raw, () => undefined);
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const into = Buffer.alloc(100_000);
    const n = await fill(source, into);
    length += n;
    if (keep) parts.push(into.subarray(0, n));
    if (n < into.length) break;
  }
  await source.close();
  return { bytes: Buffer.concat(parts), code: source.damage()?.code, compression: encoding.compression, length };
}

const lines = Buffer.from(Array.from({ length: 30_000 }, (_, i) => `{"i":${i}}\n`).join(""));
const runs = Buffer.from(
  [1, 2, 3, 4, 5, 8, 254, 255, 256, 257, 258, 259, 260, 263, 264, 100_000, 4, 4, 0, 3, 70_000]
    .map((n, i) => "abc".charAt(i % 3).repeat(n))
    .join(""),
);
const noise = packed("noise.bin");

test.each([
  ["lines.bz2", "bzip2", lines],
  ["lines-in-streams.bz2", "bzip2", lines],
  ["runs.bz2", "bzip2", runs],
  ["noise.bz2", "bzip2", noise],
  ["empty.bz2", "bzip2", Buffer.alloc(0)],
  ["lines.sz", "snappy", lines],
  ["noise.sz", "snappy", noise],
  ["lines.snappy", "snappy", lines],
  ["lines.lz4", "lz4", lines],
  ["lines-linked.lz4", "lz4", lines],
  ["runs.lz4", "lz4", runs],
  ["noise.lz4", "lz4", noise],
  ["empty.lz4", "lz4", Buffer.alloc(0)],
  ["lines.zip", "zip", lines],
  ["lines-streamed.zip", "zip", lines],
  ["noise-stored.zip", "zip", noise],
  ["noise.zip", "zip", noise],
  ["lines.zst", "zstd", lines],
  ["lines-in-frames.zst", "zstd", lines],
  ["noise.zst", "zstd", noise],
])("%s gives all bytes", async (name, compression, text) => {
  const found = await unpack(packed(name));
  expect([found.compression, found.code, found.bytes.equals(text)]).toEqual([compression, undefined, true]);
});

test.each([
  "lines.bz2",
  "lines-in-streams.bz2",
  "lines.sz",
  "lines.snappy",
  "lines-linked.lz4",
  "lines.zip",
  "lines.zst",
])("%s cut anywhere gives what comes before and says that it was cut", async (name) => {
  const whole = packed(name);
  for (const part of [0.999, 0.8, 0.5, 0.3]) {
    const { bytes, code } = await unpack(whole.subarray(0, Math.floor(whole.length * part)));
    expect(code).toBe("TRUNCATED");
    expect(lines.subarray(0, bytes.length).equals(bytes)).toBe(true);
    // bzip2 gives whole blocks of 100 KB of text, or all of a later stream; the others some 64 KB or 256 KB at a time
    expect(bytes.length).toBeGreaterThanOrEqual(
      part > 0.7 && name !== "lines-in-streams.bz2" && name !== "lines.snappy" ? 100_000 : 0,
    );
  }
});

test.each([
  "lines.bz2",
  "runs.bz2",
  "noise.bz2",
  "lines.sz",
  "noise.sz",
  "lines-linked.lz4",
  "noise.lz4",
  "lines.zst",
  "noise.zst",
])("a changed bit in %s never passes unseen, and never does worse", async (name) => {
  const whole = packed(name);
  const right = (await unpack(whole)).bytes;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 10, max: whole.length - 1 }),
      fc.integer({ min: 0, max: 7 }),
      async (at, bit) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const { code, bytes } = await unpack(changed);
        // the last bits of a bzip2 stream only fill its last byte. One bit makes a chunk of snappy one to be skipped;
        // the seed does not meet it
        if (code === undefined) expect(bytes.equals(right)).toBe(true);
        else expect(["CORRUPT", "TRUNCATED"]).toContain(code);
      },
    ),
    { numRuns: 30, seed: 4 },
  );
});

test("what follows a bzip2 stream and is none is told", async () => {
  const { bytes, code } = await unpack(Buffer.concat([packed("runs.bz2"), Buffer.from("trailing text")]));
  expect([code, bytes.equals(runs)]).toEqual(["CORRUPT", true]);
});

test("raw snappy blocks are those of another packer", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "bc", "abcabc", "0123456789"), { maxLength: 400 }), (parts) => {
      const text = Buffer.from(parts.join(""));
      expect(Buffer.from(unsnappyBlock(snappyBlock(text), 1 << 20) ?? []).equals(text)).toBe(true);
    }),
  );
  expect(unsnappyBlock(snappyBlock(Buffer.alloc(5000)), 4999)).toBeUndefined();
  expect(unsnappyBlock(Uint8Array.from([3, 0, 65]), 100)).toBeUndefined(); // says three bytes, holds one
  // a copy from before the beginning
  expect(unsnappyBlock(Uint8Array.from([4, 0, 65, 0x0e, 9, 0]), 100)).toBeUndefined();
  expect(unsnappyBlock(Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), 100)).toBeUndefined();
});

test("texts that begin like a packed file are texts", () => {
  for (const text of ["BZh9,1\n2,3\n", "BZh1", "{}", "\u0000\u0000\u0000\u0000", "PK,price\n"])
    expect(compressionOf(Buffer.from(text))).toBe("none");
  expect(compressionOf(Buffer.from('{"a":1}\n', "utf16le").swap16())).toBe("none");
});

test("an archive of several files, or one that is encrypted, is refused by name behind what could be read", async () => {
  expect(await unpack(packed("several.zip"))).toMatchObject({ code: "UNSUPPORTED_COMPRESSION", compression: "zip" });
  const locked = Buffer.from(packed("lines.zip"));
  locked[6] = (locked[6] ?? 0) | 1;
  expect(await unpack(locked)).toMatchObject({ code: "UNSUPPORTED_COMPRESSION", length: 0 });
});

test("XXH32 is that of the specification, however the bytes come", () => {
  const text = Buffer.from("Nobody inspects the spammish repetition");
  const hash = (parts: readonly Uint8Array[]): number => {
    const sum = xxhash32();
    parts.forEach((part) => {
      sum.update(part);
    });
    return sum.digest();
  };
  expect([hash([]), hash([text])]).toEqual([0x02cc5d05, 0xe2293b2f]);
  for (let at = 0; at <= text.length; at++) expect(hash([text.subarray(0, at), text.subarray(at)])).toBe(0xe2293b2f);
});

test("XXH64 is that of the specification, however the bytes come", () => {
  const text = Buffer.from("Nobody inspects the spammish repetition");
  const hash = (parts: readonly Uint8Array[]): bigint => {
    const sum = xxhash64();
    parts.forEach((part) => {
      sum.update(part);
    });
    return sum.digest();
  };
  expect([hash([]), hash([text])]).toEqual([0xef46db3751d8e999n, 0xfbcea83c8a378bf1n]);
  for (let at = 0; at <= text.length; at++)
    expect(hash([text.subarray(0, at), text.subarray(at)])).toBe(0xfbcea83c8a378bf1n);
});

test("a zstd frame without its check sum, and one behind others, are told", async () => {
  const whole = packed("lines.zst");
  for (let short = 1; short <= 4; short++) {
    const { bytes, code } = await unpack(whole.subarray(0, whole.length - short));
    expect([code, bytes.equals(lines)]).toEqual(["TRUNCATED", true]);
  }
  const changed = Buffer.from(whole);
  changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1;
  const { bytes, code } = await unpack(Buffer.concat([packed("lines-in-frames.zst"), changed, whole]));
  expect([code, bytes.equals(Buffer.concat([lines, lines]))]).toEqual(["CORRUPT", true]);
});

test.each([["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]]] as const)("%s is refused by name", async (name, bytes) => {
  expect(await unpack(Uint8Array.from(bytes))).toMatchObject({
    code: "UNSUPPORTED_COMPRESSION",
    compression: name,
    length: 0,
  });
});

/** A zstd frame of blocks that each stand for 128 KB in four bytes (RFC 8878 §3.1.1.2). */
function zstdBomb(blocks: number, window = 7 << 3): Buffer {
  const block = ((128 << 10) << 3) | (1 << 1);
  const body = Buffer.alloc(blocks * 4);
  for (let i = 0; i < blocks; i++) body.writeUInt32LE(block | (i === blocks - 1 ? 1 : 0) | (0x61 << 24), i * 4);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, window]), body]);
}

test.each([
  ["gzip", zlib.gzipSync(Buffer.alloc(300_000_000))],
  ["bzip2", packed("zeros.bz2")],
  ["zstd", zstdBomb(2400)],
])("a bomb of %s is unpacked in bounded memory", async (_, bomb) => {
  const before = process.memoryUsage();
  let most = 0;
  const watch = setInterval(() => {
    const now = process.memoryUsage();
    most = Math.max(most, now.arrayBuffers - before.arrayBuffers);
  }, 1);
  const { length, code } = await unpack(bomb, false);
  clearInterval(watch);
  expect(code).toBeUndefined();
  expect(length).toBeGreaterThanOrEqual(100_000_000);
  expect(most).toBeLessThan(180_000_000);
});

test("a zstd frame that wants more than 128 MB of memory is refused", async () => {
  expect(await unpack(zstdBomb(3, 18 << 3))).toMatchObject({ code: "CORRUPT", length: 0 });
  expect(await unpack(Buffer.concat([packed("lines-in-frames.zst"), zstdBomb(3, 18 << 3)]))).toMatchObject({
    code: "CORRUPT",
    length: lines.length,
  });
});
