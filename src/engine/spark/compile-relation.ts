/** Relations of the IR as one SELECT of common table expressions, in Spark SQL. One entry per kind: a kind without one does not compile. */
import type { AggregateRelation, NamedScalar, Relation, RelationKind, RelationOf } from "../../plan/ir/relation.js";
import { fieldOf, type StructType } from "../../types/data-type.js";

import { DynaframeError } from "../../types/error.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { rowScope, type ScalarScope, type SourceOf } from "../sql-scope.js";
import { compileScalar, nullOf, packed } from "./compile-scalar.js";
import { identifier } from "./quote.js";
import { sparkType } from "./spark-type.js";

/** SQL of a relation: its columns are `physicalNames(relation.type)`, or the single column `~` when it has no fields. */
export function compileRelation(relation: Relation, sourceOf: SourceOf): string {
  const scope = newScope(sourceOf);
  const name = reference(relation, scope);
  return `${withClause(scope)}SELECT * FROM ${name}`;
}

/** SQL of a query over a relation: `build` gets the name to read from. */
export function compileOver(relation: Relation, sourceOf: SourceOf, build: (from: string) => string): string {
  const scope = newScope(sourceOf);
  const name = reference(relation, scope);
  return `${withClause(scope)}${build(name)}`;
}

/** Alias of the row that scalars read. */
export const ROW = identifier("~r");

type RelationScope = { readonly sourceOf: SourceOf; readonly names: Map<Relation, string>; readonly expressions: string[] };
type Compilers = { readonly [K in RelationKind]: (node: RelationOf<K>, scope: RelationScope) => string };

const newScope = (sourceOf: SourceOf): RelationScope => ({ sourceOf, names: new Map(), expressions: [] });

const withClause = ({ expressions }: RelationScope): string => (expressions.length === 0 ? "" : `WITH ${expressions.join(",\n")}\n`);

function reference(relation: Relation, scope: RelationScope): string {
  const known = scope.names.get(relation);
  if (known !== undefined) return known;
  const compile = compilers[relation.kind] as (node: Relation, scope: RelationScope) => string;
  const sql = compile(relation, scope);
  const name = isLeaf(relation) ? sql : identifier(`~t${scope.names.size + 1}`);
  if (!isLeaf(relation)) scope.expressions.push(`${name} AS (${sql})`);
  scope.names.set(relation, name);
  return name;
}

const isLeaf = ({ kind }: Relation): boolean => kind === "scan" || kind === "values" || kind === "materialize";

const rowOf = rowScope(ROW);

const compilers: Compilers = Object.freeze<Compilers>({
  scan: (node, scope) => scope.sourceOf(node),
  values: (node, scope) => scope.sourceOf(node),
  materialize: (node, scope) => scope.sourceOf(node),
  repartition: (node, scope) => `SELECT /*+ ${node.shuffle ? "REPARTITION" : "COALESCE"}(${whole(node.partitions)}) */ * FROM ${reference(node.input, scope)}`,
  project: (node, scope) => `SELECT ${selectList(node.type, node.fields)} FROM ${reference(node.input, scope)} AS ${ROW}`,
  filter: (node, scope) => `SELECT * FROM ${reference(node.input, scope)} AS ${ROW} WHERE ${compileScalar(node.predicate, rowOf)}`,
  unnest: compileUnnest,
  join: compileJoin,
  aggregate: compileAggregate,
  sort: (node, scope) => {
    const keys = node.by.map(({ value, descending }) => `${compileScalar(value, rowOf)} ${descending ? "DESC" : "ASC"} NULLS LAST`);
    return `SELECT * FROM ${reference(node.input, scope)} AS ${ROW}${keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`}`;
  },
  limit: (node, scope) => `SELECT * FROM ${reference(node.input, scope)} LIMIT ${whole(node.count)}`,
  union: (node, scope) => {
    if (node.inputs.length === 0) return `SELECT ${nullColumns(node.type)} WHERE FALSE`;
    return node.inputs.map((input) => `SELECT * FROM ${reference(input, scope)}`).join(" UNION ALL ");
  },
  distinct: (node, scope) => `SELECT DISTINCT * FROM ${reference(node.input, scope)}`,
  number: (node, scope) => {
    const names = physicalNames(node.type);
    const kept = node.input.type.fields.map((_, i) => `${ROW}.${identifier(physicalNames(node.input.type)[i] ?? "")} AS ${identifier(names[i] ?? "")}`);
    const numbered = `CAST(row_number() OVER (ORDER BY NULL) + ${whole(node.start)} - 1 AS BIGINT) AS ${identifier(names.at(-1) ?? "")}`;
    return `SELECT ${[...kept, numbered].join(", ")} FROM ${reference(node.input, scope)} AS ${ROW}`;
  },
  "map-batches": (node) => {
    throw new DynaframeError("UNSUPPORTED", `the function ${node.fn} cannot run inside a query`, {
      hint: "run it over rows() and load() what it returns",
    });
  },
  sink: (node, scope) => `SELECT * FROM ${reference(node.input, scope)}`,
});

function selectList(type: StructType, fields: readonly NamedScalar[]): string {
  return columns(type, fields.map(({ value }) => compileScalar(value, rowOf)));
}

/** `sql AS name` for each field; a record without fields still needs one column. */
function columns(type: StructType, sqls: readonly string[]): string {
  if (type.fields.length === 0) return `CAST(NULL AS INT) AS ${identifier(EMPTY_STRUCT_FIELD)}`;
  return physicalNames(type).map((name, i) => `${sqls[i] ?? "NULL"} AS ${identifier(name)}`).join(", ");
}

const nullColumns = (type: StructType): string => columns(type, type.fields.map((f) => nullOf(f.type)));

function whole(n: number): string {
  if (!Number.isSafeInteger(n)) throw new DynaframeError("INVALID_PLAN", `${n} is not a whole number`);
  return String(n);
}

function compileUnnest(node: RelationOf<"unnest">, scope: RelationScope): string {
  const input: ScalarScope = rowOf;
  const kept = node.keep.map((name) => compileScalar({
    kind: "field", of: { kind: "input", type: node.input.type }, name, type: fieldOf(node.input.type, name)?.type ?? { kind: "null" },
  }, input));
  const prepared = [...kept.map((sql, i) => `${sql} AS ${identifier(`~k${i}`)}`), `${compileScalar(node.list, input)} AS ${identifier("~l")}`];
  const sqls = [...node.keep.map((_, i) => `\`~p\`.${identifier(`~k${i}`)}`), "`~u`.`~i`", "`~u`.`~e`"];
  return `SELECT ${columns(node.type, sqls)} FROM (SELECT ${prepared.join(", ")} FROM ${reference(node.input, scope)} AS ${ROW}) AS \`~p\` `
    + "LATERAL VIEW posexplode(`~p`.`~l`) `~u` AS `~i`, `~e`";
}

