import { repartition as repartitionOf } from "../../plan/ir/build.js";
import { DynaframeError } from "../../types/error.js";
import { only } from "./only.js";
import { defineVerb } from "./verb.js";

export type RepartitionArgs = { readonly partitions: number; readonly shuffle: boolean };

/**
 * `repartition(n)` shuffles, `coalesce(n)` need not: the same records in so many partitions, where an engine has any.
 * Source: docs/sources.md#methods.
 */
export const repartition = defineVerb<RepartitionArgs>({
  kind: "repartition",
  lower: (inputs, { partitions, shuffle }) => {
    if (!Number.isSafeInteger(partitions) || partitions < 1) {
      throw new DynaframeError("BAD_ARGUMENT", `${partitions} is no number of partitions.`, {
        expected: "a whole number from 1",
        found: String(partitions),
      });
    }
    return repartitionOf(only(inputs), partitions, shuffle);
  },
});
