/**
 * Ledgers as blobs: varints against a table's path dictionary, then deflate. Some 300 bytes for a file of 50 paths. A
 * blob is read with the dictionary it was written with, at that size or grown since.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { createByteReader, createByteWriter } from "./byte-codec.js";
import type { ByteReader, ByteWriter } from "./byte-codec.js";
import { readNumbers, readTree, writeNumbers, writeTree } from "./flat-blob.js";
import { treeOf, withTree } from "./flat-ledger.js";
import { ELEMENT, FLAGS, type FlatTree, LENGTHS, VALUES } from "./flat-tree.js";
import { HAZARDS, TAGS } from "./ledger.js";
import type {
  FileLedger,
  Hazard,
  HazardStats,
  Ledger,
  LedgerField,
  LedgerNode,
  MalformedRecord,
  Place,
  ShapeStats,
  Tag,
  TagStats,
} from "./ledger.js";
import type { PathDictionary } from "./path-dictionary.js";

/** A ledger of a file is some kB: the window and tables of the default would cost more to set up than to use. */
const SMALL = { windowBits: 12, memLevel: 5 };

/** The dictionary grows by the paths and skeletons that it does not know. */
export function encodeFileLedger(ledger: FileLedger, dictionary: PathDictionary): Uint8Array {
  const tree = ledger.texts === undefined ? treeOf(ledger) : undefined;
  const skeleton = tree?.file === ledger.file ? dictionary.skeletonId(tree.skeleton) : undefined;
  return tree !== undefined && skeleton !== undefined
    ? onSkeleton(ledger, tree, skeleton)
    : deflateRawSync(packFileLedger(ledger, dictionary), SMALL);
}

export const decodeFileLedger = (blob: Uint8Array, dictionary: PathDictionary): FileLedger =>
  blob[0] === PLAIN ? fromSkeleton(blob, dictionary) : unpackFileLedger(inflateRawSync(blob), dictionary);

/**
 * What no deflated stream begins with: its first block would be of the reserved kind. Deflating numbers costs more than
 * writing them, and gains little.
 */
const PLAIN = 6;

function onSkeleton(ledger: FileLedger, tree: FlatTree, skeleton: number): Uint8Array {
  const writer = createByteWriter();
  writer.unsigned(PLAIN);
  writeHead(writer, ledger);
  writeCounts(writer, ledger);
  writer.unsigned(skeleton);
  writeLists(writer, ledger, placeWriter(writer, ledger.file, writeNumbers(writer, tree)));
  return writer.bytes();
}

function fromSkeleton(blob: Uint8Array, dictionary: PathDictionary): FileLedger {
  const reader = createByteReader(blob);
  reader.unsigned();
  const head = readHead(reader);
  const counts = readCounts(reader);
  const id = reader.unsigned();
  const skeleton = dictionary.skeletonAt(id);
  if (skeleton === undefined)
    throw new RangeError(`the path dictionary has no skeleton ${id}: it is not the one the blob was written with`);
  const { tree, lastOffset } = readNumbers(reader, head.file, skeleton);
  return withTree(
    { ...head, ...counts, ...readLists(reader, dictionary, placeReader(reader, head.file, lastOffset)) },
    tree,
  );
}

/** As `encodeFileLedger` without deflate: for memory, where it is quicker. */
export function packFileLedger(ledger: FileLedger, dictionary: PathDictionary): Uint8Array {
  const writer = createByteWriter();
  writeHead(writer, ledger);
  writeBody(writer, ledger, dictionary, ledger.file);
  return writer.bytes();
}

export function unpackFileLedger(bytes: Uint8Array, dictionary: PathDictionary): FileLedger {
  const open = () => {
    const reader = createByteReader(bytes);
    return { reader, head: readHead(reader) };
  };
  const { reader, head } = open();
  const counts = readCounts(reader);
  const flat = readTree(reader, dictionary, head.file);
  // from the start
  if (flat === undefined) return Object.freeze({ ...head, ...readBody(open().reader, dictionary, head.file) });
  const places = placeReader(reader, head.file, flat.lastOffset);
  return withTree({ ...head, ...counts, ...readLists(reader, dictionary, places) }, flat.tree);
}

