/** Types apart from the order in which fields came. */
import { type DataType, type StructType, assertNever } from "./data-type.js";

/**
 * The type with the fields of each struct by name (code units), so that it is the same for records that name them in
 * another order.
 */
export function fieldsByName(type: StructType): StructType {
  const fields = type.fields.map((field) => Object.freeze({ ...field, type: inside(field.type) }));
  return Object.freeze({ ...type, fields: Object.freeze(fields.sort((a, b) => (a.name < b.name ? -1 : 1))) });
}

function inside(type: DataType): DataType {
  switch (type.kind) {
    case "struct":
      return fieldsByName(type);
    case "array":
    case "set":
      return Object.freeze({ ...type, element: inside(type.element) });
    case "map":
      return Object.freeze({ ...type, value: inside(type.value) });
    case "choice":
      return Object.freeze({ ...type, choices: Object.freeze(type.choices.map(inside)) });
    case "binary":
    case "boolean":
    case "byte":
    case "date":
    case "decimal":
    case "double":
    case "enum":
    case "float":
    case "int":
    case "long":
    case "null":
    case "short":
    case "string":
    case "timestamp":
    case "timestampntz":
    case "unknown":
      return type;
    default:
      return assertNever(type);
  }
}
