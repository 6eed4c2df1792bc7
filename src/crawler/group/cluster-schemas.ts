import type { StructType } from "../../types/data-type.js";
import { fullTypeText } from "../../types/type-text.js";
import { schemaSimilarity, type SimilarityOptions } from "./schema-similarity.js";

/**
 * Schemas more alike than this belong to one cluster; more than this share of siblings must be in the largest one.
 * Glue's figures.
 */
const SIMILARITY_THRESHOLD = 0.7;
/** More clusters than this at one level are separate tables. Glue's figure. */
export const MAX_CLUSTERS = 5;

/** A folder or file among its siblings. */
export type Sibling = { readonly path: string; readonly schema: StructType };
/** The likeness of two siblings. */
export type Likeness = { readonly a: string; readonly b: string; readonly similarity: number };

export type Clustering = {
  readonly siblings: number;
  readonly distinctSchemas: number;
  readonly clusters: number;
  /** Share of the siblings in the largest cluster, 0 to 1. */
  readonly share: number;
  /** The least alike pair that still links its cluster; absent when all schemas are equal. */
  readonly weakestLink?: Likeness;
  /** The most alike pair of different clusters; absent with one cluster. */
  readonly nearestMiss?: Likeness;
  /** Paths outside the largest cluster, at most ten. */
  readonly outliers: readonly string[];
  /** True when the siblings make one table. */
  readonly together: boolean;
};

type Group = { readonly first: Sibling; readonly paths: string[]; parent: number };

/**
 * Clusters siblings by similar schemas: equal ones together, then every pair above the threshold linked. The result
 * does not depend on their order. They make one table when the largest cluster holds more than 70 % of them and there
 * are at most five. A sibling without columns (no good records, or none but `{}`) has no say.
 */
export function clusterSchemas(siblings: readonly Sibling[], options: SimilarityOptions = {}): Clustering {
  const judged = siblings.filter(({ schema }) => schema.fields.length > 0);
  const groups = distinctSchemas(judged);
  const { weakestLink, nearestMiss } = link(groups, options);
  const members = new Map<number, string[]>();
  groups.forEach((group, i) => {
    const root = find(groups, i);
    members.set(root, [...(members.get(root) ?? []), ...group.paths]);
  });
  const largest = [...members.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
  const share = judged.length === 0 ? 1 : largest.length / judged.length;
  const inside = new Set(largest);
  return {
    siblings: judged.length,
    distinctSchemas: groups.length,
    clusters: members.size,
    share,
    ...(weakestLink === undefined ? {} : { weakestLink }),
    ...(nearestMiss === undefined || members.size === 1 ? {} : { nearestMiss }),
    outliers: judged
      .map(({ path }) => path)
      .filter((path) => !inside.has(path))
      .sort()
      .slice(0, 10),
    together: members.size <= MAX_CLUSTERS && share > SIMILARITY_THRESHOLD,
  };
}

function distinctSchemas(siblings: readonly Sibling[]): Group[] {
  const groups = new Map<string, Group>();
  for (const sibling of [...siblings].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const text = fullTypeText(sibling.schema);
    const known = groups.get(text);
    if (known !== undefined) known.paths.push(sibling.path);
    else groups.set(text, { first: sibling, paths: [sibling.path], parent: groups.size });
  }
  return [...groups.values()];
}

function link(groups: Group[], options: SimilarityOptions): { weakestLink?: Likeness; nearestMiss?: Likeness } {
  let weakest: Likeness | undefined;
  let nearest: Likeness | undefined;
  for (const [i, a] of groups.entries()) {
    for (let j = i + 1; j < groups.length; j++) {
      const b = groups[j];
      if (b === undefined || find(groups, i) === find(groups, j)) continue;
      if (upperBound(a.first.schema, b.first.schema) <= Math.min(SIMILARITY_THRESHOLD, nearest?.similarity ?? 0))
        continue;
      const likeness = {
        a: a.first.path,
        b: b.first.path,
        similarity: schemaSimilarity(a.first.schema, b.first.schema, options),
      };
      if (likeness.similarity > SIMILARITY_THRESHOLD) {
        unite(groups, i, j);
        if (likeness.similarity < (weakest?.similarity ?? 2)) weakest = likeness;
      } else if (likeness.similarity > (nearest?.similarity ?? -1)) nearest = likeness;
    }
  }
  return {
    ...(weakest === undefined ? {} : { weakestLink: weakest }),
    ...(nearest === undefined ? {} : { nearestMiss: nearest }),
  };
}

/** No pair can be more alike than its sizes allow; spares comparing a narrow schema with a wide one. */
function upperBound(a: StructType, b: StructType): number {
  const [m, n] = [a.fields.length, b.fields.length];
  return m + n === 0 ? 1 : (2 * Math.min(m, n)) / (m + n);
}

function find(groups: Group[], i: number): number {
  let at = i;
  for (let group = groups[at]; group !== undefined && group.parent !== at; group = groups[at]) at = group.parent;
  const own = groups[i];
  if (own !== undefined) own.parent = at;
  return at;
}

/** The smaller root wins, so that clusters have the same names whatever was linked first. */
function unite(groups: Group[], i: number, j: number): void {
  const [a, b] = [find(groups, i), find(groups, j)];
  const loser = groups[Math.max(a, b)];
  if (loser !== undefined) loser.parent = Math.min(a, b);
}
