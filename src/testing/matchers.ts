/**
 * Jest matchers for schemas and drift. They are asynchronous, since a frame may have to be scanned:
 * `await expect(glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "orders"
 * })).toHaveNoDriftFrom(baseline)`
 */
import { diffTypes, type ChangeRule, type TypeChange } from "../types/compat.js";
import type { StructType, TypeName } from "../types/data-type.js";
import { schemaTree } from "../types/print.js";
import { typeText } from "../types/type-text.js";
import { armLines, differenceText, type Difference } from "./difference-text.js";
import { examine, type Examined, type Subject } from "./subject.js";
import { textPaths, typePaths } from "./type-paths.js";

/** What jest takes of a matcher. */
export type MatcherResult = { readonly pass: boolean; readonly message: () => string };
/** What counts as no drift. */
export type DriftOptions = {
  /** Rules of `diffTypes` that are no drift here, e.g. `["FIELD_ADDED"]`. */
  readonly allow?: readonly ChangeRule[];
};

/**
 * Matchers for `expect.extend`, of jest and of whatever takes the same: `expect.extend(matchers)`, or
 * `installMatchers(expect)`.
 */
export const matchers = Object.freeze({
  /** The schema is exactly this one, up to the order of fields. A text is compared as `printSchema` prints it. */
  async toMatchSchema(received: unknown, expected: StructType | string): Promise<MatcherResult> {
    const found = await examine(received);
    const differences =
      typeof expected === "string"
        ? textDifferences(expected, found)
        : diffTypes(expected, found.type).map(differenceOf);
    return result(
      differences.length === 0,
      "the schema not to be",
      typeof expected === "string" ? expected : schemaTree(expected),
      () =>
        `expected another schema, ${plural(differences.length, "difference")}:\n\n${differenceText(differences, found.choices)}`,
    );
  },

  /** The path, such as `items[].qty`, holds a choice of exactly these types, in any order. */
  async toHaveChoice(received: unknown, path: string, types: readonly TypeName[]): Promise<MatcherResult> {
    const { type, choices } = await examine(received);
    const found = typePaths(type).get(path);
    const members = found?.kind === "choice" ? found.choices.map(({ kind }) => kind) : [];
    const pass = found?.kind === "choice" && [...members].sort().join() === [...types].sort().join();
    const wanted = `choice{${[...types].sort().join(",")}}`;
    return result(
      pass,
      `${path} not to be`,
      [wanted, ...armLines(choices.get(path))].join("\n"),
      () =>
        `expected a choice:\n\n${differenceText(
          [
            {
              path,
              expected: wanted,
              found: found ? typeText(found) : `nothing; the paths are ${[...typePaths(type).keys()].join(", ")}`,
            },
          ],
          choices,
        )}`,
    );
  },

  /**
   * Whoever reads by the baseline can read this too: no new, missing or renamed field, no new type anywhere. Types of
   * the baseline that do not occur are no drift.
   */
  async toHaveNoDriftFrom(received: unknown, baseline: Subject, options: DriftOptions = {}): Promise<MatcherResult> {
    const found = await examine(received);
    const before = await examine(baseline);
    const drift = diffTypes(before.type, found.type).filter(
      ({ rule, breaksForward }) => (breaksForward || rule === "FIELD_ADDED") && !(options.allow ?? []).includes(rule),
    );
    return result(
      drift.length === 0,
      "drift from the baseline",
      schemaTree(before.type),
      () =>
        `expected no drift from the baseline, found ${plural(drift.length, "change")}:\n\n${differenceText(drift.map(differenceOf), found.choices)}`,
    );
  },
});

/** Adds the matchers to jest's (or a compatible) `expect`: `installMatchers(expect)` in a setup file. */
export function installMatchers(expect: {
  extend(matchers: Record<string, (...args: never[]) => unknown>): void;
}): void {
  expect.extend({ ...matchers });
}

const result = (pass: boolean, negated: string, shown: string, message: () => string): MatcherResult => ({
  pass,
  message: pass ? () => `expected ${negated}\n\n${shown}` : message,
});

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const differenceOf = ({ path, before, after, rule }: TypeChange): Difference => ({
  path,
  expected: before ?? "nothing",
  found: after ?? "nothing",
  note: rule,
});

function textDifferences(expected: string, { type }: Examined): readonly Difference[] {
  const wanted = textPaths(expected);
  const found = textPaths(schemaTree(type));
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((path) => wanted.get(path) !== found.get(path))
    .map((path) => ({ path, expected: wanted.get(path) ?? "nothing", found: found.get(path) ?? "nothing" }));
}
