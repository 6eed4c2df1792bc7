/** Puts a source's value into the arms form of a type (docs/decisions/0003, "Which arm takes a value"). */
import { fitDecimal, fitInteger } from "../../types/cast-number.js";
import { castValue } from "../../types/cast.js";
import {
  STRING,
  type ChoiceType,
  type DataType,
  type DecimalType,
  type StructType,
  type TypeName,
} from "../../types/data-type.js";
import { ArmValue, Decimal, setField, type Row, type Value } from "../../types/value.js";
import type { Tag } from "../ledger.js";
import { elementPath, fieldPath } from "../path-text.js";
import type { SourceRecord, SourceScalar, SourceStruct, SourceValue } from "./record-reader.js";

/** Hears of the path of a value that no arm of its type holds, and which therefore is null. */
export type OnMisfit = (path: string) => void;

/**
 * A missing field stays absent, a field that the type does not name is left out; where fields repeat, a single value is
 * a list of one.
 */
export function placeRecord({ value, repeats, texts }: SourceRecord, type: StructType, onMisfit: OnMisfit): Row {
  return placeStruct(value, type, undefined, { onMisfit, repeats: repeats === true, texts: texts === true });
}

export type Placing = { readonly onMisfit: OnMisfit; readonly repeats: boolean; readonly texts: boolean };

/** Where a value is, as text only when somebody is told of it; without a name, an element. */
export type Path = { readonly above: Path; readonly name?: string } | undefined;

function pathText(path: Path): string {
  if (path === undefined) return "";
  return path.name === undefined ? elementPath(pathText(path.above)) : fieldPath(pathText(path.above), path.name);
}

function placeStruct({ fields }: SourceStruct, type: StructType, path: Path, placing: Placing): Row {
  const row = {};
  for (const { name, type: fieldType } of type.fields) {
    const value = fields.get(name);
    if (value !== undefined) setField(row, name, placeValue(value, fieldType, { above: path, name }, placing));
  }
  return row;
}

export function placeValue(value: SourceValue, type: DataType, path: Path, placing: Placing): Value {
  if (value.tag === "null") return null;
  if (placing.repeats && (type.kind === "array" || type.kind === "set") && value.tag !== "array")
    return [placeValue(value, type.element, { above: path }, placing)];
  if (type.kind === "choice") return placeChoice(value, type, path, placing);
  const placed = placeKind(value, type, path, placing) ?? (placing.texts ? castText(value, type) : undefined);
  if (placed !== undefined) return placed;
  placing.onMisfit(pathText(path));
  return null;
}

function placeChoice(value: SourceValue, type: ChoiceType, path: Path, placing: Placing): Value {
  for (const kind of PLACES[value.tag]) {
    const arm = type.choices.find((member): member is Exclude<DataType, ChoiceType> => member.kind === kind);
    const placed = arm && placeKind(value, arm, path, placing);
    if (arm && placed !== undefined) return new ArmValue(arm.kind, placed);
  }
  placing.onMisfit(pathText(path));
  return null;
}

/** The types that may hold a value of each tag, the best first. */
const PLACES: { readonly [T in Tag]: readonly TypeName[] } = Object.freeze({
  null: [],
  boolean: ["boolean"],
  string: ["string", "enum"],
  binary: ["binary"],
  struct: ["struct", "map"],
  array: ["array", "set"],
  map: ["map"],
  byte: ["byte", "short", "int", "long", "decimal", "double", "float", "string"],
  short: ["short", "byte", "int", "long", "decimal", "double", "float", "string"],
  int: ["int", "short", "byte", "long", "decimal", "double", "float", "string"],
  long: ["long", "decimal", "double", "float", "string"],
  bigint: ["decimal", "double", "float", "string"],
  double: ["double", "float", "decimal", "string"],
  float: ["float", "double", "decimal", "string"],
  decimal: ["decimal", "string"],
  date: ["date"],
  timestamp: ["timestamp", "timestampntz"],
  timestampntz: ["timestampntz", "timestamp"],
});

/** The value in a type without arms; undefined when the type does not hold it. */
function placeKind(value: SourceValue, type: Exclude<DataType, ChoiceType>, path: Path, placing: Placing): Value {
  if (!PLACES[value.tag].includes(type.kind)) return undefined;
  switch (value.tag) {
    case "struct":
      if (type.kind === "struct") return placeStruct(value, type, path, placing);
      return type.kind === "map" ? placeEntries(value.fields, type.value, path, placing) : undefined;
    case "map":
      return type.kind === "map" ? placeEntries(value.entries, type.value, path, placing) : undefined;
    case "array": {
      if (type.kind !== "array" && type.kind !== "set") return undefined;
      const below = { above: path };
      return value.elements.map((element) => placeValue(element, type.element, below, placing));
    }
    case "string":
      return type.kind === "enum" && !(typeof value.value === "string" && type.options.includes(value.value))
        ? undefined
        : value.value;
    case "byte":
    case "short":
    case "int":
    case "long":
    case "bigint":
    case "double":
    case "float":
    case "decimal":
      return placeNumber(value, type);
    default:
      return value.value;
  }
}

/** A text as the cast matrix reads it; undefined when it does not. */
function castText(value: SourceValue, type: DataType): Value {
  if (value.tag === "struct" || value.tag === "array" || value.tag === "map") return undefined;
  const text = value.text ?? String(value.value);
  const cast = castValue(text, STRING, type);
  return cast.ok && !cast.nulled ? (cast.value ?? undefined) : undefined;
}

function placeEntries(entries: ReadonlyMap<string, SourceValue>, type: DataType, path: Path, placing: Placing): Value {
  const below = { above: path };
  return new Map([...entries].map(([key, entry]) => [key, placeValue(entry, type, below, placing)]));
}

function placeNumber({ value, text }: SourceScalar, type: DataType): Value {
  switch (type.kind) {
    case "byte":
    case "short":
    case "int":
    case "long":
      return typeof value === "bigint"
        ? fitInteger(value, type.kind)
        : typeof value === "number"
          ? fitInteger(BigInt(value), type.kind)
          : undefined;
    case "double":
      return toNumber(value, text);
    case "float":
      return Math.fround(toNumber(value, text));
    case "decimal":
      return exactDecimal(value, text, type);
    case "string":
      return text ?? String(value);
    default:
      return undefined;
  }
}

const toNumber = (value: Value, text: string | undefined): number =>
  typeof value === "number" ? value : Number(text ?? String(value));

/** All digits; undefined when the type has no room for one of them. */
function exactDecimal(value: Value, text: string | undefined, type: DecimalType): Decimal | undefined {
  const given = value instanceof Decimal ? value : digitsOf(text ?? String(value));
  if (given === undefined) return undefined;
  const fitted = fitDecimal(given.unscaled, given.scale, type);
  const common = BigInt(Math.max(given.scale, type.scale));
  const same =
    fitted !== undefined
    && fitted.unscaled * 10n ** (common - BigInt(type.scale))
      === given.unscaled * 10n ** (common - BigInt(given.scale));
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
