/**
 * What an action of resolveChoice would do to the values at a path: counted over these values alone, before anything is
 * resolved.
 */
import type { EngineSession, RunOptions } from "../../engine/index.js";
import { aggregate, cast, project } from "../../plan/ir/build.js";
import type { Relation } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import type { DataType } from "../../types/data-type.js";
import { fieldOf } from "../../types/data-type.js";
import { castCanFail } from "../../types/cast.js";
import { DynaframeError } from "../../types/error.js";
import { printPath, type PathStep } from "../../types/path.js";
import { sameType } from "../../types/same-type.js";
import { isBare, resolveChoice, type ResolveAction } from "../verbs/resolve-choice.js";
import { membersOf, type ValuesAtPath } from "./values-at-path.js";

/** Values of one type, by what becomes of them: kept + cast + nulled are all of them. */
export type ArmFate = {
  readonly type: string;
  /** Unchanged. */
  readonly kept: number;
  /** Converted. */
  readonly cast: number;
  /** Null afterwards. */
  readonly nulled: number;
  /** Values inside a list, struct or map that become null, while it stays. */
  readonly nulledInside: number;
};

export type Fate = {
  readonly kept: number;
  readonly cast: number;
  readonly nulled: number;
  readonly nulledInside: number;
  readonly byArm: readonly ArmFate[];
};

/** What one arm goes through. */
type Step = { readonly fate: "kept" } | { readonly fate: "nulled" } | { readonly fate: "cast"; readonly to: DataType };

/** `catalog` stands for match_catalog, with the type that the table has at the path. */
export type PlannedAction = {
  readonly text: string;
  readonly action: ResolveAction | { readonly kind: "catalog"; readonly type: DataType | undefined };
};

/** How many values each arm has, in the order of `membersOf`, and how many rows there are. */
export async function countArms(
  { rows, value }: ValuesAtPath,
  engine: EngineSession,
  run: RunOptions,
): Promise<{ readonly places: number; readonly arms: readonly number[] }> {
  const counts = await oneRow(
    aggregate(rows, [
      { name: "places", fn: "count" },
      ...membersOf(value).map((m, i) => ({ name: `arm${i}`, fn: "count" as const, of: m.value })),
    ]),
    engine,
    run,
  );
  return { places: counts("places"), arms: membersOf(value).map((_, i) => counts(`arm${i}`)) };
}

/** The fates of all values under each action, in two passes over them. */
export async function predictActions(
  at: ValuesAtPath,
  counts: readonly number[],
  actions: readonly PlannedAction[],
  engine: EngineSession,
  run: RunOptions,
): Promise<readonly Fate[]> {
  const members = membersOf(at.value);
  const plans = actions.map(({ action }) => members.map((m) => stepOf(action, m.type)));
  const casts = plans.flatMap((steps, a) =>
    steps.flatMap((step, m) => {
      const from = members[m];
      return step.fate === "cast" && from && castCanFail(from.type, step.to)
        ? [{ key: `${a}/${m}`, value: from.value, to: step.to }]
        : [];
    }),
  );
  const whole = await nulledWhole(at.rows, casts, engine, run);
  const all = await nulledAnywhere(at.rows, casts, engine, run);
  return plans.map((steps, a) =>
    summed(
      steps.map((step, m): ArmFate => {
        const count = counts[m] ?? 0;
        const key = `${a}/${m}`;
        const nulled = whole.get(key) ?? 0;
        const type = members[m]?.type.kind ?? "null";
        switch (step.fate) {
          case "kept":
            return { type, kept: count, cast: 0, nulled: 0, nulledInside: 0 };
          case "nulled":
            return { type, kept: 0, cast: 0, nulled: count, nulledInside: 0 };
          case "cast":
            return { type, kept: 0, cast: count - nulled, nulled, nulledInside: (all.get(key) ?? 0) - nulled };
        }
      }),
    ),
  );
}

const summed = (byArm: readonly ArmFate[]): Fate => {
  const sum = (key: "kept" | "cast" | "nulled" | "nulledInside"): number =>
    byArm.reduce((total, arm) => total + arm[key], 0);
  return { kept: sum("kept"), cast: sum("cast"), nulled: sum("nulled"), nulledInside: sum("nulledInside"), byArm };
};

/** The rule of each action, as Glue has it (docs/sources.md#methods). */
function stepOf(action: PlannedAction["action"], from: DataType): Step {
  switch (action.kind) {
    case "make_cols":
    case "make_struct":
      return { fate: "kept" };
    case "project":
      return from.kind === action.type.kind ? { fate: "kept" } : { fate: "nulled" };
    case "catalog":
      return action.type ? castStep(from, action.type) : { fate: "kept" };
    case "cast":
      return castStep(from, action.type);
  }
}

