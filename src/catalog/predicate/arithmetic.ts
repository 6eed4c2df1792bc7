/** `+ - * / %` and the sign. Strings count as doubles, `/` gives a double, x / 0 and x % 0 are null. */
import { type DataType, DOUBLE, decimal } from "../../types/data-type.js";
import { fitInteger, type IntegerKind } from "../../types/cast-number.js";
import { Decimal, type Value } from "../../types/value.js";
import type { Arithmetic } from "./predicate-ast.js";
import { meaningError } from "./predicate-error.js";
import { castTo, isFractional, isInteger, isNumeric, type TypedExpression, widerType } from "./typed-expression.js";

export function arithmetic(op: Arithmetic, left: TypedExpression, right: TypedExpression): TypedExpression {
  const type = resultType(op, left.type, right.type);
  const [a, b] = [operand(left, type), operand(right, type)];
  return { type, run: (row) => both(a.run(row), b.run(row), (x, y) => compute(op, type, x, y)) };
}

export function negative(value: TypedExpression): TypedExpression {
  return arithmetic(
    "-",
    castTo({ type: { kind: "int" }, run: () => 0, constant: true }, isNumeric(value.type) ? value.type : DOUBLE),
    value,
  );
}

function resultType(op: Arithmetic, left: DataType, right: DataType): DataType {
  const [a, b] = [numeric(op, left), numeric(op, right)];
  if (op === "/") return DOUBLE;
  const wider = widerType(a, b) ?? DOUBLE;
  return wider.kind === "decimal" ? decimal(38, wider.scale) : wider;
}

function numeric(op: Arithmetic, type: DataType): DataType {
  if (isNumeric(type)) return type;
  if (type.kind === "string" || type.kind === "null") return DOUBLE;
  throw meaningError(`${op} does not work on a ${type.kind}`, {
    expected: "a number",
    found: type.kind,
    hint: type.kind === "date" ? "use date_add or date_sub" : "cast it to a number",
  });
}

function operand(value: TypedExpression, type: DataType): TypedExpression {
  // a decimal operand keeps its own scale: 38 digits do not hold every rescaled value
  return type.kind === "decimal" && value.type.kind === "decimal" ? value : castTo(value, type);
}

function both(left: Value, right: Value, compute: (left: Value, right: Value) => Value): Value {
  return left === null || left === undefined || right === null || right === undefined ? null : compute(left, right);
}

function compute(op: Arithmetic, type: DataType, left: Value, right: Value): Value {
  if (isFractional(type)) return onDoubles(op, Number(left), Number(right));
  if (left instanceof Decimal && right instanceof Decimal) return onDecimals(op, left, right);
  return wrapped(
    onIntegers(op, BigInt(left as number | bigint), BigInt(right as number | bigint)),
    isInteger(type) ? (type.kind as IntegerKind) : "long",
  );
}

function onDoubles(op: Arithmetic, left: number, right: number): number | null {
  switch (op) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0 ? null : left / right;
    case "%":
      return right === 0 ? null : left % right;
  }
}

function onIntegers(op: Arithmetic, left: bigint, right: bigint): bigint | null {
  switch (op) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
    case "%":
      return right === 0n ? null : left % right;
  }
}

function onDecimals(op: Arithmetic, left: Decimal, right: Decimal): Decimal | null {
  const scale = Math.max(left.scale, right.scale);
  if (op === "*") return new Decimal(left.unscaled * right.unscaled, left.scale + right.scale);
  const value = onIntegers(
    op,
    left.unscaled * 10n ** BigInt(scale - left.scale),
    right.unscaled * 10n ** BigInt(scale - right.scale),
  );
  return value === null ? null : new Decimal(value, scale);
}

// integers wrap around, as Spark's do outside ANSI mode
function wrapped(value: bigint | null, kind: IntegerKind): Value {
  if (value === null) return null;
  const bits = { byte: 8, short: 16, int: 32, long: 64 }[kind];
  return fitInteger(BigInt.asIntN(bits, value), kind) ?? null;
}
