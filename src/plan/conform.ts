/**
 * Widening without loss: reads a value of one type as a value of a type that was merged from it. Used by unions, by
 * files whose schemas differ and by appended results. Every value stays what it was; only its place (arm, field, null)
 * is spelled out.
 */
import { fieldOf, type DataType, type StructType } from "../types/data-type.js";
import { fieldPath } from "../types/path.js";
import { sameType } from "../types/same-type.js";
import {
  arm,
  cast,
  choiceOf,
  field,
  inputOf,
  isNull,
  listMap,
  mapValues,
  nullOf,
  project,
  structOf,
} from "./ir/build.js";
import type { Relation } from "./ir/relation.js";
import type { Scalar } from "./ir/scalar.js";

/**
 * The scalar read as `to`, which must be a merge of `scalar.type` and others (`mergeDataTypes`), but for what none of
 * its values has: fields it lacks are null, a choice gets the arm of the value's type. A type that `to` does not hold
 * is cast, failures counted under `path`.
 */
export function conform(scalar: Scalar, to: DataType, path = "", depth = 0): Scalar {
  const from = scalar.type;
  if (sameType(from, to)) return scalar;
  if (from.kind === "null" || from.kind === "unknown" || to.kind === "null" || to.kind === "unknown") return nullOf(to);
  if (to.kind === "choice") {
    const members = from.kind === "choice" ? from.choices : [from];
    const arms = members.flatMap((member) => {
      const target = to.choices.find((c) => c.kind === member.kind);
      if (!target) return [];
      return [
        {
          arm: target.kind,
          value: conform(from.kind === "choice" ? arm(scalar, member.kind) : scalar, target, path, depth),
        },
      ];
    });
    return choiceOf(arms, to);
  }
  if (from.kind === "choice" && from.choices.some(({ kind }) => kind === to.kind))
    return conform(arm(scalar, to.kind), to, path, depth);
  if (to.kind === "struct" && from.kind === "struct") {
    const fields = to.fields.map(({ name, type }) => ({
      name,
      value: fieldOf(from, name) ? conform(field(scalar, name), type, fieldPath(path, name), depth) : nullOf(type),
    }));
    return scalar.kind === "input" ? structOf(fields) : structOf(fields, isNull(scalar));
  }
  if ((to.kind === "array" || to.kind === "set") && (from.kind === "array" || from.kind === "set")) {
    const asList: Scalar =
      from.kind === "array" ? scalar : ({ ...scalar, type: { kind: "array", element: from.element } } as Scalar);
    return listMap(asList, `e${depth}`, (element) => conform(element, to.element, `${path}[]`, depth + 1));
  }
  if (to.kind === "map" && from.kind === "map") {
    return mapValues(scalar, `e${depth}`, (value) => conform(value, to.value, path, depth + 1));
  }
  return cast(scalar, to, path);
}

/** The relation with exactly `type`. */
export function conformRelation(relation: Relation, type: StructType): Relation {
  if (sameType(relation.type, type)) return relation;
  const record = inputOf(relation);
  const fields = type.fields.map(({ name, type: to }) => ({
    name,
    value: fieldOf(relation.type, name) ? conform(field(record, name), to, fieldPath("", name)) : nullOf(to),
  }));
  return project(relation, fields);
}
