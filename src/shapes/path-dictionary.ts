/** Numbers for paths, shared by the ledgers of one table: a ledger then names a path in one or two bytes. */
import { type ByteReader, type ByteWriter, createByteReader, createByteWriter } from "./byte-codec.js";
import type { Skeleton } from "./flat-tree.js";
import { createSkeletons, kindsOf, type Skeletons } from "./skeletons.js";

/** Grows by use and never forgets, so that older blobs stay readable. Number 0 is the record itself. */
export type PathDictionary = {
  readonly size: number;
  /** The number of a field of the struct at `parent`; a new one if it is not known yet. */
  field(parent: number, name: string): number;
  /** The number of the elements of the array (values of the map) at `parent`. */
  element(parent: number): number;
  /** The field name behind a number; undefined for elements and for the record. */
  nameOf(id: number): string | undefined;
  toBytes(): Uint8Array;
  /** Those of the ledgers read with it; of its bytes only those that have a number. */
  readonly skeletons: Skeletons;
  /**
   * The number of a skeleton, given when it comes for the second time; undefined for one that stays alone, or where
   * there are many.
   */
  skeletonId(skeleton: Skeleton): number | undefined;
  skeletonAt(id: number): Skeleton | undefined;
};

const ELEMENT = 0;
const FIELD = 1;
const SKELETON = 2;
/** A dictionary is read whole, for one ledger too. */
const MOST_SKELETONS = 500;
type Entry = { readonly parent: number; readonly name: string | undefined };

/** An empty dictionary, or the one that `toBytes` wrote. */
export function createPathDictionary(bytes?: Uint8Array): PathDictionary {
  const entries: Entry[] = [{ parent: 0, name: undefined }];
  const fields: Map<string, number>[] = [];
  const elements: number[] = [];
  const skeletons = createSkeletons();
  const numbered: Skeleton[] = [];
  const skeletonIds = new Map<Skeleton, number | undefined>();
  const number = (skeleton: Skeleton): number => {
    const id = numbered.push(skeleton) - 1;
    skeletonIds.set(skeleton, id);
    return id;
  };
  const add = (parent: number, name: string | undefined): number => entries.push({ parent, name }) - 1;
  const field = (parent: number, name: string): number => {
    const known = (fields[parent] ??= new Map());
    let id = known.get(name);
    if (id === undefined) known.set(name, (id = add(parent, name)));
    return id;
  };
  const element = (parent: number): number => (elements[parent] ??= add(parent, undefined));
  if (bytes) {
    const reader = createByteReader(bytes);
    while (!reader.atEnd()) {
      const parent = reader.unsigned();
      const kind = reader.unsigned();
      if (kind === FIELD) field(parent, reader.text());
      else if (kind === ELEMENT) element(parent);
      else number(skeletons.adopt(readSkeleton(reader)));
    }
  }
  return {
    skeletons,
    get size() {
      return entries.length + numbered.length;
    },
    skeletonId(foreign) {
      const skeleton = skeletons.adopt(foreign);
      const id = skeletonIds.get(skeleton);
      if (id !== undefined || numbered.length === MOST_SKELETONS) return id;
      if (skeletonIds.has(skeleton)) return number(skeleton);
      skeletonIds.set(skeleton, undefined);
      return undefined;
    },
    skeletonAt: (id) => numbered[id],
    field,
    element,
    nameOf: (id) => entries[id]?.name,
    toBytes() {
      const writer = createByteWriter();
      for (const { parent, name } of entries.slice(1)) {
        writer.unsigned(parent);
        writer.unsigned(name === undefined ? ELEMENT : FIELD);
        if (name !== undefined) writer.text(name);
      }
      for (const skeleton of numbered) writeSkeleton(writer, skeleton);
      return Uint8Array.from(writer.bytes());
    },
  };
}

function writeSkeleton(writer: ByteWriter, { codes, names }: Skeleton): void {
  writer.unsigned(0);
  writer.unsigned(SKELETON);
  writer.unsigned(codes.length);
  for (const code of codes) writer.unsigned(code);
  writer.unsigned(names.length);
  for (const name of names) writer.text(name);
}

function readSkeleton(reader: ByteReader): Skeleton {
  const codes = Int32Array.from({ length: reader.unsigned() }, () => reader.unsigned());
  const names = Array.from({ length: reader.unsigned() }, () => reader.text());
  return { codes, names, kinds: kindsOf(codes) };
}
