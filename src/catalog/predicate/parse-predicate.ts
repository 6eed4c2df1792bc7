/**
 * Text → AST of push-down predicates, with Spark's precedence: OR, AND, NOT, predicates, comparisons, `+ - ||`,
 * `* / %`, signs.
 */
import { DATE, STRING, TIMESTAMP } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { parseHiveType } from "../../types/hive.js";
import { parseDate, parseTimestamp } from "../../types/cast-time.js";
import { type LexerRules, type Token, tokenize } from "../expression/lexer.js";
import { numberLiteral } from "./number-literal.js";
import { type Arithmetic, type Comparison, COMPARISONS, type PredicateNode } from "./predicate-ast.js";
import { syntaxError } from "./predicate-error.js";

// made when used: decision 0192
const rules = (): LexerRules => ({
  symbols: ["<=>", "==", "<>", "!=", "<=", ">=", "||", "<", ">", "=", "+", "-", "*", "/", "%", "(", ")", ",", "!"],
  textQuotes: "'\"",
  nameQuotes: "`",
  backslash: true,
  number: new RegExp(
    String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:[bB][dD]|[LSYDFlsydf])?(?![\p{L}\p{N}_.])`,
    "u",
  ),
  word: new RegExp(String.raw`[\p{L}_][\p{L}\p{N}_]*`, "u"),
});
const MAX_LENGTH = 65_536;
const MAX_DEPTH = 200;
const MAX_CHAIN = 2000;
const RESERVED = new Set(["and", "or", "not", "in", "between", "like", "rlike", "regexp", "is", "escape"]);

/** @throws INVALID_PREDICATE (name ParseException) with the position; TOO_DEEP past 200 levels. */
export function parsePredicate(source: string): PredicateNode {
  if (source.length > MAX_LENGTH) throw syntaxError(source, MAX_LENGTH, `at most ${MAX_LENGTH} characters`);
  const tokens = tokenize(source, rules());
  if ("badAt" in tokens) throw syntaxError(source, tokens.badAt, "a name, a literal or an operator");
  return new PredicateParser(source, tokens).whole();
}

class PredicateParser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly source: string,
    private readonly tokens: readonly Token[],
  ) {}

  whole(): PredicateNode {
    const node = this.any();
    if (this.peek().kind !== "end") this.fail("the end of the predicate");
    return node;
  }

  private any(): PredicateNode {
    this.depth += 1;
    if (this.depth > MAX_DEPTH)
      throw new DynaframeError("TOO_DEEP", `the predicate is nested deeper than ${MAX_DEPTH} levels`, {
        offset: this.peek().at,
      });
    const node = this.chain("or", () => this.chain("and", () => this.negation()));
    this.depth -= 1;
    return node;
  }

  private chain(kind: "and" | "or", part: () => PredicateNode): PredicateNode {
    const terms = [part()];
    while (this.takeWord(kind)) terms.push(part());
    const [only] = terms;
    return only !== undefined && terms.length === 1 ? only : { kind, terms };
  }

  private negation(): PredicateNode {
    let negated = false;
    while (this.takeWord("not") || this.takeSymbol("!")) negated = !negated;
    return negate(negated, this.predicate());
  }

  private predicate(): PredicateNode {
    const operand = this.comparison();
    if (this.takeWord("is")) return this.isPredicate(operand);
    const negated = this.takeWord("not");
    if (this.takeWord("between")) return negate(negated, this.between(operand));
    if (this.takeWord("in")) return negate(negated, { kind: "in", operand, list: this.list() });
    if (this.takeWord("like")) return negate(negated, this.like(operand));
    if (this.takeWord("rlike") || this.takeWord("regexp"))
      return negate(negated, { kind: "rlike", operand, pattern: this.comparison() });
    return negated ? this.fail("BETWEEN, IN, LIKE or RLIKE") : operand;
  }

  private isPredicate(operand: PredicateNode): PredicateNode {
    const negated = this.takeWord("not");
    for (const what of ["null", "true", "false"] as const) {
      if (this.takeWord(what)) return negate(negated, { kind: "is", operand, what });
    }
    return this.fail("NULL, TRUE or FALSE");
  }

  private between(operand: PredicateNode): PredicateNode {
    const low = this.comparison();
    if (!this.takeWord("and")) this.fail("AND");
    const high = this.comparison();
    return {
      kind: "and",
      terms: [
        { kind: "compare", op: ">=", left: operand, right: low },
        { kind: "compare", op: "<=", left: operand, right: high },
      ],
    };
  }

  private like(operand: PredicateNode): PredicateNode {
    const pattern = this.comparison();
    if (!this.takeWord("escape")) return { kind: "like", operand, pattern, escape: "\\" };
    const escape = this.peek();
    if (escape.kind !== "text" || [...escape.text].length !== 1) return this.fail("one character in quotes");
    this.at += 1;
    return { kind: "like", operand, pattern, escape: escape.text };
  }

  private comparison(): PredicateNode {
    let left = this.sum();
    for (let op = this.comparisonOperator(); op !== undefined; op = this.comparisonOperator()) {
      left = { kind: "compare", op, left, right: this.sum() };
    }
    return left;
  }

  private comparisonOperator(): Comparison | undefined {
    const token = this.peek();
    if (token.kind !== "symbol") return undefined;
    const op = token.text === "==" ? "=" : token.text === "!=" ? "<>" : COMPARISONS.find((c) => c === token.text);
    if (op !== undefined) this.at += 1;
    return op;
  }

  private sum(): PredicateNode {
    let left = this.product();
    for (let links = 0; ; links += 1) {
      if (links > MAX_CHAIN) this.fail(`at most ${MAX_CHAIN} operators in a row`);
      const op = (["+", "-"] as const).find((s) => this.takeSymbol(s));
      if (op !== undefined) left = { kind: "arithmetic", op, left, right: this.product() };
      else if (this.takeSymbol("||")) left = { kind: "call", name: "concat", args: [left, this.product()] };
      else return left;
    }
  }

  private product(): PredicateNode {
    let left = this.signed();
    for (let links = 0; ; links += 1) {
      if (links > MAX_CHAIN) this.fail(`at most ${MAX_CHAIN} operators in a row`);
      const op: Arithmetic | undefined = (["*", "/", "%"] as const).find((s) => this.takeSymbol(s));
      if (op === undefined) return left;
      left = { kind: "arithmetic", op, left, right: this.signed() };
    }
  }

  private signed(): PredicateNode {
    let negative = false;
    for (;;) {
      if (this.takeSymbol("-")) negative = !negative;
      else if (!this.takeSymbol("+")) break;
    }
    const operand = this.primary();
    return negative ? { kind: "negative", operand } : operand;
  }

  private primary(): PredicateNode {
    const token = this.peek();
    if (this.takeSymbol("(")) {
      const inner = this.any();
      this.expectSymbol(")");
      return inner;
    }
    this.at += 1;
    switch (token.kind) {
      case "number":
        return numberLiteral(token.text) ?? this.failAt(token, "a number within its type");
      case "text":
        return { kind: "literal", type: STRING, value: token.text };
      case "name":
        return { kind: "column", name: token.text };
      case "word":
        return this.word(token);
      case "symbol":
      case "end":
        return this.failAt(token, "a column, a literal, a function or (");
    }
  }

  private word(token: Token): PredicateNode {
    const word = token.text.toLowerCase();
    if (RESERVED.has(word)) return this.failAt(token, "a column, a literal, a function or (");
    if (word === "cast" && this.isSymbol("(")) return this.cast();
    if (this.isSymbol("(")) return { kind: "call", name: word, args: this.args() };
    switch (word) {
      case "null":
        return { kind: "literal", type: { kind: "null" }, value: null };
      case "true":
      case "false":
        return { kind: "literal", type: { kind: "boolean" }, value: word === "true" };
      case "current_date":
      case "current_timestamp":
        return { kind: "call", name: word, args: [] };
      case "date":
      case "timestamp":
        if (this.peek().kind === "text") return this.timeLiteral(word);
        break;
    }
    return { kind: "column", name: token.text };
  }

  private timeLiteral(word: "date" | "timestamp"): PredicateNode {
    const token = this.peek();
    const value = word === "date" ? parseDate(token.text) : parseTimestamp(token.text, true);
    if (value === undefined) return this.fail(`a ${word}`);
    this.at += 1;
    return { kind: "literal", type: word === "date" ? DATE : TIMESTAMP, value };
  }

  private cast(): PredicateNode {
    this.expectSymbol("(");
    const operand = this.any();
    if (!this.takeWord("as")) this.fail("AS");
    const start = this.peek();
    if (start.kind !== "word") this.fail("a type");
    this.at += 1;
    let end = start.at + start.text.length;
    if (this.takeSymbol("(")) {
      while (!this.isSymbol(")") && this.peek().kind !== "end") this.at += 1;
      end = this.peek().at + 1;
      this.expectSymbol(")");
    }
    this.expectSymbol(")");
    try {
      return { kind: "cast", operand, type: parseHiveType(this.source.slice(start.at, end).toLowerCase()) };
    } catch {
      return this.failAt(start, "a type such as int, string, date or decimal(10,2)");
    }
  }

  private args(): readonly PredicateNode[] {
    this.expectSymbol("(");
    if (this.takeSymbol(")")) return [];
    return this.rest();
  }

  private list(): readonly PredicateNode[] {
    this.expectSymbol("(");
    return this.rest();
  }

  private rest(): readonly PredicateNode[] {
    const items = [this.any()];
    while (this.takeSymbol(",")) items.push(this.any());
    this.expectSymbol(")");
    return items;
  }

  private peek(): Token {
    return this.tokens[this.at] ?? { kind: "end", text: "", at: this.source.length };
  }

  private isSymbol(symbol: string): boolean {
    const t = this.peek();
    return t.kind === "symbol" && t.text === symbol;
  }

  private takeSymbol(symbol: string): boolean {
    const yes = this.isSymbol(symbol);
    if (yes) this.at += 1;
    return yes;
  }

  private takeWord(word: string): boolean {
    const t = this.peek();
    const yes = t.kind === "word" && t.text.toLowerCase() === word;
    if (yes) this.at += 1;
    return yes;
  }

  private expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail(symbol);
  }

  private fail(expected: string): never {
    throw syntaxError(this.source, this.peek().at, expected);
  }

  private failAt(token: Token, expected: string): never {
    throw syntaxError(this.source, token.at, expected);
  }
}

const negate = (negated: boolean, operand: PredicateNode): PredicateNode =>
  negated ? { kind: "not", operand } : operand;
