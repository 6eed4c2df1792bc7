/** Equality of types. */
import { type DataType, assertNever } from "./data-type.js";

/** Structural equality; the order of fields counts, properties do not. */
export function sameType(a: DataType, b: DataType): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case "decimal":
      return b.kind === "decimal" && a.precision === b.precision && a.scale === b.scale;
    case "array":
    case "set":
      return b.kind === a.kind && sameType(a.element, b.element);
    case "map":
      return b.kind === "map" && sameType(a.value, b.value);
    case "enum":
      return b.kind === "enum" && pairwise(a.options, b.options, (x, y) => x === y);
    case "struct":
      return (
        b.kind === "struct" && pairwise(a.fields, b.fields, (x, y) => x.name === y.name && sameType(x.type, y.type))
      );
    case "choice":
      return b.kind === "choice" && pairwise(a.choices, b.choices, sameType);
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
      return a.kind === b.kind;
    default:
      return assertNever(a);
  }
}

function pairwise<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return (
    a.length === b.length
    && a.every((x, i) => {
      const y = b[i];
      return y !== undefined && same(x, y);
    })
  );
}
