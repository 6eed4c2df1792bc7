/**
 * The meaning of each scalar of the IR, one row at a time. The comments in `plan/ir/scalar.ts` are the specification.
 */
import { createHash } from "node:crypto";
import type { Scalar, ScalarKind, ScalarOf } from "../../plan/ir/scalar.js";
import { valueText } from "../../types/cast-text.js";
import { castValue, type CastResult } from "../../types/cast.js";
import { DynaframeError } from "../../types/error.js";
import { ArmValue, setField, type Row, type Value } from "../../types/value.js";
import { literalValue } from "./literal-value.js";
import { compareValues, isNull } from "./order.js";

export type ScalarScope = {
  readonly row: Row;
  readonly variables: ReadonlyMap<string, Value>;
  /** Told how many values a cast turned into null. */
  readonly onNulled: (path: string, count: number) => void;
  /**
   * Casts told of already: a plan may use one at several places, and its value is nulled once. One set for a row, or an
   * element of a list.
   */
  readonly told: Set<Scalar>;
};

/** Undefined only where a field is missing, so that a projection of it stays missing. */
export function evaluateScalar(scalar: Scalar, scope: ScalarScope): Value {
  const evaluate = evaluators[scalar.kind] as (node: Scalar, scope: ScalarScope) => Value;
  return evaluate(scalar, scope);
}

/** A field of a struct by its exact name; undefined when the struct is null or has no such field. */
export function readField(record: Value, name: string): Value {
  return isNull(record) || !Object.hasOwn(record as Row, name) ? undefined : (record as Row)[name];
}

type Evaluators = { readonly [K in ScalarKind]: (node: ScalarOf<K>, scope: ScalarScope) => Value };

