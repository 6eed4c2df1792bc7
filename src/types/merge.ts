/** The merge lattice of types: Glue's `mergeDataTypes` (aws-glue-libs, gluetypes.py), made total. */
import {
  type DataType,
  type DecimalType,
  type Field,
  type StructType,
  type TypeName,
  type TypeProperties,
  assertNever,
  choice,
} from "./data-type.js";

/** Digits a decimal can hold, as in Hive, Spark and DuckDB. */
const MAX_PRECISION = 38;

/**
 * The least type that holds every value of `a` and of `b`.
 *
 * null and unknown give way to anything (null wins over unknown). Differing type names make a choice; a choice takes a
 * type into its member of that name. Structs merge field by field, left order first; arrays and sets by element, maps
 * by value; enums concatenate without repeats; decimals keep the most integer digits and the most scale, the scale
 * giving way past 38 digits. Of clashing properties the left ones stay.
 *
 * Associative, idempotent, and commutative up to the order of fields and enum options and to properties.
 */
export function mergeDataTypes(a: DataType, b: DataType): DataType {
  if (isEmpty(a)) return b.kind === "unknown" ? a : b;
  if (isEmpty(b)) return a;
  if (a.kind === "choice" || b.kind === "choice" || a.kind !== b.kind) return mergeIntoChoice(a, b);
  return withProperties(mergeSameKind(a, b), a.properties, b.properties);
}

/** The merge of any number of types; `unknown` when there is none. */
export function mergeAll(types: Iterable<DataType>): DataType {
  let merged: DataType = { kind: "unknown" };
  for (const type of types) merged = mergeDataTypes(merged, type);
  return merged;
}

function isEmpty(type: DataType): boolean {
  return type.kind === "null" || type.kind === "unknown";
}

function mergeIntoChoice(a: DataType, b: DataType): DataType {
  const members = new Map<TypeName, DataType>();
  for (const member of [...membersOf(a), ...membersOf(b)]) {
    const known = members.get(member.kind);
    members.set(member.kind, known === undefined ? member : mergeDataTypes(known, member));
  }
  const [only, ...rest] = members.values();
  if (only !== undefined && rest.length === 0) return only;
  return withProperties(choice([...members.values()]), choiceProperties(a), choiceProperties(b));
}

// A choice built by hand may nest another or list null; neither is an arm.
function membersOf(type: DataType): readonly DataType[] {
  if (isEmpty(type)) return [];
  return type.kind === "choice" ? type.choices.flatMap(membersOf) : [type];
}

function choiceProperties(type: DataType): TypeProperties | undefined {
  return type.kind === "choice" ? type.properties : undefined;
}

function mergeSameKind(a: DataType, b: DataType): DataType {
  switch (a.kind) {
    case "struct":
      return b.kind === "struct" ? mergeStructs(a, b) : a;
    case "array":
    case "set":
      return b.kind === a.kind ? { kind: a.kind, element: mergeDataTypes(a.element, b.element) } : a;
    case "map":
      return b.kind === "map" ? { kind: "map", value: mergeDataTypes(a.value, b.value) } : a;
    case "enum":
      return b.kind === "enum"
        ? { kind: "enum", options: Object.freeze([...new Set([...a.options, ...b.options])]) }
        : a;
    case "decimal":
      return b.kind === "decimal" ? mergeDecimals(a, b) : a;
    case "choice":
      return mergeIntoChoice(a, b);
    case "binary":
    case "boolean":
    case "byte":
    case "date":
    case "double":
    case "float":
    case "int":
    case "long":
    case "null":
    case "short":
    case "string":
    case "timestamp":
    case "timestampntz":
    case "unknown":
      return { kind: a.kind };
    default:
      return assertNever(a);
  }
}

function mergeDecimals(a: DecimalType, b: DecimalType): DecimalType {
  const integerDigits = Math.max(a.precision - a.scale, b.precision - b.scale);
  const scale = Math.min(Math.max(a.scale, b.scale), MAX_PRECISION - integerDigits);
  return { kind: "decimal", precision: integerDigits + scale, scale };
}

function mergeStructs(a: StructType, b: StructType): StructType {
  const fields = new Map<string, Field>(a.fields.map((f) => [f.name, f]));
  for (const right of b.fields) {
    const left = fields.get(right.name);
    fields.set(right.name, left === undefined ? right : mergeFields(left, right));
  }
  return { kind: "struct", fields: Object.freeze([...fields.values()]) };
}

function mergeFields(left: Field, right: Field): Field {
  return withProperties(
    { name: left.name, type: mergeDataTypes(left.type, right.type) },
    left.properties,
    right.properties,
  );
}

function withProperties<T extends object>(
  target: T,
  left: TypeProperties | undefined,
  right: TypeProperties | undefined,
): T {
  if (left === undefined && right === undefined) return Object.freeze(target);
  return Object.freeze({ ...target, properties: Object.freeze({ ...right, ...left }) });
}
