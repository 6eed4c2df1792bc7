/** Puts the filled columns of a shredder together as a batch of records, column by column. */
import type { StructType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { batchOfFields, type RecordBatch } from "../../types/record-batch.js";
import type { Value } from "../../types/value.js";
import type { PageData, StoredField } from "../../types/stored-rows.js";
import {
  LazyChoice,
  LazyList,
  LazyPlain,
  LazyStruct,
  NULL_HERE,
  PRESENT,
  type States,
  type Vector,
} from "../../types/vector.js";
import { decoderOf } from "./column-values.js";
import type { RowPlace, RowsPlan, RowStruct } from "./plan-rows.js";
import { pagesOf, type WasmShredder } from "./wasm-shredder.js";

/** What the columns held, in memory of its own. Plain data, so that it can come from a worker. */
export type RowBlock = {
  /** All that the arrays below are of: what goes to another thread. */
  readonly memory: ArrayBuffer;
  /** By domain. */
  readonly rows: readonly number[];
  /** `bits`: one for each row of the domain, undefined where none is valid. */
  readonly columns: readonly { readonly bytes: Uint8Array<ArrayBuffer>; readonly bits: Uint8Array | undefined }[];
  /** For the columns of the plan's table, if it has one: their pages. */
  readonly pages: readonly PageData[];
};
/** `nulls`: the rows of the domain that have null under the key. */
type Read = (block: RowBlock, nulls: () => Rows) => Vector;
/** Ascending; "all" where it is each. */
type Rows = readonly number[] | "all";

const NONE: readonly number[] = Object.freeze([]);
const noRows = (): Rows => NONE;

/** Takes all complete records out of the shredder. */
export function takeBlock(shredder: WasmShredder): RowBlock {
  const { wasm, columns, domains, plan } = shredder;
  const table = plan.tables[0];
  // may grow the memory, so it comes before the views
  for (const column of columns) wasm.settleColumn(column);
  if (table !== undefined) for (const domain of domains) wasm.expandDomain(domain);
  const pages = table === undefined ? [] : pagesOf(shredder, table.columns);
  const rows = domains.map(wasm.domainRows);
  const memory = new Uint8Array(wasm.memory.buffer);
  const viewed = columns.map((column, i) => {
    const start = wasm.columnStart(column);
    const bits = wasm.columnBits(column);
    const count = rows[plan.columns[i]?.domain ?? 0] ?? 0;
    return {
      bytes: memory.subarray(start, start + wasm.columnLength(column)),
      bits: bits === 0 ? undefined : memory.subarray(bits, bits + ((count + 7) >> 3)),
    };
  });
  const copy = copier([
    ...viewed.flatMap(({ bytes, bits }) => (bits === undefined ? [bytes] : [bytes, bits])),
    ...pages.map(({ levels }) => levels),
  ]);
  const taken = viewed.map(({ bytes, bits }) => ({ bytes: copy.next(bytes), bits: bits && copy.next(bits) }));
  const copied = pages.map((page, i) => ({
    ...page,
    levels: copy.next(page.levels),
    values: page.values.length === 0 ? NO_BYTES : (taken[table?.columns[i] ?? -1]?.bytes ?? page.values),
  })); // empty, it would still hold the shredder's whole memory
  for (const domain of domains) wasm.emptyDomain(domain);
  return { memory: copy.memory, rows, columns: taken, pages: copied };
}

/** Copies arrays into memory that has room for them all, each at an address for whole words. */
function copier(arrays: readonly Uint8Array[]): {
  readonly memory: ArrayBuffer;
  readonly next: (array: Uint8Array) => Uint8Array<ArrayBuffer>;
} {
  const memory = new ArrayBuffer(arrays.reduce((sum, { length }) => sum + roundUp(length), 0));
  let at = 0;
  return {
    memory,
    next: (array) => {
      const own = new Uint8Array(memory, at, array.length);
      own.set(array);
      at += roundUp(array.length);
      return own;
    },
  };
}

const roundUp = (length: number): number => (length + 7) & ~7;

/**
 * Blocks as batches. A key that was there with null, or with what no arm holds, is null; one that was not is absent.
 */
export function createBatchReader({ records, leaves }: RowsPlan, type: StructType): (block: RowBlock) => RecordBatch {
  const read = fieldsReader(records);
  const names = physicalNames(type);
  return (block) => {
    const rows = block.rows[0] ?? 0;
    const batch = batchOfFields(read(block), rows);
    if (block.pages.length === 0) return batch;
    let next = 0;
    const fields = leaves.map((own, i): StoredField => ({
      kind: "pages",
      name: names[i] ?? "",
      pages: block.pages.slice(next, (next += own.length)),
    }));
    return { ...batch, stored: { group: { rows }, from: 0, fields } };
  };
}

function fieldsReader({ fields, domain }: RowStruct): (block: RowBlock) => readonly Vector[] {
  const readers = fields.map(({ place, nulls }) => ({ nulls, read: readerOf(place) }));
  return (block) => readers.map(({ nulls, read }) => read(block, () => validRows(block, nulls, rowsIn(block, domain))));
}

function readerOf(place: RowPlace): Read {
  switch (place.kind) {
    case "leaf":
      return leafReader(place);
    case "struct":
      return structReader(place);
    case "list":
      return listReader(place);
    case "choice":
      return choiceReader(place);
  }
}

const rowsIn = ({ rows }: RowBlock, domain: number): number => rows[domain] ?? 0;

/** The rows in which the column is valid. */
const validRows = ({ columns }: RowBlock, column: number, rows: number): Rows => rowsOf(columns[column]?.bits, rows);

function rowsOf(bits: Uint8Array | undefined, rows: number): Rows {
  if (bits === undefined) return NONE;
  const found: number[] = [];
  for (let row = 0; row < rows; row += 8) {
    const byte = bits[row >> 3] ?? 0;
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) found.push(row + bit);
  }
  return found.length === rows ? "all" : found;
}

