/** The records of a batch as functions see them, and what they were made from. */
import { array, field, map, struct, type DataType, type StructType } from "../types/data-type.js";
import type { RecordBatch } from "../types/record-batch.js";
import type { Row, Value } from "../types/value.js";
import { vectorReader } from "../types/vector-reader.js";
import type { Vector } from "../types/vector.js";

/** A record as a function sees it: plain values, arms unwrapped, missing fields absent. `typeTag` tells the exact types. */
export type PlainRecord = { [field: string]: unknown };

/** By position in the batch. */
export type BatchRecords = {
  readonly batch: RecordBatch;
  readonly type: StructType;
  /** A fresh plain record, the caller's own. */
  readonly record: (at: number) => PlainRecord;
  /** In arms form. */
  readonly row: (at: number) => Row;
  /** The same with only what plain values do not tell the exact type of; undefined where they tell it all. */
  readonly tagged: (at: number) => Value;
};

/** Opens batches of `type`; rows and tags are read only when they are asked for. */
export function batchOpener(type: StructType): (batch: RecordBatch) => BatchRecords {
  const plain = vectorReader(type, "plain"), arms = vectorReader(type, "arms");
  const needed = taggedPart(type);
  const tags = needed === undefined ? undefined : vectorReader(needed, "arms");
  return (batch) => {
    const { records, rows } = batch;
    const record = plain(records);
    let row: ((index: number) => Value) | undefined, tagged: ((index: number) => Value) | undefined;
    return {
      batch, type,
      record: (at) => record(rows[at] ?? 0) as PlainRecord,
      row: (at) => (row ??= arms(records))(rows[at] ?? 0) as Row,
      tagged: (at) => (tags === undefined ? undefined : (tagged ??= tags(partOf(type, records)))(rows[at] ?? 0)),
    };
  };
}

/** The type with only those places at which a value of JavaScript may be of several types; undefined if there are none. */
function taggedPart(type: StructType): StructType | undefined {
  const fields = type.fields.filter((f) => isTagged(f.type)).map((f) => field(f.name, partOfType(f.type)));
  return fields.length === 0 ? undefined : struct(fields);
}

function partOfType(type: DataType): DataType {
  switch (type.kind) {
    case "struct": return taggedPart(type) ?? struct();
    case "array": case "set": return array(partOfType(type.element));
    case "map": return map(partOfType(type.value));
    default: return type;
  }
}

/** Whether the type of a value here can be other than what `outputShape` finds from the value and the type of its place. */
function isTagged(type: DataType): boolean {
  switch (type.kind) {
    case "string": case "boolean": case "int": case "long": case "double": case "binary": case "date": case "timestamp": case "null": case "unknown": return false;
    case "struct": return type.fields.some((f) => isTagged(f.type));
    case "array": case "set": return isTagged(type.element);
    case "map": return isTagged(type.value);
    default: return true;
  }
}

/** A vector of `type` with the parts that `partOfType` keeps. */
function partOf(type: DataType, vector: Vector): Vector {
  if (type.kind === "struct" && vector.kind === "struct") {
    return { ...vector, fields: type.fields.flatMap((f, i) => { const below = vector.fields[i]; return below !== undefined && isTagged(f.type) ? [partOf(f.type, below)] : []; }) };
  }
  if ((type.kind === "array" || type.kind === "set") && vector.kind === "list") return { ...vector, element: partOf(type.element, vector.element) };
  if (type.kind === "map" && vector.kind === "map") return { ...vector, value: partOf(type.value, vector.value) };
  return vector;
}