const JOINS = Object.freeze({ inner: "JOIN", left: "LEFT JOIN", semi: "LEFT SEMI JOIN", anti: "LEFT ANTI JOIN" });

function compileJoin(node: RelationOf<"join">, scope: RelationScope): string {
  const side = (relation: Relation, keys: RelationOf<"join">["leftKeys"], column: string, alias: string): string => {
    const record = packed(relation.type, physicalNames(relation.type).map((name) => `${ROW}.${identifier(name)}`));
    const sqls = [`${record} AS ${identifier(column)}`, ...keys.map((key, i) => `${compileScalar(key, rowOf)} AS ${identifier(`~k${i}`)}`)];
    return `(SELECT ${sqls.join(", ")} FROM ${reference(relation, scope)} AS ${ROW}) AS ${identifier(alias)}`;
  };
  const on = node.leftKeys.map((_, i) => `\`~a\`.${identifier(`~k${i}`)} = \`~b\`.${identifier(`~k${i}`)}`).join(" AND ") || "TRUE";
  const oneSided = node.how === "semi" || node.how === "anti";
  const selected = node.type.fields.map((f) =>
    (f.name === "left" ? "`~a`.`left`" : oneSided ? nullOf(f.type) : "`~b`.`right`"));
  return `SELECT ${columns(node.type, selected)} FROM ${side(node.left, node.leftKeys, "left", "~a")} `
    + `${JOINS[node.how]} ${side(node.right, node.rightKeys, "right", "~b")} ON ${on}`;
}

function compileAggregate(node: AggregateRelation, scope: RelationScope): string {
  const keys = node.keys.map(({ value }) => compileScalar(value, rowOf));
  const aggregates = node.aggregates.map((aggregate) => {
    const type = fieldOf(node.type, aggregate.name)?.type ?? { kind: "long" as const };
    return `CAST(${aggregateSql(aggregate)} AS ${sparkType(type)})`;
  });
  const grouped = keys.length === 0 ? "" : ` GROUP BY ${keys.map((_, i) => i + 1).join(", ")}`;
  // without keys and aggregates there is still one row
  const bare = node.type.fields.length === 0 ? " LIMIT 1" : "";
  const from = bare ? "(SELECT 1)" : reference(node.input, scope);
  return `SELECT ${columns(node.type, [...keys, ...aggregates])} FROM ${from} AS ${ROW}${grouped}${bare}`;
}

function aggregateSql({ fn, of }: AggregateRelation["aggregates"][number]): string {
  if (of === undefined) return "count(*)";
  const value = compileScalar(of, rowOf);
  switch (fn) {
    case "count": return `count(${value})`;
    case "count-true": return `count_if(${value})`;
    case "min": case "max": return `${fn}(${value})`;
    // without ANSI mode a sum of longs wraps
    case "sum": return of.type.kind === "long" ? `sum(CAST(${value} AS DECIMAL(38,0)))` : `sum(${value})`;
  }
}
