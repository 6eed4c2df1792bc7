/** Ledgers whose nodes, and shapes where they come of a scanner, are numbers until somebody looks at them. */
import { type FlatShapes, shapesOf } from "./flat-shapes.js";
import { type FlatTree, rootOf } from "./flat-tree.js";
import type { LedgerNode, ShapeStats } from "./ledger.js";

const TREE = Symbol("tree");
const SHAPES = Symbol("shapes");

type Flat = { readonly [TREE]?: FlatTree; readonly [SHAPES]?: FlatShapes };

/**
 * Getters for all: with some of its own, each thing would have a hidden class of its own, which takes five times the
 * memory of its numbers.
 */
const ROOT = Object.freeze({
  enumerable: true,
  get(this: Flat): LedgerNode {
    return rootOf(numbersOf(treeOf(this)));
  },
});
const LIST = Object.freeze({
  enumerable: true,
  get(this: Flat): readonly ShapeStats[] {
    return shapesOf(numbersOf(flatShapesOf(this)));
  },
});

function numbersOf<T>(numbers: T | undefined): T {
  if (numbers === undefined) throw new Error("unreachable: the getter is that of a thing with numbers");
  return numbers;
}

type Rooted = { readonly root: LedgerNode };
type Shaped = { readonly shapes: readonly ShapeStats[] };

/**
 * A frozen thing whose `root` is made anew from the tree each time it is asked for. Copies by spreading have the root,
 * not the tree.
 */
export const withTree = <T extends object>(rest: T, tree: FlatTree): T & Rooted => Object.freeze(treed(rest, tree));

/** As `withTree`, for `shapes` too. */
export const withNumbers = <T extends object>(rest: T, tree: FlatTree, shapes: FlatShapes): T & Rooted & Shaped =>
  Object.freeze(
    Object.defineProperty(Object.defineProperty(treed(rest, tree), SHAPES, { value: shapes }), "shapes", LIST) as T
      & Rooted
      & Shaped,
  );

const treed = <T extends object>(rest: T, tree: FlatTree): T & Rooted =>
  Object.defineProperty(Object.defineProperty({ ...rest }, TREE, { value: tree }), "root", ROOT) as T & Rooted;

export const treeOf = (thing: object): FlatTree | undefined => (thing as Flat)[TREE];
export const flatShapesOf = (thing: object): FlatShapes | undefined => (thing as Flat)[SHAPES];
