import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ledgerType } from "../../../src/shapes/ledger-type.js";
import { mergeLedgers } from "../../../src/shapes/merge-ledgers.js";
import { scanCsvFiles } from "../../../src/shapes/scan-csv.js";
import { shredCsvFiles, type ShredCsvOptions } from "../../../src/shapes/shred/shred-csv.js";
import type { StagedRecords } from "../../../src/shapes/shred/shred-files.js";
import type { FileLedger } from "../../../src/shapes/ledger.js";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  INT,
  LONG,
  STRING,
  TIMESTAMP,
  choice,
  decimal,
  structOf,
  type StructType,
} from "../../../src/types/data-type.js";
import { shredFixture } from "./shred-fixture.js";
import { readParquet } from "./read-parquet.js";

const opened = shredFixture();
const { fixture } = opened;
let staged = 0;

/** Shreds one file by its own ledger's type, or by the one given. */
async function shred(
  content: string,
  options: ShredCsvOptions,
  given?: StructType,
): Promise<{ staged: StagedRecords; type: StructType; ledger: FileLedger; file: string }> {
  const ref = fixture.write("rows.csv", content);
  const ledgers: FileLedger[] = [];
  for await (const ledger of scanCsvFiles([ref], options, { storage: fixture.storage, workers: 1 }))
    ledgers.push(ledger);
  const [ledger] = ledgers;
  if (ledger === undefined) throw new Error("no ledger");
  const type = given ?? ledgerType(mergeLedgers(ledgers));
  const directory = join(fixture.folder, `csv-${staged++}`);
  mkdirSync(directory);
  const result = await shredCsvFiles(
    [ref],
    type,
    "nested",
    { ...options, ledgers },
    { storage: fixture.storage, workers: 1, directory },
  );
  return { staged: result, type, ledger, file: result.tables[0]?.files[0] ?? "" };
}

const cell = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom("", '"', '""', "a,b", "x\ny", "\r\n", " 1", "null", "é", "\\n"),
  )
  .filter((text) => !/[\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, "")));
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

