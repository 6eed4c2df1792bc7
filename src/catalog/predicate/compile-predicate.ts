/** AST → a function of a partition's values, typed once, with Spark's three-valued logic. */
import { type DataType, BOOLEAN, STRING, assertNever } from "../../types/data-type.js";
import { holds } from "../compare-op.js";
import type { Value } from "../../types/value.js";
import { linearPattern } from "../expression/linear-pattern.js";
import { matchesWildcard, wildcardParts } from "../expression/wildcard.js";
import { arithmetic, negative } from "./arithmetic.js";
import { compareValues } from "./compare-values.js";
import { callFunction } from "./functions.js";
import type { Comparison, PredicateNode } from "./predicate-ast.js";
import { meaningError } from "./predicate-error.js";
import { castTo, commonType, comparisonType, type TypedExpression } from "./typed-expression.js";

export type PredicateScope = {
  /** The column, or an error that names it. */
  column(name: string): TypedExpression;
  /** Milliseconds since the epoch, for current_date. */
  readonly now: () => number;
};

/** @throws AnalysisException for what the types do not allow. */
export function compilePredicate(node: PredicateNode, scope: PredicateScope): TypedExpression {
  const compile = (n: PredicateNode): TypedExpression => compilePredicate(n, scope);
  switch (node.kind) {
    case "literal": {
      const { value } = node;
      return { type: node.type, run: () => value, constant: true };
    }
    case "column":
      return scope.column(node.name);
    case "compare":
      return compare(node.op, compile(node.left), compile(node.right));
    case "arithmetic":
      return arithmetic(node.op, compile(node.left), compile(node.right));
    case "negative":
      return negative(compile(node.operand));
    case "and":
      return logic(
        node.terms.map((t) => truth(compile(t))),
        false,
      );
    case "or":
      return logic(
        node.terms.map((t) => truth(compile(t))),
        true,
      );
    case "not": {
      const operand = truth(compile(node.operand));
      return boolean((row) => {
        const v = operand.run(row);
        return v === null ? null : v !== true;
      });
    }
    case "in":
      return within(compile(node.operand), node.list.map(compile));
    case "like":
      return like(castTo(compile(node.operand), STRING), castTo(compile(node.pattern), STRING), node.escape);
    case "rlike":
      return rlike(castTo(compile(node.operand), STRING), compile(node.pattern));
    case "is":
      return is(compile(node.operand), node.what);
    case "cast":
      return castTo(compile(node.operand), node.type);
    case "call":
      return callFunction(node.name, node.args.map(compile), scope.now);
    default:
      return assertNever(node);
  }
}

const boolean = (run: (row: readonly Value[]) => Value): TypedExpression => ({ type: BOOLEAN, run });

/** A boolean as AND, OR, NOT and the whole predicate need it. */
export function truth(expression: TypedExpression): TypedExpression {
  if (expression.type.kind === "boolean" || expression.type.kind === "null") return castTo(expression, BOOLEAN);
  throw meaningError(`A ${expression.type.kind} stands where a condition is needed`, {
    expected: "boolean",
    found: expression.type.kind,
    hint: "compare it with something",
  });
}

function compare(op: Comparison, left: TypedExpression, right: TypedExpression): TypedExpression {
  const type = comparisonType(left.type, right.type);
  const [a, b] = [castTo(left, type), castTo(right, type)];
  return boolean((row) => {
    const [x, y] = [a.run(row), b.run(row)];
    if (op === "<=>") return x === null || y === null ? x === y : compareValues(x, y) === 0;
    return x === null || y === null ? null : holds(op, compareValues(x, y));
  });
}

// `decisive` ends the search: false for AND, true for OR; else null if any term is
function logic(terms: readonly TypedExpression[], decisive: boolean): TypedExpression {
  return boolean((row) => {
    let unknown = false;
    for (const term of terms) {
      const value = term.run(row);
      if (value === decisive) return decisive;
      if (value === null) unknown = true;
    }
    return unknown ? null : !decisive;
  });
}

function within(operand: TypedExpression, list: readonly TypedExpression[]): TypedExpression {
  const type: DataType = commonType([operand, ...list].map((e) => e.type));
  const [own, members] = [castTo(operand, type), list.map((e) => castTo(e, type))];
  return boolean((row) => {
    const value = own.run(row);
    if (value === null) return null;
    const others = members.map((m) => m.run(row));
    if (others.some((other) => other !== null && compareValues(value, other) === 0)) return true;
    return others.includes(null) ? null : false;
  });
}

function like(operand: TypedExpression, pattern: TypedExpression, escape: string): TypedExpression {
  const fixed = pattern.constant === true ? pattern.run([]) : undefined;
  const parts = typeof fixed === "string" ? wildcardParts(fixed, escape) : undefined;
  return boolean((row) => {
    const value = operand.run(row);
    const wanted = parts === undefined ? pattern.run(row) : null;
    if (typeof value !== "string") return null;
    if (parts !== undefined) return matchesWildcard(parts, value);
    return typeof wanted === "string" ? matchesWildcard(wildcardParts(wanted, escape), value) : null;
  });
}

function rlike(operand: TypedExpression, pattern: TypedExpression): TypedExpression {
  const source = pattern.constant === true ? pattern.run([]) : undefined;
  if (typeof source !== "string") throw meaningError("The pattern of RLIKE must be a text in quotes");
  const matches = linearPattern(source);
  if (typeof matches !== "function") {
    throw meaningError(`The pattern of RLIKE cannot be used: ${matches.problem}`, {
      found: source,
      hint: "use literals, ., [a-z], \\d \\w \\s, groups, |, * + ? {n,m}, ^ and $",
    });
  }
  return boolean((row) => {
    const value = operand.run(row);
    return typeof value === "string" ? matches(value) : null;
  });
}

function is(operand: TypedExpression, what: "null" | "true" | "false"): TypedExpression {
  if (what === "null") return boolean((row) => operand.run(row) === null);
  const condition = truth(operand);
  return boolean((row) => condition.run(row) === (what === "true"));
}
