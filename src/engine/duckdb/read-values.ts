/**
 * DuckDB's vectors as ours (`types/vector.ts`), column by column, by their raw buffers. Those of plain values are read
 * when they are asked for: until then they keep their chunk.
 */
import type { DuckDBDataChunk, DuckDBListVector, DuckDBStructVector, DuckDBVector } from "@duckdb/node-api";
import { assertNever, type ChoiceType, type DataType, type StructType } from "../../types/data-type.js";
import { batchOfFields, type RecordBatch } from "../../types/record-batch.js";
import { DateValue, Decimal, TimestampValue, type Value } from "../../types/value.js";
import { LazyPlain, NULL_HERE, PRESENT, stateAt, type States, type Vector } from "../../types/vector.js";
import { textPacker, textReader } from "./read-texts.js";
import { memoryOf } from "./vector-memory.js";

type Api = typeof import("./duckdb-parts.js");

/** A vector of so many values, from an index on. */
type Open = (vector: DuckDBVector, from: number, count: number) => Vector;

/** Rows read at once, which is all of a chunk: most of its values are never made. */
const PIECE = 2048;

/** The chunk that is being read: its memory goes with it. */
type Lease = { chunk: DuckDBDataChunk | undefined };

/** Chunks whose columns are the fields of `type`, in batches of some rows each. Null fields are present and null. */
export function chunkReader(
  type: StructType,
  api: Api,
): (chunk: DuckDBDataChunk) => Generator<RecordBatch, void, undefined> {
  const lease: Lease = { chunk: undefined };
  const fields = type.fields.map((f) => opener(f.type, api, lease));
  return function* (chunk) {
    lease.chunk = chunk;
    const { rowCount } = chunk;
    const columns = fields.map((_, i) => chunk.getColumnVector(i));
    for (let from = 0; from < rowCount; from += PIECE) {
      const count = Math.min(PIECE, rowCount - from);
      yield batchOfFields(
        columns.flatMap((column, i) => fields[i]?.(column, from, count) ?? []),
        count,
      );
    }
  };
}

function opener(type: DataType, api: Api, lease: Lease): Open {
  switch (type.kind) {
    case "byte":
    case "short":
      return later(numbers, lease);
    case "int":
    case "float":
    case "double":
      return later(numbers, lease, itemBytes);
    case "boolean":
      return later(booleans, lease);
    case "string":
    case "enum":
      return later(textOpener(api), lease, textPacker(api));
    case "null":
    case "unknown":
      return (_, __, count) => ({ kind: "plain", values: new Array<Value>(count).fill(null) });
    case "long":
      return later(longs, lease, itemBytes);
    case "decimal":
      return item((value: { readonly value: bigint; readonly scale: number }) => new Decimal(value.value, value.scale));
    case "date":
      return item((value: { readonly days: number }) => new DateValue(value.days));
    case "timestamp":
    case "timestampntz":
      return item((value: { readonly micros: bigint }) => new TimestampValue(value.micros));
    case "binary":
      return item((value: { readonly bytes: Uint8Array }) => new Uint8Array(value.bytes));
    case "array":
    case "set":
      return listOpener(opener(type.element, api, lease));
    case "map":
      return mapOpener(textOpener(api), opener(type.value, api, lease));
    case "struct":
      return structOpener(type, api, lease);
    case "choice":
      return choiceOpener(type, api, lease);
    default:
      return assertNever(type);
  }
}

/** Bytes of the valid ones of so many values from an index on. */
type Pack = (
  vector: DuckDBVector,
  from: number,
  count: number,
  valid: ((index: number) => boolean) | undefined,
) => Uint8Array;

/** Opened when the values are asked for. */
function later(
  open: (vector: DuckDBVector, from: number, count: number) => PlainValues,
  lease: Lease,
  pack?: Pack,
): Open {
  return (vector, from, count) => {
    const { chunk } = lease;
    const valid = validOf(vector);
    let read: { readonly states: States } | undefined;
    const packed = pack && {
      length: count,
      get states() {
        return (read ??= { states: heldBy(chunk, statesOf(vector, from, count)) }).states;
      },
      bytes: () => heldBy(chunk, pack(vector, from, count, valid)),
    };
    return new LazyPlain(() => heldBy(chunk, open(vector, from, count).values), packed);
  };
}

