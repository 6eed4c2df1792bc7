/** The type that a text has by itself, told from its bytes: as `typedText` says, without a text being made of most. */
import { TAGS } from "../shapes/ledger.js";
import { typedText } from "./text-type.js";

const STRING = TAGS.indexOf("string");
const INT = TAGS.indexOf("int");
const LONG = TAGS.indexOf("long");
const DOUBLE = TAGS.indexOf("double");
const BOOLEAN = TAGS.indexOf("boolean");
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");
/**
 * Digits that a double holds one by one; powers of ten up to this are exact, and so is the quotient of both, rounded
 * once.
 */
const EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => Number(`1e${i}`));

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 9 && byte <= 13);

export class TypedBytes {
  /**
   * Of the text last told: the value of a number where one of JavaScript's holds it, 1 and 0 for true and false; else
   * NaN.
   */
  number = NaN;

  /** Index of the tag in TAGS; -1 for a text that is a hazard. */
  tagOf(bytes: Buffer, start: number, end: number): number {
    this.number = NaN;
    let at = start;
    while (at < end && isSpace(bytes[at] ?? 0)) at++;
    const first = at < end ? (bytes[at] ?? 0) : 0;
    if (isDigit(first) || first === 0x2b || first === 0x2d || first === 0x2e)
      return this.numeric(bytes, start, at, end);
    const letter = first | 0x20;
    return letter === 0x74 || letter === 0x66 ? this.truth(bytes, start, end) : STRING;
  }

  private numeric(bytes: Buffer, start: number, from: number, end: number): number {
    const negative = bytes[from] === 0x2d;
    const digits = negative || bytes[from] === 0x2b ? from + 1 : from;
    let at = digits;
    let value = 0;
    for (let byte = bytes[at] ?? 0; at < end && isDigit(byte); byte = bytes[++at] ?? 0)
      value = value * 10 + byte - 0x30;
    const whole = at - digits;
    if (isBlank(bytes, at, end)) {
      // 007 is no number, and neither is a sign
      if (whole === 0 || (whole > 1 && bytes[digits] === 0x30)) return STRING;
      if (whole > EXACT_DIGITS) return this.byText(bytes, start, end);
      const signed = negative ? -value : value;
      // `| 0` of a negative zero is zero, which an int is
      const int = (signed | 0) === signed;
      this.number = int ? signed | 0 : signed;
      return int ? INT : LONG;
    }
    let fraction = 0;
    if (bytes[at] === 0x2e) {
      at++;
      const point = at;
      for (let byte = bytes[at] ?? 0; at < end && isDigit(byte); byte = bytes[++at] ?? 0)
        value = value * 10 + byte - 0x30;
      fraction = at - point;
      if (isBlank(bytes, at, end)) {
        if (whole + fraction === 0) return STRING;
        if (whole + fraction > EXACT_DIGITS) return this.byText(bytes, start, end);
        this.number = (negative ? -value : value) / (POWERS[fraction] ?? 1);
        return DOUBLE;
      }
    }
    return whole + fraction > 0 && ((bytes[at] ?? 0) | 0x20) === 0x65 ? this.byText(bytes, start, end) : STRING;
  }

  private truth(bytes: Buffer, start: number, end: number): number {
    const word = end - start === TRUE.length ? TRUE : end - start === FALSE.length ? FALSE : undefined;
    if (word === undefined) return STRING;
    for (let i = 0; i < word.length; i++) if (((bytes[start + i] ?? 0) | 0x20) !== word[i]) return STRING;
    this.number = word === TRUE ? 1 : 0;
    return BOOLEAN;
  }

  private byText(bytes: Buffer, start: number, end: number): number {
    const {
      value: { tag, value },
      hazard,
    } = typedText(bytes.toString("utf8", start, end));
    if (hazard !== undefined) return -1;
    if (typeof value === "number") this.number = value;
    return TAGS.indexOf(tag);
  }
}

/** White space and no more, or nothing. */
function isBlank(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (!isSpace(bytes[at] ?? 0)) return false;
  return true;
}
