import {
  arm,
  cast,
  choiceOf,
  coalesce,
  field,
  inputOf,
  isNull,
  listMap,
  mapValues,
  nullOf,
  project,
  structOf,
} from "../../plan/ir/build.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { fieldOf, type ChoiceType, type DataType, type StructType } from "../../types/data-type.js";
import { fieldPath } from "../../types/path.js";
import { sameType } from "../../types/same-type.js";
import { only } from "./only.js";
import { defineVerb } from "./verb.js";

/**
 * `withFrameSchema(schema)`: the frame has exactly this schema from here on, without a look at the data. Fields it does
 * not name are left out, fields the records lack are null, values of other types are cast; what does not fit is null
 * and counted. Source: docs/sources.md#types.
 */
export const withFrameSchema = defineVerb<{ readonly schema: StructType }>({
  kind: "withFrameSchema",
  lower: (inputs, { schema }) => {
    const input = only(inputs);
    return project(
      input,
      schema.fields.map(({ name, type }) => ({
        name,
        value: fieldOf(input.type, name)
          ? read(field(inputOf(input), name), type, fieldPath("", name), 0)
          : nullOf(type),
      })),
    );
  },
});

/** The value as one of type `to`. */
function read(value: Scalar, to: DataType, path: string, depth: number): Scalar {
  const from = value.type;
  if (sameType(from, to)) return value;
  if (from.kind === "null" || from.kind === "unknown") return nullOf(to);
  if (to.kind === "choice") return readChoice(value, to, path, depth);
  if (from.kind === "choice")
    return coalesce(from.choices.map((member) => read(arm(value, member.kind), to, path, depth)));
  if (to.kind === "struct" && from.kind === "struct") {
    const fields = to.fields.map(({ name, type }) => ({
      name,
      value: fieldOf(from, name) ? read(field(value, name), type, fieldPath(path, name), depth) : nullOf(type),
    }));
    return structOf(fields, isNull(value));
  }
  if (to.kind === "array" && from.kind === "array")
    return listMap(value, `e${depth}`, (element) => read(element, to.element, `${path}[]`, depth + 1));
  if (to.kind === "map" && from.kind === "map")
    return mapValues(value, `e${depth}`, (item) => read(item, to.value, path, depth + 1));
  return to.kind === "null" || to.kind === "unknown" ? cast(value, to, path, "match") : cast(value, to, path);
}

/** Each value keeps its arm; one whose arm the schema does not have is null and counted. */
function readChoice(value: Scalar, to: ChoiceType, path: string, depth: number): Scalar {
  const members = value.type.kind === "choice" ? value.type.choices.map((c) => arm(value, c.kind)) : [value];
  const [first] = to.choices;
  const strangers = first
    ? members.filter((m) => !to.choices.some((c) => c.kind === m.type.kind)).map((m) => cast(m, first, path, "match"))
    : [];
  const arms = to.choices.map((member) => {
    const own = members.filter((m) => m.type.kind === member.kind).map((m) => read(m, member, path, depth));
    const all = member === first ? [...own, ...strangers] : own;
    return { arm: member.kind, value: all.length === 0 ? nullOf(member) : coalesce(all) };
  });
  return choiceOf(arms, to);
}
