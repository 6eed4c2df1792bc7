/** Scalars of the IR as Spark SQL. */
import { scalarCompiler, type ScalarCompiler, type Spelling } from "../sql/scalar-compiler.js";
import { compileCast } from "./compile-cast.js";
import { textOf } from "./compile-text.js";
import { bound, fieldOf, identifier, structOf, text } from "./quote.js";
import { sparkType } from "./spark-type.js";

export const spelling: Spelling = Object.freeze<Spelling>({
  identifier,
  text,
  structOf,
  fieldOf,
  typeText: sparkType,
  bytes: (base64) => `unbase64(${text(base64)})`,
});

export const scalars: ScalarCompiler = scalarCompiler({
  ...spelling,
  cast: compileCast,
  castOrFail: (value, cast, node) => {
    const found = `left(${textOf(value, node.of.type)}, 200)`;
    const message = `concat_ws(${text("\u001f")}, 'CAST_FAILED', ${text(node.path ?? "")}, ${text(node.type.kind)}, ${found})`;
    const failure = `CAST(raise_error(${message}) AS ${sparkType(node.type)})`;
    return bound(
      cast,
      "~z",
      (result) => `CASE WHEN ${value} IS NOT NULL AND ${result} IS NULL THEN ${failure} ELSE ${result} END`,
    );
  },
  own: {
    like: (node, scope) =>
      `(${compileScalar(node.of, scope)} LIKE ${text(node.pattern)} ESCAPE ${text(unusedIn(node.pattern))})`,
    "list-map": (node, scope) => {
      const { name, inner } = bind(node.as, scope);
      return `transform(${compileScalar(node.list, scope)}, ${name} -> ${compileScalar(node.body, inner)})`;
    },
    "map-values": (node, scope) => {
      const { name, inner } = bind(node.as, scope);
      return `transform_values(${compileScalar(node.map, scope)}, (\`~k\`, ${name}) -> ${compileScalar(node.body, inner)})`;
    },
    hash: (node, scope) => {
      const parts = node.values.map((operand) => {
        const value = compileScalar(operand, scope);
        return `CASE WHEN ${value} IS NULL THEN ${text("\0")} ELSE coalesce(${textOf(value, operand.type)}, '') END`;
      });
      const joined = parts.length === 0 ? "''" : `concat_ws(${text("\u001f")}, ${parts.join(", ")})`;
      return `shiftrightunsigned(CAST(conv(left(md5(CAST(${joined} AS BINARY)), 16), 16, -10) AS BIGINT), 1)`;
    },
  },
});

export const { compileScalar, castSql, packed, nullOf, bind } = scalars;

/** Spark's LIKE always has an escape character: one that the pattern does not use escapes nothing. */
function unusedIn(pattern: string): string {
  let code = 1;
  while (pattern.includes(String.fromCharCode(code))) code++;
  return String.fromCharCode(code);
}
