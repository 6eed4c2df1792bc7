import { field, inputOf, isNull, project, structOf } from "../../plan/ir/build.js";
import type { NamedScalar } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { parsePath } from "../../types/path.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";

type Selection = Map<string, Selection>;

/**
 * `selectFields(paths)`: keeps the named top-level fields, in the order of the schema; a nested path (ours, beyond
 * Glue) keeps that part of its struct. Source: docs/sources.md#methods.
 */
export const selectFields = defineVerb<{ readonly paths: readonly string[] }>({
  kind: "selectFields",
  paths: ({ paths }) => paths.map((path) => ({ path })),
  lower: (inputs, { paths }) => {
    const selection: Selection = new Map();
    for (const path of paths)
      select(
        selection,
        parsePath(path).flatMap((step) => (step.kind === "field" ? [step.name] : [])),
      );
    const input = only(inputs);
    return project(input, selected(inputOf(input), selection));
  },
});

/** An empty selection below a name means all of it; the wider of two selections wins. */
function select(selection: Selection, names: readonly string[]): void {
  const [name, ...rest] = names;
  if (name === undefined) return;
  const below = selection.get(name);
  if (below?.size === 0) return;
  if (rest.length === 0) selection.set(name, new Map());
  else {
    const next: Selection = below ?? new Map();
    select(next, rest);
    selection.set(name, next);
  }
}

function selected(record: Scalar, selection: Selection): NamedScalar[] {
  if (record.type.kind !== "struct") return [];
  return record.type.fields.flatMap(({ name, type }) => {
    const below = selection.get(name);
    if (!below) return [];
    const value = field(record, name);
    if (below.size === 0) return [{ name, value }];
    if (type.kind !== "struct") return [];
    const fields = selected(value, below);
    return fields.length === 0 ? [] : [{ name, value: structOf(fields, isNull(value)) }];
  });
}
