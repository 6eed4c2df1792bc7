import { addEdit, editRelation, editTree } from "../../plan/edit.js";
import { parsePath } from "../../types/path.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";

/**
 * `dropFields(paths)`: removes fields, nested ones and those inside arrays too (`friends.age`); a struct that loses its
 * last member goes with it. Source: docs/sources.md#methods.
 */
export const dropFields = defineVerb<{ readonly paths: readonly string[] }>({
  kind: "dropFields",
  paths: ({ paths }) => paths.map((path) => ({ path, reach: { choices: true, lists: true, elements: true } })),
  lower: (inputs, { paths }) => {
    const tree = editTree();
    for (const path of paths) addEdit(tree, parsePath(path), () => []);
    return editRelation(only(inputs), tree, { throughArrays: true, pruneEmpty: true });
  },
});
