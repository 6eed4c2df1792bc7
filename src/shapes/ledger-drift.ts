/** Drift as a ledger shows it: which paths hold more than one type, how much of each, and where it began. */
import { TAGS } from "./ledger.js";
import type { Ledger, LedgerNode, Place, Tag } from "./ledger.js";
import { listNode } from "./list-node.js";
import { comparePlaces } from "./first-place.js";
import { elementPath, fieldPath } from "./path-text.js";

export type ChoiceArm = {
  readonly tag: Tag;
  readonly count: number;
  /** Part of the path's values that are not null, 0–100. */
  readonly percent: number;
  readonly first: Place;
};

/** A path with more than one type. */
export type ChoiceReport = {
  readonly path: string;
  /** The types seen, null left out, most frequent first. */
  readonly arms: readonly ChoiceArm[];
  /** Explicit nulls. */
  readonly nulls: number;
  /** Parents that do not have the field at all; 0 for elements of arrays. */
  readonly missing: number;
  /** True when counts are upper bounds (Parquet without statistics). */
  readonly inexact?: true;
};

/** Every path with more than one non-null type, in the order of the schema. */
export function listChoices(ledger: Pick<Ledger, "root">): readonly ChoiceReport[] {
  return eachPath(ledger).flatMap(({ path, node, missing }) => {
    const report = choiceAt(path, node, missing);
    return report ? [report] : [];
  });
}

export type MissingCount = {
  readonly path: string;
  /** Structs at the parent path. */
  readonly parents: number;
  readonly missing: number;
  readonly nulls: number;
};

/** For every field, how many of its parents lack it and how many hold an explicit null. */
export function missingCounts(ledger: Pick<Ledger, "root">): readonly MissingCount[] {
  return eachPath(ledger).flatMap(({ path, node, missing, parents }) =>
    parents === undefined ? [] : [Object.freeze({ path, parents, missing, nulls: node.tags.null?.count ?? 0 })],
  );
}

type PathVisit = {
  readonly path: string;
  readonly node: LedgerNode;
  readonly missing: number;
  readonly parents: number | undefined;
};

/** All paths below the record, parents first. `parents` is undefined for elements. */
function eachPath(ledger: Pick<Ledger, "root">): readonly PathVisit[] {
  const visits: PathVisit[] = [];
  const walk = (path: string, node: LedgerNode): void => {
    const parents = node.tags.struct?.count ?? 0;
    for (const { name, node: found } of node.fields) {
      const own = fieldPath(path, name);
      const child = listNode(found);
      visits.push({ path: own, node: child, missing: Math.max(0, parents - valuesOf(child)), parents });
      walk(own, child);
    }
    for (const [own, below] of [
      [elementPath(path), node.element],
      [`${path}{value}`, node.values],
    ] as const) {
      if (below === undefined) continue;
      visits.push({ path: own, node: below, missing: 0, parents: undefined });
      walk(own, below);
    }
  };
  walk("", ledger.root);
  return visits;
}

/** All values at a path, nulls included. */
function valuesOf(node: LedgerNode): number {
  return TAGS.reduce((sum, tag) => sum + (node.tags[tag]?.count ?? 0), 0);
}

function choiceAt(path: string, node: LedgerNode, missing: number): ChoiceReport | undefined {
  const nulls = node.tags.null?.count ?? 0;
  const total = valuesOf(node) - nulls;
  const arms: ChoiceArm[] = [];
  for (const tag of TAGS) {
    const stats = node.tags[tag];
    if (tag === "null" || !stats) continue;
    arms.push(Object.freeze({ tag, count: stats.count, percent: (100 * stats.count) / total, first: stats.first }));
  }
  if (arms.length < 2) return undefined;
  arms.sort((a, b) => b.count - a.count || comparePlaces(a.first, b.first));
  return Object.freeze({
    path,
    arms: Object.freeze(arms),
    nulls,
    missing,
    ...(node.inexact && { inexact: true as const }),
  });
}
