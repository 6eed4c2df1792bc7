/** Relations of the IR as one SELECT of common table expressions. */
import type { Relation, RelationOf } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { fieldIndex } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { relationCompiler, type JoinParts, type RelationCompiler } from "../sql/relation-compiler.js";
import { packed, scalars, spelling } from "./compile-scalar.js";
import { identifier } from "./quote.js";

const compiler: RelationCompiler = relationCompiler({
  ...spelling,
  scalars,
  // filters and column pruning must reach the files through every step
  as: "AS NOT MATERIALIZED",
  // both walk the list in step
  unnest: {
    from: (query) => `(${query})`,
    kept: (column) => column,
    index: 'CAST(generate_subscripts("~l", 1) - 1 AS INTEGER)',
    element: 'unnest("~l")',
  },
  join: compileJoin,
  rowNumber: "row_number() OVER ()",
  countTrue: (condition) => `count(*) FILTER (WHERE ${condition})`,
  sum: (value) => `sum(${value})`,
});

export const { compileRelation, compileOver, ROW } = compiler;

const JOINS = Object.freeze({ inner: "JOIN", left: "LEFT JOIN", semi: "SEMI JOIN", anti: "ANTI JOIN" });

/**
 * The records are packed behind the join: before it every struct is built and copied through the hash table, whatever
 * is read of it.
 */
function compileJoin(node: RelationOf<"join">, parts: JoinParts): string {
  const [left, right] = [
    joinSide(node.left, node.leftKeys, '"~a"', parts),
    joinSide(node.right, node.rightKeys, '"~b"', parts),
  ];
  const on = left.keys.map((key, i) => `${key} = ${right.keys[i] ?? ""}`).join(" AND ") || "TRUE";
  const fields = node.type.fields.map((f) => {
    if (f.name === "left") return left.record;
    return node.how === "left" ? `CASE WHEN "~b"."~found" THEN ${right.record} END` : right.record;
  });
  return `SELECT ${parts.columns(node.type, fields)} FROM ${left.from} ${JOINS[node.how]} ${right.from} ON ${on}`;
}

type JoinSide = { readonly from: string; readonly keys: readonly string[]; readonly record: string };

function joinSide(
  relation: Relation,
  keys: readonly Scalar[],
  alias: string,
  { reference, scalar }: JoinParts,
): JoinSide {
  const names = physicalNames(relation.type);
  // a key that is a column as it stands need not be carried twice
  const own = keys.map((key) =>
    key.kind === "field" && key.of.kind === "input" ? names[fieldIndex(relation.type, key.name)] : undefined,
  );
  const computed = keys.flatMap((key, i) =>
    own[i] === undefined ? [`${scalar(key)} AS ${identifier(`~k${i}`)}`] : [],
  );
  return {
    from: `(SELECT ${[`${ROW}.*`, ...computed, 'TRUE AS "~found"'].join(", ")} FROM ${reference(relation)} AS ${ROW}) AS ${alias}`,
    keys: own.map((column, i) => `${alias}.${identifier(column ?? `~k${i}`)}`),
    record: packed(
      relation.type,
      names.map((name) => `${alias}.${identifier(name)}`),
    ),
  };
}
