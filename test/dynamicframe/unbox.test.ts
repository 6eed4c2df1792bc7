import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import avsc from "avsc";
import {
  GlueContext,
  INT,
  LONG,
  STRING,
  TimestampValue,
  structOf,
  typeToJson,
  type DynamicFrame,
} from "../../src/index.js";

let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-unbox-"));
  glue = await GlueContext.open({ catalog: folder, engine: "reference" });
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const rows = (records: object[]): DynamicFrame => glue.createDynamicFrame.fromRows(records);
const tree = async (frame: DynamicFrame): Promise<string> =>
  (await frame.schemaTree()).trimEnd().slice("root\n".length);
const messages = async (frame: DynamicFrame): Promise<unknown[]> =>
  (await frame.errorsAsDynamicFrame().records()).map((r) => (r["error"] as { msg: string }).msg);

describe("json", () => {
  test("in place, numbers typed as written, records of other shapes merged", async () => {
    const frame = rows([
      { a: 1, j: '{"i":1,"d":1.0,"l":3000000000,"x":[1,"y"]}', z: true },
      { a: 2, j: '{"i":"s"}', z: false },
      { a: 3, j: null, z: true },
    ]).unbox("j", "json");
    expect(await tree(frame)).toBe(
      "|-- a: int\n|-- j: struct\n|    |-- i: choice\n|    |    |-- int\n|    |    |-- string\n|    |-- d: double\n|    |-- l: long\n|    |-- x: array\n|    |    |-- element: choice\n|    |    |    |-- int\n|    |    |    |-- string\n|-- z: boolean",
    );
    expect(await frame.records()).toEqual([
      { a: 1, j: { i: 1, d: 1, l: 3000000000, x: [1, "y"] }, z: true },
      { a: 2, j: { i: "s" }, z: false },
      { a: 3, j: null, z: true },
    ]);
  });
  test("what cannot be parsed is an error record with the whole record and the info", async () => {
    const frame = rows([{ j: "{oops", k: 1 }, { j: "" }, { j: "[1]" }]).unbox("j", "json", {}, { info: "here" });
    expect(await frame.records()).toEqual([{ j: [1] }]);
    expect([await frame.errorsCount(), await frame.stageErrorsCount()]).toEqual([2, 2]);
    expect((await frame.errorsAsDynamicFrame().records())[0]).toMatchObject({
      error: {
        callsite: { site: "unbox", info: "here" },
        msg: expect.stringContaining("at character 1"),
        dynamicRecord: { j: "{oops", k: 1 },
      },
    });
  });
  test("nested paths, choices and binary", async () => {
    const frame = rows([
      { s: { j: '{"a":1}', o: 1 } },
      { s: { j: 5, o: 2 } },
      { s: "t" },
      { s: null },
      {},
      { s: { j: new TextEncoder().encode('{"a":2}'), o: 3 } },
    ]).unbox("s.j", "json");
    expect(await frame.records()).toEqual([
      { s: { j: { a: 1 }, o: 1 } },
      { s: { j: 5, o: 2 } },
      { s: "t" },
      { s: null },
      {},
      { s: { j: { a: 2 }, o: 3 } },
    ]);
    expect(await tree(frame)).toBe("|-- s: choice\n|    |-- string\n|    |-- struct");
  });
  test("nothing to parse leaves no text type behind", async () => {
    expect(await tree(rows([{ j: null, a: 1 }]).unbox("j", "json"))).toBe("|-- j: null\n|-- a: int");
    expect(await rows([]).unbox("j", "json").count()).toBe(0);
  });
  test("withSchema gives types; a misfit is an error record", async () => {
    const schema = structOf({ n: LONG, t: STRING });
    for (const withSchema of [schema, typeToJson(schema), JSON.stringify(typeToJson(schema))]) {
      const frame = rows([
        { j: '{"n":1,"t":5,"extra":true}' },
        { j: '{"n":"220"}' },
        { j: '{"n":"x"}' },
        { j: "{}" },
      ]).unbox("j", "json", { withSchema });
      expect(await tree(frame)).toBe("|-- j: struct\n|    |-- n: long\n|    |-- t: string");
      expect(await frame.records()).toEqual([{ j: { n: 1, t: "5" } }, { j: { n: 220 } }, { j: {} }]);
      expect(await messages(frame)).toEqual([expect.stringContaining("j.n")]);
    }
  });
});

