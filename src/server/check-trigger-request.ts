/** What Glue's API asks of a trigger beyond what runs need. */
import { invalidInput } from "../catalog/catalog-errors.js";
import { hasDefinition } from "../catalog/definitions/definition.js";
import type { EntityStore } from "../catalog/index.js";
import { checkTrigger } from "../workflow/check-trigger.js";
import type { Trigger } from "../workflow/model.js";

/** @throws InvalidInputException with the member that Glue would refuse. */
export async function checkTriggerRequest(
  store: EntityStore,
  trigger: Trigger,
  startOnCreation: boolean,
): Promise<void> {
  const { Type, Predicate, WorkflowName } = trigger;
  const wrong = (path: string, message: string): Error => invalidInput(message, { path });
  checkTrigger(trigger);
  if ((Predicate?.Conditions ?? []).length > 1 && Predicate?.Logical === undefined)
    throw wrong("Predicate.Logical", "Several conditions need Logical");
  if (Type === "ON_DEMAND" && startOnCreation)
    throw wrong("StartOnCreation", "An on-demand trigger cannot start on creation");
  if (WorkflowName !== undefined && !(await hasDefinition(store, { kind: "workflow", name: WorkflowName })))
    throw wrong("WorkflowName", `There is no workflow ${WorkflowName}`);
}
