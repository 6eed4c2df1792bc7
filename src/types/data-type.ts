/**
 * The types a record can carry. Plain frozen data; behaviour is in the sibling files.
 *
 * Names are AWS Glue's (`typeName` = class name without "Type", lower case). A struct's fields keep the
 * order in which they were first seen; a choice holds at most one member per type name, sorted by name.
 */

/** Types without parameters. */
export const ATOMIC_KINDS = [
  "binary",
  "boolean",
  "byte",
  "date",
  "double",
  "float",
  "int",
  "long",
  "null",
  "short",
  "string",
  "timestamp",
  "timestampntz",
  "unknown",
] as const;

/** The name of a type without parameters. */
export type AtomicKind = (typeof ATOMIC_KINDS)[number];

/** Free metadata of a type or field, as Glue's JSON form carries it. */
export type TypeProperties = { readonly [key: string]: unknown };

/** A type without parameters: `INT`, `STRING`, … are such. */
export type AtomicType = { readonly kind: AtomicKind; readonly properties?: TypeProperties };
/** `precision` 1–38 digits in all, `scale` 0–precision of them after the point. */
export type DecimalType = {
  readonly kind: "decimal";
  readonly precision: number;
  readonly scale: number;
  readonly properties?: TypeProperties;
};
/** A list; its element is `unknown` as long as none was seen. */
export type ArrayType = { readonly kind: "array"; readonly element: DataType; readonly properties?: TypeProperties };
/** Glue's set; its values are lists here. */
export type SetType = { readonly kind: "set"; readonly element: DataType; readonly properties?: TypeProperties };
/** Keys are always strings. */
export type MapType = { readonly kind: "map"; readonly value: DataType; readonly properties?: TypeProperties };
/** One of some texts. */
export type EnumType = {
  readonly kind: "enum";
  readonly options: readonly string[];
  readonly properties?: TypeProperties;
};
/** A field of a struct. */
export type Field = { readonly name: string; readonly type: DataType; readonly properties?: TypeProperties };
/** Fields in the order in which they were first seen. The type of a record is one. */
export type StructType = {
  readonly kind: "struct";
  readonly fields: readonly Field[];
  readonly properties?: TypeProperties;
};
/** Members sorted by type name; never nested in one another; at least two, except while being built. */
export type ChoiceType = {
  readonly kind: "choice";
  readonly choices: readonly DataType[];
  readonly properties?: TypeProperties;
};

/** The type of a path. */
export type DataType = AtomicType | DecimalType | ArrayType | SetType | MapType | EnumType | StructType | ChoiceType;

/** Every `kind`, which is also Glue's type name and the name of the arm in a choice. */
export type TypeName = DataType["kind"];

const atomic = (kind: AtomicKind): AtomicType => Object.freeze({ kind });

/** Bytes; Uint8Array in JavaScript. */
export const BINARY = atomic("binary");
/** True or false. */
export const BOOLEAN = atomic("boolean");
/** An integer of 8 bits. */
export const BYTE = atomic("byte");
/** A day; `DateValue` in JavaScript. */
export const DATE = atomic("date");
/** A floating point number of 64 bits. */
export const DOUBLE = atomic("double");
/** A floating point number of 32 bits. */
export const FLOAT = atomic("float");
/** An integer of 32 bits. */
export const INT = atomic("int");
/** An integer of 64 bits; in JavaScript a bigint where it is past 2^53. */
export const LONG = atomic("long");
/** A path at which only null was seen. */
export const NULL = atomic("null");
/** An integer of 16 bits. */
export const SHORT = atomic("short");
/** A text. */
export const STRING = atomic("string");
/** A point in time to the microsecond; `TimestampValue` in JavaScript. */
export const TIMESTAMP = atomic("timestamp");
/** A date and a time of day without a zone, to the microsecond. */
export const TIMESTAMPNTZ = atomic("timestampntz");
/** A path at which nothing was seen, such as the element of empty lists. */
export const UNKNOWN = atomic("unknown");

/** Glue's defaults: `DecimalType(precision=10, scale=2)`. */
export const decimal = (precision = 10, scale = 2): DecimalType => Object.freeze({ kind: "decimal", precision, scale });
/** The type of an integer past 64 bits. */
export const BIGINT = decimal(38, 0);
/** A list of that element, by default `unknown`. */
export const array = (element: DataType = UNKNOWN): ArrayType => Object.freeze({ kind: "array", element });
/** A set of that element, by default `unknown`. */
export const set = (element: DataType = UNKNOWN): SetType => Object.freeze({ kind: "set", element });
/** A map from texts to that value, by default `unknown`. */
export const map = (value: DataType = UNKNOWN): MapType => Object.freeze({ kind: "map", value });
/** An enum of those texts. */
export const enumOf = (options: readonly string[]): EnumType =>
  Object.freeze({ kind: "enum", options: Object.freeze([...options]) });
/** A field of that name and type. */
export const field = (name: string, type: DataType): Field => Object.freeze({ name, type });
/** A struct of those fields, in their order; by default none. */
export const struct = (fields: readonly Field[] = []): StructType =>
  Object.freeze({ kind: "struct", fields: Object.freeze([...fields]) });
/** `structOf({ a: INT })`: a struct from an object, in key order. */
export const structOf = (fields: Readonly<Record<string, DataType>>): StructType =>
  struct(Object.entries(fields).map(([name, type]) => field(name, type)));
/** A choice over members already distinct by name; use `mergeDataTypes` to build one from conflicting types. */
export const choice = (members: readonly DataType[]): ChoiceType =>
  Object.freeze({
    kind: "choice",
    choices: Object.freeze([...members].sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0))),
  });

/** The field of that exact name, or undefined. */
export const fieldOf = (type: StructType, name: string): Field | undefined => type.fields[fieldIndex(type, name)];

/** The position of the first field of that exact name, or -1. */
export function fieldIndex(type: StructType, name: string): number {
  if (type.fields.length < 16) return type.fields.findIndex((f) => f.name === name);
  const known = POSITIONS.get(type) ?? positions(type);
  POSITIONS.set(type, known);
  return known.get(name) ?? -1;
}

// Types never change, so neither do the positions; records of thousands of fields are asked once per field.
const POSITIONS = new WeakMap<StructType, ReadonlyMap<string, number>>();

function positions(type: StructType): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [i, { name }] of type.fields.entries()) if (!found.has(name)) found.set(name, i);
  return found;
}

/** The member of a choice with that type name, or undefined. */
export const armOf = (type: ChoiceType, name: TypeName): DataType | undefined =>
  type.choices.find((c) => c.kind === name);

/** Call in the default branch of a switch over a closed union: a new member does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
