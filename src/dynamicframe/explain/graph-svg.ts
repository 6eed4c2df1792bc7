/** A small acyclic graph drawn as SVG, top to bottom. */
import { escaped } from "./html-text.js";

export type GraphNode = {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly tone: "source" | "step" | "kept" | "result" | "failing";
};
export type GraphEdge = { readonly from: string; readonly to: string; readonly label: string };

const WIDTH = 270;
const HEIGHT = 54;
const GAP_X = 36;
const GAP_Y = 62;
/** Characters that a box holds; the rest is in its tooltip. */
const TITLE = 30;
const DETAIL = 36;

/** Nodes stand below all that they read; those that nothing reads last. */
export function graphSvg(nodes: readonly GraphNode[], edges: readonly GraphEdge[], label: string): string {
  const places = placed(nodes, edges);
  const width = Math.max(WIDTH, ...[...places.values()].map(({ x }) => x + WIDTH)) + 140;
  const height = Math.max(HEIGHT, ...[...places.values()].map(({ y }) => y + HEIGHT)) + 4;
  return [
    `<svg role="img" aria-label="${escaped(label)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    ...edges.map((edge) => edgeSvg(edge, places)),
    ...nodes.map((node) => nodeSvg(node, places)),
    "</svg>",
  ].join("\n");
}

type Place = { readonly x: number; readonly y: number };

function placed(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): ReadonlyMap<string, Place> {
  const layers = new Map<string, number>();
  const layerOf = (id: string): number => {
    const known = layers.get(id);
    if (known !== undefined) return known;
    const layer = edges.filter((e) => e.to === id).reduce((deepest, e) => Math.max(deepest, layerOf(e.from) + 1), 0);
    layers.set(id, layer);
    return layer;
  };
  // a source stands right above the first step that reads it, not at the top of the page
  const drawn = (id: string): number => {
    const readers = edges.filter((e) => e.from === id);
    return readers.length === 0 || edges.some((e) => e.to === id)
      ? layerOf(id)
      : Math.min(...readers.map((e) => layerOf(e.to))) - 1;
  };
  const rows = new Map<number, string[]>();
  for (const { id } of nodes) rows.set(drawn(id), [...(rows.get(drawn(id)) ?? []), id]);
  const widest = Math.max(1, ...[...rows.values()].map((row) => row.length));
  const places = new Map<string, Place>();
  for (const [layer, row] of rows) {
    const left = ((widest - row.length) * (WIDTH + GAP_X)) / 2;
    row.forEach((id, i) => places.set(id, { x: 2 + left + i * (WIDTH + GAP_X), y: 2 + layer * (HEIGHT + GAP_Y) }));
  }
  return places;
}

function nodeSvg({ id, title, detail, tone }: GraphNode, places: ReadonlyMap<string, Place>): string {
  const { x, y } = places.get(id) ?? { x: 0, y: 0 };
  return (
    `<g class="node ${tone}"><title>${escaped(detail === "" ? title : `${title}: ${detail}`)}</title><rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="7"/>`
    + `<text class="title" x="${x + 12}" y="${y + (detail === "" ? 32 : 23)}">${escaped(clipped(title, TITLE))}</text>`
    + (detail === ""
      ? ""
      : `<text class="detail" x="${x + 12}" y="${y + 42}">${escaped(clipped(detail, DETAIL))}</text>`)
    + "</g>"
  );
}

function edgeSvg({ from, to, label }: GraphEdge, places: ReadonlyMap<string, Place>): string {
  const a = places.get(from) ?? { x: 0, y: 0 };
  const b = places.get(to) ?? { x: 0, y: 0 };
  const x1 = a.x + WIDTH / 2;
  const y1 = a.y + HEIGHT;
  const x2 = b.x + WIDTH / 2;
  const y2 = b.y;
  const bend = (y2 - y1) / 2;
  return (
    `<g class="edge"><path d="M${x1} ${y1} C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2 - 6}"/><path class="head" d="M${x2 - 4} ${y2 - 7} h8 l-4 7 z"/>`
    + `<text x="${(x1 + x2) / 2 + 10}" y="${(y1 + y2) / 2 + 4}">${escaped(label)}</text></g>`
  );
}

/** Of a path the end tells more. */
function clipped(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  return text.startsWith("/") || text.includes("://")
    ? `…${characters.slice(1 - most).join("")}`
    : `${characters.slice(0, most - 1).join("")}…`;
}
