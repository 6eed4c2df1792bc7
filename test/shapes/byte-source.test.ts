/** Compressed streams of every form, unpacked while they are read. */
import zlib from "node:zlib";
import { openSource } from "../../src/shapes/byte-source.js";
import type { RawFile } from "../../src/shapes/byte-source.js";
import { fill } from "../../src/shapes/unpack/byte-stream.js";

const inMemory = (bytes: Uint8Array): RawFile => ({
  readAt: (into, position) => {
    const part = bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  },
  close: () => undefined,
});

async function readAll(bytes: Uint8Array): Promise<{ text: string; damage: string | undefined; read: number }> {
  let read = 0;
  const { source } = await openSource(inMemory(bytes), (n) => {
    read += n;
  });
  const parts: Buffer[] = [];
  for (;;) {
    const into = Buffer.alloc(100_000);
    const n = await fill(source, into);
    parts.push(into.subarray(0, n));
    if (n < into.length) break;
  }
  const damage = source.damage()?.code;
  await source.close();
  return { text: Buffer.concat(parts).toString("utf8"), damage, read };
}

/** A zstd frame of stored blocks (RFC 8878 §3.1.1), with its content size, or without and with a window of 1 MB. */
function zstdFrame(text: Buffer, block = 100_000, sized = true): Buffer {
  const header = Buffer.alloc(sized ? 9 : 6);
  header.writeUInt32LE(0xfd2fb528, 0);
  header[4] = sized ? 0xa0 : 0x00;
  if (sized) header.writeUInt32LE(text.length, 5);
  else header[5] = 10 << 3;
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < text.length; at += block) {
    const content = text.subarray(at, at + block);
    const head = (content.length << 3) | (at + block >= text.length ? 1 : 0);
    blocks.push(Buffer.from([head & 255, (head >> 8) & 255, head >> 16]), content);
  }
  return Buffer.concat([header, ...blocks]);
}
const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from("abc")]);

const text = Buffer.from(Array.from({ length: 30_000 }, (_, i) => `{"i":${i}}\n`).join(""));
const half = Math.floor(text.length / 2);

test.each([
  ["plain", text],
  ["gzip", zlib.gzipSync(text)],
  ["gzip in members", Buffer.concat([zlib.gzipSync(text.subarray(0, half)), zlib.gzipSync(text.subarray(half))])],
  ["zstd", zstdFrame(text)],
  ["zstd of unknown size", zstdFrame(text, 50_000, false)],
  ["zstd in frames", Buffer.concat([zstdFrame(text.subarray(0, half)), zstdFrame(text.subarray(half), 7000, false)])],
  [
    "zstd with a skippable frame between",
    Buffer.concat([zstdFrame(text.subarray(0, half)), skippable, zstdFrame(text.subarray(half))]),
  ],
])("%s gives all bytes, each stored byte read once", async (_, bytes) => {
  const { text: found, damage, read } = await readAll(bytes);
  expect(found === text.toString()).toBe(true);
  expect([damage, read]).toEqual([undefined, bytes.length]);
});

test.each([
  ["gzip", zlib.gzipSync(text)],
  ["zstd", zstdFrame(text)],
  ["zstd in frames", Buffer.concat([zstdFrame(text.subarray(0, half)), zstdFrame(text.subarray(half))])],
])("%s cut anywhere gives the bytes before the cut and says that it was cut", async (_, bytes) => {
  for (const part of [0.999, 0.75, 0.55, 0.3]) {
    const { text: found, damage } = await readAll(bytes.subarray(0, Math.floor(bytes.length * part)));
    expect(damage).toBe("TRUNCATED");
    expect(text.toString().startsWith(found)).toBe(true);
    expect(found.length).toBeGreaterThan(text.length * (part - 0.3));
  }
});
