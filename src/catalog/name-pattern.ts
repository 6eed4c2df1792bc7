/** `Expression` of GetTables: which names it takes. */
import { invalidInput } from "./catalog-errors.js";
import { linearPattern } from "./expression/linear-pattern.js";

const MAX_PATTERN = 2048;

/**
 * A test for whole names, whatever their case. Regular expressions (`ord.*|items`) and Hive's globs (`ord*|items`) both
 * work: a `*` after a plain character is any run. Matching takes time pattern × name.
 * @throws InvalidInputException for a pattern that is none or uses what could take exponential time.
 */
export function namePattern(expression: string): (name: string) => boolean {
  if (expression.length > MAX_PATTERN) throw invalidInput(`The expression is longer than ${MAX_PATTERN} characters`);
  const pattern = linearPattern(expression, { bareStar: true, ignoreCase: true, whole: true });
  if (typeof pattern === "function") return pattern;
  throw invalidInput(`The expression '${expression}' cannot be used: ${pattern.problem}`, {
    hint: "use names, *, . [a-z] groups and |",
  });
}
