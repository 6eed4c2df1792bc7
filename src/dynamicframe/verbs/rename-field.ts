import { addEdit, editRelation, editTree } from "../../plan/edit.js";
import { field, inputOf, isNull, project, structOf } from "../../plan/ir/build.js";
import type { NamedScalar, Relation } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { fieldOf } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { parsePath } from "../../types/path.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";

/**
 * `renameField(oldName, newName)`: both are full paths; a new parent path is made when there is none, so a rename can
 * also move a field. A new name that is taken is NAME_CLASH. Source: docs/sources.md#methods.
 */
export const renameField = defineVerb<{ readonly oldName: string; readonly newName: string }>({
  kind: "renameField",
  paths: ({ oldName }) => [{ path: oldName }],
  lower: (inputs, { oldName, newName }) => {
    const input = only(inputs);
    const from = names(oldName);
    const to = names(newName);
    const found = resolve(inputOf(input), from);
    if (!found || samePath(from, to)) return input;
    if (samePath(from.slice(0, -1), to.slice(0, -1))) return renameInPlace(input, from, to.at(-1) ?? "");
    return move(input, found, from, to, newName);
  },
});

const names = (path: string): string[] => parsePath(path).flatMap((step) => (step.kind === "field" ? [step.name] : []));
const samePath = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

function resolve(record: Scalar, path: readonly string[]): Scalar | undefined {
  let value: Scalar = record;
  for (const name of path) {
    if (value.type.kind !== "struct" || !fieldOf(value.type, name)) return undefined;
    value = field(value, name);
  }
  return value;
}

function renameInPlace(input: Relation, from: readonly string[], name: string): Relation {
  const tree = editTree();
  addEdit(
    tree,
    from.map((n) => ({ kind: "field", name: n })),
    (value) => [{ name, value }],
  );
  return editRelation(input, tree);
}

function move(
  input: Relation,
  value: Scalar,
  from: readonly string[],
  to: readonly string[],
  newName: string,
): Relation {
  const tree = editTree();
  addEdit(
    tree,
    from.map((n) => ({ kind: "field", name: n })),
    () => [],
  );
  const without = editRelation(input, tree, { pruneEmpty: true });
  if (without.kind !== "project") return without;
  return project(input, placed(without.fields, value, to, newName));
}

/** The fields with `value` put at path `to`, structs made on the way. */
function placed(fields: readonly NamedScalar[], value: Scalar, to: readonly string[], newName: string): NamedScalar[] {
  const [name, ...rest] = to;
  if (name === undefined) return [...fields];
  const existing = fields.find((f) => f.name === name);
  if (existing && (rest.length === 0 || existing.value.type.kind !== "struct")) {
    throw new DynaframeError("NAME_CLASH", `renameField: ${newName} is already a field.`, {
      path: newName,
      hint: "Drop or rename it first.",
    });
  }
  if (rest.length === 0) return [...fields, { name, value }];
  const inner =
    existing?.value.type.kind === "struct"
      ? existing.value.type.fields.map((f) => ({ name: f.name, value: field(existing.value, f.name) }))
      : [];
  const built = structOf(placed(inner, value, rest, newName), existing ? undefined : isNull(value));
  return existing
    ? fields.map((f) => (f === existing ? { name, value: built } : f))
    : [...fields, { name, value: built }];
}
