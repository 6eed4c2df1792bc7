/**
 * Files counted and staged in one reading: the ledgers and the bytes of scanning and staging apart, or no staging where
 * the guess was wrong.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { xmlReader } from "../../../src/formats/xml/xml-reader.js";
import { ledgerType } from "../../../src/shapes/ledger-type.js";
import { mergeLedgers } from "../../../src/shapes/merge-ledgers.js";
import type { FileLedger } from "../../../src/shapes/ledger.js";
import type { RecordReader } from "../../../src/shapes/records/record-reader.js";
import { scanAndStageRecords } from "../../../src/shapes/records/scan-and-stage.js";
import { scanRecords } from "../../../src/shapes/records/scan-records.js";
import { stageRecords } from "../../../src/shapes/records/stage-records.js";
import type { FileRef } from "../../../src/storage/index.js";
import { struct, type StructType } from "../../../src/types/data-type.js";
import { makeFixture, type Fixture } from "../scan-fixture.js";

const xml = xmlReader({
  rowTag: "r",
  encoding: undefined,
  attributePrefix: "_",
  valueTag: "_VALUE",
  excludeAttribute: false,
  treatEmptyValuesAsNulls: false,
  ignoreSurroundingSpaces: false,
});
const whole = (type: StructType): StructType => type;

let fixture: Fixture;
let folders = 0;
beforeAll(() => {
  fixture = makeFixture();
});
afterAll(() => fixture.remove());

const freshFolder = (): string => {
  const folder = join(fixture.folder, `staged-${folders++}`);
  mkdirSync(folder);
  return folder;
};
const bytesOf = (files: readonly string[]): readonly string[] =>
  files.map((file) => readFileSync(file).toString("base64"));

async function together(
  files: readonly FileRef[],
  read: RecordReader = xml,
  wanted: (type: StructType) => StructType | undefined = whole,
) {
  const directory = freshFolder();
  let counted = 0;
  const done = await scanAndStageRecords(
    files,
    "xml",
    read,
    wanted,
    {
      storage: fixture.storage,
      workers: 1,
      folder: async () => directory,
      onBytesScanned: (bytes) => {
        counted += bytes;
      },
    },
    0,
  );
  return { done, directory, counted };
}

async function apart(
  files: readonly FileRef[],
  read: RecordReader = xml,
  wanted: (type: StructType) => StructType = whole,
) {
  const ledgers: FileLedger[] = [];
  for await (const ledger of scanRecords(files, "xml", read, { storage: fixture.storage, workers: 1 }))
    ledgers.push(ledger);
  const type = wanted(ledgerType(mergeLedgers(ledgers)));
  const { tables, ...counts } = await stageRecords(files, type, "nested", read, {
    storage: fixture.storage,
    workers: 1,
    directory: freshFolder(),
  });
  return { ledgers, type, counts, rows: tables[0]?.rows, bytes: bytesOf(tables.flatMap((table) => table.files)) };
}

const row = (i: number): string =>
  `<r id="${i}"><a>${i % 2 === 0 ? i : `x${i}`}</a><l>${i}</l><l>1.5</l><s><b>true</b></s></r>`;
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => row(from + i)).join("\n");

test("the ledgers and the rows of both, read once; malformed rows are counted by each", async () => {
  const files = [
    fixture.write("one.xml", `<t>${rows(0, 3000)}<r><a>1</b></r></t>`),
    fixture.write("two.xml", `<t>${rows(3000, 9000)}`),
  ];
  const { done, counted } = await together(files);
  const expected = await apart(files);
  expect(done?.ledgers).toEqual(expected.ledgers);
  expect(done?.staged?.type).toEqual(expected.type);
  expect([done?.staged?.result.records, done?.staged?.result.malformed]).toEqual([9000, 2]);
  expect([done?.staged?.result.tables[0]?.rows, bytesOf(done?.staged?.result.tables[0]?.files ?? [])]).toEqual([
    expected.rows,
    expected.bytes,
  ]);
  expect(counted).toBe(files[0]!.size + files[1]!.size);
});

test("of some fields only, whatever comes late beside them", async () => {
  const files = [fixture.write("some.xml", `<t>${rows(0, 5000)}<r id="1"><late>1</late></r></t>`)];
  const some = (type: StructType): StructType =>
    struct(type.fields.filter(({ name }) => name === "_id" || name === "l"));
  const { done } = await together(files, xml, some);
  const expected = await apart(files, xml, some);
  expect(done?.ledgers).toEqual(expected.ledgers);
  expect([done?.staged?.type, bytesOf(done?.staged?.result.tables[0]?.files ?? [])]).toEqual([
    expected.type,
    expected.bytes,
  ]);
});

test.each([
  ["a new field", "<r><late>1</late></r>"],
  ["a new type", '<r id="x"></r>'],
  ["a field that repeats", "<r><s/><s/></r>"],
])("%s behind the sample ends the staging, not the scan; nothing is left", async (_what, late) => {
  const files = [fixture.write("late.xml", `<t>${rows(0, 6000)}${late}${rows(6000, 7000)}</t>`)];
  const { done, directory } = await together(files);
  expect(done?.ledgers).toEqual((await apart(files)).ledgers);
  expect([done?.staged, existsSync(directory)]).toEqual([undefined, false]);
});

test("what was staged for nothing can be discarded; what says nothing is not begun", async () => {
  const files = [fixture.write("discard.xml", `<t>${rows(0, 100)}</t>`)];
  const { done, directory } = await together(files);
  expect(readdirSync(directory)).toHaveLength(1);
  done?.staged?.discard();
  expect(existsSync(directory)).toBe(false);
  expect((await together([fixture.write("none.xml", "<t></t>")])).done).toBeUndefined();
  expect((await together(files, xml, () => undefined)).done).toBeUndefined();
});

test("a file that changes while it is read leaves nothing", async () => {
  const file = fixture.write("gone.xml", `<t>${rows(0, 100)}</t>`);
  const directory = freshFolder();
  const work = scanAndStageRecords(
    [{ ...file, etag: "another" }],
    "xml",
    xml,
    whole,
    { storage: fixture.storage, workers: 1, folder: async () => directory },
    0,
  );
  await expect(work).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  expect(existsSync(directory)).toBe(false);
});

test("random rows, in files of some rows each", async () => {
  const value = fc.constantFrom("1", "x", "2.5", "", "3000000000", "<k>1</k>", "<k>x</k>");
  const record = fc
    .array(fc.tuple(fc.constantFrom("a", "b", "c"), value), { maxLength: 4 })
    .map((fields) => `<r>${fields.map(([name, inner]) => `<${name}>${inner}</${name}>`).join("")}</r>`);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(record, { maxLength: 6 }), { minLength: 1, maxLength: 3 }), async (parts) => {
      const files = parts.map((part, i) => fixture.write(`random-${i}.xml`, `<t>${part.join("")}</t>`));
      const { done } = await together(files);
      if (done === undefined) return;
      const expected = await apart(files);
      expect(done.ledgers).toEqual(expected.ledgers);
      if (done.staged !== undefined && JSON.stringify(done.staged.type) === JSON.stringify(expected.type))
        expect(bytesOf(done.staged.result.tables[0]?.files ?? [])).toEqual(expected.bytes);
    }),
    { numRuns: 60 },
  );
});
