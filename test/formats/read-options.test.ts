/** Reader options of csv and json through the whole reader, both engines side by side. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import * as fc from "fast-check";
import {
  BOOLEAN,
  DATE,
  DOUBLE,
  GlueContext,
  INT,
  STRING,
  struct,
  structOf,
  typeToJson,
  type DynamicFrame,
} from "../../src/index.js";
import { decimal, field } from "../../src/types/data-type.js";

let folder: string;
const contexts: GlueContext[] = [];
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-read-"));
  for (const engine of ["duckdb", "reference"] as const)
    contexts.push(await GlueContext.open({ catalog: join(folder, engine), engine }));
});
afterAll(async () => {
  for (const glue of contexts) await glue.close();
  await rm(folder, { recursive: true, force: true });
});

type Options = Readonly<Record<string, unknown>>;

/** What each engine makes of the file; they must agree. */
async function read(
  bytes: string | Uint8Array,
  format: "csv" | "json" | "xml",
  formatOptions: Options,
): Promise<{
  readonly records: unknown[];
  readonly errors: number;
  readonly tree: string;
  readonly frame: DynamicFrame;
}> {
  const path = join(folder, `f${files++}.${format}`);
  await writeFile(path, bytes);
  const seen = [];
  for (const glue of contexts) {
    const frame = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path },
      format,
      formatOptions,
    });
    seen.push({
      records: JSON.parse(JSON.stringify(await frame.records())) as unknown[],
      errors: await frame.errorsCount(),
      tree: (await frame.schemaTree()).trimEnd(),
      frame,
    });
  }
  const [first, second] = seen;
  if (first === undefined || second === undefined) throw new Error("two engines are read");
  expect({ ...first, frame: 0 }).toEqual({ ...second, frame: 0 });
  return first;
}

describe("encoding", () => {
  const text = "name,city\nJosé,Zürich\n";
  const wide = Buffer.from(text, "utf16le");
  test.each([
    ["UTF-8", Buffer.from(text)],
    ["ISO-8859-1", Buffer.from(text, "latin1")],
    ["latin1", Buffer.from(text, "latin1")],
    ["windows-1252", Buffer.from(text, "latin1")],
    ["UTF-16LE", wide],
    ["UTF-16BE", Buffer.from(wide).swap16()],
    ["UTF-16", Buffer.from(wide).swap16()],
    ["UTF-16", Buffer.concat([Buffer.from([0xff, 0xfe]), wide])],
    ["ISO-8859-1", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])],
  ])("%s", async (encoding, bytes) => {
    // the reference engine knows one name of each
    const found = await read(bytes, "csv", {
      withHeader: true,
      encoding: encoding === "latin1" ? "ISO-8859-1" : encoding,
    });
    expect(found).toMatchObject({ records: [{ name: "José", city: "Zürich" }], errors: 0 });
  });
  test("what differs between Latin-1 and windows-1252, and what ASCII lacks", async () => {
    const bytes = Buffer.from([0x61, 0x80, 0xe9, 0x0a]);
    expect((await read(bytes, "csv", { encoding: "windows-1252" })).records).toEqual([{ col0: "a€é" }]);
    expect((await read(bytes, "csv", { encoding: "ISO-8859-1" })).records).toEqual([{ col0: "a\u0080é" }]);
    expect((await read(bytes, "csv", { encoding: "US-ASCII" })).records).toEqual([{ col0: "a\ufffd\ufffd" }]);
    // as UTF-8 it is a bad record, not a guess
    expect(await read(Buffer.concat([bytes, Buffer.from("b\n")]), "csv", {})).toMatchObject({
      records: [{ col0: "b" }],
      errors: 1,
    });
    expect((await read(Buffer.from('{"a":"\xe9"}\n', "latin1"), "json", { encoding: "ISO-8859-1" })).records).toEqual([
      { a: "é" },
    ]);
  });
  test("an unknown one names those that are read", () => {
    const frame = (encoding: string) => () =>
      contexts[0]?.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: folder },
        format: "csv",
        formatOptions: { encoding },
      });
    expect(frame("UTF8X")).toThrow(
      expect.objectContaining({
        code: "BAD_OPTION",
        path: "encoding",
        message: expect.stringContaining("did you mean UTF-8?"),
      }),
    );
    expect(frame("EBCDIC-500")).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", expected: expect.stringContaining("windows-1252") }),
    );
  });
});

