/** DuckDB's vectors as ours (`types/vector.ts`), column by column, by their raw buffers. Nothing of DuckDB's memory is kept. */
import type { DuckDBDataChunk, DuckDBListVector, DuckDBStructVector, DuckDBVector } from "@duckdb/node-api";
import { assertNever, type ChoiceType, type DataType, type StructType } from "../../types/data-type.js";
import { batchOfFields, type RecordBatch } from "../../types/record-batch.js";
import { DateValue, Decimal, TimestampValue, type Value } from "../../types/value.js";
import { NULL_HERE, PRESENT, type States, type Vector } from "../../types/vector.js";

type Api = typeof import("@duckdb/node-api");

/** A vector of so many values. */
type Open = (vector: DuckDBVector, count: number) => Vector;

/** Chunks whose columns are the fields of `type`. Null fields are present and null. */
export function chunkReader(type: StructType, api: Api): (chunk: DuckDBDataChunk) => RecordBatch {
  const fields = type.fields.map((f) => opener(f.type, api));
  return (chunk) => batchOfFields(fields.map((open, i) => open(chunk.getColumnVector(i), chunk.rowCount)), chunk.rowCount);
}

function opener(type: DataType, api: Api): Open {
  switch (type.kind) {
    case "byte": case "short": case "int": case "float": case "double": return numbers;
    case "boolean": return booleans;
    case "string": case "enum": return textOpener(api);
    case "null": case "unknown": return (_, count) => ({ kind: "plain", values: new Array<Value>(count).fill(null) });
    case "long": return longs;
    case "decimal": return item((value: { readonly value: bigint; readonly scale: number }) => new Decimal(value.value, value.scale));
    case "date": return item((value: { readonly days: number }) => new DateValue(value.days));
    case "timestamp": case "timestampntz": return item((value: { readonly micros: bigint }) => new TimestampValue(value.micros));
    case "binary": return item((value: { readonly bytes: Uint8Array }) => new Uint8Array(value.bytes));
    case "array": case "set": return listOpener(opener(type.element, api));
    case "map": return mapOpener(textOpener(api), opener(type.value, api));
    case "struct": return structOpener(type, api);
    case "choice": return choiceOpener(type, api);
    default: return assertNever(type);
  }
}

/** Values read one by one where they are not null. */
function plain(vector: DuckDBVector, count: number, read: (index: number) => Value): Vector {
  const valid = validOf(vector), values = new Array<Value>(count);
  for (let i = 0; i < count; i++) values[i] = valid === undefined || valid(i) ? read(i) : null;
  return { kind: "plain", values };
}

function numbers(vector: DuckDBVector, count: number): Vector {
  const { items } = vector as unknown as { readonly items: Float64Array };
  if (validOf(vector) === undefined) return { kind: "plain", values: items.slice(0, count) };
  return plain(vector, count, (i) => items[i] ?? null);
}

const booleans: Open = (vector, count) => {
  const { dataView } = vector as unknown as { readonly dataView?: unknown };
  return plain(vector, count, dataView instanceof DataView ? (i) => dataView.getUint8(i) !== 0 : (i) => vector.getItem(i) as Value);
};

/** By their halves: a bigint is made only for what no number holds. */
function longs(vector: DuckDBVector, count: number): Vector {
  const { items } = vector as unknown as { readonly items: BigInt64Array };
  const halves = new Int32Array(items.buffer, items.byteOffset, 2 * items.length);
  return plain(vector, count, (i) => {
    const value = (halves[2 * i + 1] ?? 0) * 2 ** 32 + ((halves[2 * i] ?? 0) >>> 0);
    return Number.isSafeInteger(value) ? value : items[i] ?? null;
  });
}

// the vector's class follows from the SQL type, which is `duckdbType(type)`: no check per value
function item<T>(convert: (value: T) => Value): Open {
  return (vector, count) => plain(vector, count, (i) => {
    const value = vector.getItem(i);
    return value === null ? null : convert(value as T);
  });
}

/** Longer texts lie outside the vector; V8 copies the bytes of substrings up to this length, and would keep the whole text for longer ones. */
const INLINE = 12;

/**
 * Texts by their bytes: the binding's own decoder takes a byte order mark at the start of a value for an encoding mark and drops it.
 * A VARCHAR vector and a BLOB vector are laid out alike, 16 bytes a value: the length, then the bytes or a prefix and a pointer. Short
 * ASCII, which most texts are, is cut from one string made of the whole vector. Its fields are the class's own (pinned version).
 */
