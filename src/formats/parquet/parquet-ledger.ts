/**
 * The ledger that a footer can give: exact where statistics say so, else upper bounds marked `inexact`. No data page is
 * read.
 */
import type {
  FileLedger,
  Hazard,
  HazardStats,
  LedgerField,
  LedgerNode,
  Place,
  Tag,
  TagStats,
} from "../../shapes/ledger.js";
import { fieldPath } from "../../shapes/path-text.js";
import type { FileRef } from "../../storage/index.js";
import { type ChoiceType, type DataType, assertNever, type StructType } from "../../types/data-type.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import type { Footer, FooterColumn } from "./footer.js";
import { elementOfList, entryOfMap, lossOf, typeOfNode } from "./parquet-type.js";
import type { SchemaNode } from "./schema-tree.js";

/** How many values there can be at a place; `exact`: that many there are. */
type Slots = { readonly count: number; readonly exact: boolean };
type Source = { readonly columns: ReadonlyMap<string, FooterColumn>; readonly first: Place };

const keyOf = (path: readonly string[]): string => JSON.stringify(path);

/** `type`: the file's exact type, which may hold choices that the columns store as structs of arms. */
export function parquetLedger(
  ref: FileRef,
  footer: Footer,
  columns: readonly SchemaNode[],
  type: StructType,
): FileLedger {
  const source = {
    columns: new Map(footer.columns.map((column) => [keyOf(column.path), column])),
    first: { file: ref.path, record: 0, offset: 0 },
  };
  const rows = { count: footer.rows, exact: true };
  const root: LedgerNode = {
    tags: { struct: { count: footer.rows, first: source.first } },
    fields: fieldsOf(type, columns, rows, source),
  };
  return {
    file: ref.path,
    etag: ref.etag,
    size: ref.size,
    modified: ref.modified,
    format: "parquet",
    bytes: ref.size,
    records: footer.rows,
    malformed: 0,
    malformedRecords: [],
    root,
    hazards: { ...duplicates(columns, footer.rows, source.first), ...losses(columns, source) },
    shapes: [],
    otherShapes: footer.rows,
  };
}

/** Columns of one name, of which the first is read: counted for each row, whether it has values there or none. */
function duplicates(columns: readonly SchemaNode[], rows: number, first: Place): FileLedger["hazards"] {
  const twice: SchemaNode[] = [];
  const visit = (nodes: readonly SchemaNode[]): void => {
    const met = new Set<string>();
    for (const node of nodes) {
      if (met.has(node.name)) twice.push(node);
      met.add(node.name);
      visit(node.children);
    }
  };
  visit(columns);
  const [node] = twice;
  return node === undefined || rows === 0
    ? {}
    : { DUPLICATE_KEY: { count: twice.length * rows, first, path: node.path.reduce(fieldPath, "") } };
}

/** Values of columns that keep more than is read: how many of them lose something, only the pages know. */
function losses(columns: readonly SchemaNode[], source: Source): FileLedger["hazards"] {
  const found: { [H in Hazard]?: HazardStats } = {};
  const visit = (node: SchemaNode): void => {
    node.children.forEach(visit);
    const hazard = lossOf(node.element);
    const column = source.columns.get(keyOf(node.path));
    const count = filled(node, source) ?? column?.values ?? 0;
    if (hazard === undefined || count === 0) return;
    const held = found[hazard] ?? {
      count: 0,
      first: placedAt(node, source).first,
      path: node.path.reduce(fieldPath, ""),
    };
    found[hazard] = { ...held, count: held.count + count };
  };
  columns.forEach(visit);
  return found;
}

function fieldsOf(
  type: StructType,
  nodes: readonly SchemaNode[],
  slots: Slots,
  source: Source,
): readonly LedgerField[] {
  const names = physicalNames(type);
  return type.fields.map((f, i) => {
    const node = nodes[i]?.name === names[i] ? nodes[i] : (nodes.find(({ name }) => name === names[i]) ?? nodes[i]);
    return { name: f.name, node: nodeOf(f.type, node, slots, source.columns.size === 0 ? movedTo(i, source) : source) };
  });
}