describe("csv", () => {
  test("escaper, quotes off, tabs, header names that repeat or are empty, rows too short and too long", async () => {
    expect((await read("a\\,b,c\\n\\\\\n", "csv", { escaper: "\\" })).records).toEqual([
      { col0: "a,b", col1: "c\n\\" },
    ]);
    expect((await read('"a,b"\n', "csv", { quoteChar: -1 })).records).toEqual([{ col0: '"a', col1: 'b"' }]);
    expect(await read("a\ta\t\nx\ty\tz\n1\n1\t2\t3\t4\n", "csv", { separator: "\t", withHeader: true })).toMatchObject({
      records: [{ a: "x", a_2: "y", col2: "z" }, { a: "1" }],
      errors: 1,
    });
    expect((await read("skip,me\na,b\n1,2\n", "csv", { skipFirst: true })).records).toEqual([
      { col0: "a", col1: "b" },
      { col0: "1", col1: "2" },
    ]);
    expect((await read('k,v\n1,"two\nlines"\n2,"x"\n', "csv", { multiLine: true, withHeader: true })).records).toEqual([
      { k: "1", v: "two\nlines" },
      { k: "2", v: "x" },
    ]);
    expect(await read('k,v\n1,"two\nlines"\n2,"x"\n', "csv", { withHeader: true })).toMatchObject({
      records: [{ k: 'lines"' }, { k: "2", v: "x" }],
      errors: 1,
    });
    expect((await read("a,b\n", "csv", { optimizePerformance: true, strictCheckForQuoting: true })).records).toEqual([
      { col0: "a", col1: "b" },
    ]);
  });
  test("clean files are what DuckDB's own reader makes of them", async () => {
    const cell = fc.oneof(fc.stringMatching(/^[a-zA-Z0-9 .;é"]{1,8}$/), fc.stringMatching(/^[a-z]{1,3},[a-z"]{0,3}$/));
    const db = await (await DuckDBInstance.create()).connect();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 20 }), async (rows) => {
        const text = rows.map((row) => row.map((c) => `"${c.replaceAll('"', '""')}"`).join(",")).join("\r\n");
        const { records } = await read(text, "csv", {});
        const oracle = await db.runAndReadAll(
          `SELECT * FROM read_csv('${join(folder, `f${files - 1}.csv`)}', header = false, all_varchar = true, auto_detect = false, columns = {'col0': 'VARCHAR', 'col1': 'VARCHAR', 'col2': 'VARCHAR'}, delim = ',', quote = '"', escape = '"', new_line = '\\r\\n')`,
        );
        expect(records).toEqual(oracle.getRowObjectsJson());
      }),
      { numRuns: 15 },
    );
    db.closeSync();
  });
});

