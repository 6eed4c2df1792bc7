/** Avro inside records: what `unbox` does to one binary value. */
import { type AvroType, parseAvroSchema } from "../formats/avro/avro-schema.js";
import { avroVersion } from "../formats/avro/avro-version.js";
import { badValue, checkOptions } from "../formats/check-options.js";
import type { FormatOptions } from "../formats/index.js";
import { typeOption } from "../formats/schema-option.js";
import type { SourceScalar, SourceValue } from "../shapes/records/record-reader.js";
import { ATOMIC_TYPES } from "../types/atomic-type.js";
import { BIGINT, array, decimal, field, map, struct, type DataType } from "../types/data-type.js";
import { mergeAll } from "../types/merge.js";
import { Decimal, setField, type Row, type Value } from "../types/value.js";
import { fitSchema } from "./fit-schema.js";
import { conformValue, type TypedValue } from "./lambda-values.js";

export type AvroDecoder = (bytes: Uint8Array) => Promise<TypedValue>;

/**
 * The decoder by a reader's options: `version`, `withSchema`, and `avroSchema` (JSON, or its text) for bare values
 * without a schema of their own. BAD_OPTION for wrong calls; the decoder throws for bytes it cannot read.
 * docs/decisions/0081.
 */
export function avroDecoder(options: FormatOptions, path: string): AvroDecoder {
  checkOptions("avro", options, { version: "any", withSchema: "any", avroSchema: "any" });
  const logical = avroVersion(options) === "1.8";
  const type = typeOption(options);
  const schema = schemaOf(options["avroSchema"]);
  return async (bytes) => {
    const { readAvroBytes } = await import("../formats/avro/read-value-bytes.js");
    const typed = typedSource(await readAvroBytes(bytes, schema, logical));
    return type ? { value: fitSchema(typed.value, typed.type, type, path), type } : typed;
  };
}

function schemaOf(option: unknown): AvroType | undefined {
  if (option === undefined) return undefined;
  try {
    return parseAvroSchema(typeof option === "string" ? option : (JSON.stringify(option) ?? ""));
  } catch (error) {
    throw badValue(
      "avro",
      "avroSchema",
      `a schema of Avro (${error instanceof Error ? error.message : String(error)})`,
      option,
    );
  }
}

function typedSource(source: SourceValue): TypedValue {
  switch (source.tag) {
    case "struct": {
      const row: Row = {};
      const fields = [...source.fields].map(([name, inner]) => {
        const typed = typedSource(inner);
        setField(row, name, typed.value);
        return field(name, typed.type);
      });
      return { value: row, type: struct(fields) };
    }
    case "array": {
      const { values, type } = merged(source.elements.map(typedSource));
      return { value: values, type: array(type) };
    }
    case "map": {
      const { values, type } = merged([...source.entries.values()].map(typedSource));
      return { value: new Map([...source.entries.keys()].map((key, i) => [key, values[i] ?? null])), type: map(type) };
    }
    default:
      return { value: source.value, type: scalarType(source) };
  }
}

function merged(items: readonly TypedValue[]): { readonly values: readonly Value[]; readonly type: DataType } {
  const type = mergeAll(items.map((i) => i.type));
  return { values: items.map((i) => conformValue(i.value, i.type, type)), type };
}

function scalarType({ tag, value, precision }: SourceScalar): DataType {
  switch (tag) {
    case "bigint":
      return BIGINT;
    case "decimal":
      return decimal(precision ?? BIGINT.precision, value instanceof Decimal ? value.scale : 0);
    default:
      return ATOMIC_TYPES[tag];
  }
}
