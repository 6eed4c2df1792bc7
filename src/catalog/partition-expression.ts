/**
 * `GetPartitions` expressions (AWS Glue API, "Partition API"): one grammar, used on values here and pushed down by
 * stores.
 */
import { bindExpression, keysOf } from "./expression/bind.js";
import { evaluateBound, storedValue } from "./expression/evaluate.js";
import type { PartitionKey } from "./expression/key-type.js";
import { parsePartitionExpression } from "./expression/parse.js";

export type { PartitionKey } from "./expression/key-type.js";

/**
 * The partitions that an expression keeps, in their order. `partitions` are value lists by position of the key. Blank
 * keeps all. `evaluatePartitions([{ name: "year", type: "int" }], [["9"], ["10"]], "year > 9")` is `[["10"]]`.
 * @throws InvalidInputException for the expression (also when there is no partition at all), InvalidStateException when
 * any partition holds a value that a key named in the expression cannot have, whether or not another condition rules
 * that partition out.
 */
export function evaluatePartitions(
  keys: readonly PartitionKey[],
  partitions: readonly (readonly string[])[],
  expression: string,
): readonly (readonly string[])[] {
  const parsed = parsePartitionExpression(expression);
  if (parsed === undefined) return partitions;
  const bound = bindExpression(parsed, keys);
  for (const key of keysOf(bound)) for (const values of partitions) storedValue(key.family, values[key.index] ?? "");
  return partitions.filter((values) => evaluateBound(bound, values) === true);
}
