import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { type CrawlOptions, GlueContext } from "../../src/index.js";
import { scanJsonFiles } from "../../src/shapes/scan-json.js";
import type { FileRef } from "../../src/storage/index.js";
import { fileStorage } from "../../src/storage/file.js";

let root = "";
let glue: GlueContext;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-texts-"));
  glue = await GlueContext.open({ catalog: join(root, "catalog"), engine: "reference" });
});
afterAll(async () => {
  await glue.close();
  rmSync(root, { recursive: true, force: true });
});

const put = (path: string, text: string | Buffer): void => {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const ndjson = (...records: object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join("");
const ALL = ["BOOLEAN", "INT", "LONG", "DECIMAL", "DOUBLE", "DATE", "TIMESTAMP"];
const crawl = (table: string, customDatatypes: readonly string[] | undefined, more: Partial<CrawlOptions> = {}) =>
  glue.crawl({
    database: "d",
    includes: [join(root, table)],
    ...(customDatatypes === undefined ? {} : { classifiers: [{ type: "json", customDatatypes }] }),
    ...more,
  });
const types = async (table: string): Promise<string[]> =>
  ((await glue.catalog.getTable("d", table)).StorageDescriptor?.Columns ?? []).map(
    ({ Name, Type }) => `${Name}:${Type}`,
  );
const told = (report: Awaited<ReturnType<typeof crawl>>): unknown[] =>
  (report.tables[0]?.reasons ?? [])
    .filter(({ code }) => code.startsWith("TYPE_"))
    .map(({ code, evidence }) => ({ code, ...evidence }));

describe("strings of JSON", () => {
  test("each type that all of them spell, the narrowest that was asked for; nested and in lists too", async () => {
    put(
      "kinds/a.json",
      ndjson(
        {
          day: "2024-02-29",
          at: "2024-01-01T10:00:00Z",
          n: "1",
          big: "3000000000",
          price: "12.50",
          ratio: "1e5",
          yes: "true",
          name: "x",
          real: 1,
          deep: { days: ["2024-01-01", "2024-01-02"] },
        },
        {
          day: "2024-03-01",
          at: "2024-01-01 10:00:00.5",
          n: "-7",
          big: "1",
          price: "1234.5",
          ratio: "2.5",
          yes: "FALSE",
          name: "2024-01-01",
          real: 2,
          deep: { days: [] },
        },
      ),
    );
    put(
      "kinds/b.json",
      ndjson({
        day: null,
        at: "2024-01-01T10:00:00+02:00",
        n: "0",
        big: "2",
        price: "0.125",
        ratio: "3",
        yes: "true",
        name: "y",
        real: 3,
        deep: { days: ["1999-12-31"] },
      }),
    );
    const report = await crawl("kinds", ALL);
    expect(await types("kinds")).toEqual([
      "day:date",
      "at:timestamp",
      "n:int",
      "big:bigint",
      "price:decimal(7,3)",
      "ratio:double",
      "yes:boolean",
      "name:string",
      "real:int",
      "deep:struct<days:array<date>>",
    ]);
    expect(told(report)).toEqual([
      {
        code: "TYPE_COUNTER_EXAMPLE",
        column: "name",
        type: "date",
        count: 2,
        of: 3,
        first: { file: join(root, "kinds/a.json"), record: 0, offset: expect.any(Number) },
      },
    ]);
    expect((await glue.catalog.getTable("d", "kinds")).Parameters?.["dynaframe.datatypes"]).toBe(ALL.join());
  });

  test("not asked for they are strings; asked for in part, the next wider one", async () => {
    put("part/a.json", ndjson({ day: "2024-02-29", n: "1", price: "12.50" }));
    await crawl("part", undefined);
    expect(await types("part")).toEqual(["day:string", "n:string", "price:string"]);
    put("decimals/a.json", ndjson({ day: "2024-02-29", n: "1", price: "12.50" }));
    await crawl("decimals", ["decimal"]);
    expect(await types("decimals")).toEqual(["day:string", "n:decimal(1,0)", "price:decimal(4,2)"]);
  });

  test("one value among many is the counter-example, with its place; a later crawl finds one in a new file, and forgets it with the file", async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      day: i === 4321 ? "2023-02-29" : "2023-02-28",
      n: String(i),
    }));
    put("many/a.json", ndjson(...rows));
    const offset = Buffer.byteLength(ndjson(...rows.slice(0, 4321))) + '{"day":'.length;
    expect(told(await crawl("many", ALL))).toEqual([
      {
        code: "TYPE_COUNTER_EXAMPLE",
        column: "day",
        type: "date",
        count: 1,
        of: 5000,
        first: { file: join(root, "many/a.json"), record: 4321, offset },
      },
    ]);
    expect(await types("many")).toEqual(["day:string", "n:int"]);
    put("many/b.json", ndjson({ day: "2023-02-28", n: "five" }));
    expect(told(await crawl("many", ALL))).toMatchObject([
      { column: "day" },
      { column: "n", type: "int", count: 1, of: 5001, first: { file: join(root, "many/b.json"), record: 0 } },
    ]);
    expect(await types("many")).toEqual(["day:string", "n:string"]);
    rmSync(join(root, "many/b.json"));
    await crawl("many", ALL);
    expect(await types("many")).toEqual(["day:string", "n:int"]);
  });

  test("paths that hold more than strings, spellings with escapes and decimals of too many digits stay as they are", async () => {
    put(
      "odd/a.json",
      `${ndjson({ mixed: "1", wide: "1".repeat(30) }, { mixed: 2, wide: `0.${"1".repeat(20)}` })}{"escaped":"2024\\u002d01-01"}\n`,
    );
    const report = await crawl("odd", ["INT", "DATE", "DECIMAL"]);
    expect(await types("odd")).toEqual(["mixed:string", "wide:string", "escaped:string"]);
    expect(told(report)).toEqual([]);
  });

  test("compressed files and arrays of records give the same", async () => {
    const records = Array.from({ length: 3000 }, (_, i) => ({
      id: String(i),
      price: `${i}.${i % 10}`,
      day: `2024-01-${String(1 + (i % 28)).padStart(2, "0")}`,
    }));
    put("forms/plain/a.json", ndjson(...records));
    put("forms/packed/a.json.gz", gzipSync(ndjson(...records)));
    put("forms/array/a.json", JSON.stringify(records, undefined, 1));
    for (const form of ["plain", "packed", "array"])
      await crawl(`forms/${form}`, ALL, { classifiers: [{ type: "json", jsonPath: "$[*]", customDatatypes: ALL }] });
    for (const form of ["plain", "packed", "array"])
      expect(await types(form)).toEqual(["id:int", "price:decimal(5,1)", "day:date"]);
  });

  test("threads count as the calling thread does", async () => {
    const storage = fileStorage();
    put("threads/a.json", ndjson(...Array.from({ length: 5000 }, (_, i) => ({ id: String(i), price: `${i}.5` }))));
    put("threads/b.json", ndjson({ id: "x", day: "2024-01-01" }));
    const files: FileRef[] = [];
    for await (const ref of storage.list(join(root, "threads"), { recurse: true })) files.push(ref);
    const scan = async (workers: number): Promise<unknown[]> => {
      const texts = [];
      for await (const ledger of scanJsonFiles(
        files,
        { textTypes: true, workersAbove: 0, rangeBytes: 50_000 },
        { storage, workers },
      ))
        texts.push(ledger.texts);
      return texts;
    };
    const here = await scan(1);
    expect(here).toHaveLength(2);
    expect(here).not.toContain(undefined);
    expect(await scan(3)).toEqual(here);
  });

  test("files crawled before types were asked for are told, and not taken for granted", async () => {
    put("later/a.json", ndjson({ n: "1" }));
    await crawl("later", undefined);
    put("later/b.json", ndjson({ n: "2" }));
    expect(told(await crawl("later", ALL))).toEqual([{ code: "TYPE_NOT_TOLD", column: "n", count: 1, of: 2 }]);
    expect(await types("later")).toEqual(["n:string"]);
  });

  test("frames read the strings of the data, and the catalog's types on request", async () => {
    const frame = glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "decimals" });
    expect(await frame.toDF().rows()).toEqual([{ day: "2024-02-29", n: "1", price: "12.50" }]);
    const [row] = await frame
      .resolveChoice({ choice: "match_catalog", database: "d", tableName: "decimals" })
      .toDF()
      .rows();
    expect(row).toMatchObject({ day: "2024-02-29" });
    expect([String(row?.["n"]), String(row?.["price"])]).toEqual(["1", "12.50"]);
  });

  test.each([[{ customDatatypes: ["UUID"] }], [{ jsonPath: "$.items[*]", customDatatypes: ["DATE"] }]])(
    "a JSON classifier with %j is refused",
    async (settings) => {
      await expect(crawl("kinds", undefined, { classifiers: [{ type: "json", ...settings }] })).rejects.toMatchObject({
        code: "INVALID_CRAWLER",
        path: "classifiers[0].customDatatypes",
      });
    },
  );
});

