/** Two pictures of drift: versions over time, and below it each path that changed, version by version. */
import type { SchemaChange } from "../../shapes/change-evidence.js";
import { describeChange } from "../../types/compat.js";
import type { DriftReport, DriftStep } from "./drift-report.js";
import { counted, escapeHtml, timeOf } from "./page-text.js";

const WIDTH = 1000;
const MARGIN = 20;

/** One mark for each version, placed by time; larger with more changes. */
export function driftTimeline({ from, to, steps }: DriftReport): string {
  if (steps.length === 0) return "";
  const span = Math.max(to.at - from.at, 1e-9);
  const x = (at: number): string => (MARGIN + ((WIDTH - 2 * MARGIN) * (at - from.at)) / span).toFixed(1);
  const marks = steps.map((step) => {
    const radius = Math.min(11, 4 + Math.sqrt(step.changes.length)).toFixed(1);
    return `<a href="#v${escapeHtml(step.versionId)}"><circle class="${severityOf(step.changes)}" cx="${x(step.at)}" cy="30" r="${radius}"><title>version ${escapeHtml(step.versionId)}, ${timeOf(step.at)}: ${counted(step.changes.length, "change")}</title></circle></a>`;
  });
  return `<svg class="timeline" viewBox="0 0 ${WIDTH} 72" role="img" aria-label="Versions over time">
<line x1="${MARGIN}" y1="30" x2="${WIDTH - MARGIN}" y2="30"/>
<line x1="${MARGIN}" y1="22" x2="${MARGIN}" y2="38"/>
${marks.join("\n")}
<text x="${MARGIN}" y="62">${timeOf(from.at)}</text>
<text x="${WIDTH - MARGIN}" y="62" text-anchor="end">${timeOf(to.at)}</text>
</svg>
<p class="legend"><span class="key both"></span>breaks both ways <span class="key backward"></span>breaks new readers of old data <span class="key forward"></span>breaks old readers of new data <span class="key none"></span>compatible</p>`;
}

/** More would not be looked at, and a page of ten thousand versions must open. */
const MOST_LANES = 40;
const MOST_STEPS = 120;
/** Of the place for labels; a longer path is cut in front, where paths are alike. */
const LABEL_CHARACTERS = 26;
const LABEL_WIDTH = 210;
const LANE_HEIGHT = 24;
const MOST_LABELS = 20;

type Mark = { readonly at: number; readonly versionId: string; readonly changes: readonly SchemaChange[] };
type Lane = { readonly path: string; readonly marks: readonly Mark[] };

/**
 * A row for each path, a column for each version: which paths keep changing shows at once. Nothing for one version,
 * which its table tells.
 */
export function pathLanes({ steps }: DriftReport): string {
  if (steps.length < 2) return "";
  const shown = steps.slice(-MOST_STEPS);
  const all = lanesOf(shown);
  const lanes = mostTelling(all);
  const left = [
    ...(shown.length < steps.length ? [`the last ${shown.length} of ${steps.length} versions`] : []),
    ...(lanes.length < all.length
      ? [`${lanes.length} of ${all.length} paths, first those that break readers, then those that change most`]
      : []),
  ];
  const step = (WIDTH - LABEL_WIDTH - MARGIN) / Math.max(1, shown.length - 1);
  const x = (at: number): string => (LABEL_WIDTH + step * at).toFixed(1);
  const every = Math.ceil(shown.length / MOST_LABELS);
  const labels = shown.flatMap(({ versionId, at }, i) =>
    i % every === 0
      ? [
          `<a href="#v${escapeHtml(versionId)}"><text x="${x(i)}" y="14" text-anchor="middle">v${escapeHtml(versionId)}<title>${timeOf(at)}</title></text></a>`,
        ]
      : [],
  );
  const height = LANE_HEIGHT * (lanes.length + 1);
  return `<section>
<h2>Path by path</h2>
${left.length === 0 ? "" : `<p class="faint">Shown: ${left.join("; ")}.</p>\n`}<svg class="lanes" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Versions that changed each path">
${labels.join("\n")}
${lanes.map((lane, i) => laneRow(lane, LANE_HEIGHT * (i + 1.5), x)).join("\n")}
</svg>
</section>
`;
}

function laneRow({ path, marks }: Lane, y: number, x: (at: number) => string): string {
  const characters = [...path];
  const label = characters.length > LABEL_CHARACTERS ? `…${characters.slice(1 - LABEL_CHARACTERS).join("")}` : path;
  const circles = marks.map(
    ({ at, versionId, changes }) =>
      `<a href="#v${escapeHtml(versionId)}"><circle class="${severityOf(changes)}" cx="${x(at)}" cy="${y}" r="6"><title>v${escapeHtml(versionId)} ${escapeHtml(changes.map(describeChange).join("\n"))}</title></circle></a>`,
  );
  return `<text class="path" x="0" y="${y + 4}">${escapeHtml(label === "" ? "(the record)" : label)}<title>${escapeHtml(path)}</title></text><line x1="${LABEL_WIDTH}" y1="${y}" x2="${WIDTH - MARGIN}" y2="${y}"/>${circles.join("")}`;
}

/** In the order of their first change. */
function lanesOf(steps: readonly DriftStep[]): readonly Lane[] {
  const lanes = new Map<string, Mark[]>();
  for (const [at, { versionId, changes }] of steps.entries()) {
    const byPath = new Map<string, SchemaChange[]>();
    for (const change of changes) byPath.set(change.path, [...(byPath.get(change.path) ?? []), change]);
    for (const [path, own] of byPath) {
      const marks = lanes.get(path) ?? [];
      marks.push({ at, versionId, changes: own });
      lanes.set(path, marks);
    }
  }
  return [...lanes].map(([path, marks]) => ({ path, marks }));
}

/** Those that break readers before others, and of them those that changed most; told in the order given. */
function mostTelling(lanes: readonly Lane[]): readonly Lane[] {
  const breaking = ({ marks }: Lane): number => marks.filter(({ changes }) => severityOf(changes) !== "none").length;
  const ranked = [...lanes].sort((a, b) => breaking(b) - breaking(a) || b.marks.length - a.marks.length);
  const chosen = new Set(ranked.slice(0, MOST_LANES));
  return lanes.filter((lane) => chosen.has(lane));
}

/** Whom changes break, as the page's classes name it. */
export function severityOf(changes: readonly SchemaChange[]): "both" | "backward" | "forward" | "none" {
  const backward = changes.some(({ breaksBackward }) => breaksBackward);
  const forward = changes.some(({ breaksForward }) => breaksForward);
  if (backward && forward) return "both";
  return backward ? "backward" : forward ? "forward" : "none";
}
