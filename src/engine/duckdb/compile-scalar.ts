/** Scalars of the IR as DuckDB expressions. One entry per kind: a kind without one does not compile. */
import type { LiteralScalar, Scalar, ScalarKind, ScalarOf } from "../../plan/ir/scalar.js";
import { assertNever, fieldIndex, type DataType, type StructType } from "../../types/data-type.js";
import { duckdbType } from "../../types/duckdb.js";
import { DynaframeError } from "../../types/error.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import type { ScalarScope } from "../sql-scope.js";
import { compileCast } from "./compile-cast.js";
import { textOf } from "./compile-text.js";
import { identifier, structOf, text } from "./quote.js";

type Compilers = { readonly [K in ScalarKind]: (node: ScalarOf<K>, scope: ScalarScope) => string };

/** The SQL of a scalar; its DuckDB type is `duckdbType(scalar.type)`. */
export function compileScalar(scalar: Scalar, scope: ScalarScope): string {
  const compile = compilers[scalar.kind] as (node: Scalar, scope: ScalarScope) => string;
  return compile(scalar, scope);
}

const compilers: Compilers = Object.freeze<Compilers>({
  input: (node, scope) => packed(node.type, physicalNames(node.type).map((name) => column(scope, name))),
  variable: (node, scope) => {
    const name = scope.variables.get(node.name);
    if (name === undefined) throw new DynaframeError("INVALID_PLAN", `variable ${node.name} is not bound`);
    return name;
  },
  field: (node, scope) => {
    const name = physicalName(node.of.type, node.name);
    if (name === undefined) return nullOf(node.type);
    return node.of.kind === "input" ? column(scope, name) : `struct_extract(${compileScalar(node.of, scope)}, ${text(name)})`;
  },
  literal: (node) => literal(node.value, node.type),
  struct: (node, scope) => {
    const built = packed(node.type, node.fields.map(({ value }) => compileScalar(value, scope)));
    return node.nullIf === undefined ? built : `CASE WHEN ${compileScalar(node.nullIf, scope)} THEN NULL ELSE ${built} END`;
  },
  choice: compileChoice,
  arm: (node, scope) => `struct_extract(${compileScalar(node.of, scope)}, ${text(node.arm)})`,
  "type-tag": compileTypeTag,
  present: (node, scope) => {
    const name = physicalName(node.of.type, node.name);
    if (name === undefined) return "FALSE";
    const value = node.of.kind === "input" ? column(scope, name) : `struct_extract(${compileScalar(node.of, scope)}, ${text(name)})`;
    return `(${value} IS NOT NULL)`;
  },
  cast: compileCastScalar,
  coalesce: (node, scope) => `coalesce(${list(node.values, scope)})`,
  case: (node, scope) => {
    const branches = node.branches.map(({ when, then }) => `WHEN ${compileScalar(when, scope)} THEN ${compileScalar(then, scope)}`);
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
    return node.values.length === 0 ? `CASE WHEN ${value} IS NULL THEN NULL ELSE FALSE END` : `(${value} IN (${list(node.values, scope)}))`;
  },
  like: (node, scope) => `(${compileScalar(node.of, scope)} LIKE ${text(node.pattern)})`,
  "list-map": (node, scope) => {
    const { name, inner } = bind(node.as, scope);
    return `list_transform(${compileScalar(node.list, scope)}, lambda ${name}: ${compileScalar(node.body, inner)})`;
  },
  "map-values": (node, scope) => {
    const { name, inner: entry } = bind(node.as, scope);
    const inner = { ...entry, variables: new Map(entry.variables).set(node.as, `struct_extract(${name}, 'value')`) };
    const entries = `list_transform(map_entries(${compileScalar(node.map, scope)}), `
      + `lambda ${name}: {'k': struct_extract(${name}, 'key'), 'v': ${compileScalar(node.body, inner)}})`;
    // a constant null map loses its type on the way
    return `CAST(map_from_entries(${entries}) AS ${duckdbType(node.type)})`;
  },
  hash: (node, scope) => {
    const parts = node.values.map((operand) => {
      const value = compileScalar(operand, scope);
      return `CASE WHEN ${value} IS NULL THEN chr(0) ELSE coalesce(${textOf(value, operand.type)}, '') END`;
    });
    const joined = parts.length === 0 ? "''" : parts.join(" || chr(31) || ");
    return `CAST(CAST('0x' || left(md5(${joined}), 16) AS UBIGINT) >> 1 AS BIGINT)`;
  },
});

