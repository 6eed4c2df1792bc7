/** Puts parsed JSON into the arms form of a scan's type. */
import { assertNever, type ChoiceType, type DataType, type DecimalType } from "../../types/data-type.js";
import { fieldPath } from "../../types/path.js";
import { ArmValue, Decimal, setField, type Row, type Value } from "../../types/value.js";
import type { JsonNode } from "./read-json.js";

/** Hears of the path of a value that no arm of its type holds, and which therefore is null. */
export type OnMisfit = (path: string) => void;

/** The record as a row: an absent key stays an absent field, a key that the type does not name is left out. */
export function recordAs(node: Extract<JsonNode, { tag: "struct" }>, type: DataType, onMisfit: OnMisfit): Row {
  return objectAs(node, type, "", onMisfit) as Row;
}

/**
 * The node as a value of `type`, the merge of the files' ledgers, a projection of that, or what the caller says.
 * Numbers widen where the type has only a wider one, and are their text where it has none but string.
 */
function typedValue(node: JsonNode, type: DataType, path: string, onMisfit: OnMisfit): Value {
  if (node.tag === "null") return null;
  if (type.kind === "choice") return armValue(node, type, path, onMisfit);
  if (placed(node, type) === undefined) onMisfit(path);
  return memberValue(node, type, path, onMisfit);
}

/** Null where the type has no place for it. */
function memberValue(node: JsonNode, type: DataType, path: string, onMisfit: OnMisfit): Value {
  if (node.tag === "struct") return objectAs(node, type, path, onMisfit);
  if (node.tag !== "array") return placed(node, type) ?? null;
  if (type.kind !== "array" && type.kind !== "set") return null;
  return node.elements.map((element) => typedValue(element, type.element, `${path}[]`, onMisfit));
}

function objectAs(node: Extract<JsonNode, { tag: "struct" }>, type: DataType, path: string, onMisfit: OnMisfit): Value {
  if (type.kind === "map")
    return new Map(
      [...node.fields].map(([key, value]) => [key, typedValue(value, type.value, fieldPath(path, key), onMisfit)]),
    );
  if (type.kind !== "struct") return null;
  const row = {};
  for (const field of type.fields) {
    const child = node.fields.get(field.name);
    if (child) setField(row, field.name, typedValue(child, field.type, fieldPath(path, field.name), onMisfit));
  }
  return row;
}

function armValue(node: JsonNode, type: ChoiceType, path: string, onMisfit: OnMisfit): Value {
  for (const kind of PLACES[node.tag]) {
    const arm = type.choices.find((member) => member.kind === kind);
    if (arm && placed(node, arm) !== undefined) return new ArmValue(arm.kind, memberValue(node, arm, path, onMisfit));
  }
  onMisfit(path);
  return null;
}

/** The types that may hold a value of each kind, the best first. */
const PLACES: Readonly<Record<JsonNode["tag"], readonly DataType["kind"][]>> = Object.freeze({
  null: [],
  boolean: ["boolean"],
  string: ["string", "enum"],
  struct: ["struct", "map"],
  array: ["array", "set"],
  int: ["int", "short", "byte", "long", "decimal", "double", "float", "string"],
  long: ["long", "decimal", "double", "float", "string"],
  bigint: ["decimal", "double", "float", "string"],
  double: ["double", "float", "decimal", "string"],
});

/** The value in the type; undefined when it does not fit. Of lists and objects only whether they fit. */
function placed(node: JsonNode, type: DataType): Value {
  if (!PLACES[node.tag].includes(type.kind)) return undefined;
  switch (node.tag) {
    case "null":
    case "struct":
    case "array":
      return null;
    case "boolean":
    case "string":
      return node.value;
    case "int":
    case "long":
    case "bigint":
    case "double":
      return numberAs(node, type);
    default:
      return assertNever(node);
  }
}

type NumberNode = Extract<JsonNode, { readonly text: string }>;

function numberAs({ text, value }: NumberNode, type: DataType): Value {
  switch (type.kind) {
    case "byte":
      return Number(value) >= -128 && Number(value) <= 127 ? Number(value) : undefined;
    case "short":
      return Number(value) >= -32768 && Number(value) <= 32767 ? Number(value) : undefined;
    case "decimal":
      return exactDecimal(text, type);
    case "double":
      return Number(text);
    case "float":
      return Math.fround(Number(text));
    case "string":
      return text;
    default:
      return value;
  }
}

/** All digits of a number as JSON spells it; undefined when the type has no room for one of them. */
function exactDecimal(text: string, { precision, scale }: DecimalType): Decimal | undefined {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return new Decimal(0n, scale);
  const shift = Number(exponent) - fraction.length + (digits.length - significant.length) + scale;
  if (shift < 0 || significant.length + shift > precision) return undefined;
  return new Decimal(BigInt(`${sign}${significant}`) * 10n ** BigInt(shift), scale);
}
