/**
 * A value as JSON for a column that holds JSON: all digits, dates as texts, binary as base64, missing fields left out.
 */
import type { DataType } from "../types/data-type.js";
import { getField, type Row, type Value } from "../types/value.js";

/** Undefined when JSON has no form for it: NaN and infinity. */
export function jsonText(value: Value, type: DataType): string | undefined {
  if (value === null || value === undefined) return "null";
  switch (type.kind) {
    case "array":
    case "set":
      return joined(
        "[",
        "]",
        (value as readonly Value[]).map((item) => jsonText(item, type.element)),
      );
    case "map":
      return joined(
        "{",
        "}",
        [...(value as ReadonlyMap<string, Value>)].map(([key, item]) => member(key, item, type.value)),
      );
    case "struct":
      return joined(
        "{",
        "}",
        type.fields.flatMap((f) => {
          const item = getField(value as Row, f.name);
          return item === undefined ? [] : [member(f.name, item, f.type)];
        }),
      );
    case "float":
    case "double":
      return Number.isFinite(value) ? String(value) : undefined;
    case "byte":
    case "short":
    case "int":
    case "long":
    case "decimal":
      return String(value);
    case "binary":
      return JSON.stringify(Buffer.from(value as Uint8Array).toString("base64"));
    case "boolean":
      return JSON.stringify(value);
    default:
      return JSON.stringify(String(value));
  }
}

function member(key: string, value: Value, type: DataType): string | undefined {
  const text = jsonText(value, type);
  return text === undefined ? undefined : `${JSON.stringify(key)}:${text}`;
}

const joined = (open: string, close: string, parts: readonly (string | undefined)[]): string | undefined =>
  parts.includes(undefined) ? undefined : `${open}${parts.join(",")}${close}`;
