/** Plans as text, for `explain()` and golden tests. Pure. */
import { match } from "ts-pattern";
import { typeText } from "../types/type-text.js";
import type { Relation } from "./ir/relation.js";
import type { Scalar } from "./ir/scalar.js";
import { assertNever } from "../types/data-type.js";

/** The relation as an indented tree, inputs below. */
export function printRelation(relation: Relation, indent = ""): string {
  const below = inputsOf(relation).map((input) => printRelation(input, `${indent}  `));
  return [`${indent}${headline(relation)}`, ...below].join("\n");
}

function inputsOf(relation: Relation): readonly Relation[] {
  switch (relation.kind) {
    case "scan":
    case "values":
      return [];
    case "join":
      return [relation.left, relation.right];
    case "union":
      return relation.inputs;
    case "project":
    case "filter":
    case "unnest":
    case "aggregate":
    case "sort":
    case "limit":
    case "distinct":
    case "number":
    case "map-batches":
    case "materialize":
    case "repartition":
    case "sink":
      return [relation.input];
    default:
      return assertNever(relation);
  }
}

const headline = (relation: Relation): string =>
  match(relation)
    .with(
      { kind: "scan" },
      (r) =>
        `scan ${r.format} ${r.files.length} files${r.partitionKeys.length ? ` by ${r.partitionKeys.join(", ")}` : ""}${r.domain ? `, flat table ${r.domain.name || "of the records"}` : ""}${r.groups === undefined ? "" : `, ${r.groups} partitions`}`,
    )
    .with({ kind: "values" }, (r) => `values ${r.rows.length} rows`)
    .with(
      { kind: "project" },
      (r) => `project ${r.fields.map((f) => `${name(f.name)} := ${printScalar(f.value)}`).join(", ")}`,
    )
    .with({ kind: "filter" }, (r) => `filter ${printScalar(r.predicate)}`)
    .with({ kind: "unnest" }, (r) => `unnest ${printScalar(r.list)} as ${name(r.index)}, ${name(r.element)}`)
    .with(
      { kind: "join" },
      (r) =>
        `${r.how} join on ${r.leftKeys.map((k, i) => `${printScalar(k)} = ${r.rightKeys[i] ? printScalar(r.rightKeys[i]) : "?"}`).join(" and ")}`,
    )
    .with({ kind: "aggregate" }, (r) => `aggregate ${r.aggregates.map((a) => `${a.name} := ${a.fn}`).join(", ")}`)
    .with(
      { kind: "sort" },
      (r) => `sort ${r.by.map((b) => `${printScalar(b.value)}${b.descending ? " desc" : ""}`).join(", ")}`,
    )
    .with({ kind: "limit" }, (r) => `limit ${r.count}`)
    .with({ kind: "number" }, (r) => `number as ${name(r.as)} from ${r.start}`)
    .with({ kind: "map-batches" }, (r) => `map-batches ${r.fn}`)
    .with({ kind: "materialize" }, (r) => `materialize ${r.id}`)
    .with({ kind: "repartition" }, (r) => `repartition ${r.partitions}`)
    .with({ kind: "sink" }, (r) => `sink ${r.target.format}`)
    .with({ kind: "union" }, { kind: "distinct" }, (r) => r.kind)
    .exhaustive();

/** Working columns begin with a control character; shown as `#`. */
const name = (text: string): string => text.replace("\u0001", "#");

/** A scalar in a short functional notation. */
function printScalar(scalar: Scalar): string {
  switch (scalar.kind) {
    case "input":
      return "$";
    case "variable":
      return scalar.name;
    case "field":
      return scalar.of.kind === "input" ? name(scalar.name) : `${printScalar(scalar.of)}.${scalar.name}`;
    case "literal":
      return typeof scalar.value === "bigint" ? String(scalar.value) : JSON.stringify(scalar.value);
    case "struct":
      return `{${scalar.fields.map((f) => `${f.name}: ${printScalar(f.value)}`).join(", ")}}`;
    case "choice":
      return `choice(${scalar.arms.map((a) => `${a.arm}: ${printScalar(a.value)}`).join(", ")})`;
    case "arm":
      return `${printScalar(scalar.of)}@${scalar.arm}`;
    case "type-tag":
      return `tag(${printScalar(scalar.of)})`;
    case "present":
      return `present(${printScalar(scalar.of)}, ${scalar.name})`;
    case "cast":
      return `${scalar.mode === "match" ? "match" : "cast"}(${printScalar(scalar.of)} as ${typeText(scalar.type)})`;
    case "coalesce":
      return `coalesce(${scalar.values.map(printScalar).join(", ")})`;
    case "case":
      return `case ${scalar.branches.map((b) => `when ${printScalar(b.when)} then ${printScalar(b.then)}`).join(" ")} else ${printScalar(scalar.otherwise)} end`;
    case "compare":
      return `${printScalar(scalar.left)} ${scalar.op} ${printScalar(scalar.right)}`;
    case "logical":
      return `(${scalar.args.map(printScalar).join(` ${scalar.op} `)})`;
    case "not":
      return `not ${printScalar(scalar.of)}`;
    case "is-null":
      return `${printScalar(scalar.of)} is null`;
    case "in":
      return `${printScalar(scalar.of)} in (${scalar.values.map(printScalar).join(", ")})`;
    case "like":
      return `${printScalar(scalar.of)} like ${JSON.stringify(scalar.pattern)}`;
    case "list-map":
      return `${printScalar(scalar.list)}.map(${scalar.as} => ${printScalar(scalar.body)})`;
    case "map-values":
      return `${printScalar(scalar.map)}.mapValues(${scalar.as} => ${printScalar(scalar.body)})`;
    case "hash":
      return `hash(${scalar.values.map(printScalar).join(", ")})`;
    default:
      return assertNever(scalar);
  }
}
