/** Scalars of the IR as DuckDB expressions. */
import { duckdbType } from "../../types/duckdb.js";
import { scalarCompiler, type ScalarCompiler, type Spelling } from "../sql/scalar-compiler.js";
import { compileCast } from "./compile-cast.js";
import { textOf } from "./compile-text.js";
import { fieldOf, identifier, structOf, text } from "./quote.js";

export const spelling: Spelling = Object.freeze<Spelling>({
  identifier,
  text,
  structOf,
  fieldOf,
  typeText: duckdbType,
  bytes: (base64) => `from_base64(${text(base64)})`,
});

export const scalars: ScalarCompiler = scalarCompiler({
  ...spelling,
  cast: compileCast,
  castOrFail: (value, cast, node) => {
    const found = `left(${textOf(value, node.of.type)}, 200)`;
    const message = `concat_ws(chr(31), 'CAST_FAILED', ${text(node.path ?? "")}, ${text(node.type.kind)}, ${found})`;
    return `CASE WHEN ${value} IS NOT NULL AND ${cast} IS NULL THEN error(${message}) ELSE ${cast} END`;
  },
  own: {
    like: (node, scope) => `(${compileScalar(node.of, scope)} LIKE ${text(node.pattern)})`,
    "list-map": (node, scope) => {
      const { name, inner } = bind(node.as, scope);
      return `list_transform(${compileScalar(node.list, scope)}, lambda ${name}: ${compileScalar(node.body, inner)})`;
    },
    "map-values": (node, scope) => {
      const { name, inner: entry } = bind(node.as, scope);
      const inner = { ...entry, variables: new Map(entry.variables).set(node.as, fieldOf(name, "value")) };
      const entries =
        `list_transform(map_entries(${compileScalar(node.map, scope)}), `
        + `lambda ${name}: {'k': ${fieldOf(name, "key")}, 'v': ${compileScalar(node.body, inner)}})`;
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
  },
});

export const { compileScalar, castSql, packed, bind } = scalars;
