/** Puts the filled columns of a shredder together as a batch of records, column by column. */
import { batchOfFields, type RecordBatch } from "../../types/record-batch.js";
import type { Value } from "../../types/value.js";
import { NULL_HERE, PRESENT, type States, type Vector } from "../../types/vector.js";
import { decoderOf } from "./column-values.js";
import type { RowPlace, RowStruct } from "./plan-rows.js";
import type { WasmShredder } from "./wasm-shredder.js";

/** What the columns hold now. Views of wasm memory: nothing else may run in the instance meanwhile. */
type Block = { readonly memory: Buffer; readonly rows: (domain: number) => number; readonly starts: readonly number[]; readonly ends: readonly number[]; readonly bits: readonly number[] };
/** `nulls`: the rows of the domain that have null under the key. */
type Read = (block: Block, nulls: Rows) => Vector;
/** Ascending; "all" where it is each. */
type Rows = readonly number[] | "all";

const NONE: readonly number[] = Object.freeze([]);

/** Each call takes all complete records out of the shredder. A key that was there with null, or with what no arm holds, is null; one that was not is absent. */
export function createBatchReader(shredder: WasmShredder, records: RowStruct): () => RecordBatch {
  const { wasm, columns, domains } = shredder;
  const read = fieldsReader(records);
  return () => {
    // may grow the memory, so it comes before the views
    for (const column of columns) wasm.settleColumn(column);
    const block: Block = {
      memory: Buffer.from(wasm.memory.buffer), rows: (domain) => wasm.domainRows(domains[domain] ?? 0),
      starts: columns.map(wasm.columnStart), ends: columns.map((column) => wasm.columnStart(column) + wasm.columnLength(column)), bits: columns.map(wasm.columnBits),
    };
    const batch = batchOfFields(read(block), block.rows(0));
    for (const domain of domains) wasm.emptyDomain(domain);
    return batch;
  };
}

function fieldsReader({ fields, domain }: RowStruct): (block: Block) => readonly Vector[] {
  const readers = fields.map(({ place, nulls }) => ({ nulls, read: readerOf(place) }));
  return (block) => readers.map(({ nulls, read }) => read(block, validRows(block, nulls, block.rows(domain))));
}

function readerOf(place: RowPlace): Read {
  switch (place.kind) {
    case "leaf": return leafReader(place);
    case "struct": return structReader(place);
    case "list": return listReader(place);
    case "choice": return choiceReader(place);
  }
}

/** The rows in which the column is valid. */
function validRows({ memory, bits }: Block, column: number, rows: number): Rows {
  const start = bits[column] ?? 0;
  if (start === 0) return NONE;
  const found: number[] = [];
  for (let row = 0; row < rows; row += 8) {
    const byte = memory[start + (row >> 3)] ?? 0;
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) found.push(row + bit);
  }
  return found.length === rows ? "all" : found;
}

function leafReader({ type, column, domain }: Extract<RowPlace, { kind: "leaf" }>): Read {
  const decode = type.kind === "null" || type.kind === "unknown" || type.kind === "binary" ? undefined : decoderOf(type);
  return (block, nulls) => {
    const rows = block.rows(domain);
    const valid = decode === undefined ? NONE : validRows(block, column, rows);
    const count = valid === "all" ? rows : valid.length;
    const dense = decode === undefined || count === 0 ? [] : decode({ memory: block.memory, start: block.starts[column] ?? 0, end: block.ends[column] ?? 0, count });
    if (valid === "all" && nulls !== "all" && nulls.length === 0) return { kind: "plain", values: Array.isArray(dense) ? dense : (dense as Float64Array).slice() };
    const values = new Array<Value>(rows).fill(undefined);
    if (valid === "all") for (let i = 0; i < rows; i++) values[i] = dense[i];
    else valid.forEach((row, i) => { values[row] = dense[i]; });
    forEach(nulls, rows, (row) => { values[row] = null; });
    return { kind: "plain", values };
  };
}

function structReader(place: RowStruct): Read {
  const read = fieldsReader(place), { column = 0, domain } = place;
  return (block, nulls) => ({ kind: "struct", states: statesOf(validRows(block, column, block.rows(domain)), nulls, block.rows(domain)), fields: read(block) });
}

function listReader({ column, domain, element }: Extract<RowPlace, { kind: "list" }>): Read {
  const read = readerOf(element);
  return (block, nulls) => {
    const rows = block.rows(domain);
    const valid = validRows(block, column, rows);
    const dense = new Int32Array(block.memory.buffer, block.starts[column] ?? 0, valid === "all" ? rows : valid.length);
    const starts = new Int32Array(rows), lengths = new Int32Array(rows);
    let at = 0;
    for (let i = 0; i < dense.length; i++) {
      const row = valid === "all" ? i : valid[i] ?? 0;
      starts[row] = at;
      lengths[row] = dense[i] ?? 0;
      at += dense[i] ?? 0;
    }
    return { kind: "list", states: statesOf(valid, nulls, rows), starts, lengths, element: read(block, NONE) };
  };
}

function choiceReader({ domain, arms }: Extract<RowPlace, { kind: "choice" }>): Read {
  const readers = arms.map(({ place }) => ({ column: columnOf(place), read: readerOf(place) }));
  return (block, nulls) => {
    const rows = block.rows(domain), which = new Uint8Array(rows);
    readers.forEach(({ column }, k) => { if (column !== undefined) forEach(validRows(block, column, rows), rows, (row) => { which[row] = PRESENT + k; }); });
    forEach(nulls, rows, (row) => { which[row] = NULL_HERE; });
    return { kind: "choice", which, arms: readers.map(({ read }) => read(block, NONE)) };
  };
}

/** The column that says in which rows there is a value; a choice in itself has none, and is in no other choice. */
const columnOf = (place: RowPlace): number | undefined => (place.kind === "choice" ? undefined : place.column);

function statesOf(valid: Rows, nulls: Rows, rows: number): States {
  if (valid === "all") return undefined;
  const states = new Uint8Array(rows);
  for (const row of valid) states[row] = PRESENT;
  forEach(nulls, rows, (row) => { states[row] = NULL_HERE; });
  return states;
}

function forEach(rows: Rows, count: number, visit: (row: number) => void): void {
  if (rows !== "all") rows.forEach(visit);
  else for (let row = 0; row < count; row++) visit(row);
}
