/**
 * What a ledger must hold, worked out in another way: lines are judged by JSON.parse, good ones are read into trees of
 * tokens with their byte offsets, and the trees are counted by plain recursion over maps of paths.
 */
import { isUtf8 } from "node:buffer";
import type { FileLedger, LedgerNode } from "../../src/shapes/ledger.js";

type Token =
  | { kind: "leaf"; tag: string; start: number; hazards: string[] }
  | { kind: "array"; start: number; items: Token[] }
  | { kind: "object"; start: number; entries: Map<string, Token>; keyHazards: [string, string][] };

/** count, first record, first offset */
export type Counts = Map<string, [number, number, number]>;
export type Expected = {
  records: number;
  counts: Counts;
  lengths: Map<string, [number, number]>;
  malformed: [number, number, Set<string>][];
  hazards: Map<string, number>;
  /** record, offset, count of each distinct set of (path, type) */
  shapes: [number, number, number][];
};

const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const lonesIn = (text: string): number => text.match(LONE)?.length ?? 0;
const clean = (text: string): string => text.replace(LONE, "\ufffd");

function numberTag(text: string): { tag: string; hazards: string[] } {
  if (/[.eE]/.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return { tag: "string", hazards: ["NUMBER_OVERFLOW"] };
    const nonZero = /[1-9]/.test(text.split(/[eE]/)[0] ?? "");
    return { tag: "double", hazards: value === 0 && nonZero ? ["NUMBER_UNDERFLOW"] : [] };
  }
  const value = BigInt(text);
  if (BigInt.asIntN(32, value) === value) return { tag: "int", hazards: [] };
  if (BigInt.asIntN(64, value) === value) return { tag: "long", hazards: [] };
  return text.replace("-", "").length <= 38
    ? { tag: "bigint", hazards: [] }
    : { tag: "string", hazards: ["NUMBER_TOO_LONG"] };
}

/**
 * Reads valid JSON bytes (duplicate keys counted wherever they are, also inside values that a later key replaces); the
 * regular expressions work on Latin-1 text, so that indexes are bytes.
 */
function readTokens(bytes: Buffer, base: number): { root: Token; duplicates: number } {
  const text = bytes.toString("latin1");
  let at = 0;
  let duplicates = 0;
  const space = (): void => {
    at = /[^ \t\r\n]|$/.exec(text.slice(at))!.index + at;
  };
  const string = (): string => {
    const raw = /^"(?:[^"\\]|\\.)*"/s.exec(text.slice(at))![0];
    at += raw.length;
    return JSON.parse(Buffer.from(raw, "latin1").toString("utf8")) as string;
  };
  const read = (): Token => {
    space();
    const start = base + at;
    const c = text[at];
    if (c === '"') {
      const value = string();
      return { kind: "leaf", tag: "string", start, hazards: Array<string>(lonesIn(value)).fill("LONE_SURROGATE") };
    }
    if (c === "[") {
      const items: Token[] = [];
      at++;
      for (space(); text[at] !== "]"; space()) {
        if (text[at] === ",") at++;
        items.push(read());
      }
      at++;
      return { kind: "array", start, items };
    }
    if (c === "{") {
      const entries = new Map<string, Token>();
      const keyHazards: [string, string][] = [];
      at++;
      for (space(); text[at] !== "}"; space()) {
        if (text[at] === ",") {
          at++;
          space();
        }
        const spelled = string();
        const key = clean(spelled);
        space();
        at++;
        const value = read();
        if (entries.has(key)) duplicates++;
        else {
          for (let i = lonesIn(spelled); i > 0; i--) keyHazards.push([key, "LONE_SURROGATE"]);
          if (key === "") keyHazards.push([key, "EMPTY_KEY"]);
        }
        entries.set(key, value);
      }
      at++;
      return { kind: "object", start, entries, keyHazards };
    }
    const word = /^(true|false|null|-?[0-9.eE+-]+)/.exec(text.slice(at))![0];
    at += word.length;
    if (word === "null") return { kind: "leaf", tag: "null", start, hazards: [] };
    if (word === "true" || word === "false") return { kind: "leaf", tag: "boolean", start, hazards: [] };
    return { kind: "leaf", start, ...numberTag(word) };
  };
  return { root: read(), duplicates };
}

const foldAscii = (name: string): string => name.replace(/[A-Z]/g, (c) => c.toLowerCase());

