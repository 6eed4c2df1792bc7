/** Packed files through the whole reader, on both engines, and the options that name codecs. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { decompress } from "fzstd";
import bunzip from "seek-bzip";
import { uncompress } from "snappyjs";
import { GlueContext } from "../../src/index.js";

let folder: string;
const contexts: GlueContext[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-packed-"));
  for (const engine of ["duckdb", "reference"] as const)
    contexts.push(await GlueContext.open({ catalog: join(folder, engine), engine }));
});
afterAll(async () => {
  for (const glue of contexts) await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const packed = join(__dirname, "../shapes/packed");
const read = (glue: GlueContext, path: string, more: object = {}) =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path, ...more }, format: "json" });

test.each([
  "lines.bz2",
  "lines-in-streams.bz2",
  "lines.sz",
  "lines.snappy",
  "lines.lz4",
  "lines-linked.lz4",
  "lines.zip",
  "lines-streamed.zip",
])("%s: both engines read all 30,000 records", async (name) => {
  const path = join(folder, name);
  await copyFile(join(packed, name), path);
  for (const glue of contexts) {
    const frame = read(glue, path, { compressionType: name.endsWith("bz2") ? "bzip2" : "snappy" });
    const records = await frame.records();
    expect(await frame.errorsCount()).toBe(0);
    expect(records.every((record, i) => record["i"] === i)).toBe(true);
    expect(records).toHaveLength(30_000);
  }
});

test("a file cut short keeps the records before the cut and says where it ends", async () => {
  const path = join(folder, "cut.json.bz2");
  const whole = await readFile(join(packed, "lines.bz2"));
  await writeFile(path, whole.subarray(0, whole.length >> 1));
  const frame = read(contexts[0] as GlueContext, path);
  const records = await frame.records();
  expect(records.length).toBeGreaterThan(5000);
  expect(records.every((record, i) => record["i"] === i)).toBe(true);
  const messages = (await frame.errorsAsDynamicFrame().records()).map((r) => (r["error"] as { msg: string }).msg);
  expect(messages.some((message) => message.includes("the bzip2 stream ends too early"))).toBe(true);
});

test("a file packed in a way that is not read is one error that names it", async () => {
  const path = join(folder, "orders.json.xz");
  await writeFile(path, Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 1, 2, 3]));
  const frame = read(contexts[0] as GlueContext, path);
  expect([await frame.count(), await frame.errorsCount()]).toEqual([0, 1]);
  expect(await frame.errorsAsDynamicFrame().records()).toMatchObject([
    { error: { msg: expect.stringContaining("packed with xz; gzip, zstd, bzip2, snappy, lz4 and zip are read") } },
  ]);
});

/** By other packages than ours. */
const UNPACK: Readonly<Record<string, { readonly suffix: string; readonly text: (bytes: Buffer) => Buffer }>> = {
  none: { suffix: "", text: (bytes) => bytes },
  gzip: { suffix: ".gz", text: (bytes) => gunzipSync(bytes) },
  zstd: { suffix: ".zst", text: (bytes) => Buffer.from(decompress(bytes)) },
  bzip2: { suffix: ".bz2", text: (bytes) => Buffer.from(bunzip.decode(bytes, undefined, false)) },
  snappy: { suffix: ".snappy", text: hadoopText },
};
function hadoopText(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at + 4);
    const block = uncompress(bytes.subarray(at + 8, at + 8 + length));
    expect(block.length).toBe(bytes.readUInt32BE(at));
    blocks.push(block);
    at += 8 + length;
  }
  return Buffer.concat(blocks);
}

describe.each(Object.entries(UNPACK))("text written with %s", (compression, { suffix, text }) => {
  const rows = Array.from({ length: 6000 }, (_, n) => ({
    part: n % 2 === 0 ? "even" : "odd",
    n,
    words: `a "quoted", text ${n} `.repeat(8),
  }));
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  let outs = 0;
  const write = async (glue: GlueContext, given: typeof rows, more: object, format: "json" | "csv") => {
    const frame = glue.createDynamicFrame.fromRows(given);
    const path = join(folder, `${compression}-${outs++}`);
    return {
      path,
      report: await glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path, compression, ...more },
        format,
      }),
    };
  };

  test("others read it, and every engine does", async () => {
    for (const glue of contexts) {
      const {
        report: {
          files: [file, ...others],
          ...report
        },
        path,
      } = await write(glue, rows, {}, "json");
      expect([
        others.length,
        report.read,
        report.written,
        file?.path.endsWith(`.json${suffix}`),
        await readdir(path),
      ]).toEqual([0, 6000, 6000, true, [basename(String(file?.path))]]);
      expect(text(await readFile(String(file?.path))).toString()).toBe(lines);
      for (const reader of contexts) expect(await read(reader, path).records()).toEqual(rows);
    }
  });

  test("a file for each partition, with its rows counted", async () => {
    for (const glue of contexts) {
      const {
        report: { files },
      } = await write(glue, rows, { partitionKeys: ["part"] }, "csv");
      expect(files.map(({ folder: part, rows: count }) => [part, count]).sort()).toEqual([
        ["part=even", 3000],
        ["part=odd", 3000],
      ]);
      for (const { path } of files)
        expect(
          text(await readFile(path))
            .toString()
            .split("\n")
            .slice(0, 1),
        ).toEqual(["n,words"]);
    }
  });

  test("no rows", async () => {
    for (const glue of contexts) {
      const {
        report: { files },
      } = await write(glue, [], {}, "json");
      expect(files).toEqual([]);
    }
  });
});

test("compressionType and compression take the names they know", async () => {
  const glue = contexts[0] as GlueContext;
  expect(() => read(glue, folder, { compressionType: "gzipp" })).toThrow(
    expect.objectContaining({ code: "BAD_OPTION", path: "compressionType", hint: "Did you mean gzip?" }),
  );
  expect(() => read(glue, folder, { compressionType: "lzo" })).toThrow(
    expect.objectContaining({ code: "BAD_OPTION", expected: "gzip, bzip2, zstd, snappy, none" }),
  );
  const frame = glue.createDynamicFrame.fromRows([{ a: 1 }]);
  const write = (format: "json" | "parquet", compression: string) =>
    glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(folder, "out"), compression },
      format,
    });
  await expect(write("parquet", "bzip2")).rejects.toMatchObject({
    code: "BAD_OPTION",
    path: "compression",
    hint: "bzip2 can be read, but is not written here.",
  });
  await expect(write("json", "lzo")).rejects.toMatchObject({
    code: "BAD_OPTION",
    expected: "none, gzip, zstd, bzip2, snappy",
  });
  await expect(write("parquet", "brotli")).rejects.toMatchObject({
    code: "BAD_OPTION",
    expected: "snappy, gzip, zstd, none",
  });
  await mkdir(join(folder, "out"), { recursive: true });
  expect(await readdir(join(folder, "out"))).toEqual([]);
});
