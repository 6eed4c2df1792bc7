/** The nodes of a ledger by path, for looking many of them up. */
import { TAGS } from "./ledger.js";
import type { Ledger, LedgerNode } from "./ledger.js";
import { elementPath, fieldPath } from "./path-text.js";

/** `of`: the records; below a list, its elements. */
export type PlacedNode = { readonly node: LedgerNode; readonly of: number };
export type LedgerNodes = { readonly get: (path: string) => PlacedNode | undefined };

/**
 * A ledger keeps the arms of a choice at one path, so `price{struct}.net` is looked up as `price.net`. A map's values
 * are `{value}` as well as `[]`.
 */
export function ledgerNodes(ledger: Pick<Ledger, "root" | "records">): LedgerNodes {
  const index = new Map<string, PlacedNode>();
  const walk = (path: string, node: LedgerNode, of: number): void => {
    index.set(path, { node, of });
    for (const { name, node: child } of node.fields) walk(fieldPath(path, name), child, of);
    const { element, values = node.tags.map === undefined ? undefined : element } = node;
    if (values !== undefined) walk(`${path}{value}`, values, countOf(values));
    if (element !== undefined) walk(elementPath(path), element, countOf(element));
  };
  walk("", ledger.root, ledger.records);
  return { get: (path) => index.get(path) ?? index.get(withoutArms(path)) };
}

const countOf = ({ tags }: LedgerNode): number => TAGS.reduce((sum, tag) => sum + (tags[tag]?.count ?? 0), 0);

/** `price{struct}.net` → `price.net`. */
export const withoutArms = (path: string): string => path.replace(/\{(?!value\})[a-z]+\}/g, "");
