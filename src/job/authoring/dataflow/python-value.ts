/** Whether a text is one expression of Python, so that in a script it stays where it is put. */
import { splitArguments, type Token, tokensOf, Untranslatable } from "../port/python-lines.js";

const OPERATOR_WORDS: ReadonlySet<string> = new Set(["and", "or", "not", "in", "is", "if", "else", "for", "lambda"]);
const STATEMENT_WORDS: ReadonlySet<string> = new Set([
  "as",
  "assert",
  "async",
  "await",
  "break",
  "class",
  "continue",
  "def",
  "del",
  "elif",
  "except",
  "finally",
  "from",
  "global",
  "import",
  "nonlocal",
  "pass",
  "raise",
  "return",
  "try",
  "while",
  "with",
  "yield",
]);

/** Names that Python does not let a script give. */
export const isPythonKeyword = (name: string): boolean =>
  OPERATOR_WORDS.has(name) || STATEMENT_WORDS.has(name) || ["True", "False", "None"].includes(name);

const CLOSING: ReadonlyMap<string, string> = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);

/** Why it is none; undefined when it is one. */
export function valueFault(text: string): string | undefined {
  try {
    const tokens = tokensOf(text);
    if (splitArguments(text).length !== 1) return "is not one expression";
    return (
      tokens.reduce<string | undefined>((fault, token, i) => fault ?? tokenFault(token, tokens[i - 1]), undefined)
      ?? bracketFault(tokens)
    );
  } catch (error) {
    if (error instanceof Untranslatable) return error.message;
    throw error;
  }
}

function tokenFault(token: Token, before: Token | undefined): string | undefined {
  if (token.kind === "name" && STATEMENT_WORDS.has(token.text)) return `has the statement ${token.text}`;
  if (token.kind === "operator" && /^(:=|->|@|[-+*/%]=)$/.test(token.text)) return `has ${token.text}`;
  if (token.kind === "operator" && token.text === "=" && (before?.kind !== "name" || OPERATOR_WORDS.has(before.text)))
    return "has an assignment";
  const follows =
    before !== undefined
    && endsOperand(before)
    && (token.kind === "operator" ? token.text === "{" : !isOperatorWord(token));
  return follows && !(before.kind === "string" && token.kind === "string")
    ? `has ${token.text} after ${before.text}`
    : undefined;
}

const isOperatorWord = (token: Token): boolean => token.kind === "name" && OPERATOR_WORDS.has(token.text);
const endsOperand = (token: Token): boolean =>
  token.kind === "operator" ? ")]}".includes(token.text) : !isOperatorWord(token);

/** Brackets pair, and `name = value` is in calls only. */
function bracketFault(tokens: readonly Token[]): string | undefined {
  const open: string[] = [];
  for (const { kind, text } of tokens) {
    if (kind !== "operator") continue;
    if ("([{".includes(text)) open.push(text);
    if (text === "=" && open.at(-1) !== "(") return "has an assignment";
    const pair = CLOSING.get(text);
    if (pair !== undefined && open.pop() !== pair) return `has ${text} that closes another bracket`;
  }
  const [last] = tokens.slice(-1);
  return last?.kind === "operator" && !endsOperand(last) ? `ends with ${last.text}` : undefined;
}
