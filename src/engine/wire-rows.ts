/**
 * Rows as lines of JSON, for programs on other machines. Fields and arms are named by their position; a long is a text
 * of digits, a decimal the text of its value, a date its day, a timestamp a text of microseconds, binary base64; null
 * is left out, but not in lists. `p` of a row is the index of its partition. Engines write them, `wireReader` reads.
 */
import { assertNever, type ChoiceType, type DataType, type StructType } from "../types/data-type.js";
import { ArmValue, DateValue, Decimal, setField, TimestampValue, type Row, type Value } from "../types/value.js";

type Read = (value: unknown) => Value;
type Fields = { readonly [position: string]: unknown };

/** Whether rows of the type have this form: maps have none. */
export function hasWireForm(type: DataType): boolean {
  switch (type.kind) {
    case "map":
      return false;
    case "struct":
      return type.fields.every((f) => hasWireForm(f.type));
    case "choice":
      return type.choices.every(hasWireForm);
    case "array":
    case "set":
      return hasWireForm(type.element);
    default:
      return true;
  }
}

/** Rows in arms form from what JSON.parse gives for their lines. Null fields are present and null. */
export function wireReader(type: StructType): (line: unknown) => Row {
  const read = structReader(type);
  return (line) => read(line) as Row;
}

function reader(type: DataType): Read {
  switch (type.kind) {
    case "null":
    case "unknown":
      return () => null;
    case "boolean":
    case "byte":
    case "short":
    case "int":
    case "string":
    case "enum":
      return (value) => (value ?? null) as Value;
    case "long":
      return orNull((text) => {
        const small = Number(text);
        return Number.isSafeInteger(small) ? small : BigInt(text);
      });
    case "double":
      return (value) => (typeof value === "string" ? Number(value) : ((value ?? null) as Value));
    case "float":
      return (value) => (value === null || value === undefined ? null : Math.fround(Number(value)));
    case "decimal": {
      const { scale } = type;
      return orNull((text) => decimal(text, scale));
    }
    case "date":
      return (value) => (typeof value === "number" ? new DateValue(value) : null);
    case "timestamp":
    case "timestampntz":
      return orNull((text) => new TimestampValue(BigInt(text)));
    case "binary":
      return orNull((text) => new Uint8Array(Buffer.from(text, "base64")));
    case "array":
    case "set": {
      const element = reader(type.element);
      return (value) => (Array.isArray(value) ? value.map(element) : null);
    }
    case "struct":
      return structReader(type);
    case "choice":
      return choiceReader(type);
    case "map":
      throw new Error("maps have no form on the wire");
    default:
      return assertNever(type);
  }
}

const orNull =
  (read: (text: string) => Value): Read =>
  (value) =>
    typeof value === "string" ? read(value) : null;

function decimal(text: string, scale: number): Decimal {
  const at = text.indexOf(".");
  const fraction = at < 0 ? "" : text.slice(at + 1);
  return new Decimal(BigInt((at < 0 ? text : text.slice(0, at)) + fraction.padEnd(scale, "0")), scale);
}

function structReader(type: StructType): Read {
  const fields = type.fields.map((f, i) => ({ name: f.name, key: String(i), read: reader(f.type) }));
  return (value) => {
    if (typeof value !== "object" || value === null) return null;
    const row = {};
    for (const { name, key, read } of fields) setField(row, name, read((value as Fields)[key]));
    return row;
  };
}

function choiceReader(type: ChoiceType): Read {
  const arms = type.choices.map((c, i) => ({ arm: c.kind, key: String(i), read: reader(c) }));
  return (value) => {
    if (typeof value !== "object" || value === null) return null;
    for (const { arm, key, read } of arms) {
      const held = read((value as Fields)[key]);
      if (held !== null) return new ArmValue(arm, held);
    }
    return null;
  };
}
