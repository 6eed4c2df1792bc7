/**
 * Scalars of the IR: frozen, serialisable, each carrying the static type of its result. The whole meaning of a node is
 * in its comment here; `engine/reference` implements it literally and every dialect is compared with that.
 *
 * Null and missing: an absent field reads as null. A null operand makes the result null unless said otherwise.
 * A choice value is null when all its arms are null.
 */
import type { ArrayType, ChoiceType, DataType, MapType, StructType, TypeName } from "../../types/data-type.js";

export type Scalar =
  | InputScalar
  | VariableScalar
  | FieldScalar
  | LiteralScalar
  | StructScalar
  | ChoiceScalar
  | ArmScalar
  | TypeTagScalar
  | PresentScalar
  | CastScalar
  | CoalesceScalar
  | CaseScalar
  | CompareScalar
  | LogicalScalar
  | NotScalar
  | IsNullScalar
  | InScalar
  | LikeScalar
  | ListMapScalar
  | MapValuesScalar
  | HashScalar;

/** The record of the relation's input. */
export type InputScalar = { readonly kind: "input"; readonly type: StructType };
/** The element bound by the enclosing `list-map` or `map-values` of that name. */
export type VariableScalar = { readonly kind: "variable"; readonly name: string; readonly type: DataType };
/** Field `name` of a struct. */
export type FieldScalar = {
  readonly kind: "field";
  readonly of: Scalar;
  readonly name: string;
  readonly type: DataType;
};
/**
 * A constant; `value` is JSON: decimals, dates, timestamps and longs past 2^53 as their text, binary as base64, null
 * for null.
 */
export type LiteralScalar = {
  readonly kind: "literal";
  readonly value: string | number | boolean | null;
  readonly type: DataType;
};
/** Builds a struct; the struct itself is null when `nullIf` (a boolean scalar) is true. Never null without `nullIf`. */
export type StructScalar = {
  readonly kind: "struct";
  readonly fields: readonly { readonly name: string; readonly value: Scalar }[];
  readonly nullIf?: Scalar;
  readonly type: StructType;
};
/**
 * Builds a choice value from one scalar per arm, at most one of them not null; `arms` has a scalar for some or all arms
 * of `type`.
 */
export type ChoiceScalar = {
  readonly kind: "choice";
  readonly arms: readonly { readonly arm: TypeName; readonly value: Scalar }[];
  readonly type: ChoiceType;
};
/** The value of a choice if it is of that arm, else null. */
export type ArmScalar = { readonly kind: "arm"; readonly of: Scalar; readonly arm: TypeName; readonly type: DataType };
/** Type name of the value ("int", "struct", …; the arm's for a choice), "null" for null. Never null. Type string. */
export type TypeTagScalar = { readonly kind: "type-tag"; readonly of: Scalar; readonly type: DataType };
/**
 * Whether the struct `of` has the field, be it null or not. False when `of` is null. Type boolean. Engines without
 * presence answer IS NOT NULL.
 */
export type PresentScalar = {
  readonly kind: "present";
  readonly of: Scalar;
  readonly name: string;
  readonly type: DataType;
};
/**
 * The cast matrix of `types/cast.ts`. `of` is never a choice (lower choices to arms first), and `type` is not one.
 * A value that does not fit: `onError` "null" gives null and is counted under `path`; "fail" fails the query with
 * CAST_FAILED.
 */
export type CastScalar = {
  readonly kind: "cast";
  readonly of: Scalar;
  readonly type: DataType;
  readonly onError: "null" | "fail";
  readonly path?: string;
  /**
   * "match": no conversion. A value whose type differs from `type` is null and counted under `path` (resolveChoice
   * `project`).
   */
  readonly mode?: "match";
};
/** First operand that is not null. */
export type CoalesceScalar = { readonly kind: "coalesce"; readonly values: readonly Scalar[]; readonly type: DataType };
/** First branch whose condition is true (null counts as false). */
export type CaseScalar = {
  readonly kind: "case";
  readonly branches: readonly { readonly when: Scalar; readonly then: Scalar }[];
  readonly otherwise: Scalar;
  readonly type: DataType;
};
/** Operands have one type; strings by Unicode code point, booleans false < true. Type boolean. */
export type CompareScalar = {
  readonly kind: "compare";
  readonly op: "=" | "<>" | "<" | "<=" | ">" | ">=";
  readonly left: Scalar;
  readonly right: Scalar;
  readonly type: DataType;
};
/** SQL three-valued logic. */
export type LogicalScalar = {
  readonly kind: "logical";
  readonly op: "and" | "or";
  readonly args: readonly Scalar[];
  readonly type: DataType;
};
export type NotScalar = { readonly kind: "not"; readonly of: Scalar; readonly type: DataType };
/** Never null. A choice is null when all arms are. */
export type IsNullScalar = { readonly kind: "is-null"; readonly of: Scalar; readonly type: DataType };
export type InScalar = {
  readonly kind: "in";
  readonly of: Scalar;
  readonly values: readonly LiteralScalar[];
  readonly type: DataType;
};
/** `%` any run, `_` one character, no escape. */
export type LikeScalar = {
  readonly kind: "like";
  readonly of: Scalar;
  readonly pattern: string;
  readonly type: DataType;
};
/** `body` for each element, with variable `as` bound; null list gives null; null elements are passed to the body. */
export type ListMapScalar = {
  readonly kind: "list-map";
  readonly list: Scalar;
  readonly as: string;
  readonly body: Scalar;
  readonly type: ArrayType;
};
/** The same over the values of a map. */
export type MapValuesScalar = {
  readonly kind: "map-values";
  readonly map: Scalar;
  readonly as: string;
  readonly body: Scalar;
  readonly type: MapType;
};
/**
 * A long ≥ 0 from the operands' texts: first 63 bits of MD5 over their UTF-8, joined by U+001F, null as U+0000. Never
 * null.
 */
export type HashScalar = { readonly kind: "hash"; readonly values: readonly Scalar[]; readonly type: DataType };

export type ScalarKind = Scalar["kind"];
export type ScalarOf<K extends ScalarKind> = Extract<Scalar, { readonly kind: K }>;
