/** Ledgers of very many files in little memory: as objects they take some 20 kB each, packed about one. */
import { packFileLedger, unpackFileLedger } from "../shapes/ledger-blob.js";
import type { FileLedger } from "../shapes/ledger.js";
import { createPathDictionary } from "../shapes/path-dictionary.js";
import type { StructType } from "../types/data-type.js";
import { fullTypeText } from "../types/type-text.js";

/** Crawls of fewer files keep the objects, which are quicker. */
const KEPT = 2000;

export type LedgerKeeper = {
  /** The ledger itself, or past the first ones one that reads the same and whose nodes are unpacked anew each time they are asked for. */
  readonly keep: (ledger: FileLedger) => FileLedger;
  /** Equal types as one object. */
  readonly share: (type: StructType) => StructType;
};

export function ledgerKeeper(kept = KEPT): LedgerKeeper {
  const dictionary = createPathDictionary();
  const types = new Map<string, StructType>();
  let count = 0;
  return {
    keep: (ledger) => (++count <= kept ? ledger : packed(ledger, Buffer.from(packFileLedger({ ...ledger, ...NO_LISTS }, dictionary)), dictionary)),
    share: (type) => {
      const text = fullTypeText(type);
      const known = types.get(text);
      if (known === undefined) types.set(text, type);
      return known ?? type;
    },
  };
}

/** Short lists stay as they are; it is the nodes that are many. */
const NO_LISTS = { malformedRecords: [], hazards: {}, shapes: [], otherShapes: 0 } as const;

function packed({ root: _, ...rest }: FileLedger, bytes: Uint8Array, dictionary: Parameters<typeof unpackFileLedger>[1]): FileLedger {
  return { ...rest, get root() { return unpackFileLedger(bytes, dictionary).root; } };
}
