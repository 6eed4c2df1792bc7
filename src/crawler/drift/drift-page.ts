/**
 * Drift as one HTML page that needs nothing else: a verdict, a timeline, the difference, the history of each path, and
 * every version's changes.
 */
import { describeChange } from "../../types/compat.js";
import type { SchemaChange } from "../../shapes/change-evidence.js";
import type { DriftReport, DriftStep } from "./drift-report.js";
import { DRIFT_STYLE } from "./drift-style.js";
import { driftTimeline, pathLanes, severityOf } from "./drift-timeline.js";
import { counted, escapeHtml, timeOf } from "./page-text.js";

/** The same report gives the same page: no clock, no script. Texts from data are escaped. */
export function driftPage(report: DriftReport): string {
  const { table, location, from, to, steps, changes, compatibility } = report;
  const folder = location === undefined ? "" : `${location.replace(/\/+$/, "")}/`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(table)}: drift</title>
<style>${DRIFT_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(table)}</h1>
${location === undefined ? "" : `<p class="faint">${escapeHtml(location)}</p>\n`}<p>Version ${escapeHtml(from.versionId)} (${timeOf(from.at)}) to version ${escapeHtml(to.versionId)} (${timeOf(to.at)}): ${counted(steps.length, "version")} with changes, ${counted(changes.length, "difference")} in all.</p>
<p class="verdict">${badge(compatibility.backward, "backward", "new readers read old data", "new readers fail on old data")}${badge(compatibility.forward, "forward", "old readers read new data", "old readers fail on new data")}</p>
</header>
${driftTimeline(report)}
<section>
<h2>Difference</h2>
${
  changes.length === 0
    ? "<p>None.</p>"
    : changeTable(
        changes.map((change) => ({ change, version: change.versionId })),
        folder,
      )
}
</section>
${pathLanes(report)}<section>
<h2>Version by version</h2>
${steps.length === 0 ? "<p>None.</p>" : steps.map((step) => stepSection(step, folder)).join("\n")}
</section>
</body>
</html>
`;
}

const badge = (holds: boolean, name: string, good: string, bad: string): string =>
  `<span class="badge ${holds ? "good" : "bad"}" title="${holds ? good : bad}">${name}: ${holds ? "compatible" : "breaks"}</span>`;

function stepSection(step: DriftStep, folder: string): string {
  const id = escapeHtml(step.versionId);
  return `<article id="v${id}" class="step ${severityOf(step.changes)}">
<h3>Version ${id} <time class="faint">${timeOf(step.at)}</time></h3>
${changeTable(
  step.changes.map((change) => ({ change })),
  folder,
)}
</article>`;
}

type Row = { readonly change: SchemaChange; readonly version?: string };

/** Files are named as below the table's folder. */
function changeTable(rows: readonly Row[], folder: string): string {
  const versions = rows.some(({ version }) => version !== undefined);
  return `<div class="scroll"><table class="changes">
<colgroup>${versions ? '<col class="since">' : ""}<col class="path"><col class="rule"><col class="type"><col class="type"><col class="breaks"><col class="count"><col class="share"><col></colgroup>
<thead><tr>${versions ? "<th>Since</th>" : ""}<th>Path</th><th>Change</th><th>Before</th><th>After</th><th>Breaks</th><th class="number">Count</th><th class="number">Share</th><th>First seen</th></tr></thead>
<tbody>
${rows.map(({ change, version }) => changeRow(change, version, folder)).join("\n")}
</tbody>
</table></div>`;
}

function changeRow(change: SchemaChange, version: string | undefined, folder: string): string {
  const { rule, path, before, after, breaksBackward, breaksForward, evidence } = change;
  const breaks = [...(breaksBackward ? ["backward"] : []), ...(breaksForward ? ["forward"] : [])];
  const since = version === undefined ? "" : `<td><a href="#v${escapeHtml(version)}">v${escapeHtml(version)}</a></td>`;
  const code = (text: string | undefined): string => (text === undefined ? "" : `<code>${escapeHtml(text)}</code>`);
  const first =
    evidence === undefined
      ? ""
      : `${evidence.gone === true ? "was " : ""}${escapeHtml(`${folder !== "" && evidence.first.file.startsWith(folder) ? evidence.first.file.slice(folder.length) : evidence.first.file}:${evidence.first.record}:${evidence.first.offset}`)}`;
  return (
    `<tr title="${escapeHtml(describeChange(change))}">${since}<td>${code(path)}</td><td><code class="rule">${rule}</code></td><td>${code(before)}</td><td>${code(after)}</td>`
    + `<td>${breaks.length === 0 ? "" : `<span class="bad">${breaks.join(", ")}</span>`}</td><td class="number">${evidence?.count ?? ""}</td><td class="number">${evidence === undefined ? "" : shareOf(evidence)}</td><td class="place">${first}</td></tr>`
  );
}

function shareOf({ count, of }: { readonly count: number; readonly of: number }): string {
  const share = of === 0 ? 0 : (100 * count) / of;
  if (share > 0 && share < 0.1) return "&lt;0.1%";
  return share < 100 && share > 99.9 ? "&gt;99.9%" : `${share.toFixed(1)}%`;
}
