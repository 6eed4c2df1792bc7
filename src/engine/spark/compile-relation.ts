/** Relations of the IR as one SELECT of common table expressions, in Spark SQL. */
import type { Relation, RelationOf } from "../../plan/ir/relation.js";
import { physicalNames } from "../../types/physical.js";
import { relationCompiler, whole, type JoinParts, type RelationCompiler } from "../sql/relation-compiler.js";
import { nullOf, packed, scalars, spelling } from "./compile-scalar.js";
import { identifier } from "./quote.js";

const compiler: RelationCompiler = relationCompiler({
  ...spelling,
  scalars,
  as: "AS",
  repartition: ({ shuffle, partitions }, from) =>
    `SELECT /*+ ${shuffle ? "REPARTITION" : "COALESCE"}(${whole(partitions)}) */ * FROM ${from}`,
  unnest: {
    from: (query) => `(${query}) AS \`~p\` LATERAL VIEW posexplode(\`~p\`.\`~l\`) \`~u\` AS \`~i\`, \`~e\``,
    kept: (column) => `\`~p\`.${column}`,
    index: "`~u`.`~i`",
    element: "`~u`.`~e`",
  },
  join: compileJoin,
  rowNumber: "row_number() OVER (ORDER BY NULL)",
  countTrue: (condition) => `count_if(${condition})`,
  // without ANSI mode a sum of longs wraps
  sum: (value, of) => (of.type.kind === "long" ? `sum(CAST(${value} AS DECIMAL(38,0)))` : `sum(${value})`),
});

export const { compileRelation, compileOver, ROW } = compiler;

const JOINS = Object.freeze({ inner: "JOIN", left: "LEFT JOIN", semi: "LEFT SEMI JOIN", anti: "LEFT ANTI JOIN" });

function compileJoin(node: RelationOf<"join">, { reference, scalar, columns }: JoinParts): string {
  const side = (relation: Relation, keys: RelationOf<"join">["leftKeys"], column: string, alias: string): string => {
    const record = packed(
      relation.type,
      physicalNames(relation.type).map((name) => `${ROW}.${identifier(name)}`),
    );
    const sqls = [
      `${record} AS ${identifier(column)}`,
      ...keys.map((key, i) => `${scalar(key)} AS ${identifier(`~k${i}`)}`),
    ];
    return `(SELECT ${sqls.join(", ")} FROM ${reference(relation)} AS ${ROW}) AS ${identifier(alias)}`;
  };
  const on =
    node.leftKeys.map((_, i) => `\`~a\`.${identifier(`~k${i}`)} = \`~b\`.${identifier(`~k${i}`)}`).join(" AND ")
    || "TRUE";
  const oneSided = node.how === "semi" || node.how === "anti";
  const selected = node.type.fields.map((f) =>
    f.name === "left" ? "`~a`.`left`" : oneSided ? nullOf(f.type) : "`~b`.`right`",
  );
  return (
    `SELECT ${columns(node.type, selected)} FROM ${side(node.left, node.leftKeys, "left", "~a")} `
    + `${JOINS[node.how]} ${side(node.right, node.rightKeys, "right", "~b")} ON ${on}`
  );
}
