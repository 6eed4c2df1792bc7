/** Columns of a row group as vectors, read when something in them is looked at. */
import type { DynaframeError } from "../../../types/error.js";
import type { StoredChunk } from "../../../types/stored-rows.js";
import type { Value } from "../../../types/value.js";
import {
  LazyChoice,
  LazyList,
  LazyPlain,
  LazyStruct,
  NULL_HERE,
  PRESENT,
  type States,
  type Vector,
} from "../../../types/vector.js";
import { chunkValues, type ChunkValues } from "./chunk-values.js";
import type { Entered, Leaf, List, Shape } from "./column-shape.js";
import { unreadable, type FileBytes } from "../../../storage/file-bytes.js";
import { readPages, type Levels, type Pages } from "./pages.js";

/** One column of a row group, unpacked with the first look. */
class Column {
  private read: { readonly pages: Pages; readonly values: ChunkValues } | undefined;
  private starts: Int32Array | undefined;
  /** Values that are there before an entry: where the last were asked for. */
  private counted = { entry: 0, values: 0 };

  constructor(
    private readonly file: FileBytes,
    readonly chunk: StoredChunk,
    private readonly shape: Leaf,
    private readonly rows: number,
  ) {}

  get levels(): Levels {
    return this.shape.levels;
  }

  get pages(): Pages {
    return this.open().pages;
  }

  /** The entries of so many rows. */
  entries(from: number, count: number): { readonly from: number; readonly to: number } {
    const { repetitions, entries } = this.pages;
    if (repetitions === undefined) {
      if (entries !== this.rows) throw otherRows(this.chunk.file);
      return { from, to: from + count };
    }
    const starts = (this.starts ??= startsOf(repetitions, this.rows, this.chunk));
    return { from: starts[from] ?? entries, to: starts[from + count] ?? entries };
  }

  before(entry: number): number {
    const { definitions } = this.pages;
    const { definition } = this.levels;
    if (definitions === undefined) return entry;
    let { entry: at, values } = this.counted.entry <= entry ? this.counted : { entry: 0, values: 0 };
    for (; at < entry; at++) if (definitions[at] === definition) values++;
    this.counted = { entry, values };
    return values;
  }

  values(from: number, to: number): ArrayLike<Value> {
    return this.checked(() => this.open().values.values(from, to));
  }
  bytes(from: number, to: number): Uint8Array {
    return this.checked(() => this.open().values.bytes(from, to));
  }

  private open(): { readonly pages: Pages; readonly values: ChunkValues } {
    if (this.read !== undefined) return this.read;
    const pages = readPages(this.file, this.chunk, this.levels);
    return (this.read = { pages, values: this.checked(() => chunkValues(pages, this.shape.type, this.shape.width)) });
  }

  private checked<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof RangeError)
        throw unreadable(this.chunk.file, `the column ${this.chunk.path.join(".")} is damaged: ${error.message}`);
      throw error;
    }
  }
}

const otherRows = (file: string): DynaframeError => unreadable(file, "a column has other rows than its row group");

/** The first entry of each row, and the end. */
function startsOf(repetitions: Uint8Array, rows: number, { file }: StoredChunk): Int32Array {
  const starts = new Int32Array(rows + 1);
  let row = 0;
  for (let e = 0; e < repetitions.length; e++) if (repetitions[e] === 0) starts[row++] = e;
  if (row !== rows || (rows > 0 && repetitions[0] !== 0)) throw otherRows(file);
  starts[rows] = repetitions.length;
  return starts;
}

/** So many rows of a row group: each place reads its columns as far as it must. */
export type ReadRows = (from: number, count: number) => readonly Vector[];

/** Opens a row group; nothing is read before it is looked at. */
export function openGroup(
  file: FileBytes,
  shapes: readonly Shape[],
  chunks: readonly StoredChunk[],
  rows: number,
): ReadRows {
  const columns = new Map<number, Column>();
  const visit = (shape: Shape): void => {
    if (shape.kind === "leaf" || shape.kind === "none") {
      const chunk = chunks[shape.leaf];
      if (chunk !== undefined) columns.set(shape.leaf, new Column(file, chunk, shape, rows));
    } else if (shape.kind === "list") visit(shape.part);
    else shape.parts.forEach(visit);
  };
  shapes.forEach(visit);
  return (from, count) => shapes.map((shape) => vectorOf(shape, { columns, from, count }));
}

type Rows = { readonly columns: ReadonlyMap<number, Column>; readonly from: number; readonly count: number };

function vectorOf(shape: Shape, rows: Rows): Vector {
  switch (shape.kind) {
    case "none":
      return new LazyPlain(() => nullsOf(shape, rows), undefined, true);
    case "leaf":
      return leafVector(shape, rows);
    case "struct":
      return new LazyStruct(
        () => statesOf(shape, rows),
        () => shape.parts.map((part) => vectorOf(part, rows)),
      );
    case "choice":
      return new LazyChoice(
        () => armsOf(shape.parts, rows),
        () => shape.parts.map((part) => vectorOf(part, rows)),
      );
    case "list":
      return new LazyList(
        () => listsOf(shape, rows),
        () => vectorOf(shape.part, rows),
      );
  }
}

