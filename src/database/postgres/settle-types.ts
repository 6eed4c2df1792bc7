/**
 * Answers what declarations leave open, by one aggregate query in the snapshot that is read: so that every value fits
 * its column's type.
 */
import { decimal, field, STRING, struct, type DataType, type StructType } from "../../types/data-type.js";
import { nested, type ColumnPlan } from "./column-type.js";
import type { PostgresSession, TextRow } from "./connect.js";
import { quoteIdentifier } from "./quote.js";

export type SettledTypes = { readonly type: StructType; readonly notes: readonly string[] };

export async function settleTypes(
  session: PostgresSession,
  plans: readonly ColumnPlan[],
  from: string,
): Promise<SettledTypes> {
  const open = plans.filter((plan) => plan.questions.length > 0);
  const answers = new Map<string, readonly (string | null)[]>();
  if (open.length > 0) {
    const [row = []] = (await session.run(`SELECT ${open.flatMap(questionsOf).join(", ")} FROM ${from}`)).rows;
    open.forEach((plan, i) => answers.set(plan.name, row.slice(i * WIDTH, (i + 1) * WIDTH)));
  }
  const notes: string[] = [];
  const fields = plans.map((plan) => field(plan.name, settled(plan, answers.get(plan.name), notes)));
  return { type: struct(fields), notes };
}

/**
 * Numbers per column: most digits before the point, most after it, values without a place in the type, most and fewest
 * levels of arrays, arrays that do not count from 1.
 */
const WIDTH = 6;

function questionsOf({ name, array, questions, type }: ColumnPlan): readonly string[] {
  const column = quoteIdentifier(name);
  const digits = questions.includes("digits");
  const odd = oddCondition(questions, type);
  const over = (aggregate: (value: string) => string, value: string): string =>
    array ? `(SELECT ${aggregate("v")} FROM unnest(${column}) AS u(v))` : value;
  const outer = (name_: "max" | "sum", inner: (v: string) => string): string =>
    array ? `${name_}(${over((v) => `${name_}(${inner(v)})`, "")})` : `${name_}(${inner(column)})`;
  return [
    digits ? outer("max", (v) => `CASE WHEN ${isSpecial(v)} THEN 0 ELSE length(trunc(abs(${v}))::text) END`) : "NULL",
    digits ? outer("max", (v) => `CASE WHEN ${isSpecial(v)} THEN 0 ELSE scale(${v}) END`) : "NULL",
    odd === undefined ? "NULL" : outer("sum", (v) => `CASE WHEN ${odd(v)} THEN 1 ELSE 0 END`),
    ...(array
      ? [
          `max(array_ndims(${column}))`,
          `min(array_ndims(${column}))`,
          `sum(CASE WHEN array_lower(${column}, 1) <> 1 OR array_lower(${column}, 2) <> 1 THEN 1 ELSE 0 END)`,
        ]
      : ["NULL", "NULL", "NULL"]),
  ];
}

// infinite numerics came with PostgreSQL 14; before, their text is the one thing they never have
const isSpecial = (v: string): string => `${v}::text IN ('NaN', 'Infinity', '-Infinity')`;

function oddCondition(questions: ColumnPlan["questions"], type: DataType): ((v: string) => string) | undefined {
  if (type.kind === "decimal") return isSpecial;
  if (questions.includes("finite")) return (v) => `NOT isfinite(${v})`;
  // microseconds in 64 bits end in January of 294247, and PostgreSQL's years in 294276
  if (questions.includes("instant")) return (v) => `NOT isfinite(${v}) OR ${v} >= '294247-01-01'`;
  return undefined;
}

function settled(plan: ColumnPlan, answers: TextRow | undefined, notes: string[]): DataType {
  const [whole, fraction, odd, most, fewest, shifted] = (answers ?? []).map((a) => Number(a ?? 0));
  const asText = (why: string): DataType => {
    notes.push(`Column ${plan.name} is read as text: ${why}.`);
    return STRING;
  };
  if (plan.array && (most !== fewest || (shifted ?? 0) > 0))
    return asText(
      most === fewest ? `${shifted} arrays do not count from 1` : `its arrays have ${fewest} to ${most} levels`,
    );
  const levels = plan.array ? Math.max(1, most ?? 1) : 0;
  if ((odd ?? 0) > 0) return asText(`${odd} values are no ${plan.type.kind}, such as NaN or infinity`);
  if (!plan.questions.includes("digits")) return nested(plan.type, levels);
  const scale = fraction ?? 0;
  const precision = Math.max(1, whole ?? 0) + scale;
  if (precision > 38) return asText(`its numbers have up to ${precision} digits, decimal holds 38`);
  return nested(decimal(precision, scale), levels);
}
