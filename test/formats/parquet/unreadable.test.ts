/**
 * Parquet files that are sound and yet not read, and footers that only the engine refuses: an error that names the file
 * and what to do.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetFormat } from "../../../src/formats/parquet/parquet-format.js";
import { fileStorage } from "../../../src/storage/file.js";
import { DynaframeError, GlueContext, type DynamicFrame } from "../../../src/index.js";

let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-unreadable-"));
  glue = await GlueContext.open({
    catalog: join(folder, "catalog"),
    engine: "duckdb",
    threads: 1,
    onWarning: () => undefined,
  });
});
afterAll(async () => {
  await glue.close();
  rmSync(folder, { recursive: true, force: true });
});

const made = (name: string): string => join(__dirname, "files", name);
const read = (path: string): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path }, format: "parquet" });
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const messages = async (frame: DynamicFrame): Promise<string> =>
  JSON.stringify(await frame.errorsAsDynamicFrame().records());

/** A file of these bytes of Thrift for a footer. */
function ofFooter(name: string, footer: readonly number[]): string {
  const path = join(folder, name);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  writeFileSync(path, Buffer.concat([Buffer.from("PAR1"), Buffer.from(footer), length, Buffer.from("PAR1")]));
  return path;
}

test("columns that are encrypted behind a plain footer are said to be", async () => {
  const frame = read(made("encrypted-columns.parquet"));
  expect([await frame.count(), await frame.errorsCount()]).toEqual([0, 1]);
  expect(await messages(frame)).toContain("its columns are encrypted");
});

test("an encoding that the engine does not read is not called damage", async () => {
  const path = made("int-byte-stream-split.parquet");
  expect(await failure(read(path).records())).toMatchObject({
    code: "READ_FAILED",
    file: path,
    hint: expect.stringContaining("other encodings"),
  });
});

test("a file without columns has no records, alone and beside others", async () => {
  expect([
    await read(made("no-columns.parquet")).count(),
    await read(made("no-columns.parquet")).errorsCount(),
  ]).toEqual([0, 0]);
  const both = join(folder, "both");
  mkdirSync(both);
  for (const name of ["no-columns.parquet", "int96.parquet"]) copyFileSync(made(name), join(both, name));
  const frame = read(both);
  expect([await frame.count(), (await frame.records()).length, await frame.errorsCount()]).toEqual([3, 3, 0]);
});

test("rows without columns are one malformed record", async () => {
  // FileMetaData: version 1, a schema of the root alone ("r", no children), 2 rows, one row group of no columns, no
  // bytes and 2 rows
  const path = ofFooter(
    "rows.parquet",
    [0x15, 2, 0x19, 0x1c, 0x48, 1, 0x72, 0x15, 0, 0, 0x16, 4, 0x19, 0x1c, 0x19, 0x0c, 0x16, 0, 0x16, 4, 0, 0],
  );
  const frame = read(path);
  expect([await frame.count(), await frame.errorsCount()]).toEqual([0, 1]);
  expect(await messages(frame)).toContain("it has 2 rows and no columns");
});

test("a schema that only the engine refuses names the file", async () => {
  // a column "a" of INT64 that is said to be UINT_32, which is of INT32 (LogicalTypes.md); no rows
  const path = ofFooter(
    "uint32.parquet",
    [
      0x15, 2, 0x19, 0x2c, 0x48, 1, 0x72, 0x15, 2, 0, 0x15, 4, 0x25, 2, 0x18, 1, 0x61, 0x25, 26, 0, 0x16, 0, 0x19, 0x0c,
      0,
    ],
  );
  expect(await failure(read(path).toDF().sql("SELECT * FROM self").rows())).toMatchObject({
    code: "READ_FAILED",
    file: path,
  });
});

test("a schema that is nested too deep is one malformed record for the engine too", async () => {
  const group = [0x48, 1, 0x67, 0x15, 2, 0];
  const leaf = [0x15, 2, 0x38, 1, 0x67, 0];
  const groups = 1100;
  // the list of elements has more than 14, so its size is a number of its own; no rows and no row groups
  const path = ofFooter("deep.parquet", [
    0x15,
    2,
    0x19,
    0xfc,
    ((groups + 1) & 0x7f) | 0x80,
    (groups + 1) >> 7,
    ...Array.from({ length: groups }, () => group).flat(),
    ...leaf,
    0x16,
    0,
    0x19,
    0x0c,
    0,
  ]);
  const frame = read(path);
  expect([await frame.count(), await frame.errorsCount()]).toEqual([0, 1]);
  expect(await messages(frame)).toContain("nested deeper than 1000 levels");
});

test("columns of one name: the first is read, and the others are counted", async () => {
  const path = made("columns-of-one-name.parquet");
  const ledgers = [];
  const storage = fileStorage();
  const ref = await storage.stat(path);
  if (ref === undefined) throw new Error(`no ${path}`);
  for await (const ledger of parquetFormat.scan([ref], {}, { storage, workers: 1 })) ledgers.push(ledger);
  expect(ledgers).toMatchObject([{ records: 2, hazards: { DUPLICATE_KEY: { count: 2, path: "a" } } }]);
  expect(await read(path).records()).toEqual([{ a: 1 }, { a: 2 }]);
});

test("a footer with a changed byte: rows, error records, or an error that names the file", async () => {
  const good = readFileSync(made("v1.parquet"));
  const footer = good.readUInt32LE(good.length - 8);
  const path = join(folder, "changed.parquet");
  const unnamed: unknown[] = [];
  for (let at = good.length - 8 - footer; at < good.length - 8; at += 3) {
    const bytes = Buffer.from(good);
    bytes[at] = (bytes[at] ?? 0) ^ 0x05;
    writeFileSync(path, bytes);
    const error = await failure(read(path).toDF().sql("SELECT * FROM self").rows());
    if (error !== undefined && !(error instanceof DynaframeError && error.file === path))
      unnamed.push([at, String(error)]);
  }
  expect(unnamed).toEqual([]);
});
