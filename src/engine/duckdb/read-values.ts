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
    case "byte": case "short": case "int": case "float": case "double": case "boolean":
      return (vector) => (i) => vector.getItem(i) as Value;
    case "string": case "enum": return textOpener(api);
    case "null": case "unknown": return () => () => null;
    case "long": return item((value: bigint) => (value >= MIN_SAFE && value <= MAX_SAFE ? Number(value) : value));
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

const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER);
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

// the vector's class follows from the SQL type, which is `duckdbType(type)`: no check per value
function item<T>(convert: (value: T) => Value): Open {
  return (vector) => (i) => {
    const value = vector.getItem(i);
    return value === null ? null : convert(value as T);
  };
}

/**
 * Texts by their bytes: the binding's own decoder takes a byte order mark at the start of a value for an encoding mark and drops it.
 * A VARCHAR vector and a BLOB vector are laid out alike; its fields are the class's own (pinned version).
 */
function textOpener(api: Api): Open {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return (vector) => {
    const inner = vector as unknown as {
      readonly dataView: DataView; readonly validity: ConstructorParameters<Api["DuckDBBlobVector"]>[1];
      readonly vector: ConstructorParameters<Api["DuckDBBlobVector"]>[2];
    };
    const bytes = new api.DuckDBBlobVector(inner.dataView, inner.validity, inner.vector, 0, vector.itemCount);
    return (i) => {
      const value = bytes.getItemBytes(i);
      return value === null ? null : decoder.decode(value);
    };
  };
}

function structOpener(type: StructType, api: Api): Open {
  const fields = type.fields.map((f) => ({ name: f.name, open: opener(f.type, api) }));
  return (vector) => {
    const struct = vector as DuckDBStructVector;
    const reads = fields.map(({ name, open }, i) => ({ name, read: open(struct.entryVectorAt(i)) }));
    return (i) => {
      if (!struct.isItemValid(i)) return null;
      const row = {};
      for (const { name, read } of reads) setField(row, name, read(i));
      return row;
    };
  };
}

function choiceOpener(type: ChoiceType, api: Api): Open {
  const arms = type.choices.map((member) => ({ arm: member.kind, open: opener(member, api) }));
  return (vector) => {
    const struct = vector as DuckDBStructVector;
    const reads = arms.map(({ arm, open }, i) => ({ arm, read: open(struct.entryVectorAt(i)) }));
    return (i) => {
      if (!struct.isItemValid(i)) return null;
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
    const read = open(list.childVector);
    return (i) => {
      if (!isListValid(list, i)) return null;
      const offset = list.getEntryOffset(i), length = list.getEntryLength(i);
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
    return (i) => {
      if (!isListValid(list, i)) return null;
      const offset = list.getEntryOffset(i), length = list.getEntryLength(i);
      const map = new Map<string, Value>();
      for (let k = offset; k < offset + length; k++) map.set(String(key(k)), value(k));
      return map;
    };
  };
}

/** Without the slice of the child vector that `getItemVector` makes; it is the fallback should the field be renamed. */
function isListValid(list: DuckDBListVector, index: number): boolean {
  const { validity } = list as unknown as { readonly validity?: { itemValid(i: number): boolean } };
  return validity === undefined ? list.getItemVector(index) !== null : validity.itemValid(index);
}
