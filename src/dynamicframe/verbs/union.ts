import { conformRelation } from "../../plan/conform.js";
import { union as unionOf } from "../../plan/ir/build.js";
import { mergeDataTypes } from "../../types/merge.js";
import type { StructType } from "../../types/data-type.js";
import { defineVerb } from "./verb.js";

/**
 * `union(other)`: all records of both, by field name; types that clash make a choice. Source: docs/sources.md#methods.
 */
export const union = defineVerb<Record<string, never>>({
  kind: "union",
  lower: (inputs) => {
    const type = inputs.map((i) => i.type).reduce((a, b) => mergeDataTypes(a, b) as StructType);
    return unionOf(inputs.map((input) => conformRelation(input, type)));
  },
});
