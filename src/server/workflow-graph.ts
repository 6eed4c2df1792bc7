/** The graph of a workflow: its triggers, what they start, and what they wait for. */
import type { Entity } from "../catalog/index.js";
import type { TriggerRecord } from "../workflow/store/workflow-store.js";

type Node = {
  readonly Type: "TRIGGER" | "JOB" | "CRAWLER";
  readonly Name: string;
  readonly UniqueId: string;
  readonly TriggerDetails?: object;
};
export type WorkflowGraph = {
  readonly Nodes: readonly Node[];
  readonly Edges: readonly { readonly SourceId: string; readonly DestinationId: string }[];
};

const idOf = (type: Node["Type"], name: string): string => `${type.toLowerCase()}_${name}`;

export function workflowGraph(workflow: string, triggers: readonly Entity<TriggerRecord>[]): WorkflowGraph {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, { SourceId: string; DestinationId: string }>();
  const node = (Type: Node["Type"], Name: string, more: object = {}): string => {
    const UniqueId = idOf(Type, Name);
    nodes.set(UniqueId, { ...nodes.get(UniqueId), Type, Name, UniqueId, ...more });
    return UniqueId;
  };
  const edge = (SourceId: string, DestinationId: string): void => {
    edges.set(`${SourceId}\n${DestinationId}`, { SourceId, DestinationId });
  };
  const target = (JobName: string | undefined, CrawlerName: string | undefined): string =>
    JobName !== undefined ? node("JOB", JobName) : node("CRAWLER", CrawlerName ?? "");
  for (const {
    name,
    doc: { settings, state },
  } of triggers.filter(({ doc }) => doc.settings.WorkflowName === workflow)) {
    const trigger = node("TRIGGER", name, { TriggerDetails: { Trigger: { ...settings, Name: name, State: state } } });
    for (const { JobName, CrawlerName } of settings.Actions) edge(trigger, target(JobName, CrawlerName));
    for (const { JobName, CrawlerName } of settings.Predicate?.Conditions ?? [])
      edge(target(JobName, CrawlerName), trigger);
  }
  return { Nodes: [...nodes.values()], Edges: [...edges.values()] };
}
