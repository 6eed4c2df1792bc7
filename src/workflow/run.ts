/**
 * A run of a workflow: pure functions over one frozen record; clock and ids are the caller's. Shapes of the Glue API.
 */
import { DynaframeError } from "../types/error.js";
import { fireTrigger, isOver, nodeEnded, resumeFrom, type ChainState, type Start, type Step } from "./chain.js";
import { started, type EventBatchingCondition, type NodeId, type Trigger } from "./model.js";

/** Texts by name that the nodes of a run share. */
export type RunProperties = { readonly [name: string]: string };
/** A workflow as Glue's API has it; its triggers name it. */
export type Workflow = {
  readonly Name: string;
  readonly Description?: string;
  readonly DefaultRunProperties?: RunProperties;
  readonly MaxConcurrentRuns?: number;
  /** The blueprint that laid it out. */
  readonly BlueprintDetails?: { readonly BlueprintName: string; readonly RunId: string };
};
/** COMPLETED even when nodes failed; ERROR only when the run itself could not go on. */
export type WorkflowStatus = "RUNNING" | "COMPLETED" | "STOPPING" | "STOPPED" | "ERROR";
/** A run of a workflow: frozen data, moved on by the functions of this file. */
export type WorkflowRun = {
  readonly Name: string;
  readonly WorkflowRunId: string;
  readonly PreviousRunId?: string;
  readonly WorkflowRunProperties: RunProperties;
  /** Milliseconds since the epoch. */
  readonly StartedOn: number;
  readonly CompletedOn?: number;
  readonly Status: WorkflowStatus;
  /** The triggers as they were when the run started; later changes do not touch it. */
  readonly triggers: readonly Trigger[];
  readonly chain: ChainState;
  /** The batch of events that began it. */
  readonly StartingEventBatchCondition?: EventBatchingCondition;
};
/**
 * The id of a new run, and when it starts in milliseconds since the epoch: the caller's, so that runs can be repeated.
 */
export type RunIdentity = { readonly id: string; readonly at: number };
/** The run after an event, and the nodes to start. */
export type RunStep = { readonly run: WorkflowRun; readonly starts: readonly Start[] };

/**
 * Starts a run by its start trigger: the one that is on demand or scheduled.
 * @throws BAD_WORKFLOW when there is none, or several.
 */
export function startWorkflowRun(
  workflow: Workflow,
  triggers: readonly Trigger[],
  { id, at }: RunIdentity,
  properties: RunProperties = {},
): RunStep {
  checkWorkflow(workflow.Name, triggers);
  const first = startTrigger(workflow.Name, triggers);
  return entered(
    {
      Name: workflow.Name,
      WorkflowRunId: id,
      WorkflowRunProperties: Object.freeze({ ...workflow.DefaultRunProperties, ...properties }),
      StartedOn: at,
      Status: "RUNNING",
      triggers,
    },
    fireTrigger(triggers, first.Name),
    at,
  );
}

/** A node of the run ended; the nodes that follow are to be started unless the run is being stopped. */
export function runNodeEnded(run: WorkflowRun, node: NodeId, state: string, at: number): RunStep {
  const step = run.Status === "STOPPING" ? stopping(run, node, state) : nodeEnded(run.triggers, run.chain, node, state);
  return entered(run, step, at);
}

/** Changes properties of this run alone; the workflow's defaults stay. */
export function putRunProperties(run: WorkflowRun, properties: RunProperties): WorkflowRun {
  return Object.freeze({
    ...run,
    WorkflowRunProperties: Object.freeze({ ...run.WorkflowRunProperties, ...properties }),
  });
}

/** Nothing more starts; the run is STOPPED once what runs has ended. @throws BAD_RESUME for a run that does not run */
export function stopWorkflowRun(run: WorkflowRun, at: number): WorkflowRun {
  if (run.Status !== "RUNNING")
    throw illegal(run, `Run ${run.WorkflowRunId} is ${run.Status}.`, "Only a running run can be stopped.");
  return entered({ ...run, Status: "STOPPING" }, { state: run.chain, starts: [] }, at).run;
}

/**
 * A new run that starts again from nodes of a completed one; see `resumeFrom`.
 * @throws BAD_RESUME for one that is not completed
 */
