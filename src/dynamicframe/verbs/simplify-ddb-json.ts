import { field, inputOf, isNull, listMap, nullOf, project, structOf } from "../../plan/ir/build.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { attributesOf, fieldsOf, oneOf, tagsOf } from "./ddb-types.js";
import { only } from "./only.js";
import { distinctNames } from "./unnest.js";
import { defineVerb } from "./verb.js";

/**
 * `simplifyDdbJson()`: records of DynamoDB JSON without `Item` and without type tags. Maps (`M`) become structs at any
 * depth, sets and lists arrays, `NULL` the null type; a number stays the text it is. The elements of a list that holds
 * maps, or values of several types, stay as they are. Source: docs/sources.md#methods.
 */
export const simplifyDdbJson = defineVerb<Record<string, never>>({
  kind: "simplifyDdbJson",
  lower: (inputs) => {
    const input = only(inputs);
    return project(
      input,
      distinctNames(attributesOf(inputOf(input)).map(([name, value]) => ({ name, value: simplified(value, 0) }))),
    );
  },
});

function simplified(value: Scalar, depth: number): Scalar {
  const tags = tagsOf(value.type);
  if (!tags) return value;
  return oneOf(
    tags.map((tag) => {
      const held = field(value, tag);
      if (tag === "NULL" || held.type.kind === "null") return nullOf();
      if (tag === "M")
        return structOf(
          fieldsOf(held).map(([name, member]) => ({ name, value: simplified(member, depth) })),
          isNull(held),
        );
      return tag === "L" ? simplifiedList(held, depth) : held;
    }),
  );
}

function simplifiedList(list: Scalar, depth: number): Scalar {
  if (list.type.kind !== "array") return list;
  const tags = tagsOf(list.type.element);
  if (tags?.length !== 1 || tags[0] === "M") return list;
  return listMap(list, `d${depth}`, (element) => simplified(element, depth + 1));
}
