/**
 * In how many partitions the rows of a plan come, where the engine has none of its own: how many files a write makes.
 * Pure; decision 0197.
 */
import { repartition } from "./ir/build.js";
import type { Relation } from "./ir/relation.js";

/**
 * What the last repartition said, as far as later steps keep it. Steps that take rows one by one do; what brings rows
 * together (a join, a sort) gives one partition. A union has those of its inputs, one after the other; frames that
 * nobody has divided stay one.
 */
export function partitionsOf(relation: Relation): number {
  switch (relation.kind) {
    case "scan":
      return relation.groups ?? 1;
    case "repartition":
      return relation.shuffle ? relation.partitions : Math.min(relation.partitions, partitionsOf(relation.input));
    case "project":
    case "filter":
    case "unnest":
    case "number":
    case "map-batches":
    case "materialize":
    case "sink":
      return partitionsOf(relation.input);
    case "union": {
      const inputs = relation.inputs.map(partitionsOf);
      return inputs.some((n) => n > 1) ? inputs.reduce((sum, n) => sum + n, 0) : 1;
    }
    case "values":
    case "join":
    case "aggregate":
    case "sort":
    case "limit":
    case "distinct":
      return 1;
  }
}

/** Which rows of a stream go into which partition. */
export type Division = {
  readonly partitions: number;
  /**
   * The number of rows, where a partition is a stretch of them; undefined where they are dealt out in turn, so that
   * partitions are as many as asked for even of few rows.
   */
  readonly stretch: number | undefined;
};

/** `count` gives the rows of the plan; asked for only where that is needed. */
export async function divisionOf(relation: Relation, count: () => Promise<number>): Promise<Division> {
  const partitions = partitionsOf(relation);
  return { partitions, stretch: partitions > 1 && inStretches(relation) ? await count() : undefined };
}

/** The partition of the row at a place, both from 0. */
export const partitionAt = ({ partitions, stretch }: Division, at: number): number =>
  stretch === undefined
    ? at % partitions
    : Math.min(partitions - 1, Math.floor((at * partitions) / Math.max(1, stretch)));

/**
 * Whether a partition is a stretch of the rows in the order of the files, as those of grouped files are; else rows are
 * dealt out in turn.
 */
function inStretches(relation: Relation): boolean {
  switch (relation.kind) {
    case "scan":
      return relation.groups !== undefined;
    case "repartition":
      return !relation.shuffle && inStretches(relation.input);
    case "project":
    case "filter":
    case "unnest":
    case "number":
    case "map-batches":
    case "materialize":
    case "sink":
      return inStretches(relation.input);
    default:
      return false;
  }
}

/** Rows that a function gave for those of `input`, in as many partitions. */
export function partitionedAs(input: Relation, rows: Relation): Relation {
  const partitions = partitionsOf(input);
  return partitions > 1 ? repartition(rows, partitions, true) : rows;
}
