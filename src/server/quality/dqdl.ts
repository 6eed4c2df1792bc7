/**
 * Data Quality Definition Language, as much of it as is evaluated here; what is not is refused by name (Glue developer
 * guide, "DQDL reference").
 */
import { DynaframeError } from "../../types/error.js";

export type Literal = string | number;
/** `between` leaves out both ends, as the guide says. */
export type Condition =
  | { readonly kind: "compare"; readonly op: "=" | "!=" | ">" | ">=" | "<" | "<="; readonly value: Literal }
  | { readonly kind: "between"; readonly low: number; readonly high: number; readonly isNot: boolean }
  | { readonly kind: "in"; readonly values: readonly Literal[]; readonly isNot: boolean }
  | { readonly kind: "matches"; readonly pattern: string; readonly isNot: boolean };
export type Rule = {
  /** As written. */
  readonly text: string;
  readonly type: RuleType;
  readonly columns: readonly string[];
  readonly condition?: Condition;
  /** The rows that it is of, as `filter` takes it; all of them if there is none. */
  readonly where?: string;
  /** Of the share of rows for which the condition holds. */
  readonly threshold?: Condition;
};

/** A rule, or rules joined: each is of the whole table, and the join is of their results. */
export type RuleTree =
  Rule | { /** As written. */ readonly text: string; readonly join: "and" | "or"; readonly rules: readonly RuleTree[] };

/** Joins within joins; more is no ruleset that a person wrote. */
const DEEPEST = 20;

/** Columns that a rule names, and whether it ends with a condition. */
const RULES = {
  RowCount: { columns: 0, condition: true },
  ColumnCount: { columns: 0, condition: true },
  ColumnExists: { columns: 1, condition: false },
  ColumnDataType: { columns: 1, condition: true },
  ColumnLength: { columns: 1, condition: true },
  ColumnValues: { columns: 1, condition: true },
  Completeness: { columns: 1, condition: true },
  IsComplete: { columns: 1, condition: false },
  IsUnique: { columns: 1, condition: false },
  IsPrimaryKey: { columns: 50, condition: false },
  Uniqueness: { columns: 1, condition: true },
  UniqueValueRatio: { columns: 1, condition: true },
  DistinctValuesCount: { columns: 1, condition: true },
  Mean: { columns: 1, condition: true },
  Sum: { columns: 1, condition: true },
  StandardDeviation: { columns: 1, condition: true },
} as const;
export type RuleType = keyof typeof RULES;

/** Rules whose condition is of each value. */
export const ROW_RULES: ReadonlySet<RuleType> = new Set<RuleType>(["ColumnValues", "ColumnLength", "ColumnDataType"]);

/** Rules of the table itself, not of its rows: these take no `where`. */
const TABLE_RULES: ReadonlySet<RuleType> = new Set<RuleType>(["ColumnCount", "ColumnExists", "ColumnDataType"]);

type Token = {
  readonly kind: "word" | "number" | "string" | "sign";
  readonly text: string;
  readonly from: number;
  readonly to: number;
};
const SPACE = /\s*(?:#[^\n]*\n\s*)*/y;
const TOKEN = /(?:([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?)|"((?:[^"\\]|\\.)*)"|(!=|>=|<=|[=><[\](),]))/y;

/** @throws BAD_RULESET with the rule that is none, or that is not evaluated here. */
export function parseRuleset(text: string): readonly RuleTree[] {
  return new RulesetParser(text).parse();
}

class RulesetParser {
  private readonly tokens: readonly Token[];
  private at = 0;
  constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  parse(): readonly RuleTree[] {
    const [first] = this.tokens;
    if (first?.text !== "Rules") throw bad(`It begins with ${first?.text ?? "nothing"}`, "Rules = [ … ]");
    this.at = 1;
    this.expect("=");
    this.expect("[");
    const rules = [this.tree(0)];
    while (this.takes(",")) rules.push(this.tree(0));
    this.expect("]");
    if (this.here !== undefined) throw bad(`It goes on with ${this.here.text} after its rules`);
    return rules;
  }

  private get here(): Token | undefined {
    return this.tokens[this.at];
  }
  private takes(text: string): boolean {
    if (this.here?.text !== text || this.here.kind === "string") return false;
    this.at += 1;
    return true;
  }
  private expect(text: string): void {
    if (!this.takes(text)) throw bad(`There is ${this.here?.text ?? "the end"}`, text);
  }
  private next(): Token {
    const token = this.here;
    if (token === undefined) throw bad("It ends too early");
    this.at += 1;
    return token;
  }

  private tree(depth: number): RuleTree {
    const first = this.here;
    if (first?.text !== "(" || first.kind !== "sign") return this.rule();
    if (depth > DEEPEST) throw bad("Its joins are too deep");
    const rules = [this.joined(depth)];
    const join = this.join();
    while (join !== undefined && this.takes(join)) rules.push(this.joined(depth));
    if (this.join() !== undefined) throw bad("and, or stand side by side", "( … and … ) or …");
    const text = this.text.slice(first.from, this.tokens[this.at - 1]?.to);
    const [only] = rules;
    return join === undefined && only !== undefined ? { ...only, text } : { text, join: join ?? "and", rules };
  }

  private joined(depth: number): RuleTree {
    this.expect("(");
    const tree = this.tree(depth + 1);
    this.expect(")");
    return tree;
  }

