/** An explanation as one HTML page: nothing is loaded, nothing runs, what comes from data is escaped. */
import type { Stage } from "../../engine/stages.js";
import type { ExplainedSource, ExplainedStep, Explanation } from "./explanation.js";
import { times } from "./explanation-text.js";
import { graphSvg, type GraphEdge, type GraphNode } from "./graph-svg.js";
import { escaped } from "./html-text.js";

export function explanationHtml(explanation: Explanation, name: string): string {
  const { sources, relation, engine } = explanation;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Plan of ${escaped(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Plan of ${escaped(name)}</h1>
<p>${escaped(summary(explanation))}</p>
<h2>Steps</h2>
<p class="note">Edges show the rows that leave a step, where they are known without running it, and its own error records.</p>
<div class="drawing">${planSvg(explanation)}</div>
<h2>Stages of the engine</h2>
<p class="note">What running the plan from the start does. A scan is one reading of a source's files.</p>
<div class="drawing">${stagesSvg(explanation)}</div>
<h2>Sources</h2>
<div class="drawing"><table>
<thead><tr><th>Source</th><th>Scans of this plan</th><th>Scans so far</th><th>Files</th><th>Bytes</th><th>Read for types</th><th>Records</th><th>Malformed</th></tr></thead>
<tbody>
${sources.map(sourceRow).join("\n")}
</tbody></table></div>
<details><summary>IR</summary><pre>${escaped(relation)}</pre></details>
<details><summary>Text of the engine</summary><pre>${escaped(engine)}</pre></details>
</body>
</html>
`;
}

function summary({ steps, sources }: Explanation): string {
  const scans = sources.reduce((sum, s) => sum + s.scans, 0);
  const errors = steps.reduce((sum, s) => sum + s.errors, 0);
  return `${counted(steps.length, "step")} over ${counted(sources.length, "source")}, ${counted(scans, "scan")}, ${counted(errors, "error record")}.`;
}

function planSvg({ steps }: Explanation): string {
  const nodes: GraphNode[] = steps.map((step) => ({
    id: `${step.id}`,
    title: step.kind,
    detail: step.sources.length > 0 ? step.sources.join(", ") : step.args,
    tone: step.errors > 0 ? "failing" : step.inputs.length === 0 ? "source" : "step",
  }));
  const edges: GraphEdge[] = steps.flatMap((step) =>
    step.inputs.map((input) => ({ from: `${input}`, to: `${step.id}`, label: leaving(steps[input]) })),
  );
  const last = steps.at(-1);
  const result: GraphNode[] = last ? [{ id: "result", title: "result", detail: "", tone: "result" }] : [];
  return graphSvg(
    [...nodes, ...result],
    last ? [...edges, { from: `${last.id}`, to: "result", label: leaving(last) }] : edges,
    "The steps of the plan",
  );
}

function leaving(step: ExplainedStep | undefined): string {
  if (!step) return "";
  return [
    step.rows === null ? "rows not known" : counted(step.rows, "row"),
    ...(step.errors > 0 ? [counted(step.errors, "error")] : []),
  ].join(", ");
}

function stagesSvg({ stages, sources }: Explanation): string {
  const nodes = stages.map((stage): GraphNode => {
    const source = sources.find((s) => s.id === stage.files?.source);
    return {
      id: stage.id,
      title: source?.name ?? stage.label,
      detail: stage.files ? `${stage.label}: ${counted(stage.files.files, "file")}` : "",
      tone: TONES[stage.kind],
    };
  });
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const edges = stages.flatMap((stage) =>
    stage.inputs.map(({ stage: from, times: n }): GraphEdge => ({
      from,
      to: stage.id,
      label: reading(byId.get(from), n),
    })),
  );
  return graphSvg(nodes, edges, "The stages of the engine");
}

const TONES: Readonly<Record<Stage["kind"], GraphNode["tone"]>> = {
  files: "source",
  staging: "kept",
  stored: "kept",
  values: "kept",
  pass: "step",
  query: "result",
};

const reading = (from: Stage | undefined, n: number): string =>
  from?.files ? `scanned ${times(n)}, ${byteText(from.files.bytes)}` : n === 1 ? "" : `read ${times(n)}`;

function sourceRow(source: ExplainedSource): string {
  const cells = [
    source.bytes === null ? "none" : times(source.scans),
    source.scansMade === 0 ? "none" : `${times(source.scansMade)}, ${byteText(source.bytesScanned)}`,
    grouped(source.files),
    source.bytes === null ? "–" : byteText(source.bytes),
    byteText(source.bytesScannedForTypes),
    grouped(source.records),
    grouped(source.malformed),
  ];
  const notes = source.notes.map((note) => `<div class="note">${escaped(note)}</div>`).join("");
  return `<tr><td>${escaped(source.name)}${notes}</td>${cells.map((cell) => `<td class="number">${escaped(cell)}</td>`).join("")}</tr>`;
}

const grouped = (value: number): string => value.toLocaleString("en-US");
const counted = (value: number, noun: string): string => `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;

/** Decimal units: `1.2 kB`. */
function byteText(bytes: number): string {
  const level = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), 4);
  return level === 0
    ? `${bytes} B`
    : `${(bytes / 1000 ** level).toFixed(1)} ${["B", "kB", "MB", "GB", "TB"][level] ?? "B"}`;
}

const STYLE = `
:root { color-scheme: light dark; --back: #ffffff; --text: #1c2024; --soft: #5b6470; --line: #c9d0d8; --box: #f4f6f8; --source: #e3effc; --kept: #fdf1d7; --result: #e2f5e6; --failing: #fde4e1; }
@media (prefers-color-scheme: dark) { :root { --back: #15181c; --text: #e6e9ec; --soft: #9aa4af; --line: #434b55; --box: #22272d; --source: #16324d; --kept: #43360f; --result: #173a22; --failing: #4d1f1b; } }
body { margin: 2rem auto; padding: 0 1.25rem; max-width: 75rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
h1, td:first-child { overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: 13px; margin: 0 0 .75rem; } td .note { margin: 0; }
.drawing { overflow-x: auto; }
svg { display: block; font: 13px system-ui, sans-serif; }
.node rect { fill: var(--box); stroke: var(--line); } .node.source rect { fill: var(--source); } .node.kept rect { fill: var(--kept); } .node.result rect { fill: var(--result); } .node.failing rect { fill: var(--failing); }
.title { fill: var(--text); font-weight: 600; } .detail { fill: var(--soft); font: 11px ui-monospace, monospace; }
.edge path { fill: none; stroke: var(--soft); } .edge .head { fill: var(--soft); stroke: none; } .edge text { fill: var(--text); stroke: var(--back); stroke-width: 4px; paint-order: stroke; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); } th { color: var(--soft); font-weight: 500; } .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
details { margin-top: 1.25rem; } summary { cursor: pointer; } pre { overflow-x: auto; padding: .75rem; background: var(--box); border: 1px solid var(--line); border-radius: 7px; font-size: 12px; }
`;
