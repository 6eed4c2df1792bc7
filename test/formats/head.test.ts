import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { HEAD_BYTES, headText, readHead } from "../../src/formats/head.js";
import { fileStorage } from "../../src/storage/file.js";

const root = mkdtempSync(join(tmpdir(), "dyna-head-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const headOf = async (bytes: Uint8Array) => {
  writeFileSync(join(root, "f"), bytes);
  return readHead(fileStorage(), join(root, "f"));
};
const lines = Buffer.from(
  Array.from({ length: 200_000 }, (_, i) => `{"i":${i},"r":${(i * 7919) % 104_729}}\n`).join(""),
);

test("plain, short and long", async () => {
  expect(await headOf(Buffer.from("ab"))).toMatchObject({ compression: "none", whole: true, read: 2 });
  const long = await headOf(lines);
  expect(long).toMatchObject({ whole: false, read: HEAD_BYTES });
  expect(Buffer.from(long.bytes).equals(lines.subarray(0, HEAD_BYTES))).toBe(true);
  expect(await headOf(new Uint8Array())).toMatchObject({ whole: true, read: 0 });
});

test("gzip: the beginning is unpacked, of a truncated and of a long file too", async () => {
  const packed = gzipSync(lines);
  for (const bytes of [packed, packed.subarray(0, packed.length / 2), packed.subarray(0, 5000)]) {
    const head = await headOf(bytes);
    expect(head.compression).toBe("gzip");
    expect(head.bytes.length).toBeGreaterThan(1000);
    expect(Buffer.from(head.bytes).equals(lines.subarray(0, head.bytes.length))).toBe(true);
  }
  expect(await headOf(gzipSync(Buffer.from("{}")))).toMatchObject({ whole: true, compression: "gzip" });
});

test("a damaged or foreign compression gives no bytes and no error; a bomb stays small", async () => {
  expect((await headOf(Buffer.from([0x1f, 0x8b, 9, 9, 9]))).bytes).toHaveLength(0);
  expect(await headOf(Buffer.from("BZh91AY&SY"))).toMatchObject({ compression: "bzip2", bytes: new Uint8Array() });
  expect((await headOf(gzipSync(Buffer.alloc(50_000_000)))).bytes).toHaveLength(HEAD_BYTES);
});

test("text of UTF-16 with and without a mark", () => {
  for (const text of ['\uFEFF{"a"}', '{"a"}']) expect(headText(Buffer.from(text, "utf16le"))).toContain('{"a"}');
  expect(headText(Buffer.from('{"a"}', "utf16le").swap16())).toContain('{"a"}');
});