function leafVector(shape: Leaf, rows: Rows): Vector {
  const { type, width, leaf } = shape;
  let known:
    | {
        readonly states: States;
        readonly column: Column;
        readonly from: number;
        readonly to: number;
        readonly length: number;
      }
    | undefined;
  const opened = () => {
    if (known !== undefined) return known;
    const column = columnOf(rows, leaf);
    const { from, to } = column.entries(rows.from, rows.count);
    const states = statesOf(shape, rows);
    return (known = {
      states,
      column,
      from: column.before(from),
      to: column.before(to),
      length: states?.length ?? to - from,
    });
  };
  const make = (): ArrayLike<Value> => {
    const { states, column, from, to } = opened();
    const dense = column.values(from, to);
    if (states === undefined) return dense;
    const values = new Array<Value>(states.length);
    for (let i = 0, next = 0; i < states.length; i++) values[i] = states[i] === PRESENT ? dense[next++] : null;
    return values;
  };
  const { nulls, values: entries } = columnOf(rows, leaf).chunk;
  const none = nulls === entries;
  // pages of ours have decimals of 16 bytes
  if (width === "bits" || (type.kind === "decimal" && width !== 16)) return new LazyPlain(make, undefined, none);
  return new LazyPlain(
    make,
    {
      get length() {
        return opened().length;
      },
      get states() {
        return opened().states;
      },
      bytes: () => {
        const { column, from, to } = opened();
        return column.bytes(from, to);
      },
    },
    none,
  );
}

function columnOf({ columns }: Rows, leaf: number): Column {
  const column = columns.get(leaf);
  if (column === undefined) throw new Error("a place has a column");
  return column;
}

/** The column with the levels of a place that is quickest to read. */
function witness(shape: Shape, rows: Rows): Column {
  const leaves = leavesOf(shape).map((leaf) => columnOf(rows, leaf.leaf));
  return leaves.reduce((best, column) =>
    column.levels.repetition < best.levels.repetition
    || (column.levels.repetition === best.levels.repetition && column.chunk.unpacked < best.chunk.unpacked)
      ? column
      : best,
  );
}

function leavesOf(shape: Shape): readonly Leaf[] {
  switch (shape.kind) {
    case "leaf":
    case "none":
      return [shape];
    case "list":
      return leavesOf(shape.part);
    default:
      return shape.parts.flatMap(leavesOf);
  }
}

/** The definition levels of the entries of a place. */
function definitionsAt({ repetition, element }: Entered, column: Column, rows: Rows): Uint8Array {
  const { definitions, repetitions } = column.pages;
  const { from, to } = column.entries(rows.from, rows.count);
  const all = definitions?.subarray(from, to) ?? new Uint8Array(to - from).fill(column.levels.definition);
  if (element === 0 && repetitions === undefined) return all;
  const own = new Uint8Array(all.length);
  let length = 0;
  for (let i = 0; i < all.length; i++) {
    const definition = all[i] ?? 0;
    if (definition >= element && (repetitions === undefined || (repetitions[from + i] ?? 0) <= repetition))
      own[length++] = definition;
  }
  return own.subarray(0, length);
}

/** Undefined where all are present. */
function statesOf(shape: Shape, rows: Rows): States {
  // a column of which nothing is null: nor is what is around it
  if (
    shape.repetition === 0
    && leavesOf(shape).some(({ leaf, levels }) => levels.repetition === 0 && columnOf(rows, leaf).chunk.nulls === 0)
  )
    return undefined;
  const column = witness(shape, rows);
  if (column.pages.definitions === undefined && column.levels.repetition === shape.repetition) return undefined;
  const definitions = definitionsAt(shape, column, rows);
  const states = new Uint8Array(definitions.length).fill(PRESENT);
  let nulls = 0;
  for (let i = 0; i < states.length; i++) {
    if ((definitions[i] ?? 0) >= shape.present) continue;
    states[i] = NULL_HERE;
    nulls++;
  }
  return nulls === 0 ? undefined : states;
}

const nullsOf = (shape: Leaf, rows: Rows): readonly Value[] =>
  new Array<Value>(definitionsAt(shape, columnOf(rows, shape.leaf), rows).length).fill(null);

function armsOf(arms: readonly Shape[], rows: Rows): Uint8Array {
  const levels = arms.map((arm) => definitionsAt(arm, witness(arm, rows), rows));
  const which = new Uint8Array(levels[0]?.length ?? 0).fill(NULL_HERE);
  arms.forEach(({ present }, k) => {
    const definitions = levels[k] ?? which;
    for (let at = 0; at < which.length; at++)
      if ((definitions[at] ?? 0) >= present && which[at] === NULL_HERE) which[at] = PRESENT + k;
  });
  return which;
}

/** Elements of a list are entries that repeat at most once more than the list does. */
function listsOf(
  shape: List,
  rows: Rows,
): { readonly states: States; readonly starts: Int32Array; readonly lengths: Int32Array } {
  const column = witness(shape, rows);
  const { definitions, repetitions } = column.pages;
  const { from, to } = column.entries(rows.from, rows.count);
  const starts = new Int32Array(to - from);
  const lengths = new Int32Array(to - from);
  const states = new Uint8Array(to - from);
  const { part, repetition, element, present } = shape;
  const greatest = column.levels.definition;
  let at = -1;
  let elements = 0;
  let nulls = 0;
  for (let e = from; e < to; e++) {
    const definition = definitions === undefined ? greatest : (definitions[e] ?? 0);
    const repeated = repetitions?.[e] ?? 0;
    if (definition < element || repeated > part.repetition) continue;
    if (repeated <= repetition) {
      starts[++at] = elements;
      states[at] = definition < present ? NULL_HERE : PRESENT;
      if (definition < present) nulls++;
    }
    if (definition < part.element) continue;
    lengths[at] = (lengths[at] ?? 0) + 1;
    elements++;
  }
  return {
    states: nulls === 0 ? undefined : states.subarray(0, at + 1),
    starts: starts.subarray(0, at + 1),
    lengths: lengths.subarray(0, at + 1),
  };
}
