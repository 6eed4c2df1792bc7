import { match } from "ts-pattern";
import { addEdit, editRelation, editTree, type EditTree, type FieldEdit } from "../../plan/edit.js";
import { arm, cast, coalesce, isNull, nullOf, structOf } from "../../plan/ir/build.js";
import type { NamedScalar } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { array, fieldOf, type DataType, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { parseTypeName } from "../../types/hive.js";
import { parsePath, printPath, type PathStep } from "../../types/path.js";
import { sameType } from "../../types/same-type.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";

/** One action on one path, or on every choice. `type` in Glue's spelling. */
export type ResolveAction =
  | { readonly kind: "cast"; readonly type: DataType }
  | { readonly kind: "project"; readonly type: DataType }
  | { readonly kind: "make_cols" }
  | { readonly kind: "make_struct" };

export type ResolveChoiceArgs = {
  readonly specs?: readonly { readonly path: string; readonly action: ResolveAction }[];
  /** For every choice not named in `specs`. */
  readonly choice?: ResolveAction;
  /** `match_catalog`: every choice is cast to its column's type in this struct. */
  readonly catalog?: StructType;
};

/**
 * `resolveChoice`: cast:T casts every value, failures become null and are counted; project:T keeps the values that
 * already are T, the others become null and are counted; make_cols makes a field `name_type` per arm; make_struct a
 * struct of the arms. Source: docs/sources.md#methods.
 */
export const resolveChoice = defineVerb<ResolveChoiceArgs>({
  kind: "resolveChoice",
  paths: ({ specs = [] }) => specs.map(({ path }) => ({ path, reach: { choices: true, elements: true } })),
  lower: (inputs, { specs = [], choice, catalog }) => {
    let relation = only(inputs);
    if (specs.length > 0) relation = editRelation(relation, specTree(specs));
    if (choice) relation = resolveRest(relation, choice, new Set(specs.map((s) => s.path)));
    if (catalog) relation = editRelation(relation, catalogTree(relation.type, catalog));
    return relation;
  },
});

/**
 * `cast:long`, `project:string`, `make_cols`, `make_struct` (any case) as an action; `match_catalog` is not one: it
 * needs a table.
 */
export function parseAction(text: string): ResolveAction {
  const [verb = "", ...rest] = text.split(":");
  const target = rest.join(":").trim();
  switch (verb.trim().toLowerCase()) {
    case "cast":
      return { kind: "cast", type: parseTypeName(required(target, text)) };
    case "project":
      return { kind: "project", type: parseTypeName(required(target, text)) };
    case "make_cols":
      return { kind: "make_cols" };
    case "make_struct":
    case "keep_as_struct":
      return { kind: "make_struct" };
    default:
      throw new DynaframeError("BAD_ACTION", `resolveChoice: ${JSON.stringify(text)} is not an action.`, {
        expected: "cast:<type>, project:<type>, make_cols, make_struct or match_catalog",
        found: text,
        hint: "Write for instance cast:double.",
      });
  }
}

function required(target: string, text: string): string {
  if (target) return target;
  throw new DynaframeError("BAD_ACTION", `resolveChoice: the action ${JSON.stringify(text)} names no type.`, {
    hint: "Write for instance cast:double.",
  });
}

function specTree(specs: NonNullable<ResolveChoiceArgs["specs"]>): EditTree {
  const tree = editTree();
  for (const { path, action } of specs) addEdit(tree, parsePath(path), actionEdit(action));
  return tree;
}

const actionEdit =
  (action: ResolveAction): FieldEdit =>
  (value, name, path) =>
    match(action)
      .with({ kind: "cast" }, ({ type }) => [{ name, value: castTo(value, type, path) }])
      .with({ kind: "project" }, ({ type }) => [{ name, value: projectTo(value, type, path) }])
      .with({ kind: "make_struct" }, () => [{ name, value: armStruct(value) }])
      .with({ kind: "make_cols" }, () => armColumns(value, name, path))
      .exhaustive();

/** Every value cast to the type; each arm of a choice by the rule of its own type. */
export function castTo(value: Scalar, type: DataType, path: string): Scalar {
  if (value.type.kind !== "choice") return castOne(value, type, path);
  return coalesce(value.type.choices.map((member) => castOne(arm(value, member.kind), type, path)));
}

function castOne(value: Scalar, type: DataType, path: string): Scalar {
  if (sameType(value.type, type)) return value;
  if (value.type.kind === "null" || value.type.kind === "unknown") return nullOf(type);
  // "cast:struct" and "cast:array" name a kind, not a whole type: a value of that kind keeps its own
  if (isBare(type) && value.type.kind === type.kind) return value;
  return cast(value, type, path);
}

function projectTo(value: Scalar, type: DataType, path: string): Scalar {
  if (value.type.kind !== "choice") return value.type.kind === type.kind ? value : cast(value, type, path, "match");
  const own = value.type.choices.find((member) => member.kind === type.kind);
  const target = own ?? type;
  return coalesce(
    value.type.choices.map((member) => {
      const held = arm(value, member.kind);
      return member === own ? held : cast(held, target, path, "match");
    }),
  );
}

/** `struct` or `array` alone: any of that kind. */
export const isBare = (type: DataType): boolean =>
  (type.kind === "struct" && type.fields.length === 0) || (type.kind === "array" && sameType(type, array()));

function armStruct(value: Scalar): Scalar {
  if (value.type.kind !== "choice") return value;
  return structOf(
    value.type.choices.map((member) => ({ name: member.kind, value: arm(value, member.kind) })),
    isNull(value),
  );
}

/** `name_type` per arm; a value that is no choice stays as it is. */
function armColumns(value: Scalar, name: string, path: string): readonly NamedScalar[] {
  if (value.type.kind !== "choice") return [{ name, value }];
  if (path.endsWith("[]")) {
    throw new DynaframeError("BAD_ACTION", `resolveChoice: make_cols cannot make columns of the elements of ${path}.`, {
      path,
      hint: "Use make_struct or cast on the elements, or relationalize first.",
    });
  }
  return value.type.choices.map((member) => ({ name: `${name}_${member.kind}`, value: arm(value, member.kind) }));
}

/** The action on every choice left, innermost first: an outer edit sees what the inner ones made. */
function resolveRest(
  relation: ReturnType<typeof only>,
  action: ResolveAction,
  named: ReadonlySet<string>,
): ReturnType<typeof only> {
  const tree = editTree();
  for (const path of choicePaths(relation.type, [])) {
    if (named.has(printPath(path))) continue;
    const inElements = path.at(-1)?.kind === "elements";
    addEdit(tree, path, actionEdit(inElements && action.kind === "make_cols" ? { kind: "make_struct" } : action));
  }
  return editRelation(relation, tree);
}

/** Paths of all choices, those inside arms and elements too. */
function choicePaths(type: DataType, path: readonly PathStep[]): (readonly PathStep[])[] {
  switch (type.kind) {
    case "choice":
      return [...type.choices.flatMap((member) => choicePaths(member, path)), path];
    case "struct":
      return type.fields.flatMap((f) => choicePaths(f.type, [...path, { kind: "field", name: f.name }]));
    case "array":
      return choicePaths(type.element, [...path, { kind: "elements" }]);
    default:
      return [];
  }
}

/** Casts each choice to what the catalog says of its path; catalog names are lower case. */
function catalogTree(type: StructType, catalog: StructType): EditTree {
  const tree = editTree();
  for (const path of choicePaths(type, [])) {
    const target = catalogTypeAt(catalog, path);
    if (target) addEdit(tree, path, (value, name, at) => [{ name, value: castTo(value, target, at) }]);
  }
  return tree;
}

/** What the catalog, whose names are lower case, has at a path. */
export function catalogTypeAt(type: DataType | undefined, path: readonly PathStep[]): DataType | undefined {
  let at = type;
  for (const step of path) {
    if (step.kind === "elements") at = at?.kind === "array" ? at.element : undefined;
    else
      at = at?.kind === "struct" ? (fieldOf(at, step.name) ?? fieldOf(at, step.name.toLowerCase()))?.type : undefined;
  }
  return at;
}
