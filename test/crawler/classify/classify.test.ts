import fc from "fast-check";
import { classifyHead, type CustomClassifier } from "../../../src/crawler/classify/classifiers.js";
import { csvLayout } from "../../../src/crawler/classify/csv-layout.js";
import { pickClassification } from "../../../src/crawler/classify/pick-classification.js";
import { isJsonPrefix, looksLikeJson } from "../../../src/formats/json-head.js";
import { formatOf } from "../../../src/formats/registry.js";

const head = (text: string | Uint8Array, whole = true) => {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return { compression: "none" as const, bytes, read: bytes.length, whole };
};
const classify = (text: string | Uint8Array, custom: CustomClassifier[] = []) => classifyHead(head(text), custom);

describe("order", () => {
  const pick = (...results: { name: string; certainty: number; custom?: boolean }[]) =>
    pickClassification(results)?.name ?? null;
  test("custom before built-in, 1.0 ends, else the best above 0", () => {
    expect(pick({ name: "avro", certainty: 0 })).toBeNull();
    expect(pick()).toBeNull();
    expect(
      pick(
        { name: "a", certainty: 0.4, custom: true },
        { name: "b", certainty: 0.9, custom: true },
        { name: "c", certainty: 0 },
      ),
    ).toBe("b");
    expect(pick({ name: "a", certainty: 0.9, custom: true }, { name: "json", certainty: 1 })).toBe("json");
    expect(pick({ name: "json", certainty: 1 }, { name: "mine", certainty: 1, custom: true })).toBe("mine");
    expect(pick({ name: "a", certainty: 0.5, custom: true }, { name: "b", certainty: 0.5, custom: true })).toBe("a");
  });
});

test("a format that Glue does not have is asked before CSV, by its own rule", () => {
  const head = { bytes: Buffer.from("#mine\na,b\n1,2\n3,4\n"), whole: true, compression: "none" as const, read: 23 };
  const mine = {
    ...formatOf("json"),
    name: "mine" as never,
    detect: (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1").startsWith("#mine"),
  };
  expect(classifyHead(head, [], [mine])).toMatchObject({ name: "mine", format: "mine", decidedBy: "builtin:mine" });
  expect(classifyHead({ ...head, bytes: head.bytes.subarray(6) }, [], [mine])).toMatchObject({ name: "csv" });
});

describe("built-in", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["object", '{"a":1}\n{"a":2}', "json"],
    ["array", "[1,2]", "json"],
    ["spread object", '\n {\n "a": [\n 1', "json"],
    ["BOM", "\uFEFF{}", "json"],
    ["bad first line", '{"a":\n{"b":1}\n', "json"],
    ["avro", "Obj\u0001xx", "avro"],
    ["orc", "ORCxxx", "orc"],
    ["parquet", "PAR1xxxx", "parquet"],
    ["xml", "<?xml version='1.0'?><a/>", "xml"],
    ["csv", "a,b\n1,2\n", "csv"],
    ["prose", "Hello, world.\nThis is, well, text.\nBye\n", "UNKNOWN"],
    ["log in brackets", "[Mon Feb 01] error\n[Mon Feb 01] error\n", "UNKNOWN"],
    ["binary", new Uint8Array([0, 1, 2, 0, 44, 0, 10, 44]), "UNKNOWN"],
    ["nothing", "", "UNKNOWN"],
    ["one row", "a,b\n", "UNKNOWN"],
    ["one column", "a\n1\n2\n", "UNKNOWN"],
    ["UTF-16", new Uint8Array(Buffer.from('\uFEFF{"a":1}', "utf16le")), "json"],
    ["UTF-16 without a mark", new Uint8Array(Buffer.from('{"a":1}', "utf16le")), "json"],
  ])("%s", (_, text, expected) => expect(classify(text).name).toBe(expected));

  test("what is recognised and cannot be read has no format", () => {
    expect(classify("ORC").format).toBeUndefined();
    expect(classifyHead({ ...head("{}"), compression: "xz" }, []).format).toBeUndefined();
  });
});

