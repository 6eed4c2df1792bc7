/** What a blueprint's code gave, as changes of the catalog: checked like what people define by hand. Pure. */
import { newCrawler } from "../../crawler/named/crawler-definitions.js";
import { type CrawlerSettings, crawlerRef } from "../../crawler/named/crawler-record.js";
import type { EntityChange } from "../../catalog/index.js";
import { checkJob, type JobRecord, jobRef, type JobSettings } from "../../job/definition/job-record.js";
import { checkTrigger } from "../check-trigger.js";
import type { WorkflowDefinition } from "../define-workflow.js";
import type { Trigger } from "../model.js";
import { checkWorkflow, type Workflow } from "../run.js";
import { workflowChanges } from "../store/workflow-store.js";
import { badBlueprint, isRecord } from "./define-blueprint.js";

export type LaidOut = { readonly workflow: string; readonly changes: readonly EntityChange[] };

/**
 * `details` tell the workflow where it is from.
 * @throws BAD_BLUEPRINT, BAD_WORKFLOW, BAD_TRIGGER, InvalidInputException.
 */
export function checkLayout(answer: unknown, details: NonNullable<Workflow["BlueprintDetails"]>, now: number): LaidOut {
  if (!isRecord(answer)) throw badBlueprint("its layout gave no workflow");
  const whole = "triggers" in answer ? { workflow: answer } : answer;
  const { workflow, triggers } = definitionOf(whole["workflow"]);
  const changes = [
    ...workflowChanges({ workflow: { ...workflow, BlueprintDetails: details }, triggers }, now),
    ...entries(whole, "jobs").map(([name, settings]): EntityChange => {
      checkJob(settings as JobSettings);
      return {
        ref: jobRef(name),
        doc: { settings: { Role: "", ...settings }, active: [] } satisfies JobRecord,
        ifVersion: 0,
      };
    }),
    ...entries(whole, "crawlers").map(([name, settings]): EntityChange => {
      if (!isRecord(settings["Targets"])) throw badBlueprint(`its crawler ${name} has no Targets`);
      return {
        ref: crawlerRef(name),
        doc: newCrawler({ ...(settings as Omit<CrawlerSettings, "Name">), Name: name }),
        ifVersion: 0,
      };
    }),
  ];
  return { workflow: workflow.Name, changes };
}

function definitionOf(value: unknown): WorkflowDefinition {
  if (!isRecord(value) || !isRecord(value["workflow"]) || !Array.isArray(value["triggers"]))
    throw badBlueprint("its layout gave no workflow as defineWorkflow makes them");
  const workflow = value["workflow"];
  const { Name: name } = workflow;
  if (typeof name !== "string" || name === "" || name.length > 255) throw badBlueprint("its workflow has no name");
  for (const trigger of value["triggers"] as readonly unknown[]) {
    if (
      !isRecord(trigger)
      || typeof trigger["Name"] !== "string"
      || !Array.isArray(trigger["Actions"])
      || trigger["WorkflowName"] !== name
    )
      throw badBlueprint("one of its triggers is none of its workflow");
  }
  const triggers = value["triggers"] as readonly Trigger[];
  triggers.forEach(checkTrigger);
  checkWorkflow(name, triggers);
  return { workflow: workflow as unknown as Workflow, triggers };
}

function entries(
  whole: { readonly [member: string]: unknown },
  member: string,
): readonly (readonly [string, { readonly [setting: string]: unknown }])[] {
  const value = whole[member] ?? {};
  if (!isRecord(value)) throw badBlueprint(`its ${member} are no object`);
  return Object.entries(value).map(([name, settings]) => {
    if (name === "" || name.length > 255 || !isRecord(settings))
      throw badBlueprint(`one of its ${member} has no name or no settings`);
    return [name, settings] as const;
  });
}
