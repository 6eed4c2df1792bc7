/** Schemas of Avro (specification 1.8.2 and 1.11, "Schema Declaration"), names resolved. */
import { InvalidAvro } from "./invalid-avro.js";

export type AvroPrimitive = "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string";

export type AvroType =
  | { readonly kind: AvroPrimitive; readonly logical?: LogicalType }
  | { readonly kind: "fixed"; readonly size: number; readonly logical?: LogicalType }
  | { readonly kind: "enum"; readonly symbols: readonly string[] }
  | { readonly kind: "array"; readonly items: AvroType }
  | { readonly kind: "map"; readonly values: AvroType }
  | { readonly kind: "union"; readonly branches: readonly AvroType[] }
  | { readonly kind: "record"; readonly fields: readonly { readonly name: string; readonly type: AvroType }[] };

/** Those that are read as more than their bytes; others say nothing, as the specification has it. */
export type LogicalType =
  | { readonly name: "decimal"; readonly precision: number; readonly scale: number }
  | {
      readonly name:
        "date" | "timestamp-millis" | "timestamp-micros" | "local-timestamp-millis" | "local-timestamp-micros";
    };

/** As deep as records may be (TOO_DEEP). */
const MAX_DEPTH = 500;
const PRIMITIVES: readonly string[] = [
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
] satisfies readonly AvroPrimitive[];
const isPrimitive = (name: string): name is AvroPrimitive => PRIMITIVES.includes(name);

/** @throws InvalidAvro: INVALID_AVRO, RECURSIVE_SCHEMA for a type that contains itself, TOO_DEEP. */
export function parseAvroSchema(json: string): AvroType {
  let schema: unknown;
  try {
    schema = JSON.parse(json);
  } catch {
    throw new InvalidAvro("INVALID_AVRO", "its schema is not JSON");
  }
  return new SchemaParser().parse(schema, "", 0);
}

type JsonObject = { readonly [key: string]: unknown };

class SchemaParser {
  private readonly named = new Map<string, AvroType>();
  /** Levels below a named type, which may stand in many places. */
  private readonly heights = new Map<AvroType, number>();
  private readonly open = new Set<string>();

  parse(schema: unknown, namespace: string, depth: number): AvroType {
    if (depth > MAX_DEPTH) throw new InvalidAvro("TOO_DEEP", `its schema nests deeper than ${MAX_DEPTH} levels`);
    if (typeof schema === "string") return this.reference(schema, namespace, depth);
    if (Array.isArray(schema))
      return { kind: "union", branches: schema.map((branch) => this.parse(branch, namespace, depth + 1)) };
    if (typeof schema !== "object" || schema === null)
      throw new InvalidAvro("INVALID_AVRO", "its schema has a type that is none");
    const object = schema as JsonObject;
    const { type } = object;
    if (typeof type !== "string") return this.parse(type, namespace, depth + 1);
    switch (type) {
      case "record":
      case "error":
        return this.define(object, namespace, (inner) => this.record(object, inner, depth));
      case "enum":
        return this.define(object, namespace, () => ({ kind: "enum", symbols: texts(object["symbols"]) }));
      case "fixed":
        return this.define(object, namespace, () => this.fixed(object));
      case "array":
        return { kind: "array", items: this.parse(object["items"], namespace, depth + 1) };
      case "map":
        return { kind: "map", values: this.parse(object["values"], namespace, depth + 1) };
      default:
        return isPrimitive(type) ? withLogical({ kind: type }, object) : this.reference(type, namespace, depth);
    }
  }

  private reference(name: string, namespace: string, depth: number): AvroType {
    if (isPrimitive(name)) return { kind: name };
    const full = fullName(name, namespace);
    if (this.open.has(full))
      throw new InvalidAvro(
        "RECURSIVE_SCHEMA",
        `its schema has the type ${full}, which contains itself: such records have no columns`,
      );
    const type = this.named.get(full) ?? this.named.get(name);
    if (type === undefined)
      throw new InvalidAvro("INVALID_AVRO", `its schema names a type ${name} that it does not define`);
    if (depth + (this.heights.get(type) ?? 0) > MAX_DEPTH)
      throw new InvalidAvro("TOO_DEEP", `its schema nests deeper than ${MAX_DEPTH} levels`);
    return type;
  }

  private define(schema: JsonObject, namespace: string, make: (namespace: string) => AvroType): AvroType {
    const { name, namespace: own } = schema;
    if (typeof name !== "string" || name === "")
      throw new InvalidAvro("INVALID_AVRO", "its schema has a named type without a name");
    const full = fullName(name, typeof own === "string" ? own : namespace);
    if (this.open.has(full) || this.named.has(full))
      throw new InvalidAvro("INVALID_AVRO", `its schema defines ${full} twice`);
    this.open.add(full);
    const type = make(full.includes(".") ? full.slice(0, full.lastIndexOf(".")) : "");
    this.open.delete(full);
    this.named.set(full, type);
    this.heights.set(type, this.height(type));
    return type;
  }

  private height(type: AvroType): number {
    const known = this.heights.get(type);
    if (known !== undefined) return known;
    switch (type.kind) {
      case "record":
        return 1 + Math.max(0, ...type.fields.map((f) => this.height(f.type)));
      case "union":
        return 1 + Math.max(0, ...type.branches.map((branch) => this.height(branch)));
      case "array":
        return 1 + this.height(type.items);
      case "map":
        return 1 + this.height(type.values);
      default:
        return 0;
    }
  }

  private record({ fields }: JsonObject, namespace: string, depth: number): AvroType {
    if (!Array.isArray(fields)) throw new InvalidAvro("INVALID_AVRO", "its schema has a record without fields");
    const seen = new Set<string>();
    return {
      kind: "record",
      fields: fields.map((field: unknown) => {
        const { name, type } = (typeof field === "object" && field !== null ? field : {}) as JsonObject;
        if (typeof name !== "string" || seen.has(name))
          throw new InvalidAvro("INVALID_AVRO", "its schema has a field without a name of its own");
        seen.add(name);
        return { name, type: this.parse(type, namespace, depth + 1) };
      }),
    };
  }

  private fixed(schema: JsonObject): AvroType {
    const { size } = schema;
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
      throw new InvalidAvro("INVALID_AVRO", "its schema has a fixed type without a size");
    return withLogical({ kind: "fixed", size }, schema);
  }
}

const fullName = (name: string, namespace: string): string =>
  name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;

function texts(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value as readonly string[];
  throw new InvalidAvro("INVALID_AVRO", "its schema has an enum without symbols");
}

type Annotated = Extract<AvroType, { readonly logical?: LogicalType }>;

/** A logical type that does not fit its type is passed over (specification, "Logical Types"). */
function withLogical(type: Annotated, schema: JsonObject): AvroType {
  const logical = logicalOf(type, schema);
  return logical === undefined ? type : { ...type, logical };
}

function logicalOf({ kind }: Annotated, { logicalType, precision, scale = 0 }: JsonObject): LogicalType | undefined {
  switch (logicalType) {
    case "decimal": {
      const fits =
        (kind === "bytes" || kind === "fixed")
        && isCount(precision)
        && precision > 0
        && isCount(scale)
        && scale <= precision;
      return fits ? { name: logicalType, precision, scale } : undefined;
    }
    case "date":
      return kind === "int" ? { name: logicalType } : undefined;
    case "timestamp-millis":
    case "timestamp-micros":
    case "local-timestamp-millis":
    case "local-timestamp-micros":
      return kind === "long" ? { name: logicalType } : undefined;
    default:
      return undefined;
  }
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
