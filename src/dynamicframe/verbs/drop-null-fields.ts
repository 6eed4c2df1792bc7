import { addEdit, editRelation, editTree } from "../../plan/edit.js";
import type { DataType } from "../../types/data-type.js";
import type { PathStep } from "../../types/path.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";

/**
 * `DropNullFields`: removes the fields whose whole type is null, those of structs and of structs in lists too; a struct
 * that loses its last member goes with them. A list of nulls and what lies under a choice or a map stay. Looks at types
 * only. Source: docs/sources.md#transforms.
 */
export const dropNullFields = defineVerb<Record<string, never>>({
  kind: "dropNullFields",
  lower: (inputs) => {
    const input = only(inputs);
    const tree = editTree();
    for (const path of nullPaths(input.type, [])) addEdit(tree, path, () => []);
    return editRelation(input, tree, { pruneEmpty: true });
  },
});

function nullPaths(type: DataType, path: readonly PathStep[]): (readonly PathStep[])[] {
  if (type.kind === "null") return [path];
  if (type.kind === "struct")
    return type.fields.flatMap((f) => nullPaths(f.type, [...path, { kind: "field", name: f.name }]));
  if (type.kind === "array" && type.element.kind === "struct")
    return nullPaths(type.element, [...path, { kind: "elements" }]);
  return [];
}
