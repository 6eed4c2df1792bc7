import { DynaframeError } from "../types/error.js";
import { nearestName } from "../types/nearest-name.js";
import type { FormatName, FormatOptions } from "./index.js";

/** What a reader or writer option takes. `char`: one character; `any`: checked by its user. */
export type OptionKind = "boolean" | "char" | "string" | "any";
export type OptionTable = { readonly [option: string]: OptionKind };

/**
 * Throws BAD_OPTION for an option that the format does not have, naming the nearest one it has, or for a value of the
 * wrong kind. `undefined` counts as not given; "true" and "false" count as booleans, as in scripts that pass job
 * arguments on.
 */
export function checkOptions(format: FormatName, options: FormatOptions, known: OptionTable): void {
  const given: unknown = options;
  if (typeof given !== "object" || given === null)
    throw new DynaframeError("BAD_OPTION", `options of format ${format} are an object`, {
      expected: Object.keys(known).join(", "),
      found: given === null ? "null" : typeof given,
      hint: "Leave them out, or give them by name.",
    });
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
  new DynaframeError("BAD_OPTION", `option ${option} of format ${format} takes ${expected}, not ${show(value)}`, {
    path: option,
    expected,
    found: show(value),
  });

function fits(kind: OptionKind, value: unknown): boolean {
  switch (kind) {
    case "any":
      return true;
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "string":
      return typeof value === "string";
    case "char":
      return typeof value === "string" && [...value].length === 1;
  }
}

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);

function unknownOption(format: FormatName, option: string, known: readonly string[]): DynaframeError {
  const near = nearestName(option, known);
  return new DynaframeError("BAD_OPTION", `format ${format} has no option ${option}`, {
    path: option,
    found: option,
    expected: known.join(", "),
    hint: near === undefined ? `Its options are ${known.join(", ")}.` : `Did you mean ${near}?`,
  });
}
