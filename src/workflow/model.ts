/** Triggers in the JSON shapes of the Glue API (docs/sources.md#workflows). */
import type { NotificationProperty } from "../job/definition/job-record.js";
import type { JobArguments } from "../job/effective-arguments.js";

/** What fires a trigger. */
export type TriggerType = "ON_DEMAND" | "SCHEDULED" | "CONDITIONAL" | "EVENT";

/** A job's end or a crawler's: exactly one of the two, with its state. */
export type Condition = {
  readonly LogicalOperator?: "EQUALS";
  readonly JobName?: string;
  readonly State?: string;
  readonly CrawlerName?: string;
  readonly CrawlState?: string;
};
/** When a conditional trigger fires: all of its conditions (AND, the default) or any. */
export type Predicate = { readonly Logical?: "AND" | "ANY"; readonly Conditions: readonly Condition[] };
/** Starts a job or a crawler: exactly one of the two. */
export type Action = {
  readonly JobName?: string;
  readonly CrawlerName?: string;
  readonly Arguments?: JobArguments;
  /** Minutes. */
  readonly Timeout?: number;
  readonly SecurityConfiguration?: string;
  readonly NotificationProperty?: NotificationProperty;
};
/**
 * Events that make a batch, 1 to 100, and the seconds after the first of them when they do however few they are, 1 to
 * 900 (default 900).
 */
export type EventBatchingCondition = { readonly BatchSize: number; readonly BatchWindow?: number };
/** Starts its actions on demand, by the clock, after other nodes, or on events. */
export type Trigger = {
  readonly Name: string;
  readonly WorkflowName?: string;
  readonly Type: TriggerType;
  readonly Description?: string;
  /** `cron(min hour dom month dow year)`, UTC. */
  readonly Schedule?: string;
  readonly Predicate?: Predicate;
  /** Of an event trigger. */
  readonly EventBatchingCondition?: EventBatchingCondition;
  readonly Actions: readonly Action[];
};

/** A job or crawler of a graph: `job:NAME`, `crawler:NAME`. */
export type NodeId = `job:${string}` | `crawler:${string}`;
/** The node of a job. */
export const jobNode = (name: string): NodeId => `job:${name}`;
/** The node of a crawler. */
export const crawlerNode = (name: string): NodeId => `crawler:${name}`;
/** The name without the kind. */
export const nodeName = (node: NodeId): string => node.slice(node.indexOf(":") + 1);

/** What a condition watches. In a condition that names both, the job wins, as in Glue. */
export const watched = (condition: Condition): NodeId =>
  condition.JobName === undefined ? crawlerNode(condition.CrawlerName ?? "") : jobNode(condition.JobName);
export const awaitedState = (condition: Condition): string | undefined =>
  condition.JobName === undefined ? condition.CrawlState : condition.State;
export const started = (action: Action): NodeId =>
  action.JobName === undefined ? crawlerNode(action.CrawlerName ?? "") : jobNode(action.JobName);
