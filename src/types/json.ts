/** Glue's type JSON, the form of `withSchema` and `StructType.jsonValue()` (aws-glue-libs, gluetypes.py). */
import {
  ATOMIC_KINDS,
  type AtomicKind,
  type DataType,
  type Field,
  type TypeProperties,
  assertNever,
  choice,
  UNKNOWN,
} from "./data-type.js";
import { DynaframeError } from "./error.js";

/** Deeper types than this are refused, as records are (TOO_DEEP). */
const MAX_DEPTH = 500;

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["bigint", "long"],
  ["integer", "int"],
  ["bool", "boolean"],
  ["tinyint", "byte"],
  ["smallint", "short"],
  ["text", "string"],
  ["varchar", "string"],
  ["list", "array"],
  ["object", "struct"],
  ["number", "double"],
]);

/**
 * Reads a type from its JSON form. `properties` may be missing, as may `elementType` and `valueType` (unknown),
 * `precision` and `scale` (10 and 2), `fields`, `choices` and `options` (none). Other keys are ignored.
 * @throws BAD_TYPE_JSON with the JSON path of the part that is wrong; TOO_DEEP past 500 levels.
 */
export function typeFromJson(json: unknown): DataType {
  return readType(json, "$", 0);
}

/** The complete JSON form: every part is written, keys in Glue's order; `typeFromJson` reads it back equal. */
export function typeToJson(type: DataType): Record<string, unknown> {
  const head = { dataType: type.kind, properties: { ...type.properties } };
  switch (type.kind) {
    case "decimal":
      return { ...head, precision: type.precision, scale: type.scale };
    case "array":
    case "set":
      return { ...head, elementType: typeToJson(type.element) };
    case "map":
      return { ...head, valueType: typeToJson(type.value) };
    case "enum":
      return { ...head, options: [...type.options] };
    case "choice":
      return { ...head, choices: type.choices.map(typeToJson) };
    case "struct":
      return { ...head, fields: type.fields.map(fieldToJson) };
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
      return head;
    default:
      return assertNever(type);
  }
}

function fieldToJson(f: Field): Record<string, unknown> {
  return { name: f.name, container: typeToJson(f.type), properties: { ...f.properties } };
}

type JsonObject = { readonly [key: string]: unknown };

function readType(json: unknown, path: string, depth: number): DataType {
  if (depth > MAX_DEPTH)
    throw new DynaframeError("TOO_DEEP", `the type is nested deeper than ${MAX_DEPTH} levels`, {
      path: path.slice(0, 200),
    });
  const object = readObject(json, path, "a type object");
  const properties = readProperties(object, path);
  const type = readBody(object, path, depth);
  return properties === undefined ? type : Object.freeze({ ...type, properties });
}

function readBody(object: JsonObject, path: string, depth: number): DataType {
  const name = object["dataType"];
  switch (name) {
    case "decimal":
      return readDecimal(object, path);
    case "array":
    case "set":
      return Object.freeze({ kind: name, element: readPart(object, "elementType", path, depth) });
    case "map":
      return Object.freeze({ kind: name, value: readPart(object, "valueType", path, depth) });
    case "enum":
      return Object.freeze({ kind: name, options: readOptions(object, path) });
    case "choice":
      return readChoice(object, path, depth);
    case "struct":
      return Object.freeze({ kind: name, fields: readFields(object, path, depth) });
    default:
      if (isAtomicKind(name)) return Object.freeze({ kind: name });
      throw unknownName(name, path);
  }
}

function unknownName(name: unknown, path: string): DynaframeError {
  const meant =
    typeof name === "string"
      ? (ALIASES.get(name.toLowerCase()) ?? (isTypeName(name.toLowerCase()) ? name.toLowerCase() : undefined))
      : undefined;
  return bad(
    `${path}.dataType`,
    "a type name of Glue, such as int, string or struct",
    name,
    meant === undefined ? undefined : `write "${meant}"`,
  );
}

