/**
 * `frame.explainChoice(path)`: the types at a path, and what each action of resolveChoice would do to the values,
 * before it is run.
 */
import type { EngineSession, RunOptions } from "../../engine/index.js";
import { cast, filter, inputOf, isNull, limit, not, project, field, and } from "../../plan/ir/build.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import type { Relation } from "../../plan/ir/relation.js";
import { DOUBLE, LONG, STRING, type DataType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { parseTypeName } from "../../types/hive.js";
import { parsePath, type PathStep } from "../../types/path.js";
import { sameType } from "../../types/same-type.js";
import { fullTypeText, typeText } from "../../types/type-text.js";
import { toPlain } from "../../types/typed.js";
import type { Row } from "../../types/value.js";
import { checkPaths } from "../check-paths.js";
import type { FrameSession, Resolved } from "../frame-node.js";
import { recordJson } from "../print-record.js";
import { catalogColumns } from "../resolve-choice-node.js";
import { catalogTypeAt } from "../verbs/resolve-choice.js";
import { placesOf, type ArmPlaces } from "./arm-places.js";
import { countArms, outcomeOf, predictActions, type ArmFate, type PlannedAction } from "./predict-action.js";
import { membersOf, valuesAtPath, type ValuesAtPath } from "./values-at-path.js";

/** Which actions `explainChoice` tries, and how many examples it gives. */
export type ExplainChoiceOptions = RunOptions & {
  /** Types to cast to beside the sensible ones, in Glue's spelling: `["decimal(10,2)"]`. */
  readonly casts?: readonly string[];
  /** For `match_catalog`: the table whose column types decide. */
  readonly database?: string;
  /** Belongs to `database`. */
  readonly tableName?: string;
  /** Examples of each arm and of each cast's losses; default 3, at most 20. */
  readonly examples?: number;
};

/** One type at the path. */
export type ExplainedArm = {
  readonly type: string;
  readonly count: number;
  /** Part of the values that are not null, 0–100. */
  readonly percent: number;
  /** Different values, as plain JavaScript. */
  readonly examples: readonly unknown[];
  /** From the ledger, where the frame is a source as it was read. */
  readonly places?: ArmPlaces;
};

/** What one action would do. */
export type ExplainedAction = {
  /** As resolveChoice takes it. */
  readonly action: string;
  /** Values unchanged, converted, and null afterwards; together all values. */
  readonly kept: number;
  readonly cast: number;
  readonly nulled: number;
  /**
   * Values inside lists, structs and maps that become null while these stay. A write reports `nulled + nulledInside`.
   */
  readonly nulledInside: number;
  readonly byArm: readonly ArmFate[];
  /** The fields that stand there afterwards. */
  readonly becomes: readonly { readonly path: string; readonly type: string }[];
  /** Values that the cast would turn to null. */
  readonly nulledExamples: readonly unknown[];
  /** Why resolveChoice would refuse it; the counts are 0 then. */
  readonly refused?: { readonly code: string; readonly message: string };
};

/** What each action would do to a choice: how many values it keeps, changes and loses, with examples. */
export type ChoiceExplanation = {
  readonly path: string;
  /** The type at the path. */
  readonly type: string;
  /** Values that are not null. */
  readonly values: number;
  /** Records, or elements of the innermost list, that have none: null or missing. */
  readonly empty: number;
  readonly arms: readonly ExplainedArm[];
  readonly actions: readonly ExplainedAction[];
};

/** Values looked at to find different ones. */
const LOOKED_AT = 200;

export async function explainChoice(
  path: string,
  resolved: Resolved,
  session: FrameSession,
  options: ExplainChoiceOptions,
): Promise<ChoiceExplanation> {
  const { relation } = resolved;
  checkPaths("explainChoice", [{ path, reach: { choices: true, elements: true } }], [relation]);
  const steps = parsePath(path);
  const at = valuesAtPath(relation, steps);
  if (!at)
    throw new DynaframeError("UNKNOWN_PATH", `explainChoice: nothing is known at ${path}.`, {
      path,
      found: path,
      hint: "All records are null there, or there are none.",
    });
  const engine = await session.engine();
  const counts = await countArms(at, engine, options);
  const values = counts.arms.reduce((sum, n) => sum + n, 0);
  const most = Math.min(20, Math.max(0, options.examples ?? 3));
  const planned = [...defaultActions(at.value, options.casts ?? []), ...(await catalogAction(steps, session, options))];
  return {
    path,
    type: typeText(at.value.type),
    values,
    empty: counts.places - values,
    arms: await explainedArms(at, counts.arms, values, steps, resolved, engine, most, options),
    actions: await explainedActions(at, counts.arms, planned, relation, steps, engine, most, options),
  };
}

/**
 * Casts to the types that are there, to text, to numbers where there are numbers or texts; then project to each arm;
 * then the two that split.
 */
function defaultActions(value: Scalar, casts: readonly string[]): readonly PlannedAction[] {
  const own = membersOf(value).map((m) => m.type);
  const numeric = own.some((t) =>
    ["byte", "short", "int", "long", "float", "double", "decimal", "string"].includes(t.kind),
  );
  const wanted = [
    ...own.filter((t) => !["struct", "array", "map", "set"].includes(t.kind)),
    ...(numeric ? [LONG, DOUBLE] : []),
    STRING,
    ...casts.map(parseTypeName),
  ];
  const targets = wanted.filter((t, i) => wanted.findIndex((other) => sameType(other, t)) === i);
  return [
    ...targets.map((type): PlannedAction => ({ text: `cast:${typeText(type)}`, action: { kind: "cast", type } })),
    ...own.map((type): PlannedAction => ({ text: `project:${type.kind}`, action: { kind: "project", type } })),
    { text: "make_cols", action: { kind: "make_cols" } },
    { text: "make_struct", action: { kind: "make_struct" } },
  ];
}

async function catalogAction(
  steps: readonly PathStep[],
  session: FrameSession,
  { database, tableName }: ExplainChoiceOptions,
): Promise<readonly PlannedAction[]> {
  if (database === undefined || tableName === undefined) return [];
  const columns = await catalogColumns(session, database, tableName);
  return [{ text: "match_catalog", action: { kind: "catalog", type: catalogTypeAt(columns, steps) } }];
}

async function explainedArms(
  at: ValuesAtPath,
  counts: readonly number[],
  values: number,
  steps: readonly PathStep[],
  resolved: Resolved,
  engine: EngineSession,
  most: number,
  run: RunOptions,
): Promise<readonly ExplainedArm[]> {
  // the ledger speaks of records as they were read, so it says nothing of what verbs made of them
  const [source] = resolved.sources;
  const ledgers =
    resolved.relation.kind === "scan" && resolved.sources.length === 1 ? ((await source?.ledgers?.()) ?? []) : [];
  const arms: ExplainedArm[] = [];
  for (const [i, member] of membersOf(at.value).entries()) {
    const count = counts[i] ?? 0;
    const places = placesOf(member.type.kind, ledgers, steps);
    arms.push({
      type: typeText(member.type),
      count,
      percent: values === 0 ? 0 : (100 * count) / values,
      examples: await examplesOf(at.rows, member.value, not(isNull(member.value)), engine, most, run),
      ...(places ? { places } : {}),
    });
  }
  return arms;
}

async function explainedActions(
  at: ValuesAtPath,
  counts: readonly number[],
  planned: readonly PlannedAction[],
  relation: Relation,
  steps: readonly PathStep[],
  engine: EngineSession,
  most: number,
  run: RunOptions,
): Promise<readonly ExplainedAction[]> {
  const fates = await predictActions(at, counts, planned, engine, run);
  const explained: ExplainedAction[] = [];
  for (const [i, plan] of planned.entries()) {
    const outcome = outcomeOf(relation, steps, plan);
    const fate = fates[i];
    if (!fate || "refused" in outcome) {
      const refused =
        "refused" in outcome ? { code: outcome.refused.code, message: outcome.refused.message } : undefined;
      explained.push({
        action: plan.text,
        kept: 0,
        cast: 0,
        nulled: 0,
        nulledInside: 0,
        byArm: [],
        becomes: [],
        nulledExamples: [],
        ...(refused ? { refused } : {}),
      });
      continue;
    }
    explained.push({
      action: plan.text,
      ...fate,
      becomes: outcome.becomes.map(({ path, type }) => ({ path, type: fullTypeText(type) })),
      nulledExamples: await lossesOf(at, plan, fate.byArm, engine, most, run),
    });
  }
  return explained;
}

/** Values that a cast turns to null, of all arms together. */
async function lossesOf(
  at: ValuesAtPath,
  { action }: PlannedAction,
  byArm: readonly ArmFate[],
  engine: EngineSession,
  most: number,
  run: RunOptions,
): Promise<readonly unknown[]> {
  const type: DataType | undefined = action.kind === "cast" || action.kind === "catalog" ? action.type : undefined;
  const losses: unknown[] = [];
  for (const [i, member] of membersOf(at.value).entries()) {
    if (!type || (byArm[i]?.nulled ?? 0) === 0 || losses.length >= most) continue;
    const lost = and([not(isNull(member.value)), isNull(cast(member.value, type, ""))]);
    losses.push(...(await examplesOf(at.rows, member.value, lost, engine, most - losses.length, run)));
  }
  return losses;
}

/** Different values for which the condition holds, the first ones that come. */
async function examplesOf(
  rows: Relation,
  value: Scalar,
  condition: Scalar,
  engine: EngineSession,
  most: number,
  run: RunOptions,
): Promise<readonly unknown[]> {
  if (most === 0) return [];
  const kept = filter(rows, condition, "examples");
  const some = limit(project(kept, [{ name: "value", value: overInput(value, kept) }]), LOOKED_AT);
  const found = new Map<string, unknown>();
  for await (const batch of engine.rows(some, run)) {
    for (const row of batch as readonly Row[]) {
      const plain = toPlain(row["value"], value.type);
      if (found.size < most) found.set(recordJson(plain), plain);
    }
  }
  return [...found.values()];
}

/** The same scalar over the rows of a filter, whose type is that of its input. */
const overInput = (value: Scalar, rows: Relation): Scalar =>
  value.kind === "arm"
    ? Object.freeze({ ...value, of: overInput(value.of, rows) })
    : value.kind === "field"
      ? field(inputOf(rows), value.name)
      : value;
