/** What a push-down predicate says: Spark SQL over partition columns, as parsed. */
import type { DataType } from "../../types/data-type.js";
import type { Value } from "../../types/value.js";

export const COMPARISONS = ["=", "<>", "<", "<=", ">", ">=", "<=>"] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Arithmetic = "+" | "-" | "*" | "/" | "%";

export type PredicateNode =
  | { readonly kind: "literal"; readonly type: DataType; readonly value: Value }
  | { readonly kind: "column"; readonly name: string }
  | { readonly kind: "compare"; readonly op: Comparison; readonly left: PredicateNode; readonly right: PredicateNode }
  | {
      readonly kind: "arithmetic";
      readonly op: Arithmetic;
      readonly left: PredicateNode;
      readonly right: PredicateNode;
    }
  | { readonly kind: "negative"; readonly operand: PredicateNode }
  | { readonly kind: "and" | "or"; readonly terms: readonly PredicateNode[] }
  | { readonly kind: "not"; readonly operand: PredicateNode }
  | { readonly kind: "in"; readonly operand: PredicateNode; readonly list: readonly PredicateNode[] }
  | { readonly kind: "like"; readonly operand: PredicateNode; readonly pattern: PredicateNode; readonly escape: string }
  | { readonly kind: "rlike"; readonly operand: PredicateNode; readonly pattern: PredicateNode }
  | { readonly kind: "is"; readonly operand: PredicateNode; readonly what: "null" | "true" | "false" }
  | { readonly kind: "cast"; readonly operand: PredicateNode; readonly type: DataType }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly PredicateNode[] };
