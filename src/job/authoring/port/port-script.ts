/** Translates an awsglue script into TypeScript, statement by statement, and lists what it could not. Pure. */
import { expression, type Scope } from "./expression.js";
import { type PythonLine, pythonLines, sourceOf, splitArguments, Untranslatable } from "./python-lines.js";

export type PortedScript = {
  readonly typescript: string;
  /** Statements that were left as comments, with their line and why. */
  readonly left: readonly { readonly line: number; readonly text: string; readonly reason: string }[];
  /** Calls of the script, and those of them in statements that were translated. */
  readonly calls: number;
  readonly translated: number;
};

/** A block that could not be begun takes what is in it along. */
type Block = { readonly indent: number; readonly kind: "function" | "if" | "for" | "left" };

const CALL = /\b(?!(?:if|elif|and|or|not|in|return|for|while|lambda|def|class|with|print)\b)[A-Za-z_]\w*\s*\(/g;

export function portScript(source: string): PortedScript {
  return new Porter(pythonLines(source)).port();
}

class Porter {
  private readonly out: string[] = [];
  private readonly left: PortedScript["left"][number][] = [];
  private readonly blocks: Block[] = [];
  private readonly declared = new Set<string>();
  private readonly names = new Set<string>();
  private readonly functions = new Set<string>();
  private readonly spark = new Set<string>();
  private readonly used = new Set<string>(["GlueContext"]);
  private calls = 0;
  private translated = 0;
  constructor(private readonly lines: readonly PythonLine[]) {
    for (const { text } of lines) {
      const name = /^def (\w+)/.exec(text)?.[1];
      if (name !== undefined) this.functions.add(name);
    }
  }

  port(): PortedScript {
    for (const line of this.lines) this.line(line);
    this.closeBlocks(0);
    const imports = [...this.used].sort().join(", ");
    return {
      typescript: `import { ${imports} } from "dynaframe";\n\n${this.out.join("\n").trim()}\n`,
      left: this.left,
      calls: this.calls,
      translated: this.translated,
    };
  }

  private line(line: PythonLine): void {
    if (line.text === "") {
      if (line.comment !== undefined && this.inLeft(line.indent) === false) this.emit(`// ${line.comment}`);
      return;
    }
    if (!/^(elif|else)\b/.test(line.text)) this.closeBlocks(line.indent);
    const calls = line.text.match(CALL)?.length ?? 0;
    this.calls += calls;
    if (this.inLeft(line.indent)) return this.leave(line, "it is in a block that was left");
    try {
      this.statement(line);
      this.translated += calls;
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      if (line.text.endsWith(":")) this.blocks.push({ indent: line.indent, kind: "left" });
      this.leave(line, error.message);
    }
  }

  private inLeft(indent: number): boolean {
    return this.blocks.some((block) => block.kind === "left" && indent > block.indent);
  }

  private leave({ number, text }: PythonLine, reason: string): void {
    this.left.push({ line: number, text, reason });
    for (const part of `not translated (line ${number}, ${reason}): ${text}`.split("\n")) this.emit(`// ${part}`);
  }

  private emit(text: string): void {
    this.out.push(`${"  ".repeat(this.blocks.filter((block) => block.kind !== "left").length)}${text}`);
  }

  private closeBlocks(indent: number): void {
    for (let block = this.blocks.at(-1); block !== undefined && indent <= block.indent; block = this.blocks.at(-1)) {
      this.blocks.pop();
      if (block.kind !== "left") this.emit("}");
    }
  }

  private get scope(): Scope {
    return {
      names: new Set([...this.names, ...this.functions]),
      spark: this.spark,
      functions: this.functions,
      used: this.used,
      inFunction: this.blocks.some((block) => block.kind === "function"),
    };
  }

  private statement({ text, indent, comment }: PythonLine): void {
    const note = comment === undefined ? "" : ` // ${comment}`;
    if (/^(import|from)\b/.test(text)) return this.importing(text);
    if (text === "pass" || /^("""|''')/.test(text)) return;
    const setUp = this.setUp(text);
    if (setUp !== undefined) {
      if (setUp !== "") this.emit(setUp + note);
      return;
    }
    if (this.block(text, indent)) return;
    const assignment = /^([A-Za-z_]\w*)\s*=(?!=)\s*([\s\S]+)$/.exec(text);
    if (assignment) {
      const [, name = "", value = ""] = assignment;
      const javascript = expression(value, this.scope);
      this.emit(`${this.declare(name)}${name} = ${unwrapped(javascript)};${note}`);
      this.names.add(name);
      return;
    }
    const element = /^([A-Za-z_]\w*\[[^=]+\])\s*=(?!=)\s*([\s\S]+)$/.exec(text);
    if (element)
      return this.emit(
        `${expression(element[1] ?? "", this.scope)} = ${expression(element[2] ?? "", this.scope)};${note}`,
      );
    const deletion = /^del\s+([A-Za-z_]\w*\[[^\]]+\])$/.exec(text);
    if (deletion) return this.emit(`delete ${expression(deletion[1] ?? "", this.scope)};${note}`);
    if (/^return\b/.test(text))
      return this.emit(text === "return" ? "return;" : `return ${expression(text.slice(6), this.scope)};${note}`);
    this.emit(`${unwrapped(expression(text, this.scope))};${note}`);
  }

  /** awsglue and pyspark have their counterpart; what else a script imports, it will use. */
  private importing(text: string): void {
    if (!/^(from|import)\s+(sys|awsglue[\w.]*|pyspark[\w.]*)\b(?!\s*,)/.test(text))
      throw new Untranslatable("a module of Python");
  }

  /** The lines by which every script begins and ends. */
  private setUp(text: string): string | undefined {
    const [, name = ""] = /^([A-Za-z_]\w*)\s*=/.exec(text) ?? [];
    if (/^\w+\s*=\s*(SparkContext(\.getOrCreate)?\(.*\)|SparkSession\b.*|SparkConf\(.*\))$/.test(text)) {
      this.spark.add(name);
      return "";
    }
    if (/^\w+\s*=\s*\w+\.spark_session$/.test(text)) {
      this.spark.add(name);
      return "";
    }
    if (/^\w+\s*=\s*GlueContext\(/.test(text)) {
      this.names.add(name);
      this.declared.add(name);
      return `const ${name} = await GlueContext.open();`;
    }
    if (/^\w+\s*=\s*Job\(/.test(text)) {
      this.names.add(name);
      return "";
    }
    const init = /^(\w+)\.init\(([\s\S]+)\)$/.exec(text);
    if (init && this.names.has(init[1] ?? "")) {
      this.used.add("Job");
      const [first = "", second] = splitArguments(init[2] ?? "").map((tokens) => sourceOf(init[2] ?? "", tokens));
      return `const ${init[1] ?? "job"} = await Job.init(${[...this.names].find((each) => this.declared.has(each) && each.toLowerCase().includes("glue")) ?? "glueContext"}, ${expression(first, this.scope)}${second === undefined ? "" : `, ${expression(second, this.scope)}`});`;
    }
    const commit = /^(\w+)\.commit\(\)$/.exec(text);
    if (commit && this.names.has(commit[1] ?? "")) return `await ${commit[1] ?? "job"}.commit();`;
    if (/getResolvedOptions\(/.test(text)) {
      this.used.add("getResolvedOptions");
      this.names.add(name);
      this.declared.add(name);
      return `const ${name} = ${expression(text.slice(text.indexOf("=") + 1), this.scope)} as Record<string, string>;`;
    }
    if (/^\w+\.setLogLevel\(/.test(text)) return "";
    return undefined;
  }

  private block(text: string, indent: number): boolean {
    const def = /^def\s+(\w+)\s*\(([\w\s,]*)\)(?:\s*->\s*[\w.[\], ]+)?\s*:$/.exec(text);
    if (def) {
      const parameters = (def[2] ?? "")
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "");
      for (const name of parameters) this.names.add(name);
      this.emit(`function ${def[1] ?? ""}(${parameters.map((name) => `${name}: any`).join(", ")}): any {`);
      this.blocks.push({ indent, kind: "function" });
      return true;
    }
    const condition = /^(if|elif)\s+([\s\S]+):$/.exec(text);
    if (condition || text === "else:") {
      const javascript = condition ? expression(condition[2] ?? "", this.scope) : "";
      const isNext = text === "else:" || condition?.[1] === "elif";
      if (isNext) {
        this.closeBlocks(indent + 1);
        if (this.blocks.at(-1)?.kind !== "if" || this.blocks.at(-1)?.indent !== indent)
          throw new Untranslatable("an else without its if");
        this.blocks.pop();
      } else this.closeBlocks(indent);
      this.emit(isNext ? `} else ${condition ? `if (${javascript}) ` : ""}{` : `if (${javascript}) {`);
      this.blocks.push({ indent, kind: "if" });
      return true;
    }
    const loop = /^for\s+(\w+)\s+in\s+([\s\S]+):$/.exec(text);
    if (loop) {
      const list = expression(loop[2] ?? "", this.scope);
      this.names.add(loop[1] ?? "");
      this.emit(`for (const ${loop[1] ?? ""} of ${list}) {`);
      this.blocks.push({ indent, kind: "for" });
      return true;
    }
    if (/:$/.test(text)) throw new Untranslatable(`a block of ${text.split(/[\s:(]/)[0] ?? ""}`);
    return false;
  }

  /** The first assignment declares; with `let` when another comes. */
  private declare(name: string): string {
    if (this.declared.has(name) || (this.blocks.some((block) => block.kind === "function") && this.names.has(name)))
      return "";
    this.declared.add(name);
    const times = this.lines.filter(({ text }) => new RegExp(`^${name}\\s*=(?!=)`).test(text)).length;
    return times > 1 ? "let " : "const ";
  }
}

const unwrapped = (text: string): string => {
  const inner = /^\((await [\s\S]*)\)$/.exec(text)?.[1];
  return inner !== undefined && isBalanced(inner) ? inner : text;
};

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const c of text.replaceAll(/"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g, "")) {
    if (c === "(") depth += 1;
    if (c === ")") depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