const evaluators: Evaluators = Object.freeze<Evaluators>({
  input: (_node, scope) => scope.row,
  variable: (node, scope) => {
    if (!scope.variables.has(node.name)) throw new DynaframeError("INVALID_PLAN", `variable ${node.name} is not bound`);
    return scope.variables.get(node.name);
  },
  field: (node, scope) => readField(evaluateScalar(node.of, scope), node.name),
  literal: (node) => literalValue(node.value, node.type),
  struct: (node, scope) => {
    if (node.nullIf && evaluateScalar(node.nullIf, scope) === true) return null;
    return buildRow(node.fields, scope);
  },
  choice: (node, scope) => {
    for (const { arm, value } of node.arms) {
      const held = evaluateScalar(value, scope);
      if (!isNull(held)) return new ArmValue(arm, held);
    }
    return null;
  },
  arm: (node, scope) => {
    const value = evaluateScalar(node.of, scope);
    return value instanceof ArmValue && value.arm === node.arm ? value.value : null;
  },
  "type-tag": (node, scope) => {
    const value = evaluateScalar(node.of, scope);
    if (isNull(value)) return "null";
    return value instanceof ArmValue ? value.arm : node.of.type.kind;
  },
  present: (node, scope) => {
    const record = evaluateScalar(node.of, scope);
    return !isNull(record) && Object.hasOwn(record as Row, node.name) && (record as Row)[node.name] !== undefined;
  },
  cast: evaluateCast,
  coalesce: (node, scope) => {
    for (const operand of node.values) {
      const value = evaluateScalar(operand, scope);
      if (!isNull(value)) return value;
    }
    return null;
  },
  case: (node, scope) => {
    const branch = node.branches.find(({ when }) => evaluateScalar(when, scope) === true);
    return evaluateScalar(branch ? branch.then : node.otherwise, scope);
  },
  compare: (node, scope) => {
    const left = evaluateScalar(node.left, scope);
    const right = evaluateScalar(node.right, scope);
    if (isNull(left) || isNull(right)) return null;
    const order = compareValues(left, right);
    return { "=": order === 0, "<>": order !== 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[
      node.op
    ];
  },
  logical: (node, scope) => {
    const decisive = node.op === "or";
    const values = node.args.map((arg) => evaluateScalar(arg, scope));
    if (values.includes(decisive)) return decisive;
    return values.some(isNull) ? null : !decisive;
  },
  not: (node, scope) => {
    const value = evaluateScalar(node.of, scope);
    return isNull(value) ? null : value !== true;
  },
  "is-null": (node, scope) => isNull(evaluateScalar(node.of, scope)),
  in: (node, scope) => {
    const value = evaluateScalar(node.of, scope);
    if (isNull(value)) return null;
    const members = node.values.map((member) => evaluateScalar(member, scope));
    if (members.some((member) => !isNull(member) && compareValues(value, member) === 0)) return true;
    return members.some(isNull) ? null : false;
  },
  like: (node, scope) => {
    const value = evaluateScalar(node.of, scope);
    return isNull(value) ? null : likePattern(node.pattern).test(String(value));
  },
  "list-map": (node, scope) => {
    const list = evaluateScalar(node.list, scope);
    if (isNull(list)) return null;
    const evaluate = bodyOf(node, scope);
    return (list as readonly Value[]).map((element) => evaluate(element) ?? null);
  },
  "map-values": (node, scope) => {
    const entries = evaluateScalar(node.map, scope);
    if (isNull(entries)) return null;
    const evaluate = bodyOf(node, scope);
    return new Map([...(entries as ReadonlyMap<string, Value>)].map(([key, value]) => [key, evaluate(value) ?? null]));
  },
  hash: (node, scope) => {
    const texts = node.values.map((operand) => {
      const value = evaluateScalar(operand, scope);
      return isNull(value) ? "\u0000" : (valueText(value, operand.type) ?? "\u0000");
    });
    const hash = createHash("md5").update(texts.join("\u001f"), "utf8").digest().readBigUInt64BE(0) >> 1n;
    return hash <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(hash) : hash;
  },
});

/** A row with one field per entry; a value that is missing leaves its field missing. */
export function buildRow(
  fields: readonly { readonly name: string; readonly value: Scalar }[],
  scope: ScalarScope,
): Row {
  const row = {};
  for (const { name, value } of fields) {
    const result = evaluateScalar(value, scope);
    if (result !== undefined) setField(row, name, result);
  }
  return row;
}

function evaluateCast(node: ScalarOf<"cast">, scope: ScalarScope): Value {
  const value = evaluateScalar(node.of, scope);
  if (isNull(value)) return null;
  const from = node.of.type;
  const result: CastResult =
    node.mode === "match" && from.kind !== node.type.kind ? { ok: false } : castValue(value, from, node.type);
  if (!result.ok && node.onError === "fail") throw castFailed(node, value);
  if (node.path !== undefined && !scope.told.has(node)) scope.onNulled(node.path, result.ok ? (result.nulled ?? 0) : 1);
  scope.told.add(node);
  return result.ok ? result.value : null;
}

function castFailed({ of, type, path }: ScalarOf<"cast">, value: Value): DynaframeError {
  return new DynaframeError("CAST_FAILED", `a value of type ${of.type.kind} does not fit ${type.kind}`, {
    expected: type.kind,
    found: valueText(value, of.type) ?? of.type.kind,
    ...(path === undefined ? {} : { path }),
    hint: "use a cast that gives null, or filter such rows first",
  });
}

/** The body of a list, to be evaluated for each element; of one that is used twice only the first use counts. */
function bodyOf(node: ScalarOf<"list-map"> | ScalarOf<"map-values">, scope: ScalarScope): (element: Value) => Value {
  const onNulled = scope.told.has(node) ? () => undefined : scope.onNulled;
  scope.told.add(node);
  return (element) =>
    evaluateScalar(node.body, {
      row: scope.row,
      variables: new Map(scope.variables).set(node.as, element),
      onNulled,
      told: new Set(),
    });
}

function likePattern(pattern: string): RegExp {
  const parts = [...pattern].map((c) =>
    c === "%" ? ".*" : c === "_" ? "." : c.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
  );
  return new RegExp(`^${parts.join("")}$`, "su");
}
