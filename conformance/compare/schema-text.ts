/** Comparison of schemas: the printed tree and the type JSON. Members of a choice never have an order. */
import { isList, isObject, member, type Json, type JsonObject } from "../case.js";
import { brief, strictlySame, type Mismatch } from "./values.js";

type Line = { readonly text: string; readonly children: Line[] };
type FieldOrder = "ignore" | "exact";

/** The trees are equal; with `ignore`, up to the order of fields at every level. A final newline does not count. */
export function compareSchemaText(actual: string, expected: string, fieldOrder: FieldOrder): Mismatch {
  const [a, e] = [actual, expected].map((text) => canonicalTree(text.replace(/\n$/, ""), fieldOrder));
  return a === e ? undefined : `expected\n${expected}\nfound\n${actual.replace(/\n$/, "")}`;
}

/** Equal text = equal tree. A text that is no tree stands for itself. */
function canonicalTree(text: string, fieldOrder: FieldOrder): string {
  const root = parseTree(text);
  return root ? canonicalLine(root, fieldOrder) : text;
}

function parseTree(text: string): Line | undefined {
  const [first, ...rest] = text.split("\n");
  const root: Line = { text: first ?? "", children: [] };
  const open: Line[] = [root];
  for (const row of rest) {
    const parts = /^((?:\|    )*)\|-- (.+)$/.exec(row);
    const depth = (parts?.[1]?.length ?? 0) / 5;
    const parent = open[depth];
    if (!parts || !parent) return undefined;
    const line: Line = { text: parts[2] ?? "", children: [] };
    parent.children.push(line);
    open.splice(depth + 1, open.length, line);
  }
  return root;
}

function canonicalLine(line: Line, fieldOrder: FieldOrder): string {
  const children = line.children.map((child) => canonicalLine(child, fieldOrder));
  if (fieldOrder === "ignore" || /: choice$/.test(line.text)) children.sort();
  return JSON.stringify([line.text, children]);
}

/** Type JSON to the letter, but for the order of choices and, with `ignore`, of fields. */
export function compareTypes(actual: Json, expected: Json, fieldOrder: FieldOrder): Mismatch {
  if (strictlySame(canonicalType(actual, fieldOrder), canonicalType(expected, fieldOrder))) return undefined;
  return `type: expected ${brief(expected)}, found ${brief(actual)}`;
}

/** The type JSON with `properties` wherever it may be missing. */
export function withProperties(type: Json): Json {
  if (isList(type)) return type.map(withProperties);
  if (!isObject(type)) return type;
  const complete = Object.fromEntries(
    Object.entries(type).map(([key, value]) => [key, key === "properties" ? value : withProperties(value)]),
  );
  const isTypeOrField = "dataType" in type || "container" in type;
  return isTypeOrField && !("properties" in type) ? { ...complete, properties: {} } : complete;
}

function canonicalType(type: Json, fieldOrder: FieldOrder): Json {
  if (!isObject(type)) return type;
  const parts = Object.entries(type).map(([key, value]): [string, Json] => {
    if (key === "choices" && isList(value)) return [key, sorted(value.map((t) => canonicalType(t, fieldOrder)))];
    if (key === "fields" && isList(value)) {
      const fields = value.map((field) => canonicalType(field, fieldOrder));
      return [key, fieldOrder === "ignore" ? sorted(fields) : fields];
    }
    return [key, ["elementType", "valueType", "container"].includes(key) ? canonicalType(value, fieldOrder) : value];
  });
  return Object.fromEntries(parts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const sorted = (items: readonly Json[]): readonly Json[] =>
  [...items].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
const sortKey = (item: Json): string =>
  isObject(item) ? JSON.stringify([member(item as JsonObject, "name") ?? "", item]) : JSON.stringify(item);