  private join(): "and" | "or" | undefined {
    const { kind, text } = this.here ?? {};
    return kind === "word" && (text === "and" || text === "or") ? text : undefined;
  }

  private rule(): Rule {
    const name = this.next();
    if (name.kind !== "word" || !Object.hasOwn(RULES, name.text))
      throw bad(`${name.text} is no rule that is evaluated here`, Object.keys(RULES).join(", "));
    const type = name.text as RuleType;
    const { columns: most, condition: hasCondition } = RULES[type];
    const columns: string[] = [];
    while (this.here?.kind === "string" && columns.length < most) columns.push(this.next().text);
    if (columns.length < Math.min(most, 1)) throw bad(`${type} names no column`, `${type} "column"`);
    const condition = hasCondition ? this.condition() : undefined;
    const where =
      !TABLE_RULES.has(type) && this.takes("where") ? this.quoted("where takes a condition in quotes") : undefined;
    const threshold =
      ROW_RULES.has(type) && this.takes("with") ? (this.expect("threshold"), this.condition()) : undefined;
    const end = this.here;
    if (end?.kind === "word") throw bad(`${type} … ${end.text} is not evaluated here`);
    if (
      type === "ColumnDataType"
      && !(condition?.kind === "compare" && condition.op === "=" && typeof condition.value === "string")
    )
      throw bad("ColumnDataType takes = and a type", 'ColumnDataType "column" = "INTEGER"');
    if (!ROW_RULES.has(type) && condition !== undefined && !isOfNumber(condition))
      throw bad(`${type} is a number, its condition is not`);
    if (threshold !== undefined && !isOfNumber(threshold)) throw bad("A threshold is a number");
    return {
      text: this.text.slice(name.from, this.tokens[this.at - 1]?.to),
      type,
      columns,
      ...(condition === undefined ? {} : { condition }),
      ...(where === undefined ? {} : { where }),
      ...(threshold === undefined ? {} : { threshold }),
    };
  }

  private condition(): Condition {
    const token = this.next();
    const isNot = token.kind === "word" && token.text === "not";
    const operator = isNot ? this.next().text : token.text;
    switch (operator) {
      case "between": {
        const low = this.number();
        this.expect("and");
        return { kind: "between", low, high: this.number(), isNot };
      }
      case "in": {
        this.expect("[");
        const values = [this.literal()];
        while (this.takes(",")) values.push(this.literal());
        this.expect("]");
        return { kind: "in", values, isNot };
      }
      case "matches":
        return { kind: "matches", pattern: this.quoted("matches takes a pattern in quotes"), isNot };
      case "=":
      case "!=":
      case ">":
      case ">=":
      case "<":
      case "<=":
        if (isNot) throw bad(`not ${operator} is no condition`);
        return { kind: "compare", op: operator, value: this.literal() };
      default:
        throw bad(`${operator} is no condition`, "=, !=, >, >=, <, <=, between, in, matches");
    }
  }

  private literal(): Literal {
    const token = this.next();
    if (token.kind === "number") return Number(token.text);
    if (token.kind === "string") return token.text;
    throw bad(`${token.text} is no value that is evaluated here`, "a number, or a text in quotes");
  }
  private quoted(complaint: string): string {
    const token = this.next();
    if (token.kind !== "string") throw bad(complaint);
    return token.text;
  }
  private number(): number {
    const value = this.literal();
    if (typeof value !== "number") throw bad("between takes numbers");
    return value;
  }
}

const isOfNumber = (condition: Condition): boolean => {
  switch (condition.kind) {
    case "compare":
      return typeof condition.value === "number";
    case "between":
      return true;
    case "in":
      return condition.values.every((value) => typeof value === "number");
    case "matches":
      return false;
  }
};

/** Whether a measured number is as the condition wants it. */
export function holds(condition: Condition, found: number): boolean {
  switch (condition.kind) {
    case "compare":
      return compares(condition.op, found, Number(condition.value));
    case "between":
      return (found > condition.low && found < condition.high) !== condition.isNot;
    case "in":
      return condition.values.includes(found) !== condition.isNot;
    case "matches":
      return false;
  }
}

function compares(op: Extract<Condition, { readonly kind: "compare" }>["op"], found: number, value: number): boolean {
  switch (op) {
    case "=":
      return found === value;
    case "!=":
      return found !== value;
    case ">":
      return found > value;
    case ">=":
      return found >= value;
    case "<":
      return found < value;
    case "<=":
      return found <= value;
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end;) {
    SPACE.lastIndex = at;
    SPACE.test(text);
    const from = SPACE.lastIndex;
    TOKEN.lastIndex = from;
    const found = TOKEN.exec(text);
    if (found === null) throw bad(`It cannot be read at ${text.slice(from, from + 20)}`);
    const [, word, number, string, sign = ""] = found;
    at = TOKEN.lastIndex;
    const [kind, own] =
      word !== undefined
        ? (["word", word] as const)
        : number !== undefined
          ? (["number", number] as const)
          : string !== undefined
            ? (["string", string.replaceAll(/\\(["\\])/g, "$1")] as const)
            : (["sign", sign] as const);
    tokens.push({ kind, text: own, from, to: at });
  }
  return tokens;
}

const bad = (why: string, expected?: string): DynaframeError =>
  new DynaframeError("BAD_RULESET", `The ruleset cannot be used. ${why.slice(0, 300)}.`, {
    name: "InvalidInputException",
    path: "Ruleset",
    ...(expected === undefined ? {} : { expected }),
  });
