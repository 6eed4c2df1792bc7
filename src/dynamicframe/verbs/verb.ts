/** What a verb is: one file with one export, lowering typed relations to typed relations. No SQL, no engine name. */
import type { Relation } from "../../plan/ir/relation.js";

/** Common trailing options of Glue's transforms (reference §3). */
export type TransformOptions = {
  /** Key of bookmark state. */
  readonly transformationCtx?: string;
  /** Copied to the call site of error records. */
  readonly info?: string;
  /** Errors of this step at most; 0 = any number. Checked when an action forces the computation. */
  readonly stageThreshold?: number;
  /** Errors of the whole lineage at most; 0 = any number. */
  readonly totalThreshold?: number;
};

/** `A` are the checked arguments: frozen, serialisable, printed by `explain()`. */
export type Verb<A> = {
  readonly kind: string;
  /** The output rows; its type is the output schema, known before any engine runs. */
  readonly lower: (inputs: readonly Relation[], args: A) => Relation;
  /** False where records go elsewhere or are put together, so that rows are no longer one to one with records of the sources. */
  readonly recordwise?: false;
};

export const defineVerb = <A>(verb: Verb<A>): Verb<A> => Object.freeze(verb);