type Head = Pick<FileLedger, "file" | "etag" | "size" | "modified" | "format">;

function writeHead(writer: ByteWriter, { file, etag, size, modified, format }: Head): void {
  writer.text(file);
  writer.text(etag);
  writer.unsigned(size);
  writer.double(modified);
  writer.text(format);
}

const readHead = (reader: ByteReader): Head => ({
  file: reader.text(),
  etag: reader.text(),
  size: reader.unsigned(),
  modified: reader.double(),
  format: reader.text(),
});

/** As `encodeFileLedger`, for the merge of many. */
export function encodeLedger(ledger: Ledger, dictionary: PathDictionary): Uint8Array {
  const writer = createByteWriter();
  writer.unsigned(ledger.files);
  writer.unsigned(ledger.size);
  writeBody(writer, ledger, dictionary, "");
  return deflateRawSync(writer.bytes());
}

export function decodeLedger(blob: Uint8Array, dictionary: PathDictionary): Ledger {
  const reader = createByteReader(inflateRawSync(blob));
  const head = { files: reader.unsigned(), size: reader.unsigned() };
  return Object.freeze({ ...head, ...readBody(reader, dictionary, "") });
}

type Body = Omit<Ledger, "files" | "size">;

function writeBody(writer: ByteWriter, ledger: Body, dictionary: PathDictionary, home: string): void {
  writeCounts(writer, ledger);
  const tree = treeOf(ledger);
  const flat = tree !== undefined && tree.file === home ? writeTree(writer, tree, dictionary) : undefined;
  const places = placeWriter(writer, home, flat);
  if (flat === undefined) writeNode(writer, ledger.root, 0, dictionary, places);
  writeLists(writer, ledger, places);
  if (ledger.texts) writeNode(writer, ledger.texts, 0, dictionary, places);
}

function writeCounts(writer: ByteWriter, { bytes, records, malformed, otherShapes }: Body): void {
  for (const count of [bytes, records, malformed, otherShapes]) writer.unsigned(count);
}

function writeLists(
  writer: ByteWriter,
  ledger: Pick<Body, "hazards" | "shapes" | "malformedRecords">,
  places: PlaceWriter,
): void {
  LATER.forEach((hazard, i) => {
    const stats = ledger.hazards[hazard];
    if (stats) writeHazard(writer, stats, places, FORMS * (i + 1));
  });
  for (const hazard of FIRST) writeHazard(writer, ledger.hazards[hazard], places);
  const { shapes } = ledger; // may be made of numbers
  writer.unsigned(shapes.length);
  for (const shape of shapes) writeShape(writer, shape, places);
  writer.unsigned(ledger.malformedRecords.length);
  for (const record of ledger.malformedRecords) writeMalformed(writer, record, places);
}

function readBody(reader: ByteReader, dictionary: PathDictionary, home: string): Body {
  const places = placeReader(reader, home);
  const counts = readCounts(reader);
  const root = readNode(reader, dictionary, places);
  return { ...counts, root, ...readLists(reader, dictionary, places) };
}

function readCounts(reader: ByteReader): Pick<Body, "bytes" | "records" | "malformed" | "otherShapes"> {
  const [bytes, records, malformed, otherShapes] = [
    reader.unsigned(),
    reader.unsigned(),
    reader.unsigned(),
    reader.unsigned(),
  ];
  return { bytes, records, malformed, otherShapes };
}

