/**
 * Values of many rows, place by place: how records lie between files, engines and functions. A row of a batch is an index; fields of
 * a struct and arms of a choice share the index of what is around them, elements of lists have indexes of their own.
 */
import type { Value } from "./value.js";

/** What a vector holds at an index that has no value of its own. */
export const ABSENT = 0, NULL_HERE = 1, PRESENT = 2;

/** By index: `ABSENT`, `NULL_HERE` or `PRESENT`; undefined where every row is present. */
export type States = Uint8Array | undefined;

/** The values that are not null or missing as they lie in PLAIN pages of Parquet, one behind the other. */
export type Packed = {
  readonly length: number;
  /** `ABSENT`, `NULL_HERE` or `PRESENT`. */
  readonly state: (index: number) => number;
  readonly bytes: () => Uint8Array;
};

export type Vector =
  /** Values of a type without parts. null and undefined (missing) as in rows; typed arrays where every row has a number. */
  | { readonly kind: "plain"; readonly values: ArrayLike<Value>; readonly packed?: Packed | undefined }
  | { readonly kind: "struct"; readonly states: States; readonly fields: readonly Vector[] }
  /** The elements of row `i` are `element` from `starts[i]`, `lengths[i]` of them; an absent element counts as null. */
  | { readonly kind: "list"; readonly states: States; readonly starts: ArrayLike<number>; readonly lengths: ArrayLike<number>; readonly element: Vector }
  | { readonly kind: "map"; readonly states: States; readonly starts: ArrayLike<number>; readonly lengths: ArrayLike<number>; readonly keys: ArrayLike<Value>; readonly value: Vector }
  /** `which[i]`: `ABSENT`, `NULL_HERE`, or `PRESENT` + the index of the arm in the type's choices. */
  | { readonly kind: "choice"; readonly which: Uint8Array; readonly arms: readonly Vector[] };

/** A plain vector whose values are made when they are first asked for. */
export class LazyPlain {
  readonly kind = "plain" as const;
  private made: ArrayLike<Value> | undefined;

  constructor(private readonly make: () => ArrayLike<Value>, readonly packed: Packed | undefined) {}

  get values(): ArrayLike<Value> { return this.made ??= this.make(); }
}

/** The states of a vector that has them; of others they are in the values. */
export function stateAt(states: States, index: number): number {
  return states === undefined ? PRESENT : states[index] ?? ABSENT;
}