function isAtomicKind(name: unknown): name is AtomicKind {
  return (ATOMIC_KINDS as readonly unknown[]).includes(name);
}

function isTypeName(name: string): boolean {
  return isAtomicKind(name) || ["decimal", "array", "set", "map", "enum", "choice", "struct"].includes(name);
}

function readDecimal(object: JsonObject, path: string): DataType {
  const precision = object["precision"] ?? 10;
  if (!isWhole(precision, 1, 38)) throw bad(`${path}.precision`, "a whole number from 1 to 38", precision);
  const scale = object["scale"] ?? Math.min(2, precision);
  if (!isWhole(scale, 0, precision))
    throw bad(`${path}.scale`, `a whole number from 0 to the precision, ${precision}`, scale);
  return Object.freeze({ kind: "decimal", precision, scale });
}

function isWhole(value: unknown, low: number, high: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= low && value <= high;
}

function readPart(object: JsonObject, key: string, path: string, depth: number): DataType {
  const part = object[key];
  return part === undefined || part === null ? UNKNOWN : readType(part, `${path}.${key}`, depth + 1);
}

function readOptions(object: JsonObject, path: string): readonly string[] {
  const options = readList(object, "options", path).map((option, i) => {
    if (typeof option !== "string") throw bad(`${path}.options[${i}]`, "a string", option);
    return option;
  });
  return Object.freeze(options);
}

function readChoice(object: JsonObject, path: string, depth: number): DataType {
  const members = readList(object, "choices", path).map((json, i) =>
    readType(json, `${path}.choices[${i}]`, depth + 1),
  );
  const seen = new Set<string>();
  members.forEach((member, i) => {
    const where = `${path}.choices[${i}].dataType`;
    if (member.kind === "choice") throw bad(where, "a type other than choice", "choice", "list its members directly");
    if (seen.has(member.kind))
      throw bad(where, "one member per type name", member.kind, "merge the two members into one");
    seen.add(member.kind);
  });
  return choice(members);
}

function readFields(object: JsonObject, path: string, depth: number): readonly Field[] {
  const seen = new Set<string>();
  const fields = readList(object, "fields", path).map((json, i): Field => {
    const where = `${path}.fields[${i}]`;
    const entry = readObject(json, where, "a field object");
    const name = entry["name"];
    if (typeof name !== "string") throw bad(`${where}.name`, "a string", name);
    if (seen.has(name)) throw bad(`${where}.name`, "a name used once in the struct", name);
    seen.add(name);
    const type = readType(entry["container"], `${where}.container`, depth + 1);
    const properties = readProperties(entry, where);
    return Object.freeze(properties === undefined ? { name, type } : { name, type, properties });
  });
  return Object.freeze(fields);
}

function readList(object: JsonObject, key: string, path: string): readonly unknown[] {
  const list = object[key] ?? [];
  if (!Array.isArray(list)) throw bad(`${path}.${key}`, "a list", list);
  return list;
}

// {} is the same as no properties, so that a type read back is equal to the one written
function readProperties(object: JsonObject, path: string): TypeProperties | undefined {
  const properties = object["properties"];
  if (properties === undefined || properties === null) return undefined;
  const entries = readObject(properties, `${path}.properties`, "an object");
  return Object.keys(entries).length === 0 ? undefined : Object.freeze({ ...entries });
}

function readObject(json: unknown, path: string, expected: string): JsonObject {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw bad(path, expected, json);
  return json as JsonObject;
}

function bad(path: string, expected: string, value: unknown, hint?: string): DynaframeError {
  const text = value === undefined ? "nothing" : safeJson(value);
  const found = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  const details = { path, expected, found };
  return new DynaframeError(
    "BAD_TYPE_JSON",
    `type JSON at ${path}: expected ${expected}, found ${found}`,
    hint === undefined ? details : { ...details, hint },
  );
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return typeof value;
  }
}
