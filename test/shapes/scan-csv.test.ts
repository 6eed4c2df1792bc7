/** CSV against an oracle that reads character by character, and the cases of bad input by hand. */
import zlib from "node:zlib";
import fc from "fast-check";
import type { FileLedger } from "../../src/shapes/ledger.js";
import { columnNames } from "../../src/shapes/scan-csv-block.js";
import { scanCsvFiles } from "../../src/shapes/scan-csv.js";
import type { CsvOptions } from "../../src/shapes/scan-csv.js";
import { typeOfCell } from "./cell-oracle.js";
import { makeFixture } from "./scan-fixture.js";
import type { Fixture } from "./scan-fixture.js";

let fixture: Fixture;
beforeAll(() => {
  fixture = makeFixture();
});
afterAll(() => fixture.remove());

let next = 0;
async function scan(content: string | Uint8Array, options: CsvOptions = {}, workers = 1): Promise<FileLedger> {
  const ref = fixture.write(`${next++}.csv`, content);
  for await (const ledger of scanCsvFiles([ref], options, { storage: fixture.storage, workers })) return ledger;
  throw new Error("no ledger");
}
const tags = (ledger: FileLedger): Record<string, Record<string, number>> =>
  Object.fromEntries(
    ledger.root.fields.map(({ name, node }) => [
      name,
      Object.fromEntries(Object.entries(node.tags).map(([tag, { count }]) => [tag, count])),
    ]),
  );

type Counted = Map<string, [count: number, record: number, offset: number]>;
/** Rows of text as written by `write`, counted. */
function expected(
  rows: readonly (readonly string[])[],
  starts: readonly (readonly number[])[],
  infer: boolean,
): Counted {
  const counts: Counted = new Map();
  rows.forEach((row, r) =>
    row.forEach((cell, c) => {
      const key = `col${c} ${infer ? typeOfCell(cell) : "string"}`;
      const held = counts.get(key);
      if (held) held[0]++;
      else counts.set(key, [1, r, starts[r]?.[c] ?? -1]);
    }),
  );
  return counts;
}
const found = (ledger: FileLedger): Counted =>
  new Map(
    ledger.root.fields.flatMap(({ name, node }) =>
      Object.entries(node.tags).map(([tag, { count, first }]): [string, [number, number, number]] => [
        `${name} ${tag}`,
        [count, first.record, first.offset],
      ]),
    ),
  );

const cell = fc.oneof(
  fc.constantFrom(
    "",
    "1",
    "-0",
    "007",
    "2147483648",
    "9".repeat(19),
    "9".repeat(38),
    "9".repeat(39),
    "1.5",
    "1e3",
    "1e999",
    ".5",
    ".097",
    "5.",
    "+1",
    "+.5E-2",
    "-.5e+3",
    ".",
    "+",
    "1e",
    "e1",
    "1.2.3",
    "1e5.",
    "+-1",
    " 12",
    "1.5\t",
    " ",
    "00.5",
    "1d",
    "2.5f",
    "NaN",
    "Infinity",
    "+2147483648",
    "1e-999",
    "0x10",
    "1_000",
    "true",
    "FALSE",
    "True ",
    "2024-02-29",
    "2023-02-29",
    "2024-13-01",
    "2024-01-00",
    "2024-01-02 03:04:05",
    "2024-01-02T03:04:05.123456789Z",
    "2024-01-02T03:04:05.123456000Z",
    "2024-01-02 03:04:05.1234567",
    "2024-01-02 03:04:05.1234560",
    "2024-01-02T03:04:05+02:00",
    "2024-01-02 24:00:00",
    "2024-01-02 03:04",
    'a"b',
    "a,b",
    "é",
    "\u{1f600}",
    "x\r",
  ),
  fc.string({ unit: fc.constantFrom(..."0129+-.eE fd\t"), maxLength: 8 }),
  fc.string({ maxLength: 12 }),
  fc.integer().map(String),
  fc.double({ noNaN: true }).map(String),
  fc.string({ unit: "binary", maxLength: 6 }),
);

test("cells of random rows are counted by their type, at their place", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 10 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      async (raw, infer, always, multiLine, newline, final) => {
        // what cannot be written as a cell of these settings is taken out of it
        const rows = raw
          .map((row) => row.map((text) => (multiLine ? text : text.replace(/[\r\n]/g, " ")).toWellFormed()))
          .filter((row) => row.length > 1 || row[0] !== "" || always);
        let text = "";
        const starts = rows.map((row, r) => {
          const at = row.map((value, c) => {
            if (c) text += ",";
            const start = Buffer.byteLength(text);
            text += always || /["\r\n,]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
            return start;
          });
          if (final || r < rows.length - 1) text += newline;
          return at;
        });
        const ledger = await scan(text, { inferTypes: infer, multiLine });
        expect([ledger.records, ledger.malformed]).toEqual([rows.length, 0]);
        const sort = (counts: Counted): unknown[] => [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sort(found(ledger))).toEqual(sort(expected(rows, starts, infer)));
      },
    ),
    { numRuns: 150 },
  );
});

test("numbers are told from text by the cast from string to double, names and leading zeros apart", async () => {
  const wanted = {
    ".097": "double",
    "5.": "double",
    "1e3": "double",
    "+1": "int",
    "-.5": "double",
    "+1.5E-3": "double",
    " 7 ": "int",
    "00.5": "double",
    "+9999999999": "long",
    "007": "string",
    "NaN": "string",
    "-Infinity": "string",
    "1d": "string",
    "1.5f": "string",
    "1e400": "string",
    ".": "string",
    "1 2": "string",
    "+": "string",
    "0x1F": "string",
    "1,5": "string",
  };
  const ledger = await scan(
    `${Object.keys(wanted)
      .map((text) => `"${text}"`)
      .join(";")}\n`,
    { separator: ";", inferTypes: true },
  );
  expect(ledger.root.fields.map(({ node }) => Object.keys(node.tags)[0])).toEqual(Object.values(wanted));
  // a separator that a number could go on with ends it all the same
  expect(tags(await scan("1.5\n", { separator: ".", inferTypes: true }))).toEqual({
    col0: { int: 1 },
    col1: { int: 1 },
  });
  expect(tags(await scan("1e5\n+2e\n", { separator: "e", inferTypes: true }))).toEqual({
    col0: { int: 2 },
    col1: { int: 1, null: 1 },
  });
});

