/** Puts the filled columns of a shredder together as rows in arms form, column by column. */
import { ArmValue, setField, type Row, type Value } from "../../types/value.js";
import { decoderOf } from "./column-values.js";
import type { RowPlace, RowStruct } from "./plan-rows.js";
import type { WasmShredder } from "./wasm-shredder.js";

/** A value per row of the domain, undefined where there is none; undefined for a place that is empty in all rows. */
type Column = readonly Value[] | undefined;
type Read = (block: Block) => Column;
type Struct = Record<string, Value>;

/** What the columns hold now. Views of wasm memory: nothing else may run in the instance meanwhile. */
type Block = { readonly memory: Buffer; readonly rows: (domain: number) => number; readonly starts: readonly number[]; readonly ends: readonly number[]; readonly bits: readonly number[] };

/** Each call takes all complete records out of the shredder. A key that was there with null, or with what no arm holds, is null; one that was not is absent. */
export function createRowReader(shredder: WasmShredder, records: RowStruct): () => Row[] {
  const { wasm, columns, domains } = shredder;
  const fill = fieldsFiller(records);
  return () => {
    // may grow the memory, so it comes before the views
    for (const column of columns) wasm.settleColumn(column);
    const block: Block = {
      memory: Buffer.from(wasm.memory.buffer), rows: (domain) => wasm.domainRows(domains[domain] ?? 0),
      starts: columns.map(wasm.columnStart), ends: columns.map((column) => wasm.columnStart(column) + wasm.columnLength(column)), bits: columns.map(wasm.columnBits),
    };
    const rows: Struct[] = [];
    for (let i = block.rows(0); i > 0; i--) rows.push({});
    fill(block, rows);
    for (const domain of domains) wasm.emptyDomain(domain);
    return rows;
  };
}

function readerOf(place: RowPlace): Read {
  switch (place.kind) {
    case "leaf": return leafReader(place);
    case "struct": return structReader(place);
    case "list": return listReader(place);
    case "choice": return choiceReader(place);
  }
}

/** The rows in which the column is valid, ascending; "all" where it is valid in each. */
function validRows({ memory, bits }: Block, column: number, rows: number): readonly number[] | "all" {
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

const NONE: readonly number[] = Object.freeze([]);

function leafReader({ type, column, domain }: Extract<RowPlace, { kind: "leaf" }>): Read {
  if (type.kind === "null" || type.kind === "unknown" || type.kind === "binary") return () => undefined;
  const decode = decoderOf(type);
  return (block) => {
    const rows = block.rows(domain);
    const valid = validRows(block, column, rows);
    const count = valid === "all" ? rows : valid.length;
    if (count === 0) return undefined;
    const values = decode({ memory: block.memory, start: block.starts[column] ?? 0, end: block.ends[column] ?? 0, count });
    if (valid === "all" && Array.isArray(values)) return values;
    const out = new Array<Value>(rows);
    if (valid === "all") for (let i = 0; i < rows; i++) out[i] = values[i];
    else valid.forEach((row, i) => { out[row] = values[i]; });
    return out;
  };
}

function structReader(place: RowStruct): Read {
  const fill = fieldsFiller(place);
  const { column = 0 } = place;
  return (block) => {
    const rows = block.rows(place.domain);
    const valid = validRows(block, column, rows);
    if (valid.length === 0) return undefined;
    const out = new Array<Struct>(rows);
    if (valid === "all") for (let i = 0; i < rows; i++) out[i] = {};
    else for (const row of valid) out[row] = {};
    fill(block, out);
    return out;
  };
}

/** Sets the fields of the objects of a domain's rows, in the order of the type. */
function fieldsFiller({ fields, domain }: RowStruct): (block: Block, objects: readonly Struct[]) => void {
  const readers = fields.map(({ name, place, nulls }) => ({ name, nulls, read: readerOf(place), set: name === "__proto__" ? setField : setPlain }));
  return (block, objects) => {
    const rows = block.rows(domain);
    for (const { name, nulls, read, set } of readers) {
      const values = read(block);
      if (values !== undefined) {
        for (let i = 0; i < rows; i++) {
          const value = values[i], object = objects[i];
          if (value !== undefined && object !== undefined) set(object, name, value);
        }
      }
      const empty = validRows(block, nulls, rows);
      if (empty === "all") for (const object of objects) set(object, name, null);
      else for (const row of empty) set(objects[row] ?? {}, name, null);
    }
  };
}

function setPlain(object: Struct, name: string, value: Value): void {
  object[name] = value;
}

function listReader({ column, domain, elements, element }: Extract<RowPlace, { kind: "list" }>): Read {
  const read = readerOf(element);
  return (block) => {
    const rows = block.rows(domain);
    const valid = validRows(block, column, rows);
    if (valid.length === 0) return undefined;
    const values = read(block);
    const all: Value[] = new Array<Value>(block.rows(elements));
    for (let i = 0; i < all.length; i++) all[i] = values?.[i] ?? null;
    const lengths = new Int32Array(block.memory.buffer, block.starts[column] ?? 0, valid === "all" ? rows : valid.length);
    const out = new Array<Value>(rows);
    let at = 0;
    for (let i = 0; i < lengths.length; i++) {
      const end = at + (lengths[i] ?? 0);
      out[valid === "all" ? i : valid[i] ?? 0] = all.slice(at, end);
      at = end;
    }
    return out;
  };
}

function choiceReader({ domain, arms }: Extract<RowPlace, { kind: "choice" }>): Read {
  const readers = arms.map(({ arm, place }) => ({ arm, read: readerOf(place) }));
  return (block) => {
    const rows = block.rows(domain);
    const out = new Array<Value>(rows);
    let some = false;
    for (const { arm, read } of readers) {
      const values = read(block);
      if (values === undefined) continue;
      some = true;
      for (let i = 0; i < rows; i++) {
        const value = values[i];
        if (value !== undefined) out[i] = new ArmValue(arm, value);
      }
    }
    return some ? out : undefined;
  };
}
