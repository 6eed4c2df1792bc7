/** Workflows as code: nodes that name what they come after; their triggers follow from that. */
import { requireOptions, requireTexts } from "../dynamicframe/require-text.js";
import { DynaframeError } from "../types/error.js";
import type { JobArguments } from "../job/effective-arguments.js";
import { checkTrigger } from "./check-trigger.js";
import type { Condition, Trigger } from "./model.js";
import { checkWorkflow, type RunProperties, type Workflow } from "./run.js";

/** What a node waits for: nodes that must succeed, or each with the state that it must end in. */
export type After<Name extends string> =
  readonly Name[] | { readonly [N in Name]?: "SUCCEEDED" | "FAILED" | "STOPPED" | "TIMEOUT" | "CANCELLED" };

type Waits<Name extends string> = {
  /** Absent: it starts with the run. */
  readonly after?: After<Name>;
  /** Whether all of `after` must have come true, or one is enough; default all. */
  readonly when?: "all" | "any";
};
/** A node that runs a job, with arguments of its own. */
export type JobNode<Name extends string> = Waits<Name> & {
  readonly job: string;
  readonly arguments?: JobArguments;
  /** Minutes. */ readonly timeout?: number;
};
/** A node that runs a crawler. */
export type CrawlerNode<Name extends string> = Waits<Name> & { readonly crawler: string };

/** A workflow as its nodes and what each waits for. */
export type WorkflowSpec<Name extends string> = {
  /** Name of the workflow. */
  readonly name: string;
  /** Kept with it. */
  readonly description?: string;
  /** `cron(min hour dom month dow year)`, UTC; absent: it is started on demand. */
  readonly schedule?: string;
  /** Defaults of the run's properties. */
  readonly properties?: RunProperties;
  /** Runs at once; default: any number. */
  readonly maxConcurrentRuns?: number;
  /** Its nodes by names of their own, which `after` uses. */
  readonly nodes: { readonly [N in Name]: JobNode<NoInfer<Name>> | CrawlerNode<NoInfer<Name>> };
};

/** A workflow with its triggers, as the catalog takes them. */
export type WorkflowDefinition = { readonly workflow: Workflow; readonly triggers: readonly Trigger[] };

/**
 * A workflow and its triggers, checked. Nodes with the same conditions share a trigger; each job and crawler is one
 * node.
 * @throws BAD_WORKFLOW for a circle, an unknown node, two nodes of one job, or no node that starts; BAD_SCHEDULE
 * @example
 * const nightly = defineWorkflow({
 *   name: "nightly",
 *   schedule: "cron(0 2 * * ? *)",
 *   nodes: {
 *     raw: { crawler: "raw" },
 *     clean: { job: "clean", after: ["raw"] },
 *     alarm: { job: "alarm", after: { clean: "FAILED" } },
 *   },
 * });
 */
export function defineWorkflow<const Name extends string>(spec: WorkflowSpec<Name>): WorkflowDefinition {
  requireTexts("defineWorkflow", spec, "name");
  requireOptions("defineWorkflow: nodes", spec.nodes);
  const { name, description, schedule, properties, maxConcurrentRuns } = spec;
  const nodes = Object.entries(spec.nodes) as (readonly [string, JobNode<string> | CrawlerNode<string>])[];
  const byName = new Map(nodes);
  const targets = nodes.map(([, node]) => ("job" in node ? `job ${node.job}` : `crawler ${node.crawler}`));
  const twice = targets.find((target, i) => targets.indexOf(target) !== i);
  if (twice !== undefined)
    throw bad(
      name,
      `two nodes are the ${twice}`,
      "A job or crawler is one node of a workflow; define it twice under two names.",
    );
  const groups = new Map<
    string,
    {
      readonly conditions: readonly Condition[];
      readonly any: boolean;
      readonly nodes: (JobNode<string> | CrawlerNode<string>)[];
    }
  >();
  for (const [key, node] of nodes) {
    const conditions = statesOf(node.after).map(([before, state]) =>
      conditionOn(name, key, before, byName.get(before), state),
    );
    const any = node.when === "any" && conditions.length > 1;
    const id = JSON.stringify([conditions, any]);
    groups.set(id, { conditions, any, nodes: [...(groups.get(id)?.nodes ?? []), node] });
  }
  const triggers = [...groups.values()].map(({ conditions, any, nodes: started }, i): Trigger => ({
    Name: conditions.length === 0 ? `${name}-start` : `${name}-${i + 1}`,
    WorkflowName: name,
    Actions: started.map(actionOf),
    ...(conditions.length === 0
      ? schedule === undefined
        ? { Type: "ON_DEMAND" }
        : { Type: "SCHEDULED", Schedule: schedule }
      : { Type: "CONDITIONAL", Predicate: { Logical: any ? "ANY" : "AND", Conditions: conditions } }),
  }));
  triggers.forEach(checkTrigger);
  checkWorkflow(name, triggers);
  const workflow: Workflow = {
    Name: name,
    ...(description === undefined ? {} : { Description: description }),
    ...(properties === undefined ? {} : { DefaultRunProperties: properties }),
    ...(maxConcurrentRuns === undefined ? {} : { MaxConcurrentRuns: maxConcurrentRuns }),
  };
  return Object.freeze({ workflow, triggers });
}

function statesOf(after: After<string> | undefined): readonly (readonly [string, string])[] {
  if (after === undefined) return [];
  if (Array.isArray(after)) return (after as readonly string[]).map((node) => [node, "SUCCEEDED"]);
  return Object.entries(after as { readonly [node: string]: string | undefined }).flatMap(([node, state]) =>
    state === undefined ? [] : [[node, state] as const],
  );
}

function conditionOn(
  workflow: string,
  key: string,
  before: string,
  node: JobNode<string> | CrawlerNode<string> | undefined,
  state: string,
): Condition {
  if (node === undefined)
    throw bad(workflow, `${key} comes after ${before}, which is no node`, "Name nodes by their keys.");
  return "job" in node
    ? { LogicalOperator: "EQUALS", JobName: node.job, State: state }
    : { LogicalOperator: "EQUALS", CrawlerName: node.crawler, CrawlState: state };
}

const actionOf = (node: JobNode<string> | CrawlerNode<string>): Trigger["Actions"][number] =>
  "job" in node
    ? {
        JobName: node.job,
        ...(node.arguments === undefined ? {} : { Arguments: node.arguments }),
        ...(node.timeout === undefined ? {} : { Timeout: node.timeout }),
      }
    : { CrawlerName: node.crawler };

const bad = (path: string, why: string, hint: string): DynaframeError =>
  new DynaframeError("BAD_WORKFLOW", `Workflow ${path} cannot run: ${why}.`, {
    name: "InvalidInputException",
    path,
    hint,
  });
