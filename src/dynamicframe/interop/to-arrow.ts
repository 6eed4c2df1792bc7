/**
 * Rows as an Arrow table, exactly: buffers are filled here, because the builders of apache-arrow 21 take timestamps as
 * float milliseconds and decimals as numbers. A choice becomes a struct of nullable arms.
 */
import type * as arrow from "apache-arrow";
import { assertNever, type DataType, type StructType } from "../../types/data-type.js";
import { ArmValue, DateValue, Decimal, TimestampValue, getField, type Row, type Value } from "../../types/value.js";
import { loadOptional } from "./load-optional.js";

type Arrow = typeof arrow;
type Column = readonly Value[];

export const loadArrow = (): Promise<Arrow> => loadOptional("apache-arrow", () => import("apache-arrow"), "toArrow()");

/** Rows per record batch. */
const BATCH = 65_536;

export async function rowsToArrow(type: StructType, batches: AsyncIterable<readonly Row[]>): Promise<arrow.Table> {
  const lib = await loadArrow();
  const schema = new lib.Schema(type.fields.map((f) => new lib.Field(f.name, arrowType(lib, f.type), true)));
  const recordBatches: arrow.RecordBatch[] = [];
  let rows: Row[] = [];
  const flush = (): void => {
    recordBatches.push(new lib.RecordBatch(schema, structData(lib, type, rows) as arrow.Data<arrow.Struct>));
    rows = [];
  };
  for await (const batch of batches) {
    rows.push(...batch);
    if (rows.length >= BATCH) flush();
  }
  if (rows.length > 0 || recordBatches.length === 0) flush();
  return new lib.Table(schema, recordBatches);
}

function arrowType(lib: Arrow, type: DataType): arrow.DataType {
  switch (type.kind) {
    case "null":
    case "unknown":
      return new lib.Null();
    case "boolean":
      return new lib.Bool();
    case "byte":
      return new lib.Int8();
    case "short":
      return new lib.Int16();
    case "int":
      return new lib.Int32();
    case "long":
      return new lib.Int64();
    case "float":
      return new lib.Float32();
    case "double":
      return new lib.Float64();
    case "string":
    case "enum":
      return new lib.Utf8();
    case "binary":
      return new lib.Binary();
    case "date":
      return new lib.DateDay();
    case "timestamp":
      return new lib.Timestamp(lib.TimeUnit.MICROSECOND, "UTC");
    case "timestampntz":
      return new lib.Timestamp(lib.TimeUnit.MICROSECOND);
    case "decimal":
      return new lib.Decimal(type.scale, type.precision, 128);
    case "array":
    case "set":
      return new lib.List(new lib.Field("element", arrowType(lib, type.element), true));
    case "map":
      return new lib.Map_(entryField(lib, arrowType(lib, type.value)));
    case "struct":
      return new lib.Struct(type.fields.map((f) => new lib.Field(f.name, arrowType(lib, f.type), true)));
    case "choice":
      return new lib.Struct(type.choices.map((c) => new lib.Field(c.kind, arrowType(lib, c), true)));
    default:
      return assertNever(type);
  }
}

const entryField = (
  lib: Arrow,
  value: arrow.DataType,
): arrow.Field<arrow.Struct<{ key: arrow.Utf8; value: arrow.DataType }>> =>
  new lib.Field(
    "entries",
    new lib.Struct<{ key: arrow.Utf8; value: arrow.DataType }>([
      new lib.Field("key", new lib.Utf8(), false),
      new lib.Field("value", value, true),
    ]),
    false,
  );

const structData = (lib: Arrow, type: StructType, rows: readonly Row[]): arrow.Data =>
  lib.makeData({
    type: arrowType(lib, type) as arrow.Struct,
    length: rows.length,
    nullCount: 0,
    children: type.fields.map((f) =>
      columnData(
        lib,
        f.type,
        rows.map((row) => getField(row, f.name)),
      ),
    ),
  });

