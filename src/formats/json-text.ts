/**
 * One JSON text as a value with the type of each number as written: 1 is an int, 1.0 a double, integers keep all
 * digits. For texts inside records; files are read by the scanner, whose rules these are: the last of equal keys wins,
 * a fraction past the range of double and an integer past 38 digits stay text, a lone surrogate becomes U+FFFD.
 */
import type { Hazard } from "../shapes/ledger.js";
import { BIGINT, BOOLEAN, DOUBLE, INT, LONG, NULL, STRING, type DataType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { Decimal, type Value } from "../types/value.js";
import { loneSurrogates } from "../types/well-formed.js";

export type JsonText =
  | ({ readonly kind: "atom"; readonly type: DataType; readonly value: Value } & Hazardous)
  | { readonly kind: "array"; readonly elements: readonly JsonText[] }
  | ({ readonly kind: "object"; readonly fields: ReadonlyMap<string, JsonText> } & Hazardous);
/** Of an object those of its keys; one for each time. */
type Hazardous = { readonly hazards?: readonly Hazard[] };

/** Levels of arrays and objects, as in files. */
const MAX_DEPTH = 500;

/**
 * The one value in the text, white space around it allowed.
 * @throws INVALID_JSON and TOO_DEEP with the character's position.
 */
export function parseJsonText(text: string): JsonText {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.expectEnd();
  return value;
}

const atom = (type: DataType, value: Value, hazards: readonly Hazard[] = NONE): JsonText => ({
  kind: "atom",
  type,
  value,
  ...withHazards(hazards),
});
const withHazards = (hazards: readonly Hazard[]): Hazardous => (hazards.length === 0 ? NO_HAZARDS : { hazards });
const NONE: readonly Hazard[] = Object.freeze([]);
const NO_HAZARDS = Object.freeze({});

class Reader {
  #at = 0;
  readonly #text: string;
  readonly #space = /[ \t\r\n]*/y;
  readonly #number = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
  readonly #word = /null|true|false/y;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonText {
    this.#match(this.#space);
    const c = this.#text[this.#at];
    if (c === "{" || c === "[") {
      if (depth >= MAX_DEPTH) throw this.#error(`more than ${MAX_DEPTH} levels`, "TOO_DEEP");
      this.#at++;
      return c === "{" ? this.#object(depth + 1) : this.#array(depth + 1);
    }
    if (c === '"') {
      const { value, hazards } = this.#readString();
      return atom(STRING, value, hazards);
    }
    const word = this.#match(this.#word)?.[0];
    if (word !== undefined) return word === "null" ? atom(NULL, null) : atom(BOOLEAN, word === "true");
    const number = this.#match(this.#number);
    if (!number) throw this.#error("a value is expected");
    return numberOf(number[0], number[1] !== undefined || number[2] !== undefined);
  }

  expectEnd(): void {
    this.#match(this.#space);
    if (this.#at < this.#text.length) throw this.#error("text follows the value");
  }

  #object(depth: number): JsonText {
    const fields = new Map<string, JsonText>();
    const hazards: Hazard[] = [];
    if (this.#take("}")) return { kind: "object", fields };
    do {
      this.#match(this.#space);
      const { value: key, hazards: ofKey } = this.#readString();
      this.#require(":");
      hazards.push(...ofKey);
      if (fields.has(key)) hazards.push("DUPLICATE_KEY");
      fields.set(key, this.value(depth));
    } while (this.#take(","));
    this.#require("}");
    return { kind: "object", fields, ...withHazards(hazards) };
  }

  #array(depth: number): JsonText {
    const elements: JsonText[] = [];
    if (this.#take("]")) return { kind: "array", elements };
    do elements.push(this.value(depth));
    while (this.#take(","));
    this.#require("]");
    return { kind: "array", elements };
  }

  #readString(): { readonly value: string; readonly hazards: readonly Hazard[] } {
    if (this.#text[this.#at] !== '"') throw this.#error("a string is expected");
    const end = this.#closingQuote();
    const token = this.#text.slice(this.#at, end + 1);
    try {
      const value = JSON.parse(token) as string;
      this.#at = end + 1;
      const halves = loneSurrogates(value);
      return halves === 0
        ? { value, hazards: NONE }
        : { value: value.toWellFormed(), hazards: Array<Hazard>(halves).fill("LONE_SURROGATE") };
    } catch {
      throw this.#error("a string with a control character or an unknown escape");
    }
  }

  /** The next quote with an even number of backslashes before it. */
  #closingQuote(): number {
    for (let from = this.#at + 1; ;) {
      const end = this.#text.indexOf('"', from);
      if (end < 0) throw this.#error("a string that does not end");
      let slashes = 0;
      while (end - slashes - 1 >= from && this.#text[end - slashes - 1] === "\\") slashes++;
      if (slashes % 2 === 0) return end;
      from = end + 1;
    }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #take(c: string): boolean {
    this.#match(this.#space);
    if (this.#text[this.#at] !== c) return false;
    this.#at++;
    return true;
  }

  #require(c: string): void {
    if (!this.#take(c)) throw this.#error(`${JSON.stringify(c)} is expected`);
  }

  #error(what: string, code = "INVALID_JSON"): DynaframeError {
    return new DynaframeError(code, `${what} at character ${this.#at}`, {
      offset: this.#at,
      hint: "The text must be one JSON value.",
    });
  }
}

function numberOf(digits: string, fraction: boolean): JsonText {
  if (fraction) {
    const value = Number(digits);
    if (!Number.isFinite(value)) return atom(STRING, digits, ["NUMBER_OVERFLOW"]);
    return atom(
      DOUBLE,
      value,
      value === 0 && /[1-9]/.test(digits.split(/[eE]/)[0] ?? "") ? ["NUMBER_UNDERFLOW"] : NONE,
    );
  }
  // BigInt takes quadratic time on megabytes of digits
  if (digits.replace(/^-/, "").length > BIGINT.precision) return atom(STRING, digits, ["NUMBER_TOO_LONG"]);
  const value = BigInt(digits);
  const small = Number(value);
  if (BigInt.asIntN(32, value) === value) return atom(INT, small);
  if (BigInt.asIntN(64, value) === value) return atom(LONG, Number.isSafeInteger(small) ? small : value);
  return atom(BIGINT, new Decimal(value, 0));
}
