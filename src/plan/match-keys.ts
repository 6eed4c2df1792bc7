/**
 * Join keys of unlike types (decision 0014): two values match when they are the same value, whatever type carries them.
 * Numbers of every type compare by value, without rounding; a choice matches arm by arm; a value of another kind, null
 * and nested values match nothing.
 */
import {
  DOUBLE,
  LONG,
  STRING,
  assertNever,
  decimal,
  type DataType,
  type DecimalType,
  type TypeName,
} from "../types/data-type.js";
import { mergeDataTypes } from "../types/merge.js";
import { sameType } from "../types/same-type.js";
import { arm, caseWhen, coalesce, compare, isNull, literal, not, nullOf } from "./ir/build.js";
import type { LiteralScalar, Scalar } from "./ir/scalar.js";

/** Values of two families never match. */
type Family = "number" | "text" | "boolean" | "date" | "timestamp" | "timestampntz" | "binary";
/** The values of one side in one family, by arm; at most one of them is not null. */
type Side = ReadonlyMap<Family, readonly Scalar[]>;
/** One column of both sides, of one type. */
type KeyPair = readonly [left: Scalar, right: Scalar];

/** Without a common family nothing matches. */
const NOTHING: KeyPair = [nullOf(STRING), nullOf(STRING)];

/** Columns that are all equal exactly where the two values match, each pair of one type. */
export function matchKeys(
  left: Scalar,
  right: Scalar,
): { readonly left: readonly Scalar[]; readonly right: readonly Scalar[] } {
  const [lefts, rights] = [families(left), families(right)];
  const parts = [...lefts].flatMap(([family, mine]) => {
    const theirs = rights.get(family);
    return theirs ? columnsOf(family, mine, theirs) : [];
  });
  const pairs = parts.length === 0 ? [NOTHING] : parts.length === 1 ? parts : sideBySide(parts);
  return { left: pairs.map(([l]) => l), right: pairs.map(([, r]) => r) };
}

/** Whether any value of the type can match another; null and unknown may, as the values may still come. */
export function isKeyType(type: DataType): boolean {
  if (type.kind === "choice") return type.choices.some(isKeyType);
  return type.kind === "null" || type.kind === "unknown" || familyOf(type.kind) !== undefined;
}

function families(value: Scalar): Side {
  const side = new Map<Family, Scalar[]>();
  const members = value.type.kind === "choice" ? value.type.choices.map((c) => arm(value, c.kind)) : [value];
  for (const member of members) {
    const family = familyOf(member.type.kind);
    if (family) side.set(family, [...(side.get(family) ?? []), member]);
  }
  return side;
}

function familyOf(kind: TypeName): Family | undefined {
  switch (kind) {
    case "byte":
    case "short":
    case "int":
    case "long":
    case "float":
    case "double":
    case "decimal":
      return "number";
    case "string":
    case "enum":
      return "text";
    case "boolean":
    case "date":
    case "timestamp":
    case "timestampntz":
    case "binary":
      return kind;
    case "null":
    case "unknown":
    case "array":
    case "set":
    case "map":
    case "struct":
    case "choice":
      return undefined;
    default:
      return assertNever(kind);
  }
}

/**
 * Pairs of which exactly one is not null where a value of the family is: a number is either exact or a double that no
 * exact type holds.
 */
function columnsOf(family: Family, left: readonly Scalar[], right: readonly Scalar[]): readonly KeyPair[] {
  if (family !== "number")
    return [
      [whole(left, family === "text" ? STRING : undefined), whole(right, family === "text" ? STRING : undefined)],
    ];
  const all = [...left, ...right].map((v) => v.type);
  const floating = all.filter(isFloating).length;
  if (floating === all.length) return [[whole(left, DOUBLE), whole(right, DOUBLE)]];
  const exact = exactType(all);
  if (floating === 0) return [[exactly(left, exact), exactly(right, exact)]];
  return [
    [exactly(left, exact), exactly(right, exact)],
    [inexact(left, exact), inexact(right, exact)],
  ];
}

const isFloating = (type: DataType): boolean => type.kind === "double" || type.kind === "float";
const isDecimal = (type: DataType): type is DecimalType => type.kind === "decimal";
const DIGITS: { readonly [kind in TypeName]?: number } = { byte: 3, short: 5, int: 10, long: 19 };

/** The narrowest type that holds all integers and decimals of both sides; doubles widen integers to long. */
function exactType(types: readonly DataType[]): DataType {
  const held = types.filter((t) => !isFloating(t));
  const [first] = held;
  if (first && types.every((t) => sameType(t, first))) return first;
  if (!held.some(isDecimal)) return LONG;
  return held
    .map((t): DataType => (isDecimal(t) ? t : decimal(DIGITS[t.kind] ?? 19, 0)))
    .reduce((a, b) => mergeDataTypes(a, b));
}

const whole = (values: readonly Scalar[], type: DataType | undefined): Scalar =>
  coalesce(values.map((v) => (type ? converted(v, type) : v)));
const exactly = (values: readonly Scalar[], type: DataType): Scalar => coalesce(values.map((v) => exactValue(v, type)));
const inexact = (values: readonly Scalar[], type: DataType): Scalar =>
  coalesce(
    values.map((v) =>
      isFloating(v.type) ? caseWhen(isNull(exactValue(v, type)), converted(v, DOUBLE), nullOf(DOUBLE)) : nullOf(DOUBLE),
    ),
  );

/** The value in the type, null where that would change it: decided by the way back. */
function exactValue(value: Scalar, type: DataType): Scalar {
  if (sameType(value.type, type) || DIGITS[value.type.kind] !== undefined) return converted(value, type);
  const there = converted(value, type);
  return caseWhen(compare("=", converted(there, value.type), value), there, nullOf(type));
}

// without a path: what does not fit here is not a loss to be counted
const converted = (of: Scalar, type: DataType): Scalar =>
  sameType(of.type, type) ? of : Object.freeze({ kind: "cast", of, type, onError: "null" });

/**
 * Several families as one key: which of them it is, and a filler in the columns of the others, as null would match
 * nothing.
 */
function sideBySide(pairs: readonly KeyPair[]): readonly KeyPair[] {
  const tag = (side: 0 | 1): Scalar =>
    pairs.reduceRight<Scalar>(
      (rest, pair, i) => caseWhen(not(isNull(pair[side])), literal(String(i), STRING), rest),
      nullOf(STRING),
    );
  const filled = (value: Scalar): Scalar => coalesce([value, filler(value.type)]);
  return [[tag(0), tag(1)], ...pairs.map(([l, r]): KeyPair => [filled(l), filled(r)])];
}

/** Any value of the type. */
function filler(type: DataType): LiteralScalar {
  switch (type.kind) {
    case "boolean":
      return literal(false, type);
    case "string":
    case "enum":
    case "binary":
      return literal("", type);
    case "date":
      return literal("1970-01-01", type);
    case "timestamp":
    case "timestampntz":
      return literal("1970-01-01 00:00:00", type);
    default:
      return literal(type.kind === "decimal" ? "0" : 0, type);
  }
}
