/** Whether a database gives back what a JSON text says, in the form in which it keeps JSON. */
import type { JsonForm } from "./target-column.js";

/** False also for a text that is no JSON. */
export function keepsJson(text: string, form: JsonForm): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (form === "text") return true;
  const { keys, outside } = outsideOfStrings(text);
  if (keys !== keysOf(value)) return false;
  return form === "document" || outside.every((part) => (part.match(NUMBER) ?? []).every(isHeld));
}

/** The parts of the text around its strings, and how many of these are keys. */
function outsideOfStrings(text: string): { readonly keys: number; readonly outside: readonly string[] } {
  const outside: string[] = [];
  let keys = 0;
  let at = 0;
  for (let quote = text.indexOf('"'); quote >= 0; quote = text.indexOf('"', at)) {
    outside.push(text.slice(at, quote));
    at = quote + 1;
    while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    at += 1;
    const next = /[^ \t\n\r]/g;
    next.lastIndex = at;
    if (next.exec(text)?.[0] === ":") keys += 1;
  }
  return { keys, outside: [...outside, text.slice(at)] };
}

/** Keys of all objects; fewer than are written where one has a key twice. */
function keysOf(value: unknown): number {
  let keys = 0;
  for (const waiting = [value]; waiting.length > 0;) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null) continue;
    const inside = Object.values(next) as unknown[];
    if (!Array.isArray(next)) keys += inside.length;
    for (const item of inside) waiting.push(item);
  }
  return keys;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A 64-bit integer, signed or not, or a number whose double prints the same digits. */
function isHeld(literal: string): boolean {
  if (/^-?\d+$/.test(literal)) {
    const whole = BigInt(literal);
    if (whole >= -(2n ** 63n) && whole < 2n ** 64n) return true;
  }
  return significant(literal) === significant(String(Number(literal)));
}

/** Sign, digits without zeros around them, and the power of ten of the first. */
function significant(literal: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const all = whole + fraction;
  const digits = all.replace(/^0+/, "");
  return digits === ""
    ? "0"
    : `${sign}${digits.replace(/0+$/, "")}e${whole.length - (all.length - digits.length) + Number(exponent)}`;
}
