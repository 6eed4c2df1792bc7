/**
 * Rows that are counted and staged from numbers come out as those that are values do: the same ledger, the same files
 * byte by byte.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { typedText } from "../../../src/formats/text-type.js";
import { PlainRows } from "../../../src/formats/xml/plain-rows.js";
import { xmlReader, type XmlOptions } from "../../../src/formats/xml/xml-reader.js";
import { ledgerType } from "../../../src/shapes/ledger-type.js";
import { FlatRecord, FlatRows } from "../../../src/shapes/records/flat-rows.js";
import type { RecordReader } from "../../../src/shapes/records/record-reader.js";
import { scanRecords } from "../../../src/shapes/records/scan-records.js";
import { stageRecords } from "../../../src/shapes/records/stage-records.js";
import type { FileRef } from "../../../src/storage/index.js";
import {
  BOOLEAN,
  DOUBLE,
  INT,
  LONG,
  STRING,
  array,
  choice,
  decimal,
  structOf,
  type DataType,
  type StructType,
} from "../../../src/types/data-type.js";
import { makeFixture, type Fixture } from "../../shapes/scan-fixture.js";
import { kept } from "../read-events.js";

const OPTIONS: XmlOptions = {
  rowTag: "r",
  encoding: undefined,
  attributePrefix: "_",
  valueTag: "_VALUE",
  excludeAttribute: false,
  treatEmptyValuesAsNulls: false,
  ignoreSurroundingSpaces: false,
};

let fixture: Fixture;
let folders = 0;
beforeAll(() => {
  fixture = makeFixture();
});
afterAll(() => fixture.remove());

/** The reader's records as values. */
const asValues = (read: RecordReader): RecordReader =>
  async function* (input) {
    for await (const events of read(input)) yield events.map(kept);
  };
const ledgerOf = async (ref: FileRef, read: RecordReader) => {
  for await (const ledger of scanRecords([ref], "xml", read, { storage: fixture.storage, workers: 1 })) return ledger;
  throw new Error("no ledger");
};
async function staged(
  ref: FileRef,
  type: StructType,
  layout: "nested" | "tables",
  read: RecordReader,
): Promise<unknown> {
  const directory = join(fixture.folder, `staged-${folders++}`);
  mkdirSync(directory);
  const { tables, ...counts } = await stageRecords([ref], type, layout, read, {
    storage: fixture.storage,
    directory,
    workers: 1,
  });
  return {
    counts,
    tables: tables.map(({ domain, rows, files }) => ({
      domain,
      rows,
      bytes: files.map((file) => readFileSync(file).toString("base64")),
    })),
  };
}

/** Few names, so that fields repeat, differ in case and type, and are missing. */
const name = fc.constantFrom("a", "b", "A", "c", "r");
const text = fc.constantFrom(
  "",
  "1",
  " 2 ",
  "-7",
  "007",
  "3000000000",
  "99999999999999999",
  "123456789012345678901",
  "0.5",
  "-1.25",
  "1e3",
  "0.12345678901234567",
  "true",
  "FALSE",
  "x",
  "é ü",
  " ",
  "\u{1F986}",
  "long ".repeat(20),
  "1e999",
  "&lt;",
  "<!-- -->",
);
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      name,
      fc.uniqueArray(fc.tuple(name, text), { maxLength: 2, selector: ([key]) => key }),
      fc.oneof(
        { maxDepth: 3 },
        text,
        fc.array(tie("element"), { maxLength: 4 }).map((all) => all.join(" ")),
      ),
    )
    .map(
      ([tag, attributes, inner]) =>
        `<${tag}${attributes.map(([key, value]) => ` ${key}="${value.replace("<!-- -->", "")}"`).join("")}>${inner}</${tag}>`,
    ),
}));
const documents = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.array(element, { maxLength: 5 }).map((all) => `<r>${all.join("")}</r>`) },
      { weight: 1, arbitrary: fc.constantFrom("<r><a></r>", "<r/>", "<r>\u0001</r>") },
    ),
    { maxLength: 12 },
  )
  .map((rows) => `<t>${rows.join("\n")}</t>`);
const options = fc
  .record({
    attributePrefix: fc.constantFrom("", "_"),
    valueTag: fc.constantFrom("_VALUE", "a"),
    treatEmptyValuesAsNulls: fc.boolean(),
    ignoreSurroundingSpaces: fc.boolean(),
  })
  .map((some) => ({ ...OPTIONS, ...some }));
const { type: anyType } = fc.letrec<{ type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<DataType>(
      STRING,
      INT,
      LONG,
      DOUBLE,
      BOOLEAN,
      decimal(20, 3),
      choice([INT, STRING]),
      choice([DOUBLE, structOf({ _VALUE: INT })]),
    ),
    tie("type").map((of) => array(of)),
    fc
      .dictionary(fc.constantFrom("a", "b", "A", "c", "_a", "_VALUE"), tie("type"), { maxKeys: 4 })
      .map((fields) => structOf(fields)),
  ),
}));

test("ledgers of random documents, and their rows in the type that these tell", async () => {
  let flat = 0;
  await fc.assert(
    fc.asyncProperty(documents, options, async (document, given) => {
      const ref = fixture.write("rows.xml", document);
      const read = xmlReader(given);
      const counting: RecordReader = async function* (input) {
        for await (const events of read(input)) {
          flat += events.filter((event) => event instanceof FlatRecord).length;
          yield events;
        }
      };
      const ledger = await ledgerOf(ref, counting);
      expect(ledger).toEqual(await ledgerOf(ref, asValues(read)));
      const type = ledgerType(ledger);
      for (const layout of ["nested", "tables"] as const)
        expect(await staged(ref, type, layout, read)).toEqual(await staged(ref, type, layout, asValues(read)));
    }),
    { numRuns: 80 },
  );
  expect(flat).toBeGreaterThan(50);
});

test("rows in types that are not theirs", async () => {
  await fc.assert(
    fc.asyncProperty(
      documents,
      fc.dictionary(fc.constantFrom("a", "b", "A", "c", "_a", "_VALUE"), anyType, { minKeys: 1 }),
      async (document, fields) => {
        const ref = fixture.write("cast.xml", document);
        const type = structOf(fields);
        expect(await staged(ref, type, "nested", xmlReader(OPTIONS))).toEqual(
          await staged(ref, type, "nested", asValues(xmlReader(OPTIONS))),
        );
      },
    ),
    { numRuns: 80 },
  );
});

test("names without end are left to the parser, and nothing is lost", async () => {
  const count = 60_000;
  const ref = fixture.write(
    "names.xml",
    `<t>${Array.from({ length: count / 100 }, (_, i) => `<r>${Array.from({ length: 100 }, (_row, k) => `<n${i * 100 + k}/>`).join("")}</r>`).join("")}</t>`,
  );
  const ledger = await ledgerOf(ref, xmlReader(OPTIONS));
  expect([ledger.records, ledger.malformed, ledger.root.fields.length]).toEqual([count / 100, 0, count]);
});

test("rows of more values than there is room for at first", () => {
  const flat = new FlatRows((value, at) => typedText(value, at).value);
  const rows = new PlainRows("r", OPTIONS, flat);
  const bytes = Buffer.from(`<r>${"<a>1</a>".repeat(20_000)}</r>`);
  flat.bytes = bytes;
  expect(rows.read(bytes, 0, bytes.length)).toBe(bytes.length);
  const held = flat.struct(rows.entry).fields.get("a");
  expect(held?.tag === "array" && held.elements.length).toBe(20_000);
  expect(held?.tag === "array" && held.elements.every((one) => one.tag === "int" && one.value === 1)).toBe(true);
});