/** Lambda variables are named by their depth, so that they nest; `~` keeps them apart from columns of data. */
export function bind(as: string, scope: ScalarScope): { readonly name: string; readonly inner: ScalarScope } {
  const name = identifier(`~v${scope.variables.size + 1}`);
  return { name, inner: { row: scope.row, variables: new Map(scope.variables).set(as, name) } };
}

/** A struct of that type from the SQL of its fields, in order. */
export function packed(type: StructType, fields: readonly string[]): string {
  if (type.fields.length === 0) return structOf([[EMPTY_STRUCT_FIELD, "CAST(NULL AS INTEGER)"]]);
  return structOf(physicalNames(type).map((name, i) => [name, fields[i] ?? "NULL"] as const));
}

export const nullOf = (type: DataType): string => `CAST(NULL AS ${duckdbType(type)})`;

const column = (scope: ScalarScope, name: string): string => `${scope.row}.${identifier(name)}`;
const list = (values: readonly Scalar[], scope: ScalarScope): string => values.map((value) => compileScalar(value, scope)).join(", ");

function physicalName(type: DataType, name: string): string | undefined {
  if (type.kind !== "struct") return undefined;
  return physicalNames(type)[fieldIndex(type, name)];
}

/** A choice without a value is a null struct, never a struct of nulls: then IS NULL and coalesce work on it as on any value. */
function compileChoice(node: ScalarOf<"choice">, scope: ScalarScope): string {
  const given = new Map(node.arms.map(({ arm, value }) => [arm, compileScalar(value, scope)]));
  if (given.size === 0) return nullOf(node.type);
  const built = structOf(node.type.choices.map((member) => [member.kind, given.get(member.kind) ?? nullOf(member)] as const));
  const empty = [...given.values()].map((sql) => `${sql} IS NULL`).join(" AND ");
  return `CASE WHEN ${empty} THEN NULL ELSE ${built} END`;
}

function compileTypeTag(node: ScalarOf<"type-tag">, scope: ScalarScope): string {
  const { type } = node.of;
  const value = compileScalar(node.of, scope);
  if (type.kind !== "choice") return `CASE WHEN ${value} IS NULL THEN 'null' ELSE ${text(type.kind)} END`;
  if (type.choices.length === 0) return "'null'";
  const arms = type.choices.map(({ kind }) => `WHEN struct_extract(${value}, ${text(kind)}) IS NOT NULL THEN ${text(kind)}`);
  return `CASE ${arms.join(" ")} ELSE 'null' END`;
}

/** A cast that fails the query says so through `error()`; parts are joined by U+001F for `failure.ts` to read. */
function compileCastScalar(node: ScalarOf<"cast">, scope: ScalarScope): string {
  const value = compileScalar(node.of, scope);
  const cast = castSql(node, value);
  if (node.onError === "null" || cast === value) return cast;
  const found = `left(${textOf(value, node.of.type)}, 200)`;
  const message = `concat_ws(chr(31), 'CAST_FAILED', ${text(node.path ?? "")}, ${text(node.type.kind)}, ${found})`;
  return `CASE WHEN ${value} IS NOT NULL AND ${cast} IS NULL THEN error(${message}) ELSE ${cast} END`;
}

/** The cast of an SQL value of `node.of.type`, null where it does not fit. */
export function castSql(node: ScalarOf<"cast">, value: string): string {
  if (node.mode === "match" && node.of.type.kind !== node.type.kind) return nullOf(node.type);
  return compileCast(value, node.of.type, node.type);
}

/** A constant; texts of decimals, dates and timestamps are read by DuckDB, whose forms they are written in. */
function literal(value: LiteralScalar["value"], type: DataType): string {
  if (value === null) return nullOf(type);
  switch (type.kind) {
    case "string": case "enum": return text(String(value));
    case "boolean": return value === true || value === "true" ? "TRUE" : "FALSE";
    case "binary": return `from_base64(${text(String(value))})`;
    case "byte": case "short": case "int": case "long": case "float": case "double": case "decimal":
    case "date": case "timestamp": case "timestampntz":
      return `CAST(${text(String(value))} AS ${duckdbType(type)})`;
    case "null": case "unknown": case "array": case "set": case "map": case "struct": case "choice":
      throw new DynaframeError("INVALID_PLAN", `a literal of type ${type.kind} can only be null`);
    default: return assertNever(type);
  }
}