type PlainValues = Extract<Vector, { readonly kind: "plain" }>;

/** What was read of a chunk's memory, which was there until then. */
const heldBy = <T>(chunk: DuckDBDataChunk | undefined, read: T): T => {
  if (chunk === undefined) throw new Error("a vector is of a chunk");
  return read;
};

/** Numbers of 32 and 64 bits lie in memory as they do in pages. */
const itemBytes: Pack = (vector, from, count, valid) => {
  const { items } = memoryOf<Int32Array | Float32Array | Float64Array | BigInt64Array>(vector);
  const size = items.BYTES_PER_ELEMENT;
  const all = new Uint8Array(items.buffer, items.byteOffset + size * from, size * count);
  if (valid === undefined) return all.slice();
  const bytes = new Uint8Array(size * count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (!valid(from + i)) continue;
    for (let k = 0; k < size; k++) bytes[at++] = all[size * i + k] ?? 0;
  }
  return bytes.subarray(0, at);
};

/** Values read one by one where they are not null. */
function plain(vector: DuckDBVector, from: number, count: number, read: (index: number) => Value): PlainValues {
  const valid = validOf(vector);
  const values = new Array<Value>(count);
  for (let i = 0; i < count; i++) values[i] = valid === undefined || valid(from + i) ? read(from + i) : null;
  return { kind: "plain", values };
}

function numbers(vector: DuckDBVector, from: number, count: number): PlainValues {
  const { items } = memoryOf<Float64Array>(vector);
  if (validOf(vector) === undefined) return { kind: "plain", values: items.slice(from, from + count) };
  return plain(vector, from, count, (i) => items[i] ?? null);
}

const booleans = (vector: DuckDBVector, from: number, count: number): PlainValues => {
  const { dataView } = memoryOf(vector);
  return plain(
    vector,
    from,
    count,
    dataView instanceof DataView ? (i) => dataView.getUint8(i) !== 0 : (i) => vector.getItem(i) as Value,
  );
};

/** By their halves: a bigint is made only for what no number holds. */
function longs(vector: DuckDBVector, from: number, count: number): PlainValues {
  const { items } = memoryOf<BigInt64Array>(vector);
  const halves = new Int32Array(items.buffer, items.byteOffset, 2 * items.length);
  return plain(vector, from, count, (i) => {
    const value = (halves[2 * i + 1] ?? 0) * 2 ** 32 + ((halves[2 * i] ?? 0) >>> 0);
    return Number.isSafeInteger(value) ? value : (items[i] ?? null);
  });
}

// the vector's class follows from the SQL type, which is `duckdbType(type)`: no check per value
function item<T>(convert: (value: T) => Value): Open {
  return (vector, from, count) =>
    plain(vector, from, count, (i) => {
      const value = vector.getItem(i);
      return value === null ? null : convert(value as T);
    });
}

function textOpener(api: Api): (vector: DuckDBVector, from: number, count: number) => PlainValues {
  const read = textReader(api);
  return (vector, from, count) => ({ kind: "plain", values: read(vector, from, count, validOf(vector)) });
}

/**
 * Which values are not null; undefined where none is. The class's own test makes three bigints a value (its fields are
 * of the pinned version; else it is asked).
 */
function validOf(vector: DuckDBVector): ((index: number) => boolean) | undefined {
  const { validity } = memoryOf(vector);
  if (validity === undefined) return (i) => vector.getItem(i) !== null;
  const { data, offset } = validity;
  if (data === null) return undefined;
  if (!(data instanceof BigUint64Array) || typeof offset !== "number") return (i) => validity.itemValid(i);
  const bits = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return (i) => ((bits[(offset + i) >> 3] ?? 0) & (1 << ((offset + i) & 7))) !== 0;
}