test("cells of any text come back as they were written, quoted or not", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(",", ";", "\t"),
      fc.constantFrom("\n", "\r\n"),
      async (rows, separator, end) => {
        const written = (text: string): string =>
          /^[^"\r\n\t,;]+$/.test(text) && text.trim() === text ? text : quoted(text);
        const content = `a${separator}"b ""q"""${separator}c${end}${rows.map((row) => row.map(written).join(separator)).join(end)}${end}`;
        const { staged: result, type, file } = await shred(content, { separator, withHeader: true, multiLine: true });
        expect(type).toEqual(structOf({ a: STRING, 'b "q"': STRING, c: STRING }));
        expect([result.records, result.malformed, result.misfits.size]).toEqual([rows.length, 0, 0]);
        expect(await readParquet(opened.connection, [file])).toEqual(
          rows.map(([a, b, c]) => ({ a: `string ${a}`, 'b "q"': `string ${b}`, c: `string ${c}` })),
        );
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test("a carriage return that is escaped is of the cell, not of the line's end", async () => {
  const { file } = await shred('a\r\nx\\\r\ny\r\n\\\\\r\n"q"z\\\r\n', { withHeader: true, escaper: "\\" });
  expect(await readParquet(opened.connection, [file])).toEqual(
    ["x\r", "y", "\\", "qz\r"].map((text) => ({ a: `string ${text}` })),
  );
});

test("a column of times finer than a timestamp holds is one of texts: none is lost", async () => {
  const {
    staged: result,
    type,
    file,
  } = await shred("t\n2024-02-29 23:59:59.1234567\n2024-02-29 23:59:59.000000001Z\n", {
    withHeader: true,
    inferTypes: true,
  });
  expect([type, result.misfits.size]).toEqual([structOf({ t: STRING }), 0]);
  expect(await readParquet(opened.connection, [file])).toEqual([
    { t: "string 2024-02-29 23:59:59.1234567" },
    { t: "string 2024-02-29 23:59:59.000000001Z" },
  ]);
});

test("typed cells go to their arms, as DuckDB casts the same text", async () => {
  const cells = [
    "1",
    "-0",
    "2147483648",
    "9223372036854775808",
    "1.5",
    "1e3",
    "true",
    "FALSE",
    "2024-02-29",
    "1969-12-31",
    "0001-01-01",
    "9999-12-31",
    "2024-01-02 03:04:05",
    "1960-01-02T03:04:05.123456Z",
    "2024-01-02T03:04:05+02:30",
    "2000-03-01 00:00:00.5-00:30",
    "007",
    "2023-02-29",
    "2024-01-02 25:00:00",
    "yes",
    "2024-02-29 23:59:59.9999999",
    "2024-02-29 23:59:59.9999990",
    "",
  ];
  const {
    staged: result,
    type,
    file,
  } = await shred(`v,n\n${cells.map((text, i) => `${text},${i}`).join("\n")}\n`, {
    withHeader: true,
    inferTypes: true,
  });
  expect(result.misfits.size).toBe(0);
  expect(type).toEqual(structOf({ v: choice([BOOLEAN, DATE, BIGINT, DOUBLE, INT, LONG, STRING, TIMESTAMP]), n: INT }));
  const kinds = [
    "int",
    "int",
    "long",
    "decimal",
    "double",
    "double",
    "boolean",
    "boolean",
    "date",
    "date",
    "date",
    "date",
    "timestamp",
    "timestamp",
    "timestamp",
    "timestamp",
    "string",
    "string",
    "string",
    "string",
    "string",
    "timestamp",
  ];
  const casts: { [kind: string]: string } = {
    int: "INTEGER",
    long: "BIGINT",
    decimal: "DECIMAL(38,0)",
    double: "DOUBLE",
    boolean: "BOOLEAN",
    date: "DATE",
    timestamp: "TIMESTAMPTZ",
    string: "VARCHAR",
  };
  await opened.connection.run("set TimeZone = 'UTC'");
  for (const [i, kind] of kinds.entries()) {
    const wanted =
      kind === "timestamp"
        ? `cast(cast('${cells[i]}' as TIMESTAMPTZ) as TIMESTAMP)`
        : `cast('${cells[i]}' as ${casts[kind]})`;
    const others = Object.keys(casts)
      .filter((other) => other !== kind)
      .map((other) => `v."${other}" is null`)
      .join(" and ");
    const rows = await opened.connection.runAndReadAll(
      `select v."${kind}" = ${wanted} and ${others} from '${file}' where n = ${i}`,
    );
    expect([cells[i], kind, rows.getRows()]).toEqual([cells[i], kind, [[true]]]);
  }
  expect(
    (await opened.connection.runAndReadAll(`select v is null from '${file}' where n = ${kinds.length}`)).getRows(),
  ).toEqual([[true]]);
});

test("numbers that JSON would not spell are read into every numeric type, and keep their text in a string", async () => {
  const texts = [".097", "5.", "+1", " 7 ", "-.5", "+2.5e1", "00.5"];
  const { staged: result, file } = await shred(
    texts.map((text) => `${text},${text},${text}\n`).join(""),
    { names: ["d", "m", "s"], inferTypes: true },
    structOf({ d: DOUBLE, m: decimal(9, 3), s: STRING }),
  );
  expect(result.misfits.size).toBe(0);
  const rows = await opened.connection.runAndReadAll(`select d, m = cast(d as DECIMAL(9,3)), s from '${file}'`);
  expect(rows.getRows()).toEqual([0.097, 5, 1, 7, -0.5, 25, 0.5].map((value, i) => [value, true, texts[i]]));
});

test("a column typed by the catalog takes what fits it, the rest goes to the string arm or is counted", async () => {
  const { staged: result, file } = await shred(
    "1,1,2024-01-01 00:00:00.1234567\nx,x,y\n,,\n2.5,2.5,2024-01-01 00:00:00.1234560\n",
    { names: ["a", "b", "c"] },
    structOf({ b: choice([INT, STRING]), a: INT, c: TIMESTAMP, d: LONG }),
  );
  expect(Object.fromEntries(result.misfits)).toEqual({ a: 2, c: 2 });
  const rows = await opened.connection.runAndReadAll(`select a, b.int, b.string, epoch_us(c), d from '${file}'`);
  expect(rows.getRows()).toEqual([
    [1, 1, null, null, null],
    [null, null, "x", null, null],
    [null, null, null, null, null],
    [null, null, "2.5", 1704067200123456n, null],
  ]);
});

test("rows are judged as the scanner judges them", async () => {
  const content = 'a,b\n1,2\n3,4,5\n"open,6\n7\n\n"x""y",8\n9,"b\nc"\n\u00ff,"last';
  for (const options of [
    { withHeader: true },
    { withHeader: true, multiLine: true },
    {},
    { skipFirst: true, multiLine: true },
    { quoteChar: -1 as const },
  ]) {
    const { staged: result, ledger } = await shred(content, options);
    expect([result.records, result.malformed]).toEqual([ledger.records, ledger.malformed]);
    expect(result.misfits.size).toBe(0);
  }
});
