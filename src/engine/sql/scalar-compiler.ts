/** Scalars of the IR as SQL, as far as dialects agree. One entry per kind: a kind without one does not compile. */
import type { LiteralScalar, Scalar, ScalarKind, ScalarOf } from "../../plan/ir/scalar.js";
import { assertNever, fieldIndex, INT, type DataType, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import type { ScalarScope } from "./scope.js";

type Compilers = { readonly [K in ScalarKind]: (node: ScalarOf<K>, scope: ScalarScope) => string };

/** How a dialect spells names, constants and types. */
export type Spelling = {
  readonly identifier: (name: string) => string;
  /** A text constant. */
  readonly text: (value: string) => string;
  /** A constant of bytes, from base64. */
  readonly bytes: (base64: string) => string;
  /** A struct constructor from SQL expressions by field name. */
  readonly structOf: (entries: readonly (readonly [name: string, sql: string])[]) => string;
  /** A field of a struct-valued expression. */
  readonly fieldOf: (value: string, name: string) => string;
  readonly typeText: (type: DataType) => string;
};

/** What a dialect says of scalars: its spelling, its casts, and the kinds that it writes in its own way. */
export type ScalarDialect = Spelling & {
  /** The value as `to`, null where it does not fit. */
  readonly cast: (value: string, from: DataType, to: DataType) => string;
  /**
   * `cast`, but a value that it nulls fails the query with the parts of the node's path, type and text, for
   * `failure.ts` to read.
   */
  readonly castOrFail: (value: string, cast: string, node: ScalarOf<"cast">) => string;
  readonly own: Pick<Compilers, "like" | "list-map" | "map-values" | "hash">;
};

export type ScalarCompiler = {
  /** The SQL of a scalar; its type in the engine is `typeText(scalar.type)`. */
  readonly compileScalar: (scalar: Scalar, scope: ScalarScope) => string;
  /** The cast of an SQL value of `node.of.type`, null where it does not fit. */
  readonly castSql: (node: ScalarOf<"cast">, value: string) => string;
  /** A struct of that type from the SQL of its fields, in order. */
  readonly packed: (type: StructType, fields: readonly string[]) => string;
  readonly nullOf: (type: DataType) => string;
  /** Binds a variable to the elements of a list: its SQL name, and the scope inside. */
  readonly bind: (as: string, scope: ScalarScope) => { readonly name: string; readonly inner: ScalarScope };
};

export function scalarCompiler(dialect: ScalarDialect): ScalarCompiler {
  const { identifier, text, structOf, fieldOf } = dialect;

  const compilers: Compilers = Object.freeze<Compilers>({
    input: (node, scope) =>
      packed(
        node.type,
        physicalNames(node.type).map((name) => column(scope, name)),
      ),
    variable: (node, scope) => {
      const name = scope.variables.get(node.name);
      if (name === undefined) throw new DynaframeError("INVALID_PLAN", `variable ${node.name} is not bound`);
      return name;
    },
    field: (node, scope) => {
      const name = physicalName(node.of.type, node.name);
      return name === undefined ? nullOf(node.type) : member(node.of, name, scope);
    },
    literal: (node) => literal(node.value, node.type),
    struct: (node, scope) => {
      const built = packed(
        node.type,
        node.fields.map(({ value }) => compileScalar(value, scope)),
      );
      return node.nullIf === undefined
        ? built
        : `CASE WHEN ${compileScalar(node.nullIf, scope)} THEN NULL ELSE ${built} END`;
    },
    choice: compileChoice,
    arm: (node, scope) => fieldOf(compileScalar(node.of, scope), node.arm),
    "type-tag": compileTypeTag,
    present: (node, scope) => {
      const name = physicalName(node.of.type, node.name);
      return name === undefined ? "FALSE" : `(${member(node.of, name, scope)} IS NOT NULL)`;
    },
    cast: (node, scope) => {
      const value = compileScalar(node.of, scope);
      const cast = castSql(node, value);
      return node.onError === "null" || cast === value ? cast : dialect.castOrFail(value, cast, node);
    },
    coalesce: (node, scope) => `coalesce(${list(node.values, scope)})`,
    case: (node, scope) => {
      const branches = node.branches.map(
        ({ when, then }) => `WHEN ${compileScalar(when, scope)} THEN ${compileScalar(then, scope)}`,
      );
      const otherwise = compileScalar(node.otherwise, scope);
      return branches.length === 0 ? otherwise : `CASE ${branches.join(" ")} ELSE ${otherwise} END`;
    },
    compare: (node, scope) => `(${compileScalar(node.left, scope)} ${node.op} ${compileScalar(node.right, scope)})`,
    logical: (node, scope) => {
      if (node.args.length === 0) return node.op === "and" ? "TRUE" : "FALSE";
      return `(${node.args.map((arg) => compileScalar(arg, scope)).join(node.op === "and" ? " AND " : " OR ")})`;
    },
    not: (node, scope) => `(NOT ${compileScalar(node.of, scope)})`,
    "is-null": (node, scope) => `(${compileScalar(node.of, scope)} IS NULL)`,
    in: (node, scope) => {
      const value = compileScalar(node.of, scope);
      if (node.values.length === 0) return `CASE WHEN ${value} IS NULL THEN NULL ELSE FALSE END`;
      return `(${value} IN (${list(node.values, scope)}))`;
    },
    ...dialect.own,
  });

  function compileScalar(scalar: Scalar, scope: ScalarScope): string {
    const compile = compilers[scalar.kind] as (node: Scalar, scope: ScalarScope) => string;
    return compile(scalar, scope);
  }

  const list = (values: readonly Scalar[], scope: ScalarScope): string =>
    values.map((value) => compileScalar(value, scope)).join(", ");
  const column = (scope: ScalarScope, name: string): string => `${scope.row}.${identifier(name)}`;

  function member(of: Scalar, name: string, scope: ScalarScope): string {
    return of.kind === "input" ? column(scope, name) : fieldOf(compileScalar(of, scope), name);
  }

  const nullOf = (type: DataType): string => `CAST(NULL AS ${dialect.typeText(type)})`;

  function packed(type: StructType, fields: readonly string[]): string {
    if (type.fields.length === 0) return structOf([[EMPTY_STRUCT_FIELD, nullOf(INT)]]);
    return structOf(physicalNames(type).map((name, i) => [name, fields[i] ?? "NULL"] as const));
  }

  // by their depth, so that they nest; `~` keeps them apart from columns of data
  function bind(as: string, scope: ScalarScope): { readonly name: string; readonly inner: ScalarScope } {
    const name = identifier(`~v${scope.variables.size + 1}`);
    return { name, inner: { row: scope.row, variables: new Map(scope.variables).set(as, name) } };
  }

  /**
   * A choice without a value is a null struct, never a struct of nulls: then IS NULL and coalesce work on it as on any
   * value.
   */
  function compileChoice(node: ScalarOf<"choice">, scope: ScalarScope): string {
    const given = new Map(node.arms.map(({ arm, value }) => [arm, compileScalar(value, scope)]));
    if (given.size === 0) return nullOf(node.type);
    const built = structOf(
      node.type.choices.map((choice) => [choice.kind, given.get(choice.kind) ?? nullOf(choice)] as const),
    );
    const empty = [...given.values()].map((sql) => `${sql} IS NULL`).join(" AND ");
    return `CASE WHEN ${empty} THEN NULL ELSE ${built} END`;
  }

  function compileTypeTag(node: ScalarOf<"type-tag">, scope: ScalarScope): string {
    const { type } = node.of;
    const value = compileScalar(node.of, scope);
    if (type.kind !== "choice") return `CASE WHEN ${value} IS NULL THEN 'null' ELSE ${text(type.kind)} END`;
    if (type.choices.length === 0) return "'null'";
    const arms = type.choices.map(({ kind }) => `WHEN ${fieldOf(value, kind)} IS NOT NULL THEN ${text(kind)}`);
    return `CASE ${arms.join(" ")} ELSE 'null' END`;
  }

  function castSql(node: ScalarOf<"cast">, value: string): string {
    if (node.mode === "match" && node.of.type.kind !== node.type.kind) return nullOf(node.type);
    return dialect.cast(value, node.of.type, node.type);
  }

  /** A constant; the engine reads texts of decimals, dates and timestamps, in whose forms they are written. */
  function literal(value: LiteralScalar["value"], type: DataType): string {
    if (value === null) return nullOf(type);
    switch (type.kind) {
      case "string":
      case "enum":
        return text(String(value));
      case "boolean":
        return value === true || value === "true" ? "TRUE" : "FALSE";
      case "binary":
        return dialect.bytes(String(value));
      case "byte":
      case "short":
      case "int":
      case "long":
      case "float":
      case "double":
      case "decimal":
      case "date":
      case "timestamp":
      case "timestampntz":
        return `CAST(${text(String(value))} AS ${dialect.typeText(type)})`;
      case "null":
      case "unknown":
      case "array":
      case "set":
      case "map":
      case "struct":
      case "choice":
        throw new DynaframeError("INVALID_PLAN", `a literal of type ${type.kind} can only be null`);
      default:
        return assertNever(type);
    }
  }

  return Object.freeze({ compileScalar, castSql, packed, nullOf, bind });
}

/** The physical name of a field; undefined where the type has none of that name. */
function physicalName(type: DataType, name: string): string | undefined {
  return type.kind === "struct" ? physicalNames(type)[fieldIndex(type, name)] : undefined;
}
