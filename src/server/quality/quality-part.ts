/** The part of the server that evaluates rules: each in one pass of the engine over the whole table, no sample. */
import type { SecretResolver } from "../../catalog/secret-resolver.js";
import { GlueContext } from "../../open.js";
import { DynaframeError } from "../../types/error.js";
import { type Condition, holds, ROW_RULES, type Rule, type RuleTree } from "./dqdl.js";
import { measureOf } from "./rule-sql.js";

/** As DataQualityRuleResult of the API; names are given by the caller. */
export type RuleResult = {
  readonly Result: "PASS" | "FAIL" | "ERROR";
  readonly EvaluatedRule: string;
  readonly EvaluationMessage?: string;
  readonly EvaluatedMetrics: { readonly [name: string]: number };
};
/** Before its metrics have names of their own: those of joined rules may be called alike. */
type Judged = Omit<RuleResult, "EvaluatedMetrics"> & {
  readonly metrics: readonly (readonly [name: string, value: number])[];
};
export type EvaluateRules = (request: {
  readonly database: string;
  readonly table: string;
  readonly rules: readonly RuleTree[];
  readonly signal: AbortSignal;
}) => Promise<readonly RuleResult[]>;

/** @throws as reading the table does. What is wrong with one rule is in its result. */
export function qualityPart(catalog: string, secrets: SecretResolver): EvaluateRules {
  return async ({ database, table, rules, signal }) => {
    const glue = await GlueContext.open({ catalog, secrets });
    try {
      // values of another type than their column's are cast to it, and are none where they cannot be
      const frame = glue.createDynamicFrame
        .fromCatalog({ database, tableName: table })
        .resolveChoice({ choice: "match_catalog", database, tableName: table });
      const schema = await frame.schema({ signal });
      const measured = async (where: string | undefined, sql: string): Promise<readonly object[]> =>
        (where === undefined ? frame : frame.filter(where))
          .toDF()
          .sql(`select cast(${sql} as varchar) as found from self`)
          .rows({ signal });
      const evaluate = async (tree: RuleTree): Promise<Judged> => {
        if (!("join" in tree)) return evaluateRule(tree);
        const parts: Judged[] = [];
        for (const part of tree.rules) parts.push(await evaluate(part));
        return joined(tree.text, tree.join, parts);
      };
      const evaluateRule = async (rule: Rule): Promise<Judged> => {
        const measure = measureOf(rule, schema);
        if ("error" in measure) return failed(rule, measure.error);
        if ("value" in measure) return judged(rule, measure.metric, measure.value);
        const found = await measured(rule.where, measure.sql).catch((error: unknown) => {
          if (!(error instanceof DynaframeError) || signal.aborted) throw error;
          return error;
        });
        return found instanceof DynaframeError
          ? failed(rule, rule.where === undefined ? found.message : `${found.message} (where "${rule.where}")`)
          : numbered(
              rule,
              measure.metric,
              (found[0] as { readonly found?: string | null } | undefined)?.found ?? undefined,
            );
      };
      const results: RuleResult[] = [];
      for (const rule of rules) results.push(withNames(await evaluate(rule)));
      return results;
    } finally {
      await glue.close();
    }
  };
}

/**
 * A result with all its metrics: of those of one name the second is `name (2)`, in the order of the rules, for each may
 * be of other rows or another condition.
 */
function withNames({ metrics, ...result }: Judged): RuleResult {
  const named: [string, number][] = [];
  const seen = new Map<string, number>();
  for (const [name, value] of metrics) {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    named.push([count === 1 ? name : `${name} (${count})`, value]);
  }
  return { ...result, EvaluatedMetrics: Object.fromEntries(named) };
}

/**
 * As `and` and `or` are of three values: a part that could not be evaluated counts where the others do not settle it.
 */
function joined(text: string, join: "and" | "or", parts: readonly Judged[]): Judged {
  const settling = join === "and" ? "FAIL" : "PASS";
  const otherwise = join === "and" ? "PASS" : "FAIL";
  const has = (result: RuleResult["Result"]): boolean => parts.some(({ Result }) => Result === result);
  const Result = has(settling) ? settling : has("ERROR") ? "ERROR" : otherwise;
  const messages = parts.flatMap(({ EvaluationMessage }) => EvaluationMessage ?? []);
  return {
    Result,
    EvaluatedRule: text,
    metrics: parts.flatMap(({ metrics }) => metrics),
    ...(Result === "PASS" || messages.length === 0 ? {} : { EvaluationMessage: messages.join(" ") }),
  };
}

const numbered = (rule: Rule, metric: string, text: string | undefined): Judged =>
  text === undefined
    ? { Result: "FAIL", EvaluatedRule: rule.text, EvaluationMessage: "There is no value to measure.", metrics: [] }
    : judged(rule, metric, Number(text));

const failed = (rule: Rule, message: string): Judged => ({
  Result: "ERROR",
  EvaluatedRule: rule.text,
  EvaluationMessage: message,
  metrics: [],
});

const ALL: Condition = { kind: "compare", op: "=", value: 1 };

function judged(rule: Rule, metric: string, found: number): Judged {
  const wanted = ROW_RULES.has(rule.type) ? (rule.threshold ?? ALL) : (rule.condition ?? ALL);
  const passes = holds(wanted, found);
  return {
    Result: passes ? "PASS" : "FAIL",
    EvaluatedRule: rule.text,
    metrics: [[metric, found]],
    ...(passes ? {} : { EvaluationMessage: `Value: ${found} does not meet the constraint requirement!` }),
  };
}