function columnData(lib: Arrow, type: DataType, values: Column): arrow.Data {
  const common = { length: values.length, ...validity(values) };
  const as = <T extends arrow.DataType>(): T => arrowType(lib, type) as T;
  switch (type.kind) {
    case "null":
    case "unknown":
      return lib.makeData({ type: as<arrow.Null>(), length: values.length });
    case "boolean":
      return lib.makeData({ type: as<arrow.Bool>(), ...common, data: bits(values, (v) => v === true) });
    case "byte":
      return lib.makeData({ type: as<arrow.Int8>(), ...common, data: Int8Array.from(values, Number) });
    case "short":
      return lib.makeData({ type: as<arrow.Int16>(), ...common, data: Int16Array.from(values, Number) });
    case "int":
      return lib.makeData({ type: as<arrow.Int32>(), ...common, data: Int32Array.from(values, (v) => Number(v ?? 0)) });
    case "long":
      return lib.makeData({
        type: as<arrow.Int64>(),
        ...common,
        data: BigInt64Array.from(values, (v) => BigInt((v ?? 0) as number)),
      });
    case "float":
      return lib.makeData({
        type: as<arrow.Float32>(),
        ...common,
        data: Float32Array.from(values, (v) => Number(v ?? 0)),
      });
    case "double":
      return lib.makeData({
        type: as<arrow.Float64>(),
        ...common,
        data: Float64Array.from(values, (v) => Number(v ?? 0)),
      });
    case "string":
    case "enum":
      return lib.makeData({
        type: as<arrow.Utf8>(),
        ...common,
        ...bytes(values.map((v) => (typeof v === "string" ? Buffer.from(v) : EMPTY))),
      });
    case "binary":
      return lib.makeData({
        type: as<arrow.Binary>(),
        ...common,
        ...bytes(values.map((v) => (v instanceof Uint8Array ? v : EMPTY))),
      });
    case "date":
      return lib.makeData({
        type: as<arrow.DateDay>(),
        ...common,
        data: Int32Array.from(values, (v) => (v instanceof DateValue ? v.days : 0)),
      });
    case "timestamp":
    case "timestampntz":
      return lib.makeData({
        type: as<arrow.TimestampMicrosecond>(),
        ...common,
        data: BigInt64Array.from(values, (v) => (v instanceof TimestampValue ? v.micros : 0n)),
      });
    case "decimal":
      return lib.makeData({ type: as<arrow.Decimal>(), ...common, data: decimals(values, type.scale) });
    case "array":
    case "set":
      return listData(lib, as<arrow.List>(), type.element, values, common);
    case "map":
      return mapData(lib, as<arrow.Map_>(), type.value, values, common);
    case "struct":
      return lib.makeData({
        type: as<arrow.Struct>(),
        ...common,
        children: type.fields.map((f) =>
          columnData(
            lib,
            f.type,
            values.map((v) => (isPresent(v) ? getField(v as Row, f.name) : null)),
          ),
        ),
      });
    case "choice":
      return lib.makeData({
        type: as<arrow.Struct>(),
        ...common,
        children: type.choices.map((c) =>
          columnData(
            lib,
            c,
            values.map((v) => (v instanceof ArmValue && v.arm === c.kind ? v.value : null)),
          ),
        ),
      });
    default:
      return assertNever(type);
  }
}

type Common = { readonly length: number; readonly nullCount: number; readonly nullBitmap: Uint8Array };

function listData(lib: Arrow, type: arrow.List, element: DataType, values: Column, common: Common): arrow.Data {
  const lists = values.map((v) => (Array.isArray(v) ? (v as Column) : []));
  return lib.makeData({
    type,
    ...common,
    valueOffsets: offsets(lists.map((l) => l.length)),
    child: columnData(lib, element, lists.flat(1) as Column),
  });
}

function mapData(lib: Arrow, type: arrow.Map_, value: DataType, values: Column, common: Common): arrow.Data {
  const maps = values.map((v) => (v instanceof Map ? [...(v as ReadonlyMap<string, Value>)] : []));
  const entries = maps.flat(1);
  const child = lib.makeData({
    type: type.children[0]?.type as arrow.Struct,
    length: entries.length,
    nullCount: 0,
    children: [
      columnData(
        lib,
        { kind: "string" },
        entries.map(([k]) => k),
      ),
      columnData(
        lib,
        value,
        entries.map(([, v]) => v),
      ),
    ],
  });
  return lib.makeData({ type, ...common, valueOffsets: offsets(maps.map((m) => m.length)), child: child as never });
}

const EMPTY = new Uint8Array(0);
const isPresent = (v: Value): boolean => v !== null && v !== undefined;

function validity(values: Column): Omit<Common, "length"> {
  const nullCount = values.reduce<number>((n, v) => n + (isPresent(v) ? 0 : 1), 0);
  return { nullCount, nullBitmap: bits(values, isPresent) };
}

function bits(values: Column, test: (v: Value) => boolean): Uint8Array {
  const map = new Uint8Array(((values.length + 63) >> 6) << 3);
  values.forEach((v, i) => {
    if (test(v)) map[i >> 3] = (map[i >> 3] ?? 0) | (1 << (i & 7));
  });
  return map;
}

function offsets(lengths: readonly number[]): Int32Array {
  const result = new Int32Array(lengths.length + 1);
  lengths.forEach((n, i) => {
    result[i + 1] = (result[i] ?? 0) + n;
  });
  return result;
}

const bytes = (chunks: readonly Uint8Array[]): { valueOffsets: Int32Array; data: Uint8Array } => ({
  valueOffsets: offsets(chunks.map((c) => c.length)),
  data: Buffer.concat(chunks),
});

/** 128-bit two's complement, little endian words. */
function decimals(values: Column, scale: number): Uint32Array {
  const words = new Uint32Array(values.length * 4);
  values.forEach((v, i) => {
    if (!(v instanceof Decimal)) return;
    let rest = BigInt.asUintN(128, v.unscaled * 10n ** BigInt(scale - v.scale));
    for (let w = 0; w < 4; w++, rest >>= 32n) words[i * 4 + w] = Number(rest & 0xffff_ffffn);
  });
  return words;
}
