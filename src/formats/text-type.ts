/** The type that a text has by itself, in formats that hold text only. */
import type { Hazard } from "../shapes/ledger.js";
import type { SourceScalar } from "../shapes/records/record-reader.js";
import { BIGINT } from "../types/data-type.js";
import { Decimal } from "../types/value.js";

export type TypedText = { readonly value: SourceScalar; readonly hazard?: Hazard };

const WHOLE = /^[+-]?(?:0|[1-9]\d*)$/;
const FRACTION = /^[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?$/;

/**
 * int, long, bigint (up to 38 digits) and double as the scanner of CSV tells them (wasm/lex-numbers.ts `isTextNumber`):
 * white space around, a plus sign and nothing on one side of the point are allowed, 007 and the names of infinities are
 * strings. true and false in any case are boolean, without white space. All else is a string as it stands; days and
 * times are strings too.
 */
export function typedText(text: string, at?: number): TypedText {
  const place = at === undefined ? {} : { at };
  if (!mayBeTyped(text)) return { value: { tag: "string", value: text, ...place } };
  const number = text.replace(/^[\t-\r ]+|[\t-\r ]+$/g, "");
  if (WHOLE.test(number)) return integer(text, number, place);
  if (FRACTION.test(number)) return fraction(text, number, place);
  if (/^(?:true|false)$/i.test(text)) return { value: { tag: "boolean", value: /^t/i.test(text), text, ...place } };
  return { value: { tag: "string", value: text, ...place } };
}

/** By the first character that is no white space: most texts need no more. */
function mayBeTyped(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 32 || (c >= 9 && c <= 13)) continue;
    return (c >= 43 && c <= 57) || c === 84 || c === 116 || c === 70 || c === 102;
  }
  return false;
}

type Place = { readonly at?: number };

function integer(text: string, number: string, place: Place): TypedText {
  const digits = number.replace(/^[+-]/, "");
  if (digits.length <= 15) return { value: whole(Number(number), text, place) };
  // BigInt takes quadratic time on megabytes of digits
  if (digits.length > BIGINT.precision)
    return { value: { tag: "string", value: text, ...place }, hazard: "NUMBER_TOO_LONG" };
  const value = BigInt(number.replace("+", ""));
  if (BigInt.asIntN(64, value) === value)
    return {
      value: { tag: "long", value: Number.isSafeInteger(Number(value)) ? Number(value) : value, text, ...place },
    };
  return { value: { tag: "bigint", value: new Decimal(value, 0), text, ...place } };
}

const whole = (value: number, text: string, place: Place): SourceScalar =>
  // `| 0` of a negative zero is zero, which an int is
  (value | 0) === value ? { tag: "int", value: value | 0, text, ...place } : { tag: "long", value, text, ...place };

function fraction(text: string, number: string, place: Place): TypedText {
  const value = Number(number);
  if (!Number.isFinite(value)) return { value: { tag: "string", value: text, ...place }, hazard: "NUMBER_OVERFLOW" };
  const vanished = value === 0 && /[1-9]/.test(number.split(/[eE]/)[0] ?? "");
  return {
    value: { tag: "double", value, text, ...place },
    ...(vanished ? { hazard: "NUMBER_UNDERFLOW" as const } : {}),
  };
}
