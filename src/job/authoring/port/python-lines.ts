/** Python source as logical lines and tokens: as much of the language as ETL scripts use. */

export type PythonLine = {
  /** Counted from 1. */ readonly number: number;
  readonly indent: number;
  readonly text: string;
  readonly comment: string | undefined;
};
export type Token = {
  readonly kind: "name" | "number" | "string" | "operator";
  readonly text: string;
  /** Of a string: its prefix (f, r, b) and its content as written. */
  readonly prefix?: string;
  readonly content?: string;
  /** Where it ends in the text. */
  readonly end: number;
};

export class Untranslatable extends Error {}

/** One entry for each statement: lines in brackets, after a backslash and in triple quotes are one. */
export function pythonLines(source: string): readonly PythonLine[] {
  const lines: PythonLine[] = [];
  let start = 1;
  let number = 1;
  let depth = 0;
  let text = "";
  let comment: string | undefined;
  const finish = (): void => {
    if (text.trim() !== "" || comment !== undefined)
      lines.push({
        number: start,
        indent: /^[ \t]*/.exec(text)?.[0].replaceAll("\t", "    ").length ?? 0,
        text: text.trim(),
        comment,
      });
    text = "";
    comment = undefined;
    start = number;
  };
  for (let at = 0; at < source.length;) {
    const quoted = /^(?:[rbfuRBFU]{0,2})("""|'''|"|')/.exec(source.slice(at, at + 5));
    const before = source[at - 1] ?? "";
    if (quoted && (quoted[0] === quoted[1] || !/\w/.test(before))) {
      const end = stringEnd(source, at + quoted[0].length, quoted[1] ?? "");
      const literal = source.slice(at, end);
      number += literal.split("\n").length - 1;
      text += literal;
      at = end;
      continue;
    }
    const c = source[at] ?? "";
    at += 1;
    if (c === "#") {
      const end = source.indexOf("\n", at);
      const note = source.slice(at, end < 0 ? source.length : end).trim();
      if (depth === 0) comment = note;
      at = end < 0 ? source.length : end;
    } else if (c === "\\" && source[at] === "\n") {
      at += 1;
      number += 1;
      text += " ";
    } else if (c === "\n") {
      number += 1;
      if (depth > 0) text += " ";
      else finish();
    } else {
      if ("([{".includes(c)) depth += 1;
      if (")]}".includes(c)) depth = Math.max(0, depth - 1);
      text += c;
    }
  }
  number += 1;
  finish();
  return lines;
}

function stringEnd(source: string, from: number, quote: string): number {
  for (let at = from; at < source.length; at++) {
    if (source[at] === "\\") at += 1;
    else if (source.startsWith(quote, at)) return at + quote.length;
    else if (quote.length === 1 && source[at] === "\n") return at;
  }
  return source.length;
}

const TOKEN =
  /\s*(?:([rbfuRBFU]{0,2})("""[\s\S]*?"""|'''[\s\S]*?'''|"(?!"")(?:[^"\\\n]|\\[\s\S])*"|'(?!'')(?:[^'\\\n]|\\[\s\S])*')|((?:\d[\d_]*)(?:\.\d*)?(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*=?|\/\/=?|==|!=|<=|>=|->|:=|[+\-*/%]=|[-+*/%<>=()[\]{},.:@&|^~]))/y;

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const last = text.trimEnd().length;
  for (let at = 0; at < last; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) throw new Untranslatable(`cannot read ${text.slice(at, at + 20).trim()}`);
    const [, prefix, string, number, name, operator = ""] = found;
    const end = TOKEN.lastIndex;
    if (string !== undefined) {
      const width = /^("""|''')/.test(string) ? 3 : 1;
      tokens.push({
        kind: "string",
        text: string,
        prefix: (prefix ?? "").toLowerCase(),
        content: string.slice(width, -width),
        end,
      });
    } else if (number !== undefined) tokens.push({ kind: "number", text: number, end });
    else if (name !== undefined) tokens.push({ kind: "name", text: name, end });
    else tokens.push({ kind: "operator", text: operator, end });
  }
  return tokens;
}

/**
 * The arguments between a call's parentheses, each as its tokens; commas in brackets and of a lambda's parameters part
 * nothing.
 */
export function splitArguments(text: string): readonly (readonly Token[])[] {
  const parts: Token[][] = [];
  let part: Token[] = [];
  let depth = 0;
  let inLambda = false;
  for (const token of tokensOf(text)) {
    if (token.kind === "operator") {
      if ("([{".includes(token.text)) depth += 1;
      if (")]}".includes(token.text)) depth -= 1;
      if (depth < 0) throw new Untranslatable(`${token.text} that closes nothing`);
    }
    if (depth === 0 && token.kind === "name" && token.text === "lambda") inLambda = true;
    if (depth === 0 && token.kind === "operator" && token.text === ":") inLambda = false;
    if (depth === 0 && !inLambda && token.kind === "operator" && token.text === ",") {
      parts.push(part);
      part = [];
    } else part.push(token);
  }
  if (depth > 0 || inLambda)
    throw new Untranslatable(inLambda ? "a lambda without its colon" : "a bracket that is not closed");
  return part.length === 0 ? parts : [...parts, part];
}

/** The text that tokens were read from, without the space around it. */
export const sourceOf = (text: string, tokens: readonly Token[]): string => {
  const [first] = tokens;
  return first === undefined
    ? ""
    : text.slice(first.end - first.text.length - (first.prefix?.length ?? 0), tokens.at(-1)?.end);
};
