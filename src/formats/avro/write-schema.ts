/** Frame types as Avro's, each with the writer of its values. */
import { castValue } from "../../types/cast.js";
import { assertNever, type ChoiceType, type DataType, STRING, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { fieldPath } from "../../types/path.js";
import { typeText } from "../../types/type-text.js";
import {
  ArmValue,
  type DateValue,
  type Decimal,
  getField,
  type Row,
  type TimestampValue,
  type Value,
} from "../../types/value.js";
import type { AvroBuffer } from "./avro-buffer.js";

type AvroJson = string | { readonly [key: string]: unknown } | readonly AvroJson[];
type WriteValue = (value: Value, out: AvroBuffer) => void;
/** A type that holds no null. */
type Written = { readonly schema: AvroJson; readonly write: WriteValue };

export type AvroRecord = { readonly schema: string; readonly write: (row: Row, out: AvroBuffer) => void };

/**
 * The schema of a frame's records, and their writer. Every field may be null. `logical` (Glue's version 1.8): decimals,
 * dates and timestamps are Avro's logical types; else (1.7) they are strings. A choice is a union of its arms. Nested
 * records are named for their path.
 * @throws UNSUPPORTED_NAME for a field whose name Avro does not allow, UNRESOLVED_CHOICE for arms that are one type to
 * Avro.
 */
export function avroRecord(type: StructType, logical: boolean): AvroRecord {
  const { schema, write } = new SchemaWriter(logical).struct(type, "record", "");
  return { schema: JSON.stringify(schema), write };
}

class SchemaWriter {
  private readonly names = new Set<string>();
  constructor(private readonly logical: boolean) {}

  struct(type: StructType, name: string, path: string): Written {
    const full = this.uniqueName(name, path);
    const fields = type.fields.map((f) => {
      const below = fieldPath(path, f.name);
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(f.name)) throw badName(f.name, below);
      return { name: f.name, ...this.nullable(f.type, f.name, below) };
    });
    return {
      schema: { type: "record", ...full, fields: fields.map((f) => ({ name: f.name, type: f.schema, default: null })) },
      write: (value, out) => {
        for (const f of fields) f.write(getField(value as Row, f.name), out);
      },
    };
  }

  /** The name is the field's, the namespace its path: unique, but for two records of one choice. */
  private uniqueName(name: string, path: string): { readonly name: string; readonly namespace: string } {
    const namespace = path === "" ? "dynaframe" : `dynaframe.${path}`;
    let unique = name;
    for (let n = 2; this.names.has(`${namespace}.${unique}`); n++) unique = `${name}_${n}`;
    this.names.add(`${namespace}.${unique}`);
    return { name: unique, namespace };
  }

  private nullable(type: DataType, name: string, path: string): Written {
    if (type.kind === "null" || type.kind === "unknown") return { schema: "null", write: () => undefined };
    if (type.kind === "choice") return this.union(type, name, path);
    const { schema, write } = this.plain(type, name, path);
    return {
      schema: ["null", schema],
      write: (value, out) => {
        if (value === null || value === undefined) return out.long(0);
        out.long(1);
        write(value, out);
      },
    };
  }

  private union({ choices }: ChoiceType, name: string, path: string): Written {
    const arms = choices.flatMap((arm) =>
      arm.kind === "choice" || arm.kind === "null" ? [] : [{ kind: arm.kind, ...this.plain(arm, name, path) }],
    );
    const schemas: AvroJson[] = ["null"];
    const branches = new Map<string, { readonly index: number; readonly write: WriteValue }>();
    for (const { kind, schema, write } of arms) {
      const same = schemas.findIndex((other) => unionKey(other) === unionKey(schema));
      if (same >= 0 && JSON.stringify(schemas[same]) !== JSON.stringify(schema)) throw oneType(path, choices);
      branches.set(kind, { index: same >= 0 ? same : schemas.push(schema) - 1, write });
    }
    return {
      schema: schemas,
      write: (value, out) => {
        const branch = value instanceof ArmValue ? branches.get(value.arm) : undefined;
        if (branch === undefined || !(value instanceof ArmValue) || value.value === null) return out.long(0);
        out.long(branch.index);
        branch.write(value.value, out);
      },
    };
  }

  private plain(type: Exclude<DataType, ChoiceType>, name: string, path: string): Written {
    switch (type.kind) {
      case "boolean":
        return { schema: "boolean", write: (v, out) => out.byte(v === true ? 1 : 0) };
      case "byte":
      case "short":
      case "int":
        return { schema: "int", write: (v, out) => out.long(v as number) };
      case "long":
        return { schema: "long", write: (v, out) => out.long(v as number | bigint) };
      case "float":
        return { schema: "float", write: (v, out) => out.float(v as number) };
      case "double":
        return { schema: "double", write: (v, out) => out.double(v as number) };
      case "string":
      case "enum":
        return { schema: "string", write: (v, out) => out.text(String(v)) };
      case "binary":
        return { schema: "bytes", write: (v, out) => out.bytes(v as Uint8Array) };
      case "date":
        return this.logical
          ? { schema: { type: "int", logicalType: "date" }, write: (v, out) => out.long((v as DateValue).days) }
          : asText(type);
      case "timestamp":
        return this.timestamp("timestamp-micros", type);
      case "timestampntz":
        return this.timestamp("local-timestamp-micros", type);
      case "decimal": {
        const { precision, scale } = type;
        return this.logical
          ? {
              schema: { type: "bytes", logicalType: "decimal", precision, scale },
              write: (v, out) => out.bytes(twosComplement((v as Decimal).unscaled)),
            }
          : asText(type);
      }
      case "struct":
        return this.struct(type, name, path);
      case "array":
      case "set": {
        const { schema, write } = this.nullable(type.element, name, path);
        return {
          schema: { type: "array", items: schema },
          write: (v, out) => writeItems(v as readonly Value[], out, write),
        };
      }
      case "map": {
        const { schema, write } = this.nullable(type.value, name, path);
        const entry = ([key, v]: readonly [string, Value], out: AvroBuffer): void => {
          out.text(key);
          write(v, out);
        };
        return {
          schema: { type: "map", values: schema },
          write: (v, out) => writeItems([...(v as ReadonlyMap<string, Value>)], out, entry),
        };
      }
      case "null":
      case "unknown":
        return { schema: "null", write: () => undefined };
      default:
        return assertNever(type);
    }
  }

  private timestamp(logicalType: string, type: DataType): Written {
    return this.logical
      ? { schema: { type: "long", logicalType }, write: (v, out) => out.long((v as TimestampValue).micros) }
      : asText(type);
  }
}

