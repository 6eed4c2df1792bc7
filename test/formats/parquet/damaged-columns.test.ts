/**
 * Parquet columns are read by code of our own: whatever bytes a file has, it gives rows or an error that names the
 * file, and comes to an end.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { chunkValues } from "../../../src/formats/parquet/columns/chunk-values.js";
import { fileLayout } from "../../../src/formats/parquet/columns/file-layout.js";
import { readPages } from "../../../src/formats/parquet/columns/pages.js";
import { fileBatches, readableFile } from "../../../src/formats/parquet/columns/read-rows.js";
import { encodeThrift, i32, thriftStruct } from "../../../src/shapes/shred/thrift-compact.js";
import { FileBytes } from "../../../src/storage/file-bytes.js";
import { BOOLEAN, DOUBLE, field, INT, LONG, STRING, struct, type StructType } from "../../../src/types/data-type.js";
import { batchReader } from "../../../src/types/record-batch.js";

const TYPE: StructType = struct([
  field("i", INT),
  field("l", LONG),
  field("d", DOUBLE),
  field("b", BOOLEAN),
  field("s", STRING),
  field("w", STRING),
  field("list", { kind: "array", element: struct([field("x", INT), field("y", STRING)]) }),
  field("inner", struct([field("z", LONG), field("deep", { kind: "array", element: INT })])),
]);
const ROWS = 400;
const SQL = `SELECT i::INT AS i, CASE WHEN i % 3 = 0 THEN NULL ELSE i::BIGINT * 1000003 END AS l, i / 7 AS d, i % 2 = 0 AS b, 'text ' || i AS s, CASE WHEN i % 5 = 0 THEN NULL ELSE 'w' || (i % 4) END AS w,
  CASE WHEN i % 11 = 0 THEN NULL ELSE [{x: i::INT, y: 'é' || i}, {x: NULL, y: NULL}][:(i % 3)::INT] END AS list,
  CASE WHEN i % 13 = 0 THEN NULL ELSE {z: i::BIGINT, deep: [i::INT, NULL, 3][:(i % 4)::INT]} END AS inner FROM range(${ROWS}) r(i)`;
const CODECS = ["uncompressed", "snappy", "gzip"] as const;

let folder: string;
const whole = new Map<string, Buffer>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-damaged-"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  for (const codec of CODECS) {
    const path = join(folder, `${codec}.parquet`);
    await connection.run(`COPY (${SQL}) TO '${path}' (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE 2048)`);
    whole.set(codec, await readFile(path));
  }
  connection.disconnectSync();
  instance.closeSync();
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The number of its rows, each made whole; the code of the error; or that it is left to the engine. */
function outcome(path: string): number | string {
  const readable = readableFile(path, TYPE);
  if (readable === undefined) return "left to the engine";
  const read = batchReader(TYPE);
  let rows = 0;
  try {
    for (const batch of fileBatches(readable)) rows += read(batch).length;
    return rows;
  } catch (error) {
    expect(error).toMatchObject({ name: "DynaframeError", code: "READ_FAILED", file: path });
    return "READ_FAILED";
  }
}

async function damaged(codec: string, change: (bytes: Buffer) => Buffer): Promise<number | string> {
  const path = join(folder, "damaged.parquet");
  await writeFile(path, change(Buffer.from(whole.get(codec) ?? [])));
  return outcome(path);
}

test.each(CODECS)("%s, as it was written, is read here", (codec) => {
  expect(outcome(join(folder, `${codec}.parquet`))).toBe(ROWS);
});

test.each(CODECS)(
  "%s with changed bytes: rows, an error that names the file, or the engine's turn",
  async (codec) => {
    const found = new Set<number | string>();
    const { length } = whole.get(codec) ?? [];
    // most of a file's damage is in its pages: half of the places are drawn near the end, where the footer is
    const place = fc.oneof(
      fc.nat(Number(length) - 1),
      fc.integer({ min: Number(length) - 3000, max: Number(length) - 1 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 4 }), async (changes) => {
        const result = await damaged(codec, (bytes) => {
          for (const [at, value] of changes) bytes[at] = value;
          return bytes;
        });
        found.add(typeof result === "number" ? "rows" : result);
      }),
      { numRuns: 400, examples: [[[[11893, 0]]]] },
    ); // a dictionary that ends too early, found by another seed
    expect([...found].sort()).toEqual(["READ_FAILED", "left to the engine", "rows"]);
  },
  120_000,
);

