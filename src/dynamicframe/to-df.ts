import type { DataType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { parseTypeName } from "../types/hive.js";
import { resolveChoice } from "./verbs/resolve-choice.js";
import { defineVerb } from "./verbs/verb.js";
import { only } from "./verbs/only.js";

/** How one choice becomes a column: Glue's ResolveOption(path, action, target). */
export type ResolveOption = { readonly path: string; readonly action: string; readonly target?: DataType | string };

type Option = { readonly path: string; readonly project?: DataType };

/** Every choice not projected becomes a struct keyed by type name; never an error. Source: docs/sources.md#methods. */
export const toDF = defineVerb<{ readonly options: readonly Option[] }>({
  kind: "toDF",
  paths: ({ options }) => options.map(({ path }) => ({ path, reach: { choices: true, elements: true } })),
  lower: (inputs, { options }) => {
    const projected = options.flatMap(({ path, project }) =>
      project ? [{ path, action: { kind: "project" as const, type: project } }] : [],
    );
    const relation = projected.length > 0 ? resolveChoice.lower(inputs, { specs: projected }) : only(inputs);
    return resolveChoice.lower([relation], { choice: { kind: "make_struct" } });
  },
});

const isOption = (option: unknown): boolean =>
  typeof option === "object"
  && option !== null
  && typeof (option as ResolveOption).path === "string"
  && typeof (option as ResolveOption).action === "string";

/** Checks the options as Glue does: only KeepAsStruct and Project work. */
export function parseResolveOptions(options: readonly ResolveOption[]): readonly Option[] {
  const wrong: readonly unknown[] = Array.isArray(options)
    ? options.filter((option: unknown) => !isOption(option))
    : [options];
  if (wrong.length > 0) {
    throw new DynaframeError("BAD_ARGUMENT", "toDF takes a list of { path, action, target }.", {
      name: "TypeError",
      expected: "ResolveOption[]",
      found: typeof wrong[0],
      hint: 'Write for instance [{ path: "price", action: "Project", target: "long" }].',
    });
  }
  return options.map(({ path, action, target }) => {
    if (action === "KeepAsStruct") return { path };
    if (target === undefined) {
      throw new DynaframeError("BAD_ACTION", `Target type must be specified with ${action.toLowerCase()} action.`, {
        path,
        hint: "Give target, e.g. { dataType: 'long' }.",
      });
    }
    if (action !== "Project") {
      throw new DynaframeError("BAD_ACTION", `Invalid resolve action ${action}.`, {
        path,
        expected: "KeepAsStruct or Project",
        found: action,
        hint: "Use resolveChoice for casts.",
      });
    }
    return { path, project: typeof target === "string" ? parseTypeName(target) : target };
  });
}