const NO_BYTES = new Uint8Array(0);

/** Values are made when they are asked for. */
function leafReader({ type, column, domain }: Extract<RowPlace, { kind: "leaf" }>): Read {
  const decode =
    type.kind === "null" || type.kind === "unknown" || type.kind === "binary" ? undefined : decoderOf(type);
  return (block, nulls) => {
    const rows = rowsIn(block, domain);
    const { bits, bytes = NO_BYTES } = block.columns[column] ?? {};
    if (decode === undefined) return new LazyPlain(() => valuesAt(NONE, [], nulls(), rows), undefined);
    let read: { readonly states: States } | undefined;
    const states = (): States => (read ??= { states: statesOf(rowsOf(bits, rows), nulls(), rows) }).states;
    const make = (): ArrayLike<Value> => {
      const valid = rowsOf(bits, rows);
      const count = valid === "all" ? rows : valid.length;
      const dense =
        count === 0
          ? []
          : decode({
              memory: Buffer.from(bytes.buffer),
              start: bytes.byteOffset,
              end: bytes.byteOffset + bytes.length,
              count,
            });
      return valid === "all" && nulls().length === 0 ? dense : valuesAt(valid, dense, nulls(), rows);
    };
    return new LazyPlain(
      make,
      type.kind === "boolean"
        ? undefined
        : {
            length: rows,
            get states() {
              return states();
            },
            bytes: () => bytes,
          },
    );
  };
}

function valuesAt(valid: Rows, dense: ArrayLike<Value>, nulls: Rows, rows: number): readonly Value[] {
  const values = new Array<Value>(rows).fill(undefined);
  if (valid === "all") for (let i = 0; i < rows; i++) values[i] = dense[i];
  else
    valid.forEach((row, i) => {
      values[row] = dense[i];
    });
  forEach(nulls, rows, (row) => {
    values[row] = null;
  });
  return values;
}

function structReader(place: RowStruct): Read {
  const read = fieldsReader(place);
  const { column = 0, domain } = place;
  return (block, nulls) =>
    new LazyStruct(
      () => statesOf(validRows(block, column, rowsIn(block, domain)), nulls(), rowsIn(block, domain)),
      () => read(block),
    );
}

function listReader({ column, domain, element }: Extract<RowPlace, { kind: "list" }>): Read {
  const read = readerOf(element);
  return (block, nulls) =>
    new LazyList(
      () => {
        const rows = rowsIn(block, domain);
        const valid = validRows(block, column, rows);
        const { buffer, byteOffset } = block.columns[column]?.bytes ?? NO_BYTES;
        const dense = new Int32Array(buffer, byteOffset, valid === "all" ? rows : valid.length);
        const starts = new Int32Array(rows);
        const lengths = new Int32Array(rows);
        let at = 0;
        for (let i = 0; i < dense.length; i++) {
          const row = valid === "all" ? i : (valid[i] ?? 0);
          starts[row] = at;
          lengths[row] = dense[i] ?? 0;
          at += dense[i] ?? 0;
        }
        return { states: statesOf(valid, nulls(), rows), starts, lengths };
      },
      () => read(block, noRows),
    );
}

function choiceReader({ domain, arms }: Extract<RowPlace, { kind: "choice" }>): Read {
  const readers = arms.map(({ place }) => ({ column: columnOf(place), read: readerOf(place) }));
  return (block, nulls) =>
    new LazyChoice(
      () => {
        const rows = rowsIn(block, domain);
        const which = new Uint8Array(rows);
        readers.forEach(({ column }, k) => {
          if (column !== undefined)
            forEach(validRows(block, column, rows), rows, (row) => {
              which[row] = PRESENT + k;
            });
        });
        forEach(nulls(), rows, (row) => {
          which[row] = NULL_HERE;
        });
        return which;
      },
      () => readers.map(({ read }) => read(block, noRows)),
    );
}

/** The column that says in which rows there is a value; a choice in itself has none, and is in no other choice. */
const columnOf = (place: RowPlace): number | undefined => (place.kind === "choice" ? undefined : place.column);

function statesOf(valid: Rows, nulls: Rows, rows: number): States {
  if (valid === "all") return undefined;
  const states = new Uint8Array(rows);
  for (const row of valid) states[row] = PRESENT;
  forEach(nulls, rows, (row) => {
    states[row] = NULL_HERE;
  });
  return states;
}

function forEach(rows: Rows, count: number, visit: (row: number) => void): void {
  if (rows !== "all") rows.forEach(visit);
  else for (let row = 0; row < count; row++) visit(row);
}
