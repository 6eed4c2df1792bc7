/**
 * DynamoDB's typed JSON: each attribute is a struct whose members are named by the type of their value,
 * `{"S": "text"}`.
 */
import { conform } from "../../plan/conform.js";
import { arm, choiceOf, coalesce, field, nullOf } from "../../plan/ir/build.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import type { DataType, StructType } from "../../types/data-type.js";
import { mergeAll } from "../../types/merge.js";

/** The kinds of value each tag may hold; null where no record has more. */
const TAGS: { readonly [tag: string]: readonly DataType["kind"][] } = {
  S: ["string"],
  N: ["string"],
  B: ["string", "binary"],
  BOOL: ["boolean"],
  NULL: ["boolean"],
  M: ["struct"],
  L: ["array"],
  SS: ["array"],
  NS: ["array"],
  BS: ["array"],
};
type Tag = "S" | "N" | "B" | "BOOL" | "NULL" | "M" | "L" | "SS" | "NS" | "BS";

/**
 * The tags of a value that is an attribute in typed form; undefined for anything else, such as a map with an attribute
 * called S.
 */
export function tagsOf(type: DataType): readonly Tag[] | undefined {
  if (type.kind !== "struct" || type.fields.length === 0) return undefined;
  const typed = type.fields.every(
    (f) => Object.hasOwn(TAGS, f.name) && (f.type.kind === "null" || TAGS[f.name]?.includes(f.type.kind) === true),
  );
  return typed ? type.fields.map((f) => f.name as Tag) : undefined;
}

/** The record itself: what lies under `Item` comes to the top, beside all other fields. */
export function attributesOf(record: Scalar): readonly (readonly [name: string, value: Scalar])[] {
  return fieldsOf(record).flatMap(([name, value]) =>
    name === "Item" && value.type.kind === "struct" && !tagsOf(value.type) ? fieldsOf(value) : [[name, value] as const],
  );
}

export const fieldsOf = (value: Scalar): readonly (readonly [name: string, value: Scalar])[] =>
  (value.type as StructType).fields.map(({ name }) => [name, field(value, name)] as const);

/**
 * One value out of those of the tags, of which at most one is not null: where records use several types, a choice of
 * them; types that come to the same (a text and a number are both strings) are one.
 */
export function oneOf(values: readonly Scalar[]): Scalar {
  const type = mergeAll(values.map((v) => v.type));
  const [only] = values;
  if (only && values.length === 1) return only;
  if (type.kind !== "choice") return coalesce(values.map((v) => conform(v, type)));
  const arms = type.choices.map((member) => {
    const own = values.flatMap((v) => {
      if (v.type.kind !== "choice") return v.type.kind === member.kind ? [v] : [];
      return v.type.choices.some((c) => c.kind === member.kind) ? [arm(v, member.kind)] : [];
    });
    return {
      arm: member.kind,
      value: own.length === 0 ? nullOf(member) : coalesce(own.map((v) => conform(v, member))),
    };
  });
  return choiceOf(arms, type);
}
