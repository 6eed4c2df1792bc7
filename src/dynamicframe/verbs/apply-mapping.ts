import { arm, field, inputOf, isNull, and, nullOf, project, structOf } from "../../plan/ir/build.js";
import type { NamedScalar } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import type { DataType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { parseTypeName } from "../../types/hive.js";
import { parsePath } from "../../types/path.js";
import { castTo } from "./resolve-choice.js";
import { defineVerb } from "./verb.js";
import { only } from "./only.js";

/** `sourceType` absent: any type. `targetType` absent: the source's. */
export type Mapping = {
  readonly source: string;
  readonly sourceType?: DataType;
  readonly target: string;
  readonly targetType?: DataType;
};

/**
 * `applyMapping(mappings)`: a projection. Only mapped fields remain, in mapping order; a dotted target nests, a dotted
 * source un-nests. The source type is a filter: data of another type gives an empty target, with no cast and no error;
 * a failed cast gives null and is counted. Not for fields under arrays. Source: docs/sources.md#methods.
 */
export const applyMapping = defineVerb<{ readonly mappings: readonly Mapping[]; readonly caseSensitive: boolean }>({
  kind: "applyMapping",
  paths: ({ mappings, caseSensitive }) =>
    mappings.map(({ source }) => ({
      path: source,
      reach: { choices: true, ...(caseSensitive ? {} : { anyCase: true }) },
    })),
  lower: (inputs, { mappings, caseSensitive }) => {
    const input = only(inputs);
    const record = inputOf(input);
    const root: Target = { fields: new Map() };
    for (const mapping of mappings)
      place(root, names(mapping.target), mapped(record, mapping, caseSensitive), mapping.target);
    return project(input, built(root));
  },
});

/** A list of tuples, or one tuple. Source: docs/sources.md#methods. */
export type Mappings = readonly (readonly string[])[] | readonly string[];

/** @throws BAD_MAPPING for what is no tuple, with the place: a name is not taken for the letters that it is made of. */
export function parseMappings(given: Mappings): readonly Mapping[] {
  if (!Array.isArray(given)) throw noTuple("mappings", given);
  const tuples: readonly unknown[] =
    given.length > 0 && given.every((part) => typeof part === "string") ? [given] : given;
  return tuples.map((tuple, at) => {
    if (!Array.isArray(tuple) || !tuple.every((part) => typeof part === "string"))
      throw noTuple(`mappings[${at}]`, tuple);
    return parseMapping(tuple);
  });
}

const noTuple = (path: string, found: unknown): DynaframeError =>
  new DynaframeError("BAD_MAPPING", `applyMapping takes tuples of names and types; ${path} is none.`, {
    name: "TypeError",
    path,
    expected: "[source, sourceType, target, targetType]",
    found: found === null ? "null" : Array.isArray(found) ? "a list with something that is no text" : typeof found,
    hint: "Write [[source, sourceType, target, targetType], …].",
  });

/**
 * The tuples Glue takes: (source, sourceType, target, targetType), (source, target, targetType), (source, target).
 * Another length throws Glue's ValueError text.
 */
function parseMapping(tuple: readonly string[]): Mapping {
  const [a = "", b = "", c = "", d = ""] = tuple;
  switch (tuple.length) {
    case 4:
      return { source: a, sourceType: parseTypeName(b), target: c, targetType: parseTypeName(d) };
    case 3:
      return { source: a, target: b, targetType: parseTypeName(c) };
    case 2:
      return { source: a, target: b };
    default:
      throw new DynaframeError(
        "BAD_MAPPING",
        `Mapping tuple must be of length 2, 3, or 4Got tuple of length ${tuple.length}`,
        { name: "ValueError", hint: "Write [source, sourceType, target, targetType]." },
      );
  }
}

const names = (path: string): string[] =>
  parsePath(path).map((step) => {
    if (step.kind === "field") return step.name;
    throw new DynaframeError("BAD_MAPPING", `applyMapping cannot map the elements of a list: ${path}.`, {
      path,
      hint: "relationalize first, or map the whole list.",
    });
  });

function mapped(record: Scalar, { source, sourceType, targetType }: Mapping, caseSensitive: boolean): Scalar {
  let value: Scalar | undefined = record;
  for (const name of names(source)) value = value && step(value, name, caseSensitive);
  const ofType = value && (sourceType ? matching(value, sourceType) : value);
  if (!ofType) return nullOf(targetType ?? sourceType);
  return targetType && !(isBare(targetType) && ofType.type.kind === targetType.kind)
    ? castTo(ofType, targetType, source)
    : ofType;
}

function step(value: Scalar, name: string, caseSensitive: boolean): Scalar | undefined {
  const struct =
    value.type.kind === "choice" && value.type.choices.some((c) => c.kind === "struct") ? arm(value, "struct") : value;
  if (struct.type.kind !== "struct") return undefined;
  const { fields } = struct.type;
  const found =
    fields.find((f) => f.name === name)
    ?? (caseSensitive ? undefined : fields.find((f) => f.name.toLowerCase() === name.toLowerCase()));
  return found && field(struct, found.name);
}

/** The value where it is of the type, or undefined if it never is. */
function matching(value: Scalar, type: DataType): Scalar | undefined {
  if (value.type.kind === type.kind || type.kind === "choice") return value;
  if (value.type.kind === "choice")
    return value.type.choices.some((c) => c.kind === type.kind) ? arm(value, type.kind) : undefined;
  return undefined;
}

const isBare = (type: DataType): boolean =>
  type.kind === "struct" || type.kind === "array" || type.kind === "map" || type.kind === "choice";

// ---- building the target record

type Target = { readonly fields: Map<string, Target | Scalar> };
const isTarget = (entry: Target | Scalar): entry is Target => !("kind" in entry);

function place(target: Target, path: readonly string[], value: Scalar, text: string): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  const existing = target.fields.get(name);
  if (rest.length === 0) {
    if (existing) throw clash(text);
    target.fields.set(name, value);
    return;
  }
  if (existing && !isTarget(existing)) throw clash(text);
  const next: Target = existing ?? { fields: new Map() };
  target.fields.set(name, next);
  place(next, rest, value, text);
}

const clash = (path: string): DynaframeError =>
  new DynaframeError("NAME_CLASH", `applyMapping: two mappings have the target ${path}.`, {
    path,
    hint: "Give one of them another target.",
  });

/** A nested target exists in a record only when one of its members does. */
function built(target: Target): NamedScalar[] {
  return [...target.fields].map(([name, entry]) => {
    if (!isTarget(entry)) return { name, value: entry };
    const fields = built(entry);
    return { name, value: structOf(fields, and(fields.map((f) => isNull(f.value)))) };
  });
}