describe("CSV", () => {
  test.each([",", "|", "\t", ";", "\u0001"])("delimiter %j", (delimiter) => {
    expect(csvLayout(`p${delimiter}q\n1${delimiter}x\n`, true)).toEqual({
      delimiter,
      header: true,
      columns: ["p", "q"],
      generated: false,
    });
  });
  test("no header when all is text, when a header cell is a number, empty or long", () => {
    expect(csvLayout("a,b\nc,d\n", true)).toMatchObject({ header: false, columns: ["col0", "col1"], generated: true });
    expect(csvLayout("a,2\n1,2\n", true)).toMatchObject({ header: false });
    expect(csvLayout(",b\n1,2\n", true)).toMatchObject({ header: false });
    expect(csvLayout(`${"x".repeat(150)},b\n1,2\n`, true)).toMatchObject({ header: false });
    expect(csvLayout(`${"x".repeat(149)},b\n1,2\n`, true)).toMatchObject({ header: true });
    expect(csvLayout(`a,${"x".repeat(200)}\n1,2\n`, true)).toMatchObject({ header: true });
    expect(csvLayout("a,b,\n1,2,\n", true)).toMatchObject({ header: true, columns: ["a", "b", "col2"] });
  });
  test("quoted delimiters and line breaks, CRLF, blank lines, a cut last line", () => {
    expect(csvLayout('a,b\r\n"x, y\nz",2\r\n\r\n"q""r",3\r\n', true)).toMatchObject({
      header: true,
      columns: ["a", "b"],
    });
    expect(csvLayout("a,b\n1,2\n3", false)).toMatchObject({ columns: ["a", "b"] });
    expect(csvLayout("a;b\n1,5;x\n2,5;y\n", true)).toMatchObject({ delimiter: ";" });
    expect(csvLayout("a,A,a\n1,2,3\n", true)?.columns.map((name) => name.toLowerCase())).toEqual(["a", "a_1", "a_2"]);
  });
  test("settings of a custom classifier", () => {
    const custom = (settings: object, text: string) => classify(text, [{ type: "csv", ...settings }]);
    expect(custom({ containsHeader: "PRESENT" }, "a,b\nc,d\n").csv).toMatchObject({
      header: true,
      columns: ["a", "b"],
    });
    expect(custom({ containsHeader: "ABSENT", header: ["x", "y"] }, "1,2\n3,4\n").csv).toMatchObject({
      header: false,
      columns: ["x", "y"],
      generated: false,
    });
    expect(custom({ delimiter: "~" }, "a~b\n1~2\n")).toMatchObject({
      name: "csv",
      decidedBy: "custom:csv[0]",
      csv: { delimiter: "~" },
    });
    expect(custom({ allowSingleColumn: true, delimiter: "," }, "a\n1\n").csv).toMatchObject({
      columns: ["a"],
      header: true,
    });
    expect(custom({ delimiter: ",", quoteSymbol: "'" }, "a,b\n'x,y',2\n").csv).toMatchObject({
      columns: ["a", "b"],
      quoteSymbol: "'",
    });
    expect(custom({ delimiter: "~" }, '{"a":1}')).toMatchObject({ name: "json", decidedBy: "builtin:json" });
  });
});

describe("JSON prefixes", () => {
  test("every prefix of valid JSON is one", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
        const text = JSON.stringify({ value });
        expect(isJsonPrefix(text.slice(0, 1 + (cut % text.length)))).toBe(true);
      }),
    );
  });
  test("what JSON.parse refuses for a reason before its end is refused", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "1", "-", "t", " ", "a"), maxLength: 12 }),
        (text) => {
          let valid = true;
          try {
            JSON.parse(text);
          } catch {
            valid = false;
          }
          if (valid) expect(isJsonPrefix(text)).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
    for (const bad of ["{a", "[1 2", '{"a" 1', "{,", "[,", "]", "tru1 ", "[01 ", '{"a":1,}', "[1,]"])
      expect([bad, isJsonPrefix(bad)]).toEqual([bad, false]);
  });
  test("nesting of any depth is no trouble", () => expect(looksLikeJson("[".repeat(60_000))).toBe(true));
});