function readLists(
  reader: ByteReader,
  dictionary: PathDictionary,
  places: PlaceReader,
): Pick<Body, "hazards" | "shapes" | "malformedRecords" | "texts"> {
  const hazards: { [H in Hazard]?: HazardStats } = {};
  let form = reader.unsigned();
  for (; form >= FORMS; form = reader.unsigned()) {
    const hazard = LATER[Math.floor(form / FORMS) - 1];
    const stats = readHazard(reader, places, form % FORMS);
    if (hazard !== undefined && stats) hazards[hazard] = stats;
  }
  for (const [i, hazard] of FIRST.entries()) {
    const stats = readHazard(reader, places, i === 0 ? form : reader.unsigned());
    if (stats) hazards[hazard] = stats;
  }
  const shapes = Array.from({ length: reader.unsigned() }, () => readShape(reader, places));
  const malformedRecords = Array.from({ length: reader.unsigned() }, () => readMalformed(reader, places));
  const texts = reader.atEnd() ? {} : { texts: readNode(reader, dictionary, places) };
  return {
    hazards: Object.freeze(hazards),
    shapes: Object.freeze(shapes),
    malformedRecords: Object.freeze(malformedRecords),
    ...texts,
  };
}

// Places: file names once each, offsets as differences, since first places lie close together ------------------------

type PlaceWriter = { file(file: string): void; place(place: Place): void };
type PlaceReader = { file(): string; place(): Place };

function placeWriter(writer: ByteWriter, home: string, lastOffset = 0): PlaceWriter {
  const known = new Map([[home, 0]]);
  const file = (name: string): void => {
    const id = known.get(name);
    writer.unsigned(id ?? known.size);
    if (id !== undefined) return;
    known.set(name, known.size);
    writer.text(name);
  };
  return {
    file,
    place(place) {
      file(place.file);
      writer.unsigned(place.record);
      writer.signed(place.offset - lastOffset);
      lastOffset = place.offset;
    },
  };
}

function placeReader(reader: ByteReader, home: string, lastOffset = 0): PlaceReader {
  const known = [home];
  const file = (): string => {
    const id = reader.unsigned();
    return (known[id] ??= reader.text());
  };
  return {
    file,
    place() {
      const [name, record] = [file(), reader.unsigned()];
      lastOffset += reader.signed();
      return Object.freeze({ file: name, record, offset: lastOffset });
    },
  };
}

// Nodes --------------------------------------------------------------------------------------------------------------

const DECIMAL = 4;
const INEXACT = 8;
const REPEATED = 16;

function writeNode(
  writer: ByteWriter,
  node: LedgerNode,
  id: number,
  dictionary: PathDictionary,
  places: PlaceWriter,
): void {
  let mask =
    (node.element ? ELEMENT : 0)
    | (node.lengths ? LENGTHS : 0)
    | (node.decimal ? DECIMAL : 0)
    | (node.inexact ? INEXACT : 0)
    | (node.repeated ? REPEATED : 0)
    | (node.values ? VALUES : 0);
  TAGS.forEach((tag, i) => {
    if (node.tags[tag]) mask |= FLAGS << i;
  });
  writer.unsigned(mask);
  for (const tag of TAGS) {
    const stats = node.tags[tag];
    if (!stats) continue;
    writer.unsigned(stats.count);
    places.place(stats.first);
  }
  if (node.lengths) {
    writer.unsigned(node.lengths.min);
    writer.unsigned(node.lengths.max);
  }
  if (node.decimal) {
    writer.unsigned(node.decimal.precision);
    writer.unsigned(node.decimal.scale);
  }
  writer.unsigned(node.fields.length);
  for (const { name, node: child } of node.fields) {
    const childId = dictionary.field(id, name);
    writer.signed(childId - id);
    writeNode(writer, child, childId, dictionary, places);
  }
  if (node.element) writeNode(writer, node.element, dictionary.element(id), dictionary, places);
  if (node.values) writeNode(writer, node.values, dictionary.element(id), dictionary, places);
}