export function resumeWorkflowRun(run: WorkflowRun, from: readonly NodeId[], { id, at }: RunIdentity): RunStep {
  if (run.Status !== "COMPLETED")
    throw illegal(run, `Run ${run.WorkflowRunId} is ${run.Status}.`, "Only a completed run can be resumed.");
  const { CompletedOn: _, ...rest } = run;
  return entered(
    { ...rest, WorkflowRunId: id, PreviousRunId: run.WorkflowRunId, StartedOn: at, Status: "RUNNING" },
    resumeFrom(run.triggers, run.chain, from),
    at,
  );
}

/** Counts of the run's actions, as GetWorkflowRun gives them. */
export function runStatistics({ chain, triggers }: WorkflowRun): {
  readonly TotalActions: number;
  readonly SucceededActions: number;
  readonly FailedActions: number;
  readonly TimeoutActions: number;
  readonly StoppedActions: number;
  readonly RunningActions: number;
} {
  const runs = [...chain.nodes.values()];
  const ended = (...states: string[]): number =>
    runs.filter((r) => r.kind === "ended" && states.includes(r.state)).length;
  return Object.freeze({
    TotalActions: new Set(triggers.flatMap((t) => t.Actions.map(started))).size,
    SucceededActions: ended("SUCCEEDED"),
    FailedActions: ended("FAILED", "ERROR"),
    TimeoutActions: ended("TIMEOUT"),
    StoppedActions: ended("STOPPED", "CANCELLED"),
    RunningActions: runs.filter((r) => r.kind === "running").length,
  });
}

/**
 * A graph without a circle, all of it reached from one start.
 * @throws BAD_WORKFLOW naming the circle or what is not reached.
 */
export function checkWorkflow(name: string, triggers: readonly Trigger[]): void {
  startTrigger(name, triggers);
  const next = (node: NodeId): readonly NodeId[] =>
    triggers
      .filter((t) =>
        t.Predicate?.Conditions.some(
          (c) => (c.JobName === undefined ? `crawler:${c.CrawlerName ?? ""}` : `job:${c.JobName}`) === node,
        ),
      )
      .flatMap((t) => t.Actions.map(started));
  const done = new Set<NodeId>();
  for (const start of new Set(triggers.flatMap((t) => t.Actions.map(started)))) {
    const path: NodeId[] = [];
    const walk = (node: NodeId): void => {
      if (path.includes(node))
        throw badWorkflow(
          name,
          `its triggers run in a circle: ${[...path.slice(path.indexOf(node)), node].join(" → ")}`,
        );
      if (done.has(node)) return;
      path.push(node);
      next(node).forEach(walk);
      path.pop();
      done.add(node);
    };
    walk(start);
  }
}

function startTrigger(name: string, triggers: readonly Trigger[]): Trigger {
  const starts = triggers.filter((t) => t.Type !== "CONDITIONAL");
  const [only] = starts;
  if (only && starts.length === 1) return only;
  throw badWorkflow(
    name,
    only ? `several triggers start it: ${starts.map((t) => t.Name).join(", ")}` : "no trigger starts it",
  );
}

/** While stopping, an end is noted and nothing follows. */
function stopping(run: WorkflowRun, node: NodeId, state: string): Step {
  return { state: nodeEnded([], run.chain, node, state).state, starts: [] };
}

function entered(run: Omit<WorkflowRun, "chain">, { state, starts }: Step, at: number): RunStep {
  const over = starts.length === 0 && isOver(state);
  const status = !over
    ? run.Status
    : run.Status === "STOPPING"
      ? "STOPPED"
      : run.Status === "RUNNING"
        ? "COMPLETED"
        : run.Status;
  const ended = over && run.CompletedOn === undefined ? { CompletedOn: at } : {};
  return { run: Object.freeze({ ...run, ...ended, Status: status, chain: state }), starts };
}

const illegal = (run: WorkflowRun, message: string, hint: string): DynaframeError =>
  new DynaframeError("BAD_RESUME", message, {
    name: "IllegalWorkflowStateException",
    path: run.WorkflowRunId,
    found: run.Status,
    hint,
  });
const badWorkflow = (name: string, why: string): DynaframeError =>
  new DynaframeError("BAD_WORKFLOW", `Workflow ${name} cannot run: ${why}.`, {
    name: "InvalidInputException",
    path: name,
    hint: "A workflow is an acyclic graph that one on-demand, scheduled or event trigger starts.",
  });
