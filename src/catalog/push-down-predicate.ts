/**
 * `pushDownPredicate`: a Spark SQL condition over partition columns, evaluated on catalog metadata before anything is
 * listed.
 */
import { HIVE_DEFAULT_PARTITION } from "../storage/hive-path.js";
import { castValue } from "../types/cast.js";
import { type DataType, STRING } from "../types/data-type.js";
import { parseHiveType } from "../types/hive.js";
import type { Value } from "../types/value.js";
import type { PartitionKey } from "./expression/key-type.js";
import { compilePredicate, truth } from "./predicate/compile-predicate.js";
import { parsePredicate } from "./predicate/parse-predicate.js";
import { meaningError } from "./predicate/predicate-error.js";
import type { TypedExpression } from "./predicate/typed-expression.js";
import { nearestName } from "../types/nearest-name.js";

export type PredicateOptions = {
  /** Milliseconds since the epoch, read once, for current_date and now(); default Date.now. */
  readonly now?: () => number;
};

/**
 * Compiles a predicate for a table's partition keys. The function takes a partition's values by position (null or
 * Hive's default partition: null) and gives true, false, or null for unknown; keep a partition on true only. Blank text
 * keeps every partition.
 *
 * `compilePushDownPredicate("year == 2024 and month in ('01', '02')", keys)(["2024", "01"])` is `true`. Values have the
 * type of their key, which is string for crawled ones; as in Spark a string compared with a number is read as that
 * number's type, a value that cannot be read is null, and IN between strings and numbers compares texts.
 * @throws INVALID_PREDICATE: ParseException with the position, AnalysisException naming the unknown column or function
 * or the types.
 */
export function compilePushDownPredicate(
  text: string,
  keys: readonly PartitionKey[],
  options: PredicateOptions = {},
): (values: readonly (string | null)[]) => boolean | null {
  if (text.trim() === "") return () => true;
  const types = keys.map((key) => typeOf(key.type));
  const now = options.now ?? Date.now;
  const condition = truth(
    compilePredicate(parsePredicate(text), { now, column: (name) => columnOf(name, keys, types) }),
  );
  return (values) => {
    const result = condition.run(types.map((type, i) => typedValue(values[i] ?? null, type)));
    return typeof result === "boolean" ? result : null;
  };
}

function columnOf(name: string, keys: readonly PartitionKey[], types: readonly DataType[]): TypedExpression {
  const folded = name.toLowerCase();
  const index = keys.findIndex((key) => key.name.toLowerCase() === folded);
  const type = types[index];
  if (type !== undefined) return { type, run: (row) => row[index] ?? null };
  const near = nearestName(
    name,
    keys.map((key) => key.name),
  );
  throw meaningError(`${name} is not a partition column`, {
    path: name,
    expected: keys.length === 0 ? "a partitioned table" : `one of ${keys.map((key) => key.name).join(", ")}`,
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
  });
}

function typedValue(value: string | null, type: DataType): Value {
  if (value === null || value === HIVE_DEFAULT_PARTITION) return null;
  const cast = castValue(value, STRING, type);
  return cast.ok && cast.value !== undefined ? cast.value : null;
}

// a type that nobody can read is a text, as it is in the folder's name
function typeOf(type: string): DataType {
  try {
    return parseHiveType(type);
  } catch {
    return STRING;
  }
}
