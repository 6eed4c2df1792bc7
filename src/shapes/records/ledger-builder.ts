/** The exact ledger of records that are JavaScript values: what wasm/tree.ts is for text. */
import { Decimal } from "../../types/value.js";
import {
  HAZARDS,
  MAX_KEPT_MALFORMED,
  TAGS,
  type Hazard,
  type HazardStats,
  type LedgerNode,
  type MalformedRecord,
  type Place,
  type ShapeStats,
  type Tag,
  type TagStats,
} from "../ledger.js";
import { comparePlaces, firstPlace } from "../first-place.js";
import { elementPath, fieldPath } from "../path-text.js";
import type { PartLedger } from "../scanner.js";
import { FlatRecord, type FlatField, type FlatRows } from "./flat-rows.js";
import {
  decimalDigits,
  type RecordEvent,
  type SourceRecord,
  type SourceStruct,
  type SourceValue,
} from "./record-reader.js";

/** Distinct shapes counted one by one; more go to `otherShapes`. As in wasm/shape-table.ts. */
const MAX_SHAPES = 65_536;

export type LedgerBuilder = {
  add(event: RecordEvent): void;
  /** Types met so far, of all paths together: as long as it stays, no record had anything new. */
  met(): number;
  /** What was met so far. */
  root(): LedgerNode;
  /** `bytes` after decompression. */
  finish(bytes: number): PartLedger;
};

type Stats = { count: number; readonly first: Place; seen: number; readonly low: number; readonly high: number };
type Shape = { count: number; readonly first: Place };
type Node = {
  readonly path: string;
  readonly tags: (Stats | undefined)[];
  readonly fields: Map<string, Node>;
  /** The nodes of `fields` by the index of flat rows' fields, which are of one reader. */
  readonly flat: (Node | undefined)[];
  /** Names in lower case, and whether two of them were one name. */
  readonly folded: Set<string>;
  clash: boolean;
  element: Node | undefined;
  /** Of maps. */
  values: Node | undefined;
  min: number;
  max: number;
  repeated: boolean;
  decimal: { precision: number; scale: number } | undefined;
};

const TAG_INDEX: ReadonlyMap<Tag, number> = new Map(TAGS.map((tag, i) => [tag, i]));
const STRUCT = TAGS.indexOf("struct");
const ARRAY = TAGS.indexOf("array");
const newNode = (path: string): Node => ({
  path,
  tags: [],
  fields: new Map(),
  flat: [],
  folded: new Set(),
  clash: false,
  element: undefined,
  values: undefined,
  min: Infinity,
  max: -1,
  repeated: false,
  decimal: undefined,
});

