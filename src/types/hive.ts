/**
 * Column types of the catalog: the type text of Hive, which Glue's `Columns[].Type` holds (docs/sources.md#catalog).
 */
import {
  type ChoiceType,
  type DataType,
  type Field,
  type StructType,
  assertNever,
  field,
  struct,
} from "./data-type.js";
import { mergeAll, mergeDataTypes } from "./merge.js";

export { parseHiveType, parseTypeName } from "./hive-parse.js";

export type HiveOptions = {
  /** Writes field names in lower case; fields whose names then clash are merged. */
  readonly lowerCase?: boolean;
};

const WIDTH: { readonly [kind in DataType["kind"]]?: number } = {
  byte: 1,
  short: 2,
  int: 3,
  long: 4,
  float: 5,
  double: 6,
};

/**
 * The Hive type of a frame type. What Hive lacks is widened: a choice of whole numbers to the widest, of numbers to
 * double, of anything else to string; null and unknown to string; enum to string, set to array, both timestamps to
 * timestamp. Field names stay as they are, in backticks only if they hold a character of the grammar
 * (`` : , < > ( ) ` ``) or outer blanks.
 */
export function hiveType(type: DataType, options: HiveOptions = {}): string {
  return print(options.lowerCase === true ? lowerCaseNames(type) : type);
}

function print(type: DataType): string {
  switch (type.kind) {
    case "byte":
      return "tinyint";
    case "short":
      return "smallint";
    case "long":
      return "bigint";
    case "decimal":
      return `decimal(${type.precision},${type.scale})`;
    case "null":
    case "unknown":
    case "enum":
      return "string";
    case "timestampntz":
      return "timestamp";
    case "array":
    case "set":
      return `array<${print(type.element)}>`;
    case "map":
      return `map<string,${print(type.value)}>`;
    case "struct":
      return `struct<${type.fields.map((f) => `${printName(f.name)}:${print(f.type)}`).join(",")}>`;
    case "choice":
      return printChoice(type);
    case "binary":
    case "boolean":
    case "date":
    case "double":
    case "float":
    case "int":
    case "string":
    case "timestamp":
      return type.kind;
    default:
      return assertNever(type);
  }
}

function printChoice(type: ChoiceType): string {
  const members = type.choices.filter((member) => member.kind !== "null" && member.kind !== "unknown");
  const [first] = members;
  if (first === undefined) return "string";
  if (members.every((member) => WIDTH[member.kind] !== undefined)) return print(widest(members));
  if (members.every((member) => member.kind === "array" || member.kind === "set")) {
    return print({
      kind: "array",
      element: mergeAll(members.map((member) => ("element" in member ? member.element : member))),
    });
  }
  const texts = new Set(members.map(print));
  return texts.size === 1 ? print(first) : "string";
}

// float holds no int exactly, so a float beside a wider integer than short makes a double
function widest(members: readonly DataType[]): DataType {
  const kinds = new Set(members.map((member) => member.kind));
  if (kinds.has("double") || (kinds.has("float") && kinds.size > 1)) return { kind: "double" };
  return members.reduce((a, b) => ((WIDTH[b.kind] ?? 0) > (WIDTH[a.kind] ?? 0) ? b : a));
}

function printName(name: string): string {
  return name === "" || /[:,<>()`]|^\s|\s$/.test(name) ? `\`${name.replaceAll("`", "``")}\`` : name;
}

/** The type with all field names in lower case, at every level; fields that clash are merged where the first stood. */
function lowerCaseNames(type: DataType): DataType {
  switch (type.kind) {
    case "struct":
      return lowerCaseFields(type);
    case "array":
    case "set":
      return Object.freeze({ ...type, element: lowerCaseNames(type.element) });
    case "map":
      return Object.freeze({ ...type, value: lowerCaseNames(type.value) });
    case "choice":
      return Object.freeze({ ...type, choices: Object.freeze(type.choices.map(lowerCaseNames)) });
    default:
      return type;
  }
}

/** The same for a whole record: the columns of its catalog table. */
export function lowerCaseFields(type: StructType): StructType {
  const fields = new Map<string, Field>();
  for (const f of type.fields) {
    const name = f.name.toLowerCase();
    const folded = lowerCaseNames(f.type);
    const known = fields.get(name);
    fields.set(name, field(name, known === undefined ? folded : mergeDataTypes(known.type, folded)));
  }
  return struct([...fields.values()]);
}
