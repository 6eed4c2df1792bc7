import { UsageError } from "./usage-error.js";

/** Parsers of argument and option values; each throws a UsageError that shows the expected form. */

export type TableName = { readonly database: string; readonly table: string };

/** `shop.orders`: the first dot divides, so that a table's name may hold more. */
export function parseTableName(text: string): TableName {
  const dot = text.indexOf(".");
  if (dot <= 0 || dot === text.length - 1)
    throw new UsageError(`expected DATABASE.TABLE, such as shop.orders, found "${text}"`);
  return { database: text.slice(0, dot), table: text.slice(dot + 1) };
}

export type VersionRange = TableName & { readonly from: string; readonly to?: string };

/** `shop.orders@3..5`; without the second version the present one. */
export function parseVersionRange(text: string): VersionRange {
  const found = /^(.+)@v?(\d+)(?:\.\.(?:v?(\d+))?)?$/.exec(text);
  const [, name = "", from = "", to] = found ?? [];
  if (found === null)
    throw new UsageError(`expected DATABASE.TABLE@FROM..TO, such as shop.orders@3..5, found "${text}"`);
  return { ...parseTableName(name), from, ...(to === undefined ? {} : { to }) };
}

/** A whole number from `least` up, or to `most`. */
export function parseCount(
  option: string,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} up` : `${least} to ${most}`;
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new UsageError(`${option} takes a whole number from ${range}, found "${text}"`);
    return value;
  };
}

/** Minutes above 0, also parts of them. */
export const parseMinutes =
  (option: string) =>
  (text: string): number => {
    const minutes = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || minutes <= 0)
      throw new UsageError(`${option} takes minutes above 0, found "${text}"`);
    return minutes;
  };

/** A text of this form. */
export function parseForm(option: string, form: RegExp, expected: string): (text: string) => string {
  return (text) => {
    if (!form.test(text)) throw new UsageError(`${option} takes ${expected}, found "${text}"`);
    return text;
  };
}

/** `a,b , c` → three names. */
export function parseNames(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** For options that may be given several times. */
export function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}

/** `price=cast:double` → path and action; the last `=` divides, because a path may hold one. */
export function parseResolve(text: string): readonly [path: string, action: string] {
  const divider = text.lastIndexOf("=");
  if (divider <= 0 || divider === text.length - 1)
    throw new UsageError(`--resolve takes PATH=ACTION, such as price=cast:double, found "${text}"`);
  return [text.slice(0, divider), text.slice(divider + 1)];
}

export function oneOf<const T extends string>(option: string, allowed: readonly T[]): (text: string) => T {
  return (text) => {
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw new UsageError(`${option} is one of ${allowed.join(", ")}; found "${text}"`);
    return found;
  };
}
