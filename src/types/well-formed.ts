/**
 * Texts that are no Unicode: half a surrogate pair, as a text has that was cut within an emoji. No file and no engine
 * can hold one.
 */
import { DynaframeError } from "./error.js";
import { elementsStep, fieldStep, printPath, type PathStep } from "./path.js";
import { ArmValue } from "./value.js";

const CODE = "LONE_SURROGATE";
/** Nested deeper, values are refused anyway. */
const MAX_DEPTH = 500;
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The error of a text, or of a name, at that path; without one, of who knows none. */
export function loneSurrogate(at?: string): DynaframeError {
  const path = at?.toWellFormed();
  return new DynaframeError(
    CODE,
    `${path === undefined ? "a text" : `the text at ${path || "the top"}`} holds half a surrogate pair`,
    {
      ...(path === undefined ? {} : { path }),
      expected: "Unicode text",
      found: "a lone surrogate",
      hint: "Was a text cut within a character? text.toWellFormed() puts U+FFFD in its place; [...text] cuts between characters.",
    },
  );
}

export const isLoneSurrogate = (error: unknown): boolean => error instanceof DynaframeError && error.code === CODE;

/** The same error with the path at which the value holds the first one. */
export function locatedSurrogate(value: unknown): DynaframeError {
  const [first] = mendTexts(value).replaced;
  return loneSurrogate(first?.path);
}

/** Halves in a text. */
export const loneSurrogates = (text: string): number => (text.isWellFormed() ? 0 : (text.match(HALF)?.length ?? 0));

export type MendedTexts = {
  readonly value: unknown;
  /** Halves that became U+FFFD, by the path of the text or of the name. */
  readonly replaced: readonly { readonly path: string; readonly count: number }[];
  /**
   * Paths of names that another name of the same object has become; the last value counts, at the place of the first.
   */
  readonly doubled: readonly string[];
};

/** A JSON text in which each half is written as its escape: the same value, in bytes. */
export const escapedSurrogates = (json: string): string =>
  json.isWellFormed() ? json : json.replace(HALF, (half) => `\\u${half.charCodeAt(0).toString(16)}`);

/**
 * The value with U+FFFD for each half, as a scanner reads it: in texts, names and keys of maps. What holds none is the
 * same object.
 */
export function mendTexts(value: unknown): MendedTexts {
  const replaced: { path: string; count: number }[] = [];
  const doubled: string[] = [];
  const steps: PathStep[] = [];
  const mendText = (text: string): string => {
    if (text.isWellFormed()) return text;
    replaced.push({ path: printPath(steps), count: loneSurrogates(text) });
    return text.toWellFormed();
  };
  const at = <T>(step: PathStep, body: () => T): T => {
    steps.push(step);
    const result = body();
    steps.pop();
    return result;
  };
  /** Undefined where nothing changed. */
  const mendEntries = (entries: readonly (readonly [unknown, unknown])[]): Map<unknown, unknown> | undefined => {
    const mended = new Map<unknown, unknown>();
    let changed = false;
    for (const [key, item] of entries) {
      const name = typeof key === "string" ? at(fieldStep(key.toWellFormed()), () => mendText(key)) : key;
      const inner = at(fieldStep(String(name)), () => mend(item));
      if (mended.has(name)) doubled.push(at(fieldStep(String(name)), () => printPath(steps)));
      changed ||= name !== key || inner !== item;
      mended.set(name, inner);
    }
    return changed ? mended : undefined;
  };
  const mendItems = (items: readonly unknown[]): readonly unknown[] | undefined => {
    const mended = items.map((item) => at(elementsStep(), () => mend(item)));
    return mended.some((item, i) => item !== items[i]) ? mended : undefined;
  };
  const mend = (held: unknown): unknown => {
    if (typeof held === "string") return mendText(held);
    if (typeof held !== "object" || held === null || steps.length > MAX_DEPTH) return held;
    if (held instanceof ArmValue) {
      const inner = mend(held.value) as ArmValue["value"];
      return inner === held.value ? held : new ArmValue(held.arm, inner);
    }
    if (Array.isArray(held)) return mendItems(held as readonly unknown[]) ?? held;
    if (held instanceof Set) {
      const mended = mendItems([...(held as Set<unknown>)]);
      return mended === undefined ? held : new Set(mended);
    }
    if (held instanceof Map) return mendEntries([...(held as Map<unknown, unknown>)]) ?? held;
    if (Object.prototype.toString.call(held) !== "[object Object]") return held;
    const entries = mendEntries(Object.entries(held));
    return entries === undefined ? held : Object.fromEntries(entries as Map<string, unknown>);
  };
  return { value: mend(value), replaced, doubled };
}
