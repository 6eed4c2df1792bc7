/** How many values each cast of a plan nulled: SQL that counts, per relation and path, over the relation's input. */
import type { Relation } from "../../plan/ir/relation.js";
import type { Scalar, ScalarOf } from "../../plan/ir/scalar.js";
import { castCanFail, castExists } from "../../types/cast.js";
import type { DataType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { rowScope, type ScalarScope, type SourceOf } from "./scope.js";

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
    const counts = [...sumsOf(all(sql, scalars, rowScope(sql.row)))];
    if (counts.length === 0) return [];
    const sums = counts.map(([, count]) => `sum(${count})`);
    return [
      {
        paths: counts.map(([path]) => path),
        compile: (sourceOf) =>
          sql.compileOver(input, sourceOf, (from) => `SELECT ${sums.join(", ")} FROM ${from} AS ${sql.row}`),
      },
    ];
  });
}

/** Scalars by the rows over which they are evaluated. */
function evaluated(relation: Relation): readonly { readonly input: Relation; readonly scalars: readonly Scalar[] }[] {
  switch (relation.kind) {
    case "project":
      return [{ input: relation.input, scalars: relation.fields.map(({ value }) => value) }];
    case "filter":
      return [{ input: relation.input, scalars: [relation.predicate] }];
    case "unnest":
      return [{ input: relation.input, scalars: [relation.list] }];
    case "join":
      return [
        { input: relation.left, scalars: relation.leftKeys },
        { input: relation.right, scalars: relation.rightKeys },
      ];
    case "aggregate":
      return [
        {
          input: relation.input,
          scalars: [
            ...relation.keys.map(({ value }) => value),
            ...relation.aggregates.flatMap(({ of }) => (of ? [of] : [])),
          ],
        },
      ];
    case "sort":
      return [{ input: relation.input, scalars: relation.by.map(({ value }) => value) }];
    default:
      return [];
  }
}

/**
 * What one evaluation of a node nulls under a path. A plan may use one node at several places: its value is nulled
 * once, in the rows where any of them is evaluated.
 */
type Count = {
  readonly node: Scalar;
  readonly path: string;
  /** SQL: how many values. */
  readonly count: string;
  /** SQL: when this place is evaluated; always without. */
  readonly condition?: string;
};

function countsOf(sql: NulledDialect, scalar: Scalar, scope: ScalarScope): readonly Count[] {
  switch (scalar.kind) {
    case "input":
    case "variable":
    case "literal":
      return [];
    case "field":
    case "arm":
    case "type-tag":
    case "present":
    case "not":
    case "is-null":
    case "like":
    case "in":
      return countsOf(sql, scalar.of, scope);
    case "cast":
      return [...countsOf(sql, scalar.of, scope), ...castCounts(sql, scalar, scope)];
    case "struct": {
      const fields = all(
        sql,
        scalar.fields.map(({ value }) => value),
        scope,
      );
      if (scalar.nullIf === undefined) return fields;
      return [
        ...countsOf(sql, scalar.nullIf, scope),
        ...when(`(${sql.compileScalar(scalar.nullIf, scope)}) IS NOT TRUE`, fields),
      ];
    }
    case "choice":
      return firstPresent(
        sql,
        scalar.arms.map(({ value }) => value),
        scope,
      );
    case "coalesce":
      return firstPresent(sql, scalar.values, scope);
    case "case":
      return caseCounts(sql, scalar, scope);
    case "compare":
      return all(sql, [scalar.left, scalar.right], scope);
    case "logical":
      return all(sql, scalar.args, scope);
    case "hash":
      return all(sql, scalar.values, scope);
    case "list-map": {
      const { name, inner } = sql.bind(scalar.as, scope);
      return [
        ...countsOf(sql, scalar.list, scope),
        ...overList(sql, scalar, sql.compileScalar(scalar.list, scope), name, countsOf(sql, scalar.body, inner)),
      ];
    }
    case "map-values": {
      const { name, inner: entry } = sql.bind(scalar.as, scope);
      const inner = { ...entry, variables: new Map(entry.variables).set(scalar.as, sql.fieldOf(name, "value")) };
      const list = `map_entries(${sql.compileScalar(scalar.map, scope)})`;
      return [
        ...countsOf(sql, scalar.map, scope),
        ...overList(sql, scalar, list, name, countsOf(sql, scalar.body, inner)),
      ];
    }
  }
}

