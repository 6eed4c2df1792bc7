/**
 * Values of many rows, place by place: how records lie between files, engines and functions. A row of a batch is an
 * index; fields of a struct and arms of a choice share the index of what is around them, elements of lists have indexes
 * of their own.
 */
import type { Value } from "./value.js";

/** What a vector holds at an index that has no value of its own. */
export const ABSENT = 0;
export const NULL_HERE = 1;
export const PRESENT = 2;

/** By index: `ABSENT`, `NULL_HERE` or `PRESENT`; undefined where every row is present. */
export type States = Uint8Array | undefined;

/** The values that are not null or missing as they lie in PLAIN pages of Parquet, one behind the other. */
export type Packed = { readonly length: number; readonly states: States; readonly bytes: () => Uint8Array };

export type Vector =
  /**
   * Values of a type without parts. null and undefined (missing) as in rows; typed arrays where every row has a number.
   */
  | {
      readonly kind: "plain";
      readonly values: ArrayLike<Value>;
      readonly packed?: Packed | undefined;
      /** All are null, as is known without a look. */ readonly none?: boolean;
    }
  | { readonly kind: "struct"; readonly states: States; readonly fields: readonly Vector[] }
  /** The elements of row `i` are `element` from `starts[i]`, `lengths[i]` of them; an absent element counts as null. */
  | {
      readonly kind: "list";
      readonly states: States;
      readonly starts: ArrayLike<number>;
      readonly lengths: ArrayLike<number>;
      readonly element: Vector;
    }
  | {
      readonly kind: "map";
      readonly states: States;
      readonly starts: ArrayLike<number>;
      readonly lengths: ArrayLike<number>;
      readonly keys: ArrayLike<Value>;
      readonly value: Vector;
    }
  /** `which[i]`: `ABSENT`, `NULL_HERE`, or `PRESENT` + the index of the arm in the type's choices. */
  | { readonly kind: "choice"; readonly which: Uint8Array; readonly arms: readonly Vector[] };

/** A plain vector whose values are made when they are first asked for. */
export class LazyPlain {
  readonly kind = "plain" as const;
  private made: ArrayLike<Value> | undefined;

  constructor(
    private readonly make: () => ArrayLike<Value>,
    readonly packed: Packed | undefined,
    readonly none = false,
  ) {}

  get values(): ArrayLike<Value> {
    return (this.made ??= this.make());
  }
}

/** A struct vector of which nothing is read before it is asked for. */
export class LazyStruct {
  readonly kind = "struct" as const;
  private readonly readStates: () => States;
  private readonly readFields: () => readonly Vector[];

  constructor(states: () => States, fields: () => readonly Vector[]) {
    [this.readStates, this.readFields] = [kept(states), kept(fields)];
  }

  get states(): States {
    return this.readStates();
  }
  get fields(): readonly Vector[] {
    return this.readFields();
  }
}

/** A choice vector of the same kind. */
export class LazyChoice {
  readonly kind = "choice" as const;
  private readonly readWhich: () => Uint8Array;
  private readonly readArms: () => readonly Vector[];

  constructor(which: () => Uint8Array, arms: () => readonly Vector[]) {
    [this.readWhich, this.readArms] = [kept(which), kept(arms)];
  }

  get which(): Uint8Array {
    return this.readWhich();
  }
  get arms(): readonly Vector[] {
    return this.readArms();
  }
}

/** A list vector of the same kind. */
export class LazyList {
  readonly kind = "list" as const;
  private readonly readLists: () => {
    readonly states: States;
    readonly starts: Int32Array;
    readonly lengths: Int32Array;
  };
  private readonly readElement: () => Vector;

  constructor(
    lists: () => { readonly states: States; readonly starts: Int32Array; readonly lengths: Int32Array },
    element: () => Vector,
  ) {
    [this.readLists, this.readElement] = [kept(lists), kept(element)];
  }

  get states(): States {
    return this.readLists().states;
  }
  get starts(): Int32Array {
    return this.readLists().starts;
  }
  get lengths(): Int32Array {
    return this.readLists().lengths;
  }
  get element(): Vector {
    return this.readElement();
  }
}

/** Makes it once. */
function kept<T>(make: () => T): () => T {
  let made: { readonly it: T } | undefined;
  return () => (made ??= { it: make() }).it;
}

/** The states of a vector that has them; of others they are in the values. */
export function stateAt(states: States, index: number): number {
  return states === undefined ? PRESENT : (states[index] ?? ABSENT);
}
