/** How many values each cast of a plan nulled: SQL that counts, per relation and path, over the relation's input. */
import type { Relation } from "../plan/ir/relation.js";
import type { Scalar, ScalarOf } from "../plan/ir/scalar.js";
import { castCanFail, castExists } from "../types/cast.js";
import type { DataType } from "../types/data-type.js";
import { physicalNames } from "../types/physical.js";
import { rowScope, type ScalarScope, type SourceOf } from "./sql-scope.js";

/** What counting needs of an engine's SQL. */
export type NulledDialect = {
  /** Alias, as SQL, of the row that scalars read. */
  readonly row: string;
  readonly compileOver: (relation: Relation, sourceOf: SourceOf, build: (from: string) => string) => string;
  readonly compileScalar: (scalar: Scalar, scope: ScalarScope) => string;
  readonly castSql: (node: ScalarOf<"cast">, value: string) => string;
  readonly compileCast: (value: string, from: DataType, to: DataType, depth: number) => string;
  /** Name of the lambda variable at a depth of nesting inside one cast. */
  readonly element: (depth: number) => string;
  /** Binds a variable to the elements of a list. */
  readonly bind: (as: string, scope: ScalarScope) => { readonly name: string; readonly inner: ScalarScope };
  readonly fieldOf: (value: string, name: string) => string;
  /** The sum of `body`, a whole number, over the elements of a list, of which `variable` is each; 0 for null. */
  readonly sumOver: (list: string, variable: string, body: string) => string;
};

/** One row; column i counts the nulled values of `paths[i]`. */
export type NulledQuery = { readonly paths: readonly string[]; readonly compile: (sourceOf: SourceOf) => string };

/** The queries for the scalars of this relation itself, not of its inputs; none when no cast can fail. */
export function nulledQueries(relation: Relation, sql: NulledDialect): readonly NulledQuery[] {
  return evaluated(relation).flatMap(({ input, scalars }) => {
    const counts = new Map<string, string[]>();
    const certain = new Set<Scalar>();
    for (const scalar of scalars) merge(counts, countsOf(sql, scalar, rowScope(sql.row), certain));
    if (counts.size === 0) return [];
    const sums = [...counts.values()].map((sqls) => `sum(${sqls.join(" + ")})`);
    return [{ paths: [...counts.keys()], compile: (sourceOf) => sql.compileOver(input, sourceOf, (from) => `SELECT ${sums.join(", ")} FROM ${from} AS ${sql.row}`) }];
  });
}

/** Scalars by the rows over which they are evaluated. */
function evaluated(relation: Relation): readonly { readonly input: Relation; readonly scalars: readonly Scalar[] }[] {
  switch (relation.kind) {
    case "project": return [{ input: relation.input, scalars: relation.fields.map(({ value }) => value) }];
    case "filter": return [{ input: relation.input, scalars: [relation.predicate] }];
    case "unnest": return [{ input: relation.input, scalars: [relation.list] }];
    case "join": return [{ input: relation.left, scalars: relation.leftKeys }, { input: relation.right, scalars: relation.rightKeys }];
    case "aggregate":
      return [{ input: relation.input, scalars: [...relation.keys.map(({ value }) => value), ...relation.aggregates.flatMap(({ of }) => (of ? [of] : []))] }];
    case "sort": return [{ input: relation.input, scalars: relation.by.map(({ value }) => value) }];
    default: return [];
  }
}

/** SQL expressions to add up, by path. */
type Counts = Map<string, string[]>;

/**
 * Counts for one evaluation of the scalar. `certain` holds the casts already counted for this row: a plan may use one cast
 * twice, and its value is nulled once. What is evaluated under a condition gets a copy.
 */
function countsOf(sql: NulledDialect, scalar: Scalar, scope: ScalarScope, certain: Set<Scalar>): Counts {
  switch (scalar.kind) {
    case "input": case "variable": case "literal": return new Map();
    case "field": case "arm": case "type-tag": case "present": case "not": case "is-null": case "like": case "in":
      return countsOf(sql, scalar.of, scope, certain);
    case "cast": return castCounts(sql, scalar, scope, certain);
    case "struct": {
      if (scalar.nullIf === undefined) return all(sql, scalar.fields.map(({ value }) => value), scope, certain);
      const condition = countsOf(sql, scalar.nullIf, scope, certain);
      const fields = all(sql, scalar.fields.map(({ value }) => value), scope, new Set(certain));
      return merge(condition, when(`${sql.compileScalar(scalar.nullIf, scope)} IS NOT TRUE`, fields));
    }
    case "choice": return firstPresent(sql, scalar.arms.map(({ value }) => value), scope, certain);
    case "coalesce": return firstPresent(sql, scalar.values, scope, certain);
    case "case": return caseCounts(sql, scalar, scope, certain);
    case "compare": return all(sql, [scalar.left, scalar.right], scope, certain);
    case "logical": return all(sql, scalar.args, scope, certain);
    case "hash": return all(sql, scalar.values, scope, certain);
    case "list-map": {
      const { name, inner } = sql.bind(scalar.as, scope);
      return merge(countsOf(sql, scalar.list, scope, certain), overList(sql, sql.compileScalar(scalar.list, scope), name, countsOf(sql, scalar.body, inner, new Set())));
    }
    case "map-values": {
      const { name, inner: entry } = sql.bind(scalar.as, scope);
      const inner = { ...entry, variables: new Map(entry.variables).set(scalar.as, sql.fieldOf(name, "value")) };
      const list = `map_entries(${sql.compileScalar(scalar.map, scope)})`;
      return merge(countsOf(sql, scalar.map, scope, certain), overList(sql, list, name, countsOf(sql, scalar.body, inner, new Set())));
    }
  }
}

