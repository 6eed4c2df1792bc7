/** Numbers for paths, shared by the ledgers of one table: a ledger then names a path in one or two bytes. */
import { createByteReader, createByteWriter } from "./byte-codec.js";
import { createSkeletons, type Skeletons } from "./skeletons.js";

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
  /** Those of the ledgers read with it; not part of its bytes. */
  readonly skeletons: Skeletons;
};

const ELEMENT = 0, FIELD = 1;
type Entry = { readonly parent: number; readonly name: string | undefined };

/** An empty dictionary, or the one that `toBytes` wrote. */
export function createPathDictionary(bytes?: Uint8Array): PathDictionary {
  const entries: Entry[] = [{ parent: 0, name: undefined }];
  const fields: Map<string, number>[] = [];
  const elements: number[] = [];
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
      if (reader.unsigned() === FIELD) field(parent, reader.text());
      else element(parent);
    }
  }
  return {
    skeletons: createSkeletons(),
    get size() { return entries.length; },
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
      return Uint8Array.from(writer.bytes());
    },
  };
}
