/** Puts a source's value into the arms form of a type (docs/decisions/0003, "Which arm takes a value"). */
import { fitDecimal, fitInteger } from "../../types/cast-number.js";
import { type ChoiceType, type DataType, type DecimalType, type StructType, type TypeName } from "../../types/data-type.js";
import { ArmValue, Decimal, setField, type Row, type Value } from "../../types/value.js";
import type { Tag } from "../ledger.js";
import { elementPath, fieldPath } from "../path-text.js";
import type { SourceScalar, SourceStruct, SourceValue } from "./record-reader.js";

/** Hears of the path of a value that no arm of its type holds, and which therefore is null. */
export type OnMisfit = (path: string) => void;

/** A missing field stays absent, a field that the type does not name is left out. */
export function placeRecord(record: SourceStruct, type: StructType, onMisfit: OnMisfit): Row {
  return placeStruct(record, type, "", onMisfit);
}

function placeStruct({ fields }: SourceStruct, type: StructType, path: string, onMisfit: OnMisfit): Row {
  const row = {};
  for (const { name, type: fieldType } of type.fields) {
    const value = fields.get(name);
    if (value !== undefined) setField(row, name, placeValue(value, fieldType, fieldPath(path, name), onMisfit));
  }
  return row;
}

function placeValue(value: SourceValue, type: DataType, path: string, onMisfit: OnMisfit): Value {
  if (value.tag === "null") return null;
  if (type.kind === "choice") return placeChoice(value, type, path, onMisfit);
  const placed = placeKind(value, type, path, onMisfit);
  if (placed !== undefined) return placed;
  onMisfit(path);
  return null;
}

function placeChoice(value: SourceValue, type: ChoiceType, path: string, onMisfit: OnMisfit): Value {
  for (const kind of PLACES[value.tag]) {
    const arm = type.choices.find((member): member is Exclude<DataType, ChoiceType> => member.kind === kind);
    const placed = arm && placeKind(value, arm, path, onMisfit);
    if (arm && placed !== undefined) return new ArmValue(arm.kind, placed);
  }
  onMisfit(path);
  return null;
}

/** The types that may hold a value of each tag, the best first. */
const PLACES: { readonly [T in Tag]: readonly TypeName[] } = Object.freeze({
  null: [], boolean: ["boolean"], string: ["string", "enum"], binary: ["binary"], struct: ["struct", "map"], array: ["array", "set"], map: ["map"],
  byte: ["byte", "short", "int", "long", "decimal", "double", "float", "string"], short: ["short", "byte", "int", "long", "decimal", "double", "float", "string"],
  int: ["int", "short", "byte", "long", "decimal", "double", "float", "string"], long: ["long", "decimal", "double", "float", "string"],
  bigint: ["decimal", "double", "float", "string"], double: ["double", "float", "decimal", "string"], float: ["float", "double", "decimal", "string"],
  decimal: ["decimal", "string"], date: ["date"], timestamp: ["timestamp", "timestampntz"], timestampntz: ["timestampntz", "timestamp"],
});

/** The value in a type without arms; undefined when the type does not hold it. */
function placeKind(value: SourceValue, type: Exclude<DataType, ChoiceType>, path: string, onMisfit: OnMisfit): Value {
  if (!PLACES[value.tag].includes(type.kind)) return undefined;
  switch (value.tag) {
    case "struct":
      if (type.kind === "struct") return placeStruct(value, type, path, onMisfit);
      return type.kind === "map" ? placeEntries(value.fields, type.value, path, onMisfit) : undefined;
    case "map": return type.kind === "map" ? placeEntries(value.entries, type.value, path, onMisfit) : undefined;
    case "array": {
      if (type.kind !== "array" && type.kind !== "set") return undefined;
      const below = elementPath(path);
      return value.elements.map((element) => placeValue(element, type.element, below, onMisfit));
    }
    case "string": return type.kind === "enum" && !(typeof value.value === "string" && type.options.includes(value.value)) ? undefined : value.value;
    case "byte": case "short": case "int": case "long": case "bigint": case "double": case "float": case "decimal": return placeNumber(value, type);
    default: return value.value;
  }
}

function placeEntries(entries: ReadonlyMap<string, SourceValue>, type: DataType, path: string, onMisfit: OnMisfit): Value {
  const below = elementPath(path);
  return new Map([...entries].map(([key, entry]) => [key, placeValue(entry, type, below, onMisfit)]));
}

function placeNumber({ value, text }: SourceScalar, type: DataType): Value {
  switch (type.kind) {
    case "byte": case "short": case "int": case "long":
      return typeof value === "bigint" ? fitInteger(value, type.kind) : typeof value === "number" ? fitInteger(BigInt(value), type.kind) : undefined;
    case "double": return toNumber(value, text);
    case "float": return Math.fround(toNumber(value, text));
    case "decimal": return exactDecimal(value, text, type);
    case "string": return text ?? String(value);
    default: return undefined;
  }
}

const toNumber = (value: Value, text: string | undefined): number => (typeof value === "number" ? value : Number(text ?? String(value)));

/** All digits; undefined when the type has no room for one of them. */
function exactDecimal(value: Value, text: string | undefined, type: DecimalType): Decimal | undefined {
  const given = value instanceof Decimal ? value : digitsOf(text ?? String(value));
  if (given === undefined) return undefined;
  const fitted = fitDecimal(given.unscaled, given.scale, type);
  const common = BigInt(Math.max(given.scale, type.scale));
  const same = fitted !== undefined && fitted.unscaled * 10n ** (common - BigInt(type.scale)) === given.unscaled * 10n ** (common - BigInt(given.scale));
  return same ? fitted : undefined;
}

/** Exponents past this have no place in 38 digits. */
const MAX_EXPONENT = 100;

function digitsOf(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d{0,400})(?:\.(\d{0,400}))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole + fraction === "" || Math.abs(Number(exponent)) > MAX_EXPONENT) return undefined;
  const unscaled = BigInt((sign === "-" ? "-" : "") + whole + fraction);
  const scale = fraction.length - Number(exponent);
  return scale < 0 ? new Decimal(unscaled * 10n ** BigInt(-scale), 0) : new Decimal(unscaled, scale);
}
