import type { PredicateNode, Comparison } from "../../catalog/predicate/predicate-ast.js";
import { compareLiteral, type Constant, type Operator } from "../../plan/compare-literal.js";
import { and, arm, filter, inputOf, isNull, like, literal, not, or } from "../../plan/ir/build.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { readPath } from "../../plan/read-path.js";
import { BOOLEAN, fieldOf } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { fieldStep, printPath } from "../../types/path.js";
import { DateValue, Decimal, TimestampValue } from "../../types/value.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";

/** `text` is for `explain()`. */
export type FilterWhereArgs = { readonly text: string; readonly condition: PredicateNode };

/**
 * `filter("price > 10 and status = 'x'")`: keeps the records for which the condition is true. The engine evaluates it,
 * so it costs no pass through JavaScript. Numbers compare by value whatever type carries them, of a choice the arm that
 * fits the constant; null, missing and values of another kind make a comparison neither true nor false, so that its
 * negation leaves them out too. Decision 0046.
 */
export const filterWhere = defineVerb<FilterWhereArgs>({
  kind: "filter",
  recordwise: false,
  paths: ({ condition }) => columnsOf(condition).map((name) => ({ path: name, reach: { choices: true } })),
  lower: (inputs, { condition }) => {
    const input = only(inputs);
    return filter(input, lowered(condition, inputOf(input), false), "filter");
  },
});

const NEGATED: { readonly [op in Operator]: Operator } = {
  "=": "<>",
  "<>": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};
const MIRRORED: { readonly [op in Operator]: Operator } = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** The condition, or its negation: brought down to the comparisons, as these know what is neither. */
function lowered(node: PredicateNode, record: Scalar, negated: boolean): Scalar {
  switch (node.kind) {
    case "and":
    case "or": {
      const terms = node.terms.map((term) => lowered(term, record, negated));
      return (node.kind === "and") === negated ? or(terms) : and(terms);
    }
    case "not":
      return lowered(node.operand, record, !negated);
    case "literal":
      return literal((node.value === true) !== negated && node.value !== null, BOOLEAN);
    case "column":
      return compared(node, "=", true, record, negated);
    case "compare":
      return comparison(node, record, negated);
    case "in":
      return negated
        ? and(node.list.map((item) => compared(node.operand, "=", constantOf(item), record, true)))
        : or(node.list.map((item) => compared(node.operand, "=", constantOf(item), record, false)));
    case "is":
      return isWhat(node.operand, node.what, record, negated);
    case "like":
      return likeText(node, record, negated);
    case "arithmetic":
    case "negative":
    case "rlike":
    case "cast":
    case "call":
      throw unsupported(node.kind);
  }
}

function comparison(
  { op, left, right }: Extract<PredicateNode, { kind: "compare" }>,
  record: Scalar,
  negated: boolean,
): Scalar {
  const [column, constant, turned] = left.kind === "column" ? [left, right, false] : [right, left, true];
  const value = constantOf(constant);
  if (op === "<=>" && value === null) return isWhat(column, "null", record, negated);
  const plain: Operator = op === "<=>" ? "=" : (op satisfies Exclude<Comparison, "<=>">);
  return compared(column, turned ? MIRRORED[plain] : plain, value, record, negated);
}

function compared(
  operand: PredicateNode,
  op: Operator,
  constant: Constant | null,
  record: Scalar,
  negated: boolean,
): Scalar {
  const value = valueOf(operand, record);
  if (value === undefined || constant === null) return literal(false, BOOLEAN);
  return compareLiteral(value, negated ? NEGATED[op] : op, constant);
}

/** `is null` is always true or false; so are the others. */
function isWhat(operand: PredicateNode, what: "null" | "true" | "false", record: Scalar, negated: boolean): Scalar {
  const value = valueOf(operand, record);
  if (value === undefined) return literal((what === "null") !== negated, BOOLEAN);
  const holds = what === "null" ? isNull(value) : compareLiteral(value, "=", what === "true");
  if (!negated) return holds;
  return what === "null" ? not(holds) : or([isNull(value), compareLiteral(value, "<>", what === "true")]);
}

function likeText(
  { operand, pattern, escape }: Extract<PredicateNode, { kind: "like" }>,
  record: Scalar,
  negated: boolean,
): Scalar {
  const text = constantOf(pattern);
  if (typeof text !== "string" || text.includes(escape)) throw unsupported("like with an escape");
  const value = valueOf(operand, record);
  const member =
    value?.type.kind === "choice" && value.type.choices.some((c) => c.kind === "string") ? arm(value, "string") : value;
  if (member?.type.kind !== "string") return literal(false, BOOLEAN);
  return negated ? not(like(member, text)) : like(member, text);
}

/** The value of a column: a top-level field of that name, else a path. */
function valueOf(node: PredicateNode, record: Scalar): Scalar | undefined {
  if (node.kind !== "column") throw unsupported(node.kind === "compare" ? "comparison of comparisons" : node.kind);
  if (record.type.kind !== "struct") return undefined;
  return readPath(record, fieldOf(record.type, node.name) ? printPath([fieldStep(node.name)]) : node.name);
}

function constantOf(node: PredicateNode): Constant | null {
  if (node.kind === "negative" && node.operand.kind === "literal") return negative(constantOf(node.operand));
  if (node.kind !== "literal") throw unsupported(node.kind === "column" ? "comparison of two columns" : node.kind);
  const { value } = node;
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return value;
  if (value instanceof Decimal || value instanceof DateValue || value instanceof TimestampValue) return value;
  throw unsupported("literal of that type");
}

function negative(value: Constant | null): Constant | null {
  if (typeof value === "number" || typeof value === "bigint") return -value;
  if (value instanceof Decimal) return new Decimal(-value.unscaled, value.scale);
  throw unsupported("sign before a text");
}

function columnsOf(node: PredicateNode): readonly string[] {
  switch (node.kind) {
    case "column":
      return [node.name];
    case "and":
    case "or":
      return node.terms.flatMap(columnsOf);
    case "compare":
      return [...columnsOf(node.left), ...columnsOf(node.right)];
    case "not":
    case "is":
    case "in":
    case "like":
      return columnsOf(node.operand);
    default:
      return [];
  }
}

const unsupported = (what: string): DynaframeError =>
  new DynaframeError("UNSUPPORTED", `filter: a ${what} cannot be part of a condition.`, {
    found: what,
    hint: "Compare columns with constants (=, <>, <, <=, >, >=, in, between, like, is null; and, or, not), or give filter a function.",
  });
