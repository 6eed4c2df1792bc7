import * as fc from "fast-check";
import { parseJson, type JsonNode } from "../../src/engine/reference/read-json.js";
import { parseJsonText, type JsonText } from "../../src/formats/json-text.js";

const shape = (node: JsonText): unknown => {
  if (node.kind === "atom") return [node.type.kind, node.value instanceof Object ? String(node.value) : node.value];
  return node.kind === "array" ? node.elements.map(shape) : { fields: [...node.fields].map(([k, v]) => [k, shape(v)]) };
};
/** The same of the oracle's nodes. */
const oracle = (node: JsonNode): unknown => {
  switch (node.tag) {
    case "null":
      return ["null", null];
    case "array":
      return node.elements.map(oracle);
    case "struct":
      return { fields: [...node.fields].map(([k, v]) => [k, oracle(v)]) };
    case "bigint":
      return ["decimal", String(node.value)];
    default:
      return [node.tag, node.value];
  }
};
const attempt = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const agree = (text: string): void =>
  expect([text, attempt(() => shape(parseJsonText(text)))]).toEqual([text, attempt(() => oracle(parseJson(text)))]);

test.each([
  "1",
  "1.0",
  "-0",
  "2147483647",
  "2147483648",
  "-9223372036854775808",
  "9223372036854775808",
  "9".repeat(38),
  "9".repeat(39),
  "1e2",
  "1e400",
  "0.1000000000000000055",
  '"a\\u00e9\\n\\\\"',
  '"\\ud800"',
  '"\ud83e"',
  '{"a":1,"a":2.0}',
  '{"__proto__":1}',
  "[[],{}]",
  " [ 1 , null ] ",
  '"\\""',
  '"\\\\"',
  '""',
])("%s, as the files' reader has it", agree);
test.each([
  "",
  " ",
  "01",
  "1.",
  ".5",
  "+1",
  "NaN",
  "nul",
  "'a'",
  '"a',
  '"\n"',
  '"\\x"',
  '"\\u12"',
  "[1,]",
  "[,]",
  "{a:1}",
  '{"a"}',
  '{"a":1,}',
  "1 2",
  "[1",
  "]",
  '{"a":1',
  '"\\',
  '"\\"',
  "[".repeat(501) + "]".repeat(501),
])("%s is refused", (text) => {
  agree(text);
  expect(() => parseJsonText(text)).toThrow(
    expect.objectContaining({ code: text.startsWith("[[[") ? "TOO_DEEP" : "INVALID_JSON" }),
  );
});
test("any JSON, and any JSON with one character changed", () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom("", '"', "\\", ",", "}", "0", "\u0001"),
      (text, at, by) => {
        agree(text);
        agree(text.slice(0, at % text.length) + by + text.slice((at % text.length) + 1));
      },
    ),
    { numRuns: 500 },
  );
});
test("megabytes of one string, digits or backslashes take no quadratic time", () => {
  for (const text of [`"${"a".repeat(4e6)}"`, `"${"\\\\".repeat(2e6)}"`, "9".repeat(4e6)])
    expect(parseJsonText(text).kind).toBe("atom");
});
