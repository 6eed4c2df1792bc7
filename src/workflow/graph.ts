/** The graph of a workflow as text and as a Mermaid diagram, with the states of a run. */
import { awaitedState, type NodeId, nodeName, started, type Trigger, watched } from "./model.js";

/** The state of each node that ran or runs. */
export type NodeStates = ReadonlyMap<NodeId, string>;

/** `job clean  SUCCEEDED  after crawler raw SUCCEEDED`, a node a line, in the order in which they can run. */
export function graphText(triggers: readonly Trigger[], states: NodeStates): string {
  const rows = nodesInOrder(triggers).map((node) => ({
    name: label(node),
    state: states.get(node) ?? "-",
    why: triggersOf(triggers, node).map(because).join(", or "),
  }));
  const width = (of: (row: (typeof rows)[number]) => string): number =>
    Math.max(0, ...rows.map((row) => of(row).length));
  const [names, ends] = [width((row) => row.name), width((row) => row.state)];
  return rows.map(({ name, state, why }) => `${name.padEnd(names)}  ${state.padEnd(ends)}  ${why}\n`).join("");
}

/** A `flowchart` with a class for each state. */
export function graphMermaid(triggers: readonly Trigger[], states: NodeStates): string {
  const nodes = nodesInOrder(triggers);
  const id = (node: NodeId): string => `n${nodes.indexOf(node)}`;
  const lines = ["flowchart LR"];
  for (const node of nodes) {
    const state = states.get(node);
    const [open, close] = node.startsWith("job:") ? ["[", "]"] : ["([", "])"];
    lines.push(
      `  ${id(node)}${open}"${quoted(label(node))}${state === undefined ? "" : `<br/>${quoted(state)}`}"${close}${state === undefined ? "" : `:::${state}`}`,
    );
  }
  triggers.forEach((trigger, i) => {
    const conditions = trigger.Predicate?.Conditions ?? [];
    const any = trigger.Predicate?.Logical === "ANY" && conditions.length > 1;
    // one condition needs no node of its own
    const direct = conditions.length === 1;
    if (!direct)
      lines.push(
        `  t${i}{{"${quoted(trigger.Type === "SCHEDULED" ? (trigger.Schedule ?? "") : trigger.Type === "CONDITIONAL" ? (any ? "any" : "all") : trigger.Name)}"}}`,
      );
    for (const condition of conditions)
      if (!direct) lines.push(`  ${id(watched(condition))} -->|${awaitedState(condition) ?? ""}| t${i}`);
    for (const action of trigger.Actions) {
      const [condition] = conditions;
      lines.push(
        direct && condition
          ? `  ${id(watched(condition))} -->|${awaitedState(condition) ?? ""}| ${id(started(action))}`
          : `  t${i} --> ${id(started(action))}`,
      );
    }
  });
  for (const state of new Set(states.values()))
    lines.push(`  classDef ${state} ${COLORS[state] ?? "fill:#eeeeee,stroke:#888888"}`);
  return `${lines.join("\n")}\n`;
}

const COLORS: Readonly<Record<string, string>> = {
  SUCCEEDED: "fill:#d4edda,stroke:#2e7d32",
  RUNNING: "fill:#d6e6ff,stroke:#1a56b0",
  FAILED: "fill:#f8d7da,stroke:#b71c1c",
  ERROR: "fill:#f8d7da,stroke:#b71c1c",
  TIMEOUT: "fill:#fde7c7,stroke:#b26a00",
};

const label = (node: NodeId): string => `${node.slice(0, node.indexOf(":"))} ${nodeName(node)}`;
const quoted = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
const triggersOf = (triggers: readonly Trigger[], node: NodeId): readonly Trigger[] =>
  triggers.filter((trigger) => trigger.Actions.some((action) => started(action) === node));

function because({ Type, Schedule, Name, Predicate }: Trigger): string {
  if (Type === "SCHEDULED") return `at ${Schedule ?? ""}`;
  if (Type !== "CONDITIONAL") return `by ${Name}`;
  return `after ${(Predicate?.Conditions ?? []).map((condition) => `${label(watched(condition))} ${awaitedState(condition) ?? ""}`).join(Predicate?.Logical === "ANY" ? " or " : " and ")}`;
}

/** Each after all that it can come after. */
function nodesInOrder(triggers: readonly Trigger[]): readonly NodeId[] {
  const order: NodeId[] = [];
  const visit = (node: NodeId, path: readonly NodeId[]): void => {
    if (order.includes(node) || path.includes(node)) return;
    for (const trigger of triggersOf(triggers, node))
      for (const condition of trigger.Predicate?.Conditions ?? []) visit(watched(condition), [...path, node]);
    if (!order.includes(node)) order.push(node);
  };
  for (const trigger of triggers) for (const action of trigger.Actions) visit(started(action), []);
  return order;
}
