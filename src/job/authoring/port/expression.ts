/** Python expressions as JavaScript. What is not sure to mean the same is Untranslatable. */
import { argumentName, FUNCTIONS, isAsync, isKnownMethod, methodName, POSITIONAL, TRANSFORMS } from "./glue-names.js";
import { type Token, tokensOf, Untranslatable } from "./python-lines.js";

/** Names that the script defines, and what of awsglue they stand for. */
export type Scope = {
  readonly names: ReadonlySet<string>;
  readonly spark: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  /** Transforms that were used. */
  readonly used: Set<string>;
  /** In a function: promises cannot be awaited. */
  readonly inFunction: boolean;
};

export function expression(text: string, scope: Scope): string {
  const parser = new ExpressionParser(tokensOf(text), scope);
  const result = parser.parse();
  if (!parser.isDone) throw new Untranslatable(`unexpected ${parser.here}`);
  return result;
}

const BINARY: Readonly<Record<string, string>> = {
  "==": "===",
  "!=": "!==",
  "<": "<",
  ">": ">",
  "<=": "<=",
  ">=": ">=",
  "+": "+",
  "-": "-",
  "*": "*",
  "/": "/",
  and: "&&",
  or: "||",
};
const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", ">", "<=", ">="]);
const LITERALS: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null" };
type Argument = { readonly name?: string; readonly text: string };

class ExpressionParser {
  private at = 0;
  constructor(
    private readonly tokens: readonly Token[],
    private readonly scope: Scope,
  ) {}

  get isDone(): boolean {
    return this.at >= this.tokens.length;
  }
  get here(): string {
    return this.tokens[this.at]?.text ?? "the end";
  }

  /** `tight`: the operand of a `not`, which ends before and, or, if. */
  parse(tight = false): string {
    if (this.takes("lambda")) return this.lambda();
    let left = this.unary();
    let compared = false;
    for (;;) {
      const operator = this.here;
      if (tight && ["and", "or", "if"].includes(operator)) return left;
      if (operator === "and" || operator === "or") compared = false;
      else if (COMPARISONS.has(operator) && this.tokens[this.at]?.kind === "operator") {
        if (compared) throw new Untranslatable("a chain of comparisons");
        compared = true;
      }
      if (
        operator === "if"
        || operator === "for"
        || operator === "in"
        || operator === "not"
        || operator === "%"
        || operator === "**"
        || operator === "//"
      ) {
        if (operator === "if") {
          left = this.conditional(left);
          continue;
        }
        throw new Untranslatable(`${operator === "for" ? "a comprehension" : `the operator ${operator}`}`);
      }
      if (operator === "is") {
        this.at += 1;
        const isNot = this.takes("not");
        const right = this.unary();
        if (right !== "null") throw new Untranslatable("is, other than with None");
        left = `${left} ${isNot ? "!=" : "=="} null`; // an absent field is None too
        continue;
      }
      const javascript = this.tokens[this.at]?.kind === "string" ? undefined : BINARY[operator];
      if (javascript === undefined) return left;
      this.at += 1;
      left = `${left} ${javascript} ${this.unary()}`;
    }
  }

  private takes(text: string): boolean {
    if (this.here !== text || this.tokens[this.at]?.kind === "string") return false;
    this.at += 1;
    return true;
  }
  private expect(text: string): void {
    if (!this.takes(text)) throw new Untranslatable(`${this.here} where ${text} was expected`);
  }

  private conditional(whenTrue: string): string {
    this.expect("if");
    const condition = this.parse();
    this.expect("else");
    return `(${condition} ? ${whenTrue} : ${this.parse()})`;
  }

  private lambda(): string {
    const names: string[] = [];
    while (!this.takes(":")) {
      if (this.takes(",")) continue;
      const token = this.tokens[this.at++];
      if (token?.kind !== "name") throw new Untranslatable("a lambda with defaults");
      names.push(token.text);
    }
    const inner = new ExpressionParser(this.tokens.slice(this.at), {
      ...this.scope,
      names: new Set([...this.scope.names, ...names]),
      inFunction: true,
    });
    const body = inner.parse();
    this.at += inner.at;
    return `(${names.join(", ")}) => ${body.startsWith("{") ? `(${body})` : body}`;
  }

  private unary(): string {
    if (this.takes("not")) return `!(${this.parse(true)})`;
    if (this.takes("-")) return `-${this.unary()}`;
    return this.postfix(this.atom());
  }

  private atom(): string {
    const token = this.tokens[this.at];
    if (token === undefined) throw new Untranslatable("an expression that ends too early");
    this.at += 1;
    switch (token.kind) {
      case "string":
        return this.strings(token);
      case "number":
        return token.text.replaceAll("_", "");
      case "name":
        return this.name(token.text);
      case "operator":
        if (token.text === "(") return this.parenthesis();
        if (token.text === "[")
          return `[${this.items("]")
            .map(({ text }) => text)
            .join(", ")}]`;
        if (token.text === "{") return this.dict();
        throw new Untranslatable(`the operator ${token.text}`);
    }
  }

  /** Neighbours are one text. */
  private strings(first: Token): string {
    const parts = [stringLiteral(first, this.scope)];
    for (let next = this.tokens[this.at]; next?.kind === "string"; next = this.tokens[++this.at])
      parts.push(stringLiteral(next, this.scope));
    return parts.join(" + ");
  }

