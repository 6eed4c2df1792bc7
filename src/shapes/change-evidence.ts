/**
 * What the data says of a change of schema: how many values brought it, out of how many, and where the first of them
 * lies.
 */
import { fieldStep, printPath } from "../types/path.js";
import type { TypeChange } from "../types/compat.js";
import { TAGS } from "./ledger.js";
import type { Ledger, LedgerNode, Place, Tag } from "./ledger.js";
import { ledgerNodes, type LedgerNodes, type PlacedNode } from "./ledger-nodes.js";
import { comparePlaces } from "./first-place.js";

/** How often a change of type was seen in the data, and where first. */
export type ChangeEvidence = {
  /** Values that brought the change; of a thing that went, those that were there before. */
  readonly count: number;
  /** Records among which they were counted; below a list, its elements. */
  readonly of: number;
  /** Where the first of them is, or was. */
  readonly first: Place;
  /** True when the change is that they went: their files were deleted or rewritten. */
  readonly gone?: true;
};

/**
 * A change with what the files read at that time say of it; without evidence when no file was read (a schema set by
 * hand).
 */
export type SchemaChange = TypeChange & { readonly evidence?: ChangeEvidence };

export type ChangedLedgers = {
  /** All files before the change; undefined for the first. */
  readonly before: Pick<Ledger, "root" | "records"> | undefined;
  /** The files that came or were rewritten. */
  readonly fresh: Pick<Ledger, "root" | "records">;
  /** All files after it. */
  readonly after: Pick<Ledger, "root" | "records"> | undefined;
};

export function withEvidence(
  changes: readonly TypeChange[],
  { before, fresh, after }: ChangedLedgers,
): readonly SchemaChange[] {
  const nodes = (ledger: ChangedLedgers["before"]) => (ledger === undefined ? undefined : ledgerNodes(ledger));
  const places: Places = { before: nodes(before), fresh: ledgerNodes(fresh), after: nodes(after) };
  return changes.map((change) => {
    const evidence = arrival(places, pathAfter(change)) ?? departure(places, change.path);
    return evidence === undefined ? change : Object.freeze({ ...change, evidence });
  });
}

type Places = {
  readonly before: LedgerNodes | undefined;
  readonly fresh: LedgerNodes;
  readonly after: LedgerNodes | undefined;
};

/** Tags in the new files that were not there before. */
function arrival({ before, fresh }: Places, path: string): ChangeEvidence | undefined {
  const found = fresh.get(path);
  return found === undefined ? undefined : evidenceOf(found, unlike(found.node, before?.get(path)?.node));
}

/** Tags that were there before and are no more. */
function departure({ before, after }: Places, path: string): ChangeEvidence | undefined {
  const found = before?.get(path);
  const evidence = found === undefined ? undefined : evidenceOf(found, unlike(found.node, after?.get(path)?.node));
  return evidence === undefined ? undefined : Object.freeze({ ...evidence, gone: true as const });
}

const unlike = (node: LedgerNode, other: LedgerNode | undefined): readonly Tag[] =>
  TAGS.filter((tag) => node.tags[tag] !== undefined && other?.tags[tag] === undefined);

function evidenceOf({ node, of }: PlacedNode, tags: readonly Tag[]): ChangeEvidence | undefined {
  let count = 0;
  let first: Place | undefined;
  for (const tag of tags) {
    const stats = node.tags[tag];
    if (stats === undefined) continue;
    count += stats.count;
    if (comparePlaces(stats.first, first) < 0) first = stats.first;
  }
  return first === undefined ? undefined : Object.freeze({ count, of, first });
}

/** The path of a change in the schema after it; another only where a name changed its case. */
export function pathAfter({ rule, path, before = "", after = "" }: TypeChange): string {
  if (rule !== "FIELD_RENAMED_CASE") return path;
  const tail = printPath([fieldStep(before)]);
  return path.slice(0, path.length - tail.length) + printPath([fieldStep(after)]);
}
