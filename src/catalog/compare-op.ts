/** Comparisons of partition expressions and of push-down predicates. */
import { assertNever } from "../types/data-type.js";

export type CompareOp = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** Whether `a op b`, by the order of `a` and `b`: below, at or above 0. */
export function holds(op: CompareOp, order: number): boolean {
  switch (op) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    default:
      return assertNever(op);
  }
}
