import { emptyRelation } from "../plan/ir/build.js";
import type { FrameNode } from "./frame-node.js";
import { sourceOf } from "./sources/rows.js";

/** A source without records, of no field. */
export const emptyNode = (): FrameNode => ({
  kind: "empty",
  args: {},
  inputs: [],
  options: {},
  resolve: async (_, session) => sourceOf(emptyRelation(), 0, session.nextId(), "empty"),
});