function textOpener(api: Api): Open {
  return (vector, count) => {
    const inner = vector as unknown as {
      readonly dataView: DataView; readonly validity: ConstructorParameters<Api["DuckDBBlobVector"]>[1];
      readonly vector: ConstructorParameters<Api["DuckDBBlobVector"]>[2];
    };
    const { dataView } = inner;
    const long = new api.DuckDBBlobVector(dataView, inner.validity, inner.vector, 0, vector.itemCount);
    const bytes = Buffer.from(dataView.buffer, dataView.byteOffset, dataView.byteLength);
    const all = bytes.toString("latin1");
    return plain(vector, count, (i) => {
      const at = 16 * i + 4, length = dataView.getUint32(at - 4, true);
      if (length <= INLINE) return isPlain(bytes, at, at + length) ? all.substring(at, at + length) : bytes.toString("utf8", at, at + length);
      const own = long.getItemBytes(i);
      return own === null ? null : Buffer.from(own.buffer, own.byteOffset, own.byteLength).toString("utf8");
    });
  };
}

function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] ?? 0) > 127) return false;
  return true;
}

/**
 * Which values are not null; undefined where none is. The class's own test makes three bigints a value (its fields are of the pinned
 * version; else it is asked).
 */
function validOf(vector: DuckDBVector): ((index: number) => boolean) | undefined {
  const { validity } = vector as unknown as { readonly validity?: { readonly data?: unknown; readonly offset?: unknown; itemValid(i: number): boolean } };
  if (validity === undefined) return (i) => vector.getItem(i) !== null;
  const { data, offset } = validity;
  if (data === null) return undefined;
  if (!(data instanceof BigUint64Array) || typeof offset !== "number") return (i) => validity.itemValid(i);
  const bits = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return (i) => ((bits[(offset + i) >> 3] ?? 0) & (1 << ((offset + i) & 7))) !== 0;
}

function statesOf(vector: DuckDBVector, count: number): States {
  const valid = validOf(vector);
  if (valid === undefined) return undefined;
  const states = new Uint8Array(count);
  for (let i = 0; i < count; i++) states[i] = valid(i) ? PRESENT : NULL_HERE;
  return states;
}

function structOpener(type: StructType, api: Api): Open {
  const fields = type.fields.map((f) => opener(f.type, api));
  return (vector, count) => {
    const struct = vector as DuckDBStructVector;
    return { kind: "struct", states: statesOf(struct, count), fields: fields.map((open, i) => open(struct.entryVectorAt(i), count)) };
  };
}

/** The arm is the one that has a value. */
function choiceOpener(type: ChoiceType, api: Api): Open {
  const arms = type.choices.map((member) => opener(member, api));
  return (vector, count) => {
    const struct = vector as DuckDBStructVector;
    const which = new Uint8Array(count).fill(NULL_HERE), around = validOf(struct);
    const below = arms.map((open, k) => {
      const arm = struct.entryVectorAt(k), valid = validOf(arm);
      for (let i = 0; i < count; i++) {
        if (which[i] === NULL_HERE && (around === undefined || around(i)) && (valid === undefined || valid(i))) which[i] = PRESENT + k;
      }
      return open(arm, count);
    });
    return { kind: "choice", which, arms: below };
  };
}

function listOpener(open: Open): Open {
  return (vector, count) => {
    const list = vector as DuckDBListVector;
    return { kind: "list", states: statesOf(list, count), ...entriesOf(list, count), element: open(list.childVector, list.childVector.itemCount) };
  };
}

function mapOpener(openKey: Open, open: Open): Open {
  return (vector, count) => {
    // a map vector is a list of {key, value} structs, which its class keeps to itself (pinned version)
    const list = (vector as unknown as { readonly listVector: DuckDBListVector }).listVector;
    const entries = list.childVector as DuckDBStructVector, size = entries.itemCount;
    const keys = openKey(entries.entryVectorAt(0), size);
    return {
      kind: "map", states: statesOf(list, count), ...entriesOf(list, count),
      keys: keys.kind === "plain" ? keys.values : [], value: open(entries.entryVectorAt(1), size),
    };
  };
}

/** Where the elements of each list are: offset and length, 64 bits each, of which a vector needs the lower halves. */
function entriesOf(list: DuckDBListVector, count: number): { readonly starts: Int32Array; readonly lengths: Int32Array } {
  const { entryData } = list as unknown as { readonly entryData?: unknown };
  const starts = new Int32Array(count), lengths = new Int32Array(count);
  const halves = entryData instanceof BigUint64Array ? new Uint32Array(entryData.buffer, entryData.byteOffset, 2 * entryData.length) : undefined;
  for (let i = 0; i < count; i++) {
    starts[i] = halves === undefined ? list.getEntryOffset(i) : halves[4 * i] ?? 0;
    lengths[i] = halves === undefined ? list.getEntryLength(i) : halves[4 * i + 2] ?? 0;
  }
  return { starts, lengths };
}
