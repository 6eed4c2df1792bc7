import { arm, choiceOf, field, inputOf, isNull, listMap, project, structOf } from "../../plan/ir/build.js";
import type { NamedScalar } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { DynaframeError } from "../../types/error.js";
import { choice } from "../../types/data-type.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";

/**
 * `unnest()`: structs flatten to the top level, names joined by dots; lists stay lists, and structs inside them are
 * flattened too, with names prefixed `<list>.val.` (decision 0011). A choice stays one column. Source:
 * docs/sources.md#methods.
 */
export const unnest = defineVerb<Record<string, never>>({
  kind: "unnest",
  lower: (inputs) => {
    const input = only(inputs);
    return project(input, distinctNames(flatten(inputOf(input), "", 0)));
  },
});

/** The leaves of a struct-typed scalar under `prefix`. */
function flatten(value: Scalar, prefix: string, depth: number): NamedScalar[] {
  if (value.type.kind !== "struct") return [{ name: prefix, value: inElements(value, prefix, depth) }];
  return value.type.fields.flatMap(({ name }) =>
    flatten(field(value, name), prefix ? `${prefix}.${name}` : name, depth),
  );
}

function inElements(value: Scalar, name: string, depth: number): Scalar {
  if (value.type.kind === "array") {
    return listMap(value, `u${depth}`, (element) => {
      if (element.type.kind !== "struct") return inElements(element, `${name}.val`, depth + 1);
      return structOf(distinctNames(flatten(element, `${name}.val`, depth + 1)), isNull(element));
    });
  }
  if (value.type.kind === "choice" && value.type.choices.some((c) => c.kind === "array")) {
    const arms = value.type.choices.map((c) => ({
      arm: c.kind,
      value: c.kind === "array" ? inElements(arm(value, c.kind), name, depth) : arm(value, c.kind),
    }));
    return choiceOf(arms, choice(arms.map((a) => a.value.type)));
  }
  return value;
}

/** Flattening may join `a.b` and the struct a's b: neither may be lost. */
export function distinctNames(fields: readonly NamedScalar[]): readonly NamedScalar[] {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (seen.has(name)) {
      throw new DynaframeError("NAME_CLASH", `Flattening gives two columns called ${name}.`, {
        path: name,
        hint: "Rename one of the two fields before flattening (renameField).",
      });
    }
    seen.add(name);
  }
  return fields;
}
