/**
 * Merging ledgers. Associative and commutative: places are ordered by (file, record, offset), fields by their first
 * place, and truncated lists keep what comes first. One exception: past `MAX_KEPT_SHAPES` distinct shapes, which of the
 * rare ones are listed may depend on the grouping; their sum never does.
 */
import { comparePlaces, firstPlace } from "./first-place.js";
import { flatShapesOf, treeOf } from "./flat-ledger.js";
import { rootOf } from "./flat-tree.js";
import { createShapeSum, type ShapeSum } from "./shape-sum.js";
import { createTreeSum } from "./tree-sum.js";
import { HAZARDS, MAX_KEPT_MALFORMED, MAX_KEPT_SHAPES, TAGS } from "./ledger.js";
import type {
  FileLedger,
  Hazard,
  HazardStats,
  Ledger,
  LedgerNode,
  MalformedRecord,
  Place,
  Tag,
  TagStats,
} from "./ledger.js";

/** What merging needs of a ledger; `PartLedger`, `FileLedger` and `Ledger` all have it. */
export type Mergeable = Pick<
  Ledger,
  "bytes" | "records" | "malformed" | "malformedRecords" | "root" | "texts" | "hazards" | "shapes" | "otherShapes"
>;

type NodeSum = {
  readonly tags: Map<Tag, { count: number; first: Place }>;
  readonly fields: Map<string, NodeSum>;
  element: NodeSum | undefined;
  /** Of maps. */
  values: NodeSum | undefined;
  min: number;
  max: number;
  decimal: LedgerNode["decimal"];
  inexact: boolean;
  repeated: boolean;
};
const emptySum = (): NodeSum => ({
  tags: new Map(),
  fields: new Map(),
  element: undefined,
  values: undefined,
  min: Infinity,
  max: -1,
  decimal: undefined,
  inexact: false,
  repeated: false,
});

/** A place whose record number counts from a later record of the same file. */
const shifted = (place: Place, by: number): Place =>
  by ? Object.freeze({ ...place, record: place.record + by }) : place;

function addNode(sum: NodeSum, node: LedgerNode, shift: number): void {
  for (const tag of TAGS) {
    const stats = node.tags[tag];
    if (stats === undefined) continue;
    const place = shifted(stats.first, shift);
    const held = sum.tags.get(tag);
    if (held === undefined) sum.tags.set(tag, { count: stats.count, first: place });
    else {
      held.count += stats.count;
      if (comparePlaces(place, held.first) < 0) held.first = place;
    }
  }
  for (const field of node.fields) {
    let child = sum.fields.get(field.name);
    if (child === undefined) sum.fields.set(field.name, (child = emptySum()));
    addNode(child, field.node, shift);
  }
  const onlyMaps = node.tags.map !== undefined && node.tags.array === undefined;
  if (node.element) addNode(onlyMaps ? (sum.values ??= emptySum()) : (sum.element ??= emptySum()), node.element, shift);
  if (node.values) addNode((sum.values ??= emptySum()), node.values, shift);
  if (node.lengths) {
    sum.min = Math.min(sum.min, node.lengths.min);
    sum.max = Math.max(sum.max, node.lengths.max);
  }
  if (node.decimal) sum.decimal = widerDecimal(sum.decimal, node.decimal);
  if (node.inexact) sum.inexact = true;
  if (node.repeated) sum.repeated = true;
}

/** The node of all values that were counted at several. */
export function mergeNodes(nodes: readonly LedgerNode[]): LedgerNode {
  const sum = emptySum();
  for (const node of nodes) addNode(sum, node, 0);
  return toNode(sum);
}

/** Enough digits before and after the point for both; may pass 38, which `ledgerType` caps. */
function widerDecimal(
  a: LedgerNode["decimal"],
  b: NonNullable<LedgerNode["decimal"]>,
): NonNullable<LedgerNode["decimal"]> {
  if (a === undefined) return b;
  const scale = Math.max(a.scale, b.scale);
  return Object.freeze({ precision: Math.max(a.precision - a.scale, b.precision - b.scale) + scale, scale });
}

function toNode(sum: NodeSum): LedgerNode {
  const tags: { [T in Tag]?: TagStats } = {};
  for (const tag of TAGS) {
    const stats = sum.tags.get(tag);
    if (stats) tags[tag] = Object.freeze(stats);
  }
  const fields = [...sum.fields].map(([name, child]) => ({ name, node: toNode(child) }));
  const ordered = fields.map((field) => ({ field: Object.freeze(field), first: firstPlace(field.node) }));
  const apart = tags.array !== undefined && tags.map !== undefined;
  const element = apart ? sum.element : (sum.element ?? sum.values);
  ordered.sort((a, b) => comparePlaces(a.first, b.first) || (a.field.name < b.field.name ? -1 : 1));
  return Object.freeze({
    tags: Object.freeze(tags),
    fields: Object.freeze(ordered.map(({ field }) => field)),
    ...(element && { element: toNode(element) }),
    ...(apart && { values: toNode(sum.values ?? emptySum()) }),
    ...(sum.max >= 0 && { lengths: Object.freeze({ min: sum.min, max: sum.max }) }),
    ...(sum.decimal && { decimal: sum.decimal }),
    ...(sum.inexact && { inexact: true as const }),
    ...(sum.repeated && { repeated: true as const }),
  });
}

