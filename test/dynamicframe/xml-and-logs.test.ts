/**
 * XML and grok logs through the context: by path, by catalog, crawled, relationalized; both engines agree on every
 * value.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { GlueContext, type DynamicFrame } from "../../src/index.js";
import { DynaframeError } from "../../src/types/error.js";

let folder: string;
let files = 0;
const contexts: { [engine: string]: GlueContext } = {};
const engines = ["duckdb", "reference"] as const;
const glueOf = (engine: string): GlueContext => contexts[engine]!;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-xml-"));
  for (const engine of engines)
    contexts[engine] = await GlueContext.open({ catalog: join(folder, engine), engine, threads: 2 });
});
afterAll(async () => {
  for (const context of Object.values(contexts)) await context.close();
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, content: string | Uint8Array): string {
  const directory = join(folder, `data-${files++}`);
  mkdirSync(directory);
  writeFileSync(join(directory, name), content);
  return directory;
}
const read = (engine: string, path: string, format: "xml" | "grokLog", formatOptions: object): DynamicFrame =>
  glueOf(engine).createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path },
    format,
    formatOptions: { ...formatOptions },
  });
const code = async (work: Promise<unknown> | (() => unknown)): Promise<string> => {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (error instanceof DynaframeError) return error.code;
    throw error;
  }
  return "nothing was thrown";
};

describe.each(engines)("on %s", (engine) => {
  test("a single element is a list where another record repeats it, over files", async () => {
    const path = put("a.xml", "<t><r><x>1</x><s><y>a</y></s></r></t>");
    writeFileSync(join(path, "b.xml"), "<t><r><x>2</x><x>z</x><s><y>b</y></s><s><w>c</w></s></r><r/></t>");
    const frame = read(engine, path, "xml", { rowTag: "r" });
    expect(await frame.schemaTree()).toBe(
      "root\n|-- x: array\n|    |-- element: choice\n|    |    |-- int\n|    |    |-- string\n|-- s: array\n|    |-- element: struct\n|    |    |-- y: string\n|    |    |-- w: string\n",
    );
    expect(await frame.records()).toEqual([
      { x: [1], s: [{ y: "a" }] },
      { x: [2, "z"], s: [{ y: "b" }, { w: "c" }] },
    ]);
    expect((await frame.drift()).map(({ path: at, arms }) => [at, arms.map(({ tag, count }) => [tag, count])])).toEqual(
      [
        [
          "x[]",
          [
            ["int", 2],
            ["string", 1],
          ],
        ],
      ],
    );
  });

  test("relationalize gives a table for what repeats", async () => {
    const path = put(
      "a.xml",
      "<t><r><id>1</id><i q='1'><n>a</n></i><i q='2'><n>b</n></i></r><r><id>2</id><i q='3'><n>c</n></i></r></t>",
    );
    const tables = read(engine, path, "xml", { rowTag: "r" }).relationalize("r");
    expect(await tables.keys()).toEqual(["r", "r_i"]);
    const rows = (await tables.select("r_i").records()) as { id: number; index: number }[];
    expect(
      rows
        .map(({ id: _id, index, ...rest }) => ({ index, ...rest }))
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    ).toEqual([
      { index: 0, "i.val._q": 1, "i.val.n": "a" },
      { index: 0, "i.val._q": 3, "i.val.n": "c" },
      { index: 1, "i.val._q": 2, "i.val.n": "b" },
    ]);
  });

  test("withSchema: exactly its fields, those a record lacks null, texts cast to its types, misfits null and counted", async () => {
    const withSchema = {
      dataType: "struct",
      properties: {},
      fields: [
        { name: "zip", container: { dataType: "string", properties: {} }, properties: {} },
        { name: "on", container: { dataType: "date", properties: {} }, properties: {} },
        { name: "n", container: { dataType: "int", properties: {} }, properties: {} },
        {
          name: "t",
          container: { dataType: "array", elementType: { dataType: "long", properties: {} }, properties: {} },
          properties: {},
        },
      ],
    };
    const path = put(
      "a.xml",
      "<t><r><zip>12345</zip><on>2024-02-29</on><n>x</n><t>1</t><left>1</left></r><r><zip>02134</zip><on>soon</on><n>7</n></r></t>",
    );
    const frame = read(engine, path, "xml", { rowTag: "r", withSchema });
    expect(await frame.schemaTree()).toBe(
      "root\n|-- zip: string\n|-- on: date\n|-- n: int\n|-- t: array\n|    |-- element: long\n",
    );
    expect((await frame.records()).map((r) => JSON.parse(JSON.stringify(r)))).toEqual([
      { zip: "12345", on: "2024-02-29", n: null, t: [1] },
      { zip: "02134", on: null, n: 7, t: null },
    ]);
    const report = await glueOf(engine).writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(folder, `out-${files++}`) },
      format: "json",
    });
    expect(report).toMatchObject({ read: 2, written: 2, nulled: { n: 1, on: 1 }, balanced: true });
    expect(
      await code(() => read(engine, path, "xml", { rowTag: "r", withSchema: { dataType: "int", properties: {} } })),
    ).toBe("BAD_OPTION");
  });

  test("gzip, error records with their place, and what a write adds up to", async () => {
    const text = "1 a\nbad\n2 b\n";
    const frame = read(engine, put("x.log.gz", gzipSync(text)), "grokLog", { logFormat: "^%{INT:n:int} %{WORD:w}$" });
    expect(await frame.records()).toEqual([
      { n: 1, w: "a" },
      { n: 2, w: "b" },
    ]);
    const [error] = (await frame.errorsAsDynamicFrame().records()) as { error: { msg: string; input: string } }[];
    expect(JSON.stringify(error)).toContain("bad");
    expect(await frame.errorsCount()).toBe(1);
    const report = await glueOf(engine).writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(folder, `out-${files++}`) },
      format: "json",
    });
    expect(report).toMatchObject({ read: 3, written: 2, errors: 1, balanced: true });
  });

  test("crawled with an XML classifier, the table says how it is read, and a second crawl keeps it", async () => {
    const glue = glueOf(engine);
    const path = put(
      "books.xml",
      '<c><book><Title>A</Title><n>1</n><n>2</n></book><book id="x"><Title>B</Title><n>3</n></book></c>',
    );
    const classifiers = [{ type: "xml", rowTag: "book", classification: "mybooks" }] as const;
    const [table] = (await glue.crawl({ database: "lib", includes: [path], classifiers })).tables;
    expect(table).toMatchObject({ action: "create", classification: "mybooks" });
    const stored = await glue.catalog.getTable("lib", table!.name);
    expect(stored.Parameters).toMatchObject({ classification: "mybooks", rowTag: "book", recordCount: "2" });
    expect(stored.StorageDescriptor?.Columns).toEqual([
      { Name: "title", Type: "string" },
      { Name: "n", Type: "array<int>" },
      { Name: "_id", Type: "string" },
    ]);
    const scanned = glue.counters.bytesScanned;
    const frame = glue.createDynamicFrame.fromCatalog({ database: "lib", tableName: table!.name });
    expect(await frame.records()).toEqual([
      { Title: "A", n: [1, 2] },
      { Title: "B", n: [3], _id: "x" },
    ]);
    expect(glue.counters.bytesScanned).toBe(scanned);
    expect(
      (await glue.crawl({ database: "lib", includes: [path], classifiers })).tables.map(({ action }) => action),
    ).toEqual(["keep"]);
    await glue.catalog.deleteDatabase("lib");
  });

  test("crawled with a grok classifier, which wins over CSV; half of the lines must match", async () => {
    const glue = glueOf(engine);
    const path = put("app.log", "INFO 1,x\nWARN 2,y\n  at trace,z\nERROR 3,z\n");
    const classifiers = [
      {
        type: "grok",
        grokPattern: "^%{LEVEL:level} %{INT:n:int},%{WORD:w}$",
        customPatterns: "LEVEL [A-Z]+",
        classification: "app",
      },
    ] as const;
    const [table] = (await glue.crawl({ database: "logs", includes: [path], classifiers })).tables;
    const stored = await glue.catalog.getTable("logs", table!.name);
    expect(stored.Parameters).toMatchObject({
      classification: "app",
      grokPattern: "^%{LEVEL:level} %{INT:n:int},%{WORD:w}$",
      grokCustomPatterns: "LEVEL [A-Z]+",
    });
    expect(stored.StorageDescriptor?.SerdeInfo).toEqual({
      SerializationLibrary: "com.amazonaws.glue.serde.GrokSerDe",
      Parameters: {
        "input.format": "^%{LEVEL:level} %{INT:n:int},%{WORD:w}$",
        "input.grokCustomPatterns": "LEVEL [A-Z]+",
      },
    });
    const frame = glue.createDynamicFrame.fromCatalog({ database: "logs", tableName: table!.name });
    expect(await frame.records()).toEqual([
      { level: "INFO", n: 1, w: "x" },
      { level: "WARN", n: 2, w: "y" },
      { level: "ERROR", n: 3, w: "z" },
    ]);
    expect(await frame.errorsCount()).toBe(1);
    const other = put("other.log", "no match\nnone,here\nINFO 1,x\n");
    const [skipped] = (await glue.crawl({ database: "other", includes: [other], classifiers })).skipped;
    expect(skipped?.why).toBeDefined();
    await glue.catalog.deleteDatabase("logs");
  });

  test("tables made by hand: built-in log classifications, the grok SerDe alone, XML without a row tag, ORC", async () => {
    const glue = glueOf(engine);
    await glue.catalog.createDatabase({ Name: "hand" });
    const make = async (
      name: string,
      location: string,
      Parameters: { [key: string]: string },
      serde: { [key: string]: string } = {},
    ): Promise<DynamicFrame> => {
      await glue.catalog.createTable("hand", {
        Name: name,
        Parameters,
        StorageDescriptor: { Location: location, Columns: [], SerdeInfo: { Parameters: serde } },
      });
      return glue.createDynamicFrame.fromCatalog({ database: "hand", tableName: name });
    };
    const log = put("a.log", '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326\n');
    expect(await (await make("apache", log, { classification: "apache" })).records()).toMatchObject([
      { clientip: "127.0.0.1", ident: null, verb: "GET", bytes: "2326" },
    ]);
    expect(await (await make("serde", log, {}, { "input.format": "%{IPV4:ip}" })).records()).toEqual([
      { ip: "127.0.0.1" },
    ]);
    expect(await code((await make("noxml", log, { classification: "xml" })).count())).toBe("UNSUPPORTED_FORMAT");
    const orc = await make("orc", put("a.orc", "ORC\u0001rest"), { classification: "orc" });
    expect(await code(orc.count())).toBe("UNSUPPORTED_FORMAT");
    await expect(orc.count()).rejects.toMatchObject({ hint: expect.stringContaining("Spark") });
    expect(
      await code(
        glue.writeDynamicFrame.fromCatalog({
          frame: glue.createDynamicFrame.fromRows([{ a: 1 }]),
          database: "hand",
          tableName: "apache",
        }),
      ),
    ).toBe("UNSUPPORTED_FORMAT");
    await glue.catalog.deleteDatabase("hand");
  });

  test("wrong calls", async () => {
    expect(await code(() => read(engine, ".", "xml", {}))).toBe("BAD_OPTION");
    expect(await code(() => read(engine, ".", "xml", { rowTag: "<row>" }))).toBe("BAD_OPTION");
    expect(await code(() => read(engine, ".", "xml", { rowTag: "r", encoding: "klingon" }))).toBe("BAD_OPTION");
    expect(await code(read(engine, put("a.log", "x\n"), "grokLog", { logFormat: "%{NOPE:x}" }).count())).toBe(
      "BAD_OPTION",
    );
    expect(
      await code(
        glueOf(engine).crawl({
          database: "x",
          includes: [put("a.xml", "<a/>")],
          classifiers: [{ type: "xml", rowTag: "<a>" }],
        }),
      ),
    ).toBe("INVALID_CRAWLER");
  });
});

test("random XML records: both engines give the same schema, records and tables", async () => {
  const leaf = fc.constantFrom("1", "2.5", "x", "true", "3000000000", " ", "99999999999999999999");
  const name = fc.constantFrom("a", "b", "c");
  const { element } = fc.letrec<{ element: string }>((tie) => ({
    element: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc
        .array(fc.tuple(name, fc.constantFrom("", " k='1'", " k='v'"), tie("element")), { maxLength: 4 })
        .map((items) => items.map(([tag, attribute, body]) => `<${tag}${attribute}>${body}</${tag}>`).join("")),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(fc.array(element, { minLength: 1, maxLength: 6 }), async (rows) => {
      const path = put("r.xml", `<t>${rows.map((row) => `<r>${row}</r>`).join("")}</t>`);
      const seen = await Promise.all(
        engines.map(async (engine) => {
          const frame = read(engine, path, "xml", { rowTag: "r" });
          const tables = frame.relationalize("r", join(folder, "s"));
          const names = await tables.keys();
          const flat = await Promise.all(
            names.map(async (each) => (await tables.select(each).records()).map((row) => text(row)).sort()),
          );
          return {
            schema: await frame.schemaTree(),
            records: (await frame.records()).map((row) => text(row)),
            errors: await frame.errorsCount(),
            names,
            flat,
          };
        }),
      );
      expect(seen[0]).toEqual(seen[1]);
    }),
    { numRuns: 25 },
  );
}, 120_000);

/** Absent and null are one after a relational verb. */
const text = (row: object): string =>
  JSON.stringify(
    Object.entries(row)
      .filter(([, v]) => v !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    (_, v: unknown) => (typeof v === "bigint" ? String(v) : v),
  );
