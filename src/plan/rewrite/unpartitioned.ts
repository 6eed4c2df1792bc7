/**
 * Rewrite "unpartitioned": an engine whose rows are one stream reads plans without their repartitions, which would only
 * stand between a scan and the rewrites that know one. How many files it writes is told by `partitionsOf` of the plan
 * as it was.
 */
import type { Relation } from "../ir/relation.js";
import { mapInputs } from "../ir/walk.js";

/** A rewriter; the same object for a plan that has none. What several plans share they share afterwards. */
export function unpartitionedRewriter(): (relation: Relation) => Relation {
  const known = new WeakMap<Relation, Relation>();
  const rewrite = (relation: Relation): Relation => {
    const before = known.get(relation);
    if (before) return before;
    let changed = false;
    const next = mapInputs(relation, (input) => {
      const result = rewrite(input);
      changed ||= result !== input;
      return result;
    });
    const result = next.kind === "repartition" ? next.input : changed ? next : relation;
    known.set(relation, result);
    return result;
  };
  return rewrite;
}
