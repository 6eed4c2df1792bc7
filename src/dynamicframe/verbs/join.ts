import { field, inputOf, join as joinOf, nullOf, project } from "../../plan/ir/build.js";
import type { NamedScalar, Relation } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { isKeyType, matchKeys } from "../../plan/match-keys.js";
import { readPath } from "../../plan/read-path.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { both } from "./only.js";
import { defineVerb, type NamedPath } from "./verb.js";

/** Keys in pairs: paths of the left and of the right record. */
export type JoinArgs = { readonly paths1: readonly string[]; readonly paths2: readonly string[] };

/**
 * `join(paths1, paths2, other)`: an inner join on equal keys. All fields of both records stay, both keys too; a field
 * of the second whose name is taken gets a leading period. Keys compare by value whatever number type carries them, a
 * choice arm by arm; null matches nothing. Source: docs/sources.md#methods, decision 0014.
 */
export const join = defineVerb<JoinArgs>({
  kind: "join",
  paths: ({ paths1, paths2 }) => [...keyPaths(paths1, 0), ...keyPaths(paths2, 1)],
  recordwise: false,
  lower: (inputs, { paths1, paths2 }) => {
    const [left, right] = both(inputs);
    const keys = keyColumns("join", left, right, paths1, paths2);
    const joined = joinOf("inner", left, right, keys.left, keys.right);
    const row = inputOf(joined);
    const fieldsOf = (side: "left" | "right", type: StructType): NamedScalar[] =>
      type.fields.map(({ name }) => ({ name, value: field(field(row, side), name) }));
    return project(joined, withPeriods(fieldsOf("left", left.type), fieldsOf("right", right.type)));
  },
});

/** Keys, as paths that are looked up. */
export const keyPaths = (paths: readonly string[], input: number): readonly NamedPath[] =>
  paths.map((path) => ({ path, input, reach: { choices: true } }));

/** The key columns of both sides, pair by pair of one type. */
export function keyColumns(
  verb: string,
  left: Relation,
  right: Relation,
  paths1: readonly string[],
  paths2: readonly string[],
): { readonly left: readonly Scalar[]; readonly right: readonly Scalar[] } {
  if (paths1.length === 0 || paths1.length !== paths2.length) {
    throw new DynaframeError(
      "BAD_ARGUMENT",
      `${verb}: ${paths1.length} keys on the one side, ${paths2.length} on the other.`,
      { hint: "Give at least one key, and as many on both sides." },
    );
  }
  const pairs = paths1.map((path, i) => matchKeys(keyAt(verb, left, path), keyAt(verb, right, paths2[i] ?? "")));
  return { left: pairs.flatMap((p) => p.left), right: pairs.flatMap((p) => p.right) };
}

function keyAt(verb: string, relation: Relation, path: string): Scalar {
  const value = readPath(inputOf(relation), path);
  if (value && isKeyType(value.type)) return value;
  if (value) {
    throw new DynaframeError(
      "BAD_ARGUMENT",
      `${verb}: the key ${path} is a ${value.type.kind}, which has no equality.`,
      { path, found: value.type.kind, hint: "Use atomic fields as keys; a field of a struct is named by its path." },
    );
  }
  // no record has the field, so that it matches nothing
  return nullOf();
}

/**
 * Fields of the second record behind those of the first: one whose name is taken gets periods in front until it is
 * free.
 */
function withPeriods(first: readonly NamedScalar[], second: readonly NamedScalar[]): readonly NamedScalar[] {
  const taken = new Set(first.map((f) => f.name));
  // a name of the second's own must not be taken by one that moves
  const own = new Set(second.map((f) => f.name).filter((name) => !taken.has(name)));
  const moved = second.map(({ name, value }) => {
    if (!taken.has(name)) return { name, value };
    let free = `.${name}`;
    while (taken.has(free) || own.has(free)) free = `.${free}`;
    own.add(free);
    return { name: free, value };
  });
  return [...first, ...moved];
}