/** Counts the events of one file. */
export function createLedgerBuilder(file: string): LedgerBuilder {
  const root = newNode("");
  const hazards = new Map<Hazard, HazardStats>();
  const shapes = new Map<string, Shape>();
  let lastShape: { readonly low: number; readonly high: number; readonly shape: Shape | undefined } = {
    low: 0,
    high: 0,
    shape: undefined,
  };
  const malformedRecords: MalformedRecord[] = [];
  let records = 0;
  let malformed = 0;
  let otherShapes = 0;
  let met = 0;
  // of the record in hand
  let offset = 0;
  let end = 0;
  let ordinal = 0;
  let low = 0;
  let high = 0;
  let repeats = false;

  const placeAt = (at: number): Place => Object.freeze({ file, record: records, offset: at });
  const hazard = (name: Hazard, at: number, path?: string): void => {
    const held = hazards.get(name);
    hazards.set(
      name,
      held
        ? { ...held, count: held.count + 1 }
        : { count: 1, first: placeAt(at), ...(path === undefined ? {} : { path }) },
    );
  };
  // asked for only where it is told: some readers look places up
  const offsetOf = (value: SourceValue, position: number): number =>
    value.at ?? Math.max(offset, Math.min(offset + position, end - 1));
  const newStats = (node: Node, index: number, at: number): Stats => {
    met++;
    const [hashLow, hashHigh] = hash64(`${node.path}\u0000${TAGS[index] ?? ""}`);
    return (node.tags[index] = { count: 0, first: placeAt(at), seen: -1, low: hashLow, high: hashHigh });
  };
  const count = (stats: Stats): void => {
    stats.count++;
    if (stats.seen === records) return;
    stats.seen = records;
    low ^= stats.low;
    high ^= stats.high;
  };
  const countLength = (node: Node, length: number): void => {
    node.min = Math.min(node.min, length);
    node.max = Math.max(node.max, length);
    node.repeated ||= repeats;
    if (length > 0) node.element ??= newNode(elementPath(node.path));
  };
  const visit = (node: Node, value: SourceValue): void => {
    const position = ordinal++;
    const index = TAG_INDEX.get(value.tag) ?? 0;
    count(node.tags[index] ?? newStats(node, index, offsetOf(value, position)));
    switch (value.tag) {
      case "struct":
        return visitFields(node, value, position);
      case "array": {
        countLength(node, value.elements.length);
        if (node.element) for (const element of value.elements) visit(node.element, element);
        return;
      }
      case "map":
        if (value.entries.size > 0) node.values ??= newNode(elementPath(node.path));
        if (node.values) for (const entry of value.entries.values()) visit(node.values, entry);
        return;
      case "decimal":
        if (value.value instanceof Decimal) widen(node, value.value, value.precision);
        return;
      default:
    }
  };
  const newField = (node: Node, name: string): Node => {
    const child = newNode(fieldPath(node.path, name));
    const lower = foldAscii(name);
    node.fields.set(name, child);
    node.clash ||= node.folded.has(lower);
    node.folded.add(lower);
    return child;
  };
  const visitFields = (node: Node, record: SourceStruct, position: number): void => {
    const { fields } = record;
    for (const [name, value] of fields) {
      const child = node.fields.get(name) ?? newField(node, name);
      if (name === "") hazard("EMPTY_KEY", value.at ?? offsetOf(record, position), child.path);
      visit(child, value);
    }
    if (node.clash) countClashes(node, fields, offsetOf(record, position));
  };
  const countClashes = (node: Node, fields: SourceStruct["fields"], at: number): void => {
    const met = new Set<string>();
    for (const [name, value] of fields) {
      const lower = foldAscii(name);
      if (met.has(lower)) hazard("CASE_CLASH", value.at ?? at, fieldPath(node.path, name));
      met.add(lower);
    }
  };
  /** As `visit`, of a value that lies in flat rows. */
  const visitFlat = (node: Node, rows: FlatRows, entry: number): void => {
    const tag = rows.tag(entry);
    count(node.tags[tag] ?? newStats(node, tag, rows.at(entry)));
    if (tag !== STRUCT) return;
    for (let first = rows.child(entry); first !== 0; first = rows.sibling(first)) {
      const field = rows.field(first);
      const child = field && (node.flat[field.index] ?? flatNode(node, field, rows.at(first)));
      if (child === undefined) continue;
      const length = rows.count(first);
      if (length === 1) {
        visitFlat(child, rows, first);
        continue;
      }
      count(child.tags[ARRAY] ?? newStats(child, ARRAY, rows.at(first)));
      countLength(child, length);
      if (child.element)
        for (let element = first; element !== 0; element = rows.next(element)) visitFlat(child.element, rows, element);
    }
    if (node.clash) countClashes(node, rows.struct(entry).fields, rows.at(entry));
  };
  /** A name that is empty is told each time, so it is never known. */
  const flatNode = (node: Node, { name, index }: FlatField, at: number): Node => {
    const child = node.fields.get(name) ?? newField(node, name);
    if (name === "") hazard("EMPTY_KEY", at, child.path);
    else node.flat[index] = child;
    return child;
  };
  /** Undefined where there are too many. */
  const shapeOf = (key: string): Shape | undefined => {
    const held = shapes.get(key);
    if (held !== undefined || shapes.size >= MAX_SHAPES) return held;
    const made = { count: 0, first: placeAt(offset) };
    shapes.set(key, made);
    return made;
  };
  const addRecord = (record: SourceRecord): void => {
    ({ offset } = record);
    end = offset + record.length;
    ordinal = low = high = 0;
    repeats = record.repeats === true;
    if (record instanceof FlatRecord) visitFlat(root, record.rows, record.entry);
    else visit(root, record.value);
    // mostly that of the record before
    if (lastShape.shape === undefined || lastShape.low !== low || lastShape.high !== high)
      lastShape = { low, high, shape: shapeOf(hex(high) + hex(low)) };
    if (lastShape.shape === undefined) otherShapes++;
    else lastShape.shape.count++;
    records++;
  };

  return {
    add(event) {
      switch (event.kind) {
        case "record":
          return addRecord(event);
        case "hazard":
          return hazard(event.hazard, event.offset, event.path);
        case "malformed": {
          malformed++;
          if (malformedRecords.length === MAX_KEPT_MALFORMED) return;
          const { kind: _kind, ...rest } = event;
          malformedRecords.push(Object.freeze({ file, ...rest }));
        }
      }
    },
    met: () => met,
    root: () => toLedgerNode(root),
    finish: (bytes) => ({
      records,
      malformed,
      malformedRecords: Object.freeze(malformedRecords),
      bytes,
      root: toLedgerNode(root),
      hazards: Object.freeze(
        Object.fromEntries(
          HAZARDS.flatMap((name) => {
            const stats = hazards.get(name);
            return stats ? [[name, Object.freeze(stats)]] : [];
          }),
        ),
      ),
      shapes: Object.freeze(
        [...shapes].map(([hash, { count: seen, first }]): ShapeStats => Object.freeze({ hash, count: seen, first })),
      ),
      otherShapes,
    }),
  };
}

