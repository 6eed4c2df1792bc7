/**
 * Relations of the IR as one SELECT of common table expressions, as far as dialects agree. A kind without an entry does
 * not compile.
 */
import type {
  AggregateRelation,
  Relation,
  RelationKind,
  RelationOf,
  RepartitionRelation,
} from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { fieldOf, INT, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import type { ScalarCompiler, Spelling } from "./scalar-compiler.js";
import { rowScope, type SourceOf } from "./scope.js";

/** What a join is written with. */
export type JoinParts = {
  /** What a relation is read from: SQL that may stand after FROM. */
  readonly reference: (relation: Relation) => string;
  /** A scalar over the row that `ROW` names. */
  readonly scalar: (scalar: Scalar) => string;
  /** `sql AS name` for each field of the type. */
  readonly columns: (type: StructType, sqls: readonly string[]) => string;
};

/** What a dialect says of relations. */
export type RelationDialect = Spelling & {
  readonly scalars: ScalarCompiler;
  /** How a common table expression is inlined: what stands between its name and its query. */
  readonly as: string;
  /** Reads a relation in so many partitions; left out where an engine has none. */
  readonly repartition?: (node: RepartitionRelation, from: string) => string;
  /** A query with a list in the column `~l`, read once for each element of it. */
  readonly unnest: {
    readonly from: (query: string) => string;
    /** A column of the query. */
    readonly kept: (column: string) => string;
    /** Position of the element, an int from 0. */
    readonly index: string;
    readonly element: string;
  };
  readonly join: (node: RelationOf<"join">, parts: JoinParts) => string;
  /** The number of each row, from 1. */
  readonly rowNumber: string;
  readonly countTrue: (condition: string) => string;
  readonly sum: (value: string, of: Scalar) => string;
};

export type RelationCompiler = {
  /**
   * SQL of a relation: its columns are `physicalNames(relation.type)`, or the single column `~` when it has no fields.
   */
  readonly compileRelation: (relation: Relation, sourceOf: SourceOf) => string;
  /** SQL of a query over a relation: `build` gets the name to read from. */
  readonly compileOver: (relation: Relation, sourceOf: SourceOf, build: (from: string) => string) => string;
  /** Alias of the row that scalars read. */
  readonly ROW: string;
};

type Scope = { readonly sourceOf: SourceOf; readonly names: Map<Relation, string>; readonly expressions: string[] };
type Compilers = { readonly [K in RelationKind]: (node: RelationOf<K>, scope: Scope) => string };

export function relationCompiler(dialect: RelationDialect): RelationCompiler {
  const { identifier } = dialect;
  const { compileScalar, nullOf } = dialect.scalars;
  const ROW = identifier("~r");
  const rowOf = rowScope(ROW);
  const scalar = (value: Scalar): string => compileScalar(value, rowOf);

  const compilers: Compilers = Object.freeze<Compilers>({
    scan: (node, scope) => scope.sourceOf(node),
    values: (node, scope) => scope.sourceOf(node),
    materialize: (node, scope) => scope.sourceOf(node),
    repartition: (node, scope) => {
      const from = reference(node.input, scope);
      return dialect.repartition === undefined ? from : dialect.repartition(node, from);
    },
    project: (node, scope) =>
      `SELECT ${columns(
        node.type,
        node.fields.map(({ value }) => scalar(value)),
      )} FROM ${reference(node.input, scope)} AS ${ROW}`,
    filter: (node, scope) => `SELECT * FROM ${reference(node.input, scope)} AS ${ROW} WHERE ${scalar(node.predicate)}`,
    unnest: compileUnnest,
    join: (node, scope) => dialect.join(node, { reference: (relation) => reference(relation, scope), scalar, columns }),
    aggregate: compileAggregate,
    sort: (node, scope) => {
      const keys = node.by.map(({ value, descending }) => `${scalar(value)} ${descending ? "DESC" : "ASC"} NULLS LAST`);
      return `SELECT * FROM ${reference(node.input, scope)} AS ${ROW}${keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`}`;
    },
    limit: (node, scope) => `SELECT * FROM ${reference(node.input, scope)} LIMIT ${whole(node.count)}`,
    union: (node, scope) => {
      if (node.inputs.length === 0)
        return `SELECT ${columns(
          node.type,
          node.type.fields.map((f) => nullOf(f.type)),
        )} WHERE FALSE`;
      return node.inputs.map((input) => `SELECT * FROM ${reference(input, scope)}`).join(" UNION ALL ");
    },
    distinct: (node, scope) => `SELECT DISTINCT * FROM ${reference(node.input, scope)}`,
    number: (node, scope) => {
      const names = physicalNames(node.type);
      const kept = physicalNames(node.input.type).map(
        (name, i) => `${ROW}.${identifier(name)} AS ${identifier(names[i] ?? "")}`,
      );
      const numbered = `CAST(${dialect.rowNumber} + ${whole(node.start)} - 1 AS BIGINT) AS ${identifier(names.at(-1) ?? "")}`;
      return `SELECT ${[...kept, numbered].join(", ")} FROM ${reference(node.input, scope)} AS ${ROW}`;
    },
    "map-batches": (node) => {
      throw new DynaframeError("UNSUPPORTED", `the function ${node.fn} cannot run inside a query`, {
        hint: "run it over rows() and load() what it returns",
      });
    },
    sink: (node, scope) => `SELECT * FROM ${reference(node.input, scope)}`,
  });

  function compileOver(relation: Relation, sourceOf: SourceOf, build: (from: string) => string): string {
    const scope: Scope = { sourceOf, names: new Map(), expressions: [] };
    const query = build(reference(relation, scope));
    return scope.expressions.length === 0 ? query : `WITH ${scope.expressions.join(",\n")}\n${query}`;
  }

  function reference(relation: Relation, scope: Scope): string {
    const known = scope.names.get(relation);
    if (known !== undefined) return known;
    const compile = compilers[relation.kind] as (node: Relation, scope: Scope) => string;
    const sql = compile(relation, scope);
    const name = isNamed(relation) ? sql : identifier(`~t${scope.names.size + 1}`);
    if (!isNamed(relation)) scope.expressions.push(`${name} ${dialect.as} (${sql})`);
    scope.names.set(relation, name);
    return name;
  }

  // its SQL may stand after FROM already
  const isNamed = ({ kind }: Relation): boolean =>
    kind === "scan"
    || kind === "values"
    || kind === "materialize"
    || (kind === "repartition" && dialect.repartition === undefined);

  /** A record without fields still needs one column. */
  function columns(type: StructType, sqls: readonly string[]): string {
    if (type.fields.length === 0) return `${nullOf(INT)} AS ${identifier(EMPTY_STRUCT_FIELD)}`;
    return physicalNames(type)
      .map((name, i) => `${sqls[i] ?? "NULL"} AS ${identifier(name)}`)
      .join(", ");
  }

  function compileUnnest(node: RelationOf<"unnest">, scope: Scope): string {
    const input: Scalar = { kind: "input", type: node.input.type };
    const kept = node.keep.map((name) =>
      scalar({ kind: "field", of: input, name, type: fieldOf(node.input.type, name)?.type ?? { kind: "null" } }),
    );
    // the list is computed once, here
    const prepared = [
      ...kept.map((sql, i) => `${sql} AS ${identifier(`~k${i}`)}`),
      `${scalar(node.list)} AS ${identifier("~l")}`,
    ];
    const { unnest } = dialect;
    const sqls = [...kept.map((_, i) => unnest.kept(identifier(`~k${i}`))), unnest.index, unnest.element];
    return `SELECT ${columns(node.type, sqls)} FROM ${unnest.from(`SELECT ${prepared.join(", ")} FROM ${reference(node.input, scope)} AS ${ROW}`)}`;
  }

  function compileAggregate(node: AggregateRelation, scope: Scope): string {
    const keys = node.keys.map(({ value }) => scalar(value));
    const aggregates = node.aggregates.map((aggregate) => {
      const type = fieldOf(node.type, aggregate.name)?.type ?? { kind: "long" as const };
      return `CAST(${aggregateSql(aggregate)} AS ${dialect.typeText(type)})`;
    });
    const grouped = keys.length === 0 ? "" : ` GROUP BY ${keys.map((_, i) => i + 1).join(", ")}`;
    // without keys and aggregates there is still one row
    const bare = node.type.fields.length === 0 ? " LIMIT 1" : "";
    const from = bare ? "(SELECT 1)" : reference(node.input, scope);
    return `SELECT ${columns(node.type, [...keys, ...aggregates])} FROM ${from} AS ${ROW}${grouped}${bare}`;
  }

  function aggregateSql({ fn, of }: AggregateRelation["aggregates"][number]): string {
    if (of === undefined) return "count(*)";
    const value = scalar(of);
    switch (fn) {
      case "count":
        return `count(${value})`;
      case "count-true":
        return dialect.countTrue(value);
      case "min":
      case "max":
        return `${fn}(${value})`;
      case "sum":
        return dialect.sum(value, of);
    }
  }

  return Object.freeze({
    compileRelation: (relation, sourceOf) => compileOver(relation, sourceOf, (from) => `SELECT * FROM ${from}`),
    compileOver,
    ROW,
  });
}

/** A count as SQL. */
export function whole(n: number): string {
  if (!Number.isSafeInteger(n)) throw new DynaframeError("INVALID_PLAN", `${n} is not a whole number`);
  return String(n);
}
