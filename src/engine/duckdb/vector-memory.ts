/**
 * What the classes of vectors keep to themselves: where their values lie in memory. Right for the pinned version of the
 * package.
 */
import type { DuckDBListVector, DuckDBVector } from "@duckdb/node-api";

export type VectorMemory<Items = unknown> = {
  /** Of numbers: one behind the other. */
  readonly items: Items;
  /** Of booleans a byte each, of texts 16 bytes each; other vectors may have none. */
  readonly dataView?: unknown;
  readonly validity?: { readonly data?: unknown; readonly offset?: unknown; itemValid(index: number): boolean };
  /** Of lists: offset and length of each, 64 bits each. */
  readonly entryData?: unknown;
  /** Of maps: the list of {key, value} structs that they are. */
  readonly listVector: DuckDBListVector;
};

export const memoryOf = <Items>(vector: DuckDBVector): VectorMemory<Items> => vector as unknown as VectorMemory<Items>;

/** The slots of texts and of bytes, 16 bytes a value. */
export const slotsOf = (vector: DuckDBVector): DataView => memoryOf(vector).dataView as DataView;