const movedTo = (offset: number, source: Source): Source => ({ ...source, first: { ...source.first, offset } });

/**
 * Values of a node begin where the first page of its first column does: that keeps fields in the order of the files
 * when ledgers merge. Without rows there are no pages, and they are counted.
 */
function placedAt(node: SchemaNode | undefined, source: Source): Source {
  const leaf = node === undefined ? undefined : firstLeaf(node);
  const offset = leaf === undefined ? undefined : source.columns.get(keyOf(leaf.path))?.offset;
  return offset === undefined ? source : movedTo(offset, source);
}

const firstLeaf = (node: SchemaNode): SchemaNode =>
  node.children[0] === undefined ? node : firstLeaf(node.children[0]);

function nodeOf(type: DataType, node: SchemaNode | undefined, slots: Slots, above: Source): LedgerNode {
  const source = placedAt(node, above);
  if (type.kind === "choice") return choiceNode(type, node, slots, source);
  const present = node === undefined ? { count: 0, exact: true } : presentIn(node, slots, source);
  const tag = type.kind === "unknown" ? undefined : tagOf(type);
  const own: TagStats = { count: present.count, first: source.first };
  const nulls = slots.count - present.count;
  const tags = {
    ...(tag === undefined || tag === "null" ? {} : { [tag]: own }),
    ...((present.exact && slots.exact && nulls > 0) || tag === "null"
      ? { null: { count: nulls, first: source.first } }
      : {}),
  };
  const exact = present.exact && (slots.exact || tag !== "null");
  return { tags, ...partsOf(type, node, present, source), ...(exact ? {} : { inexact: true as const }) };
}

function partsOf(
  type: DataType,
  node: SchemaNode | undefined,
  present: Slots,
  source: Source,
): Pick<LedgerNode, "fields" | "element" | "decimal"> {
  switch (type.kind) {
    case "struct":
      return { fields: fieldsOf(type, node?.children ?? [], present, source) };
    case "array":
    case "set":
      return {
        fields: [],
        element: nodeOf(type.element, elementNode(node), { count: elementSlots(node, source), exact: false }, source),
      };
    case "map": {
      const value = node === undefined ? undefined : entryOfMap(node)?.children[1];
      return {
        fields: [],
        element: nodeOf(type.value, value, { count: elementSlots(node, source), exact: false }, source),
      };
    }
    case "decimal":
      return { fields: [], decimal: { precision: type.precision, scale: type.scale } };
    default:
      return { fields: [] };
  }
}

/** Arms are stored apart, so each arm's count is that of a nullable column of its own. */
function choiceNode(type: ChoiceType, node: SchemaNode | undefined, slots: Slots, source: Source): LedgerNode {
  const arms = type.choices.map((arm) =>
    nodeOf(
      arm,
      node?.children.find(({ name }) => name === arm.kind),
      { ...slots, exact: false },
      source,
    ),
  );
  const tags = Object.assign({}, ...arms.map((arm) => arm.tags)) as LedgerNode["tags"];
  const inexact = arms.some((arm) => arm.inexact);
  const used = arms.reduce((sum, arm) => sum + Object.values(arm.tags).reduce((n, stats) => n + stats.count, 0), 0);
  const nulls = slots.count - used;
  const list = arms.find(({ tags: { array } }) => array);
  const entries = arms.find(({ tags: { map } }) => map);
  const { element } = list ?? entries ?? {};
  const scale = arms.find((arm) => arm.decimal !== undefined)?.decimal;
  return {
    tags: !inexact && slots.exact && nulls > 0 ? { ...tags, null: { count: nulls, first: source.first } } : tags,
    fields: arms.flatMap((arm) => arm.fields),
    ...(element === undefined ? {} : { element }),
    ...(list === undefined || entries === undefined ? {} : { values: entries.element ?? { tags: {}, fields: [] } }),
    ...(scale === undefined ? {} : { decimal: scale }),
    ...(inexact ? { inexact: true as const } : {}),
  };
}

