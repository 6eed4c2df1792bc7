/** The frames of one relationalize call share one lowering, and with it one materialised parent: their keys agree. */
import { emptyRelation } from "../plan/ir/build.js";
import type { Relation } from "../plan/ir/relation.js";
import { checkTransformOptions } from "./check-transform-options.js";
import type { FrameNode, FrameSession, Resolved } from "./frame-node.js";
import { joined } from "./verb-node.js";
import { relationalize } from "./verbs/relationalize.js";
import type { TransformOptions } from "./verbs/verb.js";

export type RelationalizeCall = {
  /** Table names for a resolved input, the root first. */
  readonly names: (input: Resolved, session: FrameSession) => Promise<readonly string[]>;
  readonly table: (name: string) => FrameNode;
};

export function relationalizeCall(input: FrameNode, rootName: string, options: TransformOptions): RelationalizeCall {
  checkTransformOptions("relationalize", options);
  const lowered = new WeakMap<Resolved, Promise<ReadonlyMap<string, Relation>>>();
  const lower = async (resolved: Resolved, session: FrameSession): Promise<ReadonlyMap<string, Relation>> => {
    let made: ReadonlyMap<string, Relation> = new Map();
    // in a job, keys go on where the last committed run ended, so that its tables and these join
    const start = (await session.run()?.keysFrom(options.transformationCtx ?? "", () => mostRows(made, session))) ?? 1;
    return (made = relationalize(resolved.relation, rootName, session.nextId(), start));
  };
  const tables = (resolved: Resolved, session: FrameSession): Promise<ReadonlyMap<string, Relation>> => {
    const known = lowered.get(resolved) ?? lower(resolved, session);
    lowered.set(resolved, known);
    return known;
  };
  return {
    names: async (resolved, session) => [...(await tables(resolved, session)).keys()],
    table: (name) => ({
      kind: "relationalize",
      args: { root: rootName, table: name },
      inputs: [input],
      options,
      resolve: async ([resolved], session) => {
        if (!resolved) throw new Error("relationalize has one input");
        return {
          ...joined([resolved]),
          relation: (await tables(resolved, session)).get(name) ?? emptyRelation(),
          recordwise: resolved.recordwise && name === rootName,
        };
      },
    }),
  };
}

/** Rows of the longest table of a call: as many keys as it needs. */
async function mostRows(tables: ReadonlyMap<string, Relation>, session: FrameSession): Promise<number> {
  const engine = await session.engine();
  let rows = 0;
  for (const table of tables.values()) rows = Math.max(rows, await engine.count(table));
  return rows;
}
