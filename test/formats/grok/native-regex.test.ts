/** JavaScript's engine stands in for RE2 only where both find the same, and never for longer than it may. */
import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { grokExpression } from "../../../src/formats/grok/grok-expression.js";
import { GROK_PATTERNS } from "../../../src/formats/grok/grok-patterns.js";
import { lineMatcher, type LineMatch } from "../../../src/formats/grok/line-matcher.js";
import { nativeRegex } from "../../../src/formats/grok/native-regex.js";

type Found = readonly (readonly [text: string | null, start: number])[] | undefined;
const shown = (match: LineMatch | undefined, groups: number): Found =>
  match
  && Array.from(
    { length: groups + 1 },
    (_, i) => [match.text(i), match.text(i) === null ? -1 : match.start(i)] as const,
  );

function byRe2(source: string, line: string): { readonly found: Found; readonly groups: number } {
  const matcher = RE2JS.compile(source, RE2JS.LOOKBEHINDS).matcher(line);
  const groups = matcher.groupCount();
  const match = matcher.find()
    ? { text: (i: number) => matcher.group(i), start: (i: number) => matcher.start(i) }
    : undefined;
  return { groups, found: shown(match, groups) };
}
function byNative(source: string, line: string, groups: number): Found {
  const found = nativeRegex(source);
  const match = found && new RegExp(found.source, `${found.flags}d`).exec(line);
  return match
    ? shown({ text: (i) => match[i] ?? null, start: (i) => match.indices?.[i]?.[0] ?? -1 }, groups)
    : undefined;
}

const piece = fc.constantFrom(
  "a",
  "b",
  "ab",
  "1",
  " ",
  "-",
  ".",
  "[",
  "]",
  "\\d",
  "\\w",
  "\\s",
  "\\S",
  "\\b",
  "\\W",
  "\\.",
  "\\[",
  "\\-",
  "\\/",
  "[ab]",
  "[^a]",
  "[a-c1]",
  "[]a]",
  "[^]a]",
  "[\\w.-]",
  "[\\s,]",
  "^",
  "$",
  "\\z",
  "ö",
  "🦆",
  "}",
  '"',
);
const quantifier = fc.constantFrom("", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?");
const { expression } = fc.letrec<{ expression: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: piece },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom("(", "(?:", "(?P<x>"), tie("expression"))
        .map(([open, inner]) => `${open}${inner})`),
    },
  ),
  expression: fc
    .tuple(
      fc.array(
        fc.tuple(tie("atom"), quantifier).map(([atom, q]) => atom + q),
        { minLength: 1, maxLength: 4 },
      ),
      fc.option(tie("atom")),
    )
    .map(([parts, other]) => parts.join("") + (other === null ? "" : `|${other}`)),
}));
const line = fc
  .array(
    fc.constantFrom(
      "a",
      "b",
      "c",
      "1",
      " ",
      "-",
      ".",
      ",",
      "[",
      "]",
      "/",
      "}",
      '"',
      "ö",
      "🦆",
      "\u00a0",
      "\r",
      "\t",
      "\u2028",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));
const isTaken = (source: string): boolean => {
  try {
    RE2JS.compile(source, RE2JS.LOOKBEHINDS);
    return true;
  } catch {
    return false;
  }
};

test("random expressions that are taken find what RE2 finds, captures and places too", () => {
  let taken = 0;
  fc.assert(
    fc.property(
      expression.map((source) => {
        let n = 0;
        return source.replaceAll("(?P<x>", () => `(?P<x${n++}>`);
      }),
      fc.array(line, { minLength: 1, maxLength: 5 }),
      (source, lines) => {
        if (!isTaken(source) || nativeRegex(source) === undefined) return;
        taken++;
        for (const text of lines) {
          const { found, groups } = byRe2(source, text);
          expect([source, text, byNative(source, text, groups)]).toEqual([source, text, found]);
        }
      },
    ),
    { numRuns: 4000 },
  );
  expect(taken).toBeGreaterThan(1000);
});

test.each([
  "(a*)*",
  "(a|b)*",
  "(a*)?",
  "(?:|a)+",
  "(?i)a",
  "(?=a)",
  "a(?<=a)",
  "[[:alpha:]]",
  "\\pL",
  "\\Qa\\E",
  "\\x41",
  "[a&&b]",
  "(?:a?)*",
  "\\C",
])("%s is left to RE2", (source) => {
  expect(nativeRegex(source)).toBeUndefined();
});

test("most built-in patterns are taken, and read lines alike", () => {
  const sample = [
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
    "Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    "2024-02-29T12:34:56.789+01:00 WARN a.b.C [main] x=1 y=-2.5e3 ::1 fe80::1 0x1F",
    'C:\\x\\y "quo\\"ted" \'it\' a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    "",
    "ö ü\r 🦆",
  ];
  const names = Object.keys(GROK_PATTERNS);
  const taken = names.filter((name) => {
    const { source } = grokExpression(`%{${name}:field}`, "");
    if (nativeRegex(source) === undefined) return false;
    for (const text of sample) {
      const { found, groups } = byRe2(source, text);
      expect([name, text, byNative(source, text, groups)]).toEqual([name, text, found]);
    }
    return true;
  });
  expect(names.filter((name) => !taken.includes(name)).length).toBeLessThan(names.length / 4);
  for (const name of ["COMBINEDAPACHELOG", "COMMONAPACHELOG", "SYSLOGLINE", "TIMESTAMP_ISO8601"])
    expect([name, taken.includes(name)]).toEqual([name, true]);
});

test("a pattern that backtracks without end is stopped, and RE2 finds what there is; so it goes on", () => {
  const expression_ = grokExpression("%{EVIL:x}$", "EVIL (?:a+)+b?");
  expect(nativeRegex(expression_.source)).toBeDefined();
  const match = lineMatcher(expression_, 50);
  const hostile = `${"a".repeat(60)}c`;
  const started = process.cpuUsage();
  const found = match([hostile, `${"a".repeat(60)}b`]);
  expect(found.map((m) => m?.text(0)?.length)).toEqual([undefined, 61]);
  expect(match([hostile, "ab"]).map((m) => m?.text(0))).toEqual([undefined, "ab"]);
  // by itself the engine would take some thousand years
  expect(process.cpuUsage(started).user).toBeLessThan(60e6);
});
