/** A reading position in a type text; shared by the Hive and the DuckDB grammar. */
import { DynaframeError } from "./error.js";

/** Types nested deeper are refused, as records are. */
const MAX_DEPTH = 500;

export type TextCursor = {
  readonly text: string;
  /** Offset of the next character. */
  at: number;
  depth: number;
};

export const cursorOf = (text: string): TextCursor => ({ text, at: 0, depth: 0 });

/** Moves past blanks and says whether the text goes on with `token`. */
export function sees(cursor: TextCursor, token: string): boolean {
  while (/\s/.test(cursor.text[cursor.at] ?? "")) cursor.at++;
  return cursor.text.startsWith(token, cursor.at);
}

/** Takes `token` if it is next, blanks before it included. */
export function takes(cursor: TextCursor, token: string): boolean {
  if (!sees(cursor, token)) return false;
  cursor.at += token.length;
  return true;
}

export function expects(cursor: TextCursor, token: string): void {
  if (!takes(cursor, token)) throw badText(cursor, `expected ${JSON.stringify(token)}`);
}

/** The longest match of a sticky pattern at the next non-blank, taken; undefined if there is none. */
export function takesMatch(cursor: TextCursor, pattern: RegExp): string | undefined {
  sees(cursor, "");
  const sticky = new RegExp(pattern.source, "uy");
  sticky.lastIndex = cursor.at;
  const match = sticky.exec(cursor.text)?.[0];
  cursor.at += match?.length ?? 0;
  return match === "" ? undefined : match;
}

/** Takes these words if they are next, in any case, however many blanks stand between them. */
export function takesWords(cursor: TextCursor, ...words: readonly string[]): boolean {
  sees(cursor, "");
  const phrase = new RegExp(`${words.join("\\s+")}(?!\\w)`, "iy");
  phrase.lastIndex = cursor.at;
  const found = phrase.exec(cursor.text)?.[0];
  cursor.at += found?.length ?? 0;
  return found !== undefined;
}

/** A name between two `quote` characters, doubled inside for one; the cursor stands on the first. */
export function takeQuoted(cursor: TextCursor, quote: string): string {
  const start = cursor.at;
  let name = "";
  let at = start + 1;
  for (;;) {
    const close = cursor.text.indexOf(quote, at);
    if (close < 0) throw badText(cursor, `the ${quote} is never closed`);
    name += cursor.text.slice(at, close);
    cursor.at = close + 1;
    if (cursor.text[close + 1] !== quote) return name;
    name += quote;
    at = close + 2;
  }
}

/** `(10)`, `(10, 2)`: the numbers in parentheses; none when there are no parentheses. */
export function takeNumbers(cursor: TextCursor): number[] {
  const numbers: number[] = [];
  if (!takes(cursor, "(")) return numbers;
  do {
    const digits = takesMatch(cursor, /\d{1,9}/);
    if (digits === undefined) throw badText(cursor, "expected a number");
    numbers.push(Number(digits));
  } while (takes(cursor, ","));
  expects(cursor, ")");
  return numbers;
}

/** Runs `body` one level deeper. */
export function nested<T>(cursor: TextCursor, body: () => T): T {
  if (++cursor.depth > MAX_DEPTH)
    throw new DynaframeError("TOO_DEEP", `the type text is nested deeper than ${MAX_DEPTH} levels`, {
      offset: cursor.at,
    });
  const result = body();
  cursor.depth--;
  return result;
}

export function badText(cursor: TextCursor, problem: string, hint?: string, at = cursor.at): DynaframeError {
  const from = Math.max(0, at - 30);
  const around = cursor.text.length > 80 ? `…${cursor.text.slice(from, from + 60)}…` : cursor.text;
  const details = { offset: at, found: cursor.text.slice(at, at + 20) || "the end" };
  return new DynaframeError(
    "BAD_TYPE_TEXT",
    `type ${JSON.stringify(around)}, character ${at}: ${problem}`,
    hint === undefined ? details : { ...details, hint },
  );
}
