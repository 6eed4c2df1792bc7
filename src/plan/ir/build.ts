/** Smart constructors of the IR: they compute types, freeze, and fold the cases that are the identity. Pure. */
import {
  BOOLEAN,
  INT,
  LONG,
  NULL,
  STRING,
  armOf,
  array,
  field as fieldType,
  fieldOf,
  map as mapType,
  struct as structType,
  type ChoiceType,
  type DataType,
  type MapType,
  type StructType,
  type TypeName,
} from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import type { NamedScalar, Relation, RelationOf } from "./relation.js";
import type { LiteralScalar, Scalar, ScalarOf } from "./scalar.js";

const freeze = <T extends Scalar | Relation>(node: T): T => Object.freeze(node);

export const inputOf = (relation: Relation): Scalar => freeze({ kind: "input", type: relation.type });

/** Field `name` of a struct-typed scalar; of a struct built in place, the scalar it was built from. */
export function field(of: Scalar, name: string): Scalar {
  if (of.type.kind !== "struct") throw internal(`field ${name} of ${of.type.kind}`);
  const found = fieldOf(of.type, name);
  if (!found) throw internal(`no field ${name}`);
  if (of.kind === "struct" && of.nullIf === undefined) {
    const built = of.fields.find((f) => f.name === name);
    if (built) return built.value;
  }
  return freeze({ kind: "field", of, name, type: found.type });
}

export const literal = (value: LiteralScalar["value"], type: DataType): LiteralScalar =>
  Object.freeze({ kind: "literal", value, type });
export const nullOf = (type: DataType = NULL): LiteralScalar => literal(null, type);
const variable = (name: string, type: DataType): Scalar => freeze({ kind: "variable", name, type });

export function structOf(fields: readonly NamedScalar[], nullIf?: Scalar): Scalar {
  const type = structType(fields.map((f) => fieldType(f.name, f.value.type)));
  const node = { kind: "struct" as const, fields: Object.freeze([...fields]), type };
  return freeze(nullIf === undefined ? node : { ...node, nullIf });
}

/** The arm of a choice; of a choice built in place, the scalar given for it; null if the choice has no such arm. */
export function arm(of: Scalar, name: TypeName): Scalar {
  if (of.type.kind !== "choice") throw internal(`arm ${name} of ${of.type.kind}`);
  const type = armOf(of.type, name);
  if (!type) throw internal(`no arm ${name}`);
  if (of.kind === "choice") return of.arms.find((a) => a.arm === name)?.value ?? nullOf(type);
  return freeze({ kind: "arm", of, arm: name, type });
}

/** A choice of `type` from scalars for some of its arms; each must have the arm's type. */
export const choiceOf = (
  arms: readonly { readonly arm: TypeName; readonly value: Scalar }[],
  type: ChoiceType,
): Scalar => freeze({ kind: "choice", arms: Object.freeze([...arms]), type });

export const typeTag = (of: Scalar): Scalar => freeze({ kind: "type-tag", of, type: STRING });
export const present = (of: Scalar, name: string): Scalar => freeze({ kind: "present", of, name, type: BOOLEAN });

export function cast(of: Scalar, type: DataType, path: string, mode?: "match"): Scalar {
  const node = { kind: "cast" as const, of, type, onError: "null" as const, path };
  return freeze(mode === undefined ? node : { ...node, mode });
}

export function coalesce(values: readonly Scalar[]): Scalar {
  const first = values[0];
  if (!first) throw internal("coalesce of nothing");
  return values.length === 1
    ? first
    : freeze({ kind: "coalesce", values: Object.freeze([...values]), type: first.type });
}

export const caseWhen = (when: Scalar, then: Scalar, otherwise: Scalar): Scalar =>
  freeze({ kind: "case", branches: Object.freeze([{ when, then }]), otherwise, type: then.type });
export const and = (args: readonly Scalar[]): Scalar =>
  args.length === 1 && args[0]
    ? args[0]
    : freeze({ kind: "logical", op: "and", args: Object.freeze([...args]), type: BOOLEAN });
export const or = (args: readonly Scalar[]): Scalar =>
  args.length === 1 && args[0]
    ? args[0]
    : freeze({ kind: "logical", op: "or", args: Object.freeze([...args]), type: BOOLEAN });
export const not = (of: Scalar): Scalar => freeze({ kind: "not", of, type: BOOLEAN });
export const isNull = (of: Scalar): Scalar => freeze({ kind: "is-null", of, type: BOOLEAN });

export const like = (of: Scalar, pattern: string): Scalar => freeze({ kind: "like", of, pattern, type: BOOLEAN });
export const compare = (op: ScalarOf<"compare">["op"], left: Scalar, right: Scalar): Scalar =>
  freeze({ kind: "compare", op, left, right, type: BOOLEAN });

