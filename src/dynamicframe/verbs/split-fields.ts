import type { Relation } from "../../plan/ir/relation.js";
import { addEdit, editRelation, editTree } from "../../plan/edit.js";
import { fieldOf, type DataType } from "../../types/data-type.js";
import { parsePath } from "../../types/path.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";
import { selectFields } from "./select-fields.js";

/** Which of the two frames. */
export type SplitFieldsArgs = { readonly paths: readonly string[]; readonly part: "selected" | "rest" };

/**
 * `splitFields(paths)`: one frame of the named fields, one of all others; together they have each field once. A path
 * that is not there, or that leads through a list or a choice, selects nothing, so that what it means stays in the
 * second frame. Source: docs/sources.md#methods.
 */
export const splitFields = defineVerb<SplitFieldsArgs>({
  kind: "splitFields",
  paths: ({ paths }) => paths.map((path) => ({ path })),
  lower: (inputs, { paths, part }) => {
    const input = only(inputs);
    const found = paths.filter((path) => isInStructs(input.type, path));
    return part === "selected" ? selectFields.lower([input], { paths: found }) : without(input, found);
  },
});

function without(input: Relation, paths: readonly string[]): Relation {
  const tree = editTree();
  for (const path of paths) addEdit(tree, parsePath(path), () => []);
  return editRelation(input, tree, { pruneEmpty: true });
}

function isInStructs(type: DataType, path: string): boolean {
  let at: DataType | undefined = type;
  for (const step of parsePath(path))
    at = at?.kind === "struct" && step.kind === "field" ? fieldOf(at, step.name)?.type : undefined;
  return at !== undefined;
}
