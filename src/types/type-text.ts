/** Types in one line, for reports. */
import { type DataType, assertNever } from "./data-type.js";
import { fieldStep, printPath } from "./path.js";

/**
 * `choice{int,string}`, `array<struct{a,b}>`, `decimal(10,2)`: the shape at a glance; a struct shows its field names
 * only.
 */
export function typeText(type: DataType): string {
  return text(type, (fields) => fields.map((f) => printPath([fieldStep(f.name)])).join(","));
}

/** The same with the types of all fields: `struct{a:int,b:choice{int,string}}`. Equal texts mean equal types. */
export function fullTypeText(type: DataType): string {
  return text(
    type,
    (fields) => fields.map((f) => `${JSON.stringify(f.name)}:${fullTypeText(f.type)}`).join(","),
    fullTypeText,
  );
}

type Fields = Extract<DataType, { kind: "struct" }>["fields"];

function text(type: DataType, fields: (list: Fields) => string, inner: (type: DataType) => string = typeText): string {
  switch (type.kind) {
    case "decimal":
      return `decimal(${type.precision},${type.scale})`;
    case "array":
    case "set":
      return `${type.kind}<${inner(type.element)}>`;
    case "map":
      return `map<string,${inner(type.value)}>`;
    case "enum":
      return `enum{${type.options.map((option) => JSON.stringify(option)).join(",")}}`;
    case "struct":
      return `struct{${fields(type.fields)}}`;
    case "choice":
      return `choice{${type.choices.map(inner).join(",")}}`;
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
      return type.kind;
    default:
      return assertNever(type);
  }
}
