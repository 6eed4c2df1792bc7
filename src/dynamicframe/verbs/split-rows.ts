import { compareLiteral, type Constant, type Operator } from "../../plan/compare-literal.js";
import { and, caseWhen, filter, inputOf, literal, not } from "../../plan/ir/build.js";
import { readPath } from "../../plan/read-path.js";
import { BOOLEAN } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { DateValue, Decimal, TimestampValue } from "../../types/value.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";

/** `{ path: { operator: constant } }`, as Glue writes it. */
export type Comparisons = { readonly [path: string]: { readonly [operator: string]: unknown } };
export type Condition = { readonly path: string; readonly op: Operator; readonly constant: Constant };
export type SplitRowsArgs = { readonly conditions: readonly Condition[]; readonly part: "matching" | "rest" };

/**
 * `splitRows(comparisons)`: one frame of the records for which all comparisons hold, one of all others, among them
 * those where a value is null, missing or of another kind than its constant. Numbers compare by value, texts as text.
 * Source: docs/sources.md#methods.
 */
export const splitRows = defineVerb<SplitRowsArgs>({
  kind: "splitRows",
  paths: ({ conditions }) => conditions.map(({ path }) => ({ path, reach: { choices: true } })),
  recordwise: false,
  lower: (inputs, { conditions, part }) => {
    const input = only(inputs);
    const record = inputOf(input);
    const tests = conditions.map(({ path, op, constant }) => {
      const value = readPath(record, path);
      return value ? compareLiteral(value, op, constant) : literal(false, BOOLEAN);
    });
    // unknown counts as no: each record is in exactly one of the two frames
    const holds = caseWhen(and(tests), literal(true, BOOLEAN), literal(false, BOOLEAN));
    return filter(input, part === "matching" ? holds : not(holds), "splitRows");
  },
});

const OPERATORS: { readonly [operator: string]: Operator } = {
  "=": "=",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/** Checks operators and constants; BAD_ARGUMENT names the path. */
export function parseComparisons(comparisons: Comparisons): readonly Condition[] {
  const given: unknown = comparisons;
  if (
    typeof given !== "object"
    || given === null
    || Object.values(given).some((tests: unknown) => typeof tests !== "object" || tests === null)
  ) {
    throw new DynaframeError("BAD_ARGUMENT", "splitRows takes comparisons by path.", {
      expected: "{ path: { operator: value } }",
      found: JSON.stringify(given),
      hint: 'Write for instance { age: { ">": 10, "<": 50 } }.',
    });
  }
  const conditions = Object.entries(comparisons).flatMap(([path, tests]) =>
    Object.entries(tests).map(([operator, constant]): Condition => {
      const op = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
      if (op) return { path, op, constant: constantOf(constant, path) };
      throw new DynaframeError("BAD_ARGUMENT", `splitRows: ${operator} is not an operator.`, {
        path,
        expected: Object.keys(OPERATORS).join(" "),
        found: operator,
        hint: 'Write for instance { age: { ">": 10, "<": 50 } }.',
      });
    }),
  );
  if (conditions.length > 0) return conditions;
  throw new DynaframeError("BAD_ARGUMENT", "splitRows: no comparison was given.", {
    hint: 'Write for instance { age: { ">": 10 } }.',
  });
}

function constantOf(value: unknown, path: string): Constant {
  if (value instanceof Date && !Number.isNaN(value.getTime()))
    return new TimestampValue(BigInt(value.getTime()) * 1000n);
  if (typeof value === "string" || typeof value === "bigint" || typeof value === "boolean" || Number.isFinite(value))
    return value as Constant;
  if (value instanceof Decimal || value instanceof DateValue || value instanceof TimestampValue) return value;
  throw new DynaframeError(
    "BAD_ARGUMENT",
    `splitRows: ${path} is compared with ${String(value)}, which is no number, text, boolean, date or timestamp.`,
    { path, found: String(value), hint: "Records where the path is null or missing are always in the second frame." },
  );
}
