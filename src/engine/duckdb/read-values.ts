/** DuckDB's vectors as the JavaScript values of `types/value.ts`, in arms form, column by column. */
import type { DuckDBDataChunk, DuckDBListVector, DuckDBStructVector, DuckDBVector } from "@duckdb/node-api";
import { assertNever, type ChoiceType, type DataType, type StructType } from "../../types/data-type.js";
import { ArmValue, DateValue, Decimal, TimestampValue, setField, type Row, type Value } from "../../types/value.js";

type Api = typeof import("@duckdb/node-api");

/** The value at an index of a vector. */
type Read = (index: number) => Value;
/** A reader per vector: the type is walked once per chunk, not once per value. */
type Open = (vector: DuckDBVector) => Read;

/** Rows of a chunk whose columns are the fields of `type`. Null fields are present and null. */
export function chunkReader(type: StructType, api: Api): (chunk: DuckDBDataChunk) => Row[] {
  const fields = type.fields.map((f) => ({ name: f.name, open: opener(f.type, api) }));
  const plain = fields.every(({ name }) => name !== "__proto__");
  return (chunk) => {
    const columns = fields.map(({ name, open }, i) => ({ name, read: open(chunk.getColumnVector(i)) }));
    const rows: Row[] = [];
    for (let r = 0; r < chunk.rowCount; r++) {
      const row: Record<string, Value> = {};
      if (plain) for (const { name, read } of columns) row[name] = read(r);
      else for (const { name, read } of columns) setField(row, name, read(r));
      rows.push(row);
    }
    return rows;
  };
}

function opener(type: DataType, api: Api): Open {
  switch (type.kind) {
    case "byte": case "short": case "int": case "float": case "double": return numbers;
    case "boolean": return (vector) => (i) => vector.getItem(i) as Value;
    case "string": case "enum": return textOpener(api);
    case "null": case "unknown": return () => () => null;
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

function numbers(vector: DuckDBVector): Read {
  const { items } = vector as unknown as { readonly items: ArrayLike<number> };
  const valid = validOf(vector);
  return (i) => (valid(i) ? items[i] : null);
}

/** By their halves: a bigint is made only for what no number holds. */
function longs(vector: DuckDBVector): Read {
  const { items } = vector as unknown as { readonly items: BigInt64Array };
  const halves = new Int32Array(items.buffer, items.byteOffset, 2 * items.length);
  const valid = validOf(vector);
  return (i) => {
    if (!valid(i)) return null;
    const value = (halves[2 * i + 1] ?? 0) * 2 ** 32 + ((halves[2 * i] ?? 0) >>> 0);
    return Number.isSafeInteger(value) ? value : items[i];
  };
}

// the vector's class follows from the SQL type, which is `duckdbType(type)`: no check per value
function item<T>(convert: (value: T) => Value): Open {
  return (vector) => (i) => {
    const value = vector.getItem(i);
    return value === null ? null : convert(value as T);
  };
}

/** Longer texts lie outside the vector; V8 copies the bytes of substrings up to this length, and would keep the whole text for longer ones. */
const INLINE = 12;

/**
 * Texts by their bytes: the binding's own decoder takes a byte order mark at the start of a value for an encoding mark and drops it.
 * A VARCHAR vector and a BLOB vector are laid out alike, 16 bytes a value: the length, then the bytes or a prefix and a pointer. Short
 * ASCII, which most texts are, is cut from one string made of the whole vector. Its fields are the class's own (pinned version).
 */
function textOpener(api: Api): Open {
  return (vector) => {
    const inner = vector as unknown as {
      readonly dataView: DataView; readonly validity: ConstructorParameters<Api["DuckDBBlobVector"]>[1];
      readonly vector: ConstructorParameters<Api["DuckDBBlobVector"]>[2];
    };
    const { dataView } = inner;
    const long = new api.DuckDBBlobVector(dataView, inner.validity, inner.vector, 0, vector.itemCount);
    const bytes = Buffer.from(dataView.buffer, dataView.byteOffset, dataView.byteLength);
    const all = bytes.toString("latin1");
    const valid = validOf(vector);
    return (i) => {
      if (!valid(i)) return null;
      const at = 16 * i + 4, length = dataView.getUint32(at - 4, true);
      if (length <= INLINE) return isPlain(bytes, at, at + length) ? all.substring(at, at + length) : bytes.toString("utf8", at, at + length);
      const own = long.getItemBytes(i);
      return own === null ? null : Buffer.from(own.buffer, own.byteOffset, own.byteLength).toString("utf8");
    };
  };
}

function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] ?? 0) > 127) return false;
  return true;
}