function statesOf(vector: DuckDBVector, from: number, count: number): States {
  const valid = validOf(vector);
  if (valid === undefined) return undefined;
  const states = new Uint8Array(count);
  for (let i = 0; i < count; i++) states[i] = valid(from + i) ? PRESENT : NULL_HERE;
  return states;
}

function structOpener(type: StructType, api: Api, lease: Lease): Open {
  const fields = type.fields.map((f) => opener(f.type, api, lease));
  return (vector, from, count) => {
    const struct = vector as DuckDBStructVector;
    return {
      kind: "struct",
      states: statesOf(struct, from, count),
      fields: fields.map((open, i) => open(struct.entryVectorAt(i), from, count)),
    };
  };
}

/** The arm is the one that has a value. */
function choiceOpener(type: ChoiceType, api: Api, lease: Lease): Open {
  const arms = type.choices.map((member) => opener(member, api, lease));
  return (vector, from, count) => {
    const struct = vector as DuckDBStructVector;
    const which = new Uint8Array(count).fill(NULL_HERE);
    const around = validOf(struct);
    const below = arms.map((open, k) => {
      const arm = struct.entryVectorAt(k);
      const valid = validOf(arm);
      for (let i = 0; i < count; i++) {
        if (
          which[i] === NULL_HERE
          && (around === undefined || around(from + i))
          && (valid === undefined || valid(from + i))
        )
          which[i] = PRESENT + k;
      }
      return open(arm, from, count);
    });
    return { kind: "choice", which, arms: below };
  };
}

function listOpener(open: Open): Open {
  return (vector, from, count) => {
    const list = vector as DuckDBListVector;
    const states = statesOf(list, from, count);
    const { starts, lengths, first, size } = entriesOf(list, from, count, states);
    return { kind: "list", states, starts, lengths, element: open(list.childVector, first, size) };
  };
}

function mapOpener(openKey: Open, open: Open): Open {
  return (vector, from, count) => {
    const { listVector: list } = memoryOf(vector);
    const states = statesOf(list, from, count);
    const { starts, lengths, first, size } = entriesOf(list, from, count, states);
    const entries = list.childVector as DuckDBStructVector;
    const keys = openKey(entries.entryVectorAt(0), first, size);
    return {
      kind: "map",
      states,
      starts,
      lengths,
      keys: keys.kind === "plain" ? keys.values : [],
      value: open(entries.entryVectorAt(1), first, size),
    };
  };
}

/** `starts` count from the element `first`; `size` elements from there on hold all of them. */
type ListEntries = {
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly first: number;
  readonly size: number;
};

/**
 * Where the elements of each list are: offset and length, 64 bits each, of which a vector needs the lower halves. A
 * null list has none.
 */
function entriesOf(list: DuckDBListVector, from: number, count: number, states: States): ListEntries {
  const { entryData } = memoryOf(list);
  const starts = new Int32Array(count);
  const lengths = new Int32Array(count);
  const halves =
    entryData instanceof BigUint64Array
      ? new Uint32Array(entryData.buffer, entryData.byteOffset, 2 * entryData.length)
      : undefined;
  let first = Infinity;
  let end = 0;
  for (let i = 0; i < count; i++) {
    const start = halves === undefined ? list.getEntryOffset(from + i) : (halves[4 * (from + i)] ?? 0);
    const length =
      stateAt(states, i) !== PRESENT
        ? 0
        : halves === undefined
          ? list.getEntryLength(from + i)
          : (halves[4 * (from + i) + 2] ?? 0);
    starts[i] = start;
    lengths[i] = length;
    if (length > 0 && start < first) first = start;
    if (length > 0 && start + length > end) end = start + length;
  }
  if (end === 0) return { starts, lengths, first: 0, size: 0 };
  for (let i = 0; i < count; i++) starts[i] = (starts[i] ?? 0) - first;
  return { starts, lengths, first, size: end - first };
}
