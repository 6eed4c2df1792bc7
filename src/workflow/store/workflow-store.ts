/** Workflows, their triggers and runs as entities of a catalog. */
import { allDefinitions, createDefinition, getDefinition } from "../../catalog/definitions/definition.js";
import type { Entity, EntityChange, EntityStore } from "../../catalog/index.js";
import { alreadyExists } from "../../catalog/catalog-errors.js";
import { DynaframeError } from "../../types/error.js";
import type { WorkflowDefinition } from "../define-workflow.js";
import type { Trigger } from "../model.js";
import type { Workflow } from "../run.js";
import type { StoredRun } from "./stored-run.js";

/** The name is the entity's. */
export type TriggerRecord = {
  readonly settings: Omit<Trigger, "Name">;
  readonly state: "CREATED" | "ACTIVATED" | "DEACTIVATED";
};
/** `last`: the time of the schedule that was fired last, in milliseconds; before the first, the time of activation. */
export type ScheduleState = { readonly last: number };

const workflowRef = (name: string) => ({ kind: "workflow", name });
export const triggerRef = (name: string) => ({ kind: "trigger", name });
export const scheduleRef = (trigger: string) => ({ kind: "trigger-schedule", name: trigger });
export const workflowRunRef = (workflow: string, id: string) => ({ kind: "workflow-run", scope: workflow, name: id });

const settingsOf = ({ Name: _, ...settings }: Trigger): Omit<Trigger, "Name"> => settings;

/**
 * The workflow with all its triggers, in one change; a scheduled trigger is active from `now` on.
 * @throws AlreadyExistsException
 */
export async function createWorkflow(store: EntityStore, definition: WorkflowDefinition, now: number): Promise<void> {
  const { Name } = definition.workflow;
  try {
    await store.changeEntities(workflowChanges(definition, now));
  } catch (error) {
    if (!(error instanceof DynaframeError && error.code === "CONCURRENT_MODIFICATION")) throw error;
    throw alreadyExists(`Workflow ${Name} or one of its triggers already exists`, { path: Name });
  }
}

/** What `createWorkflow` writes. */
export function workflowChanges({ workflow, triggers }: WorkflowDefinition, now: number): readonly EntityChange[] {
  const { Name, ...settings } = workflow;
  const changes: EntityChange[] = [{ ref: workflowRef(Name), doc: settings, ifVersion: 0 }];
  for (const trigger of triggers) {
    const isOnDemand = trigger.Type === "ON_DEMAND"; // such a trigger never leaves CREATED
    changes.push({
      ref: triggerRef(trigger.Name),
      doc: { settings: settingsOf(trigger), state: isOnDemand ? "CREATED" : "ACTIVATED" } satisfies TriggerRecord,
      ifVersion: 0,
    });
    if (trigger.Type === "SCHEDULED")
      changes.push({ ref: scheduleRef(trigger.Name), doc: { last: now } satisfies ScheduleState });
  }
  return changes;
}

/** Its triggers go with it; its runs stay. @throws EntityNotFoundException */
export async function deleteWorkflow(store: EntityStore, name: string): Promise<void> {
  await getDefinition(store, workflowRef(name));
  const triggers = await triggersOf(store, name);
  await store.changeEntities([
    { ref: workflowRef(name) },
    ...triggers.flatMap((trigger) => [
      { ref: triggerRef(trigger.Name) },
      { ref: scheduleRef(trigger.Name) },
      { ref: { kind: "trigger-events", name: trigger.Name } },
    ]),
  ]);
}

/** A trigger on its own. @throws AlreadyExistsException */
export async function createTrigger(store: EntityStore, trigger: Trigger): Promise<void> {
  await createDefinition(store, triggerRef(trigger.Name), {
    settings: settingsOf(trigger),
    state: "CREATED",
  } satisfies TriggerRecord);
}

export async function getWorkflow(store: EntityStore, name: string): Promise<Workflow> {
  const { doc } = await getDefinition<Omit<Workflow, "Name">>(store, workflowRef(name));
  return { ...doc, Name: name };
}

export const triggerOf = ({
  name,
  doc,
}: Entity<TriggerRecord>): Trigger & { readonly State: TriggerRecord["state"] } => ({
  ...doc.settings,
  Name: name,
  State: doc.state,
});

/** The triggers of a workflow; with undefined those that belong to none. */
export async function triggersOf(
  store: EntityStore,
  workflow: string | undefined,
): Promise<readonly (Trigger & { readonly State: TriggerRecord["state"] })[]> {
  return (await allDefinitions<TriggerRecord>(store, { kind: "trigger" }))
    .map(triggerOf)
    .filter((trigger) => (trigger.WorkflowName ?? "") === (workflow ?? ""));
}

/**
 * Activates or deactivates; a schedule counts from `now` on.
 * @throws EntityNotFoundException; BAD_TRIGGER for an on-demand trigger, which is neither
 */
export async function setTriggerState(store: EntityStore, name: string, isActive: boolean, now: number): Promise<void> {
  const { doc, version } = await getDefinition<TriggerRecord>(store, triggerRef(name));
  if (doc.settings.Type === "ON_DEMAND") {
    throw new DynaframeError("BAD_TRIGGER", `${name} is an on-demand trigger: it is started, not activated.`, {
      name: "InvalidInputException",
      path: name,
      hint: "Start it, or its workflow.",
    });
  }
  if ((doc.state === "ACTIVATED") === isActive) return;
  await store.changeEntities([
    {
      ref: triggerRef(name),
      doc: { ...doc, state: isActive ? "ACTIVATED" : "DEACTIVATED" } satisfies TriggerRecord,
      ifVersion: version,
    },
    ...(isActive && doc.settings.Type === "SCHEDULED"
      ? [{ ref: scheduleRef(name), doc: { last: now } satisfies ScheduleState }]
      : []),
  ]);
}

/** Runs of a workflow, or all, newest first. */
export async function listRuns(
  store: EntityStore,
  workflow: string | undefined,
  most: number,
): Promise<readonly StoredRun[]> {
  const { items } = await store.listEntities(
    { kind: "workflow-run", ...(workflow === undefined ? {} : { scope: workflow }) },
    { newestFirst: true, maxResults: Math.min(most, 1000) },
  );
  return items.map(({ doc }) => doc as StoredRun);
}
