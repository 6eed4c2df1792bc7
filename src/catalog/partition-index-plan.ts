/**
 * Whether Glue would use a partition index for an expression (Glue developer guide, "Working with partition indexes").
 */
import type { BoundExpression } from "./expression/ast.js";
import { bindExpression } from "./expression/bind.js";
import type { KeyFamily, PartitionKey } from "./expression/key-type.js";
import { parsePartitionExpression } from "./expression/parse.js";

/**
 * True when the index's first key stands in a condition that an index serves, joined to the rest by AND only: numbers
 * by `= > >= < <=` and BETWEEN, strings by `=`. An OR at the top, or IN on the first key, rules the index out. `index`
 * are the keys of the index in its order.
 * @throws as `evaluatePartitions` for the expression.
 */
export function usesPartitionIndex(
  keys: readonly PartitionKey[],
  index: readonly string[],
  expression: string,
): boolean {
  const parsed = parsePartitionExpression(expression);
  if (parsed === undefined) return false;
  const bound = bindExpression(parsed, keys);
  const first = keys.findIndex((key) => key.name.toLowerCase() === index[0]?.toLowerCase());
  const terms = conjuncts(bound);
  if (terms.some((term) => term.kind === "in" && term.key.index === first)) return false;
  return terms.some((term) => "key" in term && term.key.index === first && isServed(term, term.key.family));
}

const conjuncts = (expression: BoundExpression): readonly BoundExpression[] =>
  expression.kind === "and" ? expression.terms.flatMap(conjuncts) : [expression];

function isServed(term: BoundExpression, family: KeyFamily): boolean {
  if (family === "string") return term.kind === "compare" && term.op === "=";
  if (family !== "integral") return false;
  return term.kind === "between" || (term.kind === "compare" && term.op !== "<>");
}
