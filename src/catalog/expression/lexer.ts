/** The tokens of both predicate grammars; what differs between them is in `LexerRules`. */

export type Token = {
  /**
   * `word`: bare identifier or keyword. `name`: quoted identifier. `text`: string literal, unescaped. `number`: as
   * written.
   */
  readonly kind: "word" | "name" | "text" | "number" | "symbol" | "end";
  readonly text: string;
  /** Position in the expression, in UTF-16 units from 0. */
  readonly at: number;
};

export type LexerRules = {
  /** Longest first. */
  readonly symbols: readonly string[];
  readonly textQuotes: string;
  readonly nameQuotes: string;
  /** Backslash escapes inside string literals (Spark); otherwise only doubled quotes. */
  readonly backslash: boolean;
  /** Matches a number at the position; sticky. */
  readonly number: RegExp;
  /** Matches a bare identifier at the position; sticky. */
  readonly word: RegExp;
};

/** The tokens with an `end` token last, or the position of the first character that begins none. */
export function tokenize(source: string, rules: LexerRules): readonly Token[] | { readonly badAt: number } {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const character = source.charAt(at);
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    const read = readToken(source, at, rules);
    if (read === undefined) return { badAt: at };
    tokens.push(read.token);
    at = read.end;
  }
  tokens.push({ kind: "end", text: "", at });
  return tokens;
}

type Read = { readonly token: Token; readonly end: number };

function readToken(source: string, at: number, rules: LexerRules): Read | undefined {
  const character = source.charAt(at);
  if (rules.textQuotes.includes(character)) return readQuoted(source, at, "text", rules.backslash);
  if (rules.nameQuotes.includes(character)) return readQuoted(source, at, "name", false);
  const number = matchAt(rules.number, source, at);
  if (number !== undefined) return { token: { kind: "number", text: number, at }, end: at + number.length };
  const word = matchAt(rules.word, source, at);
  if (word !== undefined) return { token: { kind: "word", text: word, at }, end: at + word.length };
  const symbol = rules.symbols.find((s) => source.startsWith(s, at));
  return symbol === undefined ? undefined : { token: { kind: "symbol", text: symbol, at }, end: at + symbol.length };
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  const sticky = new RegExp(pattern.source, "uy");
  sticky.lastIndex = at;
  const found = sticky.exec(source)?.[0];
  return found === undefined || found === "" ? undefined : found;
}

function readQuoted(source: string, start: number, kind: "text" | "name", backslash: boolean): Read | undefined {
  const quote = source.charAt(start);
  let text = "";
  let at = start + 1;
  while (at < source.length) {
    const character = source.charAt(at);
    if (character === quote) {
      if (source.charAt(at + 1) !== quote) return { token: { kind, text, at: start }, end: at + 1 };
      text += quote;
      at += 2;
    } else if (backslash && character === "\\" && at + 1 < source.length) {
      text += unescape(source.charAt(at + 1));
      at += 2;
    } else {
      text += character;
      at += 1;
    }
  }
  return undefined;
}

// Spark keeps the backslash before % and _, so that LIKE can tell them from wildcards
function unescape(character: string): string {
  switch (character) {
    case "n":
      return "\n";
    case "t":
      return "\t";
    case "r":
      return "\r";
    case "b":
      return "\b";
    case "0":
      return "\0";
    case "%":
    case "_":
      return `\\${character}`;
    default:
      return character;
  }
}