function castCounts(sql: NulledDialect, node: ScalarOf<"cast">, scope: ScalarScope): readonly Count[] {
  const matchOnly = node.mode === "match" && node.of.type.kind !== node.type.kind;
  if (node.onError !== "null" || node.path === undefined || !(matchOnly || castCanFail(node.of.type, node.type)))
    return [];
  const value = sql.compileScalar(node.of, scope);
  const count = matchOnly
    ? `CASE WHEN ${value} IS NULL THEN 0 ELSE 1 END`
    : misfitsOf(sql, value, sql.castSql(node, value), node.of.type, node.type, 1);
  return [{ node, path: node.path, count }];
}

/** The values nulled by casting one value: itself, or those inside a container. */
function misfitsOf(
  sql: NulledDialect,
  value: string,
  cast: string,
  from: DataType,
  to: DataType,
  depth: number,
): string {
  const whole = `CASE WHEN ${value} IS NOT NULL AND ${cast} IS NULL THEN 1 ELSE 0 END`;
  if (!castCanFail(from, to)) return "0";
  if (!castExists(from, to)) return whole;
  const inside = (variable: string, a: DataType, b: DataType): string =>
    misfitsOf(sql, variable, sql.compileCast(variable, a, b, depth + 1), a, b, depth + 1);
  if ((from.kind === "array" || from.kind === "set") && (to.kind === "array" || to.kind === "set")) {
    return sql.sumOver(value, sql.element(depth), inside(sql.element(depth), from.element, to.element));
  }
  if (from.kind === "map" && to.kind === "map") {
    return sql.sumOver(
      `map_entries(${value})`,
      sql.element(depth),
      inside(sql.fieldOf(sql.element(depth), "value"), from.value, to.value),
    );
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
  const arms = from.choices
    .filter((arm) => castCanFail(arm, to))
    .map((arm) => inside(sql.fieldOf(value, arm.kind), arm, to));
  return arms.length === 0 ? "0" : `(${arms.join(" + ")})`;
}

const overList = (
  sql: NulledDialect,
  node: Scalar,
  list: string,
  variable: string,
  counts: readonly Count[],
): readonly Count[] =>
  [...sumsOf(counts)].map(([path, body]) => ({ node, path, count: sql.sumOver(list, variable, body) }));

const all = (sql: NulledDialect, scalars: readonly Scalar[], scope: ScalarScope): readonly Count[] =>
  scalars.flatMap((scalar) => countsOf(sql, scalar, scope));

/** Each is evaluated only while those before it are null. */
function firstPresent(sql: NulledDialect, values: readonly Scalar[], scope: ScalarScope): readonly Count[] {
  const before: string[] = [];
  return values.flatMap((value) => {
    const counts = when(before.join(" AND "), countsOf(sql, value, scope));
    before.push(`${sql.compileScalar(value, scope)} IS NULL`);
    return counts;
  });
}

function caseCounts(sql: NulledDialect, node: ScalarOf<"case">, scope: ScalarScope): readonly Count[] {
  const before: string[] = [];
  const branches = node.branches.flatMap((branch) => {
    const condition = `(${sql.compileScalar(branch.when, scope)})`;
    const asked = when(before.join(" AND "), countsOf(sql, branch.when, scope));
    const taken = when([...before, condition].join(" AND "), countsOf(sql, branch.then, scope));
    before.push(`${condition} IS NOT TRUE`);
    return [...asked, ...taken];
  });
  return [...branches, ...when(before.join(" AND "), countsOf(sql, node.otherwise, scope))];
}

/** The counts where the condition holds too; an empty one always does. */
function when(condition: string, counts: readonly Count[]): readonly Count[] {
  if (condition === "") return counts;
  return counts.map((count) => ({
    ...count,
    condition: count.condition === undefined ? condition : `${condition} AND (${count.condition})`,
  }));
}

/** One SQL expression for each path: every node once, where any of its places is evaluated. */
function sumsOf(counts: readonly Count[]): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const [path, ofPath] of groupBy(counts, ({ path }) => path)) {
    const terms = [...groupBy(ofPath, ({ node }) => node).values()].map((places) => onceWhere(places));
    sums.set(path, terms.join(" + "));
  }
  return sums;
}

function onceWhere(places: readonly Count[]): string {
  const [first] = places;
  const conditions = new Set(places.map(({ condition }) => condition));
  if (first === undefined) return "0";
  if (conditions.has(undefined)) return first.count;
  return `CASE WHEN ${[...conditions].map((condition) => `(${condition ?? ""})`).join(" OR ")} THEN ${first.count} ELSE 0 END`;
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
