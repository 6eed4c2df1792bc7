/** Exact decimal numbers that compare by value, and as texts: `sign · 0.digits · 10^exponent`. */

export type OrderedNumber = {
  readonly sign: -1 | 0 | 1;
  readonly exponent: number;
  /** No leading and no trailing zero; empty for 0. */
  readonly digits: string;
};

const ZERO: OrderedNumber = Object.freeze({ sign: 0, exponent: 0, digits: "" });

/** What nearly every number is: taken without looking at its parts. */
const PLAIN = /^[1-9]\d*$/;

/** Reads `-12`, `2.60`, `3e14`; undefined for anything else and for exponents past six digits. */
export function parseOrderedNumber(text: string): OrderedNumber | undefined {
  if (PLAIN.test(text)) return { sign: 1, exponent: text.length, digits: trimZeros(text) };
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/.exec(text);
  if (parts === null) return undefined;
  const [whole, fraction] = [parts[2] ?? "", parts[3] ?? ""];
  if (whole + fraction === "") return undefined;
  const all = whole + fraction;
  const zeros = all.length - all.replace(/^0+/, "").length;
  const digits = trimZeros(all.slice(zeros));
  if (digits === "") return ZERO;
  return { sign: parts[1] === "-" ? -1 : 1, exponent: whole.length - zeros + Number(parts[4] ?? 0), digits };
}

// a loop: /0+$/ takes quadratic time on a long run of zeros that does not end the text
function trimZeros(text: string): string {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === "0") end -= 1;
  return text.slice(0, end);
}

export function compareOrdered(left: OrderedNumber, right: OrderedNumber): number {
  if (left.sign !== right.sign) return left.sign - right.sign;
  const size =
    left.exponent !== right.exponent
      ? left.exponent - right.exponent
      : left.digits < right.digits
        ? -1
        : left.digits > right.digits
          ? 1
          : 0;
  return left.sign < 0 ? -size : size;
}

const EXPONENT_BIAS = 50_000_000;
const EXPONENT_MAX = 99_999_999;

/**
 * A text whose order is the order of the numbers. Negative ones carry every digit complemented and end above any digit.
 */
export function orderedNumber(value: OrderedNumber): string {
  if (value.sign === 0) return "1";
  const exponent = value.exponent + EXPONENT_BIAS;
  if (value.sign > 0) return `2${String(exponent).padStart(8, "0")}${value.digits}`;
  const complement = value.digits.replace(/\d/g, (d) => String(9 - Number(d)));
  return `0${String(EXPONENT_MAX - exponent).padStart(8, "0")}${complement}~`;
}
