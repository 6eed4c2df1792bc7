import fc from "fast-check";
import { MAX_DEPTH, parseJson, parseRecords, type JsonNode } from "../../../src/engine/reference/read-json.js";

const tagOf = (text: string): string => parseJson(text).tag;
const plain = (node: JsonNode): unknown => {
  switch (node.tag) {
    case "null":
      return null;
    case "array":
      return node.elements.map(plain);
    case "struct":
      return Object.fromEntries([...node.fields].map(([key, value]) => [key, plain(value)]));
    case "bigint":
      return Number(node.value.unscaled);
    case "boolean":
    case "int":
    case "long":
    case "double":
    case "string":
      return typeof node.value === "bigint" ? Number(node.value) : node.value;
  }
};
const records = (text: string): unknown[] => parseRecords(text, (line) => line).map(plain);

describe("exact JSON", () => {
  it.each([
    ["2147483647", "int"],
    ["-2147483648", "int"],
    ["2147483648", "long"],
    ["-2147483649", "long"],
    ["-0", "int"],
    ["9223372036854775807", "long"],
    ["9223372036854775808", "bigint"],
    ["-9223372036854775808", "long"],
    ["9".repeat(38), "bigint"],
    ["9".repeat(39), "string"],
    ["1.0", "double"],
    ["1e2", "double"],
    ["1E400", "string"],
    ["-1e400", "string"],
    ["true", "boolean"],
    ["null", "null"],
    ['"x"', "string"],
    ["[]", "array"],
    ["{}", "struct"],
  ])("%s is %s", (text, tag) => expect(tagOf(text)).toBe(tag));

  it("keeps the digits of integers past 2^53", () => {
    expect(parseJson("9007199254740993")).toEqual({ tag: "long", value: 9007199254740993n, text: "9007199254740993" });
    expect(String((parseJson("123456789012345678901234567890") as { value: unknown }).value)).toBe(
      "123456789012345678901234567890",
    );
    expect(parseJson(`-${"9".repeat(39)}`)).toEqual({ tag: "string", value: `-${"9".repeat(39)}` });
  });

  it.each([
    "",
    "{",
    "[1,]",
    "{,}",
    '{"a":1,}',
    "[1 2]",
    "{a:1}",
    '{"a" 1}',
    "01",
    "1.",
    ".5",
    "+1",
    "NaN",
    "Infinity",
    "tru",
    '"\t"',
    '"\\x"',
    '"\\u12g4"',
    '"',
    "1 2",
    "[,1]",
    "'x'",
  ])("refuses %j", (text) => expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: "INVALID_JSON" })));

  it("agrees with JSON.parse on what is JSON and what it means", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.json().chain((t) => fc.nat(t.length).map((i) => t.slice(0, i) + t.slice(i + 1))),
        ),
        (text) => {
          let expected: unknown;
          try {
            expected = JSON.parse(text);
          } catch {
            expect(() => parseJson(text)).toThrow();
            return;
          }
          // a number past the doubles is read as a string, and lone surrogates as U+FFFD: not what JSON.parse does
          fc.pre(
            !/[eE]\+?\d{3}/.test(text) && !/\p{Surrogate}/u.test(JSON.stringify(expected)) && !/\\u[dD]/.test(text),
          );
          expect(plain(parseJson(text))).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("lets the last of duplicate keys win and knows escaped keys", () => {
    expect(plain(parseJson('{"a":1,"b":2,"\\u0061":3}'))).toEqual({ a: 3, b: 2 });
  });

  it("reads a lone surrogate as U+FFFD and keeps pairs", () => {
    expect(plain(parseJson('"x\\ud800y"'))).toBe("x\ufffdy");
    expect(plain(parseJson('"\\ud83d\\ude00"'))).toBe("😀");
  });

  it("stops at 500 levels without exhausting the stack", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(parseJson(nested(MAX_DEPTH)).tag).toBe("array");
    expect(() => parseJson(nested(MAX_DEPTH + 1))).toThrow(expect.objectContaining({ code: "TOO_DEEP" }));
    expect(() => parseJson("[".repeat(100_000))).toThrow(expect.objectContaining({ code: "TOO_DEEP" }));
  });
});

describe("records", () => {
  it("reads lines, skips blank and malformed ones, knows CRLF and a missing last newline", () => {
    expect(records('{"a":1}\r\n\n{"a":\n  {"a":3}')).toEqual([{ a: 1 }, { a: 3 }]);
    expect(records("")).toEqual([]);
    expect(records('nonsense\n{"a":1}')).toEqual([{ a: 1 }]);
  });

  it("reads arrays, pretty-printed and concatenated records", () => {
    expect(records('[{"a":1},\n{"a":2}]')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(records('{\n "a": 1\n}\n{\n "a": 2\n}')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(records('{"a":1}{"a":2}')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(records("[]")).toEqual([]);
  });
});
