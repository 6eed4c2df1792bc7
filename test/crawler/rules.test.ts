/** Rules of the sheet of crawlers that no other test names; docs/crawler-rules.md says which test pins which rule. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createCrawler, updateCrawler } from "../../src/crawler/named/crawler-definitions.js";
import { namedCrawlOptions } from "../../src/crawler/named/named-crawl-options.js";
import { customClassifier } from "../../src/crawler/named/classifier-record.js";
import { groupTables } from "../../src/crawler/group/group-tables.js";
import { type CrawlOptions, GlueContext } from "../../src/index.js";
import { INT, field, struct } from "../../src/types/data-type.js";

let root = "";
let glue: GlueContext;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-rules-"));
  glue = await GlueContext.open({ catalog: join(root, "catalog"), engine: "reference" });
});
afterEach(async () => {
  await glue.close();
  rmSync(root, { recursive: true, force: true });
});

const at = (path: string): string => join(root, "data", path);
const put = (path: string, text: string): void => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};
const crawl = (more: Partial<CrawlOptions> = {}) =>
  glue.crawl({ database: "d", includes: [join(root, "data")], ...more });
const table = (name: string) => glue.catalog.getTable("d", name);
const columns = async (name: string): Promise<string[]> =>
  ((await table(name)).StorageDescriptor?.Columns ?? []).map(({ Name, Type }) => `${Name}:${Type}`);
const rows = (tableName: string) => glue.createDynamicFrame.fromCatalog({ database: "d", tableName }).toDF().rows();

describe("custom classifiers", () => {
  test("the first that is certain decides, in the order given; what none takes goes to the built-in ones", async () => {
    put("a/f.txt", "1|x\n2|y\n");
    put("b/f.txt", '{"id":1}\n');
    const report = await crawl({
      includes: [at("a"), at("b")],
      classifiers: [
        { type: "csv", delimiter: "|", header: ["first", "second"] },
        { type: "csv", delimiter: "|", header: ["not", "asked"] },
      ],
    });
    expect(await columns("a")).toEqual(["first:bigint", "second:string"]);
    expect(report.tables.map(({ name, classification }) => [name, classification])).toEqual([
      ["a", "csv"],
      ["b", "json"],
    ]);
  });

  test("CSV with quote, header, single column and delimiter of its own: the table says so, and reads back", async () => {
    put("quoted/f.csv", "'a~b'~1\n'c'~2\n");
    put("single/f.csv", "7\n8\n");
    await crawl({
      includes: [at("quoted")],
      classifiers: [{ type: "csv", delimiter: "~", quoteSymbol: "'", containsHeader: "ABSENT", header: ["text", "n"] }],
    });
    expect((await table("quoted")).StorageDescriptor?.SerdeInfo?.Parameters).toMatchObject({
      "field.delim": "~",
      "quote.delim": "'",
    });
    expect(await rows("quoted")).toEqual([
      { text: "a~b", n: 1 },
      { text: "c", n: 2 },
    ]);
    await crawl({
      includes: [at("single")],
      classifiers: [{ type: "csv", delimiter: ",", allowSingleColumn: true, containsHeader: "ABSENT" }],
    });
    expect(await columns("single")).toEqual(["col0:bigint"]);
  });

  test("header cells are trimmed unless DisableValueTrimming says not to", async () => {
    put("t/f.csv", "id , name\n1,a\n");
    put("u/f.csv", "id , name\n1,a\n");
    await crawl({ includes: [at("t")], classifiers: [{ type: "csv" }] });
    await crawl({ includes: [at("u")], classifiers: [{ type: "csv", disableValueTrimming: true }] });
    expect([await columns("t"), await columns("u")]).toEqual([
      ["id:bigint", "name:string"],
      ["id :bigint", " name:string"],
    ]);
  });

  test("a JSON path selects records inside a file; elements that are no objects are the column record", async () => {
    put("inner/f.json", '{"meta":1,"items":[{"id":1},{"id":2}]}');
    put("scalars/f.json", "[1, 2, 3]");
    await crawl({ includes: [at("inner")], classifiers: [{ type: "json", jsonPath: "$.items[*]" }] });
    await crawl({ includes: [at("scalars")], classifiers: [{ type: "json", jsonPath: "$[*]" }] });
    expect([await columns("inner"), (await table("inner")).Parameters?.["jsonPath"]]).toEqual([
      ["id:int"],
      "$.items[*]",
    ]);
    expect(await rows("inner")).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test("XML by row tag: a row that closes itself is none, one with a blank inside is; the classification is the classifier's", async () => {
    put("x/f.xml", '<rows><row a="1"/><row a="2"> </row><row a="3"><b>x</b></row></rows>');
    const report = await crawl({
      includes: [at("x")],
      classifiers: [{ type: "xml", rowTag: "row", classification: "my_rows" }],
    });
    expect((await table("x")).Parameters).toMatchObject({ classification: "my_rows", rowTag: "row" });
    expect(report.tables[0]?.contents).toMatchObject({ records: 2, hazards: { SELF_CLOSING_ROW: { count: 1 } } });
  });

  test("grok with patterns and types of its own, one record a line", async () => {
    put("logs/f.log", "42 4.5 true hello there\n43 5.5 false bye\nno match\n");
    const classifiers = [
      {
        type: "grok",
        classification: "my_log",
        grokPattern: "%{INT:id:int} %{NUMBER:load:double} %{FLAG:on:boolean} %{GREEDYDATA:text}",
        customPatterns: "FLAG true|false\nUNUSED x",
      },
    ] as const;
    const report = await crawl({ includes: [at("logs")], classifiers });
    expect(await columns("logs")).toEqual(["id:int", "load:double", "on:boolean", "text:string"]);
    expect((await table("logs")).StorageDescriptor?.SerdeInfo).toMatchObject({
      SerializationLibrary: "com.amazonaws.glue.serde.GrokSerDe",
      Parameters: {
        "input.format": classifiers[0].grokPattern,
        "input.grokCustomPatterns": classifiers[0].customPatterns,
      },
    });
    expect(report.tables[0]?.contents).toMatchObject({ records: 2, malformed: 1 });
    expect(await rows("logs")).toEqual([
      { id: 42, load: 4.5, on: true, text: "hello there" },
      { id: 43, load: 5.5, on: false, text: "bye" },
    ]);
  });

  test("the API's classifiers become those of a crawl, with all their members", () => {
    const settings = {
      Name: "c",
      Delimiter: ";",
      QuoteSymbol: "'",
      ContainsHeader: "PRESENT",
      Header: ["a"],
      DisableValueTrimming: true,
      AllowSingleColumn: true,
      CustomDatatypeConfigured: true,
      CustomDatatypes: ["DATE"],
    } as const;
    expect(customClassifier({ kind: "CsvClassifier", settings })).toEqual({
      type: "csv",
      delimiter: ";",
      quoteSymbol: "'",
      containsHeader: "PRESENT",
      header: ["a"],
      disableValueTrimming: true,
      allowSingleColumn: true,
      customDatatypes: ["DATE"],
    });
    expect(customClassifier({ kind: "JsonClassifier", settings: { Name: "c", JsonPath: "$[*]" } })).toEqual({
      type: "json",
      jsonPath: "$[*]",
    });
    expect(
      customClassifier({ kind: "XMLClassifier", settings: { Name: "c", RowTag: "r", Classification: "x" } }),
    ).toEqual({ type: "xml", rowTag: "r", classification: "x" });
    expect(
      customClassifier({
        kind: "GrokClassifier",
        settings: { Name: "c", GrokPattern: "%{WORD:w}", Classification: "x", CustomPatterns: "A b" },
      }),
    ).toEqual({ type: "grok", grokPattern: "%{WORD:w}", classification: "x", customPatterns: "A b" });
  });

  test("a classifier that changes classifies new files only", async () => {
    const named = (classification: string) =>
      ({ includes: [at("c")], classifiers: [{ type: "grok", classification, grokPattern: "%{INT:id:int}" }] }) as const;
    put("c/a.log", "1\n2\n");
    await crawl(named("one"));
    put("c/b.log", "3\n4\n");
    const report = await crawl(named("two"));
    expect(
      report.tables
        .filter(({ action }) => action === "create")
        .map(({ name, classification }) => [name, classification]),
    ).toEqual([
      ["a_log", "one"],
      ["b_log", "two"],
    ]);
  });
});

describe("tables", () => {
  test("UPDATE_IN_DATABASE adds, removes and retypes columns, and wipes what others wrote", async () => {
    put("t/a.json", '{"stays":1,"goes":1,"turns":1}\n');
    await crawl({ includes: [at("t")] });
    const before = await table("t");
    await glue.catalog.updateTable("d", {
      Name: "t",
      Parameters: { ...before.Parameters, mine: "1" },
      StorageDescriptor: {
        ...before.StorageDescriptor,
        Columns: [...(before.StorageDescriptor?.Columns ?? []), { Name: "by_hand", Type: "int" }],
      },
      PartitionKeys: [],
    });
    put("t/a.json", '{"stays":1,"turns":"x","comes":1}\n');
    await crawl({ includes: [at("t")] });
    expect(await columns("t")).toEqual(["stays:int", "turns:string", "comes:int"]);
    expect((await table("t")).Parameters).not.toHaveProperty("mine");
  });

  test("partition keys are strings, named by key=value or partition_N; the prefix is of the table's name", async () => {
    for (const day of ["1", "2"]) for (const place of ["x", "y"]) put(`Sales/Day=${day}/${place}/f.json`, '{"id":1}\n');
    await crawl({ includes: [at("Sales")], tablePrefix: "Raw-" });
    expect((await table("raw_sales")).PartitionKeys).toEqual([
      { Name: "day", Type: "string" },
      { Name: "partition_1", Type: "string" },
    ]);
  });

  test("files alone are named with their extension, a bucket by its name", async () => {
    put("persons.json", '{"name":"a"}\n');
    put("orders.json", '{"id":1,"price":2}\n');
    await crawl();
    expect((await glue.catalog.getTables("d")).items.map(({ Name }) => Name).sort()).toEqual([
      "orders_json",
      "persons_json",
    ]);
    const schema = struct([field("a", INT)]);
    expect(
      groupTables("s3://my-lake", [{ path: "s3://my-lake/p=1/f", compatibility: "json", schema }]).map(
        ({ name }) => name,
      ),
    ).toEqual(["my-lake"]);
    expect(
      groupTables("s3://conn@my-lake", [{ path: "s3://conn@my-lake/f", compatibility: "json", schema }]).map(
        ({ name }) => name,
      ),
    ).toEqual(["my-lake"]);
  });

  test("columns are in lower case, and two that fold alike are one", async () => {
    put("t/a.json", '{"Id":1,"Deep":{"Inner":1}}\n{"ID":"x"}\n');
    await crawl({ includes: [at("t")] });
    expect(await columns("t")).toEqual(["id:string", "deep:struct<inner:int>"]);
  });

  test("exclude patterns are on the table, and readers of it honour them", async () => {
    put("t/a.json", '{"id":1}\n');
    put("t/tmp/b.json", '{"id":2}\n');
    await crawl({ includes: [at("t")], exclusions: ["tmp/**"] });
    expect((await table("t")).Parameters?.["exclusions"]).toBe('["tmp/**"]');
    expect(await rows("t")).toEqual([{ id: 1 }]);
  });

  test("a table without a database named goes to default", async () => {
    await createCrawler(glue.catalog, { Name: "c", Targets: { S3Targets: [{ Path: at("t") }] } });
    expect(
      await namedCrawlOptions(glue.catalog, { Name: "c", Targets: { S3Targets: [{ Path: at("t") }] } }),
    ).toMatchObject({ database: "default" });
  });
});

test("zip archives of one file and lz4 frames are crawled and read", async () => {
  for (const name of ["lines.lz4", "lines.zip"]) {
    mkdirSync(at(name), { recursive: true });
    copyFileSync(join(__dirname, "../shapes/packed", name), at(`${name}/f.json`));
  }
  const report = await crawl({ includes: [at("lines.lz4"), at("lines.zip")] });
  expect(report.tables.map(({ name, contents }) => [name, contents.records, contents.malformed])).toEqual([
    ["lines_lz4", 30_000, 0],
    ["lines_zip", 30_000, 0],
  ]);
  expect([
    (await table("lines_lz4")).Parameters?.["compressionType"],
    (await table("lines_zip")).Parameters?.["compressionType"],
  ]).toEqual(["lz4", "zip"]);
  expect((await rows("lines_zip")).at(-1)).toEqual({ i: 29_999 });
});

describe("crawlers", () => {
  const newFolders = {
    Name: "c",
    Targets: { S3Targets: [{ Path: "/data/a" }] },
    RecrawlPolicy: { RecrawlBehavior: "CRAWL_NEW_FOLDERS_ONLY" },
  };

  test("with CRAWL_NEW_FOLDERS_ONLY the paths of a crawler cannot change", async () => {
    await createCrawler(glue.catalog, newFolders);
    await expect(
      updateCrawler(glue.catalog, { Name: "c", Targets: { S3Targets: [{ Path: "/data/b" }] } }),
    ).rejects.toMatchObject({ name: "InvalidInputException", path: "Targets" });
    await updateCrawler(glue.catalog, { Name: "c", Targets: { S3Targets: [{ Path: "/data/a", Exclusions: ["x"] }] } });
    await updateCrawler(glue.catalog, {
      Name: "c",
      Targets: { S3Targets: [{ Path: "/data/b" }] },
      RecrawlPolicy: { RecrawlBehavior: "CRAWL_EVERYTHING" },
    });
  });

  test.each(["DynamoDBTargets", "MongoDBTargets", "HudiTargets"])(
    "%s can be kept, and a start refuses them by name",
    async (kind) => {
      const settings = { Name: "c", Targets: { [kind]: [{ Path: "x" }] } };
      await createCrawler(glue.catalog, settings);
      await expect(namedCrawlOptions(glue.catalog, settings)).rejects.toMatchObject({
        name: "OperationNotSupportedException",
        found: kind,
      });
    },
  );
});

test("docs/crawler-rules.md: every rule names tests that exist", () => {
  const lines = readFileSync(join(__dirname, "../../docs/crawler-rules.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (Rule|---)/.test(line));
  expect(lines.length).toBeGreaterThan(60);
  for (const line of lines) {
    const [rule = "", , tests = ""] = line
      .split("|")
      .slice(1)
      .map((cell) => cell.trim());
    const named = [...tests.matchAll(/`([^`]+)`(?: “([^”]+)”)?/g)];
    expect([rule, named.length > 0]).toEqual([rule, true]);
    for (const [, file = "", title] of named) {
      const path = join(__dirname, "../..", file);
      expect([rule, file, existsSync(path)]).toEqual([rule, file, true]);
      if (title !== undefined)
        expect([rule, file, title, readFileSync(path, "utf8").includes(title)]).toEqual([rule, file, title, true]);
    }
  }
});