describe("cells of CSV", () => {
  test("decimals have the digits that all values need; an exponent is the counter-example", async () => {
    put("cells/a.csv", "id,price,ratio,wide\n1,12.50,1.5,123456789012345678901\n2,7,1e5,1\n3,,2.25,2\n");
    const report = await glue.crawl({
      database: "d",
      includes: [join(root, "cells")],
      classifiers: [{ type: "csv", customDatatypes: ["DECIMAL"] }],
    });
    expect(await types("cells")).toEqual(["id:bigint", "price:decimal(4,2)", "ratio:double", "wide:decimal(21,0)"]);
    expect(told(report)).toEqual([
      {
        code: "TYPE_COUNTER_EXAMPLE",
        column: "ratio",
        type: "decimal",
        count: 1,
        of: 3,
        first: { file: join(root, "cells/a.csv"), record: 1, offset: expect.any(Number) },
      },
    ]);
    const rows = await glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "cells" }).toDF().rows();
    expect(rows.map(({ price, wide }) => [price, wide].map(String))).toEqual([
      ["12.50", "123456789012345678901"],
      ["7.00", "1"],
      ["null", "2"],
    ]);
  });
});

test("any strings: as judged one by one, in another way", async () => {
  const text = fc.oneof(
    fc.constantFrom(
      "2024-02-29",
      "2023-02-29",
      "2024-13-01",
      "0000-01-01",
      "1",
      "-0",
      "007",
      "+5",
      ".5",
      "5.",
      "1e3",
      "1.2.3",
      "",
      " 7 ",
      "true",
      "nan",
      "3000000000",
      "99999999999999999999",
    ),
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map(String),
    fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((date) => date.toISOString().slice(0, 10)),
    fc.string({ maxLength: 5 }),
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 6 }), async (texts) => {
      const table = `any${run++}`;
      put(`${table}/a.json`, ndjson(...texts.map((v) => ({ v }))));
      await crawl(table, ["INT", "LONG", "DATE", "DOUBLE"]);
      expect([texts, await types(table)]).toEqual([texts, [`v:${expected(texts)}`]]);
    }),
    { numRuns: 60 },
  );
}, 120_000);

/** By JavaScript's own readers of numbers and days. */
function expected(texts: readonly string[]): string {
  const plain = (value: string): boolean => JSON.stringify(value) === `"${value}"`; // no escapes
  const isNumber = (value: string): boolean =>
    plain(value)
    && /^[+-]?[\d.]/.test(value.trim())
    && !/^[+-]?0\d+$/.test(value.trim())
    && !/[a-df-z_]/i.test(value)
    && value.trim() !== ""
    && Number.isFinite(Number(value));
  const isWhole = (value: string): boolean => isNumber(value) && /^[+-]?\d+$/.test(value.trim());
  const isDay = (value: string): boolean =>
    /^\d{4}-\d\d-\d\d$/.test(value)
    && !Number.isNaN(Date.parse(value))
    && new Date(Date.parse(value)).toISOString().startsWith(value);
  const within =
    (bits: number) =>
    (value: string): boolean =>
      isWhole(value)
      && BigInt.asIntN(bits, BigInt(value.trim().replace("+", ""))) === BigInt(value.trim().replace("+", ""));
  if (texts.every(isDay)) return "date";
  if (texts.every(within(32))) return "int";
  if (texts.every(within(64))) return "bigint";
  return texts.every(isNumber) ? "double" : "string";
}
