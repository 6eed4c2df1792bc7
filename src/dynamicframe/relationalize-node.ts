/** The frames of one relationalize call share one lowering, and with it one materialised parent: their keys agree. */
import { emptyRelation } from "../plan/ir/build.js";
import type { Relation } from "../plan/ir/relation.js";
import type { FrameNode, FrameSession, Resolved } from "./frame-node.js";
import { joined } from "./verb-node.js";
import { relationalize } from "./verbs/relationalize.js";
import type { TransformOptions } from "./verbs/verb.js";

export type RelationalizeCall = {
  /** Table names for a resolved input, the root first. */
  readonly names: (input: Resolved, session: FrameSession) => readonly string[];
  readonly table: (name: string) => FrameNode;
};

export function relationalizeCall(input: FrameNode, rootName: string, options: TransformOptions): RelationalizeCall {
  const lowered = new WeakMap<Resolved, ReadonlyMap<string, Relation>>();
  const tables = (resolved: Resolved, session: FrameSession): ReadonlyMap<string, Relation> => {
    const known = lowered.get(resolved);
    if (known) return known;
    const made = relationalize(resolved.relation, rootName, session.nextId());
    lowered.set(resolved, made);
    return made;
  };
  return {
    names: (resolved, session) => [...tables(resolved, session).keys()],
    table: (name) => ({
      kind: "relationalize", args: { root: rootName, table: name }, inputs: [input], options,
      resolve: async ([resolved], session) => {
        if (!resolved) throw new Error("relationalize has one input");
        return { ...joined([resolved]), relation: tables(resolved, session).get(name) ?? emptyRelation(), recordwise: resolved.recordwise && name === rootName };
      },
    }),
  };
}
