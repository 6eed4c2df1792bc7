/** One place that knows the children of every node: generic rewrites need no code per node. Pure. */
import { assertNever } from "../../types/data-type.js";
import { arm, coalesce, field, isNull, listMap, mapValues, structOf } from "./build.js";
import type { Relation } from "./relation.js";
import type { Scalar } from "./scalar.js";

/** The scalar with each child replaced; rebuilt through the smart constructors, so folds happen again. */
export function mapScalar(scalar: Scalar, f: (child: Scalar) => Scalar): Scalar {
  switch (scalar.kind) {
    case "input":
    case "variable":
    case "literal":
      return scalar;
    case "field":
      return strictField(f(scalar.of), scalar.name);
    case "struct":
      return structOf(
        scalar.fields.map((x) => ({ name: x.name, value: f(x.value) })),
        scalar.nullIf && f(scalar.nullIf),
      );
    case "choice":
      return Object.freeze({ ...scalar, arms: scalar.arms.map((a) => ({ arm: a.arm, value: f(a.value) })) });
    case "arm":
      return arm(f(scalar.of), scalar.arm);
    case "type-tag":
    case "present":
    case "cast":
    case "not":
    case "in":
    case "like":
      return Object.freeze({ ...scalar, of: f(scalar.of) });
    case "is-null":
      return isNull(f(scalar.of));
    case "coalesce":
      return coalesce(scalar.values.map(f));
    case "case":
      return Object.freeze({
        ...scalar,
        branches: scalar.branches.map((b) => ({ when: f(b.when), then: f(b.then) })),
        otherwise: f(scalar.otherwise),
      });
    case "compare":
      return Object.freeze({ ...scalar, left: f(scalar.left), right: f(scalar.right) });
    case "logical":
      return Object.freeze({ ...scalar, args: scalar.args.map(f) });
    case "list-map":
      return listMap(f(scalar.list), scalar.as, (element) => f(rebound(scalar.body, scalar.as, element)));
    case "map-values":
      return mapValues(f(scalar.map), scalar.as, (value) => f(rebound(scalar.body, scalar.as, value)));
    case "hash":
      return Object.freeze({ ...scalar, values: scalar.values.map(f) });
    default:
      return assertNever(scalar);
  }
}

/** The body with the variable replaced; an inner variable of the same name hides it. */
export function rebound(body: Scalar, name: string, by: Scalar): Scalar {
  if (body.kind === "variable") return body.name === name ? by : body;
  if (body.kind === "list-map" && body.as === name)
    return Object.freeze({ ...body, list: rebound(body.list, name, by) });
  if (body.kind === "map-values" && body.as === name)
    return Object.freeze({ ...body, map: rebound(body.map, name, by) });
  return mapScalar(body, (child) => rebound(child, name, by));
}

/** A field of a struct that is null exactly when another value is: the member itself, when it is null then anyway. */
function strictField(of: Scalar, name: string): Scalar {
  if (of.kind === "struct" && of.nullIf?.kind === "is-null") {
    const member = of.fields.find((x) => x.name === name)?.value;
    if (member && isStrictIn(member, of.nullIf.of)) return member;
  }
  return field(of, name);
}

/** Whether the scalar is null whenever `on` is. */
function isStrictIn(scalar: Scalar, on: Scalar): boolean {
  if (sameScalar(scalar, on)) return true;
  switch (scalar.kind) {
    case "field":
    case "arm":
    case "cast":
      return isStrictIn(scalar.of, on);
    case "coalesce":
      return scalar.values.every((v) => isStrictIn(v, on));
    case "choice":
      return scalar.arms.every((a) => isStrictIn(a.value, on));
    case "list-map":
      return isStrictIn(scalar.list, on);
    case "struct":
      return scalar.nullIf?.kind === "is-null" && isStrictIn(scalar.nullIf.of, on);
    case "literal":
      return scalar.value === null;
    default:
      return false;
  }
}

/** Equality of access paths; anything else is only equal to itself. */
function sameScalar(a: Scalar, b: Scalar): boolean {
  if (a === b) return true;
  if (a.kind === "field" && b.kind === "field") return a.name === b.name && sameScalar(a.of, b.of);
  if (a.kind === "arm" && b.kind === "arm") return a.arm === b.arm && sameScalar(a.of, b.of);
  if (a.kind === "input" && b.kind === "input") return true;
  return a.kind === "variable" && b.kind === "variable" && a.name === b.name;
}

/** The scalars it is made of, directly. */
export function scalarsOf(scalar: Scalar): readonly Scalar[] {
  switch (scalar.kind) {
    case "input":
    case "variable":
    case "literal":
      return [];
    case "field":
    case "arm":
    case "type-tag":
    case "present":
    case "cast":
    case "not":
    case "is-null":
    case "in":
    case "like":
      return [scalar.of];
    case "struct":
      return [...scalar.fields.map(({ value }) => value), ...(scalar.nullIf ? [scalar.nullIf] : [])];
    case "choice":
      return scalar.arms.map(({ value }) => value);
    case "coalesce":
    case "hash":
      return scalar.values;
    case "case":
      return [...scalar.branches.flatMap(({ when, then }) => [when, then]), scalar.otherwise];
    case "compare":
      return [scalar.left, scalar.right];
    case "logical":
      return scalar.args;
    case "list-map":
      return [scalar.list, scalar.body];
    case "map-values":
      return [scalar.map, scalar.body];
    default:
      return assertNever(scalar);
  }
}

/** The relations it reads, directly. */
export function inputsOf(relation: Relation): readonly Relation[] {
  switch (relation.kind) {
    case "scan":
    case "values":
      return [];
    case "join":
      return [relation.left, relation.right];
    case "union":
      return relation.inputs;
    default:
      return [relation.input];
  }
}

/** The relation with its inputs replaced. Types stay: a rewrite keeps them. */
export function mapInputs(relation: Relation, f: (input: Relation) => Relation): Relation {
  switch (relation.kind) {
    case "scan":
    case "values":
      return relation;
    case "join":
      return Object.freeze({ ...relation, left: f(relation.left), right: f(relation.right) });
    case "union":
      return Object.freeze({ ...relation, inputs: relation.inputs.map(f) });
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
      return Object.freeze({ ...relation, input: f(relation.input) });
    default:
      return assertNever(relation);
  }
}
