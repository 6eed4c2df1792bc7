/** Arrow tables as typed rows, read from the buffers so that decimals, timestamps and longs stay exact. */
import type * as arrow from "apache-arrow";
import {
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  NULL,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  array,
  decimal,
  field,
  map,
  struct,
  type DataType,
  type StructType,
} from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { fieldPath } from "../../types/path.js";
import { DateValue, Decimal, TimestampValue, setField, type Row, type Value } from "../../types/value.js";
import { loadArrow } from "./to-arrow.js";

type Arrow = typeof arrow;

export const isArrowTable = (value: unknown): value is arrow.Table =>
  typeof value === "object"
  && value !== null
  && "schema" in value
  && "batches" in value
  && Array.isArray(value.batches);

/**
 * The type and the rows, batch by batch. An unsigned 64-bit column is decimal(20,0); times of day and durations are
 * refused.
 */
export async function arrowRows(
  table: arrow.Table,
): Promise<{ readonly type: StructType; readonly rows: () => AsyncIterable<readonly Row[]> }> {
  const lib = await loadArrow();
  const type = struct(table.schema.fields.map((f) => field(f.name, typeOf(lib, f.type, fieldPath("", f.name)))));
  return {
    type,
    rows: async function* () {
      for (const batch of table.batches) {
        const columns = table.schema.fields.map((f, i) => ({ name: f.name, data: batch.data.children[i] }));
        const rows: Row[] = [];
        for (let r = 0; r < batch.numRows; r++) {
          const row: Row = {};
          for (const { name, data } of columns) setField(row, name, data ? valueAt(lib, data, r) : null);
          rows.push(row);
        }
        yield rows;
      }
    },
  };
}

function typeOf(lib: Arrow, type: arrow.DataType, path: string): DataType {
  const { DataType: is } = lib;
  if (is.isNull(type)) return NULL;
  if (is.isBool(type)) return BOOLEAN;
  if (is.isInt(type)) return intType(type);
  if (is.isFloat(type)) return type.precision === lib.Precision.DOUBLE ? DOUBLE : FLOAT;
  if (is.isUtf8(type) || is.isLargeUtf8(type)) return STRING;
  if (is.isBinary(type) || is.isLargeBinary(type) || is.isFixedSizeBinary(type)) return BINARY;
  if (is.isDecimal(type)) return decimal(type.precision, type.scale);
  if (is.isDate(type)) return DATE;
  if (is.isTimestamp(type)) return type.timezone ? TIMESTAMP : TIMESTAMPNTZ;
  if (is.isList(type) || is.isFixedSizeList(type))
    return array(typeOf(lib, type.children[0]?.type ?? new lib.Null(), `${path}[]`));
  if (is.isStruct(type))
    return struct(type.children.map((f) => field(f.name, typeOf(lib, f.type, fieldPath(path, f.name)))));
  if (is.isMap(type))
    return map(typeOf(lib, (type.children[0]?.type as arrow.Struct).children[1]?.type ?? new lib.Null(), path));
  if (is.isDictionary(type)) return typeOf(lib, type.dictionary, path);
  throw new DynaframeError(
    "UNSUPPORTED_TYPE",
    `fromDF: the Arrow type ${String(type)} of ${path} has no counterpart.`,
    { path, found: String(type), hint: "Cast the column before." },
  );
}

function intType({ bitWidth, isSigned }: arrow.Int): DataType {
  if (bitWidth === 8) return isSigned ? BYTE : SHORT;
  if (bitWidth === 16) return isSigned ? SHORT : INT;
  if (bitWidth === 32) return isSigned ? INT : LONG;
  return isSigned ? LONG : decimal(20, 0);
}