/** Which values are not null: the class's own test makes three bigints a value (its fields are of the pinned version; else it is asked). */
function validOf(vector: DuckDBVector): (index: number) => boolean {
  const { validity } = vector as unknown as { readonly validity?: { readonly data?: unknown; readonly offset?: unknown; itemValid(i: number): boolean } };
  if (validity === undefined) return (i) => vector.getItem(i) !== null;
  const { data, offset } = validity;
  if (data === null) return () => true;
  if (!(data instanceof BigUint64Array) || typeof offset !== "number") return (i) => validity.itemValid(i);
  const bits = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return (i) => ((bits[(offset + i) >> 3] ?? 0) & (1 << ((offset + i) & 7))) !== 0;
}

function structOpener(type: StructType, api: Api): Open {
  const fields = type.fields.map((f) => ({ name: f.name, open: opener(f.type, api) }));
  const plain = fields.every(({ name }) => name !== "__proto__");
  return (vector) => {
    const struct = vector as DuckDBStructVector;
    const reads = fields.map(({ name, open }, i) => ({ name, read: open(struct.entryVectorAt(i)) })), valid = validOf(struct);
    return (i) => {
      if (!valid(i)) return null;
      const row: Record<string, Value> = {};
      if (plain) for (const { name, read } of reads) row[name] = read(i);
      else for (const { name, read } of reads) setField(row, name, read(i));
      return row;
    };
  };
}

function choiceOpener(type: ChoiceType, api: Api): Open {
  const arms = type.choices.map((member) => ({ arm: member.kind, open: opener(member, api) }));
  return (vector) => {
    const struct = vector as DuckDBStructVector;
    const reads = arms.map(({ arm, open }, i) => ({ arm, read: open(struct.entryVectorAt(i)) })), valid = validOf(struct);
    return (i) => {
      if (!valid(i)) return null;
      for (const { arm, read } of reads) {
        const value = read(i);
        if (value !== null) return new ArmValue(arm, value);
      }
      return null;
    };
  };
}

function listOpener(open: Open): Open {
  return (vector) => {
    const list = vector as DuckDBListVector;
    const read = open(list.childVector), valid = validOf(list), { offsetOf, lengthOf } = entriesOf(list);
    return (i) => {
      if (!valid(i)) return null;
      const offset = offsetOf(i), length = lengthOf(i);
      const elements: Value[] = new Array<Value>(length);
      for (let k = 0; k < length; k++) elements[k] = read(offset + k);
      return elements;
    };
  };
}

function mapOpener(openKey: Open, open: Open): Open {
  return (vector) => {
    // a map vector is a list of {key, value} structs, which its class keeps to itself (pinned version)
    const list = (vector as unknown as { readonly listVector: DuckDBListVector }).listVector;
    const entries = list.childVector as DuckDBStructVector;
    const key = openKey(entries.entryVectorAt(0)), value = open(entries.entryVectorAt(1));
    const valid = validOf(list);
    return (i) => {
      if (!valid(i)) return null;
      const offset = list.getEntryOffset(i), length = list.getEntryLength(i);
      const map = new Map<string, Value>();
      for (let k = offset; k < offset + length; k++) map.set(String(key(k)), value(k));
      return map;
    };
  };
}

/** Where the elements of each list are: offset and length, 64 bits each, of which a vector needs the lower halves. */
function entriesOf(list: DuckDBListVector): { readonly offsetOf: (index: number) => number; readonly lengthOf: (index: number) => number } {
  const { entryData } = list as unknown as { readonly entryData?: unknown };
  if (!(entryData instanceof BigUint64Array)) return { offsetOf: (i) => list.getEntryOffset(i), lengthOf: (i) => list.getEntryLength(i) };
  const halves = new Uint32Array(entryData.buffer, entryData.byteOffset, 2 * entryData.length);
  return { offsetOf: (i) => halves[4 * i] ?? 0, lengthOf: (i) => halves[4 * i + 2] ?? 0 };
}
