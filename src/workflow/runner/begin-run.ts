/**
 * Begins runs: by hand, by a schedule, from nodes of a run before. A run begins as a record that any runner may take.
 */
import { randomBytes } from "node:crypto";
import { getDefinition } from "../../catalog/definitions/definition.js";
import type { EntityChange, EntityStore } from "../../catalog/index.js";
import { DynaframeError } from "../../types/error.js";
import { fireTrigger } from "../chain.js";
import type { EventBatchingCondition, NodeId, Trigger } from "../model.js";
import {
  putRunProperties,
  resumeWorkflowRun,
  type RunProperties,
  startWorkflowRun,
  stopWorkflowRun,
  type WorkflowRun,
} from "../run.js";
import { fromStored, isRunning, type StoredRun, toStored } from "../store/stored-run.js";
import { getWorkflow, triggersOf, workflowRunRef } from "../store/workflow-store.js";

/** Runs of one workflow that have not ended, so that their number can be held to MaxConcurrentRuns. */
type ActiveRuns = { readonly active: readonly string[] };
const activeRef = (workflow: string) => ({ kind: "workflow-active", name: workflow });

const newRunId = (): string => `wr_${randomBytes(32).toString("hex")}`;

export type Beginning = {
  readonly id?: string;
  readonly at: number;
  readonly properties?: RunProperties;
  /** The batch of events that begins it. */
  readonly events?: EventBatchingCondition;
  /** Made with the run or not at all. */
  readonly also?: readonly EntityChange[];
};

/**
 * @throws BAD_WORKFLOW; TOO_MANY_RUNS (ConcurrentRunsExceededException); CONCURRENT_MODIFICATION when the run, or what
 * is `also` changed, was changed by another
 */
export async function beginRun(
  store: EntityStore,
  workflow: string,
  { id = newRunId(), at, properties, events, also = [] }: Beginning,
): Promise<StoredRun> {
  const definition = await getWorkflow(store, workflow);
  const { run } = startWorkflowRun(
    definition,
    (await triggersOf(store, workflow)).map(({ State: _, ...trigger }) => trigger),
    { id, at },
    properties,
  );
  return put(
    store,
    toStored(
      { ...run, ...(events === undefined ? {} : { StartingEventBatchCondition: events }) },
      { jobRuns: {}, isChain: false },
    ),
    definition.MaxConcurrentRuns,
    also,
  );
}

/** Begins the chain of a trigger that belongs to no workflow. */
export async function beginChain(
  store: EntityStore,
  name: string,
  { id = newRunId(), at, also = [] }: Beginning,
): Promise<StoredRun> {
  const triggers = (await triggersOf(store, undefined))
    .filter((trigger) => trigger.Name === name || trigger.State === "ACTIVATED")
    .map(({ State: _, ...trigger }): Trigger => trigger);
  const { state } = fireTrigger(triggers, name);
  const run: WorkflowRun = {
    Name: name,
    WorkflowRunId: id,
    WorkflowRunProperties: {},
    StartedOn: at,
    Status: "RUNNING",
    triggers,
    chain: state,
  };
  return put(store, toStored(run, { jobRuns: {}, isChain: true }), undefined, also);
}

/** A new run that starts again from nodes of a completed one. @throws BAD_RESUME */
export async function beginResumed(
  store: EntityStore,
  workflow: string,
  runId: string,
  from: readonly NodeId[],
  at: number,
): Promise<StoredRun> {
  const before = await getRun(store, workflow, runId);
  const { run } = resumeWorkflowRun(fromStored(before), from, { id: newRunId(), at });
  const copied = Object.entries(before.jobRuns).filter(([node]) => {
    const state = run.chain.nodes.get(node as NodeId);
    return state?.kind === "ended" && state.copied;
  });
  return put(
    store,
    toStored(run, { jobRuns: Object.fromEntries(copied), isChain: before.isChain }),
    (await getWorkflow(store, workflow)).MaxConcurrentRuns,
    [],
  );
}

async function put(
  store: EntityStore,
  run: StoredRun,
  most: number | undefined,
  also: readonly EntityChange[],
): Promise<StoredRun> {
  const { Name, WorkflowRunId: id } = run;
  const entity = await store.getEntity(activeRef(Name));
  const { active } = (entity?.doc ?? { active: [] }) as ActiveRuns;
  if (most !== undefined && !run.isChain && active.length >= most) {
    throw new DynaframeError("TOO_MANY_RUNS", `Workflow ${Name} runs as often at once as it may.`, {
      name: "ConcurrentRunsExceededException",
      path: Name,
      expected: `at most ${most}`,
      found: active.join(", "),
      hint: "Wait for a run to end, or stop one.",
    });
  }
  await store.changeEntities([
    { ref: workflowRunRef(Name, id), doc: run, ifVersion: 0 },
    { ref: activeRef(Name), doc: { active: [...active, id] } satisfies ActiveRuns, ifVersion: entity?.version ?? 0 },
    ...also,
  ]);
  return run;
}

export async function getRun(store: EntityStore, workflow: string, id: string): Promise<StoredRun> {
  return (await getDefinition<StoredRun>(store, workflowRunRef(workflow, id))).doc;
}

/**
 * Changes a run, and takes it from the active ones when it has ended by that; tried anew while others change it too.
 * `change` gives the same object to change nothing. @throws EntityNotFoundException, and as `change`
 */
export async function changeRun(
  store: EntityStore,
  workflow: string,
  id: string,
  change: (run: StoredRun) => StoredRun,
): Promise<StoredRun> {
  for (let attempt = 1; ; attempt++) {
    const { doc, version } = await getDefinition<StoredRun>(store, workflowRunRef(workflow, id));
    const next = change(doc);
    if (next === doc) return doc;
    const changes: EntityChange[] = [{ ref: workflowRunRef(workflow, id), doc: next, ifVersion: version }];
    if (isRunning(doc) && !isRunning(next)) {
      const entity = await store.getEntity(activeRef(workflow));
      const { active } = (entity?.doc ?? { active: [] }) as ActiveRuns;
      changes.push({
        ref: activeRef(workflow),
        doc: { active: active.filter((each) => each !== id) } satisfies ActiveRuns,
        ifVersion: entity?.version ?? 0,
      });
    }
    try {
      await store.changeEntities(changes);
      return next;
    } catch (error) {
      if (!(error instanceof DynaframeError && error.code === "CONCURRENT_MODIFICATION") || attempt >= 100) throw error;
    }
  }
}

/** Applies a step of the pure machine to a stored run. */
export const stepped = (run: StoredRun, step: (run: WorkflowRun) => WorkflowRun): StoredRun =>
  toStored(step(fromStored(run)), {
    jobRuns: run.jobRuns,
    isChain: run.isChain,
    ...(run.lease === undefined ? {} : { lease: run.lease }),
    ...(run.errors === undefined ? {} : { errors: run.errors }),
  });

/**
 * Nothing more starts, and what runs is told to stop.
 * @throws BAD_RESUME (IllegalWorkflowStateException) for a run that does not run
 */
export const stopRun = (store: EntityStore, workflow: string, id: string, at: number): Promise<StoredRun> =>
  changeRun(store, workflow, id, (run) => stepped(run, (r) => stopWorkflowRun(r, at)));

export const setRunProperties = (
  store: EntityStore,
  workflow: string,
  id: string,
  properties: RunProperties,
): Promise<StoredRun> => changeRun(store, workflow, id, (run) => stepped(run, (r) => putRunProperties(r, properties)));
