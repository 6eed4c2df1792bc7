/**
 * Ledgers of very many files in little memory: as objects they take some 20 kB each, as numbers on a shared skeleton
 * some hundred bytes.
 */
import { packFileLedger, unpackFileLedger } from "../shapes/ledger-blob.js";
import { flatShapesOf, treeOf, withNumbers, withTree } from "../shapes/flat-ledger.js";
import type { Skeleton } from "../shapes/flat-tree.js";
import { ledgerType } from "../shapes/ledger-type.js";
import type { FileLedger } from "../shapes/ledger.js";
import { createPathDictionary } from "../shapes/path-dictionary.js";
import type { StructType } from "../types/data-type.js";
import { fieldsByName } from "../types/fields-by-name.js";
import { fullTypeText } from "../types/type-text.js";

/** Of formats whose ledgers are nodes, the first ones stay as they are. */
const KEPT = 2000;

export type LedgerKeeper = {
  /** One that reads the same in less memory; its nodes are made anew each time they are asked for. */
  readonly keep: (ledger: FileLedger) => FileLedger;
  /**
   * The exact type of a ledger, its fields by name: which files share a skeleton depends on the thread that scanned
   * them, and files of one need not have their fields in one order. Equal types as one object, and worked out once for
   * all files of one skeleton.
   */
  readonly typeOf: (ledger: FileLedger) => StructType;
};

export function ledgerKeeper(kept = KEPT): LedgerKeeper {
  const dictionary = createPathDictionary();
  const types = new Map<string, StructType>();
  const bySkeleton = new Map<Skeleton, StructType>();
  let count = 0;
  const share = (type: StructType): StructType => {
    const text = fullTypeText(type);
    const known = types.get(text);
    if (known === undefined) types.set(text, type);
    return known ?? type;
  };
  return {
    keep(ledger) {
      const tree = ledger.texts === undefined ? treeOf(ledger) : undefined; // a tree of its own is not kept flat
      if (tree === undefined)
        return ++count <= kept
          ? ledger
          : packed(ledger, Buffer.from(packFileLedger({ ...ledger, ...NO_LISTS }, dictionary)), dictionary);
      const own = { ...tree, skeleton: dictionary.skeletons.adopt(tree.skeleton) };
      const rest = withoutNumbers(ledger);
      const shapes = flatShapesOf(ledger);
      return shapes === undefined ? withTree({ ...rest, shapes: ledger.shapes }, own) : withNumbers(rest, own, shapes);
    },
    typeOf(ledger) {
      const skeleton = treeOf(ledger)?.skeleton;
      const known = skeleton === undefined ? undefined : bySkeleton.get(skeleton);
      const type = known ?? share(fieldsByName(ledgerType(ledger)));
      if (skeleton !== undefined && known === undefined) bySkeleton.set(skeleton, type);
      return type;
    },
  };
}

/** Short lists stay as they are; it is the nodes that are many. */
const NO_LISTS = { malformedRecords: [], hazards: {}, shapes: [], otherShapes: 0 } as const;

function packed(
  { root: _, texts, ...rest }: FileLedger,
  bytes: Uint8Array,
  dictionary: Parameters<typeof unpackFileLedger>[1],
): FileLedger {
  const unpacked = (): FileLedger => unpackFileLedger(bytes, dictionary);
  if (texts === undefined)
    return {
      ...rest,
      get root() {
        return unpacked().root;
      },
    };
  return {
    ...rest,
    get root() {
      return unpacked().root;
    },
    get texts() {
      return unpacked().texts ?? texts;
    },
  };
}

/** Without asking for what is made of them. */
const withoutNumbers = ({
  file,
  etag,
  size,
  modified,
  format,
  bytes,
  records,
  malformed,
  malformedRecords,
  hazards,
  otherShapes,
}: FileLedger): Omit<FileLedger, "root" | "shapes"> => ({
  file,
  etag,
  size,
  modified,
  format,
  bytes,
  records,
  malformed,
  malformedRecords,
  hazards,
  otherShapes,
});