describe("withSchema", () => {
  test("means one thing in every format: the same texts under the same schema are the same records, nulled alike", async () => {
    const withSchema = structOf({ id: STRING, qty: INT, price: DOUBLE, gone: DATE });
    const values = [
      { id: "007", qty: "5", price: "1.50" },
      { id: "x y", qty: "five", price: "-2" },
      { id: "1e3", qty: "12" },
    ];
    const json = values.map((value) => `${JSON.stringify(value)}\n`).join("");
    const csv = `id,qty,price\n${values.map(({ id, qty, price = "" }) => `${id},${qty},${price}\n`).join("")}`;
    const xml = `<all>${values
      .map(
        (value) =>
          `<r>${Object.entries(value)
            .map(([name, text]) => `<${name}>${text}</${name}>`)
            .join("")}</r>`,
      )
      .join("")}</all>`;
    const expected = [
      { id: "007", qty: 5, price: 1.5, gone: null },
      { id: "x y", qty: null, price: -2, gone: null },
      { id: "1e3", qty: 12, price: null, gone: null },
    ];
    for (const [text, format, options] of [
      [json, "json", {}],
      [csv, "csv", { withHeader: true }],
      [xml, "xml", { rowTag: "r" }],
    ] as const) {
      const { records, tree } = await read(text, format, { ...options, withSchema });
      expect({ format, records }).toEqual({ format, records: expected });
      expect(tree).toBe("root\n|-- id: string\n|-- qty: int\n|-- price: double\n|-- gone: date");
    }
  });

  const schema = struct([
    field("id", INT),
    field("price", decimal(10, 2)),
    field("when", DATE),
    field("ok", BOOLEAN),
    field("note", STRING),
  ]);
  test("csv: the frame has that schema; the columns by position, empty cells null, misfits null and counted", async () => {
    const text = '1,2.50,2024-02-29,true,\nx,7,2024-02-30,,hi\n3,,,false,"a,b"\n1,2,3,4,5,6\n';
    for (const withSchema of [schema, typeToJson(schema), JSON.stringify(typeToJson(schema))]) {
      const { records, errors, tree, frame } = await read(text, "csv", { withSchema });
      expect(tree).toBe("root\n|-- id: int\n|-- price: decimal\n|-- when: date\n|-- ok: boolean\n|-- note: string");
      expect(records).toEqual([
        { id: 1, price: "2.50", when: "2024-02-29", ok: true, note: "" },
        { id: null, price: "7.00", when: null, ok: null, note: "hi" },
        { id: 3, price: null, when: null, ok: false, note: "a,b" },
      ]);
      expect(errors).toBe(1);
      const report = await (contexts[0] as GlueContext).writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path: join(folder, `w${files++}`) },
        format: "json",
      });
      expect(report).toMatchObject({ read: 4, written: 3, errors: 1, nulled: { id: 1, when: 1 }, balanced: true });
    }
  });
  test("csv with a header: columns by name", async () => {
    const { records } = await read("note,id,other\nn,5,z\n", "csv", {
      withHeader: true,
      withSchema: structOf({ id: INT, note: STRING, gone: DOUBLE }),
    });
    expect(records).toEqual([{ id: 5, note: "n", gone: null }]);
  });
  test("json: fields left out, added, cast; nested ones too", async () => {
    const wanted = struct([field("a", DOUBLE), field("s", structOf({ x: INT })), field("n", STRING)]);
    const { records, tree } = await read(
      '{"a":1,"s":{"x":"7","y":1},"extra":true}\n{"a":"1.5","s":null,"n":3}\n{"a":"one"}\n',
      "json",
      { withSchema: wanted },
    );
    expect(tree).toBe("root\n|-- a: double\n|-- s: struct\n|    |-- x: int\n|-- n: string");
    expect(records).toEqual([
      { a: 1, s: { x: 7 }, n: null },
      { a: 1.5, s: null, n: "3" },
      { a: null, s: null, n: null },
    ]);
  });
  test("what is no schema is refused at once", () => {
    const frame = (withSchema: unknown) => () =>
      contexts[0]?.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: folder },
        format: "json",
        formatOptions: { withSchema },
      });
    expect(frame("int")).toThrow(expect.objectContaining({ code: "BAD_OPTION", path: "withSchema" }));
    expect(frame({ dataType: "flat" })).toThrow(expect.objectContaining({ code: "BAD_OPTION", path: "withSchema" }));
    expect(frame(INT)).toThrow(expect.objectContaining({ code: "BAD_OPTION", found: "int" }));
  });
});
