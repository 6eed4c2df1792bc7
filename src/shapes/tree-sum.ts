/** Adds trees of one skeleton number by number, before they become nodes. */
import { COUNT, type FlatTree, LONGEST, RECORD, SHORTEST, type Skeleton } from "./flat-tree.js";

export type TreeSum = {
  add(tree: FlatTree): void;
  /** One tree for each skeleton; its places are those of the first file, since each file has every path of its skeleton. */
  sums(): readonly FlatTree[];
};

type Sum = { first: FlatTree; readonly numbers: Float64Array };

export function createTreeSum(): TreeSum {
  const sums = new Map<Skeleton, Sum>();
  return {
    add(tree) {
      const held = sums.get(tree.skeleton);
      if (held === undefined) return void sums.set(tree.skeleton, { first: tree, numbers: new Float64Array(tree.numbers) });
      const { kinds } = tree.skeleton;
      const { numbers } = held;
      for (let i = 0; i < kinds.length; i++) {
        const [more = 0, before = 0] = [tree.numbers[i], numbers[i]];
        if (kinds[i] === COUNT) numbers[i] = before + more;
        else if (kinds[i] === SHORTEST) numbers[i] = Math.min(before, more);
        else if (kinds[i] === LONGEST) numbers[i] = Math.max(before, more);
      }
      if (tree.file < held.first.file) held.first = tree;
      else if (tree.file === held.first.file) held.first = earliest(held.first, tree);
    },
    sums: () => [...sums.values()].map(({ first, numbers }) => {
      const { kinds } = first.skeleton;
      return { ...first, numbers: numbers.map((sum, i) => (kinds[i] === COUNT || kinds[i] === SHORTEST || kinds[i] === LONGEST ? sum : first.numbers[i] ?? 0)) };
    }),
  };
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
