import type { Relation } from "../../plan/ir/relation.js";

/** The input of a verb that has one. */
export function only(inputs: readonly Relation[]): Relation {
  const [input] = inputs;
  if (!input || inputs.length !== 1) throw new Error(`a verb of one input was given ${inputs.length}`);
  return input;
}

/** The inputs of a verb that has two. */
export function both(inputs: readonly Relation[]): readonly [Relation, Relation] {
  const [left, right] = inputs;
  if (!left || !right || inputs.length !== 2) throw new Error(`a verb of two inputs was given ${inputs.length}`);
  return [left, right];
}
