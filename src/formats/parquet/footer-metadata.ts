/** What the footer of a Parquet file says. Source: apache/parquet-format parquet.thrift. */
import { intField, list, optionalInt, optionalStruct, structList, textField, textOf, readThrift, type ThriftFields } from "./columns/thrift-read.js";

export type LogicalType = {
  readonly name: LogicalName;
  readonly decimal: { readonly precision: number; readonly scale: number } | undefined;
  readonly timestamp: { readonly isAdjustedToUTC: boolean } | undefined;
  readonly integer: { readonly bitWidth: number; readonly isSigned: boolean } | undefined;
};
const LOGICAL_TYPES = ["STRING", "MAP", "LIST", "ENUM", "DECIMAL", "DATE", "TIME", "TIMESTAMP", undefined, "INTEGER", "UNKNOWN", "JSON", "BSON", "UUID", "FLOAT16"] as const;
/** `OTHER`: one that is newer than this list. */
export type LogicalName = NonNullable<(typeof LOGICAL_TYPES)[number]> | "OTHER";

/** Types and repetitions by their numbers in parquet.thrift. */
export type SchemaElement = {
  readonly name: string;
  /** Undefined for groups. */
  readonly type: number | undefined;
  readonly typeLength: number | undefined;
  readonly repetition: number | undefined;
  readonly children: number | undefined;
  readonly converted: number | undefined;
  readonly scale: number | undefined;
  readonly precision: number | undefined;
  readonly logical: LogicalType | undefined;
};

export type ChunkMetadata = { readonly path: readonly string[]; readonly values: number; readonly page: number; readonly nulls: number | undefined };

export type FooterMetadata = {
  readonly rows: number;
  /** Depth first; the first is the root. */
  readonly elements: readonly SchemaElement[];
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly ChunkMetadata[] }[];
  readonly pairs: readonly { readonly key: string; readonly value: string }[];
};

/** @throws RangeError for bytes that are no footer, or lack a part that each has */
export function footerMetadata(footer: Uint8Array): FooterMetadata {
  const { fields } = readThrift(footer, 0);
  return {
    rows: intField(fields, 3),
    elements: structList(fields, 2).map((element) => elementOf(element.fields)),
    groups: structList(fields, 4).map(({ fields: group }) => ({ rows: intField(group, 3), chunks: structList(group, 1).map((chunk) => chunkOf(chunk.fields)) })),
    pairs: structList(fields, 5).map(({ fields: pair }) => ({ key: textField(pair, 1), value: pair.has(2) ? textField(pair, 2) : "" })),
  };
}

const elementOf = (fields: ThriftFields): SchemaElement => ({
  name: textField(fields, 4), type: optionalInt(fields, 1), typeLength: optionalInt(fields, 2), repetition: optionalInt(fields, 3), children: optionalInt(fields, 5),
  converted: optionalInt(fields, 6), scale: optionalInt(fields, 7), precision: optionalInt(fields, 8), logical: logicalOf(optionalStruct(fields, 10)),
});

/** A union: its one field says which it is. */
function logicalOf(union: ThriftFields | undefined): LogicalType | undefined {
  const id = union && [...union.keys()][0];
  if (union === undefined || id === undefined) return undefined;
  const name = LOGICAL_TYPES[id - 1] ?? "OTHER", inside = optionalStruct(union, id);
  return {
    name,
    decimal: name === "DECIMAL" && inside ? { scale: optionalInt(inside, 1) ?? 0, precision: optionalInt(inside, 2) ?? 0 } : undefined,
    timestamp: name === "TIMESTAMP" && inside ? { isAdjustedToUTC: inside.get(1) === true } : undefined,
    integer: name === "INTEGER" && inside ? { bitWidth: optionalInt(inside, 1) ?? 0, isSigned: inside.get(2) === true } : undefined,
  };
}

function chunkOf(chunk: ThriftFields): ChunkMetadata {
  const data = optionalStruct(chunk, 3);
  if (data === undefined) throw new RangeError("a column chunk has no metadata");
  const statistics = optionalStruct(data, 12);
  return { path: list(data, 3, textOf), values: intField(data, 5), page: intField(data, 9), nulls: statistics && optionalInt(statistics, 3) };
}
