/** Where the column chunks of a local Parquet file are. Source: apache/parquet-format parquet.thrift. */
import { FileBytes } from "../../../storage/file-bytes.js";
import type { StoredChunk } from "../../../types/stored-rows.js";
import { DynaframeError } from "../../../types/error.js";
import {
  intField,
  list,
  optionalInt,
  optionalStruct,
  readThrift,
  structField,
  structList,
  textField,
  textOf,
  type StructRead,
  type ThriftFields,
} from "./thrift-read.js";

export type SchemaPart = {
  readonly name: string;
  readonly repetition: "required" | "optional" | "repeated";
  /** Undefined for groups. */
  readonly physical: number | undefined;
  readonly typeLength: number;
  readonly converted: number | undefined;
  /** The unit of a logical TIMESTAMP: 1 milliseconds, 2 microseconds, 3 nanoseconds. */
  readonly timeUnit: number | undefined;
  readonly children: readonly SchemaPart[];
  /** Its elements as they are in the footer: its own and those of all below it. */
  readonly elements: readonly Uint8Array[];
  /** The number of columns before it. */
  readonly firstLeaf: number;
  readonly leaves: number;
};

export type RowGroup = { readonly rows: number; readonly chunks: readonly StoredChunk[] };
export type FileLayout = {
  readonly bytes: FileBytes;
  readonly columns: readonly SchemaPart[];
  readonly groups: readonly RowGroup[];
};

/** Undefined for a file whose footer does not add up: others say so better. */
export function fileLayout(path: string): FileLayout | undefined {
  const bytes = new FileBytes(path);
  try {
    const { length } = bytes;
    const tail = Buffer.from(bytes.read(length - 8, 8));
    const size = tail.readUInt32LE(0);
    const footer = bytes.read(length - 8 - size, size);
    const { fields } = readThrift(footer, 0);
    const columns = schemaOf(structList(fields, 2), footer);
    return {
      bytes,
      columns,
      groups: structList(fields, 4).map(({ fields: group }) => ({
        rows: intField(group, 3),
        chunks: structList(group, 1).map(({ fields: chunk }) => chunkOf(chunk, path)),
      })),
    };
  } catch (error) {
    if (error instanceof RangeError || error instanceof DynaframeError) return undefined;
    throw error;
  } finally {
    bytes.close();
  }
}

function chunkOf(chunk: ThriftFields, file: string): StoredChunk {
  const data = structField(chunk, 3);
  const statistics = optionalStruct(data, 12);
  // 1: in another file; 8, 9: encrypted
  if (chunk.has(1) || chunk.has(8) || chunk.has(9))
    throw new RangeError("a column that is not in the file, or encrypted");
  const page = intField(data, 9);
  const dictionary = optionalInt(data, 11) ?? 0;
  return {
    file,
    path: list(data, 3, textOf),
    physical: intField(data, 1),
    codec: intField(data, 4),
    encodings: list(data, 2, (value) => (typeof value === "number" ? value : -1)),
    values: intField(data, 5),
    start: dictionary > 0 && dictionary < page ? dictionary : page,
    page,
    bytes: intField(data, 7),
    unpacked: intField(data, 6),
    nulls: statistics && optionalInt(statistics, 3),
  };
}

const REPETITIONS = ["required", "optional", "repeated"] as const;

function schemaOf(elements: readonly StructRead[], footer: Uint8Array): readonly SchemaPart[] {
  let at = 1;
  let leaf = 0;
  const part = (depth: number): SchemaPart => {
    const first = at;
    const element = elements[at++];
    const firstLeaf = leaf;
    if (element === undefined || depth > 1000) throw new RangeError("a schema that does not add up");
    const { fields } = element;
    const count = optionalInt(fields, 5) ?? 0;
    const physical = optionalInt(fields, 1);
    const children = Array.from({ length: physical === undefined ? count : 0 }, () => part(depth + 1));
    if (physical !== undefined) leaf++;
    const logical = optionalStruct(fields, 10);
    const unit = logical && optionalStruct(logical, 8);
    return {
      name: textField(fields, 4),
      repetition: REPETITIONS[optionalInt(fields, 3) ?? 0] ?? "required",
      physical,
      typeLength: optionalInt(fields, 2) ?? 0,
      converted: optionalInt(fields, 6),
      timeUnit: unit && [...(optionalStruct(unit, 2)?.keys() ?? [])][0],
      children,
      elements: elements.slice(first, at).map(({ start, end }) => footer.subarray(start, end)),
      firstLeaf,
      leaves: leaf - firstLeaf,
    };
  };
  const root = elements[0];
  const columns: SchemaPart[] = [];
  for (let i = 0, count = root === undefined ? 0 : (optionalInt(root.fields, 5) ?? 0); i < count; i++)
    columns.push(part(1));
  if (at !== elements.length) throw new RangeError("a schema that does not add up");
  return columns;
}
