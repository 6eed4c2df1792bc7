/**
 * Event triggers: events are gathered, and a batch of them begins the workflow, when it is full or its time is over
 * (AWS Glue developer guide, "Starting a workflow with an EventBridge event"). Whoever hears of events tells them:
 * `dynaframe trigger notify`, or a program.
 */
import { allDefinitions, getDefinition } from "../../catalog/definitions/definition.js";
import type { EntityRef, EntityStore } from "../../catalog/index.js";
import { DynaframeError } from "../../types/error.js";
import { triggerRef, type TriggerRecord } from "../store/workflow-store.js";
import { beginRun } from "./begin-run.js";

/** Events that wait; `since`: when the first of them came, in milliseconds. */
type EventBatch = { readonly count: number; readonly since: number };

const batchRef = (trigger: string): EntityRef => ({ kind: "trigger-events", name: trigger });
/** Glue's default and most, in seconds. */
const LONGEST_WINDOW_S = 900;
const ATTEMPTS = 50;

export type EventOutcome = { readonly waiting: number; /** The run that they began. */ readonly runId?: string };

/**
 * Counts events of a trigger; begins the workflow's run when its batch is full.
 * @throws BAD_TRIGGER for one that is no active event trigger of a workflow
 */
export async function notifyTrigger(
  store: EntityStore,
  name: string,
  events: number,
  now: number,
): Promise<EventOutcome> {
  for (let attempt = 1; ; attempt++) {
    const { doc } = await getDefinition<TriggerRecord>(store, triggerRef(name));
    checkHears(name, doc);
    const before = await store.getEntity(batchRef(name));
    const batch = before?.doc as EventBatch | undefined;
    const next: EventBatch = { count: (batch?.count ?? 0) + events, since: batch?.since ?? now };
    try {
      await store.changeEntities([{ ref: batchRef(name), doc: next, ifVersion: before?.version ?? 0 }]);
      return await fireBatch(store, name, doc, now);
    } catch (error) {
      if (!(error instanceof DynaframeError && error.code === "CONCURRENT_MODIFICATION") || attempt >= ATTEMPTS)
        throw error;
    }
  }
}

/** Begins the runs of batches whose time is over, and of those for which there was no room before; their ids. */
export async function fireBatches(store: EntityStore, now: number): Promise<readonly string[]> {
  const begun: string[] = [];
  for (const { name } of await allDefinitions<EventBatch>(store, { kind: "trigger-events" })) {
    const trigger = (await store.getEntity(triggerRef(name)))?.doc as TriggerRecord | undefined;
    // they wait until it is active again
    if (trigger?.state !== "ACTIVATED" || trigger.settings.Type !== "EVENT") continue;
    const { runId } = await fireBatch(store, name, trigger, now);
    if (runId !== undefined) begun.push(runId);
  }
  return begun;
}

async function fireBatch(
  store: EntityStore,
  name: string,
  { settings }: TriggerRecord,
  now: number,
): Promise<EventOutcome> {
  const entity = await store.getEntity(batchRef(name));
  if (entity === undefined) return { waiting: 0 };
  const { count, since } = entity.doc as EventBatch;
  const { BatchSize = 1, BatchWindow = LONGEST_WINDOW_S } = settings.EventBatchingCondition ?? {};
  if (count < BatchSize && now - since < BatchWindow * 1000) return { waiting: count };
  try {
    const { WorkflowRunId } = await beginRun(store, settings.WorkflowName ?? "", {
      at: now,
      also: [{ ref: batchRef(name), ifVersion: entity.version }],
      events: { BatchSize: count, BatchWindow: Math.min(BatchWindow, Math.max(0, Math.round((now - since) / 1000))) },
    });
    return { waiting: 0, runId: WorkflowRunId };
  } catch (error) {
    // another was quicker, or there is no room now: the next look sees to it
    if (!(error instanceof DynaframeError && ["CONCURRENT_MODIFICATION", "TOO_MANY_RUNS"].includes(error.code)))
      throw error;
    return { waiting: count };
  }
}

function checkHears(name: string, { settings, state }: TriggerRecord): void {
  if (settings.Type === "EVENT" && settings.WorkflowName !== undefined && state === "ACTIVATED") return;
  const why =
    settings.Type !== "EVENT"
      ? `is ${settings.Type}`
      : state !== "ACTIVATED"
        ? "is not active"
        : "belongs to no workflow";
  throw new DynaframeError("BAD_TRIGGER", `Trigger ${name} hears no events: it ${why}.`, {
    name: "InvalidInputException",
    path: name,
    hint: "Notify an active EVENT trigger of a workflow.",
  });
}
