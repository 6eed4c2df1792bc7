import { field, inputOf, nullOf, project } from "../../plan/ir/build.js";
import type { NamedScalar } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { attributesOf, fieldsOf, oneOf, tagsOf } from "./ddb-types.js";
import { only } from "./only.js";
import { distinctNames } from "./unnest.js";
import { defineVerb } from "./verb.js";

/**
 * `unnestDdbJson()`: records of DynamoDB JSON without `Item` and without type tags; a map (`M`) is unnested, its
 * members joined by dots to its name. A number stays the text it is, the elements of a list stay as they are. Source:
 * docs/sources.md#methods, decision 0015.
 */
export const unnestDdbJson = defineVerb<Record<string, never>>({
  kind: "unnestDdbJson",
  lower: (inputs) => {
    const input = only(inputs);
    return project(
      input,
      distinctNames(attributesOf(inputOf(input)).flatMap(([name, value]) => flattened(name, value))),
    );
  },
});

function flattened(name: string, value: Scalar): readonly NamedScalar[] {
  const tags = tagsOf(value.type);
  if (!tags) return [{ name, value }];
  // beside other types NULL says no more than that there is no value
  const scalars = tags
    .filter((tag) => tag !== "M" && (tag !== "NULL" || tags.length === 1))
    .map((tag) => field(value, tag));
  const members = tags.includes("M") ? field(value, "M") : undefined;
  const map =
    members?.type.kind === "struct"
      ? fieldsOf(members).flatMap(([member, inner]) => flattened(`${name}.${member}`, inner))
      : [];
  const own =
    scalars.length > 0 || map.length === 0 ? [{ name, value: scalars.length === 0 ? nullOf() : oneOf(scalars) }] : [];
  return [...own, ...map];
}
