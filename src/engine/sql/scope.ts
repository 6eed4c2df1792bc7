/** What compilers of IR to SQL, whatever the dialect, know about names. */
import type { Relation } from "../../plan/ir/relation.js";

export type ScalarScope = {
  /** Alias, as SQL, of the relation whose columns are the input record. */
  readonly row: string;
  /** SQL names of the variables bound so far. */
  readonly variables: ReadonlyMap<string, string>;
};

/** The scope directly over a relation with that alias. */
export const rowScope = (row: string): ScalarScope => ({ row, variables: new Map() });

/**
 * What a leaf (scan, values, materialize) reads: SQL that may stand after FROM, with exactly the columns of the node's
 * type.
 */
export type SourceOf = (node: Relation) => string;
