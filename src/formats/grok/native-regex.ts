/**
 * An RE2 expression as a RegExp of JavaScript, where both find the same: the same match, and the same text in each
 * capture. Undefined where that is not certain. Two rules differ: in JavaScript a repeated group forgets its captures
 * each time round, and a round that matches nothing does not count; so what repeats must neither hold a capture (but
 * once, by `?`) nor match nothing.
 */
export function nativeRegex(source: string): RegExp | undefined {
  const scanner: Scanner = { source, at: 0 };
  try {
    const { text } = alternatives(scanner, 0);
    // `s`: RE2's dot is any character but a line feed, and no line has one
    return scanner.at === source.length ? new RegExp(text, "su") : undefined;
  } catch (error) {
    if (error instanceof Unsure || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type Scanner = { readonly source: string; at: number };
/** `empty`: may match nothing. `captures`: holds a capture. */
type Part = { readonly text: string; readonly empty: boolean; readonly captures: boolean };

class Unsure extends Error {}

const MAX_DEPTH = 500;
/** White space of RE2, which has less of it than JavaScript. */
const SPACE = "\\t\\n\\f\\r ";

function alternatives(scanner: Scanner, depth: number): Part {
  if (depth > MAX_DEPTH) throw new Unsure();
  const parts = [sequence(scanner, depth)];
  while (scanner.source[scanner.at] === "|") {
    scanner.at++;
    parts.push(sequence(scanner, depth));
  }
  return {
    text: parts.map((p) => p.text).join("|"),
    empty: parts.some((p) => p.empty),
    captures: parts.some((p) => p.captures),
  };
}

function sequence(scanner: Scanner, depth: number): Part {
  const parts: Part[] = [];
  for (let c = scanner.source[scanner.at]; c !== undefined && c !== "|" && c !== ")"; c = scanner.source[scanner.at])
    parts.push(repeated(scanner, atom(scanner, depth)));
  return {
    text: parts.map((p) => p.text).join(""),
    empty: parts.every((p) => p.empty),
    captures: parts.some((p) => p.captures),
  };
}

function repeated(scanner: Scanner, part: Part): Part {
  const [quantifier] = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(scanner.source.slice(scanner.at, scanner.at + 20)) ?? [];
  if (quantifier === undefined) return part;
  scanner.at += quantifier.length;
  const once = quantifier.startsWith("?");
  if (part.empty || (part.captures && !once) || /^[*+?{]/.test(scanner.source.slice(scanner.at))) throw new Unsure();
  return {
    text: part.text + quantifier,
    empty: once || quantifier.startsWith("*") || /^\{0+(?:,|\})/.test(quantifier),
    captures: part.captures,
  };
}

function atom(scanner: Scanner, depth: number): Part {
  const { source, at } = scanner;
  const c = source[at] ?? "";
  switch (c) {
    case "(":
      return group(scanner, depth);
    case "[":
      return one(characterClass(scanner));
    case "\\":
      return escape(scanner);
    case "^":
    case "$":
      scanner.at++;
      return { text: c, empty: true, captures: false };
    case ".":
      scanner.at++;
      return one(".");
    case "*":
    case "+":
    case "?":
      throw new Unsure();
    case "{":
    case "}":
    case "]":
      scanner.at++;
      return one(`\\${c}`);
    default: {
      const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
      scanner.at += character.length;
      return one(character);
    }
  }
}

const one = (text: string): Part => ({ text, empty: false, captures: false });

function group(scanner: Scanner, depth: number): Part {
  const [open] = /^\((?:\?:|\?P<\w+>|(?!\?))/.exec(scanner.source.slice(scanner.at, scanner.at + 100)) ?? [];
  if (open === undefined) throw new Unsure(); // flags, look-around
  scanner.at += open.length;
  const inner = alternatives(scanner, depth + 1);
  if (scanner.source[scanner.at] !== ")") throw new Unsure();
  scanner.at++;
  const captures = open !== "(?:";
  return { text: `${captures ? "(" : "(?:"}${inner.text})`, empty: inner.empty, captures: captures || inner.captures };
}

function escape(scanner: Scanner): Part {
  const next = scanner.source[scanner.at + 1] ?? "";
  scanner.at += 2;
  if (next === "b" || next === "B") return { text: `\\${next}`, empty: true, captures: false };
  if (next === "A" || next === "z") return { text: next === "A" ? "^" : "$", empty: true, captures: false };
  if (next === "s") return one(`[${SPACE}]`);
  if (next === "S") return one(`[^${SPACE}]`);
  return one(simpleEscape(next));
}

/** Escapes that mean one thing inside and outside of classes. */
function simpleEscape(next: string): string {
  if (/[dDwWtnrf]/.test(next)) return `\\${next}`;
  if (/[\^$\\.*+?()[\]{}|/-]/.test(next)) return next === "-" ? "\\x2d" : `\\${next}`;
  if (/[!-/:-@[-`{-~]/.test(next)) return next;
  throw new Unsure();
}

function characterClass(scanner: Scanner): string {
  const { source } = scanner;
  let at = scanner.at + 1;
  let text = "[";
  if (source[at] === "^") {
    text += "^";
    at++;
  }
  for (let first = true; ; first = false) {
    const c = source[at];
    if (c === undefined || c === "[" || (c === "&" && source[at + 1] === "&")) throw new Unsure();
    if (c === "]" && !first) break;
    if (c === "\\") {
      const next = source[at + 1] ?? "";
      if (next === "S") throw new Unsure();
      text += next === "s" ? SPACE : simpleEscape(next);
      at += 2;
    } else {
      const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
      text += c === "]" ? "\\]" : character;
      at += character.length;
    }
  }
  scanner.at = at + 1;
  return `${text}]`;
}