const castStep = (from: DataType, to: DataType): Step =>
  sameType(from, to) || (isBare(to) && from.kind === to.kind) ? { fate: "kept" } : { fate: "cast", to };

type Cast = { readonly key: string; readonly value: Scalar; readonly to: DataType };

/** Values that no longer are there after the cast, by key. */
async function nulledWhole(
  rows: Relation,
  casts: readonly Cast[],
  engine: EngineSession,
  run: RunOptions,
): Promise<ReadonlyMap<string, number>> {
  if (casts.length === 0) return new Map();
  const counts = await oneRow(
    aggregate(
      rows,
      casts.flatMap(({ key, value, to }) => [
        { name: `before ${key}`, fn: "count" as const, of: value },
        { name: `after ${key}`, fn: "count" as const, of: cast(value, to, key) },
      ]),
    ),
    engine,
    run,
  );
  return new Map(casts.map(({ key }) => [key, counts(`before ${key}`) - counts(`after ${key}`)]));
}

/** The same with those inside lists, structs and maps. */
const nulledAnywhere = (
  rows: Relation,
  casts: readonly Cast[],
  engine: EngineSession,
  run: RunOptions,
): Promise<ReadonlyMap<string, number>> =>
  casts.length === 0
    ? Promise.resolve(new Map())
    : engine.nulledCasts(
        project(
          rows,
          casts.map(({ key, value, to }) => ({ name: key, value: cast(value, to, key) })),
        ),
        run,
      );

async function oneRow(relation: Relation, engine: EngineSession, run: RunOptions): Promise<(name: string) => number> {
  for await (const [row] of engine.rows(relation, run)) if (row) return (name) => Number(row[name] ?? 0);
  return () => 0;
}

/**
 * What the schema would be at the path: the fields that stand there afterwards, or why resolveChoice refuses the
 * action.
 */
export function outcomeOf(
  relation: Relation,
  path: readonly PathStep[],
  { action }: PlannedAction,
):
  | { readonly becomes: readonly { readonly path: string; readonly type: DataType }[] }
  | { readonly refused: DynaframeError } {
  if (action.kind === "catalog" && !action.type) return { becomes: typesAt(relation, path) };
  const step: ResolveAction =
    action.kind === "catalog" ? { kind: "cast", type: action.type ?? { kind: "null" } } : action;
  try {
    const after = resolveChoice.lower([relation], { specs: [{ path: printPath(path), action: step }] });
    return { becomes: typesAfter(relation, after, path) };
  } catch (error) {
    if (error instanceof DynaframeError && error.code !== "INTERNAL_PLAN") return { refused: error };
    throw error;
  }
}

type TypedPath = { readonly path: string; readonly type: DataType };

const typesAt = (relation: Relation, path: readonly PathStep[]): readonly TypedPath[] => {
  const type = typeAt(relation.type, path);
  return type ? [{ path: printPath(path), type }] : [];
};

/** The field itself, or those which make_cols put in its place: the new ones of the struct that holds it. */
function typesAfter(before: Relation, after: Relation, path: readonly PathStep[]): readonly TypedPath[] {
  const own = typesAt(after, path);
  const last = path.at(-1);
  if (own.length > 0 || last?.kind !== "field") return own;
  const parent = path.slice(0, -1);
  const known = new Set(fieldsAt(before.type, parent).map((f) => f.name));
  return fieldsAt(after.type, parent)
    .filter((f) => !known.has(f.name))
    .map((f) => ({ path: printPath([...parent, { kind: "field", name: f.name }]), type: f.type }));
}

const fieldsAt = (
  type: DataType,
  path: readonly PathStep[],
): readonly { readonly name: string; readonly type: DataType }[] => {
  const holder = typeAt(type, path);
  const struct = holder?.kind === "choice" ? holder.choices.find((c) => c.kind === "struct") : holder;
  return struct?.kind === "struct" ? struct.fields : [];
};

function typeAt(type: DataType, path: readonly PathStep[]): DataType | undefined {
  let at: DataType | undefined = type;
  for (const step of path) {
    const wanted = step.kind === "elements" ? "array" : "struct";
    const holder: DataType | undefined = at?.kind === "choice" ? at.choices.find((c) => c.kind === wanted) : at;
    if (step.kind === "elements") at = holder?.kind === "array" ? holder.element : undefined;
    else at = holder?.kind === "struct" ? fieldOf(holder, step.name)?.type : undefined;
  }
  return at;
}