function readNode(reader: ByteReader, dictionary: PathDictionary, places: PlaceReader, id = 0): LedgerNode {
  const mask = reader.unsigned();
  const tags: { [T in Tag]?: TagStats } = {};
  TAGS.forEach((tag, i) => {
    if (mask & (FLAGS << i)) tags[tag] = Object.freeze({ count: reader.unsigned(), first: places.place() });
  });
  const lengths = mask & LENGTHS ? Object.freeze({ min: reader.unsigned(), max: reader.unsigned() }) : undefined;
  const decimal =
    mask & DECIMAL ? Object.freeze({ precision: reader.unsigned(), scale: reader.unsigned() }) : undefined;
  const fields: LedgerField[] = [];
  for (let n = reader.unsigned(); n > 0; n--) {
    const childId = id + reader.signed();
    const name = dictionary.nameOf(childId);
    if (name === undefined)
      throw new RangeError(`the path dictionary has no field ${childId}: it is not the one the blob was written with`);
    fields.push(Object.freeze({ name, node: readNode(reader, dictionary, places, childId) }));
  }
  const element = mask & ELEMENT ? readNode(reader, dictionary, places, dictionary.element(id)) : undefined;
  const values = mask & VALUES ? readNode(reader, dictionary, places, dictionary.element(id)) : undefined;
  return Object.freeze({
    tags: Object.freeze(tags),
    fields: Object.freeze(fields),
    ...(element && { element }),
    ...(values && { values }),
    ...(lengths && { lengths }),
    ...(decimal && { decimal }),
    ...(mask & INEXACT && { inexact: true as const }),
    ...(mask & REPEATED && { repeated: true as const }),
  });
}

// Hazards, shapes, malformed records ---------------------------------------------------------------------------------

/**
 * Each has its place, filled or not; those that came later are before them, with what they are, so that earlier blobs
 * are read.
 */
const FIRST = HAZARDS.slice(0, 11);
const LATER = HAZARDS.slice(11);
/** None, without a path, with one. */
const FORMS = 3;

function writeHazard(writer: ByteWriter, stats: HazardStats | undefined, places: PlaceWriter, which = 0): void {
  writer.unsigned(which + (stats === undefined ? 0 : stats.path === undefined ? 1 : 2));
  if (!stats) return;
  writer.unsigned(stats.count);
  places.place(stats.first);
  if (stats.path !== undefined) writer.text(stats.path);
}

function readHazard(reader: ByteReader, places: PlaceReader, form: number): HazardStats | undefined {
  if (form === 0) return undefined;
  const stats = { count: reader.unsigned(), first: places.place() };
  return Object.freeze(form === 1 ? stats : { ...stats, path: reader.text() });
}

const HASH = /^[0-9a-f]{16}$/;

function writeShape(writer: ByteWriter, shape: ShapeStats, places: PlaceWriter): void {
  const plain = HASH.test(shape.hash);
  writer.unsigned(plain ? 0 : 1);
  if (plain) writer.raw(Buffer.from(shape.hash, "hex"));
  else writer.text(shape.hash);
  writer.unsigned(shape.count);
  places.place(shape.first);
}

function readShape(reader: ByteReader, places: PlaceReader): ShapeStats {
  const hash = reader.unsigned() === 0 ? Buffer.from(reader.raw(8)).toString("hex") : reader.text();
  return Object.freeze({ hash, count: reader.unsigned(), first: places.place() });
}

function writeMalformed(writer: ByteWriter, record: MalformedRecord, places: PlaceWriter): void {
  places.file(record.file);
  for (const number of [record.offset, record.end, record.at]) writer.unsigned(number);
  for (const text of [record.code, record.reason, record.text]) writer.text(text);
}

function readMalformed(reader: ByteReader, places: PlaceReader): MalformedRecord {
  const file = places.file();
  const [offset, end, at] = [reader.unsigned(), reader.unsigned(), reader.unsigned()];
  const [code, reason, text] = [reader.text(), reader.text(), reader.text()];
  return Object.freeze({ file, offset, end, code, reason, at, text });
}
