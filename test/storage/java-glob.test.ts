import fc from "fast-check";
import { compileGlob, globMatches } from "../../src/storage/java-glob.js";

/** [pattern, key, matches]: by hand from the text of java.nio.file.FileSystem.getPathMatcher and Glue's guide. */
const CASES: readonly (readonly [string, string, boolean])[] = [
  ["*.csv", "a.csv", true],
  ["*.csv", "d/a.csv", false],
  ["**.csv", "d/a.csv", true],
  ["**.csv", "a.csv", true],
  ["*.*", "a.csv", true],
  ["*.*", "csv", false],
  ["*.{csv,avro}", "x.avro", true],
  ["*.{csv,avro}", "x.json", false],
  ["foo.?", "foo.a", true],
  ["foo.?", "foo.", false],
  ["t?p", "t/p", false],
  ["foo.?", "foo.😀", true],
  ["myfolder/*", "myfolder/mytest", true],
  ["myfolder/*", "myfolder/a/b", false],
  ["myfolder/*/*", "myfolder/a/b", true],
  ["myfolder/**", "myfolder/a/b", true],
  ["myfolder/**", "myfolder", false],
  ["myfolder**", "myfolder", true],
  ["myfolder**", "myfolder/a", true],
  ["Market*", "Market", true],
  ["**/x", "x", false],
  ["**/x", "a/b/x", true],
  ["a/**/b", "a/b", false],
  ["a/**/b", "a/c/d/b", true],
  [".*", ".hidden", true],
  ["*", ".hidden", true],
  ["?x", ".x", true],
  ["[abc]", "b", true],
  ["[abc]", "d", false],
  ["[a-z]", "m", true],
  ["[a-z]", "M", false],
  ["[abce-g]", "f", true],
  ["[abce-g]", "d", false],
  ["[!a-c]", "d", true],
  ["[!a-c]", "b", false],
  ["[!a]", "/", false],
  ["[!x]y", "/y", false],
  ["[-x]", "-", true],
  ["[!-x]", "-", false],
  ["[x-]", "-", true],
  ["[*]", "*", true],
  ["[*]", "a", false],
  ["[?]", "?", true],
  ["[\\]", "\\", true],
  ["[^a]", "^", true],
  ["[^a]", "a", true],
  ["[^a]", "b", false],
  ["[[]", "[", true],
  ["[&&]", "&", true],
  ["[{,}]", ",", true],
  ["\\*", "*", true],
  ["\\*", "a", false],
  ["\\{a,b\\}", "{a,b}", true],
  ["\\\\", "\\", true],
  ["a\\b", "ab", true],
  ["{a,b}", "a", true],
  ["{a,b}", "{a,b}", false],
  ["x{,y}", "x", true],
  ["x{,y}", "xy", true],
  ["{a*,b/**}", "b/c/d", true],
  ["{a*,b/**}", "a/c", false],
  ["{temp*,t[a-c]?}", "tbx", true],
  ["a}", "a}", true],
  ["a,b", "a,b", true],
  ["]", "]", true],
  ["a]b", "a]b", true],
  ["a.b", "axb", false],
  ["a+b(c)^$|", "a+b(c)^$|", true],
  ["", "", true],
  ["", "a", false],
  ["**", "a\nb/c", true],
  ["A", "a", false],
  ["employees/*.csv", "employees/john.csv", true],
  ["departments/market*", "departments/market-us.json", true],
];

test.each(CASES)("%j on %j is %p", (pattern, key, expected) => expect(globMatches(pattern, key)).toBe(expected));

test.each(["[a", "[", "{a", "{a,{b}}", "a\\", "[a/b]", "[z-a]", "[]", "[!]", "[a-c-e]"])(
  "%j is refused with its code",
  (pattern) => {
    expect(() => compileGlob(pattern)).toThrow(
      expect.objectContaining({ code: "BAD_GLOB", name: "InvalidInputException" }),
    );
  },
);

test("no pattern is slow", () => {
  const hostile = compileGlob(`${"**a*".repeat(40)}b`);
  const started = performance.now();
  expect(hostile("a".repeat(20_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("agrees with a backtracking matcher written another way", () => {
  const piece = fc.constantFrom("*", "**", "?", "a", "b", "/", "[ab]", "[!a]", "{a,b/}", "{*,a}", ".", "\\a");
  const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "."), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), key, (pieces, text) => {
      expect(globMatches(pieces.join(""), text)).toBe(oracle(pieces, text));
    }),
    { numRuns: 2000 },
  );
});

/** Pieces one by one. `*` next to `*` would read as `**` in the joined pattern, so join those first. */
function oracle(pieces: readonly string[], text: string): boolean {
  const joined: string[] = [];
  for (const piece of pieces) {
    if (/^\*+$/.test(piece) && /^\*+$/.test(joined[joined.length - 1] ?? "")) joined[joined.length - 1] += piece;
    else joined.push(piece);
  }
  const ends = (list: readonly string[], rest: string): boolean => {
    const [first, ...others] = list;
    if (first === undefined) return rest === "";
    const take = (n: number): boolean => n <= rest.length && ends(others, rest.slice(n));
    const lengths = [...Array(rest.length + 1).keys()];
    if (first === "*") return lengths.some((n) => !rest.slice(0, n).includes("/") && take(n));
    if (/^\*\*+$/.test(first)) return lengths.some(take); // *** is ** then *
    if (first === "?") return rest !== "" && rest[0] !== "/" && take(1);
    if (first === "[ab]") return /^[ab]/.test(rest) && take(1);
    if (first === "[!a]") return /^[^a/]/.test(rest) && take(1);
    if (first === "{a,b/}") return ends(["a", ...others], rest) || ends(["b", "/", ...others], rest);
    if (first === "{*,a}")
      return lengths.some((n) => !rest.slice(0, n).includes("/") && take(n)) || ends(["a", ...others], rest);
    if (first === "\\a") return rest.startsWith("a") && take(1);
    return rest.startsWith(first) && take(1);
  };
  return ends(joined, text);
}