test("a header names the columns; ragged rows lack cells or are malformed", async () => {
  const ledger = await scan('id,"na""me",id,\n1,x,2,3\n4,y\n\n5,z,6,7,8\n9,"q\nr",1,2\n10,w,0,0', {
    withHeader: true,
    inferTypes: true,
  });
  expect(tags(ledger)).toEqual({
    id: { int: 3, string: 1 },
    'na"me': { string: 3, int: 1 },
    id_2: { int: 3 },
    col3: { int: 2 },
  });
  expect(ledger.malformedRecords.map(({ code, text, at }) => [code, text, at])).toEqual([
    ["CSV_TOO_MANY_CELLS", "5,z,6,7,8", 8],
    ["CSV_UNTERMINATED_QUOTE", '9,"q', 4],
  ]);
  // the second half of the torn row is a row of its own, and counted
  expect(ledger.records + ledger.malformed).toBe(6);
});

test("records may span lines when asked to; a quote that is never closed costs one line", async () => {
  const text = '1,"a\nb"\n2,"c\n3,d\n';
  const ledger = await scan(text, { multiLine: true, names: ["n", "s"], inferTypes: true });
  expect([ledger.records, ledger.malformedRecords.map(({ code, offset, end }) => [code, offset, end])]).toEqual([
    2,
    [["CSV_UNTERMINATED_QUOTE", 8, 12]],
  ]);
  expect(tags(ledger)).toEqual({ n: { int: 2 }, s: { string: 2 } });
});

test("separator, quote, escaper, first rows and byte order marks are as asked", async () => {
  expect(tags(await scan("a|'1|2'|3\n", { separator: "|", quoteChar: "'", inferTypes: true }))).toEqual({
    col0: { string: 1 },
    col1: { string: 1 },
    col2: { int: 1 },
  });
  expect(tags(await scan('"1","2"\n', { quoteChar: -1, inferTypes: true }))).toEqual({
    col0: { string: 1 },
    col1: { string: 1 },
  });
  expect(tags(await scan("a\\,b,1\nc\\\\,2\n", { escaper: "\\", inferTypes: true }))).toEqual({
    col0: { string: 2 },
    col1: { int: 2 },
  });
  expect(tags(await scan("\ufeffx\nskip\n1\n", { withHeader: true, skipFirst: true, inferTypes: true }))).toEqual({
    x: { int: 1 },
  });
  // a quote that is not closed: its line is skipped, and the one below is a record again
  expect(tags(await scan('",\n","\n1', { skipFirst: true, multiLine: true }))).toEqual({ col0: { string: 2 } });
  expect(tags(await scan("old\n1\n", { withHeader: true, names: ["new"] }))).toEqual({ new: { string: 1 } });
  expect((await scan("\ufeffx\n")).hazards.BOM?.count).toBe(1);
  const wide = "x\n".repeat(1 << 20); // a name that goes on behind the first block
  expect(tags(await scan(`"${wide}"\n1\n`, { withHeader: true, multiLine: true, inferTypes: true }))).toEqual({
    [wide]: { int: 1 },
  });
  for (const text of ["", "\n\r\n", "only,a,header"]) expect((await scan(text, { withHeader: true })).records).toBe(0);
  expect(() => scanCsvFiles([], { separator: "::" }, { storage: fixture.storage, workers: 1 })).toThrow(
    expect.objectContaining({ code: "BAD_OPTION", path: "separator" }) as Error,
  );
  expect(columnNames(["a", "a", "", "a_2", "col2"])).toEqual(["a", "a_3", "col2", "a_2", "col2_2"]);
});

test("invalid UTF-8 is malformed; packed files, workers and rows across blocks give the same ledger", async () => {
  const bad = await scan(Buffer.concat([Buffer.from("a,"), Buffer.from([0xff]), Buffer.from("\nb,c\n")]));
  expect([bad.records, bad.malformedRecords.map(({ code, at }) => [code, at])]).toEqual([1, [["INVALID_UTF8", 2]]]);
  const text = `h,t\n${Array.from({ length: 60_000 }, (_, i) => `${i},"${"é".repeat(i % 40)}\n,${i}"\n`).join("")}`;
  const options = { withHeader: true, multiLine: true, inferTypes: true };
  const plain = await scan(text, options);
  expect(tags(plain)).toEqual({ h: { int: 60_000 }, t: { string: 60_000 } });
  for (const [file, workers] of [
    [zlib.gzipSync(text), 1],
    [text, 2],
  ] as const) {
    const ledger = await scan(file, { ...options, workersAbove: 0 }, workers);
    expect(JSON.stringify([ledger.root, ledger.shapes]).replaceAll(ledger.file, "")).toBe(
      JSON.stringify([plain.root, plain.shapes]).replaceAll(plain.file, ""),
    );
  }
  expect(
    (
      await scan(`a,b\n1,"${"x".repeat(3 << 20)}"\n2,y\n`, { withHeader: true, maxRecord: 1 << 20 })
    ).malformedRecords.map(({ code }) => code),
  ).toEqual(["RECORD_TOO_LARGE"]);
});
