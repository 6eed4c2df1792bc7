/**
 * `persist`: a frame whose rows are computed once, by the first action that needs them, and kept until `unpersist` or
 * close.
 */
import { materialize } from "../plan/ir/build.js";
import type { EngineSession } from "../engine/index.js";
import type { FrameNode, Resolved } from "./frame-node.js";

/**
 * A node that keeps its rows. Memory and spill are the engine's: with a `memoryLimit` they lie in a file of the
 * staging.
 */
export type PersistNode = FrameNode & { readonly kind: "persist" };

export const persistNode = (input: FrameNode): PersistNode => ({
  kind: "persist",
  args: {},
  inputs: [input],
  options: {},
  resolve: async ([resolved], session) => {
    if (!resolved) throw new Error("persist has one input");
    // the id makes all readers share one computation, whenever they come
    return { ...resolved, relation: materialize(resolved.relation, `persist-${session.nextId()}`) };
  },
});

/** Frees the rows of a resolved persist node. */
export const releasePersisted = ({ relation }: Resolved, engine: EngineSession): Promise<void> =>
  engine.release(relation);
