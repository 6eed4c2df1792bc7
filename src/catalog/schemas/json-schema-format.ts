/** JSON: JSON Schema of drafts 04, 06 and 07, the ones that Glue takes. */
import { Ajv } from "ajv";
import { jsonSchemaMisfit } from "./json-schema-misfit.js";
import { resolveReference } from "./json-schema-reference.js";
import { parseJsonDefinition } from "./json-definition.js";
import type { SchemaFormat } from "./schema-format.js";

export const jsonSchemaFormat: SchemaFormat = {
  parse: parseJsonDefinition,
  problem: async (value) => problem(value),
  misfit: async (reader, writer) => jsonSchemaMisfit(reader, writer),
};

const DRAFT = /^https?:\/\/json-schema\.org\/draft-0([467])\/schema#?$/;

function problem(value: unknown): string | undefined {
  if (typeof value === "boolean") return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "A JSON schema is an object or a boolean";
  const { $schema: dialect } = value as { readonly $schema?: unknown };
  const draft = dialect === undefined ? "7" : typeof dialect === "string" ? DRAFT.exec(dialect)?.[1] : undefined;
  if (draft === undefined) return "$schema must name draft 04, 06 or 07 of JSON Schema";
  const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
  const { $schema: _, ...checked } = (draft === "4" ? withoutDraft04(value) : value) as {
    readonly [keyword: string]: unknown;
  };
  if (ajv.validateSchema(checked) !== true) {
    const [error] = ajv.errors ?? [];
    return `${error?.instancePath === undefined || error.instancePath === "" ? "the schema" : error.instancePath} ${error?.message ?? "is not valid"}`;
  }
  return brokenReference(value, value) ?? brokenPattern(value);
}

/**
 * What draft 04 says otherwise than draft 07, taken out for the check: exclusive bounds are flags, and `id` names a
 * schema.
 */
function withoutDraft04(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDraft04);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([keyword, member]) => !(/^exclusiveM(?:in|ax)imum$/.test(keyword) && typeof member === "boolean"))
      .map(([keyword, member]) => [keyword, withoutDraft04(member)]),
  );
}

/** References inside the definition must lead somewhere; those to other documents are taken as they are. */
function brokenReference(root: object, value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { $ref: reference } = value as { readonly $ref?: unknown };
  if (typeof reference === "string" && reference.startsWith("#") && resolveReference(root, reference) === undefined)
    return `$ref ${reference.slice(0, 200)} leads nowhere`;
  return Object.values(value)
    .map((member) => brokenReference(root, member))
    .find((found) => found !== undefined);
}

function brokenPattern(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { pattern } = value as { readonly pattern?: unknown };
  if (typeof pattern === "string" && !isPattern(pattern)) return "pattern is not a regular expression";
  return Object.values(value)
    .map(brokenPattern)
    .find((found) => found !== undefined);
}

function isPattern(text: string): boolean {
  return ["u", ""].some((flags) => {
    try {
      return new RegExp(text, flags) instanceof RegExp;
    } catch {
      return false;
    }
  });
}
