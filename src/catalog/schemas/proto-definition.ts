/**
 * Whether a text is a .proto file: its grammar, and what of its rules can be told without the files that it imports
 * (Protocol Buffers, "Language Specification", proto2, proto3, editions).
 */
import { type ProtoToken, protoTokens } from "./proto-tokens.js";

/** Messages in messages; protoc itself stops at 32. */
const DEEPEST = 32;
const LABELS = ["optional", "required", "repeated"];
const MAP_KEYS = new Set([
  "int32",
  "int64",
  "uint32",
  "uint64",
  "sint32",
  "sint64",
  "fixed32",
  "fixed64",
  "sfixed32",
  "sfixed64",
  "bool",
  "string",
]);
const MAX_FIELD = 536_870_911;

/**
 * The problem of a definition, or its words in one line, which are equal for two that say the same in another layout.
 */
export function readProto(source: string): { readonly problem: string } | { readonly words: string } {
  const tokens = protoTokens(source);
  if (typeof tokens === "string") return { problem: tokens };
  try {
    new ProtoReader(tokens).file();
    return {
      words: tokens
        .slice(0, -1)
        .map((token) => token.text)
        .join(" "),
    };
  } catch (error) {
    if (error instanceof ProtoProblem) return { problem: error.message };
    throw error;
  }
}

class ProtoProblem extends Error {}

/** What one message has taken. */
type Taken = {
  readonly names: Set<string>;
  readonly numbers: Set<number>;
  readonly reserved: (readonly [from: number, to: number])[];
};

const isIn = (ranges: Taken["reserved"], number: number): boolean =>
  ranges.some(([from, to]) => number >= from && number <= to);

class ProtoReader {
  private at = 0;
  private depth = 0;
  private isProto3 = false;

  constructor(private readonly tokens: readonly ProtoToken[]) {}

  file(): void {
    if (this.takes("syntax")) {
      this.expect("=");
      const version = this.text();
      if (version !== "proto2" && version !== "proto3") this.fail("proto2 or proto3");
      this.isProto3 = version === "proto3";
      this.expect(";");
    } else if (this.takes("edition")) {
      this.expect("=");
      this.text();
      this.expect(";");
    }
    const names = new Set<string>();
    let packages = 0;
    while (this.here.kind !== "end") {
      if (this.takes(";")) continue;
      if (this.takes("import")) {
        if (!this.takes("weak")) this.takes("public");
        this.text();
        this.expect(";");
      } else if (this.takes("package")) {
        if (packages > 0) this.fail("one package");
        packages += 1;
        this.typeName();
        this.expect(";");
      } else if (this.takes("service")) {
        this.unique(names, this.name());
        this.service();
      } else if (!this.definition(names)) this.fail("message, enum, service, extend, import, package or option");
    }
  }

  /** What may stand in a file and in a message. */
  private definition(names: Set<string>): boolean {
    const next = this.tokens[this.at + 1];
    const isNamed = next?.kind === "name";
    if (isNamed && this.takes("message")) {
      this.unique(names, this.name());
      this.message();
      return true;
    }
    if (isNamed && this.takes("enum")) {
      this.unique(names, this.name());
      this.enumeration();
      return true;
    }
    if ((isNamed || next?.text === ".") && this.takes("extend")) {
      this.typeName();
      this.block(() => {
        this.field({ names: new Set(), numbers: new Set(), reserved: [] }, true);
      });
      return true;
    }
    if ((isNamed || next?.text === "(") && this.takes("option")) {
      this.option();
      this.expect(";");
      return true;
    }
    return false;
  }

  private message(): void {
    const taken: Taken = { names: new Set(), numbers: new Set(), reserved: [] };
    this.block(() => {
      if (this.definition(taken.names)) return;
      const next = this.tokens[this.at + 1];
      if (next?.kind === "name" && this.takes("oneof")) {
        this.unique(taken.names, this.name());
        this.block(() => {
          if (!this.optionIn()) this.field(taken, false);
        });
      } else if ((next?.kind === "integer" || next?.kind === "text") && this.takes("reserved")) this.reserved(taken);
      else if (next?.kind === "integer" && this.takes("extensions")) {
        this.ranges();
        this.options();
        this.expect(";");
      } else this.field(taken, true);
    });
  }

  private optionIn(): boolean {
    const next = this.tokens[this.at + 1];
    if (!(next?.kind === "name" || next?.text === "(") || !this.takes("option")) return false;
    this.option();
    this.expect(";");
    return true;
  }

  private reserved({ names, numbers, reserved }: Taken): void {
    if (this.here.kind === "text") {
      do this.unique(names, this.text());
      while (this.takes(","));
    } else {
      reserved.push(...this.ranges());
      const taken = [...numbers].find((number) => isIn(reserved, number));
      if (taken !== undefined) this.fail(`no field ${taken}, which is reserved`);
    }
    this.expect(";");
  }

