/** Rows as lines of JSON, by JavaScript. */
import { valueText } from "../types/cast-text.js";
import { assertNever, type DataType, type StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { ArmValue, getField, type Row, type Value } from "../types/value.js";

/** The row as one line of JSON: a choice as its plain value, fields that are null or missing left out. */
export const jsonLine = (row: Row, type: StructType): string => jsonText(row, type);

function jsonText(value: Value, type: DataType): string {
  if (isNull(value)) return "null";
  switch (type.kind) {
    case "choice":
      return jsonText((value as ArmValue).value, armType(value as ArmValue, type.choices));
    case "struct": {
      const present = type.fields.flatMap((f) => {
        const member = getField(value as Row, f.name);
        return isNull(member) ? [] : [`${JSON.stringify(f.name)}:${jsonText(member, f.type)}`];
      });
      return `{${present.join()}}`;
    }
    case "map":
      return `{${[...(value as ReadonlyMap<string, Value>)].map(([k, v]) => `${JSON.stringify(k)}:${jsonText(v, type.value)}`).join()}}`;
    case "array":
    case "set":
      return `[${(value as readonly Value[]).map((v) => jsonText(v, type.element)).join()}]`;
    case "double":
    case "float": {
      const text = valueText(value, type) ?? "";
      return Number.isFinite(value as number) ? text : JSON.stringify(text);
    }
    case "byte":
    case "short":
    case "int":
    case "long":
    case "decimal":
    case "boolean":
      return String(value);
    case "binary":
      return JSON.stringify(Buffer.from(value as Uint8Array).toString("base64"));
    case "string":
    case "enum":
    case "date":
    case "timestamp":
    case "timestampntz":
      return JSON.stringify(String(value));
    case "null":
    case "unknown":
      return "null";
    default:
      return assertNever(type);
  }
}

const isNull = (value: Value): value is null | undefined =>
  value === null || value === undefined || (value instanceof ArmValue && isNull(value.value));

function armType(value: ArmValue, choices: readonly DataType[]): DataType {
  const type = choices.find(({ kind }) => kind === value.arm);
  if (!type) throw new DynaframeError("INVALID_PLAN", `a value of arm ${value.arm} in a choice without it`);
  return type;
}