/** `body` over the elements; the identity when the body is the variable itself. */
export function listMap(list: Scalar, as: string, body: (element: Scalar) => Scalar): Scalar {
  if (list.type.kind !== "array") throw internal(`list-map over ${list.type.kind}`);
  const bound = variable(as, list.type.element);
  const result = body(bound);
  if (result === bound) return list;
  return freeze({ kind: "list-map", list, as, body: result, type: array(result.type) });
}

export function mapValues(of: Scalar, as: string, body: (value: Scalar) => Scalar): Scalar {
  if (of.type.kind !== "map") throw internal(`map-values over ${of.type.kind}`);
  const bound = variable(as, (of.type satisfies MapType).value);
  const result = body(bound);
  if (result === bound) return of;
  return freeze({ kind: "map-values", map: of, as, body: result, type: mapType(result.type) });
}

// ---- relations

export function project(input: Relation, fields: readonly NamedScalar[]): RelationOf<"project"> {
  const type = structType(fields.map((f) => fieldType(f.name, f.value.type)));
  return freeze({ kind: "project", input, fields: Object.freeze([...fields]), type });
}

export const filter = (input: Relation, predicate: Scalar, reason: string): Relation =>
  freeze({ kind: "filter", input, predicate, reason, type: input.type });

export function unnest(
  input: Relation,
  list: Scalar,
  keep: readonly string[],
  index: string,
  element: string,
): Relation {
  if (list.type.kind !== "array") throw internal(`unnest of ${list.type.kind}`);
  const kept = keep.map((name) => requireField(input.type, name));
  const type = structType([...kept, fieldType(index, INT), fieldType(element, list.type.element)]);
  return freeze({ kind: "unnest", input, list, keep: Object.freeze([...keep]), index, element, type });
}

export const number = (input: Relation, as: string, start = 1): Relation =>
  freeze({ kind: "number", input, as, start, type: structType([...input.type.fields, fieldType(as, LONG)]) });
export const materialize = (input: Relation, id: string): Relation =>
  freeze({ kind: "materialize", input, id, type: input.type });
export const limit = (input: Relation, count: number): Relation =>
  freeze({ kind: "limit", input, count, type: input.type });

/**
 * Rows `{ left, right }`, or `{ left }` where the right side only decides. Keys stand in pairs, each pair of one type.
 */
export function join(
  how: RelationOf<"join">["how"],
  left: Relation,
  right: Relation,
  leftKeys: readonly Scalar[],
  rightKeys: readonly Scalar[],
): Relation {
  const both = how === "inner" || how === "left";
  const type = structType([fieldType("left", left.type), ...(both ? [fieldType("right", right.type)] : [])]);
  return freeze({
    kind: "join",
    how,
    left,
    right,
    leftKeys: Object.freeze([...leftKeys]),
    rightKeys: Object.freeze([...rightKeys]),
    type,
  });
}

/** Aggregates over all rows: one row. Counts are long, others of the type of what they are over. */
export function aggregate(input: Relation, aggregates: RelationOf<"aggregate">["aggregates"]): Relation {
  const type = structType(
    aggregates.map(({ name, fn, of }) => fieldType(name, fn.startsWith("count") || !of ? LONG : of.type)),
  );
  return freeze({
    kind: "aggregate",
    input,
    keys: Object.freeze([]),
    aggregates: Object.freeze([...aggregates]),
    type,
  });
}

export const repartition = (input: Relation, partitions: number, shuffle: boolean): Relation =>
  freeze({ kind: "repartition", input, partitions, shuffle, type: input.type });

/** Union all of inputs that already have exactly the same type. */
export function union(inputs: readonly Relation[]): Relation {
  const first = inputs[0];
  if (!first) throw internal("union of nothing");
  return inputs.length === 1 ? first : freeze({ kind: "union", inputs: Object.freeze([...inputs]), type: first.type });
}

export const values = (rows: RelationOf<"values">["rows"], type: StructType): Relation =>
  freeze({ kind: "values", rows, type });
export const emptyRelation = (): Relation => values([], structType());

function requireField(type: StructType, name: string): StructType["fields"][number] {
  const found = fieldOf(type, name);
  if (!found) throw internal(`no field ${name}`);
  return found;
}

/** A plan was built against its own types: a defect of dynaframe, never of the data. */
function internal(what: string): DynaframeError {
  return new DynaframeError("INTERNAL_PLAN", `The plan is inconsistent: ${what}.`, {
    hint: "This is a defect of dynaframe; please report it with the output of explain().",
  });
}
