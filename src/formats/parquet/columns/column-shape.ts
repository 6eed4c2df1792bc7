/**
 * How the columns of a file hold records of a type: where each place has its levels, and whether it can be read here.
 */
import { assertNever, type DataType, type StructType } from "../../../types/data-type.js";
import { physicalNames } from "../../../types/physical.js";
import type { Width } from "./chunk-values.js";
import type { SchemaPart } from "./file-layout.js";
import type { Levels } from "./pages.js";

/** What entries of a column belong to a place: those that repeat no deeper, of lists that have an element. */
export type Entered = { readonly repetition: number; readonly element: number };

/** `present`: the definition level from which on there is a value. */
type Place = Entered & { readonly present: number };
/** `leaf`: the number of the column. A place of the kind "none" never has a value, whatever is in its column. */
export type Leaf = Place & {
  readonly leaf: number;
  readonly type: DataType;
  readonly width: Width;
  readonly levels: Levels;
} & ({ readonly kind: "leaf" } | { readonly kind: "none" });
export type List = Place & { readonly kind: "list"; readonly part: Shape };
export type Shape = Leaf | List | (Place & { readonly kind: "struct" | "choice"; readonly parts: readonly Shape[] });

/** The place of each field; undefined where a column is not as `type` has it, or has values that are not read here. */
export function recordShapes(type: StructType, columns: readonly SchemaPart[]): readonly Shape[] | undefined {
  return all(partsOf(type, columns, { definition: 0, repetition: 0 }, { repetition: 0, element: 0 }));
}

function shapeOf(type: DataType, part: SchemaPart, above: Levels, entered: Entered): Shape | undefined {
  if (part.repetition === "repeated") return undefined;
  const levels: Levels = {
    definition: above.definition + (part.repetition === "optional" ? 1 : 0),
    repetition: above.repetition,
  };
  const place = { ...entered, present: levels.definition };
  if (part.physical !== undefined) {
    const leaf = { ...place, leaf: part.firstLeaf, type, levels };
    if (type.kind === "null" || type.kind === "unknown") return { kind: "none", ...leaf, width: 0 };
    const width = widthOf(type, part);
    return width === undefined ? undefined : { kind: "leaf", ...leaf, width };
  }
  switch (type.kind) {
    case "struct": {
      const parts = type.fields.length === 0 ? undefined : all(partsOf(type, part.children, levels, entered));
      return parts && { kind: "struct", ...place, parts };
    }
    case "choice": {
      const { choices } = type;
      const { children } = part;
      const arms =
        choices.length === children.length
          ? all(
              choices.map((member, k) => {
                const arm = children[k];
                return arm?.name === member.kind ? shapeOf(member, arm, levels, entered) : undefined;
              }),
            )
          : undefined;
      return arms && { kind: "choice", ...place, parts: arms };
    }
    case "array":
    case "set":
      return listShape(type.element, part, levels, place);
    default:
      return undefined;
  }
}

/** A group with a repeated group, which has the element and nothing else. Other forms of lists are not read here. */
function listShape(type: DataType, part: SchemaPart, levels: Levels, place: Place): Shape | undefined {
  const [repeated, ...others] = part.children;
  const element = repeated?.children[0];
  if (
    repeated?.repetition !== "repeated"
    || element === undefined
    || others.length > 0
    || repeated.children.length !== 1
  )
    return undefined;
  if (repeated.name === "array" || repeated.name === `${part.name}_tuple`) return undefined;
  const inside: Levels = { definition: levels.definition + 1, repetition: levels.repetition + 1 };
  const own = shapeOf(type, element, inside, { repetition: inside.repetition, element: inside.definition });
  return own && { kind: "list", ...place, part: own };
}

function partsOf(
  type: StructType,
  columns: readonly SchemaPart[],
  levels: Levels,
  entered: Entered,
): readonly (Shape | undefined)[] {
  const names = physicalNames(type);
  if (columns.length !== names.length) return [undefined];
  return type.fields.map((f, i) => {
    const column = columns[i];
    return column !== undefined && column.name === names[i] ? shapeOf(f.type, column, levels, entered) : undefined;
  });
}

function all<T>(parts: readonly (T | undefined)[]): readonly T[] | undefined {
  const found = parts.filter((part) => part !== undefined);
  return found.length === parts.length ? found : undefined;
}

const [BOOLEAN, INT32, INT64, FLOAT, DOUBLE, BYTE_ARRAY, FIXED] = [0, 1, 2, 4, 5, 6, 7];
const TIMESTAMP_MICROS = 10;
const MICROS = 2;

/** Undefined for what has to be converted first. */
function widthOf(type: DataType, { physical, typeLength, converted, timeUnit }: SchemaPart): Width | undefined {
  switch (type.kind) {
    case "boolean":
      return physical === BOOLEAN ? "bits" : undefined;
    case "byte":
    case "short":
    case "int":
    case "date":
      return physical === INT32 ? 4 : undefined;
    case "long":
      return physical === INT64 ? 8 : undefined;
    case "float":
      return physical === FLOAT ? 4 : undefined;
    case "double":
      return physical === DOUBLE ? 8 : undefined;
    case "string":
    case "enum":
    case "binary":
      return physical === BYTE_ARRAY ? "texts" : undefined;
    case "timestamp":
    case "timestampntz":
      return physical === INT64 && (timeUnit === undefined ? converted === TIMESTAMP_MICROS : timeUnit === MICROS)
        ? 8
        : undefined;
    case "decimal":
      return physical === INT32
        ? 4
        : physical === INT64
          ? 8
          : physical === FIXED && typeLength > 0 && typeLength <= 16 && typeLength !== 4 && typeLength !== 8
            ? typeLength
            : undefined;
    case "array":
    case "set":
    case "map":
    case "struct":
    case "choice":
    case "null":
    case "unknown":
      return undefined;
    default:
      return assertNever(type);
  }
}
