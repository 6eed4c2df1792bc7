/** Request shapes as JSON Schemas. */
import { assertNever } from "../../types/data-type.js";
import { GLUE_SHAPES } from "../generated/glue-shapes.js";
import type { ShapeSpec } from "./shape-spec.js";

export type JsonSchema = { readonly [keyword: string]: unknown };

/** Beside the keywords of JSON Schema: `textPattern` (see there) and `base64`, the bytes a blob may have. */
const PLAIN_SHAPES: { readonly [name: string]: JsonSchema } = {
  String: { type: "string" },
  Boolean: { type: "boolean" },
  Timestamp: { type: "number" },
  Double: { type: "number" },
  Integer: { type: "integer", minimum: -2147483648, maximum: 2147483647 },
  Long: { type: "integer" },
  Blob: { type: "string", base64: true },
};

/**
 * Where more is taken than the model says: the catalog knows more kinds of connections, and definitions of schemas have
 * line breaks, which `.*\S.*` does not match.
 */
const WIDER: { readonly [name: string]: ShapeSpec } = {
  ConnectionType: { kind: "string", enum: [...enumOf("ConnectionType"), "S3"] },
  ConnectionPropertyKey: { kind: "string", max: 255 },
  SchemaDefinitionString: { kind: "string", min: 1, max: 170_000 },
};

function enumOf(name: string): readonly string[] {
  const spec = GLUE_SHAPES[name];
  return spec?.kind === "string" ? (spec.enum ?? []) : [];
}

/**
 * The schema of a shape with all that it refers to, under `$defs`. Unknown members are not allowed; null stands for an
 * absent member.
 */
export function requestSchema(name: string, shapes: { readonly [name: string]: ShapeSpec } = GLUE_SHAPES): JsonSchema {
  const defs: { [name: string]: JsonSchema } = {};
  const refer = (to: string): JsonSchema => {
    const plain = PLAIN_SHAPES[to];
    if (plain !== undefined) return plain;
    const spec = WIDER[to] ?? shapes[to];
    if (spec === undefined) throw new Error(`the service model has no shape ${to}`);
    if (!(to in defs)) {
      defs[to] = {}; // shapes may contain themselves
      defs[to] = schemaOf(spec, refer);
    }
    return { $ref: `#/$defs/${to}` };
  };
  return { ...refer(name), $defs: defs };
}

function schemaOf(spec: ShapeSpec, refer: (name: string) => JsonSchema): JsonSchema {
  switch (spec.kind) {
    case "structure":
      return {
        type: "object",
        additionalProperties: false,
        ...(spec.required === undefined ? {} : { required: spec.required }),
        ...(spec.union === true ? { minProperties: 1, maxProperties: 1 } : {}),
        properties: Object.fromEntries(Object.entries(spec.members).map(([member, type]) => [member, refer(type)])),
      };
    case "list":
      return { type: "array", items: refer(spec.member), ...limits(spec, "Items") };
    case "map":
      return {
        type: "object",
        propertyNames: keySchema(refer(spec.key)),
        additionalProperties: refer(spec.value),
        ...limits(spec, "Properties"),
      };
    case "string":
      return {
        type: "string",
        ...limits(spec, "Length"),
        ...(spec.enum === undefined ? {} : { enum: spec.enum }),
        ...(spec.pattern === undefined ? {} : { textPattern: spec.pattern }),
      };
    case "integer":
    case "number":
      return {
        type: spec.kind,
        ...(spec.min === undefined ? {} : { minimum: spec.min }),
        ...(spec.max === undefined ? {} : { maximum: spec.max }),
      };
    case "blob":
      return { type: "string", base64: true };
    case "boolean":
      return { type: "boolean" };
    case "timestamp":
      return { type: "number" };
    default:
      return assertNever(spec);
  }
}

// a key is always text
const keySchema = ({ type: _, ...schema }: JsonSchema): JsonSchema => schema;

const limits = (
  spec: { readonly min?: number; readonly max?: number },
  of: "Length" | "Items" | "Properties",
): JsonSchema => ({
  ...(spec.min === undefined ? {} : { [`min${of}`]: spec.min }),
  ...(spec.max === undefined ? {} : { [`max${of}`]: spec.max }),
});
