/** Expressions with their static type, and the casts that Spark puts between them. */
import { castValue } from "../../types/cast.js";
import { castExists } from "../../types/cast-rules.js";
import { type DataType, BOOLEAN, DOUBLE, STRING, TIMESTAMP, decimal } from "../../types/data-type.js";
import { sameType } from "../../types/same-type.js";
import type { Value } from "../../types/value.js";
import { meaningError } from "./predicate-error.js";

/** `run` gets the partition's values by key, already of the keys' types; null for a value that is none. */
export type TypedExpression = {
  readonly type: DataType;
  run(row: readonly Value[]): Value;
  /** True for a literal: its value is that of any row. */
  readonly constant?: true;
};

const INTEGERS = ["byte", "short", "int", "long"] as const;

export const isInteger = (type: DataType): boolean => (INTEGERS as readonly string[]).includes(type.kind);
export const isFractional = (type: DataType): boolean => type.kind === "double" || type.kind === "float";
export const isNumeric = (type: DataType): boolean => isInteger(type) || isFractional(type) || type.kind === "decimal";

/** Null where the value does not fit. @throws AnalysisException when there is no such cast. */
export function castTo(expression: TypedExpression, type: DataType): TypedExpression {
  const { type: from } = expression;
  if (sameType(from, type)) return expression;
  if (from.kind === "null") return { type, run: () => null };
  if (!castExists(from, type))
    throw meaningError(`A ${from.kind} cannot be cast to ${type.kind}`, { expected: type.kind, found: from.kind });
  const cast = (value: Value): Value => {
    const result = castValue(value, from, type);
    return result.ok ? result.value : null;
  };
  return { type, run: (row) => cast(expression.run(row)), ...(expression.constant === true ? { constant: true } : {}) };
}

/** Spark's PromoteStrings and ImplicitTypeCasts for comparisons: a string takes the type of the other side. */
export function comparisonType(left: DataType, right: DataType): DataType {
  if (sameType(left, right) || right.kind === "null") return left;
  if (left.kind === "null") return right;
  if (left.kind === "string") return againstText(right);
  if (right.kind === "string") return againstText(left);
  return widerType(left, right) ?? refuse(left, right);
}

function againstText(other: DataType): DataType {
  if (other.kind === "decimal" || isFractional(other)) return DOUBLE;
  if (isInteger(other) || ["boolean", "date", "timestamp", "timestampntz"].includes(other.kind)) return other;
  return refuse(STRING, other);
}

/**
 * The common type of the members of IN and the arguments of coalesce: a string among numbers makes all of them strings.
 */
export function commonType(types: readonly DataType[]): DataType {
  return types.reduce((left, right) => {
    if (sameType(left, right) || right.kind === "null") return left;
    if (left.kind === "null") return right;
    const text = left.kind === "string" ? right : right.kind === "string" ? left : undefined;
    if (text !== undefined) return text.kind === BOOLEAN.kind || text.kind === "binary" ? refuse(left, right) : STRING;
    return widerType(left, right) ?? refuse(left, right);
  });
}

/** Of two numbers the wider, of date and timestamp the timestamp; undefined where there is none. */
export function widerType(left: DataType, right: DataType): DataType | undefined {
  if (isNumeric(left) && isNumeric(right)) {
    if (isFractional(left) || isFractional(right)) return DOUBLE;
    if (left.kind === "decimal" || right.kind === "decimal") return widerDecimal(left, right);
    return INTEGERS.indexOf(left.kind as "int") >= INTEGERS.indexOf(right.kind as "int") ? left : right;
  }
  const times = ["date", "timestamp", "timestampntz"];
  return times.includes(left.kind) && times.includes(right.kind) ? TIMESTAMP : undefined;
}

// long needs 19 digits; the scale is kept before the integer digits are, so that comparisons stay exact where 38 digits
// reach
function widerDecimal(left: DataType, right: DataType): DataType {
  const [a, b] = [left, right].map((t) => (t.kind === "decimal" ? t : decimal(19, 0)));
  const scale = Math.max(a?.scale ?? 0, b?.scale ?? 0);
  const whole = Math.max((a?.precision ?? 0) - (a?.scale ?? 0), (b?.precision ?? 0) - (b?.scale ?? 0));
  return decimal(Math.min(38, whole + scale), Math.min(scale, 38));
}

function refuse(left: DataType, right: DataType): never {
  throw meaningError(`A ${left.kind} and a ${right.kind} do not compare`, {
    expected: left.kind,
    found: right.kind,
    hint: "put a cast(… as …) around one of them",
  });
}
