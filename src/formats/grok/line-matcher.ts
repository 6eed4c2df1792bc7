/** Matches lines of a log, quickly where that is safe: a pattern of any kind costs a bounded time. */
import { createContext, Script, type Context } from "node:vm";
import type { GrokExpression } from "./grok-expression.js";
import { nativeRegex } from "./native-regex.js";

/** Captures of a line that matched; `text` is null and `start` -1 where a group took no part. */
export type LineMatch = { readonly text: (group: number) => string | null; readonly start: (group: number) => number };
export type LineMatcher = (lines: readonly string[]) => readonly (LineMatch | undefined)[];

/**
 * What the lines of one block may take before the pattern counts as one that backtracks; they take some hundredths of
 * it.
 */
const PATIENCE_MS = 2000;

/**
 * JavaScript's own engine is ten times as fast and backtracks, without end for some patterns. It gets the lines where
 * it finds the same as RE2 (native-regex.ts), for `patience` milliseconds a block; once that is over, the rest is
 * matched in linear time.
 */
export function lineMatcher(expression: GrokExpression, patience = PATIENCE_MS): LineMatcher {
  let native = nativeMatcher(expression.source, patience);
  return (lines) => {
    const found = native?.(lines);
    if (found !== undefined) return found;
    native = undefined;
    return lines.map((line) => {
      const matcher = expression.match(line);
      return matcher && { text: (group) => matcher.group(group), start: (group) => matcher.start(group) };
    });
  };
}

/** Gives undefined once the lines took too long. */
function nativeMatcher(
  source: string,
  patience: number,
): ((lines: readonly string[]) => readonly (LineMatch | undefined)[] | undefined) | undefined {
  const regex = nativeRegex(source);
  if (regex === undefined) return undefined;
  const limited = withTimeLimit(patience);
  // places are asked for few values only, and cost as much as the match
  const withPlaces = new RegExp(regex.source, `${regex.flags}d`);
  const matchOf = (match: RegExpExecArray): LineMatch => {
    let places: RegExpIndicesArray | undefined;
    return {
      text: (group) => match[group] ?? null,
      start: (group) => (places ??= withPlaces.exec(match.input)?.indices)?.[group]?.[0] ?? -1,
    };
  };
  return (lines) =>
    limited(() => lines.map((line) => regex.exec(line)))?.map((match) => (match === null ? undefined : matchOf(match)));
}

/**
 * Runs work that touches nothing but what it returns; undefined when it was ended, or ran out of the engine's stack.
 */
function withTimeLimit(patience: number): <T>(work: () => T) => T | undefined {
  const script = new Script("run()");
  const globals = { run: (): unknown => undefined };
  let context: Context | undefined;
  return <T>(work: () => T): T | undefined => {
    let result: T | undefined;
    globals.run = () => {
      result = work();
    };
    try {
      script.runInContext((context ??= createContext(globals)), { timeout: patience });
      return result;
    } catch (error) {
      if (error instanceof RangeError || (error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
        return undefined;
      throw error;
    }
  };
}