  private name(name: string): string {
    const literal = LITERALS[name];
    if (literal !== undefined) return literal;
    if (this.scope.spark.has(name)) {
      if (this.here === "." && this.tokens[this.at + 1]?.text === "sql") return "glueContext";
      throw new Untranslatable(`${name}, Spark's session, is used for other than sql`);
    }
    if (name === "sys" && this.here === "." && this.tokens[this.at + 1]?.text === "argv") {
      this.at += 2;
      return "process.argv";
    }
    if (TRANSFORMS.has(name) || name === "DynamicFrame") {
      this.scope.used.add(name);
      return name;
    }
    if (this.here === "(" && !this.scope.functions.has(name)) {
      const known = FUNCTIONS[name];
      if (known === undefined || known === "") throw new Untranslatable(`the function ${name}`);
      return known;
    }
    if (!this.scope.names.has(name) && FUNCTIONS[name] === undefined)
      throw new Untranslatable(`${name}, which the script does not define`);
    return name;
  }

  /** A tuple is a list. */
  private parenthesis(): string {
    const start = this.at;
    const items = this.items(")");
    const [only] = items;
    const hasComma = this.tokens
      .slice(start, this.at - 1)
      .some((token, i, all) => token.text === "," && depthAt(all, i) === 0);
    return items.length === 1 && only && !hasComma ? `(${only.text})` : `[${items.map(({ text }) => text).join(", ")}]`;
  }

  private dict(): string {
    const entries: string[] = [];
    while (!this.takes("}")) {
      const key = optionName(this.parse());
      this.expect(":");
      const value = this.parse();
      entries.push(
        /^"(?:[^"\\]|\\.)*"$/.test(key)
          ? `${/^"[A-Za-z_$][\w$]*"$/.test(key) ? key.slice(1, -1) : key}: ${value}`
          : `[${key}]: ${value}`,
      );
      if (this.here !== "}") this.expect(",");
    }
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }

  private items(end: string): readonly Argument[] {
    const items: Argument[] = [];
    while (!this.takes(end)) {
      if (this.here === "*" || this.here === "**") throw new Untranslatable("arguments that are spread");
      const [token, next] = [this.tokens[this.at], this.tokens[this.at + 1]];
      if (token?.kind === "name" && next?.text === "=" && next.kind === "operator") {
        this.at += 2;
        items.push({ name: token.text, text: this.parse() });
      } else items.push({ text: this.parse() });
      if (this.here !== end) this.expect(",");
    }
    return items;
  }

  /** What follows an atom: fields, calls, subscripts. `path` is what is called so far. */
  private postfix(start: string): string {
    let text = start;
    let method: string | undefined;
    for (;;) {
      if (this.takes(".")) {
        method = this.tokens[this.at++]?.text ?? "";
        const isCalled = this.here === "(";
        if (isCalled && !isKnownMethod(method) && !(text === "glueContext" && method === "sql"))
          throw new Untranslatable(`the method ${method}`);
        text += `.${methodName(method)}`;
      } else if (this.takes("(")) {
        text = this.call(text, method, this.items(")"));
        method = undefined;
      } else if (this.takes("[")) {
        const index = this.parse();
        if (this.here === ":") throw new Untranslatable("a slice");
        this.expect("]");
        text += `[${index}]`;
        method = undefined;
      } else return text;
    }
  }

  private call(callee: string, method: string | undefined, args: readonly Argument[]): string {
    if (callee === "lengthOf") return `${args[0]?.text ?? ""}.length`;
    const order = method === undefined ? [] : (POSITIONAL[method] ?? []);
    const positional = args.filter(({ name }) => name === undefined).map(({ text }) => text);
    const named = new Map(args.flatMap(({ name, text }) => (name === undefined ? [] : [[name, text] as const])));
    for (const name of order.slice(positional.length)) {
      const value = named.get(name);
      if (value === undefined) break;
      positional.push(value);
      named.delete(name);
    }
    const rest = [...named]
      .filter(([, value]) => value !== "null")
      .map(([name, value]) => (argumentName(name) === value ? value : `${argumentName(name)}: ${value}`));
    const given = [...positional, ...(rest.length === 0 ? [] : [`{ ${rest.join(", ")} }`])].join(", ");
    if (!isAsync(callee)) return `${callee}(${given})`;
    if (this.scope.inFunction)
      throw new Untranslatable(`${callee} inside a function, where it would have to be awaited`);
    return `(await ${callee}(${given}))`;
  }
}

/** Scripts of the visual editor spell this option of JSON and CSV as no reader here does. */
const optionName = (key: string): string => (key === '"multiline"' ? '"multiLine"' : key);

function depthAt(tokens: readonly Token[], index: number): number {
  return tokens
    .slice(0, index)
    .reduce(
      (depth, token) =>
        depth + (token.kind !== "operator" ? 0 : "([{".includes(token.text) ? 1 : ")]}".includes(token.text) ? -1 : 0),
      0,
    );
}

function stringLiteral({ prefix = "", content = "" }: Token, scope: Scope): string {
  if (prefix.includes("b")) throw new Untranslatable("bytes");
  if (!prefix.includes("f")) return JSON.stringify(prefix.includes("r") ? content : unescaped(content));
  const text = content.replaceAll("`", "\\`").replaceAll("${", "\\${");
  return `\`${text.replaceAll(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, inner: string | undefined) => {
    if (inner === undefined) return whole.slice(0, 1);
    if (/[:!]/.test(inner)) throw new Untranslatable("a format in an f-string");
    return `\${${expression(inner, scope)}}`;
  })}\``;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
};
const unescaped = (text: string): string => text.replaceAll(/\\([\s\S])/g, (whole, c: string) => ESCAPES[c] ?? whole);
