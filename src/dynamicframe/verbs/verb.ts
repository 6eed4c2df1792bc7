/** What a verb is: one file with one export, lowering typed relations to typed relations. No SQL, no engine name. */
import type { Relation } from "../../plan/ir/relation.js";

/** Common trailing options of Glue's transforms (docs/sources.md#methods). */
export type TransformOptions = {
  /** Key of bookmark state. */
  readonly transformationCtx?: string;
  /** Copied to the call site of error records. */
  readonly info?: string;
  /** Errors of this step at most; 0 = any number. Checked when an action forces the computation. */
  readonly stageThreshold?: number;
  /** Errors of the whole lineage at most; 0 = any number. */
  readonly totalThreshold?: number;
  /**
   * Whether a path that the schema does not have is UNKNOWN_PATH; else it is passed over, as Glue does. Default: the
   * context's.
   */
  readonly strictPaths?: boolean;
};

/** Where a verb's paths lead, beside from struct to struct. */
export type Reach = {
  /** Into the structs and lists of a choice. */
  readonly choices?: true;
  /** Into the elements of a list, by plain dots. */
  readonly lists?: true;
  /** Into the elements of a list, by `[]`. */
  readonly elements?: true;
  /** Whatever the case of its letters. */
  readonly anyCase?: true;
};

/** A path that a call names, in the records of one of its inputs (the first by default). */
export type NamedPath = { readonly path: string; readonly input?: number; readonly reach?: Reach };

/** `A` are the checked arguments: frozen, serialisable, printed by `explain()`. */
export type Verb<A> = {
  readonly kind: string;
  /** The output rows; its type is the output schema, known before any engine runs. */
  readonly lower: (inputs: readonly Relation[], args: A) => Relation;
  /** The paths that the arguments name; they are looked up before lowering unless paths are not strict. */
  readonly paths?: (args: A) => readonly NamedPath[];
  /**
   * False where records go elsewhere or are put together, so that rows are no longer one to one with records of the
   * sources.
   */
  readonly recordwise?: false;
};

export const defineVerb = <A>(verb: Verb<A>): Verb<A> => Object.freeze(verb);
