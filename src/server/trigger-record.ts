/** Triggers as the catalog keeps them, and what Glue lets them hold. */
import { checkCronExpression } from "../catalog/definitions/cron-expression.js";
import { hasDefinition } from "../catalog/definitions/definition.js";
import type { EntityStore } from "../catalog/index.js";
import { invalidInput } from "../catalog/catalog-errors.js";

type Action = { readonly JobName?: string; readonly CrawlerName?: string; readonly Arguments?: { readonly [name: string]: string }; readonly Timeout?: number };
type Condition = { readonly LogicalOperator?: string; readonly JobName?: string; readonly State?: string; readonly CrawlerName?: string; readonly CrawlState?: string };

export type TriggerSettings = {
  readonly Type: "SCHEDULED" | "CONDITIONAL" | "ON_DEMAND" | "EVENT"; readonly Actions: readonly Action[]; readonly Schedule?: string; readonly WorkflowName?: string; readonly Description?: string;
  readonly Predicate?: { readonly Logical?: "AND" | "ANY"; readonly Conditions?: readonly Condition[] }; readonly EventBatchingCondition?: object;
};

export type TriggerRecord = { readonly settings: TriggerSettings; readonly state: "CREATED" | "ACTIVATED" | "DEACTIVATED" };

export const triggerRef = (name: string) => ({ kind: "trigger", name });

const MAX_CRAWLERS = 2;

/** @throws InvalidInputException with the member that Glue would refuse. */
export async function checkTrigger(store: EntityStore, { Type, Actions, Schedule, Predicate, WorkflowName }: TriggerSettings, startOnCreation: boolean): Promise<void> {
  const wrong = (path: string, message: string): Error => invalidInput(message, { path });
  if (Actions.length === 0) throw wrong("Actions", "A trigger needs at least one action");
  if (Actions.some(({ JobName, CrawlerName }) => (JobName === undefined) === (CrawlerName === undefined))) throw wrong("Actions", "An action names either a job or a crawler");
  if (Actions.filter(({ CrawlerName }) => CrawlerName !== undefined).length > MAX_CRAWLERS) throw wrong("Actions", `A trigger starts at most ${MAX_CRAWLERS} crawlers`);
  if (Type === "SCHEDULED") {
    if (Schedule === undefined) throw wrong("Schedule", "A scheduled trigger needs a Schedule");
    checkCronExpression(Schedule);
  } else if (Schedule !== undefined && Schedule !== "") throw wrong("Schedule", `A trigger of type ${Type} has no Schedule`);
  const { Conditions: conditions = [], Logical: logical } = Predicate ?? {};
  if (Type === "CONDITIONAL" && conditions.length === 0) throw wrong("Predicate", "A conditional trigger needs a Predicate with conditions");
  if (conditions.length > 1 && logical === undefined) throw wrong("Predicate.Logical", "Several conditions need Logical");
  conditions.forEach(checkCondition);
  if (Type === "ON_DEMAND" && startOnCreation) throw wrong("StartOnCreation", "An on-demand trigger cannot start on creation");
  if (WorkflowName !== undefined && !await hasDefinition(store, { kind: "workflow", name: WorkflowName })) throw wrong("WorkflowName", `There is no workflow ${WorkflowName}`);
}

// where a condition names both, the job counts
function checkCondition({ LogicalOperator, JobName, State, CrawlerName, CrawlState }: Condition): void {
  const wrong = (message: string): Error => invalidInput(message, { path: "Predicate.Conditions" });
  if (LogicalOperator !== undefined && LogicalOperator !== "EQUALS") throw wrong("LogicalOperator must be EQUALS");
  if (JobName === undefined && CrawlerName === undefined) throw wrong("A condition names a job or a crawler");
  if (JobName !== undefined ? State === undefined : CrawlState === undefined) throw wrong(JobName !== undefined ? "A condition on a job needs State" : "A condition on a crawler needs CrawlState");
}
