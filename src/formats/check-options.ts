import { DynaframeError } from "../types/error.js";
import type { FormatName, FormatOptions } from "./index.js";

/** What a reader or writer option takes. `char`: one character; `any`: checked by its user. */
export type OptionKind = "boolean" | "char" | "string" | "any";
export type OptionTable = { readonly [option: string]: OptionKind };

/**
 * Throws BAD_OPTION for an option that the format does not have, naming the nearest one it has, or for a value of the wrong kind.
 * `undefined` counts as not given; "true" and "false" count as booleans, as in scripts that pass job arguments on.
 */
export function checkOptions(format: FormatName, options: FormatOptions, known: OptionTable): void {
  for (const [option, value] of Object.entries(options)) {
    const kind = Object.hasOwn(known, option) ? known[option] : undefined;
    if (kind === undefined) throw unknownOption(format, option, Object.keys(known));
    if (value !== undefined && !fits(kind, value)) throw badValue(format, option, kind, value);
  }
}

/** The value of a boolean option, or what holds when it is not given. */
export function booleanOption(options: FormatOptions, option: string, otherwise: boolean): boolean {
  const value = options[option];
  return value === undefined ? otherwise : value === true || value === "true";
}

/** The value of a text option, or what holds when it is not given. */
export function textOption(options: FormatOptions, option: string): string | undefined {
  const value = options[option];
  return typeof value === "string" ? value : undefined;
}

export const badValue = (format: FormatName, option: string, expected: string, value: unknown): DynaframeError =>
  new DynaframeError("BAD_OPTION", `option ${option} of format ${format} takes ${expected}, not ${show(value)}`, { path: option, expected, found: show(value) });

function fits(kind: OptionKind, value: unknown): boolean {
  switch (kind) {
    case "any": return true;
    case "boolean": return typeof value === "boolean" || value === "true" || value === "false";
    case "string": return typeof value === "string";
    case "char": return typeof value === "string" && [...value].length === 1;
  }
}

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);

function unknownOption(format: FormatName, option: string, known: readonly string[]): DynaframeError {
  const near = nearestName(option, known);
  return new DynaframeError("BAD_OPTION", `format ${format} has no option ${option}`, {
    path: option, found: option, expected: known.join(", "),
    hint: near === undefined ? `Its options are ${known.join(", ")}.` : `Did you mean ${near}?`,
  });
}

/** The known name at the smallest edit distance, case ignored; undefined when more than a third of the letters differ. */
export const nearestName = (name: string, known: readonly string[]): string | undefined => nearestNames(name, known, 1)[0];

/** At most so many known names by edit distance, the nearest first; none of which more than a third of the letters differ. */
export function nearestNames(name: string, known: readonly string[], most: number): readonly string[] {
  return known.map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance).slice(0, most).map(({ candidate }) => candidate);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