/** Enough digits before and after the point for all; may pass 38, which `ledgerType` caps. */
function widen(node: Node, value: Decimal, declared: number | undefined): void {
  const digits = decimalDigits(value);
  const precision = declared ?? digits.precision;
  const held = node.decimal ?? { precision, scale: digits.scale };
  const scale = Math.max(held.scale, digits.scale);
  node.decimal = { precision: Math.max(held.precision - held.scale, precision - digits.scale) + scale, scale };
}

function toLedgerNode(node: Node): LedgerNode {
  const tags: { [T in Tag]?: TagStats } = {};
  TAGS.forEach((tag, i) => {
    const stats = node.tags[i];
    if (stats) tags[tag] = Object.freeze({ count: stats.count, first: stats.first });
  });
  const fields = [...node.fields].map(([name, child]) => Object.freeze({ name, node: toLedgerNode(child) }));
  fields.sort((a, b) => comparePlaces(firstPlace(a.node), firstPlace(b.node)));
  const apart = tags.array !== undefined && tags.map !== undefined;
  const element = apart ? node.element : (node.element ?? node.values);
  return Object.freeze({
    tags: Object.freeze(tags),
    fields: Object.freeze(fields),
    ...(element && { element: toLedgerNode(element) }),
    ...(apart && { values: toLedgerNode(node.values ?? newNode("")) }),
    ...(node.max >= 0 && { lengths: Object.freeze({ min: node.min, max: node.max }) }),
    ...(node.decimal && { decimal: Object.freeze(node.decimal) }),
    ...(node.repeated && { repeated: true as const }),
  });
}

/** FNV-1a over UTF-16 units, twice with different bases: equal for equal text, in every process. */
function hash64(text: string): readonly [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return [a, b];
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
const foldAscii = (name: string): string => name.replace(/[A-Z]/g, (c) => c.toLowerCase());