describe("csv", () => {
  test("names by place, by header, by schema", async () => {
    expect(
      await rows([{ c: "a|b" }])
        .unbox("c", "csv", { separator: "|" })
        .records(),
    ).toEqual([{ c: { col0: "a", col1: "b" } }]);
    expect(
      await rows([{ c: "x,y\n1,2" }])
        .unbox("c", "csv", { withHeader: true })
        .records(),
    ).toEqual([{ c: { x: "1", y: "2" } }]);
    expect(
      await rows([{ c: "7,z" }, { c: ",z" }])
        .unbox("c", "csv", { withSchema: structOf({ n: INT, t: STRING }) })
        .records(),
    ).toEqual([{ c: { n: 7, t: "z" } }, { c: { n: null, t: "z" } }]);
  });
  test("several rows, no row and too many cells are error records", async () => {
    const frame = rows([{ c: "1\n2" }, { c: "" }, { c: "1,2" }, { c: "3" }]).unbox("c", "csv", {
      withSchema: structOf({ n: INT }),
    });
    expect(await frame.records()).toEqual([{ c: { n: 3 } }]);
    expect(await messages(frame)).toEqual([
      expect.stringContaining("2 rows"),
      expect.stringContaining("0 rows"),
      expect.stringContaining("2 cells"),
    ]);
  });
});

describe("avro", () => {
  const avroSchema = {
    type: "record",
    name: "event",
    fields: [
      { name: "id", type: "long" },
      { name: "name", type: ["null", "string"] },
      { name: "tags", type: { type: "array", items: "string" } },
      { name: "n", type: { type: "map", values: "int" } },
      { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
      { name: "day", type: { type: "int", logicalType: "date" } },
      { name: "x", type: ["int", "string"] },
    ],
  } as const;
  // avsc is the independent writer
  const type = avsc.Type.forSchema(avroSchema as unknown as avsc.Schema, { wrapUnions: false });
  const event = (more: object) => ({
    id: 7,
    name: "Zoë",
    tags: ["a", "b"],
    n: { k: 2 },
    at: 1_700_000_000_123,
    day: 19_000,
    x: 1,
    ...more,
  });
  const container = (records: object[], codec: "null" | "deflate" = "null"): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const encoder = new avsc.streams.BlockEncoder(avroSchema as unknown as avsc.Schema, {
        codec,
        writeHeader: "always",
      });
      const parts: Buffer[] = [];
      encoder
        .on("data", (part: Buffer) => parts.push(part))
        .on("end", () => {
          resolve(Buffer.concat(parts));
        })
        .on("error", reject);
      for (const record of records) encoder.write(record);
      encoder.end();
    });

  test("bare values by avroSchema, in place; types of several records merged", async () => {
    for (const schema of [avroSchema, JSON.stringify(avroSchema)]) {
      const frame = rows([
        { k: 1, b: type.toBuffer(event({})) },
        { k: 2, b: type.toBuffer(event({ name: null, x: "s" })) },
        { k: 3, b: null },
      ]).unbox("b", "avro", { avroSchema: schema });
      expect(await tree(frame)).toBe(
        "|-- k: int\n|-- b: struct\n|    |-- id: long\n|    |-- name: string\n|    |-- tags: array\n|    |    |-- element: string\n|    |-- n: map\n|    |    |-- keyType: string\n|    |    |-- valueType: int\n|    |-- at: long\n|    |-- day: int\n|    |-- x: choice\n|    |    |-- int\n|    |    |-- string",
      );
      const [first, second, third] = await frame.records();
      expect(first).toMatchObject({
        k: 1,
        b: { id: 7, name: "Zoë", tags: ["a", "b"], at: 1_700_000_000_123, day: 19_000, x: 1 },
      });
      expect(second).toMatchObject({ k: 2, b: { name: null, x: "s" } });
      expect(third).toEqual({ k: 3, b: null });
    }
  });
  test("values that are object container files bring their schema; version 1.8 reads logical types", async () => {
    const records = [
      { s: { b: await container([event({})]) } },
      { s: { b: await container([event({ id: 8 })], "deflate") } },
    ];
    const frame = rows(records).unbox("s.b", "avro", { version: "1.8" });
    expect(await frame.schemaTree()).toMatch(/at: timestamp\n.*day: date\n/);
    expect(await frame.records()).toMatchObject([
      { s: { b: { id: 7, at: new TimestampValue(1_700_000_000_123_000n) } } },
      { s: { b: { id: 8 } } },
    ]);
  });
  test("damage, no record, several records and foreign bytes are error records; what is not binary stays", async () => {
    const whole = await container([event({})]);
    const frame = rows([
      { b: whole.subarray(0, whole.length - 20) },
      { b: await container([]) },
      { b: await container([event({}), event({})]) },
      { b: Buffer.from("no avro") },
      { b: whole },
      { b: "text" },
    ]).unbox("b", "avro");
    expect(await frame.count()).toBe(2);
    expect(await messages(frame)).toEqual([
      expect.stringContaining("ends"),
      expect.stringContaining("no record"),
      expect.stringContaining("more than one"),
      expect.stringContaining("does not begin as Avro"),
    ]);
    const bare = rows([
      { b: Buffer.concat([type.toBuffer(event({})), Buffer.from([1])]) },
      { b: type.toBuffer(event({})).subarray(0, 5) },
    ]).unbox("b", "avro", { avroSchema });
    expect([await bare.count(), await bare.errorsCount()]).toEqual([0, 2]);
  });
  test("withSchema gives the types", async () => {
    const frame = rows([{ b: type.toBuffer(event({})) }]).unbox("b", "avro", {
      avroSchema,
      withSchema: structOf({ id: STRING, day: LONG }),
    });
    expect(await tree(frame)).toBe("|-- b: struct\n|    |-- id: string\n|    |-- day: long");
    expect(await frame.records()).toEqual([{ b: { id: "7", day: 19_000 } }]);
  });
});