function castCounts(sql: NulledDialect, node: ScalarOf<"cast">, scope: ScalarScope, certain: Set<Scalar>): Counts {
  const counts = countsOf(sql, node.of, scope, certain);
  const counted = node.onError === "null" && node.path !== undefined && !certain.has(node);
  const matchOnly = node.mode === "match" && node.of.type.kind !== node.type.kind;
  certain.add(node);
  if (!counted || node.path === undefined || !(matchOnly || castCanFail(node.of.type, node.type))) return counts;
  const value = sql.compileScalar(node.of, scope);
  const misfits = matchOnly ? `CASE WHEN ${value} IS NULL THEN 0 ELSE 1 END` : misfitsOf(sql, value, sql.castSql(node, value), node.of.type, node.type, 1);
  return merge(counts, new Map([[node.path, [misfits]]]));
}

/** The values nulled by casting one value: itself, or those inside a container. */
function misfitsOf(sql: NulledDialect, value: string, cast: string, from: DataType, to: DataType, depth: number): string {
  const whole = `CASE WHEN ${value} IS NOT NULL AND ${cast} IS NULL THEN 1 ELSE 0 END`;
  if (!castCanFail(from, to)) return "0";
  if (!castExists(from, to)) return whole;
  const inside = (variable: string, a: DataType, b: DataType): string => misfitsOf(sql, variable, sql.compileCast(variable, a, b, depth + 1), a, b, depth + 1);
  if ((from.kind === "array" || from.kind === "set") && (to.kind === "array" || to.kind === "set")) {
    return sql.sumOver(value, sql.element(depth), inside(sql.element(depth), from.element, to.element));
  }
  if (from.kind === "map" && to.kind === "map") {
    return sql.sumOver(`map_entries(${value})`, sql.element(depth), inside(sql.fieldOf(sql.element(depth), "value"), from.value, to.value));
  }
  if (from.kind === "struct" && to.kind === "struct") {
    const names = physicalNames(from);
    const parts = from.fields.flatMap((f, i) => {
      const target = to.fields[i]?.type;
      return target && castCanFail(f.type, target) ? [inside(sql.fieldOf(value, names[i] ?? ""), f.type, target)] : [];
    });
    return parts.length === 0 ? "0" : `(${parts.join(" + ")})`;
  }
  if (from.kind !== "choice") return whole;
  const arms = from.choices.filter((arm) => castCanFail(arm, to)).map((arm) => inside(sql.fieldOf(value, arm.kind), arm, to));
  return arms.length === 0 ? "0" : `(${arms.join(" + ")})`;
}

const overList = (sql: NulledDialect, list: string, variable: string, counts: Counts): Counts =>
  new Map([...counts].map(([path, sqls]) => [path, [sql.sumOver(list, variable, sqls.join(" + "))]]));

function all(sql: NulledDialect, scalars: readonly Scalar[], scope: ScalarScope, certain: Set<Scalar>): Counts {
  const counts: Counts = new Map();
  for (const scalar of scalars) merge(counts, countsOf(sql, scalar, scope, certain));
  return counts;
}

/** Each is evaluated only while those before it are null. */
function firstPresent(sql: NulledDialect, values: readonly Scalar[], scope: ScalarScope, certain: Set<Scalar>): Counts {
  const counts: Counts = new Map();
  const before: string[] = [];
  for (const value of values) {
    const own = countsOf(sql, value, scope, before.length === 0 ? certain : new Set(certain));
    merge(counts, before.length === 0 ? own : when(before.join(" AND "), own));
    before.push(`${sql.compileScalar(value, scope)} IS NULL`);
  }
  return counts;
}

function caseCounts(sql: NulledDialect, node: ScalarOf<"case">, scope: ScalarScope, certain: Set<Scalar>): Counts {
  const counts: Counts = new Map();
  const before: string[] = [];
  for (const branch of node.branches) {
    const condition = sql.compileScalar(branch.when, scope);
    const asked = countsOf(sql, branch.when, scope, before.length === 0 ? certain : new Set(certain));
    merge(counts, before.length === 0 ? asked : when(before.join(" AND "), asked));
    merge(counts, when([...before, condition].join(" AND "), countsOf(sql, branch.then, scope, new Set(certain))));
    before.push(`(${condition}) IS NOT TRUE`);
  }
  return merge(counts, before.length === 0 ? countsOf(sql, node.otherwise, scope, certain) : when(before.join(" AND "), countsOf(sql, node.otherwise, scope, new Set(certain))));
}

const when = (condition: string, counts: Counts): Counts =>
  new Map([...counts].map(([path, sqls]) => [path, [`CASE WHEN ${condition} THEN ${sqls.join(" + ")} ELSE 0 END`]]));

function merge(into: Counts, from: Counts): Counts {
  for (const [path, sqls] of from) into.set(path, [...into.get(path) ?? [], ...sqls]);
  return into;
}
