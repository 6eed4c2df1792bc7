/** The schema tree as Glue prints it. */
import { type DataType, type StructType, assertNever } from "./data-type.js";

const INDENT = "|    ";

/**
 * Glue's `schema().treeString()`: `root`, then `|-- name: type` per field, levels indented by `|    `, ending in a
 * newline. Names stand unquoted. A choice lists the names of its members alphabetically and nothing of their inside; a
 * decimal prints without precision; a map has the children `keyType` and `valueType`.
 */
export function schemaTree(type: StructType): string {
  const lines = ["root"];
  for (const f of type.fields) pushNode(lines, "", f.name, f.type);
  return `${lines.join("\n")}\n`;
}

function pushNode(lines: string[], indent: string, label: string, type: DataType): void {
  lines.push(`${indent}|-- ${label}: ${type.kind}`);
  pushChildren(lines, indent + INDENT, type);
}

function pushChildren(lines: string[], indent: string, type: DataType): void {
  switch (type.kind) {
    case "struct":
      for (const f of type.fields) pushNode(lines, indent, f.name, f.type);
      return;
    case "array":
    case "set":
      pushNode(lines, indent, "element", type.element);
      return;
    case "map":
      lines.push(`${indent}|-- keyType: string`);
      pushNode(lines, indent, "valueType", type.value);
      return;
    case "choice":
      for (const name of type.choices.map((member) => member.kind).sort()) lines.push(`${indent}|-- ${name}`);
      return;
    case "decimal":
    case "enum":
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
      return;
    default:
      assertNever(type);
  }
}