export function expectLines(file: Buffer): Expected {
  const expected: Expected = {
    records: 0,
    counts: new Map(),
    lengths: new Map(),
    malformed: [],
    hazards: new Map(),
    shapes: [],
  };
  const shapes = new Map<string, [number, number, number]>();
  const hazard = (name: string, times = 1): void =>
    void expected.hazards.set(name, (expected.hazards.get(name) ?? 0) + times);
  for (let start = 0; start < file.length;) {
    const newline = file.indexOf(10, start);
    const end = newline < 0 ? file.length : newline;
    const line = file.subarray(start, end);
    const blanks = /^[ \t\r]*/.exec(line.toString("latin1"))![0].length;
    const trail = /[ \t\r]*$/.exec(line.toString("latin1"))![0].length;
    const from = start + blanks;
    start = end + 1;
    if (blanks === line.length) continue;
    const record = judge(line.subarray(blanks), from, newline < 0);
    if ("codes" in record) {
      expected.malformed.push([from, Math.max(from, end - trail), record.codes]);
      if (record.codes.has("NOT_AN_OBJECT")) hazard("NOT_AN_OBJECT");
      continue;
    }
    const shape = new Set<string>();
    const walk = (token: Token, path: string): void => {
      const tag = token.kind === "leaf" ? token.tag : token.kind === "array" ? "array" : "struct";
      const id = JSON.stringify([path, tag]);
      shape.add(id);
      const held = expected.counts.get(id);
      if (held) held[0]++;
      else expected.counts.set(id, [1, expected.records, token.start]);
      if (token.kind === "leaf") token.hazards.forEach((name) => hazard(name));
      if (token.kind === "array") {
        const [min, max] = expected.lengths.get(path) ?? [Infinity, 0];
        expected.lengths.set(path, [Math.min(min, token.items.length), Math.max(max, token.items.length)]);
        token.items.forEach((item) => walk(item, `${path}/[]`));
      }
      if (token.kind === "object") {
        token.keyHazards.forEach(([, name]) => hazard(name));
        const folded = new Map<string, number>();
        for (const key of token.entries.keys()) folded.set(foldAscii(key), (folded.get(foldAscii(key)) ?? 0) + 1);
        for (const n of folded.values()) if (n > 1) hazard("CASE_CLASH", n - 1);
        for (const [key, value] of token.entries) walk(value, `${path}/${JSON.stringify(key)}`);
      }
    };
    walk(record.root, "");
    if (record.duplicates) hazard("DUPLICATE_KEY", record.duplicates);
    const key = [...shape].sort().join("\n");
    const held = shapes.get(key);
    if (held) held[2]++;
    else shapes.set(key, [expected.records, from, 1]);
    expected.records++;
  }
  expected.shapes = [...shapes.values()].sort((a, b) => a[0] - b[0]);
  return expected;
}

function judge(
  line: Buffer,
  base: number,
  atEndOfFile: boolean,
): { root: Token; duplicates: number } | { codes: Set<string> } {
  const cut = atEndOfFile ? ["TRUNCATED"] : [];
  if (!isUtf8(line)) return { codes: new Set(["INVALID_UTF8", "INVALID_JSON", ...cut]) };
  const deep = rawDepth(line) > 500;
  try {
    JSON.parse(line.toString("utf8"));
  } catch {
    return { codes: new Set(["INVALID_JSON", ...(deep ? ["TOO_DEEP"] : []), ...cut]) };
  }
  if (deep) return { codes: new Set(["TOO_DEEP"]) };
  const read = readTokens(line, base);
  return read.root.kind === "object" ? read : { codes: new Set(["NOT_AN_OBJECT"]) };
}

function rawDepth(line: Buffer): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (quoted) {
      if (c === 92) i++;
      else if (c === 34) quoted = false;
    } else if (c === 34) quoted = true;
    else if (c === 123 || c === 91) deepest = Math.max(deepest, ++depth);
    else if (c === 125 || c === 93) depth--;
  }
  return deepest;
}

/** A ledger in the form of `Expected`. */
function foundIn(ledger: FileLedger): Expected {
  const counts: Counts = new Map();
  const lengths = new Map<string, [number, number]>();
  const walk = (node: LedgerNode, path: string): void => {
    for (const [tag, stats] of Object.entries(node.tags))
      counts.set(JSON.stringify([path, tag]), [stats.count, stats.first.record, stats.first.offset]);
    if (node.lengths) lengths.set(path, [node.lengths.min, node.lengths.max]);
    for (const { name, node: child } of node.fields) walk(child, `${path}/${JSON.stringify(name)}`);
    if (node.element) walk(node.element, `${path}/[]`);
  };
  walk(ledger.root, "");
  return {
    records: ledger.records,
    counts,
    lengths,
    malformed: ledger.malformedRecords.map(({ offset, end, code }) => [offset, end, new Set([code])]),
    hazards: new Map(Object.entries(ledger.hazards).map(([name, { count }]) => [name, count])),
    shapes: ledger.shapes
      .map(({ first, count }): [number, number, number] => [first.record, first.offset, count])
      .sort((a, b) => a[0] - b[0]),
  };
}

/** Throws through `expect` unless a ledger holds what the oracle says. */
export function expectLedger(ledger: FileLedger, expected: Expected): void {
  const found = foundIn(ledger);
  const sorted = (map: Map<string, unknown>): unknown[] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(found.malformed.map(([from, to]) => [from, to])).toEqual(expected.malformed.map(([from, to]) => [from, to]));
  found.malformed.forEach(([, , codes], i) => {
    for (const code of codes) expect([...(expected.malformed[i]?.[2] ?? [])]).toContain(code);
  });
  expect(found.records).toBe(expected.records);
  expect(sorted(found.counts)).toEqual(sorted(expected.counts));
  expect(sorted(found.lengths)).toEqual(sorted(expected.lengths));
  expect(sorted(found.hazards)).toEqual(sorted(expected.hazards));
  expect(found.shapes).toEqual(expected.shapes);
}
