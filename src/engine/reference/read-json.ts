/**
 * A slow, exact JSON reader, written without the scanner so that it can check it. It keeps the digits of numbers, tells
 * `1` from `1.0`, lets the last of duplicate keys win, and skips records it cannot read.
 */
import { BIGINT } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { Decimal } from "../../types/value.js";

/** A parsed value: its exact type as the ledger names it, beside it; numbers as they were written too. */
export type JsonNode =
  | { readonly tag: "null" }
  | { readonly tag: "boolean"; readonly value: boolean }
  | { readonly tag: "int" | "double"; readonly value: number; readonly text: string }
  | { readonly tag: "long"; readonly value: number | bigint; readonly text: string }
  | { readonly tag: "bigint"; readonly value: Decimal; readonly text: string }
  | { readonly tag: "string"; readonly value: string }
  | { readonly tag: "array"; readonly elements: readonly JsonNode[] }
  | { readonly tag: "struct"; readonly fields: ReadonlyMap<string, JsonNode> };

/** Levels of arrays and objects in one record; the record itself is the first. */
export const MAX_DEPTH = 500;

/** A record that is not JSON; `code` as in the ledger's malformed records, `at` a character position. */
class JsonSyntaxError extends DynaframeError {
  constructor(
    code: string,
    readonly at: number,
    what: string,
  ) {
    super(code, `${what} at character ${at}`);
  }
}

/** The one JSON value in `text`, which may have white space around it. Throws JsonSyntaxError. */
export function parseJson(text: string): JsonNode {
  const cursor = new Cursor(text);
  const node = cursor.value(1);
  cursor.space();
  if (!cursor.atEnd) throw cursor.error("text after the value");
  return node;
}

/**
 * The records of a text: one per line, or, when the first line is no record of its own or `values` is true
 * (`multiLine`), arrays and records one after the other. Malformed lines are skipped; outside lines nothing is read
 * behind the first malformed record.
 */
export function parseRecords(
  text: string,
  decode: (line: string) => string | undefined,
  values = false,
): readonly JsonNode[] {
  if (values) return new Cursor(decode(text) ?? "").sequence();
  const lines = text.split("\n").map(decode);
  const ofLines = (): readonly JsonNode[] => lines.flatMap((line) => (line === undefined ? [] : (parsed(line) ?? [])));
  const first = lines.find((line) => line === undefined || line.trim() !== "");
  const array = first?.trimStart().startsWith("[") === true;
  if (first === undefined || (!array && parsed(first) !== undefined)) return ofLines();
  const cursor = new Cursor(decode(text) ?? "");
  const nodes = cursor.sequence();
  return cursor.atEnd || array ? nodes : ofLines();
}

function parsed(line: string): JsonNode | undefined {
  try {
    return parseJson(line);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/** An integer's digits as the smallest type that holds it: int, long, decimal(38,0), else string. */
function integerNode(digits: string): JsonNode {
  const value = BigInt(digits);
  const text = digits;
  if (value >= -(2n ** 31n) && value < 2n ** 31n) return { tag: "int", value: Number(value), text };
  if (value >= -(2n ** 63n) && value < 2n ** 63n) {
    return { tag: "long", value: Number.isSafeInteger(Number(value)) ? Number(value) : value, text };
  }
  const significant = digits.replace(/^-/, "").length;
  return significant <= BIGINT.precision
    ? { tag: "bigint", value: new Decimal(value, 0), text }
    : { tag: "string", value: digits };
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

class Cursor {
  private at = 0;
  constructor(private readonly text: string) {}

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  error(what: string, code = "INVALID_JSON"): JsonSyntaxError {
    return new JsonSyntaxError(code, this.at, what);
  }

  space(): void {
    while (" \t\r\n".includes(this.text[this.at] ?? "x")) this.at++;
  }

  value(depth: number): JsonNode {
    this.space();
    const c = this.text[this.at];
    if (c === "{" || c === "[") {
      if (depth > MAX_DEPTH) throw this.error("too many levels", "TOO_DEEP");
      return c === "{" ? this.object(depth) : this.array(depth);
    }
    if (c === '"') return { tag: "string", value: this.string() };
    for (const [word, node] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return node;
      }
    }
    return this.number();
  }

  /** Values one after the other, those of a top-level array each on its own, up to the first that is malformed. */
  sequence(): readonly JsonNode[] {
    const nodes: JsonNode[] = [];
    try {
      for (this.space(); !this.atEnd; this.space()) {
        if (this.text[this.at] === "[") this.elements(1, nodes);
        else nodes.push(this.value(1));
      }
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
    }
    return nodes;
  }

  private object(depth: number): JsonNode {
    const fields = new Map<string, JsonNode>();
    this.at++;
    for (this.space(); this.text[this.at] !== "}"; this.space()) {
      if (fields.size > 0 || this.text[this.at] === ",") this.comma(fields.size > 0);
      this.space();
      if (this.text[this.at] !== '"') throw this.error("a key was expected");
      const key = this.string();
      this.space();
      if (this.text[this.at] !== ":") throw this.error("':' was expected");
      this.at++;
      fields.set(key, this.value(depth + 1));
    }
    this.at++;
    return { tag: "struct", fields };
  }

  private array(depth: number): JsonNode {
    const elements: JsonNode[] = [];
    this.elements(depth + 1, elements);
    return { tag: "array", elements };
  }

  private elements(depth: number, elements: JsonNode[]): void {
    this.at++;
    const before = elements.length;
    for (this.space(); this.text[this.at] !== "]"; this.space()) {
      if (elements.length > before || this.text[this.at] === ",") this.comma(elements.length > before);
      elements.push(this.value(depth));
    }
    this.at++;
  }

  private comma(allowed: boolean): void {
    if (!allowed || this.text[this.at] !== ",") throw this.error("',' was not expected or is missing");
    this.at++;
  }

  private string(): string {
    let out = "";
    for (this.at++; this.text[this.at] !== '"'; this.at++) {
      const c = this.text[this.at];
      if (c === undefined) throw this.error("the string does not end");
      if (c < " ") throw this.error("a control character in a string");
      out += c === "\\" ? this.escape() : c;
    }
    this.at++;
    return out.toWellFormed();
  }

  private escape(): string {
    const c = this.text[++this.at] ?? "";
    const plain = ESCAPES.get(c);
    if (plain !== undefined) return plain;
    const hex = this.text.slice(this.at + 1, this.at + 5);
    if (c !== "u" || !/^[0-9a-fA-F]{4}$/.test(hex)) throw this.error("an unknown escape");
    this.at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  private number(): JsonNode {
    const pattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) throw this.error("a value was expected");
    this.at += found[0].length;
    if (found[1] === undefined && found[2] === undefined) return integerNode(found[0]);
    const value = Number(found[0]);
    return Number.isFinite(value) ? { tag: "double", value, text: found[0] } : { tag: "string", value: found[0] };
  }
}

const WORDS: readonly (readonly [string, JsonNode])[] = [
  ["null", { tag: "null" }],
  ["true", { tag: "boolean", value: true }],
  ["false", { tag: "boolean", value: false }],
];
