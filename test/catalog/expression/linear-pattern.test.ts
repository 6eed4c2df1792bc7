import fc from "fast-check";
import { linearPattern, type PatternOptions } from "../../../src/catalog/expression/linear-pattern.js";

const compile = (source: string, options?: PatternOptions): ((text: string) => boolean) => {
  const pattern = linearPattern(source, options);
  if (typeof pattern !== "function") throw new Error(pattern.problem);
  return pattern;
};

// patterns of the supported grammar, so that JavaScript's own engine is an oracle
const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom(
      "a",
      "b",
      "c",
      ".",
      "\\d",
      "\\w",
      "\\S",
      "[ab]",
      "[^a]",
      "[a-c]",
      "\\.",
      "[-b]",
      "[]a]".replace("]a", "\\]a"),
    ),
    fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => a + b),
    fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"))
      .map(([a, q]) => `(?:${a})${q}`),
    fc.tuple(fc.constantFrom("^", ""), tie("pattern"), fc.constantFrom("$", "")).map(([a, p, b]) => a + p + b),
  ),
}));
const text = fc.stringMatching(/^[abc.1]{0,8}$/);

it("matches what JavaScript's engine matches", () => {
  fc.assert(
    fc.property(pattern, text, fc.boolean(), fc.boolean(), (source, subject, whole, ignoreCase) => {
      const expected = new RegExp(whole ? `^(?:${source})$` : source, ignoreCase ? "iu" : "u").test(subject);
      expect(compile(source, { whole, ignoreCase })(subject)).toBe(expected);
    }),
    { numRuns: 3000 },
  );
});

it("a bare star is any run, a star after a class, a dot or a group repeats", () => {
  const whole = { bareStar: true, whole: true };
  expect(compile("ord*", whole)("orders")).toBe(true);
  expect(compile("*ers", whole)("orders")).toBe(true);
  expect(compile("a.*z", whole)("abcz")).toBe(true);
  expect(compile("[ab]*", whole)("abc")).toBe(false);
  expect(compile("(ab)*", whole)("abab")).toBe(true);
  expect(compile("a|b*", whole)("bcd")).toBe(true);
});

it.each([
  "(a",
  "a)",
  "[a",
  "a**b(",
  "\\",
  "\\1",
  "(?=a)",
  "(?<n>a)",
  "*a",
  "a{2,1}",
  "a{9999}",
  "[b-a]",
  "\\bword",
  "a++",
  "[[a]]",
  "((a{1000}){1000})",
])("says why %s cannot be used", (source) => {
  expect(linearPattern(source)).toEqual({ problem: expect.stringMatching(/./) as string });
});

it("is linear where backtracking is exponential", () => {
  const hostile = `${"a".repeat(2000)}!`;
  for (const source of ["^(a+)+$", "^((a|a)*)*$", "^(a|aa)+$", "^(.*)*$|x{1000}"]) {
    expect(typeof compile(source)(hostile)).toBe("boolean");
  }
  expect(compile("^(a+)+$")(hostile)).toBe(false);
});
