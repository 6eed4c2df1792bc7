/**
 * Trees of ledger nodes without objects: what many files have in common, the skeleton, once, and of each file one row
 * of numbers. Of a hundred thousand small files the nodes would be millions of objects; their numbers are some hundred
 * bytes each.
 */
import { comparePlaces, firstPlace } from "./first-place.js";
import { TAGS } from "./ledger.js";
import type { LedgerField, LedgerNode, Place, Tag, TagStats } from "./ledger.js";

/** Marks of a node, as blobs write them; the tags seen follow from bit FLAGS on. */
export const ELEMENT = 1;
export const LENGTHS = 2;
export const FLAGS = 32;
/**
 * Values of maps beside elements of lists: behind all tags, so that there is room for more of them. No tree of numbers
 * has it.
 */
export const VALUES = 2 ** 30;

/** What a number of the row is. */
export const COUNT = 0;
export const RECORD = 1;
export const OFFSET = 2;
export const SHORTEST = 3;
export const LONGEST = 4;

/**
 * The paths and tags of a tree. `codes`: depth first, for each node its mark, the number of its fields, for each field
 * its name (an index of `names`) and its node, then the element's node if the mark has one. Immutable.
 */
export type Skeleton = { readonly codes: Int32Array; readonly names: readonly string[]; readonly kinds: Uint8Array };

export type Numbers = Uint16Array | Uint32Array | Float64Array;

/**
 * All places lie in `file`. `numbers`, in the order of the codes: for each tag count, record and offset; then the
 * lengths of lists.
 */
export type FlatTree = { readonly file: string; readonly skeleton: Skeleton; readonly numbers: Numbers };

/**
 * The tree as nodes, the fields of each in the order of their first places in this file, which files of one skeleton
 * need not share.
 */
export function rootOf({ file, skeleton: { codes, names }, numbers }: FlatTree): LedgerNode {
  let code = 0;
  let at = 0;
  const node = (): LedgerNode => {
    const mark = codes[code++] ?? 0;
    const tags: { [T in Tag]?: TagStats } = {};
    for (let t = 0; FLAGS << t <= mark; t++) {
      const tag = TAGS[t];
      if ((mark & (FLAGS << t)) === 0 || tag === undefined) continue;
      const [count = 0, record = 0, offset = 0] = [numbers[at], numbers[at + 1], numbers[at + 2]];
      tags[tag] = Object.freeze({ count, first: Object.freeze({ file, record, offset }) });
      at += 3;
    }
    const lengths = mark & LENGTHS ? Object.freeze({ min: numbers[at++] ?? 0, max: numbers[at++] ?? 0 }) : undefined;
    const fields: LedgerField[] = [];
    let last: Place | undefined;
    let inOrder = true;
    for (let n = codes[code++] ?? 0; n > 0; n--) {
      const name = names[codes[code++] ?? 0] ?? "";
      const field = Object.freeze({ name, node: node() });
      const first = firstPlace(field.node);
      if (comparePlaces(first, last) < 0 && last !== undefined) inOrder = false;
      last = first;
      fields.push(field);
    }
    if (!inOrder) fields.sort((a, b) => comparePlaces(firstPlace(a.node), firstPlace(b.node)));
    const element = mark & ELEMENT ? node() : undefined;
    return Object.freeze({
      tags: Object.freeze(tags),
      fields: Object.freeze(fields),
      ...(element && { element }),
      ...(lengths && { lengths }),
    });
  };
  return node();
}

/** The smallest array that holds them. */
export function pack(numbers: ArrayLike<number>): Numbers {
  let most = 0;
  for (let i = 0; i < numbers.length; i++) most = Math.max(most, numbers[i] ?? 0);
  return smallest(numbers, most);
}

/** The same where the greatest is known. */
export const smallest = (numbers: ArrayLike<number>, most: number): Numbers =>
  most < 65_536
    ? new Uint16Array(numbers)
    : most < 4_294_967_296
      ? new Uint32Array(numbers)
      : new Float64Array(numbers);
