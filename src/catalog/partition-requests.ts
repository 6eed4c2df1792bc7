/** Requests about many partitions at once, and indexes over them, with Glue's shapes. */
import type { PageRequest } from "./index.js";
import type { Partition, PartitionInput } from "./model.js";

/** One of up to ten parts of a listing that together give every partition once. */
export type Segment = { readonly SegmentNumber: number; readonly TotalSegments: number };

export type PartitionListing = PageRequest & {
  /** The GetPartitions grammar, pushed down to the store. */
  readonly expression?: string;
  readonly segment?: Segment;
  /** Leaves out the columns of each partition's StorageDescriptor. */
  readonly excludeColumnSchema?: boolean;
};

/** `unprocessed`: those that are not there. */
export type PartitionBatch = {
  readonly partitions: readonly Partition[];
  readonly unprocessed: readonly (readonly string[])[];
};

export type PartitionUpdate = { readonly values: readonly string[]; readonly input: PartitionInput };

export type PartitionIndex = { readonly IndexName: string; readonly Keys: readonly string[] };

export type PartitionIndexDescriptor = {
  readonly IndexName: string;
  readonly Keys: readonly { readonly Name: string; readonly Type: string }[];
  readonly IndexStatus: "CREATING" | "ACTIVE" | "DELETING" | "FAILED";
  readonly BackfillErrors?: readonly {
    readonly Code: string;
    readonly Partitions: readonly { readonly Values: readonly string[] }[];
  }[];
};
