/**
 * Exclude patterns with the meaning of Java's `FileSystem.getPathMatcher("glob:…")`, which Glue's crawlers use:
 * `*` within a level, `**` across levels, `?` one character but `/`, `[abc] [a-z] [!x]`, `{a,b}` without nesting, `\`
 * escapes; leading dots are ordinary; inside brackets `*`, `?` and `\` are literal, and so is `-` when it comes first.
 * Matching walks a set of states, so its time is linear in the key for any pattern: no pattern can hang the crawl.
 */
import { DynaframeError } from "../types/error.js";

type Test = (char: string) => boolean;
type Token =
  | { readonly kind: "one"; readonly test: Test }
  | { readonly kind: "many"; readonly test: Test }
  | { readonly kind: "group"; readonly options: readonly (readonly Token[])[] };

const inLevel: Test = (char) => char !== "/";
const anything: Test = () => true;

/**
 * Compiles once for many keys. A malformed pattern is BAD_GLOB (InvalidInputException) with the place of the mistake.
 */
export function compileGlob(pattern: string): (key: string) => boolean {
  const parser = { chars: [...pattern], at: 0, pattern };
  const tokens = parseSequence(parser, false);
  const states: State[] = [];
  const accept = add(states, { kind: "accept" });
  const start = compile(states, tokens, accept);
  return (key) => run(states, start, accept, key);
}

/** Whether the whole key, relative to the include path, is matched by the pattern. @throws BAD_GLOB with the offset */
export const globMatches = (pattern: string, key: string): boolean => compileGlob(pattern)(key);

// ---- parsing

type Parser = { readonly chars: readonly string[]; at: number; readonly pattern: string };

const bad = (parser: Parser, what: string): DynaframeError =>
  new DynaframeError("BAD_GLOB", `exclude pattern ${JSON.stringify(parser.pattern)}: ${what}`, {
    name: "InvalidInputException",
    offset: parser.at,
    found: parser.pattern,
    hint: "Patterns follow Java's glob: * ** ? [abc] [!a-z] {a,b} and \\ to escape.",
  });

function parseSequence(parser: Parser, inGroup: boolean): Token[] {
  const tokens: Token[] = [];
  while (parser.at < parser.chars.length) {
    const char = parser.chars[parser.at];
    if (inGroup && (char === "," || char === "}")) return tokens;
    tokens.push(parseToken(parser, inGroup));
  }
  if (inGroup) throw bad(parser, "a { has no }");
  return tokens;
}

function parseToken(parser: Parser, inGroup: boolean): Token {
  const char = parser.chars[parser.at++] ?? "";
  switch (char) {
    case "\\":
      return literal(parser.chars[parser.at++] ?? fail(parser, "nothing follows the last \\"));
    case "?":
      return { kind: "one", test: inLevel };
    case "*":
      if (parser.chars[parser.at] !== "*") return { kind: "many", test: inLevel };
      parser.at++;
      return { kind: "many", test: anything };
    case "[":
      return { kind: "one", test: parseClass(parser) };
    case "{":
      return inGroup ? fail(parser, "groups { } cannot be nested") : parseGroup(parser);
    default:
      return literal(char);
  }
}

const literal = (wanted: string): Token => ({ kind: "one", test: (char) => char === wanted });

function fail(parser: Parser, what: string): never {
  throw bad(parser, what);
}

function parseGroup(parser: Parser): Token {
  const options: Token[][] = [];
  for (;;) {
    options.push(parseSequence(parser, true));
    if (parser.chars[parser.at++] === "}") return { kind: "group", options };
  }
}

function parseClass(parser: Parser): Test {
  const negated = parser.chars[parser.at] === "!";
  if (negated) parser.at++;
  const ranges: [string, string][] = [];
  let mayStartRange = false;
  if (parser.chars[parser.at] === "-") {
    parser.at++;
    ranges.push(["-", "-"]);
  }
  for (;;) {
    const char = parser.chars[parser.at++] ?? fail(parser, "a [ has no ]");
    if (char === "]") break;
    if (char === "/") fail(parser, "/ cannot stand inside [ ]");
    const next = parser.chars[parser.at];
    if (char !== "-") {
      ranges.push([char, char]);
      mayStartRange = true;
    } else if (!mayStartRange) fail(parser, "a range in [ ] has no start");
    else if (next === "]" || next === undefined) ranges.push(["-", "-"]);
    else {
      endRange(parser, ranges, next);
      mayStartRange = false;
    }
  }
  if (ranges.length === 0) fail(parser, "[ ] is empty");
  return (char) => char !== "/" && ranges.some(([from, to]) => within(char, from, to)) !== negated;
}

function endRange(parser: Parser, ranges: [string, string][], to: string): void {
  const range = ranges[ranges.length - 1];
  if (range === undefined || codeOf(to) < codeOf(range[0])) fail(parser, "a range in [ ] ends before it starts");
  range[1] = to;
  parser.at++;
}

const codeOf = (char: string): number => char.codePointAt(0) ?? 0;
const within = (char: string, from: string, to: string): boolean =>
  codeOf(char) >= codeOf(from) && codeOf(char) <= codeOf(to);

// ---- matching

type State =
  | { readonly kind: "accept" }
  | { readonly kind: "step"; readonly test: Test; readonly next: number }
  | { readonly kind: "loop"; readonly test: Test; readonly next: number }
  | { readonly kind: "split"; readonly nexts: readonly number[] };

const add = (states: State[], state: State): number => states.push(state) - 1;

function compile(states: State[], tokens: readonly Token[], next: number): number {
  return tokens.reduceRight((after, token) => {
    switch (token.kind) {
      case "one":
        return add(states, { kind: "step", test: token.test, next: after });
      case "many":
        return add(states, { kind: "loop", test: token.test, next: after });
      case "group":
        return add(states, { kind: "split", nexts: token.options.map((option) => compile(states, option, after)) });
    }
  }, next);
}

function run(states: readonly State[], start: number, accept: number, key: string): boolean {
  let current = closure(states, [start]);
  for (const char of key) {
    const reached: number[] = [];
    for (const id of current) {
      const state = states[id];
      if (state?.kind === "step" && state.test(char)) reached.push(state.next);
      if (state?.kind === "loop" && state.test(char)) reached.push(id);
    }
    if (reached.length === 0) return false;
    current = closure(states, reached);
  }
  return current.has(accept);
}

/** The states reachable without a character. */
function closure(states: readonly State[], from: readonly number[]): Set<number> {
  const seen = new Set(from);
  for (const id of seen) {
    const state = states[id];
    if (state?.kind === "loop") seen.add(state.next);
    if (state?.kind === "split") for (const next of state.nexts) seen.add(next);
  }
  return seen;
}