test.each(CODECS)(
  "%s cut anywhere",
  async (codec) => {
    const { length } = whole.get(codec) ?? [];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: Number(length) - 1 }), async (end) => {
        expect(await damaged(codec, (bytes) => bytes.subarray(0, end))).toBe("left to the engine");
      }),
      { numRuns: 50 },
    );
  },
  60_000,
);

test("a text that is not UTF-8 is an error, not another text", async () => {
  const at = (whole.get("uncompressed") ?? Buffer.of()).indexOf("text 123");
  expect(at).toBeGreaterThan(0);
  expect(
    await damaged("uncompressed", (bytes) => {
      bytes[at] = 0xff;
      return bytes;
    }),
  ).toBe("READ_FAILED");
});

describe("rows that the footer tells of", () => {
  // 400 as a zigzag number of variable length; the last one of the footer is the row group's
  const group = (bytes: Buffer, rows: number): Buffer => {
    const at = bytes.lastIndexOf(Buffer.of(0xa0, 0x06));
    bytes[at] = ((2 * rows) & 127) | 128;
    bytes[at + 1] = (2 * rows) >> 7;
    return bytes;
  };
  test.each([
    [8000, "left to the engine"],
    [399, "READ_FAILED"],
    [ROWS, ROWS],
  ])("%s of 400: %s", async (rows, expected) => {
    expect(await damaged("snappy", (bytes) => group(bytes, rows))).toBe(expected);
    expect(fileLayout(join(folder, "damaged.parquet"))?.groups.map((one) => one.rows)).toEqual([rows]);
  });
});

describe("pages", () => {
  const values = Buffer.from(Int32Array.of(7, 8, 9).buffer);
  type Header = { readonly size?: number; readonly count?: number; readonly sum?: number; readonly encoding?: number };
  /** A data page of version 1 with three numbers, as the header given tells of it. */
  const read = async (
    { size = values.length, count = 3, sum, encoding = 0 }: Header,
    announced = 3,
  ): Promise<string> => {
    const path = join(folder, "page");
    const header = encodeThrift(
      thriftStruct(
        [1, i32(0)],
        [2, i32(size)],
        [3, i32(values.length)],
        [4, sum === undefined ? undefined : i32(sum)],
        [5, thriftStruct([1, i32(count)], [2, i32(encoding)], [3, i32(3)], [4, i32(3)])],
      ),
    );
    const bytes = Buffer.concat([header, values]);
    await writeFile(path, bytes);
    const chunk = {
      file: path,
      path: ["i"],
      physical: 1,
      codec: 0,
      encodings: [0],
      values: announced,
      start: 0,
      page: 0,
      bytes: bytes.length,
      unpacked: bytes.length,
      nulls: 0,
    };
    try {
      return Array.from(
        chunkValues(readPages(new FileBytes(path), chunk, { definition: 0, repetition: 0 }), INT, 4).values(
          0,
          announced,
        ),
      ).join();
    } catch (error) {
      return error instanceof Error ? error.message.replace(/^.*damaged: /, "") : "";
    }
  };
  test.each<[string, Header, string]>([
    ["as it should be", {}, "7,8,9"],
    ["with its check sum", { sum: crc32(values) | 0 }, "7,8,9"],
    ["with another check sum", { sum: 1 }, "a page has another check sum than its header."],
    ["larger than its column", { size: 2 ** 31 - 1 }, "a page larger than its column."],
    ["of more values than the column", { count: 4 }, "other numbers of values than its footer tells."],
    ["of fewer values than it says", { count: -1 }, "other numbers of values than its footer tells."],
    ["in an encoding that is not read", { encoding: 5 }, "the encoding 5."],
  ])("%s", async (_, header, expected) => {
    expect(await read(header)).toBe(expected);
  });
  test("that end before the column does", async () => {
    expect(await read({ count: 2 })).toBe("the end is missing.");
  });
});