/** Collects ledgers; `finish` may be called once. */
export type LedgerSum = {
  add(ledger: Mergeable, recordShift?: number): void;
  /** With more members, which win over the sums of the same name. */
  finish<T extends object>(more: T): Mergeable & T;
};

export function createLedgerSum(): LedgerSum {
  const root = emptySum();
  let texts: NodeSum | undefined;
  const trees = createTreeSum();
  const hazards = new Map<Hazard, HazardStats>();
  const shapes = createShapeSum();
  let malformedRecords: MalformedRecord[] = [];
  let bytes = 0;
  let records = 0;
  let malformed = 0;
  let otherShapes = 0;
  return {
    add(ledger, shift = 0) {
      bytes += ledger.bytes;
      records += ledger.records;
      malformed += ledger.malformed;
      const tree = shift === 0 ? treeOf(ledger) : undefined;
      if (tree === undefined) addNode(root, ledger.root, shift);
      else trees.add(tree);
      if (ledger.texts) addNode((texts ??= emptySum()), ledger.texts, shift);
      for (const hazard of HAZARDS) addHazard(hazards, hazard, ledger.hazards[hazard], shift);
      otherShapes += ledger.otherShapes;
      const rows = flatShapesOf(ledger);
      if (rows === undefined) for (const shape of ledger.shapes) shapes.add(shape, shift);
      else shapes.addRows(rows, shift);
      for (const record of ledger.malformedRecords) malformedRecords.push(record);
      if (malformedRecords.length > 4 * MAX_KEPT_MALFORMED) malformedRecords = firstMalformed(malformedRecords);
    },
    finish(more) {
      for (const tree of trees.sums()) addNode(root, rootOf(tree), 0);
      const found: { [H in Hazard]?: HazardStats } = {};
      for (const hazard of HAZARDS) {
        const stats = hazards.get(hazard);
        if (stats) found[hazard] = stats;
      }
      return withShapes(
        {
          bytes,
          records,
          malformed,
          malformedRecords: Object.freeze(firstMalformed(malformedRecords)),
          root: toNode(root),
          ...(texts && { texts: toNode(texts) }),
          hazards: Object.freeze(found),
          ...more,
        },
        shapes,
        otherShapes,
      );
    },
  };
}

/**
 * The histogram is added up when it is asked for, while all of it waits as rows: who reads a source asks for its type
 * alone. What was added up already is made at once, since it may hold millions of shapes.
 */
function withShapes<T extends object>(
  rest: T,
  sum: ShapeSum,
  others: number,
): T & Pick<Ledger, "shapes" | "otherShapes"> {
  let open: ShapeSum | undefined = sum;
  let made: Pick<Ledger, "shapes" | "otherShapes"> = { shapes: [], otherShapes: others };
  const make = (): Pick<Ledger, "shapes" | "otherShapes"> => {
    if (open === undefined) return made;
    const { kept, rest: past } = open.top(MAX_KEPT_SHAPES);
    open = undefined; // its memory is not held with the ledger
    return (made = { shapes: kept, otherShapes: others + past });
  };
  if (!sum.allWait()) make();
  return Object.freeze(
    Object.defineProperties(rest, {
      shapes: { enumerable: true, get: () => make().shapes },
      otherShapes: { enumerable: true, get: () => make().otherShapes },
    }) as T & Pick<Ledger, "shapes" | "otherShapes">,
  );
}

function firstMalformed(records: readonly MalformedRecord[]): MalformedRecord[] {
  return [...records]
    .sort((a, b) => (a.file !== b.file ? (a.file < b.file ? -1 : 1) : a.offset - b.offset || a.end - b.end))
    .slice(0, MAX_KEPT_MALFORMED);
}

function addHazard(
  into: Map<Hazard, HazardStats>,
  hazard: Hazard,
  stats: HazardStats | undefined,
  shift: number,
): void {
  if (stats === undefined) return;
  const held = into.get(hazard);
  const moved = shift ? Object.freeze({ ...stats, first: shifted(stats.first, shift) }) : stats;
  if (held === undefined) return void into.set(hazard, moved);
  const earlier = comparePlaces(moved.first, held.first) < 0 ? moved : held;
  into.set(hazard, Object.freeze({ ...earlier, count: held.count + moved.count }));
}

/** The hazards of all, each with its count and first place. */
export function mergeHazards(all: readonly Ledger["hazards"][]): Ledger["hazards"] {
  const merged = new Map<Hazard, HazardStats>();
  for (const hazards of all) for (const hazard of HAZARDS) addHazard(merged, hazard, hazards[hazard], 0);
  return Object.freeze(Object.fromEntries(merged));
}

/** The ledger of no files: the neutral element of `mergeLedgers`. */
export function emptyLedger(): Ledger {
  return mergeLedgers([]);
}

/** One ledger of many. Places keep naming their files; `files` and `size` add up. */
export function mergeLedgers(ledgers: readonly (FileLedger | Ledger)[]): Ledger {
  const sum = createLedgerSum();
  let files = 0;
  let size = 0;
  for (const ledger of ledgers) {
    sum.add(ledger);
    files += "files" in ledger ? ledger.files : 1;
    size += ledger.size;
  }
  return sum.finish({ files, size });
}
