/** Text → AST of the GetPartitions grammar: AND before OR, keywords in any case, parentheses anywhere around a part. */
import { invalidInput } from "../catalog-errors.js";
import type { CompareOp } from "../compare-op.js";
import type { PartitionExpression } from "./ast.js";
import { type LexerRules, type Token, tokenize } from "./lexer.js";

const MAX_EXPRESSION_BYTES = 2048;

// Made when used: Node checks a literal of a regular expression with \p when it loads the file, used or not
// (decision 0192).
const rules = (): LexerRules => ({
  symbols: ["<>", "!=", "<=", ">=", "<", ">", "=", "(", ")", ","],
  textQuotes: "'",
  nameQuotes: '"`',
  backslash: false,
  number: new RegExp(String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_.])`, "u"),
  word: new RegExp(String.raw`[\p{L}\p{N}_.]+`, "u"),
});
const KEYWORDS = new Set(["and", "or", "not", "in", "between", "like", "is", "null"]);

/**
 * Parses an expression; a blank one is undefined: no filter.
 * @throws InvalidInputException past 2,048 bytes and "Unsupported expression …" when it is not of the grammar.
 */
export function parsePartitionExpression(source: string): PartitionExpression | undefined {
  if (source.trim() === "") return undefined;
  const bytes = new TextEncoder().encode(source).length;
  if (bytes > MAX_EXPRESSION_BYTES) {
    throw invalidInput(`The expression has ${bytes} bytes, more than ${MAX_EXPRESSION_BYTES}`, {
      hint: "split it into several calls",
    });
  }
  const tokens = tokenize(source, rules());
  if ("badAt" in tokens) throw unsupported(source, tokens.badAt);
  const parser = new Parser(source, tokens);
  return parser.whole();
}

function unsupported(source: string, at: number): Error {
  return invalidInput(`Unsupported expression '${source}'`, {
    offset: at,
    found: source.slice(at, at + 20) || "the end",
    expected: "key op literal, IN, BETWEEN, LIKE, IS [NOT] NULL, joined by AND, OR, NOT",
  });
}

class Parser {
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly tokens: readonly Token[],
  ) {}

  whole(): PartitionExpression {
    const expression = this.any();
    if (this.peek().kind !== "end") this.fail();
    return expression;
  }

  private any(): PartitionExpression {
    return this.chain("or", () => this.all());
  }

  private all(): PartitionExpression {
    return this.chain("and", () => this.term());
  }

  private chain(kind: "and" | "or", part: () => PartitionExpression): PartitionExpression {
    const terms = [part()];
    while (this.takeConnective(kind)) terms.push(part());
    const [only] = terms;
    return only !== undefined && terms.length === 1 ? only : { kind, terms };
  }

  // Glue also takes a connective in parentheses of its own: a = 1 (OR) b = 2
  private takeConnective(word: string): boolean {
    let open = 0;
    while (this.isSymbol("(", open)) open += 1;
    if (!this.isWord(word, open)) return false;
    for (let i = 1; i <= open; i += 1) if (!this.isSymbol(")", open + i)) return false;
    this.at += 2 * open + 1;
    return true;
  }

  private term(): PartitionExpression {
    let negated = false;
    while (this.takeWord("not")) negated = !negated;
    const term = this.startsGroup() ? this.group() : this.condition();
    return negated ? { kind: "not", term } : term;
  }

  private group(): PartitionExpression {
    this.expectSymbol("(");
    const inner = this.any();
    this.expectSymbol(")");
    return inner;
  }

  // "(" may open a group or only wrap the key: in ((key) = 2) one of the two does
  private startsGroup(): boolean {
    if (!this.isSymbol("(")) return false;
    let open = 0;
    while (this.isSymbol("(", open)) open += 1;
    if (!this.isName(open)) return true;
    let close = 0;
    while (this.isSymbol(")", open + 1 + close)) close += 1;
    return close < open;
  }

  private condition(): PartitionExpression {
    const key = this.wrapped(() => this.name());
    if (this.takeWord("is")) {
      const negated = this.takeWord("not");
      if (!this.takeWord("null")) this.fail();
      return negate(negated, { kind: "isNull", key });
    }
    const negated = this.takeWord("not");
    if (this.takeWord("like")) return negate(negated, { kind: "like", key, pattern: this.wrapped(() => this.text()) });
    if (this.takeWord("in")) return negate(negated, { kind: "in", key, literals: this.list() });
    if (this.takeWord("between")) return negate(negated, this.between(key));
    if (negated) this.fail();
    return { kind: "compare", key, op: this.operator(), literal: this.literal() };
  }

  private between(key: string): PartitionExpression {
    const low = this.literal();
    if (!this.takeConnective("and")) this.fail();
    return { kind: "between", key, low, high: this.literal() };
  }

  private list(): readonly string[] {
    this.expectSymbol("(");
    const literals = [this.literal()];
    while (this.takeSymbol(",")) literals.push(this.literal());
    this.expectSymbol(")");
    return literals;
  }

  private operator(): CompareOp {
    const token = this.next();
    switch (token.kind === "symbol" ? token.text : "") {
      case "=":
        return "=";
      case "<>":
      case "!=":
        return "<>";
      case "<":
        return "<";
      case "<=":
        return "<=";
      case ">":
        return ">";
      case ">=":
        return ">=";
      default:
        this.at -= 1;
        return this.fail();
    }
  }

  private literal(): string {
    return this.wrapped(() => {
      const { kind } = this.peek();
      return kind === "text" || kind === "number" ? this.next().text : this.fail();
    });
  }

  private text(): string {
    return this.peek().kind === "text" ? this.next().text : this.fail();
  }

  private name(): string {
    return this.isName() ? this.next().text : this.fail();
  }

  private wrapped(part: () => string): string {
    if (!this.takeSymbol("(")) return part();
    const inner = this.wrapped(part);
    this.expectSymbol(")");
    return inner;
  }

  private peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? { kind: "end", text: "", at: this.source.length };
  }

  private next(): Token {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  private isSymbol(symbol: string, ahead = 0): boolean {
    const t = this.peek(ahead);
    return t.kind === "symbol" && t.text === symbol;
  }

  private isWord(word: string, ahead = 0): boolean {
    const t = this.peek(ahead);
    return t.kind === "word" && t.text.toLowerCase() === word;
  }

  private isName(ahead = 0): boolean {
    const t = this.peek(ahead);
    return t.kind === "name" || (t.kind === "word" && !KEYWORDS.has(t.text.toLowerCase()));
  }

  private takeSymbol(symbol: string): boolean {
    const yes = this.isSymbol(symbol);
    if (yes) this.at += 1;
    return yes;
  }

  private takeWord(word: string): boolean {
    const yes = this.isWord(word);
    if (yes) this.at += 1;
    return yes;
  }

  private expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail();
  }

  private fail(): never {
    throw unsupported(this.source, this.peek().at);
  }
}

const negate = (negated: boolean, term: PartitionExpression): PartitionExpression =>
  negated ? { kind: "not", term } : term;
