/** Counting nulled casts over a whole plan: one query per step that casts, and what reading the files made null. */
import type { Relation, ScanRelation } from "../../plan/ir/relation.js";
import { inputsOf } from "../../plan/ir/walk.js";
import { nulledQueries, type NulledDialect, type NulledQuery } from "./nulled-casts.js";
import type { SourceOf } from "./scope.js";

export type NulledHost = {
  readonly prepare: (relation: Relation) => Promise<SourceOf>;
  /** The one row of a query over the step `node`, which is counted as a run of it. */
  readonly row: (sql: string, node: Relation) => Promise<readonly unknown[]>;
  /** By path, and what tells the staging that counted them. */
  readonly misfits: (
    scan: ScanRelation,
  ) => Promise<{ readonly key: string; readonly byPath: readonly (readonly [string, number])[] }>;
};

export async function countNulled(
  relation: Relation,
  sql: NulledDialect,
  host: NulledHost,
): Promise<ReadonlyMap<string, number>> {
  const totals = new Map<string, number>();
  await addNulled(relation, totals, new Set(), sql, host);
  return totals;
}

/** One plan down to what is materialised; then the plans that were materialised, each once. */
async function addNulled(
  root: Relation,
  totals: Map<string, number>,
  seen: Set<Relation | string>,
  sql: NulledDialect,
  host: NulledHost,
): Promise<void> {
  const queries: (NulledQuery & { readonly node: Relation })[] = [];
  const stored: Relation[] = [];
  const waiting = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const key = node.kind === "materialize" ? node.id : node;
    if (seen.has(key)) continue;
    seen.add(key);
    queries.push(...nulledQueries(node, sql).map((query) => ({ ...query, node })));
    if (node.kind === "scan") await addMisfits(node, totals, seen, host);
    (node.kind === "materialize" ? stored : waiting).push(...inputsOf(node));
  }
  if (queries.length > 0) {
    const sourceOf = await host.prepare(root);
    for (const { paths, compile, node } of queries) {
      const row = await host.row(compile(sourceOf), node);
      paths.forEach((path, i) => add(totals, path, Number(row[i] ?? 0)));
    }
  }
  for (const input of stored) await addNulled(input, totals, seen, sql, host);
}

/** What reading the files made null; once for all tables of one staging. */
async function addMisfits(
  scan: ScanRelation,
  totals: Map<string, number>,
  seen: Set<Relation | string>,
  host: NulledHost,
): Promise<void> {
  const { key, byPath } = await host.misfits(scan);
  if (seen.has(key)) return;
  seen.add(key);
  for (const [path, count] of byPath) add(totals, path, count);
}

function add(totals: Map<string, number>, path: string, count: number): void {
  if (count > 0) totals.set(path, (totals.get(path) ?? 0) + count);
}
