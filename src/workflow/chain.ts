/**
 * What follows from what: a pure state machine over triggers. Each event gives a new state and the nodes to start;
 * starting them, waiting and keeping the state are its caller's. The same machine runs a workflow, a chain of triggers
 * outside one, and a dry run of either.
 *
 * Rules (docs/sources.md#workflows): a conditional trigger hears only of jobs and crawlers that a trigger started, so a
 * chain descends from one scheduled, on-demand or event trigger; it fires once in a chain; a node runs at most once in
 * a chain.
 */
import { DynaframeError } from "../types/error.js";
import { awaitedState, started, watched, type Action, type NodeId, type Trigger } from "./model.js";

/** A node of a chain that was started, and how it ended. */
export type NodeRun =
  | { readonly kind: "running"; readonly trigger: string | undefined }
  /** `copied`: it ran in the run that this one resumes. */
  | { readonly kind: "ended"; readonly state: string; readonly trigger: string | undefined; readonly copied: boolean };

/** How far a chain has come: its nodes, and the triggers that have fired. */
export type ChainState = { readonly nodes: ReadonlyMap<NodeId, NodeRun>; readonly fired: ReadonlySet<string> };

/** A node to start, by which trigger's action; a start by hand has neither. */
export type Start = { readonly node: NodeId; readonly trigger?: string; readonly action?: Action };
/** What an event led to: the new state, and the nodes to start. */
export type Step = { readonly state: ChainState; readonly starts: readonly Start[] };

const EMPTY: ChainState = Object.freeze({ nodes: new Map<NodeId, NodeRun>(), fired: new Set<string>() });

/**
 * Fires a trigger by hand or by the clock.
 * @throws TRIGGER_NOT_FOUND; BAD_TRIGGER for a conditional one, which only its conditions fire.
 */
export function fireTrigger(triggers: readonly Trigger[], name: string): Step {
  const trigger = triggers.find((t) => t.Name === name);
  if (!trigger)
    throw new DynaframeError("TRIGGER_NOT_FOUND", `There is no trigger ${name}.`, {
      name: "EntityNotFoundException",
      path: name,
      hint: "List the triggers.",
    });
  if (trigger.Type === "CONDITIONAL") {
    throw new DynaframeError("BAD_TRIGGER", `${name} is a conditional trigger: only its conditions fire it.`, {
      name: "InvalidInputException",
      path: name,
      hint: "Fire the trigger at the start of its chain.",
    });
  }
  return fire(EMPTY, [trigger]);
}

/** Starts a node by hand. Nothing follows from it: its end is not heard by conditional triggers. */
export function startByHand(node: NodeId): Step {
  return {
    state: { nodes: new Map([[node, { kind: "running", trigger: undefined }]]), fired: new Set() },
    starts: [{ node }],
  };
}

/** A node ended. Ends of nodes that are not running change nothing, so that news may come twice. */
export function nodeEnded(triggers: readonly Trigger[], state: ChainState, node: NodeId, end: string): Step {
  const run = state.nodes.get(node);
  if (run?.kind !== "running") return { state, starts: [] };
  const nodes = new Map(state.nodes).set(node, { kind: "ended", state: end, trigger: run.trigger, copied: false });
  return fire(
    { ...state, nodes },
    triggers.filter(
      (t) => run.trigger !== undefined && t.Type === "CONDITIONAL" && !state.fired.has(t.Name) && holds(t, nodes, node),
    ),
  );
}

/** True when nothing runs any more. */
export const isOver = (state: ChainState): boolean => [...state.nodes.values()].every((run) => run.kind === "ended");

/** Whether the end of `node` made the trigger's predicate true. */
function holds({ Predicate }: Trigger, nodes: ReadonlyMap<NodeId, NodeRun>, node: NodeId): boolean {
  const conditions = Predicate?.Conditions ?? [];
  if (!conditions.some((condition) => watched(condition) === node)) return false;
  const isMet = (condition: (typeof conditions)[number]): boolean => {
    const run = nodes.get(watched(condition));
    return run?.kind === "ended" && (run.trigger !== undefined || run.copied) && run.state === awaitedState(condition);
  };
  return Predicate?.Logical === "ANY" ? conditions.some(isMet) : conditions.every(isMet);
}

function fire(state: ChainState, triggers: readonly Trigger[]): Step {
  const nodes = new Map(state.nodes);
  const starts: Start[] = [];
  for (const trigger of triggers) {
    for (const action of trigger.Actions) {
      const node = started(action);
      if (nodes.has(node)) continue;
      nodes.set(node, { kind: "running", trigger: trigger.Name });
      starts.push({ node, trigger: trigger.Name, action });
    }
  }
  return { state: { nodes, fired: new Set([...state.fired, ...triggers.map((t) => t.Name)]) }, starts };
}

/** All nodes that can come after these by any outcome, themselves included. */
export function downstream(triggers: readonly Trigger[], nodes: readonly NodeId[]): ReadonlySet<NodeId> {
  const reached = new Set(nodes);
  for (let before = -1; before !== reached.size;) {
    before = reached.size;
    for (const { Predicate, Actions } of triggers) {
      if (Predicate?.Conditions.some((condition) => reached.has(watched(condition))))
        for (const action of Actions) reached.add(started(action));
    }
  }
  return reached;
}

/**
 * Resumes an ended run from nodes that ran in it: they start again, what can come after them is forgotten and follows
 * anew, and the ends of all other nodes are copied.
 * @throws BAD_RESUME when a node did not run, or none is named.
 */
export function resumeFrom(triggers: readonly Trigger[], ended: ChainState, from: readonly NodeId[]): Step {
  if (from.length === 0) throw badResume("", "No node to resume from was named.");
  for (const node of from)
    if (ended.nodes.get(node)?.kind !== "ended") throw badResume(node, `${node} did not run in that run.`);
  const again = downstream(triggers, from);
  const first = new Set(from);
  const nodes = new Map<NodeId, NodeRun>();
  for (const [node, run] of ended.nodes) {
    if (first.has(node)) nodes.set(node, { kind: "running", trigger: run.trigger ?? "" });
    else if (!again.has(node) && run.kind === "ended") nodes.set(node, { ...run, copied: true });
  }
  const isAgain = (trigger: Trigger): boolean =>
    trigger.Actions.some((action) => again.has(started(action)) && !first.has(started(action)));
  const fired = new Set([...ended.fired].filter((name) => !triggers.some((t) => t.Name === name && isAgain(t))));
  return {
    state: { nodes, fired },
    starts: from.map((node) => startOf(triggers, node, ended.nodes.get(node)?.trigger)),
  };
}

/** The start of a node by the trigger that started it before. */
function startOf(triggers: readonly Trigger[], node: NodeId, name: string | undefined): Start {
  const trigger = triggers.find((t) => t.Name === name);
  const action = trigger?.Actions.find((a) => started(a) === node);
  return { node, ...(trigger && action ? { trigger: trigger.Name, action } : {}) };
}

const badResume = (path: string, message: string): DynaframeError =>
  new DynaframeError("BAD_RESUME", message, {
    name: "IllegalWorkflowStateException",
    path,
    hint: "Resume from jobs or crawlers that ran in the run.",
  });
