import { DynaframeError } from "../../types/error.js";
import type { FrameNode } from "../frame-node.js";
import type { ContinuousSource } from "./batch-source.js";

export type ContinuousNode = FrameNode & { readonly continuous: ContinuousSource };

/** The one source of a plan that can be read batch by batch. @throws NOT_CONTINUOUS for none, and for several */
export function continuousNode(node: FrameNode): ContinuousNode {
  const found = new Set<ContinuousNode>();
  const seen = new Set<FrameNode>();
  const walk = (at: FrameNode): void => {
    if (seen.has(at)) return;
    seen.add(at);
    if (isContinuous(at)) found.add(at);
    at.inputs.forEach(walk);
  };
  walk(node);
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only;
  throw new DynaframeError(
    "NOT_CONTINUOUS",
    only === undefined
      ? "forEachBatch: the frame reads no folder and no stream."
      : "forEachBatch: the frame reads several folders or streams.",
    {
      expected: "one source",
      found: [...found].map(({ continuous }) => continuous.name).join("; ") || "none",
      hint:
        only === undefined
          ? "Make it by createDataFrame.fromOptions({ connectionType: 'file', … })."
          : "Join what does not grow inside of the batch function.",
    },
  );
}

const isContinuous = (node: FrameNode): node is ContinuousNode => node.continuous !== undefined;

/** The plan with another source in its place. What does not read it is shared: it is resolved once for all batches. */
export function withSource(node: FrameNode, source: FrameNode, batch: FrameNode): FrameNode {
  if (node === source) return batch;
  const inputs = node.inputs.map((input) => withSource(input, source, batch));
  return inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs };
}