/**
 * Values present at a node. Outside lists the non-null values of a leaf are counted; a struct is known only when some
 * leaf fills every slot.
 */
function presentIn(node: SchemaNode, slots: Slots, source: Source): Slots {
  if (node.repetition === "required") return slots;
  if (node.inList || elementOfList(node) !== undefined || entryOfMap(node) !== undefined)
    return { count: slots.count, exact: slots.count === 0 };
  const below = leaves(node).map((leaf) => filled(leaf, source));
  const most = Math.max(0, ...below.map((n) => n ?? 0));
  if (node.children.length === 0 && node.element.type !== null) {
    const own = below[0];
    return own === undefined ? { count: slots.count, exact: slots.count === 0 } : { count: own, exact: true };
  }
  return { count: slots.count, exact: slots.exact && most === slots.count };
}

/** Non-null values of a leaf; undefined without statistics or below a list, where writers count differently. */
function filled(leaf: SchemaNode, source: Source): number | undefined {
  const column = source.columns.get(keyOf(leaf.path));
  if (column === undefined) return source.columns.size === 0 ? 0 : undefined;
  return column.nulls === undefined ? undefined : Math.max(0, column.values - column.nulls);
}

/** The leaves below a node that are not below a list or map. */
function leaves(node: SchemaNode): readonly SchemaNode[] {
  if (node.element.type !== null) return node.repetition === "repeated" ? [] : [node];
  return node.children.filter((child) => child.repetition !== "repeated").flatMap(leaves);
}

function elementSlots(node: SchemaNode | undefined, source: Source): number {
  if (node === undefined) return 0;
  const prefix = node.path.length;
  const below = [...source.columns.values()].filter(
    ({ path }) => node.path.every((name, i) => path[i] === name) && path.length >= prefix,
  );
  return Math.max(0, ...below.map(({ values }) => values));
}

const elementNode = (node: SchemaNode | undefined): SchemaNode | undefined =>
  node === undefined ? undefined : (elementOfList(node) ?? (node.repetition === "repeated" ? node : undefined));

function tagOf(type: Exclude<DataType, ChoiceType>): Tag {
  switch (type.kind) {
    case "set":
      return "array";
    case "enum":
      return "string";
    case "unknown":
      return "null";
    case "binary":
    case "boolean":
    case "byte":
    case "date":
    case "double":
    case "float":
    case "int":
    case "long":
    case "null":
    case "short":
    case "string":
    case "timestamp":
    case "timestampntz":
    case "decimal":
    case "array":
    case "map":
    case "struct":
      return type.kind;
    default:
      return assertNever(type);
  }
}

/**
 * Whether the stored columns can carry the type that the footer names; a foreign tool may have rewritten one and not
 * the other.
 */
export function carries(type: StructType, columns: readonly SchemaNode[]): boolean {
  const names = type.fields.length === 0 ? [EMPTY_STRUCT_FIELD] : physicalNames(type);
  return (
    names.length === columns.length
    && type.fields.every((f, i) => {
      const node = columns.find(({ name }) => name === names[i]);
      return node !== undefined && carriesOne(f.type, node);
    })
  );
}

function carriesOne(type: DataType, node: SchemaNode): boolean {
  switch (type.kind) {
    case "choice":
      return type.choices.every((arm) =>
        node.children.some((child) => child.name === arm.kind && carriesOne(arm, child)),
      );
    case "struct":
      return type.fields.length === 0 ? typeOfNode(node).kind === "struct" : carries(type, node.children);
    case "array":
    case "set": {
      const element = elementNode(node);
      return element !== undefined && carriesOne(type.element, element);
    }
    case "map":
      return entryOfMap(node) !== undefined;
    default:
      return node.element.type !== null;
  }
}
