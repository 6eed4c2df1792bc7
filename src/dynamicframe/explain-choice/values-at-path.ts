import { arm, field, inputOf, project, unnest } from "../../plan/ir/build.js";
import type { Relation } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { fieldOf, type DataType } from "../../types/data-type.js";
import type { PathStep } from "../../types/path.js";

/** The one column of the values, which begins with a control character as other working columns do. */
const VALUE = "\u0001value";
const INDEX = "\u0001index";

/** All values at one path of a relation's records, a row each; null where a record or an element has none. */
export type ValuesAtPath = { readonly rows: Relation; readonly value: Scalar };

/**
 * As resolveChoice reaches them: through the structs and lists of choices, `[]` into the elements. Undefined where the
 * type has no such path.
 */
export function valuesAtPath(relation: Relation, path: readonly PathStep[]): ValuesAtPath | undefined {
  let rows = relation;
  let value: Scalar = inputOf(relation);
  for (const step of path) {
    const holder = memberOf(value, step.kind === "elements" ? "array" : "struct");
    if (!holder) return undefined;
    if (step.kind === "field") {
      if (holder.type.kind !== "struct" || !fieldOf(holder.type, step.name)) return undefined;
      value = field(holder, step.name);
    } else {
      const lists = project(rows, [{ name: VALUE, value: holder }]);
      rows = unnest(lists, field(inputOf(lists), VALUE), [], INDEX, VALUE);
      value = field(inputOf(rows), VALUE);
    }
  }
  const column = project(rows, [{ name: VALUE, value }]);
  return { rows: column, value: field(inputOf(column), VALUE) };
}

/** The value itself if it is of that kind, or that arm of a choice. */
function memberOf(value: Scalar, kind: "array" | "struct"): Scalar | undefined {
  if (value.type.kind === kind) return value;
  return value.type.kind === "choice" && value.type.choices.some((c) => c.kind === kind) ? arm(value, kind) : undefined;
}

/** The types a value may have, each with the scalar that is not null where it has it. */
export function membersOf(value: Scalar): readonly { readonly type: DataType; readonly value: Scalar }[] {
  const { type } = value;
  if (type.kind === "null" || type.kind === "unknown") return [];
  return type.kind === "choice"
    ? type.choices.map((member) => ({ type: member, value: arm(value, member.kind) }))
    : [{ type, value }];
}