  private field(taken: Taken, canHaveLabel: boolean): void {
    const isLabelled =
      canHaveLabel
      && LABELS.includes(this.here.text)
      && this.tokens[this.at + 1]?.text !== "="
      && this.here.kind === "name";
    if (isLabelled) this.at += 1;
    const isGroup =
      this.here.text === "group" && this.tokens[this.at + 1]?.kind === "name" && this.tokens[this.at + 2]?.text === "=";
    if (isGroup) this.at += 1;
    else if (!isLabelled && this.here.text === "map" && this.tokens[this.at + 1]?.text === "<") this.map();
    else this.typeName();
    this.unique(taken.names, this.name());
    this.expect("=");
    const number = this.integer();
    if (number < 1 || number > MAX_FIELD || (number >= 19_000 && number <= 19_999))
      this.fail("a field number of 1 to 536870911 but 19000 to 19999");
    if (taken.numbers.has(number)) this.fail(`another number than ${number}, which is taken`);
    if (isIn(taken.reserved, number)) this.fail(`another number than ${number}, which is reserved`);
    taken.numbers.add(number);
    this.options();
    if (isGroup) this.message();
    else this.expect(";");
  }

  private map(): void {
    this.at += 1;
    this.expect("<");
    if (!MAP_KEYS.has(this.name())) this.fail("an integer type, bool or string as the key of a map");
    this.expect(",");
    this.typeName();
    this.expect(">");
  }

  private enumeration(): void {
    const names = new Set<string>();
    let values = 0;
    this.block(() => {
      if (this.optionIn()) return;
      const next = this.tokens[this.at + 1];
      if (next?.text !== "=" && this.takes("reserved")) {
        if (this.here.kind === "text") {
          do this.text();
          while (this.takes(","));
        } else this.ranges();
        this.expect(";");
        return;
      }
      this.unique(names, this.name());
      this.expect("=");
      const value = this.integer();
      if (this.isProto3 && values === 0 && value !== 0) this.fail("0 as the first value");
      values += 1;
      this.options();
      this.expect(";");
    });
    if (values === 0) this.fail("an enum with a value");
  }

  private service(): void {
    const names = new Set<string>();
    this.block(() => {
      if (this.optionIn()) return;
      this.expect("rpc");
      this.unique(names, this.name());
      this.streamed();
      this.expect("returns");
      this.streamed();
      if (this.here.text === "{")
        this.block(() => {
          if (!this.optionIn()) this.fail("option");
        });
      else this.expect(";");
    });
  }

  private streamed(): void {
    this.expect("(");
    if (this.tokens[this.at + 1]?.text !== ")" && this.tokens[this.at + 1]?.text !== ".") this.takes("stream");
    this.typeName();
    this.expect(")");
  }

  private ranges(): readonly (readonly [number, number])[] {
    const found: (readonly [number, number])[] = [];
    do {
      const from = this.integer();
      found.push([from, this.takes("to") ? (this.takes("max") ? MAX_FIELD : this.integer()) : from]);
    } while (this.takes(","));
    return found;
  }

  private options(): void {
    if (!this.takes("[")) return;
    do this.option();
    while (this.takes(","));
    this.expect("]");
  }

  private option(): void {
    do {
      if (this.takes("(")) {
        this.typeName();
        this.expect(")");
      } else this.name();
    } while (this.takes("."));
    this.expect("=");
    if (this.here.text === "{" && this.here.kind === "sign") this.aggregate();
    else this.constant();
  }

  private constant(): void {
    if (this.here.kind === "text") {
      this.text();
      return;
    }
    if (!this.takes("-")) this.takes("+");
    if (this.here.kind === "integer" || this.here.kind === "float") this.at += 1;
    else {
      this.name();
      while (this.takes(".")) this.name();
    }
  }

  /** A message in text format: only its brackets are looked at. */
  private aggregate(): void {
    const open: string[] = [];
    do {
      const { kind, text } = this.here;
      if (kind === "end") this.fail(open.at(-1) ?? "}");
      if (kind === "sign" && "{[".includes(text)) open.push(text === "{" ? "}" : "]");
      else if (kind === "sign" && "}]".includes(text) && open.pop() !== text) this.fail("brackets that match");
      this.at += 1;
    } while (open.length > 0);
  }

  private block(item: () => void): void {
    this.depth += 1;
    if (this.depth > DEEPEST) this.fail(`at most ${DEEPEST} levels`);
    this.expect("{");
    while (!this.takes("}")) if (!this.takes(";")) item();
    this.depth -= 1;
  }

  private get here(): ProtoToken {
    return this.tokens[this.at] ?? { kind: "end", text: "the end", line: 0 };
  }
  private takes(text: string): boolean {
    if (this.here.text !== text || this.here.kind === "text" || this.here.kind === "end") return false;
    this.at += 1;
    return true;
  }
  private expect(text: string): void {
    if (!this.takes(text)) this.fail(text);
  }
  private name(): string {
    return this.word("name", "a name");
  }
  private integer(): number {
    const sign = this.takes("-") ? -1 : 1;
    const text = this.word("integer", "a number");
    return sign * (/^0\d/.test(text) ? Number.parseInt(text, 8) : Number(text));
  }
  private text(): string {
    let text = this.word("text", "a text in quotes").slice(1, -1);
    while (this.here.kind === "text") text += this.word("text", "").slice(1, -1);
    return text;
  }
  private typeName(): void {
    this.takes(".");
    do this.name();
    while (this.takes("."));
  }
  private word(kind: ProtoToken["kind"], expected: string): string {
    const { text } = this.here;
    if (this.here.kind !== kind) this.fail(expected);
    this.at += 1;
    return text;
  }
  private unique(names: Set<string>, name: string): void {
    if (names.has(name)) this.fail(`another name than ${name.slice(0, 100)}, which is taken`);
    names.add(name);
  }
  private fail(expected: string): never {
    throw new ProtoProblem(`line ${this.here.line}: expected ${expected}, found ${this.here.text.slice(0, 50)}`);
  }
}
