/** Trees to and from the bytes of blobs; what is written is what `ledger-blob.ts` writes of nodes. */
import type { ByteReader, ByteWriter } from "./byte-codec.js";
import { ELEMENT, FLAGS, type FlatTree, LENGTHS, OFFSET, pack, type Skeleton, VALUES } from "./flat-tree.js";
import type { PathDictionary } from "./path-dictionary.js";

/**
 * Where reading or writing is. One object for each tree; functions made anew for each would cost more than a small
 * tree.
 */
type Cursor = { code: number; number: number; lastOffset: number };

/**
 * Of a home file's places only the record and the step to the offset are written, behind its number, 0. The last
 * offset.
 */
export function writeTree(writer: ByteWriter, tree: FlatTree, dictionary: PathDictionary): number {
  const cursor = { code: 0, number: 0, lastOffset: 0 };
  writeNode(0, cursor, writer, tree, dictionary);
  return cursor.lastOffset;
}

function writeNode(id: number, cursor: Cursor, writer: ByteWriter, tree: FlatTree, dictionary: PathDictionary): void {
  const {
    skeleton: { codes, names },
    numbers,
  } = tree;
  const mark = codes[cursor.code++] ?? 0;
  writer.unsigned(mark);
  for (let t = 0; FLAGS << t <= mark; t++) {
    if ((mark & (FLAGS << t)) === 0) continue;
    writer.unsigned(numbers[cursor.number++] ?? 0);
    writer.unsigned(0);
    writer.unsigned(numbers[cursor.number++] ?? 0);
    const offset = numbers[cursor.number++] ?? 0;
    writer.signed(offset - cursor.lastOffset);
    cursor.lastOffset = offset;
  }
  if (mark & LENGTHS) {
    writer.unsigned(numbers[cursor.number++] ?? 0);
    writer.unsigned(numbers[cursor.number++] ?? 0);
  }
  const fields = codes[cursor.code++] ?? 0;
  writer.unsigned(fields);
  for (let n = 0; n < fields; n++) {
    const child = dictionary.field(id, names[codes[cursor.code++] ?? 0] ?? "");
    writer.signed(child - id);
    writeNode(child, cursor, writer, tree, dictionary);
  }
  if (mark & ELEMENT) writeNode(dictionary.element(id), cursor, writer, tree, dictionary);
}

/** The bits of a node that trees have no place for: declared decimals, counts that are bounds, repeated fields. */
const BEYOND = FLAGS - 1 - ELEMENT - LENGTHS + VALUES;

/**
 * The tree, and the last offset; undefined when the nodes have more than a tree holds, and the reader is then somewhere
 * among them.
 */
export function readTree(
  reader: ByteReader,
  dictionary: PathDictionary,
  file: string,
): { readonly tree: FlatTree; readonly lastOffset: number } | undefined {
  const { skeletons } = dictionary;
  const { codes, numbers } = skeletons;
  let lastOffset = 0;
  skeletons.begin();
  const node = (id: number): boolean => {
    const mark = reader.unsigned();
    if (mark & BEYOND) return false;
    codes.push(mark);
    for (let t = 0; FLAGS << t <= mark; t++) {
      if ((mark & (FLAGS << t)) === 0) continue;
      numbers.push(reader.unsigned());
      if (reader.unsigned() !== 0) return false; // a place in another file
      numbers.push(reader.unsigned());
      lastOffset += reader.signed();
      numbers.push(lastOffset);
    }
    if (mark & LENGTHS) numbers.push(reader.unsigned(), reader.unsigned());
    const fields = reader.unsigned();
    codes.push(fields);
    for (let n = 0; n < fields; n++) {
      const child = id + reader.signed();
      const name = dictionary.nameOf(child);
      if (name === undefined)
        throw new RangeError(`the path dictionary has no field ${child}: it is not the one the blob was written with`);
      codes.push(skeletons.nameId(name));
      if (!node(child)) return false;
    }
    return (mark & ELEMENT) === 0 || node(dictionary.element(id));
  };
  return node(0) ? { tree: skeletons.finish(file), lastOffset } : undefined;
}

/** The numbers alone, for those who keep the skeleton; offsets as steps. The last offset. */
export function writeNumbers(writer: ByteWriter, { skeleton: { kinds }, numbers }: FlatTree): number {
  let lastOffset = 0;
  for (let i = 0; i < kinds.length; i++) {
    const value = numbers[i] ?? 0;
    if (kinds[i] !== OFFSET) writer.unsigned(value);
    else {
      writer.signed(value - lastOffset);
      lastOffset = value;
    }
  }
  return lastOffset;
}

export function readNumbers(
  reader: ByteReader,
  file: string,
  skeleton: Skeleton,
): { readonly tree: FlatTree; readonly lastOffset: number } {
  const { kinds } = skeleton;
  const numbers = new Float64Array(kinds.length);
  let lastOffset = 0;
  for (let i = 0; i < kinds.length; i++)
    numbers[i] = kinds[i] === OFFSET ? (lastOffset += reader.signed()) : reader.unsigned();
  return { tree: { file, skeleton, numbers: pack(numbers) }, lastOffset };
}