test("wrong calls", async () => {
  const frame = rows([{ j: "{}" }]);
  expect(() => frame.unbox("j", "xml")).toThrow(expect.objectContaining({ code: "UNSUPPORTED_FORMAT" }));
  expect(() => frame.unbox("j", "csv", { seperator: ";" })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
  expect(() => frame.unbox("j", "json", { withSchema: "{" })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
  expect(() => frame.unbox("j[]", "json")).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  expect(() => frame.unbox("j", "avro", { avroSchema: "{" })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
  expect(() => frame.unbox("j", "avro", { separator: "," })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
  await expect(frame.unbox("k", "json").count()).rejects.toMatchObject({ code: "UNKNOWN_PATH" });
});

describe("options of readers on one text", () => {
  const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
  test("encoding says how binary values are texts; texts are texts", async () => {
    expect(
      await rows([{ j: latin1('{"a":"\u00e9"}') }, { j: '{"a":"\u00e9"}' }])
        .unbox("j", "json", { encoding: "ISO-8859-1" })
        .records(),
    ).toEqual([{ j: { a: "\u00e9" } }, { j: { a: "\u00e9" } }]);
    expect(
      await rows([{ j: latin1("\u00e9,b") }])
        .unbox("j", "csv", { encoding: "windows-1252" })
        .records(),
    ).toEqual([{ j: { col0: "\u00e9", col1: "b" } }]);
    const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));
    expect(
      await rows([{ j: utf16('{"a":1}') }])
        .unbox("j", "json", { encoding: "UTF-16" })
        .records(),
    ).toEqual([{ j: { a: 1 } }]);
    // not UTF-8: an error record, as without the option
    expect(
      await rows([{ j: latin1('{"a":"\u00e9"}') }])
        .unbox("j", "json")
        .errorsCount(),
    ).toBe(1);
    expect(() => rows([{ j: "1" }]).unbox("j", "json", { encoding: "EBCDIC" })).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", path: "encoding" }),
    );
  });
  test.each([
    ["json", "jsonPath", "$.a"],
    ["csv", "inferTypes", true],
  ])("%s: %s is of files, and refused", (format, name, value) => {
    expect(() => rows([{ j: "1" }]).unbox("j", format, { [name]: value })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_OPTION", path: name }),
    );
  });
  test("what a text cannot show is taken", async () => {
    expect(
      await rows([{ j: '{"a":1}' }])
        .unbox("j", "json", { multiLine: true, optimizePerformance: true, textTypes: true })
        .records(),
    ).toEqual([{ j: { a: 1 } }]);
    expect(
      await rows([{ j: "a,b" }])
        .unbox("j", "csv", {
          optimizePerformance: true,
          strictCheckForQuoting: true,
          writeHeader: false,
          textTypes: true,
        })
        .records(),
    ).toEqual([{ j: { col0: "a", col1: "b" } }]);
  });
  test("quoteChar, multiLine and columns", async () => {
    expect(
      await rows([{ j: '"a,b' }])
        .unbox("j", "csv", { quoteChar: -1 })
        .records(),
    ).toEqual([{ j: { col0: '"a', col1: "b" } }]);
    expect(
      await rows([{ j: 'a,"b\nc"' }])
        .unbox("j", "csv", { multiLine: true })
        .records(),
    ).toEqual([{ j: { col0: "a", col1: "b\nc" } }]);
    expect(
      await rows([{ j: "1,2" }])
        .unbox("j", "csv", { columns: ["p", "q"] })
        .records(),
    ).toEqual([{ j: { p: "1", q: "2" } }]);
  });
});
