/** Adds trees of one skeleton number by number, before they become nodes. */
import { COUNT, type FlatTree, LONGEST, RECORD, SHORTEST, type Skeleton } from "./flat-tree.js";

export type TreeSum = {
  add(tree: FlatTree): void;
  /**
   * One tree for each skeleton; its places are those of the first file, since each file has every path of its skeleton.
   */
  sums(): readonly FlatTree[];
};

/** `numbers` has the sums where the skeleton has counts and lengths. */
type Sum = {
  first: FlatTree;
  readonly numbers: Float64Array;
  readonly counts: readonly number[];
  readonly least: readonly number[];
  readonly most: readonly number[];
};

export function createTreeSum(): TreeSum {
  const sums = new Map<Skeleton, Sum>();
  return {
    add(tree) {
      const held = sums.get(tree.skeleton);
      if (held === undefined) {
        const { kinds } = tree.skeleton;
        return void sums.set(tree.skeleton, {
          first: tree,
          numbers: new Float64Array(tree.numbers),
          counts: placesOf(kinds, COUNT),
          least: placesOf(kinds, SHORTEST),
          most: placesOf(kinds, LONGEST),
        });
      }
      const { numbers } = held;
      const more = tree.numbers;
      for (const i of held.counts) numbers[i] = (numbers[i] ?? 0) + (more[i] ?? 0);
      for (const i of held.least) numbers[i] = Math.min(numbers[i] ?? 0, more[i] ?? 0);
      for (const i of held.most) numbers[i] = Math.max(numbers[i] ?? 0, more[i] ?? 0);
      if (tree.file < held.first.file) held.first = tree;
      else if (tree.file === held.first.file) held.first = earliest(held.first, tree);
    },
    sums: () =>
      [...sums.values()].map(({ first, numbers, counts, least, most }) => {
        const sum = new Float64Array(first.numbers);
        for (const i of [...counts, ...least, ...most]) sum[i] = numbers[i] ?? 0;
        return { ...first, numbers: sum };
      }),
  };
}

/** Where numbers of that kind are. */
function placesOf(kinds: Uint8Array, kind: number): readonly number[] {
  const places: number[] = [];
  for (let i = kinds.indexOf(kind); i >= 0; i = kinds.indexOf(kind, i + 1)) places.push(i);
  return places;
}

/** Parts of one file: place by place the earlier one. */
function earliest(a: FlatTree, b: FlatTree): FlatTree {
  const { kinds } = a.skeleton;
  const numbers = new Float64Array(a.numbers);
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] !== RECORD) continue;
    const [record = 0, offset = 0] = [b.numbers[i], b.numbers[i + 1]];
    if (record > (numbers[i] ?? 0) || (record === numbers[i] && offset >= (numbers[i + 1] ?? 0))) continue;
    [numbers[i], numbers[i + 1]] = [record, offset];
  }
  return { ...a, numbers };
}