/** As a cast to string prints it. */
function asText(type: DataType): Written {
  return {
    schema: "string",
    write: (v, out) => {
      const cast = castValue(v, type, STRING);
      out.text(cast.ok ? String(cast.value) : String(v));
    },
  };
}

function writeItems<T>(items: readonly T[], out: AvroBuffer, write: (item: T, out: AvroBuffer) => void): void {
  if (items.length > 0) out.long(items.length);
  for (const item of items) write(item, out);
  out.long(0);
}

/** Unions hold one of each unnamed type, and named ones by their name. */
const unionKey = (schema: AvroJson): string => {
  if (typeof schema === "string") return schema;
  const { type, namespace, name } = schema as {
    readonly type?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  return type === "record" ? `${namespace ?? ""}.${name ?? ""}` : (type ?? "");
};

/** Big-endian, as few bytes as hold the sign. */
function twosComplement(value: bigint): Uint8Array {
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes++;
  return Buffer.from(
    BigInt.asUintN(bytes * 8, value)
      .toString(16)
      .padStart(bytes * 2, "0"),
    "hex",
  );
}

const badName = (name: string, path: string): DynaframeError =>
  new DynaframeError(
    "UNSUPPORTED_NAME",
    `Avro allows letters, digits and _ in names only, so ${JSON.stringify(name)} cannot be written.`,
    { path, expected: "[A-Za-z_][A-Za-z0-9_]*", found: name, hint: "Use renameField or applyMapping first." },
  );

const oneType = (path: string, choices: readonly DataType[]): DynaframeError =>
  new DynaframeError(
    "UNRESOLVED_CHOICE",
    `Avro cannot tell the arms of ${path} apart: ${choices.map(typeText).join(", ")}.`,
    { path, hint: "Resolve it first, for example with resolveChoice." },
  );
