/**
 * Editing a record at paths: the shared walk of resolveChoice, dropFields, renameField and applyMapping's twins. A tree
 * of edits is laid over the record's type; only structs on the way to an edit are rebuilt, everything else is passed on
 * untouched.
 */
import { choice, type ArrayType, type ChoiceType, type DataType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { fieldPath, type PathStep } from "../types/path.js";
import { arm, choiceOf, field, inputOf, isNull, listMap, project, structOf } from "./ir/build.js";
import type { NamedScalar, Relation } from "./ir/relation.js";
import type { Scalar } from "./ir/scalar.js";

/** What takes the place of a field: none, one or several fields. */
export type FieldEdit = (value: Scalar, name: string, path: string) => readonly NamedScalar[];

/** Edits by path. `edit` at a node runs after the edits below it, on their result. */
export type EditTree = { readonly fields: Map<string, EditTree>; elements?: EditTree; edit?: FieldEdit };

export type EditOptions = {
  /** A field step over an array goes into its elements, as Glue's drop_fields does. */
  readonly throughArrays?: boolean;
  /** A struct that loses its last member is removed too. */
  readonly pruneEmpty?: boolean;
};

export const editTree = (): EditTree => ({ fields: new Map() });

/** Adds an edit at a path; the last one added at a path wins. */
export function addEdit(tree: EditTree, path: readonly PathStep[], edit: FieldEdit): void {
  let node = tree;
  for (const step of path) {
    if (step.kind === "elements") node = node.elements ??= editTree();
    else {
      const next = node.fields.get(step.name) ?? editTree();
      node.fields.set(step.name, next);
      node = next;
    }
  }
  node.edit = edit;
}

/** The relation with the edits applied to each record; paths that the type does not have are left alone. */
export function editRelation(relation: Relation, tree: EditTree, options: EditOptions = {}): Relation {
  return project(relation, editFields(inputOf(relation), tree, "", 0, options));
}

function editFields(
  record: Scalar,
  tree: EditTree,
  path: string,
  depth: number,
  options: EditOptions,
): readonly NamedScalar[] {
  if (record.type.kind !== "struct") return [];
  return distinct(
    record.type.fields.flatMap(({ name }) => {
      const value = field(record, name);
      const below = tree.fields.get(name);
      if (!below) return [{ name, value }];
      const at = fieldPath(path, name);
      const edited = editValue(value, below, at, depth, options);
      if (below.edit) return below.edit(edited, name, at);
      if (options.pruneEmpty && edited !== value && isEmptied(edited.type)) return [];
      return [{ name, value: edited }];
    }),
    path,
  );
}

/** The value with the edits below it applied; not `tree.edit` itself. */
function editValue(value: Scalar, tree: EditTree, path: string, depth: number, options: EditOptions): Scalar {
  const { type } = value;
  if (type.kind === "choice") return editArms(value, type, tree, path, depth, options);
  if (type.kind === "struct" && tree.fields.size > 0) {
    if (!type.fields.some((f) => tree.fields.has(f.name))) return value;
    return structOf(editFields(value, tree, path, depth, options), isNull(value));
  }
  if (type.kind === "array") return editElements(value, type, tree, path, depth, options);
  return value;
}

function editElements(
  value: Scalar,
  type: ArrayType,
  tree: EditTree,
  path: string,
  depth: number,
  options: EditOptions,
): Scalar {
  const below = tree.elements ?? (options.throughArrays && tree.fields.size > 0 ? tree : undefined);
  if (!below || !reaches(type.element, below, options)) return value;
  return listMap(value, `x${depth}`, (element) => {
    const edited = editValue(element, below, `${path}[]`, depth + 1, options);
    if (below === tree || !below.edit) return edited;
    return below.edit(edited, "element", `${path}[]`)[0]?.value ?? edited;
  });
}

/** Inside a choice the edits concern the struct arm or the array arm; the arms keep their kinds. */
function editArms(
  value: Scalar,
  type: ChoiceType,
  tree: EditTree,
  path: string,
  depth: number,
  options: EditOptions,
): Scalar {
  const arms = type.choices.map((member) => ({
    arm: member.kind,
    value: editValue(arm(value, member.kind), tree, path, depth, options),
  }));
  if (arms.every((a, i) => a.value.type === type.choices[i])) return value;
  return choiceOf(arms, choice(arms.map((a) => a.value.type)));
}

/** Whether any edit applies somewhere under the type; spares a copy of lists that nothing touches. */
function reaches(type: DataType, tree: EditTree, options: EditOptions): boolean {
  if (tree.edit) return true;
  switch (type.kind) {
    case "struct":
      return type.fields.some((f) => {
        const t = tree.fields.get(f.name);
        return t !== undefined && (t.edit !== undefined || reaches(f.type, t, options));
      });
    case "choice":
      return type.choices.some((c) => reaches(c, tree, options));
    case "array": {
      const below = tree.elements ?? (options.throughArrays ? tree : undefined);
      return below !== undefined && reaches(type.element, below, options);
    }
    default:
      return false;
  }
}

const isEmptied = (type: DataType): boolean => type.kind === "struct" && type.fields.length === 0;

/** Two fields of one name cannot stand in one record: whoever made the second must choose another name. */
function distinct(fields: readonly NamedScalar[], path: string): readonly NamedScalar[] {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (seen.has(name)) {
      throw new DynaframeError("NAME_CLASH", `Two fields would be called ${name}${path ? ` in ${path}` : ""}.`, {
        path: fieldPath(path, name),
        hint: "Rename or drop one of them first (renameField, dropFields).",
      });
    }
    seen.add(name);
  }
  return fields;
}
