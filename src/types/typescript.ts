/** Types as TypeScript declarations: what a script sees of a record. */
import { type DataType, type StructType, assertNever } from "./data-type.js";

/**
 * `export type Name = …;` for a frame's record type, or the bare type expression without a name. Every field is
 * optional and may be null, since records differ; a choice is a union; long is `number | bigint`; decimals, dates and
 * timestamps are the classes `Decimal`, `DateValue`, `TimestampValue` of dynaframe. Keys that are no identifiers are
 * quoted. Two-space indents, no final newline.
 */
export function typescriptType(type: DataType, name?: string): string {
  const expression = print(type, "");
  return name === undefined ? expression : `export type ${identifier(name)} = ${expression};`;
}

function print(type: DataType, indent: string): string {
  switch (type.kind) {
    case "boolean":
      return "boolean";
    case "byte":
    case "short":
    case "int":
    case "float":
    case "double":
      return "number";
    case "long":
      return "number | bigint";
    case "string":
      return "string";
    case "enum":
      return type.options.length === 0 ? "never" : unionOf(type.options.map((option) => JSON.stringify(option)));
    case "decimal":
      return "Decimal";
    case "date":
      return "DateValue";
    case "timestamp":
    case "timestampntz":
      return "TimestampValue";
    case "binary":
      return "Uint8Array";
    case "null":
      return "null";
    case "unknown":
      return "unknown";
    case "array":
    case "set":
      return listOf(type.element, indent);
    case "map":
      return `Map<string, ${nullable(type.value, indent)}>`;
    case "struct":
      return printStruct(type, indent);
    case "choice":
      return type.choices.length === 0 ? "unknown" : unionOf(type.choices.flatMap((member) => parts(member, indent)));
    default:
      return assertNever(type);
  }
}

function listOf(element: DataType, indent: string): string {
  const inner = nullable(element, indent);
  return inner === "unknown" || inner === "null" ? `${inner}[]` : `(${inner})[]`;
}

function nullable(type: DataType, indent: string): string {
  return type.kind === "unknown" ? "unknown" : unionOf([...parts(type, indent), "null"]);
}

// the members of a type that is itself a union, so that a union of unions names each once
function parts(type: DataType, indent: string): string[] {
  if (type.kind === "long") return ["number", "bigint"];
  if (type.kind === "choice" && type.choices.length > 0) return type.choices.flatMap((member) => parts(member, indent));
  if (type.kind === "enum" && type.options.length > 0) return type.options.map((option) => JSON.stringify(option));
  return [print(type, indent)];
}

function unionOf(members: readonly string[]): string {
  return [...new Set(members)].join(" | ");
}

function printStruct(type: StructType, indent: string): string {
  if (type.fields.length === 0) return "Record<string, never>";
  const deeper = `${indent}  `;
  const lines = type.fields.map((f) => `${deeper}${key(f.name)}?: ${nullable(f.type, deeper)};`);
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/** Made when used: decision 0192. */
const unicode = (pattern: string): RegExp => new RegExp(pattern, "u");

function key(name: string): string {
  return unicode(String.raw`^[\p{ID_Start}_$][\p{ID_Continue}$\u200c\u200d]*$`).test(name)
    ? name
    : JSON.stringify(name).replace(/[\u2028\u2029]/g, escapeUnit);
}

function escapeUnit(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const RESERVED = new Set([
  "any",
  "as",
  "bigint",
  "boolean",
  "break",
  "case",
  "catch",
  "class",
  "const",
  "continue",
  "debugger",
  "default",
  "delete",
  "do",
  "else",
  "enum",
  "export",
  "extends",
  "false",
  "finally",
  "for",
  "function",
  "if",
  "import",
  "in",
  "instanceof",
  "never",
  "new",
  "null",
  "number",
  "object",
  "return",
  "string",
  "super",
  "switch",
  "symbol",
  "this",
  "throw",
  "true",
  "try",
  "type",
  "typeof",
  "undefined",
  "unknown",
  "var",
  "void",
  "while",
  "with",
  "yield",
  "let",
  "static",
  "implements",
  "interface",
  "package",
  "private",
  "protected",
  "public",
  "await",
  "Decimal",
  "DateValue",
  "TimestampValue",
  "Map",
  "Record",
  "Uint8Array",
]);

/** A type's name out of any table name: `shop.order-items` becomes `ShopOrderItems`. */
function identifier(name: string): string {
  const words = name.split(unicode(String.raw`[^\p{ID_Continue}$]+`)).filter((word) => word !== "");
  const isOneName = words.length === 1 && words[0] === name;
  const joined = isOneName ? name : words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return !unicode(String.raw`^[\p{ID_Start}_$]`).test(joined) || RESERVED.has(joined) ? `_${joined}` : joined;
}
