/** From values in arms form, as rows carry them, to plain values, as users see them. */
import type { DataType, StructType } from "./data-type.js";
import { ArmValue, setField, type Row, type Value } from "./value.js";

/**
 * The plain value: arms unwrapped, longs as number while safe, structs and lists as fresh mutable objects; missing
 * stays missing.
 */
export type PlainReader = (value: Value) => unknown;

/** The type is walked once, not once per value. */
export function plainReader(type: DataType): PlainReader {
  switch (type.kind) {
    case "struct":
      return structReader(type);
    case "array":
    case "set":
      return listReader(type.element);
    case "map": {
      const read = plainReader(type.value);
      return (value) =>
        value instanceof Map
          ? new Map([...(value as ReadonlyMap<string, Value>)].map(([key, item]) => [key, read(item)]))
          : plainAtom(value);
    }
    case "choice": {
      const arms = new Map<string, PlainReader>(type.choices.map((member) => [member.kind, plainReader(member)]));
      return (value) => {
        if (!(value instanceof ArmValue)) return plainAtom(value);
        const read = arms.get(value.arm);
        return read === undefined ? value.value : read(value.value);
      };
    }
    default:
      return plainAtom;
  }
}

function plainAtom(value: Value): unknown {
  if (value instanceof ArmValue) return value.value;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function listReader(element: DataType): PlainReader {
  const read = plainReader(element);
  return (value) => {
    if (!Array.isArray(value)) return plainAtom(value);
    const items = value as readonly Value[];
    const plain = new Array<unknown>(items.length);
    for (let i = 0; i < items.length; i++) plain[i] = read(items[i]);
    return plain;
  };
}

function structReader(type: StructType): PlainReader {
  const fields = type.fields.map((f) => ({ name: f.name, read: plainReader(f.type) }));
  // what every object inherits is asked for only where the names allow it
  const usual = fields.every(({ name }) => !(name in Object.prototype));
  return (value) => {
    if (value === null || value === undefined) return value;
    const row = value as Row;
    const record: Record<string, unknown> = {};
    if (usual)
      for (const { name, read } of fields) {
        const held = row[name];
        if (held !== undefined) record[name] = read(held);
      }
    else
      for (const { name, read } of fields)
        if (Object.hasOwn(row, name) && row[name] !== undefined) setField(record, name, read(row[name]));
    return record;
  };
}
