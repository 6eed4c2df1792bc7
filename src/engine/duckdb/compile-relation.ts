/** Relations of the IR as one SELECT of common table expressions. One entry per kind: a kind without one does not compile. */
import type { AggregateRelation, NamedScalar, Relation, RelationKind, RelationOf } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { fieldIndex, fieldOf, type StructType } from "../../types/data-type.js";
import { duckdbType } from "../../types/duckdb.js";
import { DynaframeError } from "../../types/error.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { rowScope, type ScalarScope, type SourceOf } from "../sql-scope.js";
import { compileScalar, nullOf, packed } from "./compile-scalar.js";
import { identifier } from "./quote.js";

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

// NOT MATERIALIZED: filters and column pruning must reach the files through every step
const withClause = ({ expressions }: RelationScope): string => (expressions.length === 0 ? "" : `WITH ${expressions.join(",\n")}\n`);

function reference(relation: Relation, scope: RelationScope): string {
  const known = scope.names.get(relation);
  if (known !== undefined) return known;
  const compile = compilers[relation.kind] as (node: Relation, scope: RelationScope) => string;
  const sql = compile(relation, scope);
  const name = isLeaf(relation) ? sql : identifier(`~t${scope.names.size + 1}`);
  if (!isLeaf(relation)) scope.expressions.push(`${name} AS NOT MATERIALIZED (${sql})`);
  scope.names.set(relation, name);
  return name;
}

const isLeaf = ({ kind }: Relation): boolean => kind === "scan" || kind === "values" || kind === "materialize" || kind === "repartition";

const rowOf = rowScope(ROW);

const compilers: Compilers = Object.freeze<Compilers>({
  scan: (node, scope) => scope.sourceOf(node),
  values: (node, scope) => scope.sourceOf(node),
  materialize: (node, scope) => scope.sourceOf(node),
  repartition: (node, scope) => reference(node.input, scope),
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
    const numbered = `CAST(row_number() OVER () + ${whole(node.start)} - 1 AS BIGINT) AS ${identifier(names.at(-1) ?? "")}`;
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
  if (type.fields.length === 0) return `CAST(NULL AS INTEGER) AS ${identifier(EMPTY_STRUCT_FIELD)}`;
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
  // the list is computed once, below; both unnests then walk it in step
  const prepared = [...kept.map((sql, i) => `${sql} AS ${identifier(`~k${i}`)}`), `${compileScalar(node.list, input)} AS ${identifier("~l")}`];
  const list = identifier("~l");
  const sqls = [...node.keep.map((_, i) => identifier(`~k${i}`)), `CAST(generate_subscripts(${list}, 1) - 1 AS INTEGER)`, `unnest(${list})`];
  return `SELECT ${columns(node.type, sqls)} FROM (SELECT ${prepared.join(", ")} FROM ${reference(node.input, scope)} AS ${ROW})`;
}

const JOINS = Object.freeze({ inner: "JOIN", left: "LEFT JOIN", semi: "SEMI JOIN", anti: "ANTI JOIN" });

/** The records are packed behind the join: before it every struct is built and copied through the hash table, whatever is read of it. */
function compileJoin(node: RelationOf<"join">, scope: RelationScope): string {
  const [left, right] = [joinSide(node.left, node.leftKeys, '"~a"', scope), joinSide(node.right, node.rightKeys, '"~b"', scope)];
  const on = left.keys.map((key, i) => `${key} = ${right.keys[i] ?? ""}`).join(" AND ") || "TRUE";
  const fields = node.type.fields.map((f) => {
    if (f.name === "left") return left.record;
    return node.how === "left" ? `CASE WHEN "~b"."~found" THEN ${right.record} END` : right.record;
  });
  return `SELECT ${columns(node.type, fields)} FROM ${left.from} ${JOINS[node.how]} ${right.from} ON ${on}`;
}

type JoinSide = { readonly from: string; readonly keys: readonly string[]; readonly record: string };

function joinSide(relation: Relation, keys: readonly Scalar[], alias: string, scope: RelationScope): JoinSide {
  const names = physicalNames(relation.type);
  // a key that is a column as it stands need not be carried twice
  const own = keys.map((key) => (key.kind === "field" && key.of.kind === "input" ? names[fieldIndex(relation.type, key.name)] : undefined));
  const computed = keys.flatMap((key, i) => (own[i] === undefined ? [`${compileScalar(key, rowOf)} AS ${identifier(`~k${i}`)}`] : []));
  return {
    from: `(SELECT ${[`${ROW}.*`, ...computed, 'TRUE AS "~found"'].join(", ")} FROM ${reference(relation, scope)} AS ${ROW}) AS ${alias}`,
    keys: own.map((column, i) => `${alias}.${identifier(column ?? `~k${i}`)}`),
    record: packed(relation.type, names.map((name) => `${alias}.${identifier(name)}`)),
  };
}

function compileAggregate(node: AggregateRelation, scope: RelationScope): string {
  const keys = node.keys.map(({ value }) => compileScalar(value, rowOf));
  const aggregates = node.aggregates.map((aggregate) => {
    const type = fieldOf(node.type, aggregate.name)?.type ?? { kind: "long" as const };
    return `CAST(${aggregateSql(aggregate)} AS ${duckdbType(type)})`;
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
    case "count-true": return `count(*) FILTER (WHERE ${value})`;
    case "min": case "max": case "sum": return `${fn}(${value})`;
  }
}
