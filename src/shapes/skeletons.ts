/** Collects the skeletons of trees, each once, and builds trees on them. */
import {
  COUNT,
  ELEMENT,
  FLAGS,
  type FlatTree,
  LENGTHS,
  LONGEST,
  OFFSET,
  pack,
  RECORD,
  SHORTEST,
  type Skeleton,
} from "./flat-tree.js";

/**
 * Trees are built one after the other. A node is `codes.push(mark)`, its numbers, `codes.push(fields)`, then for each
 * field `codes.push(nameId(name))` and its node, then the element.
 */
export type Skeletons = {
  /** What was put since `begin`, of the next tree to `finish`. */
  readonly codes: number[];
  readonly numbers: number[];
  begin(): void;
  nameId(name: string): number;
  finish(file: string): FlatTree;
  /** The skeleton of these codes, whose names are numbers of `nameId`. */
  intern(codes: ArrayLike<number>): Skeleton;
  /** The skeleton here that is the same as one from elsewhere. */
  adopt(skeleton: Skeleton): Skeleton;
};

export function createSkeletons(): Skeletons {
  const ids = new Map<string, number>();
  const names: string[] = [];
  const known = new Map<number, { readonly codes: Int32Array; readonly skeleton: Skeleton }[]>();
  const adopted = new WeakMap<Skeleton, Skeleton>();
  /** By content: threads send the same skeletons with each batch of files. */
  const alike = new Map<string, Skeleton>();
  const codes: number[] = [];
  const numbers: number[] = [];
  const nameId = (name: string): number => {
    let id = ids.get(name);
    if (id === undefined) ids.set(name, (id = names.push(name) - 1));
    return id;
  };
  const intern = (wanted: ArrayLike<number>): Skeleton => {
    let hash = wanted.length;
    for (let i = 0; i < wanted.length; i++) hash = (Math.imul(hash, 31) + (wanted[i] ?? 0)) | 0;
    let bucket = known.get(hash);
    if (bucket === undefined) known.set(hash, (bucket = []));
    const found = bucket.find((entry) => equal(entry.codes, wanted));
    if (found !== undefined) return found.skeleton;
    const entry = { codes: Int32Array.from(wanted), skeleton: standAlone(wanted, names) };
    bucket.push(entry);
    return entry.skeleton;
  };
  return {
    codes,
    numbers,
    nameId,
    intern,
    begin() {
      codes.length = 0;
      numbers.length = 0;
    },
    finish: (file) => ({ file, skeleton: intern(codes), numbers: pack(numbers) }),
    adopt(skeleton) {
      const known = adopted.get(skeleton);
      if (known !== undefined) return known;
      const content = contentOf(skeleton);
      const own = alike.get(content) ?? intern(renamed(skeleton.codes, (i) => nameId(skeleton.names[i] ?? "")));
      alike.set(content, own);
      adopted.set(skeleton, own);
      return own;
    },
  };
}

/** Equal for equal skeletons only. Made without a loop of ours. */
const contentOf = ({ codes, names }: Skeleton): string =>
  `${Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength).toString("latin1")}${JSON.stringify(names)}`;

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** With names of its own only, so that it can be sent and kept without its collection. */
function standAlone(codes: ArrayLike<number>, all: readonly string[]): Skeleton {
  const own = new Map<number, number>();
  const names: string[] = [];
  const local = (id: number): number => {
    let index = own.get(id);
    if (index === undefined) own.set(id, (index = names.push(all[id] ?? "") - 1));
    return index;
  };
  return Object.freeze({
    codes: Int32Array.from(renamed(codes, local)),
    names: Object.freeze(names),
    kinds: kindsOf(codes),
  });
}

/** The codes with other names. */
export function renamed(codes: ArrayLike<number>, name: (id: number) => number): readonly number[] {
  const result = Array.from(codes);
  walk(
    codes,
    () => undefined,
    (at) => {
      result[at] = name(codes[at] ?? 0);
    },
  );
  return result;
}

/** What the numbers of its trees are. */
export function kindsOf(codes: ArrayLike<number>): Uint8Array {
  const kinds: number[] = [];
  walk(
    codes,
    (mark) => {
      for (let t = 0; FLAGS << t <= mark; t++) if (mark & (FLAGS << t)) kinds.push(COUNT, RECORD, OFFSET);
      if (mark & LENGTHS) kinds.push(SHORTEST, LONGEST);
    },
    () => undefined,
  );
  return Uint8Array.from(kinds);
}

function walk(codes: ArrayLike<number>, onNode: (mark: number) => void, onName: (at: number) => void): void {
  let at = 0;
  const node = (): void => {
    const mark = codes[at++] ?? 0;
    onNode(mark);
    for (let n = codes[at++] ?? 0; n > 0; n--) {
      onName(at++);
      node();
    }
    if (mark & ELEMENT) node();
  };
  node();
}
