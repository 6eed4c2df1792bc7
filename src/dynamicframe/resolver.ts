/** Resolves frame nodes, each once, and holds thresholds against what happened. */
import type { RunOptions } from "../engine/index.js";
import { DynaframeError } from "../types/error.js";
import {
  errorTotal,
  stageErrors,
  stepName,
  type FrameNode,
  type FrameSession,
  type PlanAbove,
  type Resolved,
} from "./frame-node.js";
import { requireRun } from "./require-text.js";

/**
 * `above`: what will be run over the node's rows at once. An action that only asks for types or accounts gives none.
 */
export type Resolver = (node: FrameNode, run?: RunOptions, above?: PlanAbove) => Promise<Resolved>;

/** The results live as long as the nodes do; a failed resolution is not remembered. */
export function createResolver(session: FrameSession): Resolver {
  const results = new WeakMap<FrameNode, Promise<Resolved>>();
  const resolve: Resolver = async (node, run = {}, above = undefined) => {
    requireRun("an action", run);
    run.signal?.throwIfAborted();
    const known = results.get(node);
    if (known) return known;
    const result = (async () => {
      const inputs = [];
      for (const input of node.inputs) inputs.push(await resolve(input, run, above && aboveInput(node, above)));
      const resolved = await node.resolve(inputs, session, run, above);
      checkThresholds(node, resolved, inputs);
      return resolved;
    })();
    results.set(node, result);
    result.catch(() => results.delete(node));
    return result;
  };
  return resolve;
}

/** What is run over the only input of a node that adds to the plan and does nothing else. */
function aboveInput({ lower, inputs }: FrameNode, above: PlanAbove): PlanAbove | undefined {
  return lower !== undefined && inputs.length === 1 ? (rows) => above(lower([rows])) : undefined;
}

function checkThresholds(node: FrameNode, resolved: Resolved, inputs: readonly Resolved[]): void {
  const { stageThreshold = 0, totalThreshold = 0 } = node.options;
  const stage = stageErrors(resolved, inputs);
  const total = errorTotal(resolved);
  if (stageThreshold > 0 && stage > stageThreshold)
    throw exceeded("stageThreshold", node, stageThreshold, stage, resolved);
  if (totalThreshold > 0 && total > totalThreshold)
    throw exceeded("totalThreshold", node, totalThreshold, total, resolved);
}

function exceeded(
  which: string,
  node: FrameNode,
  threshold: number,
  found: number,
  resolved: Resolved,
): DynaframeError {
  const first = resolved.errors.at(-1)?.records[0];
  return new DynaframeError(
    "ERROR_THRESHOLD_EXCEEDED",
    `${stepName(node)}: ${found} error records, ${which} is ${threshold}.${first ? ` First: ${first.message}` : ""}`,
    {
      expected: `at most ${threshold}`,
      found: String(found),
      hint: "See errorsAsDynamicFrame() for the records, or raise the threshold (0 = no limit).",
    },
  );
}
