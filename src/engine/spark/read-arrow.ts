/**
 * Arrow batches of the server as the JavaScript values of `types/value.ts`, in arms form, from the raw buffers: exact
 * to the last digit and microsecond.
 */
import type { Data } from "apache-arrow";
import { assertNever, type ChoiceType, type DataType, type StructType } from "../../types/data-type.js";
import { ArmValue, DateValue, Decimal, setField, TimestampValue, type Row, type Value } from "../../types/value.js";

type Arrow = typeof import("apache-arrow");
type Read = (index: number) => Value;

/** Rows of an IPC stream whose columns are the fields of `type`, in order. Null fields are present and null. */
export function batchReader(type: StructType, arrow: Arrow): (bytes: Uint8Array) => Row[] {
  return (bytes) => {
    const rows: Row[] = [];
    for (const batch of arrow.RecordBatchReader.from(aligned(bytes))) {
      const columns = type.fields.map((f, i) => ({
        name: f.name,
        read: reader(f.type, childOf(batch.data as Data, i)),
      }));
      for (let r = 0; r < batch.numRows; r++) {
        const row = {};
        for (const { name, read } of columns) setField(row, name, read(r));
        rows.push(row);
      }
    }
    return rows;
  };
}

/** Numbers of the first row of a stream, for counts. */
export function firstNumbers(bytes: Uint8Array, arrow: Arrow): readonly number[] {
  for (const batch of arrow.RecordBatchReader.from(aligned(bytes))) {
    if (batch.numRows > 0)
      return batch.data.children.map((_, i) => Number(longs(childOf(batch.data as Data, i))(0) ?? 0));
  }
  return [];
}

/** The library takes the buffers of packed batches where they lie, and they must lie at multiples of 8. */
const aligned = (bytes: Uint8Array): Uint8Array => (bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes));

const childOf = (data: Data, index: number): Data => {
  const child = data.children[index];
  if (child === undefined) throw new Error(`the batch has ${data.children.length} columns`);
  return child;
};

/** Values lie at `offset` in the bitmap only; the other buffers begin with the first value. */
function validOf({ nullBitmap, offset }: Data): (index: number) => boolean {
  if (nullBitmap === undefined || nullBitmap === null || nullBitmap.byteLength === 0) return () => true;
  return (i) => ((nullBitmap[(offset + i) >> 3] ?? 0) & (1 << ((offset + i) & 7))) !== 0;
}

function reader(type: DataType, data: Data): Read {
  const valid = validOf(data);
  const nullable =
    (read: Read): Read =>
    (i) =>
      valid(i) ? read(i) : null;
  switch (type.kind) {
    case "null":
    case "unknown":
      return () => null;
    case "boolean": {
      const bits = data.values as Uint8Array;
      return nullable((i) => ((bits[(data.offset + i) >> 3] ?? 0) & (1 << ((data.offset + i) & 7))) !== 0);
    }
    case "byte":
    case "short":
    case "int":
    case "float":
    case "double": {
      const values = data.values as ArrayLike<number>;
      return nullable((i) => values[i]);
    }
    case "long":
      return longs(data);
    case "decimal":
      return nullable(decimals(data, type.scale));
    case "string":
    case "enum":
      return nullable(texts(data));
    case "binary": {
      const bytesAt = bytesOf(data);
      return nullable((i) => new Uint8Array(bytesAt(i)));
    }
    case "date": {
      const days = viewOf(data, Int32Array, 4);
      return nullable((i) => new DateValue(days[i] ?? 0));
    }
    case "timestamp":
    case "timestampntz": {
      const micros = viewOf(data, BigInt64Array, 8);
      return nullable((i) => new TimestampValue(micros[i] ?? 0n));
    }
    case "array":
    case "set":
      return nullable(lists(type.element, data));
    case "map":
      return nullable(maps(type.value, data));
    case "struct":
      return nullable(structs(type, data));
    case "choice":
      return nullable(choices(type, data));
    default:
      return assertNever(type);
  }
}

type View<T> = new (buffer: ArrayBufferLike, offset: number, length: number) => T;

/** The raw values, whatever class the library gives them; copied when they are not aligned. */
function viewOf<T>({ values }: Data, view: View<T>, width: number): T {
  const raw = values as Uint8Array;
  const aligned =
    raw.byteOffset % width === 0 ? raw : new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength).slice();
  return new view(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / width));
}

function longs(data: Data): Read {
  const values = viewOf(data, BigInt64Array, 8);
  const valid = validOf(data);
  return (i) => {
    if (!valid(i)) return null;
    const value = values[i] ?? 0n;
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  };
}

function decimals(data: Data, scale: number): Read {
  const halves = viewOf(data, BigInt64Array, 8);
  return (i) => new Decimal(((halves[2 * i + 1] ?? 0n) << 64n) | BigInt.asUintN(64, halves[2 * i] ?? 0n), scale);
}

function bytesOf(data: Data): (index: number) => Uint8Array {
  const bytes = data.values as Uint8Array;
  const offsets = data.valueOffsets as Int32Array;
  return (i) => bytes.subarray(offsets[i] ?? 0, offsets[i + 1] ?? 0);
}

/** By Buffer: TextDecoder would take a byte order mark at the start of a value for its own. */
function texts(data: Data): Read {
  const all = data.values as Uint8Array;
  const offsets = data.valueOffsets as Int32Array;
  const bytes = Buffer.from(all.buffer, all.byteOffset, all.byteLength);
  return (i) => bytes.toString("utf8", offsets[i] ?? 0, offsets[i + 1] ?? 0);
}

function lists(element: DataType, data: Data): Read {
  const read = reader(element, childOf(data, 0));
  const offsets = data.valueOffsets as Int32Array;
  return (i) => {
    const from = offsets[i] ?? 0;
    const to = offsets[i + 1] ?? 0;
    return Array.from({ length: to - from }, (_, k) => read(from + k));
  };
}

function maps(value: DataType, data: Data): Read {
  const entries = childOf(data, 0);
  const offsets = data.valueOffsets as Int32Array;
  const readKey = texts(childOf(entries, 0));
  const readValue = reader(value, childOf(entries, 1));
  return (i) => {
    const map = new Map<string, Value>();
    for (let k = offsets[i] ?? 0; k < (offsets[i + 1] ?? 0); k++) map.set(String(readKey(k)), readValue(k));
    return map;
  };
}

function structs(type: StructType, data: Data): Read {
  const reads = type.fields.map((f, i) => ({ name: f.name, read: reader(f.type, childOf(data, i)) }));
  return (i) => {
    const row = {};
    for (const { name, read } of reads) setField(row, name, read(i));
    return row;
  };
}

function choices(type: ChoiceType, data: Data): Read {
  const reads = type.choices.map((member, i) => ({ arm: member.kind, read: reader(member, childOf(data, i)) }));
  return (i) => {
    for (const { arm, read } of reads) {
      const value = read(i);
      if (value !== null) return new ArmValue(arm, value);
    }
    return null;
  };
}
