import { fireTrigger, isOver, nodeEnded, startByHand, type ChainState, type Step } from "./chain.js";
import { crawlerNode, jobNode, type NodeId, type Trigger } from "./model.js";

/** A start by hand of a job or crawler, or a trigger to fire. */
export type ChainStart =
  { readonly jobName: string } | { readonly crawlerName: string } | { readonly triggerName: string };

/** How each job and crawler ends, by node; what is not named succeeds. */
export type Outcomes = ReadonlyMap<NodeId, string>;

/** What would run, in order, if each node ended as `outcomes` says: a dry run of a chain of triggers. */
export function simulateChain(triggers: readonly Trigger[], start: ChainStart, outcomes: Outcomes): ChainState {
  return playOut(triggers, firstStep(triggers, start), outcomes);
}

/** Lets all that runs end, until nothing runs. Ends, because a node runs once. */
export function playOut(triggers: readonly Trigger[], step: Step, outcomes: Outcomes): ChainState {
  let state = step.state;
  const queue = step.starts.map(({ node }) => node);
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    const next = nodeEnded(triggers, state, node, outcomes.get(node) ?? "SUCCEEDED");
    state = next.state;
    queue.push(...next.starts.map((s) => s.node));
  }
  if (!isOver(state)) throw new Error("a node was started and never ended");
  return state;
}

function firstStep(triggers: readonly Trigger[], start: ChainStart): Step {
  if ("triggerName" in start) return fireTrigger(triggers, start.triggerName);
  return startByHand("jobName" in start ? jobNode(start.jobName) : crawlerNode(start.crawlerName));
}
