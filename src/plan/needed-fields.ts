/** Which fields of the records of its scans a plan reads: what it does not read need not be staged. Pure. */
import { fieldOf, struct, type DataType, type StructType } from "../types/data-type.js";
import { typeToJson } from "../types/json.js";
import { physicalNames } from "../types/physical.js";
import { inputsOf, scalarsOf } from "./ir/walk.js";
import type { Relation, ScanRelation } from "./ir/relation.js";
import type { Scalar } from "./ir/scalar.js";

/** Of a value: all of it, or only these fields of a struct; with none of them, no more than whether it is null. */
export type Need = "all" | ReadonlyMap<string, Need>;

/** Whether there is a row, and nothing of it. */
export const ROWS_ONLY: Need = new Map<string, Need>();

/**
 * The scans of records under the plan, each with what of them is read if `need` is read of the plan's rows. What is
 * kept already is not looked into.
 */
export function neededFields(root: Relation, need: Need = "all"): ReadonlyMap<ScanRelation, StructType> {
  const needs = new Map<Relation, Need>();
  const visit = (node: Relation, asked: Need): void => {
    const known = needs.get(node);
    const sum = known === undefined ? asked : merged(known, asked);
    if (known !== undefined && sum === known) return;
    needs.set(node, sum);
    if (node.kind === "materialize") return;
    for (const input of inputsOf(node)) visit(input, ofInput(node, sum));
  };
  visit(root, need);
  return new Map(
    [...needs].flatMap(([node, asked]) =>
      node.kind === "scan" && node.domain === undefined ? [[node, narrowed(node.type, asked)]] : [],
    ),
  );
}

/**
 * What a step reads of its input's rows, of whose own rows `need` is read. Steps that go by position, or hand whole
 * records on, read all.
 */
function ofInput(node: Relation, need: Need): Need {
  switch (node.kind) {
    case "project":
      return neededBy(node.fields.map(({ value }) => value));
    case "filter":
      return merged(need, neededBy([node.predicate]));
    case "sort":
      return merged(need, neededBy(node.by.map(({ value }) => value)));
    case "limit":
    case "repartition":
      return need;
    case "unnest":
      return merged(neededBy([node.list]), new Map(node.keep.map((name) => [name, "all"])));
    case "aggregate":
      return neededBy([...node.keys.map(({ value }) => value), ...node.aggregates.flatMap(({ of }) => of ?? [])]);
    default:
      return "all";
  }
}

function neededBy(scalars: readonly Scalar[]): Need {
  let need: Need = ROWS_ONLY;
  const visit = (scalar: Scalar, asked: Need): void => {
    switch (scalar.kind) {
      case "input":
        need = merged(need, asked);
        return;
      case "field":
        visit(scalar.of, new Map([[scalar.name, asked]]));
        return;
      case "present":
        visit(scalar.of, new Map([[scalar.name, presenceIn(scalar.of.type, scalar.name)]]));
        return;
      case "is-null":
        visit(scalar.of, presenceOf(scalar.of.type));
        return;
      default:
        for (const child of scalarsOf(scalar)) visit(child, "all");
    }
  };
  for (const scalar of scalars) visit(scalar, "all");
  return need;
}

const presenceOf = (type: DataType): Need => (type.kind === "struct" ? ROWS_ONLY : "all");
const presenceIn = (type: DataType, name: string): Need =>
  presenceOf((type.kind === "struct" ? fieldOf(type, name)?.type : undefined) ?? type);

/** The first, the same object, where it holds the second. */
function merged(a: Need, b: Need): Need {
  if (a === "all" || a === b) return a;
  if (b === "all") return b;
  let sum: Map<string, Need> | undefined;
  for (const [name, need] of b) {
    const known = a.get(name);
    const both = known === undefined ? need : merged(known, need);
    if (both !== known) (sum ??= new Map(a)).set(name, both);
  }
  return sum ?? a;
}

/**
 * The type with the needed fields only. Names that engines spell otherwise depend on those beside them: structs that
 * have such keep all.
 */
function narrowed(type: StructType, need: Need): StructType {
  if (need === "all") return type;
  const names = physicalNames(type);
  const spelled = type.fields.some(({ name }, i) => name !== names[i]);
  return struct(
    type.fields.flatMap((field) => {
      const asked = spelled ? "all" : need.get(field.name);
      return asked === undefined
        ? []
        : [field.type.kind === "struct" ? { ...field, type: narrowed(field.type, asked) } : field];
    }),
  );
}

/** Whether records of both types have the same values under the same names, as engines spell them. */
export const sameRecords = (a: StructType, b: StructType): boolean =>
  JSON.stringify(typeToJson(a)) === JSON.stringify(typeToJson(b))
  || (holdsType(a, b) && holdsType(b, a) && spelledPlainly(a) && spelledPlainly(b));

/** Whether no name of a field depends on those beside it. */
function spelledPlainly(type: DataType): boolean {
  switch (type.kind) {
    case "struct":
      return (
        physicalNames(type).every((name, i) => name === type.fields[i]?.name)
        && type.fields.every((f) => spelledPlainly(f.type))
      );
    case "choice":
      return type.choices.every(spelledPlainly);
    case "array":
    case "set":
      return spelledPlainly(type.element);
    case "map":
      return spelledPlainly(type.value);
    default:
      return true;
  }
}

/** Whether a value of the first type has in it all that one of the second has. */
export function holdsType(outer: DataType, inner: DataType): boolean {
  if (outer === inner) return true;
  if (outer.kind === "choice")
    return (inner.kind === "choice" ? inner.choices : [inner]).every((arm) =>
      outer.choices.some((own) => own.kind === arm.kind && holdsType(own, arm)),
    );
  switch (inner.kind) {
    case "struct":
      return (
        outer.kind === "struct"
        && inner.fields.every((f) => {
          const own = fieldOf(outer, f.name);
          return own !== undefined && holdsType(own.type, f.type);
        })
      );
    case "array":
    case "set":
      return outer.kind === inner.kind && holdsType(outer.element, inner.element);
    case "map":
      return outer.kind === "map" && holdsType(outer.value, inner.value);
    case "decimal":
      return outer.kind === "decimal" && outer.precision === inner.precision && outer.scale === inner.scale;
    case "enum":
    case "choice":
      return false;
    case "null":
    case "unknown":
      return true;
    default:
      return outer.kind === inner.kind;
  }
}