function valueAt(lib: Arrow, data: arrow.Data, index: number): Value {
  const { DataType: is } = lib;
  const { type } = data;
  if (is.isNull(type) || !isValid(data, index)) return null;
  const values = data.values as ArrayLike<number | bigint>;
  const at = data.offset + index;
  if (is.isBool(type)) return ((Number(values[at >> 3]) >> (at & 7)) & 1) === 1;
  if (is.isInt(type)) return intValue(type, values[index] ?? 0);
  if (is.isFloat(type))
    return Number(type.precision === lib.Precision.HALF ? new lib.Vector([data]).get(index) : values[index]);
  if (is.isDecimal(type)) return decimalValue(data, type, index);
  if (is.isDate(type))
    return new DateValue(
      type.unit === lib.DateUnit.DAY ? Number(values[index]) : Math.floor(Number(values[index]) / 86_400_000),
    );
  if (is.isTimestamp(type)) return new TimestampValue(toMicros(lib, type, BigInt(values[index] ?? 0)));
  if (is.isUtf8(type) || is.isLargeUtf8(type)) return Buffer.from(slice(data, index)).toString("utf8");
  if (is.isBinary(type) || is.isLargeBinary(type)) return Uint8Array.from(slice(data, index));
  if (is.isFixedSizeBinary(type))
    return Uint8Array.from((data.values as Uint8Array).subarray(index * type.byteWidth, (index + 1) * type.byteWidth));
  if (is.isStruct(type)) return structValue(lib, data, index);
  if (is.isMap(type)) return mapValue(lib, data, index);
  if (is.isDictionary(type))
    return valueAt(lib, (data.dictionary as arrow.Vector).data[0] as arrow.Data, Number(values[index]));
  return listValue(lib, data, index);
}

function isValid(data: arrow.Data, index: number): boolean {
  if (data.nullCount === 0 || !data.nullBitmap || data.nullBitmap.length === 0) return true;
  const at = data.offset + index;
  return (((data.nullBitmap[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
}

function intValue({ bitWidth, isSigned }: arrow.Int, value: number | bigint): Value {
  if (bitWidth === 64 && !isSigned) return new Decimal(BigInt(value), 0);
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function decimalValue(data: arrow.Data, { scale, bitWidth }: arrow.Decimal, index: number): Decimal {
  const words = bitWidth / 32;
  const all = data.values as Uint32Array;
  let unscaled = 0n;
  for (let w = words - 1; w >= 0; w--) unscaled = (unscaled << 32n) | BigInt(all[index * words + w] ?? 0);
  return new Decimal(BigInt.asIntN(bitWidth, unscaled), scale);
}

function toMicros(lib: Arrow, { unit }: arrow.Timestamp, value: bigint): bigint {
  switch (unit) {
    case lib.TimeUnit.SECOND:
      return value * 1_000_000n;
    case lib.TimeUnit.MILLISECOND:
      return value * 1000n;
    case lib.TimeUnit.MICROSECOND:
      return value;
    default:
      return value >= 0n ? value / 1000n : -((-value + 999n) / 1000n);
  }
}

const range = (data: arrow.Data, index: number): [number, number] => [
  Number(data.valueOffsets[index]),
  Number(data.valueOffsets[index + 1]),
];
const slice = (data: arrow.Data, index: number): Uint8Array =>
  (data.values as Uint8Array).subarray(...range(data, index));

function structValue(lib: Arrow, data: arrow.Data, index: number): Row {
  const row: Row = {};
  data.type.children.forEach((f: arrow.Field, i: number) => {
    const child = data.children[i];
    setField(row, f.name, child ? valueAt(lib, child, index) : null);
  });
  return row;
}

function listValue(lib: Arrow, data: arrow.Data, index: number): Value[] {
  const child = data.children[0];
  if (!child) return [];
  const size = lib.DataType.isFixedSizeList(data.type) ? data.type.listSize : undefined;
  const [from, to] = size === undefined ? range(data, index) : [index * size, (index + 1) * size];
  return Array.from({ length: to - from }, (_, i) => valueAt(lib, child, from + i));
}

function mapValue(lib: Arrow, data: arrow.Data, index: number): ReadonlyMap<string, Value> {
  return new Map(
    listValue(lib, data, index).map((entry) => {
      const [key, value] = Object.values(entry as Row);
      return [String(key), value ?? null];
    }),
  );
}
